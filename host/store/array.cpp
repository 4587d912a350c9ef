#include "host/store/array.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <stdexcept>
#include <utility>

namespace phigrad {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "the run database holds little-endian numbers");
static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559);

constexpr std::size_t max_rank = 8;
constexpr std::array<std::pair<DType, std::string_view>, 5> names{{{DType::uint8, "uint8"},
                                                                   {DType::int32, "int32"},
                                                                   {DType::int64, "int64"},
                                                                   {DType::float32, "float32"},
                                                                   {DType::float64, "float64"}}};

std::string_view name_of(DType dtype) {
  for (const auto& [value, name] : names)
    if (value == dtype) return name;
  throw std::invalid_argument("unknown array type");
}

DType dtype_named(std::string_view text) {
  for (const auto& [value, name] : names)
    if (name == text) return value;
  throw std::invalid_argument("unknown array type '" + std::string(text) + "'");
}

std::size_t byte_count(DType dtype, const std::vector<std::int64_t>& shape) {
  std::size_t count = item_size(dtype);
  for (const std::int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(count, static_cast<std::size_t>(extent), &count))
      throw std::invalid_argument("an array's shape is negative or too large");
  return count;
}

// "64,5194" to {64, 5194}
std::vector<std::int64_t> parse_shape(std::string_view text) {
  std::vector<std::int64_t> shape;
  while (!text.empty()) {
    std::int64_t extent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const bool separated = text.empty() || (text.front() == ',' && text.size() > 1);
    if (error != std::errc() || !separated || shape.size() == max_rank)
      throw std::invalid_argument("an array's shape is malformed");
    if (!text.empty()) text.remove_prefix(1);
    shape.push_back(extent);
  }
  return shape;
}

}  // namespace

std::size_t item_size(DType dtype) {
  switch (dtype) {
    case DType::uint8:
      return 1;
    case DType::int32:
    case DType::float32:
      return 4;
    case DType::int64:
    case DType::float64:
      return 8;
  }
  throw std::invalid_argument("unknown array type");
}

Array Array::zeros(DType dtype, const std::vector<std::int64_t>& shape) {
  if (shape.size() > max_rank) throw std::invalid_argument("an array has more than 8 dimensions");
  Array array;
  array.data.resize(byte_count(dtype, shape));
  array.dtype = dtype;
  array.shape = shape;
  return array;
}

void Array::require(DType wanted) const {
  if (dtype != wanted)
    throw std::invalid_argument("an array of " + std::string(name_of(dtype)) + " was read as " +
                                std::string(name_of(wanted)));
}

bool operator==(const Array& a, const Array& b) {
  return a.dtype == b.dtype && a.shape == b.shape && a.data == b.data;
}

bool operator!=(const Array& a, const Array& b) { return !(a == b); }

std::string layout_text(const Array& array) {
  std::string text(name_of(array.dtype));
  text += '[';
  for (std::size_t i = 0; i < array.shape.size(); ++i)
    text += (i ? "," : "") + std::to_string(array.shape[i]);
  return text + ']';
}

Array array_from(std::string_view layout, const void* bytes, std::size_t size) {
  const std::size_t open = layout.find('[');
  if (open == std::string_view::npos || layout.back() != ']')
    throw std::invalid_argument("an array's layout is malformed");
  Array array;
  array.dtype = dtype_named(layout.substr(0, open));
  array.shape = parse_shape(layout.substr(open + 1, layout.size() - open - 2));
  if (byte_count(array.dtype, array.shape) != size)
    throw std::invalid_argument("an array's layout does not match its " + std::to_string(size) +
                                " bytes");
  array.data.resize(size);
  if (size > 0) std::memcpy(array.data.data(), bytes, size);
  return array;
}

}  // namespace phigrad
