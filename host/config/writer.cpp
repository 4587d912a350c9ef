#include "host/config/writer.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

template <class T>
ordered_json to_json(const T& value, const Place& at) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) {
      throw Error(Exit::numeric, "a setting is " + std::to_string(value), at.text(),
                  "give it a finite value: JSON holds no other");
    }
  }
  return value;
}

template <class T>
ordered_json to_json(const T* values, std::size_t size, const Place& at) {
  ordered_json array = ordered_json::array();
  for (std::size_t i = 0; i < size; ++i) array.push_back(to_json(values[i], at.index(i)));
  return array;
}

template <class T>
ordered_json to_json(const std::vector<T>& values, const Place& at) {
  return to_json(values.data(), values.size(), at);
}

template <class T>
ordered_json to_json(const FixedArray<T>& values, const Place& at) {
  return to_json(values.data, values.size, at);
}

ordered_json to_json(const Matrix& matrix, const Place& at) {
  ordered_json rows = ordered_json::array();
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    rows.push_back(to_json(matrix.data.data() + i * matrix.cols, matrix.cols, at.index(i)));
  }
  return rows;
}

}  // namespace

ordered_json value_of(const FieldRef& member, const Place& at) {
  return std::visit(
      [&](auto target) -> ordered_json {
        if constexpr (std::is_pointer_v<decltype(target)>) {
          return to_json(*target, at);
        } else {
          return to_json(target, at);
        }
      },
      member.target());
}

Writer::Writer(ordered_json& object, Place at) : object_(object), at_(std::move(at)) {
  object_ = ordered_json::object();
}

void Writer::field(std::string_view key, FieldRef member, Need, std::string_view, const Limits&) {
  object_[std::string(key)] = value_of(member, at_.key(key));
}

ordered_json& Writer::child_object(std::string_view key) { return object_[std::string(key)]; }

void Writer::put_null(std::string_view key) { object_[std::string(key)] = nullptr; }

void Writer::put_word(std::string_view key, std::string_view word) {
  if (word.empty()) {
    throw std::logic_error("the value of '" + at_.key(key).text() + "' has no name in its table");
  }
  object_[std::string(key)] = word;
}

}  // namespace phigrad
