// A matrix of doubles as it lies in a recording: column-major, one column per sample or segment.
#pragma once

#include <cstddef>
#include <vector>

namespace phigrad {

struct Table {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<double> data;  // [rows * cols], column-major

  /// Entry (row, col); both counted from 0 and not checked.
  double operator()(std::size_t row, std::size_t col) const { return data[col * rows + row]; }
  double& operator()(std::size_t row, std::size_t col) { return data[col * rows + row]; }

  /// First of the `rows` values of one column.
  const double* column(std::size_t col) const { return data.data() + col * rows; }
};

}  // namespace phigrad
