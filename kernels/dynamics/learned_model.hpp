// A model without physics: an ensemble of networks, fitted to rollouts (host/robots/ensemble.hpp).
#pragma once

#include "kernels/dynamics/vjp.hpp"
#include "kernels/policy/mlp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Frame names what is known of the robot beforehand: nx, nu; n_features, features(x, u) and their
/// pull-back; n_rates, which rates are learned, rates(x, learned), ẋ of them, and its pull-back.
/// A learned rate is an entry of ẋ itself, so that rates_vjp() picks them out of a recorded ẋ too.
template <class Frame>
struct LearnedModel {
  static constexpr int nx = Frame::nx;
  static constexpr int nu = Frame::nu;
  static constexpr int n_features = Frame::n_features;
  static constexpr int n_rates = Frame::n_rates;
  static constexpr int members = 3;
  using Network = Mlp<n_features, 16, n_rates>;
  template <class Real>
  struct Params {
    Real weights[members * Network::np];
    Real feature_mean[n_features], feature_scale[n_features];  // a network sees (f − mean) · scale
    Real rate_mean[n_rates], rate_scale[n_rates];  // rate = mean + scale · output, of a member
  };

  static constexpr bool euler_only = true;

  /// Of the members' mean.
  template <class Real>
  PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& x, const Vec<Real, nu>& u,
                                         const Params<Real>& p) {
    const Vec<Real, n_features> input[1] = {scaled(Frame::features(x, u), p)};
    Vec<Real, n_rates> sum{};
    for (int m = 0; m < members; ++m) {
      Activations<Real> a;
      Network::template forward<1>(weights_of(m, p), input, a);
      sum = sum + a.out[0];
    }
    Vec<Real, n_rates> learned;
    PHI_UNROLL
    for (int i = 0; i < n_rates; ++i) {
      learned[i] = fma(sum[i] * Real(1.0 / members), p.rate_scale[i], p.rate_mean[i]);
    }
    return Frame::rates(x, learned);
  }

  /// (∂ẋ/∂x)ᵀw, (∂ẋ/∂u)ᵀw.
  template <class Real>
  PHI_HD_BIG static Cotangent<Real, nx, nu> vjp(const Vec<Real, nx>& x, const Vec<Real, nu>& u,
                                                const Params<Real>& p, const Vec<Real, nx>& w) {
    const Vec<Real, n_features> f = Frame::features(x, u);
    const Vec<Real, n_features> input[1] = {scaled(f, p)};
    Cotangent<Real, nx, nu> bar{};
    Vec<Real, n_rates> out_bar = Frame::rates_vjp(w, bar.x);
    PHI_UNROLL
    for (int i = 0; i < n_rates; ++i) {
      out_bar[i] = out_bar[i] * p.rate_scale[i] * Real(1.0 / members);
    }
    Vec<Real, n_features> f_bar{};
    for (int m = 0; m < members; ++m) {
      Activations<Real> a;
      Network::template forward<1>(weights_of(m, p), input, a);
      f_bar = f_bar + Network::input_vjp(weights_of(m, p), a, out_bar);
    }
    PHI_UNROLL
    for (int i = 0; i < n_features; ++i) f_bar[i] = f_bar[i] * p.feature_scale[i];
    Frame::features_vjp(f, f_bar, bar);
    return bar;
  }

  /// Features as a network sees them.
  template <class Real>
  PHI_HD static Vec<Real, n_features> scaled(Vec<Real, n_features> f, const Params<Real>& p) {
    PHI_UNROLL
    for (int i = 0; i < n_features; ++i) f[i] = (f[i] - p.feature_mean[i]) * p.feature_scale[i];
    return f;
  }

 private:
  template <class Real>
  using Activations = typename Network::template Activations<Real, 1>;

  /// A member's, in the pack.
  template <class Held>
  struct Weights {
    const Held* first;

    template <class Real>
    PHI_HD Real get(int i) const {
      return first[i];
    }
  };
  template <class Real>
  PHI_HD static Weights<Real> weights_of(int member, const Params<Real>& p) {
    return {p.weights + member * Network::np};
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
