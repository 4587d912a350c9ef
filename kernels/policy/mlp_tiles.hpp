// The pull-back of a network by the tensor cores of a team of warps: sixteen decisions at a time,
// whose layers and gradients are products of tiles.
#pragma once

#include "kernels/batch/team.hpp"
#include "kernels/batch/tile_product.hpp"
#include "kernels/policy/mlp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Warp w has the hidden units from 16 w on of both layers; a row of a matrix of activations, and
/// of what comes back to them, is a decision.
template <class Network, class Products>
class MlpTiles {
 public:
  static constexpr int n_in = Network::n_in;
  static constexpr int n_hidden = Network::n_hidden;
  static constexpr int n_out = Network::n_out;
  static constexpr int at_once = tile_size;  // decisions
  static constexpr int warps = n_hidden / tile_size;
  static constexpr int threads = warps * warp_size;

  using Sum = TileSum<Products>;
  /// Rows and columns that products go over are zero beyond the network's.
  static constexpr int up_to_depth(int n) { return (n + Sum::depth - 1) / Sum::depth * Sum::depth; }
  static constexpr int in_depth = up_to_depth(n_in);
  static constexpr int out_depth = up_to_depth(n_out);

  struct Shared {
    TileMatrix<Products, n_hidden, in_depth> w1;
    TileMatrix<Products, n_hidden, n_hidden> w2;
    TileMatrix<Products, tile_size, n_hidden> w3;
    TileMatrix<Products, at_once, tile_size> input, delta3;
    TileMatrix<Products, at_once, n_hidden> first, delta2;
    TileMatrix<Products, at_once, n_hidden> second;  // then δ1, in its place
    alignas(32) float scratch[warps][tile_size][tile_size + 4];
    float out_bar[at_once][n_out];
    float b3[n_out];
  };

  PHI_HD explicit MlpTiles(Shared& shared) : s_(shared) {}

  /// Takes the weights, and the gradient to go on from: theta_bar's, or zero.
  template <class Parameters, class Gradient>
  PHI_HD void begin(const Parameters& theta, const Gradient& theta_bar, bool afresh) {
    const auto weight = [&](int at) { return theta.template get<float>(at); };
    const auto gradient = [&](int at) {
      return at < 0 || afresh ? 0.0F : theta_bar.template get<float>(at);
    };
    team_.each([&](int thread) {
      fill(s_.w1, thread, n_hidden, in_depth,
           [&](int i, int j) { return j < n_in ? weight(Network::w1(i, j)) : 0; });
      fill(s_.w2, thread, n_hidden, n_hidden,
           [&](int i, int j) { return weight(Network::w2(i, j)); });
      fill(s_.w3, thread, tile_size, n_hidden,
           [&](int r, int i) { return r < n_out ? weight(Network::w3(r, i)) : 0; });
      fill(s_.input, thread, at_once, tile_size, [](int, int) { return 0; });
      fill(s_.delta3, thread, at_once, tile_size, [](int, int) { return 0; });
      if (thread < n_out) s_.b3[thread] = weight(Network::b3(thread));
      Biases& bar = bias_bar_[thread];
      bar.first = thread < n_hidden ? gradient(Network::b1(thread)) : 0;
      bar.second = thread < n_hidden ? gradient(Network::b2(thread)) : 0;
      bar.out = thread < n_out ? gradient(Network::b3(thread)) : 0;
    });
    team_.each_warp([&](int warp) {
      OfWarp& own = of_[warp];
      const int unit = warp * tile_size;
      load(own.b1, warp, [&](int, int i) { return weight(Network::b1(unit + i)); });
      load(own.b2, warp, [&](int, int i) { return weight(Network::b2(unit + i)); });
      each_gradient(warp, [&](Sum& bar, const auto& at) {
        load(bar, warp, [&](int i, int j) { return gradient(at(i, j)); });
      });
    });
  }

