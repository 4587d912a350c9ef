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

  // Where θ holds weights and biases of the layers, by output (and input).
  PHI_HD static constexpr int w1(int i, int j) { return layer1 + i * In + j; }
  PHI_HD static constexpr int b1(int i) { return layer1 + Hidden * In + i; }
  PHI_HD static constexpr int w2(int i, int j) { return layer2 + i * Hidden + j; }
  PHI_HD static constexpr int b2(int i) { return layer2 + Hidden * Hidden + i; }
  PHI_HD static constexpr int w3(int r, int i) { return layer3 + r * Hidden + i; }
  PHI_HD static constexpr int b3(int r) { return layer3 + Out * Hidden + r; }

  /// Outputs of the layers for n inputs.
  template <class Real, int n>
  struct Activations {
    Vec<Real, Hidden> first[n], second[n];
    Vec<Real, Out> out[n];
  };

  template <int n, class Real, class Parameters>
  PHI_HD_CALLED static void forward(const Parameters& theta, const Vec<Real, In> (&input)[n],
                                    Activations<Real, n>& a) {
    for (int k = 0; k < n; ++k) {
      layer<Hidden, In>(theta, layer1, input[k], a.first[k]);
      layer<Hidden, Hidden>(theta, layer2, a.first[k], a.second[k]);
      layer<Out, Hidden>(theta, layer3, a.second[k], a.out[k]);
    }
  }

  /// (∂out/∂input)ᵀ out_bar at the activations of `forward`.
  template <class Real, class Parameters>
  PHI_HD_CALLED static Vec<Real, In> input_vjp(const Parameters& theta,
                                               const Activations<Real, 1>& a,
                                               const Vec<Real, Out>& out_bar) {
    const Vec<Real, Out> delta3[1] = {through_tanh(out_bar, a.out[0])};
    Vec<Real, Hidden> delta2[1], delta1[1];
    Vec<Real, In> input_bar[1];
    back(theta, layer3, delta3, delta2);
    delta2[0] = through_tanh(delta2[0], a.second[0]);
    back(theta, layer2, delta2, delta1);
    delta1[0] = through_tanh(delta1[0], a.first[0]);
    back(theta, layer1, delta1, input_bar);
    return input_bar[0];
  }

  /// The cotangent of an output y = tanh(·), before it.
  template <class Real>
  PHI_HD static Real through_tanh(Real y_bar, Real y) {
    return y_bar * (Real(1) - y * y);
  }

  /// Adds (∂out/∂θ)ᵀ out_bar to theta_bar at the activations of `forward` for each input in turn;
  /// every weight and its gradient is read and written once for all n of them.
  template <int n, class Real, class Parameters, class Gradient>
  PHI_HD_CALLED static void pull_back(const Parameters& theta, const Vec<Real, In> (&input)[n],
                                      const Activations<Real, n>& a,
                                      const Vec<Real, Out> (&out_bar)[n],
                                      const Gradient& theta_bar) {
    Vec<Real, Out> delta3[n];
    Vec<Real, Hidden> delta2[n], delta1[n];
    for (int k = 0; k < n; ++k) delta3[k] = through_tanh(out_bar[k], a.out[k]);
    add_gradient(layer3, a.second, delta3, theta_bar);
    back(theta, layer3, delta3, delta2);
    for (int k = 0; k < n; ++k) delta2[k] = through_tanh(delta2[k], a.second[k]);
    add_gradient(layer2, a.first, delta2, theta_bar);
    back(theta, layer2, delta2, delta1);
    for (int k = 0; k < n; ++k) delta1[k] = through_tanh(delta1[k], a.first[k]);
    add_gradient(layer1, input, delta1, theta_bar);
  }

 private:
  /// Outputs worked on at once, so that their multiply-add chains overlap.
  static constexpr int tile = 8;

  template <int N, class Real>
  PHI_HD static Vec<Real, N> through_tanh(const Vec<Real, N>& y_bar, const Vec<Real, N>& y) {
    Vec<Real, N> bar;
    for (int i = 0; i < N; ++i) bar[i] = through_tanh(y_bar[i], y[i]);
    return bar;
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

  /// Adds Σ δ hᵀ and Σ δ to the layer's gradient.
  template <int n, int R, int C, class Real, class Gradient>
  PHI_HD static void add_gradient(int offset, const Vec<Real, C> (&h)[n],
                                  const Vec<Real, R> (&delta)[n], const Gradient& theta_bar) {
    for (int i = 0; i < R; ++i) {
      Real d[n];
      for (int k = 0; k < n; ++k) d[k] = delta[k][i];
      for (int j = 0; j < C; ++j) {
        Real h_j[n];
        PHI_UNROLL
        for (int k = 0; k < n; ++k) h_j[k] = h[k][j];
        theta_bar.add_products(offset + i * C + j, d, h_j);
      }
      for (int k = 0; k < n; ++k) theta_bar.add(offset + R * C + i, d[k]);
    }
  }

  /// Wᵀδ, each sum in the order of δ.
  template <int n, int R, int C, class Real, class Parameters>
  PHI_HD static void back(const Parameters& theta, int weights, const Vec<Real, R> (&delta)[n],
                          Vec<Real, C> (&h_bar)[n]) {
    constexpr int whole = R / tile * tile;
    for (int k = 0; k < n; ++k) h_bar[k] = {};
    for (int i = 0; i < whole; i += tile) tile_back<tile, C>(theta, weights, i, delta, h_bar);
    if constexpr (whole < R) tile_back<R - whole, C>(theta, weights, whole, delta, h_bar);
  }

  template <int rows, int C, int n, int R, class Real, class Parameters>
  PHI_HD static void tile_back(const Parameters& theta, int weights, int i,
                               const Vec<Real, R> (&delta)[n], Vec<Real, C> (&h_bar)[n]) {
    for (int j = 0; j < C; ++j) {
      Real sum[n];
      PHI_UNROLL
      for (int k = 0; k < n; ++k) sum[k] = h_bar[k][j];
      PHI_UNROLL
      for (int r = 0; r < rows; ++r) {
        const Real w = theta.template get<Real>(weights + (i + r) * C + j);
        PHI_UNROLL
        for (int k = 0; k < n; ++k) sum[k] = fma(w, delta[k][i + r], sum[k]);
      }
      PHI_UNROLL
      for (int k = 0; k < n; ++k) h_bar[k][j] = sum[k];
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
