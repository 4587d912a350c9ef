// Products of tiles by a warp of a GPU's threads on its tensor cores, and the sums of them, which
// the warp's registers hold. Off the GPU one thread does what the warp does, to the roundings of
// the tensor cores.
#pragma once

#include "kernels/batch/tile_operand.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Whether there are tile products in this code: not in a GPU's from before tensor cores took
/// floats (sm_80).
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
inline constexpr bool has_tile_products = false;
#else
inline constexpr bool has_tile_products = true;
#endif

/// What a kernel of tile products does where there are none: the host asks
/// RobotKernels::has_tensor_code before it launches one.
PHI_HD void no_tile_products() {
#if defined(__CUDA_ARCH__)
  __trap();
#endif
}

namespace tile_detail {

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800

namespace wmma = nvcuda::wmma;

template <class Products>
using Sum = wmma::fragment<wmma::accumulator, 16, 16, Products::depth, float>;

template <class Number, int depth, bool is_left, bool transposed>
using Fragment =
    wmma::fragment<std::conditional_t<is_left, wmma::matrix_a, wmma::matrix_b>, 16, 16, depth,
                   Number, std::conditional_t<transposed, wmma::col_major, wmma::row_major>>;

template <class Products, bool is_left, bool transposed>
struct Operand;

template <bool is_left, bool transposed>
struct Operand<Tf32x3, is_left, transposed> {
  Fragment<wmma::precision::tf32, 8, is_left, transposed> high, low;

  template <class View>
  PHI_HD void load(const View& v, int stride) {
    wmma::load_matrix_sync(low, v.first, static_cast<unsigned>(stride));
    PHI_UNROLL
    for (int i = 0; i < low.num_elements; ++i) split_to_tf32(low.x[i], high.x[i], low.x[i]);
  }
};

template <bool is_left, bool transposed>
struct Operand<Bf16, is_left, transposed> {
  Fragment<__nv_bfloat16, 16, is_left, transposed> high;

  template <class View>
  PHI_HD void load(const View& v, int stride) {
    wmma::load_matrix_sync(high, reinterpret_cast<const __nv_bfloat16*>(v.first),
                           static_cast<unsigned>(stride));
  }
};

template <class Sum, class A, class B>
PHI_HD void multiply_add(Sum& sum, const A& a, const B& b) {
  wmma::mma_sync(sum, a, b, sum);
}

/// Before any of the warp overwrites it, all have loaded; what was stored is there for all.
template <class Sum>
PHI_HD void load_sum(Sum& sum, const float* from, int stride) {
  wmma::load_matrix_sync(sum, from, static_cast<unsigned>(stride), wmma::mem_row_major);
  __syncwarp();
}
template <class Sum>
PHI_HD void store_sum(const Sum& sum, float* to, int stride) {
  wmma::store_matrix_sync(to, sum, static_cast<unsigned>(stride), wmma::mem_row_major);
  __syncwarp();
}

#else

struct Elements {
  static constexpr int num_elements = tile_size * tile_size;
  float x[num_elements];
};
template <class Products>
using Sum = Elements;

/// Row i of a left operand, or column i of a right one, is x[i].
template <int depth>
struct Fragment {
  float x[tile_size][depth];
};

template <class Products, bool is_left, bool transposed>
struct Operand {
  static constexpr int depth = Products::depth;
  Fragment<depth> high, low;