  /// Adds (∂out/∂θ)ᵀ out_bar at inputs. Each row's read(row, input, out_bar) is called by one
  /// thread; it is true where there is something to add, else it leaves zeros.
  template <class Read>
  PHI_HD void add(const Read& read) {
    const bool any = team_.any([&](int row) {
      if (row >= at_once) return false;
      Vec<float, n_in> input{};
      Vec<float, n_out> out_bar{};
      const bool is = read(row, input, out_bar);
      PHI_UNROLL
      for (int j = 0; j < n_in; ++j) s_.input.set(row, j, input[j]);
      PHI_UNROLL
      for (int r = 0; r < n_out; ++r) s_.out_bar[row][r] = out_bar[r];
      return is;
    });
    if (!any) return;
    forward();
    team_.each([&](int thread) {
      for (int e = thread; e < at_once * n_out; e += threads) {
        const int row = e / n_out, r = e % n_out;
        float sum = s_.b3[r];
        PHI_UNROLL
        for (int warp = 0; warp < warps; ++warp) sum = sum + s_.scratch[warp][row][r];
        s_.delta3.set(row, r, Network::through_tanh(s_.out_bar[row][r], tanh(sum)));
      }
    });
    back();
    // Nobody writes what is read here before all have been told of the next decisions.
    team_.each([&](int thread) {
      Biases& bar = bias_bar_[thread];
      if (thread < n_hidden) {
        bar.first = bar.first + column_sum(s_.second, thread);
        bar.second = bar.second + column_sum(s_.delta2, thread);
      }
      if (thread < n_out) bar.out = bar.out + column_sum(s_.delta3, thread);
    });
  }

  template <class Gradient>
  PHI_HD void end(const Gradient& theta_bar) {
    team_.each([&](int thread) {
      const Biases& bar = bias_bar_[thread];
      if (thread < n_hidden) {
        theta_bar.set(Network::b1(thread), bar.first);
        theta_bar.set(Network::b2(thread), bar.second);
      }
      if (thread < n_out) theta_bar.set(Network::b3(thread), bar.out);
    });
    team_.each_warp([&](int warp) {
      each_gradient(warp, [&](const Sum& bar, const auto& at) {
        store(bar, warp, [&](int i, int j, float x) {
          if (at(i, j) >= 0) theta_bar.set(at(i, j), x);
        });
      });
    });
  }

 private:
  /// Where a warp's activations are needed again they stay in its registers, to all their bits.
  struct OfWarp {
    Sum b1, b2;  // of its units, in each row
    Sum first, second;
    Sum w1_bar, w2_bar[warps], w3_bar;
  };
  struct Biases {
    float first, second, out;
  };

  /// The layers' outputs, and each warp's part of what is before the last tanh, in its scratch.
  PHI_HD void forward() {
    const auto through_tanh = [](float& x) { x = tanh(x); };
    team_.each_warp([&](int warp) {
      OfWarp& own = of_[warp];
      const int unit = warp * tile_size;
      own.first = own.b1;
      own.first.template add_product<in_depth>(s_.input.tile(0, 0), s_.w1.transposed(unit, 0));
      own.first.each(through_tanh);
      put(own.first, s_.first, warp);
    });
    team_.each_warp([&](int warp) {
      OfWarp& own = of_[warp];
      const int unit = warp * tile_size;
      own.second = own.b2;
      own.second.template add_product<n_hidden>(s_.first.tile(0, 0), s_.w2.transposed(unit, 0));
      own.second.each(through_tanh);
      put(own.second, s_.second, warp);
      Sum out = Sum::zero();
      out.template add_product<tile_size>(s_.second.tile(0, unit), s_.w3.transposed(0, unit));
      out.store(scratch(warp), scratch_stride);
    });
  }

  /// From δ3 back to the first layer.
  PHI_HD void back() {
    const auto through_tanh = [](float& bar, float y) { bar = Network::through_tanh(bar, y); };
    team_.each_warp([&](int warp) {
      OfWarp& own = of_[warp];
      const int unit = warp * tile_size;
      Sum delta2 = Sum::zero();
      delta2.template add_product<out_depth>(s_.delta3.tile(0, 0), s_.w3.tile(0, unit));
      delta2.each(own.second, through_tanh);
      put(delta2, s_.delta2, warp);
      add_outer<1>(&own.w3_bar, s_.delta3.transposed(0, 0), s_.second.tile(0, unit));
      add_outer<warps>(own.w2_bar, s_.delta2.transposed(0, unit), s_.first.tile(0, 0));
    });
    team_.each_warp([&](int warp) {
      OfWarp& own = of_[warp];
      const int unit = warp * tile_size;
      Sum delta1 = Sum::zero();
      delta1.template add_product<n_hidden>(s_.delta2.tile(0, 0), s_.w2.tile(0, unit));
      delta1.each(own.first, through_tanh);
      put(delta1, s_.second, warp);
      add_outer<1>(&own.w1_bar, s_.second.transposed(0, unit), s_.input.tile(0, 0));
    });
  }

