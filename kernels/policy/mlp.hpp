// A dense network with two hidden layers, tanh on every layer (the output too), and its pull-back.
// θ holds W1 [H, In] row-major, b1, W2 [H, H], b2, W3 [Out, H], b3.
#pragma once

#include "kernels/math/elementary.hpp"
#include "kernels/policy/parameters.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <int In, int Hidden, int Out>
struct Mlp {
  static constexpr int n_in = In;
  static constexpr int n_hidden = Hidden;
  static constexpr int n_out = Out;
  static constexpr int layer1 = 0;
  static constexpr int layer2 = layer1 + Hidden * In + Hidden;
  static constexpr int layer3 = layer2 + Hidden * Hidden + Hidden;
  static constexpr int np = layer3 + Out * Hidden + Out;

  template <class Real>
  struct Activations {
    Vec<Real, Hidden> first, second;
    Vec<Real, Out> out;
  };

  template <class Real, class Parameters>
  PHI_HD_NOINLINE static void forward(const Parameters& theta, const Vec<Real, In>& input,
                                      Activations<Real>& a) {
    layer<Hidden, In>(theta, layer1, input, a.first);
    layer<Hidden, Hidden>(theta, layer2, a.first, a.second);
    layer<Out, Hidden>(theta, layer3, a.second, a.out);
  }

  /// Adds (∂out/∂θ)ᵀ out_bar to theta_bar, at the activations of `forward` for `input`.
  template <class Real, class Parameters, class Gradient>
  PHI_HD_NOINLINE static void pull_back(const Parameters& theta, const Vec<Real, In>& input,
                                        const Activations<Real>& a, const Vec<Real, Out>& out_bar,
                                        const Gradient& theta_bar) {
    Vec<Real, Out> delta3;
    for (int i = 0; i < Out; ++i) delta3[i] = out_bar[i] * tanh_slope(a.out[i]);
    Vec<Real, Hidden> delta2 =
        layer_pull_back<Out, Hidden, true>(theta, layer3, a.second, delta3, theta_bar);
    for (int i = 0; i < Hidden; ++i) delta2[i] = delta2[i] * tanh_slope(a.second[i]);
    Vec<Real, Hidden> delta1 =
        layer_pull_back<Hidden, Hidden, true>(theta, layer2, a.first, delta2, theta_bar);
    for (int i = 0; i < Hidden; ++i) delta1[i] = delta1[i] * tanh_slope(a.first[i]);
    layer_pull_back<Hidden, In, false>(theta, layer1, input, delta1, theta_bar);
  }

 private:
  /// Outputs worked on at once, so that their multiply-add chains overlap.
  static constexpr int tile = 8;

  template <class Real>
  PHI_HD static Real tanh_slope(Real y) {
    return Real(1) - y * y;
  }

  /// One tile of `rows` outputs from output i: b + W h, each output summed in the order of h.
  template <int rows, int Cols, class Real, class Parameters>
  PHI_HD static void tile_forward(const Parameters& theta, int weights, int biases, int i,
                                  const Vec<Real, Cols>& h, Real* y) {
    Real sum[rows];
    for (int r = 0; r < rows; ++r) sum[r] = theta.template get<Real>(biases + i + r);
    for (int j = 0; j < Cols; ++j) {
      for (int r = 0; r < rows; ++r) {
        sum[r] = fma(theta.template get<Real>(weights + (i + r) * Cols + j), h[j], sum[r]);
      }
    }
    for (int r = 0; r < rows; ++r) y[i + r] = tanh(sum[r]);
  }

  template <int R, int C, class Real, class Parameters>
  PHI_HD static void layer(const Parameters& theta, int offset, const Vec<Real, C>& h,
                           Vec<Real, R>& y) {
    constexpr int whole = R / tile * tile;
    for (int i = 0; i < whole; i += tile) {
      tile_forward<tile, C>(theta, offset, offset + R * C, i, h, &y[0]);
    }
    if constexpr (whole < R) {
      tile_forward<R - whole, C>(theta, offset, offset + R * C, whole, h, &y[0]);
    }
  }

  /// Adds δ hᵀ and δ to the layer's gradient; returns Wᵀδ (zero unless Back).
  template <int R, int C, bool Back, class Real, class Parameters, class Gradient>
  PHI_HD static Vec<Real, C> layer_pull_back(const Parameters& theta, int offset,
                                             const Vec<Real, C>& h, const Vec<Real, R>& delta,
                                             const Gradient& theta_bar) {
    Vec<Real, C> h_bar{};
    for (int i = 0; i < R; ++i) {
      for (int j = 0; j < C; ++j) {
        theta_bar.add_product(offset + i * C + j, delta[i], h[j]);
        if constexpr (Back) {
          h_bar[j] = fma(theta.template get<Real>(offset + i * C + j), delta[i], h_bar[j]);
        }
      }
      theta_bar.add(offset + R * C + i, delta[i]);
    }
    return h_bar;
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
