// The pull-back of a network by a team of threads, one a hidden unit: weights in the memory that
// they share, gradients of the weights in their registers for as long as decisions come. To the
// bits of Mlp::pull_back by one thread.
#pragma once

#include "kernels/batch/team.hpp"
#include "kernels/policy/mlp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Thread i has row i of W1 and W2, column i of W3, and where there are so many outputs b3[i].
template <class Network, class S>
class MlpTeam {
 public:
  static constexpr int n_in = Network::n_in;
  static constexpr int n_hidden = Network::n_hidden;
  static constexpr int n_out = Network::n_out;
  static constexpr int threads = n_hidden;
  static_assert(n_out <= threads, "a thread has one output at most");

  /// Rows lie an odd number apart, so that threads read rows and columns from different banks.
  struct Shared {
    S w2[n_hidden][n_hidden + 1], w3[n_out][n_hidden + 1];
    S first[n_hidden], second[n_hidden];
    S delta3[n_out], delta2[n_hidden];
  };
  static_assert(sizeof(Shared) <= bytes_of_a_block);

  PHI_HD explicit MlpTeam(Shared& shared) : s_(shared) {}

  /// Takes the weights, and the gradient to go on from: theta_bar's, or zero.
  template <class Parameters, class Gradient>
  PHI_HD void begin(const Parameters& theta, const Gradient& theta_bar, bool afresh) {
    team_.each([&](int i) {
      Unit& u = unit_[i];
      for (int j = 0; j < n_in; ++j) u.w1[j] = theta.template get<S>(Network::w1(i, j));
      u.b1 = theta.template get<S>(Network::b1(i));
      u.b2 = theta.template get<S>(Network::b2(i));
      u.b3 = i < n_out ? theta.template get<S>(Network::b3(i)) : S(0);
      // One after the other, as they lie.
      for (int k = i; k < n_hidden * n_hidden; k += threads) {
        s_.w2[k / n_hidden][k % n_hidden] = theta.template get<S>(Network::layer2 + k);
      }
      for (int k = i; k < n_out * n_hidden; k += threads) {
        s_.w3[k / n_hidden][k % n_hidden] = theta.template get<S>(Network::layer3 + k);
      }
      each_weight(i, [&](int at, S& bar) { bar = afresh ? S(0) : theta_bar.template get<S>(at); });
    });
  }

  /// Adds (∂out/∂θ)ᵀ out_bar at an input, which all threads know.
  PHI_HD void add(const Vec<S, n_in>& input, const Vec<S, n_out>& out_bar) {
    team_.each([&](int i) {
      Unit& u = unit_[i];
      S sum = u.b1;
      for (int j = 0; j < n_in; ++j) sum = fma(u.w1[j], input[j], sum);
      s_.first[i] = u.first = tanh(sum);
    });
    team_.each([&](int i) {
      Unit& u = unit_[i];
      s_.second[i] = u.second = tanh(product(u.b2, s_.w2[i], s_.first));
    });
    team_.each([&](int i) {
      if (i >= n_out) return;
      Unit& u = unit_[i];
      const S out = tanh(product(u.b3, s_.w3[i], s_.second));
      S bar = out_bar[0];  // of output i: an index not known before would put them all in memory
      PHI_UNROLL
      for (int r = 1; r < n_out; ++r) bar = r == i ? out_bar[r] : bar;
      const S delta = Network::through_tanh(bar, out);
      s_.delta3[i] = delta;
      u.b3_bar = u.b3_bar + delta;
    });
    team_.each([&](int i) {
      Unit& u = unit_[i];
      S sum = S(0);
      PHI_UNROLL
      for (int r = 0; r < n_out; ++r) {
        const S delta = s_.delta3[r];
        u.w3_bar[r] = fma(delta, u.second, u.w3_bar[r]);
        sum = fma(s_.w3[r][i], delta, sum);
      }
      s_.delta2[i] = u.delta2 = Network::through_tanh(sum, u.second);
      u.b2_bar = u.b2_bar + u.delta2;
    });
    team_.each([&](int i) {
      Unit& u = unit_[i];
      S sum = S(0);
      PHI_UNROLL
      for (int j = 0; j < n_hidden; ++j) {
        u.w2_bar[j] = fma(u.delta2, s_.first[j], u.w2_bar[j]);
        sum = fma(s_.w2[j][i], s_.delta2[j], sum);
      }
      const S delta1 = Network::through_tanh(sum, u.first);
      PHI_UNROLL
      for (int j = 0; j < n_in; ++j) u.w1_bar[j] = fma(delta1, input[j], u.w1_bar[j]);
      u.b1_bar = u.b1_bar + delta1;
    });
  }

  template <class Gradient>
  PHI_HD void end(const Gradient& theta_bar) {
    team_.each(
        [&](int i) { each_weight(i, [&](int at, const S& bar) { theta_bar.set(at, bar); }); });
  }

 private:
  struct Unit {
    S w1[n_in], b1, b2, b3;
    S first, second, delta2;
    S w1_bar[n_in], b1_bar, w2_bar[n_hidden], b2_bar, w3_bar[n_out], b3_bar;
  };

  /// f(index in θ, gradient) of all that thread i has.
  template <class F>
  PHI_HD void each_weight(int i, const F& f) {
    Unit& u = unit_[i];
    PHI_UNROLL
    for (int j = 0; j < n_in; ++j) f(Network::w1(i, j), u.w1_bar[j]);
    f(Network::b1(i), u.b1_bar);
    PHI_UNROLL
    for (int j = 0; j < n_hidden; ++j) f(Network::w2(i, j), u.w2_bar[j]);
    f(Network::b2(i), u.b2_bar);
    PHI_UNROLL
    for (int r = 0; r < n_out; ++r) f(Network::w3(r, i), u.w3_bar[r]);
    if (i < n_out) f(Network::b3(i), u.b3_bar);
  }

  /// bias + Σ_j w[j] h[j], in the order of j.
  PHI_HD static S product(S bias, const S (&w)[n_hidden + 1], const S (&h)[n_hidden]) {
    S sum = bias;
    PHI_UNROLL
    for (int j = 0; j < n_hidden; ++j) sum = fma(w[j], h[j], sum);
    return sum;
  }

  Shared& s_;
  Team<threads> team_;
  OfEach<Unit, threads> unit_;
};

}  // namespace PHI_ISA
}  // namespace phigrad
