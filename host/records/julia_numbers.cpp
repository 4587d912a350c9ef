#include "host/records/julia_numbers.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

namespace phigrad {
namespace {

using Type = JuliaElement::Type;

constexpr std::array<JuliaElement, 11> elements{{{"Float64", Type::f64, 8},
                                                 {"Float32", Type::f32, 4},
                                                 {"Int64", Type::i64, 8},
                                                 {"Int32", Type::i32, 4},
                                                 {"Int16", Type::i16, 2},
                                                 {"Int8", Type::i8, 1},
                                                 {"UInt64", Type::u64, 8},
                                                 {"UInt32", Type::u32, 4},
                                                 {"UInt16", Type::u16, 2},
                                                 {"UInt8", Type::u8, 1},
                                                 {"Bool", Type::boolean, 1}}};

/// One little-endian T, on a machine of either byte order.
template <class T>
T load(const std::uint8_t* bytes) {
  using Bits = std::conditional_t<
      sizeof(T) == 8, std::uint64_t,
      std::conditional_t<sizeof(T) == 4, std::uint32_t,
                         std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint8_t>>>;
  static_assert(sizeof(Bits) == sizeof(T));
  std::uint64_t wide = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) wide |= std::uint64_t{bytes[i]} << (8 * i);
  const Bits bits = static_cast<Bits>(wide);
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class T, class Out>
std::vector<Out> convert(const BsonBinary& data, std::size_t count) {
  std::vector<Out> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = static_cast<Out>(load<T>(data.data() + i * sizeof(T)));
  }
  return out;
}

template <class Out>
std::vector<Out> decode_whole(Type type, const BsonBinary& data, std::size_t count) {
  switch (type) {
    case Type::i64:
      return convert<std::int64_t, Out>(data, count);
    case Type::i32:
      return convert<std::int32_t, Out>(data, count);
    case Type::i16:
      return convert<std::int16_t, Out>(data, count);
    case Type::i8:
      return convert<std::int8_t, Out>(data, count);
    case Type::u32:
      return convert<std::uint32_t, Out>(data, count);
    case Type::u16:
      return convert<std::uint16_t, Out>(data, count);
    case Type::u8:
    case Type::boolean:
      return convert<std::uint8_t, Out>(data, count);
    case Type::f64:
    case Type::f32:
    case Type::u64:
      break;
  }
  return {};
}

}  // namespace

const JuliaElement* find_julia_element(std::string_view name) {
  const auto at =
      std::find_if(elements.begin(), elements.end(),
                   [name](const JuliaElement& element) { return element.name == name; });
  return at == elements.end() ? nullptr : &*at;
}

std::string extents_problem(const std::vector<std::size_t>& extents, std::size_t element_bytes,
                            std::size_t data_bytes) {
  const bool empty = std::find(extents.begin(), extents.end(), std::size_t{0}) != extents.end();
  std::size_t count = empty ? 0 : 1;
  if (!empty) {
    for (const std::size_t extent : extents) {
      // Division first: the product of hostile extents would overflow.
      if (extent > data_bytes / element_bytes / count) {
        return "its size asks for more than the " + std::to_string(data_bytes) + " bytes it has";
      }
      count *= extent;
    }
  }
  if (count * element_bytes == data_bytes) return {};
  return "its size asks for " + std::to_string(count * element_bytes) + " bytes and it has " +
         std::to_string(data_bytes);
}

std::vector<double> decode_reals(const JuliaElement& element, const BsonBinary& data,
                                 std::size_t count) {
  if (element.type == Type::f64) return convert<double, double>(data, count);
  if (element.type == Type::f32) return convert<float, double>(data, count);
  if (element.type == Type::u64) return convert<std::uint64_t, double>(data, count);
  return decode_whole<double>(element.type, data, count);
}

std::vector<std::int64_t> decode_integers(const JuliaElement& element, const BsonBinary& data,
                                          std::size_t count) {
  return decode_whole<std::int64_t>(element.type, data, count);
}

}  // namespace phigrad
