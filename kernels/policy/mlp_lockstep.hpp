// A network for trajectories side by side, by the tensor cores of a team of warps: each thread has
// an input of its own, whose layers, and the way back through them, are products of tiles.
#pragma once

#include "kernels/batch/team.hpp"
#include "kernels/batch/tile_product.hpp"
#include "kernels/policy/mlp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// A warp has the inputs of its threads, a tile's worth at a time; all warps share the weights. A
/// bias is the weight of a unit that is one: behind a layer's inputs there are ones.
template <class Network, class Products>
class MlpLockstep {
 public:
  static constexpr int n_in = Network::n_in;
  static constexpr int n_hidden = Network::n_hidden;
  static constexpr int n_out = Network::n_out;
  static constexpr int warps = 4;
  static constexpr int threads = warps * warp_size;
  using Input = Vec<float, n_in>;
  using Output = Vec<float, n_out>;

  /// Rows and columns that products go over are zero beyond the network's.
  static constexpr int up_to_depth(int n) {
    return (n + Products::depth - 1) / Products::depth * Products::depth;
  }
  static constexpr int ones = Products::parts_of_float;
  static constexpr int in_depth = up_to_depth(n_in + ones);
  static constexpr int hidden_depth = up_to_depth(n_hidden + ones);
  static constexpr int out_depth = up_to_depth(n_out);
  static_assert(n_hidden % tile_size == 0 && in_depth <= tile_size && out_depth <= tile_size);

 private:
  static constexpr int tiles = n_hidden / tile_size;  // of a row of activations
  using Sum = TileSum<Products>;
  static constexpr bool floats_are_operands = std::is_same_v<typename Products::Stored, float>;
  static constexpr int scratch_stride = tile_size + 4;

  struct OfWarp {
    /// A row is a thread's: what goes into a layer, or comes back to what came out of it.
    TileMatrix<Products, tile_size, hidden_depth> rows;
    alignas(32) float scratch[floats_are_operands ? 1 : tile_size * scratch_stride];
  };

 public:
  struct Shared {
    TileMatrix<Products, n_hidden, tile_size> w1;
    TileMatrix<Products, n_hidden, hidden_depth> w2;
    TileMatrix<Products, tile_size, hidden_depth> w3;
    OfWarp of_warp[warps];
  };

  PHI_HD explicit MlpLockstep(Shared& shared) : s_(shared) {}

  /// Takes a policy's weights, when all warps are done with those that they have.
  template <class Parameters>
  PHI_HD void take(const Parameters& theta) {
    team_.wait();
    team_.each([&](int thread) {
      take_layer<n_hidden, n_in>(s_.w1, theta, Network::layer1, thread);
      take_layer<n_hidden, n_hidden>(s_.w2, theta, Network::layer2, thread);
      take_layer<n_out, n_hidden>(s_.w3, theta, Network::layer3, thread);
      for (int row = thread; row < warps * tile_size; row += threads) {
        put_behind(s_.of_warp[row / tile_size].rows, row % tile_size, n_hidden, ones, hidden_depth);
      }
    });
  }

  /// The outputs of a warp's threads from `begin` to before `end`, at their inputs.
  PHI_HD_BIG void forward(int warp, int begin, int end, OfEach<Input, threads>& input,
                          OfEach<Output, threads>& output) {
    for (int first = warp * warp_size; first < (warp + 1) * warp_size; first += tile_size) {
      if (end <= first || begin >= first + tile_size) continue;
      Sum hidden[tiles];
      first_layer(warp, first, input, hidden);
      second_layer(warp, hidden);
      last_layer(warp);
      each_row(warp, first, begin, end, [&](int thread, const float* row) {
        PHI_UNROLL
        for (int r = 0; r < n_out; ++r) output[thread][r] = row[r];
      });
    }
  }

