// Heads: how the parameters θ become the decision z of a segment (setpoint and gain corrections, or
// whatever the tracker below takes). A head is refreshed once a segment.
#pragma once

#include "kernels/math/dual.hpp"
#include "kernels/policy/mlp.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// A decision on its way back: where and when it was taken, and the cotangent of z.
template <class Real, int NX, int NZ>
struct DecisionBar {
  Vec<Real, NX> x;
  Real t;  // s
  int segment;
  Vec<Real, NZ> z_bar;
};

/// What heads share that correct a nominal decision: z = nominal(t) + scale ∘ correction. Frame
/// names the nominal decision: nz, nx, Settings, nominal(t, settings), before(x, t, settings) (the
/// decision that precedes the first).
template <class Frame>
struct CorrectingHead {
  static constexpr int nx = Frame::nx;
  static constexpr int nz = Frame::nz;
  template <class Real>
  struct Settings {
    typename Frame::template Settings<Real> frame;
    Real scale[nz];
  };

  /// The decision in force before the first segment, and what a policy of zeros decides.
  template <class Real, class S>
  PHI_HD static Vec<Real, nz> before(const Vec<Real, nx>& x, Real t, const Settings<S>& settings) {
    return Frame::before(x, t, settings.frame);
  }

 protected:
  template <class Real, class S>
  PHI_HD static Vec<Real, nz> corrected(Real t, const Vec<Real, nz>& correction,
                                        const Settings<S>& settings) {
    Vec<Real, nz> z = Frame::nominal(t, settings.frame);
    PHI_UNROLL
    for (int i = 0; i < nz; ++i) z[i] = fma(correction[i], Real(settings.scale[i]), z[i]);
    return z;
  }

  /// The pull-back of z_bar to the correction.
  template <class Real, class S>
  PHI_HD static Vec<Real, nz> correction_bar(const Vec<Real, nz>& z_bar,
                                             const Settings<S>& settings) {
    Vec<Real, nz> bar;
    PHI_UNROLL
    for (int i = 0; i < nz; ++i) bar[i] = z_bar[i] * Real(settings.scale[i]);
    return bar;
  }
};

/// A network decides the correction of each segment; Frame names its inputs too: n_in,
/// inputs(x, t, settings).
template <class Frame, int Hidden>
struct NetworkHead : CorrectingHead<Frame> {
  using Base = CorrectingHead<Frame>;
  using Base::nx;
  using Base::nz;
  template <class Real>
  using Settings = typename Base::template Settings<Real>;
  static constexpr bool depends_on_state = true;
  /// Decisions that are best pulled back together: weights and gradients are in memory.
  static constexpr int at_once = 4;
  using Network = Mlp<Frame::n_in, Hidden, nz>;

  static int parameters(int /*segments*/) { return Network::np; }

  template <class Real, class Parameters, class S>
  PHI_HD static Vec<Real, nz> decide(const Parameters& theta, const Vec<Real, nx>& x, Real t,
                                     int /*segment*/, const Settings<S>& settings) {
    typename Network::template Activations<Real, 1> a;
    Network::template forward<1>(theta, {network_input(x, t, settings)}, a);
    return decided(t, a.out[0], settings);
  }

  // The parts of it, for kernels with ways of their own through the network.

  template <class Real, class S>
  PHI_HD static Vec<Real, Frame::n_in> network_input(const Vec<Real, nx>& x, Real t,
                                                     const Settings<S>& settings) {
    return Frame::inputs(x, t, settings.frame);
  }
  /// z of what the network gave.
  template <class Real, class S>
  PHI_HD static Vec<Real, nz> decided(Real t, const Vec<Real, nz>& output,
                                      const Settings<S>& settings) {
    return Base::corrected(t, output, settings);
  }
  /// The pull-back of z_bar to what the network gave.
  template <class Real, class S>
  PHI_HD static Vec<Real, nz> output_bar(const Vec<Real, nz>& z_bar, const Settings<S>& settings) {
    return Base::correction_bar(z_bar, settings);
  }

  /// What the network is given at a state, and how it answers to the state.
  template <class Real>
  class InputAt {
   public:
    template <class S>
    PHI_HD InputAt(const Vec<Real, nx>& x, const Real& t, const Settings<S>& settings) {
      Vec<Dual<Real, nx>, nx> seeded;
      PHI_UNROLL
      for (int i = 0; i < nx; ++i) seeded[i] = Dual<Real, nx>::variable(x[i], i);
      inputs_ = Frame::inputs(seeded, Dual<Real, nx>(t), settings.frame);
    }

    PHI_HD Vec<Real, Frame::n_in> values() const {
      Vec<Real, Frame::n_in> v;
      PHI_UNROLL
      for (int i = 0; i < Frame::n_in; ++i) v[i] = inputs_[i].value;
      return v;
    }
    /// From the cotangent of the input to that of the state.
    PHI_HD Vec<Real, nx> pull_back(const Vec<Real, Frame::n_in>& bar) const {
      Vec<Real, nx> x_bar{};
      PHI_UNROLL
      for (int i = 0; i < Frame::n_in; ++i) {
        PHI_UNROLL
        for (int n = 0; n < nx; ++n) x_bar[n] = fma(inputs_[i].tangent[n], bar[i], x_bar[n]);
      }
      return x_bar;
    }

   private:
    Vec<Dual<Real, nx>, Frame::n_in> inputs_;
  };

  /// z̄ ↦ (∂z/∂x)ᵀ z̄ at one state, for any number of z̄.
  template <class Parameters, class Real, class S>
  class StateVjp {
   public:
    PHI_HD StateVjp(const Parameters& theta, const Vec<Real, nx>& x, const Real& t,
                    const Settings<S>& settings)
        : theta_(theta), settings_(settings), input_(x, t, settings) {
      Network::template forward<1>(theta, {input_.values()}, activations_);
    }