  /// Adds the outer products of all decisions, δ hᵀ, for n tiles of h side by side.
  template <int n, class Delta, class H>
  PHI_HD static void add_outer(Sum* bar, const Delta& delta, const H& h) {
    PHI_UNROLL
    for (int k = 0; k < at_once; k += Sum::depth) {
      const auto left = left_factor(delta.from(0, k));
      PHI_UNROLL
      for (int tile = 0; tile < n; ++tile) {
        bar[tile].add(left, right_factor(h.from(k, tile * tile_size)));
      }
    }
  }

  /// f(tile, where θ holds its element (i, j), −1 where it does not) of a warp's.
  template <class F>
  PHI_HD void each_gradient(int warp, const F& f) {
    OfWarp& own = of_[warp];
    const int unit = warp * tile_size;
    f(own.w1_bar, [=](int i, int j) { return j < n_in ? Network::w1(unit + i, j) : -1; });
    PHI_UNROLL
    for (int tile = 0; tile < warps; ++tile) {
      f(own.w2_bar[tile],
        [=](int i, int j) { return Network::w2(unit + i, tile * tile_size + j); });
    }
    f(own.w3_bar, [=](int r, int i) { return r < n_out ? Network::w3(r, unit + i) : -1; });
  }

  /// A thread's part of a matrix.
  template <class Matrix, class F>
  PHI_HD static void fill(Matrix& m, int thread, int rows, int columns, const F& f) {
    for (int e = thread; e < rows * columns; e += threads) {
      m.set(e / columns, e % columns, static_cast<float>(f(e / columns, e % columns)));
    }
  }

  template <class Matrix>
  PHI_HD static float column_sum(const Matrix& m, int column) {
    float sum = m.get(0, column);
    PHI_UNROLL
    for (int row = 1; row < at_once; ++row) sum = sum + m.get(row, column);
    return sum;
  }

  static constexpr int scratch_stride = tile_size + 4;
  PHI_HD float* scratch(int warp) { return &s_.scratch[warp][0][0]; }

  /// f(row, column, element of a tile in the warp's scratch), by its lanes.
  template <class F>
  PHI_HD void each_element(int warp, const F& f) {
    each_lane([&](int lane) {
      for (int e = lane; e < tile_size * tile_size; e += warp_size) {
        const int row = e / tile_size, column = e % tile_size;
        f(row, column, s_.scratch[warp][row][column]);
      }
    });
  }

  template <class F>
  PHI_HD void load(Sum& sum, int warp, const F& f) {
    each_element(warp, [&](int row, int column, float& x) { x = f(row, column); });
    sum.load(scratch(warp), scratch_stride);
  }
  template <class F>
  PHI_HD void store(const Sum& sum, int warp, const F& f) {
    sum.store(scratch(warp), scratch_stride);
    each_element(warp, [&](int row, int column, float x) { f(row, column, x); });
  }

  /// A warp's columns of a matrix.
  template <class Matrix>
  PHI_HD void put(const Sum& sum, Matrix& m, int warp) {
    const int unit = warp * tile_size;
    if constexpr (std::is_same_v<typename Matrix::Stored, float>) {
      sum.store(m.at(0, unit), Matrix::stride);
    } else {
      store(sum, warp, [&](int row, int column, float x) { m.set(row, unit + column, x); });
    }
  }

  Shared& s_;
  Team<threads> team_;
  OfEach<OfWarp, warps> of_;
  OfEach<Biases, threads> bias_bar_;
};

/// Whether a network can be pulled back so.
template <class Network, class Products>
constexpr bool fits_tiles() {
  if constexpr (Network::n_hidden % tile_size == 0 && Network::n_in <= tile_size &&
                Network::n_out <= tile_size) {
    return sizeof(typename MlpTiles<Network, Products>::Shared) <= bytes_of_a_block;
  } else {
    return false;
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
