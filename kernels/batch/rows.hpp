// Where the numbers of a batch lie: rows of one number a trajectory. On the CPU the trajectories
// are cut into blocks of one lane register, [block][row][lane]; on the GPU rows are [row][b].
#pragma once

#include <cstdint>

#include "kernels/math/pack.hpp"
#include "kernels/math/vec.hpp"

namespace phigrad {

/// How rows lie in memory. A block is the trajectories that one kernel call works on; on the CPU
/// row_stride is its width.
struct RowLayout {
  std::int64_t row_stride;    // scalars from a row to the next
  std::int64_t block_stride;  // scalars from a block to the next
  int width;                  // trajectories a block
};

/// A view of rows; does not own them.
template <class S>
struct Rows {
  S* data;
  RowLayout layout;

  /// The first scalar of `row` in `block`.
  inline __attribute__((always_inline))
#if defined(__CUDACC__)
  __host__ __device__
#endif
      S*
      at(std::int64_t row, std::int64_t block) const {
    return data + row * layout.row_stride + block * layout.block_stride;
  }
};

inline namespace PHI_ISA {

/// Scalars from a row to the next: on the CPU what a Real holds, so that kernels there address rows
/// by constants.
template <class Real>
PHI_HD std::int64_t row_stride(const RowLayout& layout) {
  return on_gpu ? layout.row_stride : width_v<Real>;
}

/// The first scalar of `row` in `block`.
template <class Real, class S>
PHI_HD S* row_at(const Rows<S>& rows, std::int64_t row, std::int64_t block) {
  return rows.data + block * rows.layout.block_stride + row * row_stride<Real>(rows.layout);
}

template <class Real, class S>
PHI_HD Real load_row(const Rows<S>& rows, std::int64_t row, std::int64_t block) {
  return load<Real>(row_at<Real>(rows, row, block));
}

template <class Real, class S>
PHI_HD void store_row(const Rows<S>& rows, std::int64_t row, std::int64_t block, Real value) {
  store(value, row_at<Real>(rows, row, block));
}

/// N consecutive rows from `row`.
template <class Real, int N, class S>
PHI_HD Vec<Real, N> load_rows(const Rows<S>& rows, std::int64_t row, std::int64_t block) {
  const S* from = row_at<Real>(rows, row, block);
  Vec<Real, N> v;
  PHI_UNROLL
  for (int i = 0; i < N; ++i) v[i] = load<Real>(from + i * row_stride<Real>(rows.layout));
  return v;
}

template <class Real, int N, class S>
PHI_HD void store_rows(const Rows<S>& rows, std::int64_t row, std::int64_t block,
                       const Vec<Real, N>& v) {
  S* to = row_at<Real>(rows, row, block);
  PHI_UNROLL
  for (int i = 0; i < N; ++i) store(v[i], to + i * row_stride<Real>(rows.layout));
}

/// A pack whose members are consecutive rows.
template <template <class> class Pack, class Real, class S>
PHI_HD Pack<Real> load_pack(const Rows<S>& rows, std::int64_t block) {
  constexpr int n = pack_size_v<Pack>;
  Pack<Real> pack{};
  if constexpr (n > 0) {
    for (int i = 0; i < n; ++i) set(pack, i, load_row<Real>(rows, i, block));
  }
  return pack;
}

}  // namespace PHI_ISA
}  // namespace phigrad