  /// (∂out/∂input)ᵀ output_bar of the same.
  PHI_HD_BIG void input_vjp(int warp, int begin, int end, OfEach<Input, threads>& input,
                            OfEach<Output, threads>& output_bar,
                            OfEach<Input, threads>& input_bar) {
    const auto before_tanh = [](float& bar, float y) { bar = Network::through_tanh(bar, y); };
    for (int first = warp * warp_size; first < (warp + 1) * warp_size; first += tile_size) {
      if (end <= first || begin >= first + tile_size) continue;
      auto& rows = s_.of_warp[warp].rows;
      Sum first_hidden[tiles], second_hidden[tiles], delta[tiles];
      first_layer(warp, first, input, first_hidden);
      second_layer(warp, second_hidden);
      last_layer(warp);
      OfEach<Output, threads> delta3;
      each_row(warp, first, 0, threads, [&](int thread, const float* row) {
        PHI_UNROLL
        for (int r = 0; r < n_out; ++r) {
          delta3[thread][r] = Network::through_tanh(output_bar[thread][r], row[r]);
        }
      });
      put_rows(warp, first, delta3, 0, out_depth);
      products<out_depth>(delta, rows, [&](int tile) { return s_.w3.tile(0, tile * tile_size); });
      for (int tile = 0; tile < tiles; ++tile) delta[tile].each(second_hidden[tile], before_tanh);
      put(delta, warp);
      products<n_hidden>(delta, rows, [&](int tile) { return s_.w2.tile(0, tile * tile_size); });
      for (int tile = 0; tile < tiles; ++tile) delta[tile].each(first_hidden[tile], before_tanh);
      put(delta, warp);
      Sum bar[1];
      products<n_hidden>(bar, rows, [&](int) { return s_.w1.tile(0, 0); });
      put_sums(bar[0], warp);
      each_row(warp, first, begin, end, [&](int thread, const float* row) {
        PHI_UNROLL
        for (int i = 0; i < n_in; ++i) input_bar[thread][i] = row[i];
      });
    }
  }

 private:
  /// R weights a column and their biases, of θ from `offset` on; zero beyond them.
  template <int R, int C, class Matrix, class Parameters>
  PHI_HD static void take_layer(Matrix& m, const Parameters& theta, int offset, int thread) {
    for (int e = thread; e < Matrix::rows * Matrix::columns; e += threads) {
      const int i = e / Matrix::columns, j = e % Matrix::columns;
      if (j >= C && j < C + ones) {
        m.set(i, j,
              i < R ? Products::part(theta.template get<float>(offset + R * C + i), j - C) : 0);
      } else {
        m.set(i, j, i < R && j < C ? theta.template get<float>(offset + i * C + j) : 0);
      }
    }
  }
  /// So many ones, and zeros, to the columns from `from` to before `to`.
  template <class Matrix>
  PHI_HD static void put_behind(Matrix& m, int row, int from, int n_ones, int to) {
    for (int j = from; j < to; ++j) m.set(row, j, j < from + n_ones ? 1.0F : 0.0F);
  }

  PHI_HD void first_layer(int warp, int first, OfEach<Input, threads>& input, Sum (&out)[tiles]) {
    put_rows(warp, first, input, ones, in_depth);
    products<in_depth>(out, s_.of_warp[warp].rows,
                       [&](int tile) { return s_.w1.transposed(tile * tile_size, 0); });
    through_tanh(out);
    put(out, warp);
  }
  PHI_HD void second_layer(int warp, Sum (&out)[tiles]) {
    products<hidden_depth>(out, s_.of_warp[warp].rows,
                           [&](int tile) { return s_.w2.transposed(tile * tile_size, 0); });
    through_tanh(out);
    put(out, warp);
  }
  /// Leaves the outputs where each_row() reads them.
  PHI_HD void last_layer(int warp) {
    Sum out[1];
    products<hidden_depth>(out, s_.of_warp[warp].rows, [&](int) { return s_.w3.transposed(0, 0); });
    through_tanh(out);
    put_sums(out[0], warp);
  }
  template <int n>
  PHI_HD static void through_tanh(Sum (&sums)[n]) {
    PHI_UNROLL
    for (int tile = 0; tile < n; ++tile) sums[tile].each([](float& x) { x = tanh(x); });
  }

