// Numbers as the run database keeps them: raw little-endian bytes with their type and shape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace phigrad {

enum class DType { uint8, int32, int64, float32, float64 };

/// Bytes of one number of this type.
std::size_t item_size(DType dtype);

/// The DType of T; other types do not compile.
template <class T>
constexpr DType dtype_of() {
  static_assert(std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::int32_t> ||
                    std::is_same_v<T, std::int64_t> || std::is_same_v<T, float> ||
                    std::is_same_v<T, double>,
                "an Array holds uint8, int32, int64, float or double");
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::uint8;
  if constexpr (std::is_same_v<T, std::int32_t>) return DType::int32;
  if constexpr (std::is_same_v<T, std::int64_t>) return DType::int64;
  if constexpr (std::is_same_v<T, float>) return DType::float32;
  return DType::float64;
}

/// A row-major array of any shape. The default one is empty: shape {0}.
struct Array {
  DType dtype = DType::uint8;
  std::vector<std::int64_t> shape = {0};
  std::vector<std::byte> data;  // item_size(dtype) * product of shape

  /// Copies product(shape) numbers from `values`.
  template <class T>
  static Array of(const T* values, const std::vector<std::int64_t>& shape) {
    Array array = zeros(dtype_of<T>(), shape);
    if (!array.data.empty()) std::memcpy(array.data.data(), values, array.data.size());
    return array;
  }

  /// An array of zero bits. Throws std::invalid_argument for a negative or overflowing shape.
  static Array zeros(DType dtype, const std::vector<std::int64_t>& shape);

  /// The numbers, in row-major order. Throws std::invalid_argument if they are not of type T.
  template <class T>
  std::vector<T> values() const {
    require(dtype_of<T>());
    std::vector<T> result(data.size() / sizeof(T));
    if (!data.empty()) std::memcpy(result.data(), data.data(), data.size());
    return result;
  }

 private:
  void require(DType wanted) const;
};

/// Same type, same shape, same bits (so a NaN equals itself and 0.0 differs from -0.0).
bool operator==(const Array& a, const Array& b);
bool operator!=(const Array& a, const Array& b);

/// Type and shape as text, for example "float32[64,5194]".
std::string layout_text(const Array& array);

/// The inverse of layout_text, with `size` bytes at `bytes`. Input is not trusted: throws
/// std::invalid_argument when the text is malformed or does not describe exactly `size` bytes.
Array array_from(std::string_view layout, const void* bytes, std::size_t size);

}  // namespace phigrad
