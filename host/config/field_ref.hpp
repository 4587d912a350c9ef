// The kinds of value that a settings key can hold, behind one type, so that the visitors are
// compiled once and not once per settings struct.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace phigrad {

/// A dense matrix as the config writes it: an array of rows. No rows means no columns.
struct Matrix {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<double> data;  // [rows, cols], row after row

  double operator()(std::size_t row, std::size_t col) const { return data[row * cols + col]; }
  friend bool operator==(const Matrix& a, const Matrix& b) {
    return a.rows == b.rows && a.cols == b.cols && a.data == b.data;
  }
};

/// The entries of a std::array.
template <class T>
struct FixedArray {
  T* data;
  std::size_t size;
};

/// A pointer to a member of a settings struct, of one of the supported kinds.
class FieldRef {
 public:
  using Target =
      std::variant<double*, int*, std::int64_t*, std::uint64_t*, bool*, std::string*,
                   std::vector<double>*, std::vector<int>*, std::vector<std::int64_t>*,
                   std::vector<std::uint64_t>*, std::vector<std::string>*, FixedArray<double>,
                   FixedArray<int>, FixedArray<std::int64_t>, FixedArray<std::uint64_t>, Matrix*>;

  template <class T, class = std::enable_if_t<!std::is_same_v<std::remove_const_t<T>, FieldRef>>>
  FieldRef(T& member) : target_(&member) {  // implicit: v.field("dt_s", dt_s, ...)
    static_assert(std::is_constructible_v<Target, T*>,
                  "a settings member is a double, int, int64_t, uint64_t, bool, string, a vector "
                  "or array of numbers, a vector of strings, or a Matrix; use section(), choice() "
                  "or variant() for the rest");
  }
  template <class T, std::size_t N>
  FieldRef(std::array<T, N>& member) : target_(FixedArray<T>{member.data(), N}) {}

  const Target& target() const { return target_; }

 private:
  Target target_;
};

}  // namespace phigrad