  /// Of the rows' first `depth` columns, with n tiles side by side: right(tile).
  template <int depth, int n, class Rows, class Right>
  PHI_HD static void products(Sum (&sums)[n], const Rows& rows, const Right& right) {
    PHI_UNROLL
    for (int tile = 0; tile < n; ++tile) sums[tile] = Sum::zero();
    PHI_UNROLL
    for (int k = 0; k < depth; k += Sum::depth) {
      const auto left = left_factor(rows.tile(0, k));
      PHI_UNROLL
      for (int tile = 0; tile < n; ++tile) {
        sums[tile].add(left, right_factor(right(tile).from(k, 0)));
      }
    }
    wait_for_warp();  // all have read the rows
  }

  /// The vectors of sixteen threads from `first` on, and behind each so many ones, and zeros.
  template <int n>
  PHI_HD void put_rows(int warp, int first, OfEach<Vec<float, n>, threads>& of, int n_ones,
                       int columns) {
    auto& rows = s_.of_warp[warp].rows;
    each_lane([&](int lane) {
      const int thread = warp * warp_size + lane;
      if (thread < first || thread >= first + tile_size) return;
      PHI_UNROLL
      for (int i = 0; i < n; ++i) rows.set(thread - first, i, of[thread][i]);
      put_behind(rows, thread - first, n, n_ones, columns);
    });
  }

  /// Tiles side by side to the rows, where they are operands.
  PHI_HD void put(const Sum (&sums)[tiles], int warp) {
    auto& rows = s_.of_warp[warp].rows;
    PHI_UNROLL
    for (int tile = 0; tile < tiles; ++tile) {
      if constexpr (floats_are_operands) {
        sums[tile].store(rows.at(0, tile * tile_size), rows.stride);
      } else {
        put_sums(sums[tile], warp);
        each_lane([&](int lane) {
          for (int e = lane; e < tile_size * tile_size; e += warp_size) {
            const int row = e / tile_size, column = e % tile_size;
            rows.set(row, tile * tile_size + column, sums_of(warp)[row * sums_stride + column]);
          }
        });
      }
    }
  }

  /// Where sums lie as floats: on the rows' first columns, if those are floats.
  static constexpr int sums_stride =
      floats_are_operands ? TileMatrix<Products, tile_size, hidden_depth>::stride : scratch_stride;
  PHI_HD float* sums_of(int warp) {
    if constexpr (floats_are_operands) {
      return s_.of_warp[warp].rows.at(0, 0);
    } else {
      return s_.of_warp[warp].scratch;
    }
  }
  PHI_HD void put_sums(const Sum& sum, int warp) { sum.store(sums_of(warp), sums_stride); }

  /// f(thread, its row of the sums), by the threads of the tile from `first` on that are among
  /// those from `begin` to before `end`.
  template <class F>
  PHI_HD void each_row(int warp, int first, int begin, int end, const F& f) {
    each_lane([&](int lane) {
      const int thread = warp * warp_size + lane;
      if (thread < first || thread >= first + tile_size || thread < begin || thread >= end) return;
      f(thread, sums_of(warp) + (thread - first) * sums_stride);
    });
  }

  Shared& s_;
  Team<threads> team_;
};

/// Whether a network's trajectories can go side by side so.
template <class Network, class Products>
constexpr bool fits_lockstep() {
  constexpr int columns = Network::n_in + Products::parts_of_float;
  if constexpr (Network::n_hidden % tile_size == 0 && columns <= tile_size &&
                Network::n_out <= tile_size) {
    return sizeof(typename MlpLockstep<Network, Products>::Shared) <= bytes_of_a_block;
  } else {
    return false;
  }
}

}  // namespace PHI_ISA
}  // namespace phigrad