  template <class View>
  PHI_HD_BIG void load(const View& v, int /*stride*/) {
    for (int i = 0; i < tile_size; ++i) {
      for (int k = 0; k < depth; ++k) {
        const float x = is_left ? v.at(i, k) : v.at(k, i);
        high.x[i][k] = x;
        if (Products::in_two_parts) split_to_tf32(x, high.x[i][k], low.x[i][k]);
      }
    }
  }
};

/// Towards zero.
PHI_HD float cut_to_float(double x) {
  const auto nearest = static_cast<float>(x);
  const bool beyond = abs(static_cast<double>(nearest)) > abs(x);
  return beyond ? from_bits<float>(to_bits(nearest) - 1U) : nearest;
}

/// Products are exact; their sum is cut, as by tensor cores (Ootomo & Yokota, arXiv 2203.03341).
template <int depth>
PHI_HD_BIG void multiply_add(Elements& sum, const Fragment<depth>& a, const Fragment<depth>& b) {
  for (int i = 0; i < tile_size; ++i) {
    for (int j = 0; j < tile_size; ++j) {
      float& x = sum.x[i * tile_size + j];
      double exact = static_cast<double>(x);
      for (int k = 0; k < depth; ++k) {
        exact += static_cast<double>(a.x[i][k]) * static_cast<double>(b.x[j][k]);
      }
      x = cut_to_float(exact);
    }
  }
}

PHI_HD_BIG void load_sum(Elements& sum, const float* from, int stride) {
  for (int e = 0; e < sum.num_elements; ++e) {
    sum.x[e] = from[e / tile_size * stride + e % tile_size];
  }
}

PHI_HD_BIG void store_sum(const Elements& sum, float* to, int stride) {
  for (int e = 0; e < sum.num_elements; ++e) {
    to[e / tile_size * stride + e % tile_size] = sum.x[e];
  }
}

#endif

}  // namespace tile_detail

/// The left operand of a product, [16, depth], or the right one, [depth, 16].
template <class Products, bool is_left, bool transposed>
struct TileFactor {
  tile_detail::Operand<Products, is_left, transposed> operand;
};

template <class Products, int stride, bool transposed>
PHI_HD TileFactor<Products, true, transposed> left_factor(
    const TileView<Products, stride, transposed>& v) {
  TileFactor<Products, true, transposed> factor;
  factor.operand.load(v, stride);
  return factor;
}
template <class Products, int stride, bool transposed>
PHI_HD TileFactor<Products, false, transposed> right_factor(
    const TileView<Products, stride, transposed>& v) {
  TileFactor<Products, false, transposed> factor;
  factor.operand.load(v, stride);
  return factor;
}

/// A sum of products, [16, 16].
template <class Products>
class TileSum {
 public:
  static constexpr int depth = Products::depth;

  PHI_HD static TileSum zero() {
    TileSum sum;
    sum.each([](float& x) { x = 0; });
    return sum;
  }

  /// Row by row, `stride` floats apart; the first on a multiple of 32 bytes.
  PHI_HD void load(const float* from, int stride) { tile_detail::load_sum(sum_, from, stride); }
  PHI_HD void store(float* to, int stride) const { tile_detail::store_sum(sum_, to, stride); }

  /// f(element) of all of them, in no order.
  template <class F>
  PHI_HD void each(const F& f) {
    PHI_UNROLL
    for (int i = 0; i < sum_.num_elements; ++i) f(sum_.x[i]);
  }
  /// f(element, the other's element at its place).
  template <class F>
  PHI_HD void each(const TileSum& other, const F& f) {
    PHI_UNROLL
    for (int i = 0; i < sum_.num_elements; ++i) f(sum_.x[i], other.sum_.x[i]);
  }

  template <bool left_transposed, bool right_transposed>
  PHI_HD void add(const TileFactor<Products, true, left_transposed>& a,
                  const TileFactor<Products, false, right_transposed>& b) {
    if constexpr (Products::in_two_parts) {
      // Tensor cores cut their sums. Cut is one product; the sum of them is rounded to the nearest.
      TileSum product = zero();
      tile_detail::multiply_add(product.sum_, a.operand.low, b.operand.high);
      tile_detail::multiply_add(product.sum_, a.operand.high, b.operand.low);
      tile_detail::multiply_add(product.sum_, a.operand.high, b.operand.high);
      each(product, [](float& x, float y) { x = x + y; });
    } else {
      tile_detail::multiply_add(sum_, a.operand.high, b.operand.high);
    }
  }

  /// A B, of the first n columns of A and rows of B.
  template <int n, class A, class B>
  PHI_HD void add_product(const A& a, const B& b) {
    static_assert(n % depth == 0, "whole products");
    PHI_UNROLL
    for (int k = 0; k < n; k += depth) {
      add(left_factor(a.from(0, k)), right_factor(b.from(k, 0)));
    }
  }

 private:
  tile_detail::Sum<Products> sum_;
};

}  // namespace PHI_ISA
}  // namespace phigrad
