#include "host/config/read_value.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

namespace phigrad {
namespace {

using nlohmann::ordered_json;

// What a key holds, for the errors of one read.
struct Context {
  const Limits& limits;
  std::string_view doc;

  std::string remedy(const std::string& kind) const {
    return "write " + kind + ": " + std::string(doc);
  }
};

[[noreturn]] void wrong_type(const ordered_json& node, const std::string& kind,
                             const Context& context, const Place& at) {
  at.fail("expected " + kind + ", got " + what_is(node), context.remedy(kind));
}

template <class T>
constexpr const char* kNumber = std::is_integral_v<T> ? "an integer" : "a number";

template <class T>
std::string range_text(const Limits& limits) {
  if (limits.has_bounds() || !std::is_integral_v<T>) return limits.text();
  return "from " + std::to_string(std::numeric_limits<T>::lowest()) + " to " +
         std::to_string(std::numeric_limits<T>::max());
}

template <class T>
bool fits(const ordered_json& node) {
  if constexpr (std::is_integral_v<T>) {
    if (node.is_number_unsigned()) {
      return node.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    }
    if constexpr (std::is_unsigned_v<T>) return false;  // number_integer is negative here
    return node.get<std::int64_t>() >= static_cast<std::int64_t>(std::numeric_limits<T>::lowest());
  }
  return true;
}

template <class T>
std::enable_if_t<std::is_arithmetic_v<T>> read(const ordered_json& node, const Context& context,
                                               const Place& at, T& value) {
  const bool right_type = std::is_integral_v<T> ? node.is_number_integer() : node.is_number();
  if (!right_type) wrong_type(node, kNumber<T>, context, at);
  if (!fits<T>(node) || !context.limits.contains(static_cast<long double>(node.get<T>()))) {
    at.fail(node.dump() + " is out of range",
            context.remedy(std::string(kNumber<T>) + " " + range_text<T>(context.limits)));
  }
  value = node.get<T>();
}

void read(const ordered_json& node, const Context& context, const Place& at, bool& value) {
  if (!node.is_boolean()) wrong_type(node, "true or false", context, at);
  value = node.get<bool>();
}

void read(const ordered_json& node, const Context& context, const Place& at, std::string& value) {
  if (!node.is_string()) {
    wrong_type(node, node.is_number() ? "a string in quotes" : "a string", context, at);
  }
  const auto& text = node.get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) {
    at.fail("the string " + shown(text) + " contains a NUL", context.remedy("a string"));
  }
  if (text.size() < context.limits.min_size) {
    at.fail("the string is empty", context.remedy("a string that is not empty"));
  }
  value = text;
}

template <class T>
std::string entries_text(std::size_t count) {
  const char* kind = std::is_same_v<T, std::string> ? "string"
                     : std::is_integral_v<T>        ? "integer"
                                                    : "number";
  const std::string plural = std::string(kind) + "s";
  if (count == Limits::kAnySize) return "an array of " + plural;
  return "an array of " + std::to_string(count) + " " + (count == 1 ? kind : plural);
}

void require_array(const ordered_json& node, const std::string& kind, std::size_t least,
                   std::size_t most, const Context& context, const Place& at) {
  if (!node.is_array()) wrong_type(node, kind, context, at);
  if (node.size() >= least && node.size() <= most) return;
  if (node.empty() && least != most) {
    at.fail("the array is empty", context.remedy(kind + " with at least one entry"));
  }
  wrong_type(node, kind, context, at);
}

template <class T>
void read_entries(const ordered_json& node, const Context& context, const Place& at, T* values) {
  // Limits::nonempty is about the array, not about the strings in it.
  Limits limits = context.limits;
  limits.min_size = 0;
  for (std::size_t i = 0; i < node.size(); ++i) {
    read(node[i], Context{limits, context.doc}, at.index(i), values[i]);
  }
}

template <class T>
void read(const ordered_json& node, const Context& context, const Place& at,
          std::vector<T>& values) {
  const Limits& limits = context.limits;
  const bool fixed = limits.min_size == limits.max_size;
  require_array(node, entries_text<T>(fixed ? limits.max_size : Limits::kAnySize), limits.min_size,
                limits.max_size, context, at);
  std::vector<T> entries(node.size());
  read_entries(node, context, at, entries.data());
  values = std::move(entries);
}

template <class T>
void read(const ordered_json& node, const Context& context, const Place& at, FixedArray<T> values) {
  require_array(node, entries_text<T>(values.size), values.size, values.size, context, at);
  read_entries(node, context, at, values.data);
}

void read(const ordered_json& node, const Context& context, const Place& at, Matrix& value) {
  const Limits& limits = context.limits;
  const bool fixed = limits.min_size == limits.max_size;
  require_array(node,
                fixed ? "an array of " + std::to_string(limits.max_size) + " rows of numbers"
                      : "an array of rows of numbers",
                limits.min_size, limits.max_size, context, at);
  Matrix matrix;
  matrix.rows = node.size();
  matrix.cols = limits.columns;
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    if (i == 0 && matrix.cols == Limits::kAnySize && node[0].is_array())
      matrix.cols = node[0].size();
    require_array(node[i], entries_text<double>(matrix.cols), matrix.cols, matrix.cols, context,
                  at.index(i));
    matrix.data.resize((i + 1) * matrix.cols);
    read_entries(node[i], context, at.index(i), matrix.data.data() + i * matrix.cols);
  }
  if (matrix.rows == 0) matrix.cols = 0;
  value = std::move(matrix);
}

}  // namespace

void read_value(const ordered_json& node, const FieldRef& member, const Limits& limits,
                std::string_view doc, const Place& at) {
  const Context context{limits, doc};
  std::visit(
      [&](auto target) {
        if constexpr (std::is_pointer_v<decltype(target)>) {
          read(node, context, at, *target);
        } else {
          read(node, context, at, target);
        }
      },
      member.target());
}

std::string what_is(const ordered_json& node) {
  if (node.is_string()) return "the string " + shown(node.get_ref<const std::string&>());
  if (node.is_number()) return "the number " + node.dump();
  if (node.is_boolean()) return node.dump();
  if (node.is_null()) return "null";
  if (node.is_object()) return "an object";
  return "an array of " + std::to_string(node.size()) + (node.size() == 1 ? " entry" : " entries");
}

}  // namespace phigrad
