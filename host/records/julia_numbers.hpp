// Arrays of numbers as BSON.jl stores them: packed, little-endian, column-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/records/bson_document.hpp"

namespace phigrad {

/// A number type of Julia that can be decoded.
struct JuliaElement {
  enum class Type { f64, f32, i64, i32, i16, i8, u64, u32, u16, u8, boolean };
  std::string_view name;  // "Float64"
  Type type;
  std::size_t bytes;

  /// Whether every value is a std::int64_t.
  bool is_integer() const { return type != Type::f64 && type != Type::f32 && type != Type::u64; }
};

/// The type named `name`, or nullptr when it is not one of them.
const JuliaElement* find_julia_element(std::string_view name);

/// Why an array of these extents does not fill `data_bytes` exactly; empty when it does. No
/// overflow, whatever the extents.
std::string extents_problem(const std::vector<std::size_t>& extents, std::size_t element_bytes,
                            std::size_t data_bytes);

/// The first `count` elements; `data` holds that many. A 64-bit integer is rounded to a double.
std::vector<double> decode_reals(const JuliaElement& element, const BsonBinary& data,
                                 std::size_t count);

/// The first `count` elements of an integer type; `data` holds that many.
std::vector<std::int64_t> decode_integers(const JuliaElement& element, const BsonBinary& data,
                                          std::size_t count);

}  // namespace phigrad