    PHI_HD Vec<Real, nx> operator()(const Vec<Real, nz>& z_bar) const {
      return input_.pull_back(
          Network::input_vjp(theta_, activations_, output_bar(z_bar, settings_)));
    }

   private:
    const Parameters& theta_;
    const Settings<S>& settings_;
    InputAt<Real> input_;
    typename Network::template Activations<Real, 1> activations_;
  };

  /// Adds (∂z/∂θ)ᵀ z_bar of n decisions to theta_bar, one after the other.
  template <int n, class Real, class Parameters, class Gradient, class S>
  PHI_HD static void pull_back(const Parameters& theta, const DecisionBar<Real, nx, nz> (&d)[n],
                               const Settings<S>& settings, const Gradient& theta_bar) {
    Vec<Real, Frame::n_in> inputs[n];
    Vec<Real, nz> out_bar[n];
    for (int k = 0; k < n; ++k) {
      inputs[k] = network_input(d[k].x, d[k].t, settings);
      out_bar[k] = output_bar(d[k].z_bar, settings);
    }
    typename Network::template Activations<Real, n> a;
    Network::forward(theta, inputs, a);
    Network::pull_back(theta, inputs, a, out_bar, theta_bar);
  }
};

/// θ is the correction, the same in every segment.
template <class Frame>
struct ConstantCorrectionHead : CorrectingHead<Frame> {
  using Base = CorrectingHead<Frame>;
  using Base::nx;
  using Base::nz;
  template <class Real>
  using Settings = typename Base::template Settings<Real>;
  static constexpr bool depends_on_state = false;
  static constexpr int at_once = 1;

  static int parameters(int /*segments*/) { return nz; }

  template <class Real, class Parameters, class S>
  PHI_HD static Vec<Real, nz> decide(const Parameters& theta, const Vec<Real, nx>& /*x*/, Real t,
                                     int /*segment*/, const Settings<S>& settings) {
    Vec<Real, nz> correction;
    PHI_UNROLL
    for (int i = 0; i < nz; ++i) correction[i] = theta.template get<Real>(i);
    return Base::corrected(t, correction, settings);
  }

  template <int n, class Real, class Parameters, class Gradient, class S>
  PHI_HD static void pull_back(const Parameters& /*theta*/, const DecisionBar<Real, nx, nz> (&d)[n],
                               const Settings<S>& settings, const Gradient& theta_bar) {
    for (const auto& one : d) {
      const Vec<Real, nz> bar = Base::correction_bar(one.z_bar, settings);
      PHI_UNROLL
      for (int i = 0; i < nz; ++i) theta_bar.add(i, bar[i]);
    }
  }
};

/// z of segment j is θ_j itself: trajectory parameters x̄_0 … x̄_T, or open-loop inputs. One more
/// than there are segments, so that a trajectory has its end; the last moves nothing.
template <int NX, int NZ>
struct SegmentHead {
  static constexpr int nx = NX;
  static constexpr int nz = NZ;
  static constexpr bool depends_on_state = false;
  static constexpr int at_once = 1;
  template <class Real>
  struct Settings {};

  static int parameters(int segments) { return (segments + 1) * nz; }

  template <class Real, class Parameters, class S>
  PHI_HD static Vec<Real, nz> decide(const Parameters& theta, const Vec<Real, nx>& /*x*/,
                                     Real /*t*/, int segment, const Settings<S>& /*settings*/) {
    Vec<Real, nz> z;
    PHI_UNROLL
    for (int i = 0; i < nz; ++i) z[i] = theta.template get<Real>(segment * nz + i);
    return z;
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, nz> before(const Vec<Real, nx>&, Real, const Settings<S>&) {
    return {};
  }

  template <int n, class Real, class Parameters, class Gradient, class S>
  PHI_HD static void pull_back(const Parameters& /*theta*/, const DecisionBar<Real, nx, nz> (&d)[n],
                               const Settings<S>& /*settings*/, const Gradient& theta_bar) {
    for (const auto& one : d) {
      PHI_UNROLL
      for (int i = 0; i < nz; ++i) theta_bar.add(one.segment * nz + i, one.z_bar[i]);
    }
  }
};

/// z is θ in every segment: a constant setpoint, or the gains of linear feedback.
template <int NX, int NZ>
struct ConstantHead {
  static constexpr int nx = NX;
  static constexpr int nz = NZ;
  static constexpr bool depends_on_state = false;
  static constexpr int at_once = 1;
  template <class Real>
  struct Settings {};

  static int parameters(int /*segments*/) { return nz; }

  template <class Real, class Parameters, class S>
  PHI_HD static Vec<Real, nz> decide(const Parameters& theta, const Vec<Real, nx>& /*x*/,
                                     Real /*t*/, int /*segment*/, const Settings<S>& /*settings*/) {
    Vec<Real, nz> z;
    PHI_UNROLL
    for (int i = 0; i < nz; ++i) z[i] = theta.template get<Real>(i);
    return z;
  }

  template <class Real, class S>
  PHI_HD static Vec<Real, nz> before(const Vec<Real, nx>&, Real, const Settings<S>&) {
    return {};
  }

  template <int n, class Real, class Parameters, class Gradient, class S>
  PHI_HD static void pull_back(const Parameters& /*theta*/, const DecisionBar<Real, nx, nz> (&d)[n],
                               const Settings<S>& /*settings*/, const Gradient& theta_bar) {
    for (const auto& one : d) {
      PHI_UNROLL
      for (int i = 0; i < nz; ++i) theta_bar.add(i, one.z_bar[i]);
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
