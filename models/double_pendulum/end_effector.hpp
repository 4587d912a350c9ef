// Squared distance of the double pendulum's tip to a point, summed over the steps.
#pragma once

#include "kernels/dynamics/vjp.hpp"
#include "kernels/math/elementary.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct EndEffector {
  static constexpr int nx = 4;
  static constexpr int nu = 2;
  static constexpr bool has_path = false;
  template <class Real>
  struct Settings {
    Real target_x, target_y;  // m, from the first joint; y up
    Real length1, length2;    // m, of the links that the score believes in
  };

  template <class Real, class S>
  PHI_HD static Real stage(const Vec<Real, nx>& x, const Vec<Real, nu>& /*u*/, Real /*t*/,
                           const Settings<S>& g) {
    const Tip<Real> tip(x, g);
    return tip.dx * tip.dx + tip.dy * tip.dy;
  }

  template <class Real, class S>
  PHI_HD static Cotangent<Real, nx, nu> stage_gradient(const Vec<Real, nx>& x,
                                                       const Vec<Real, nu>& /*u*/, Real /*t*/,
                                                       const Settings<S>& g) {
    const Tip<Real> tip(x, g);
    const Real outer = Real(g.length2) * (tip.dx * tip.cos12 + tip.dy * tip.sin12);
    const Real inner = Real(g.length1) * (tip.dx * tip.cos1 + tip.dy * tip.sin1);
    Cotangent<Real, nx, nu> c{};
    c.x[0] = Real(2) * (inner + outer);
    c.x[1] = Real(2) * outer;
    return c;
  }

  template <class Real, class S>
  PHI_HD static Real terminal(const Vec<Real, nx>&, Real, const Settings<S>&) {
    return Real(0);
  }
  template <class Real, class S>
  PHI_HD static Vec<Real, nx> terminal_gradient(const Vec<Real, nx>&, Real, const Settings<S>&) {
    return {};
  }

 private:
  template <class Real>
  struct Tip {
    Real sin1, cos1, sin12, cos12;
    Real dx, dy;  // m, tip minus target

    template <class S>
    PHI_HD Tip(const Vec<Real, nx>& x, const Settings<S>& g) {
      sincos(x[0], sin1, cos1);
      sincos(x[0] + x[1], sin12, cos12);
      dx = Real(g.length1) * sin1 + Real(g.length2) * sin12 - Real(g.target_x);
      dy = -(Real(g.length1) * cos1) - Real(g.length2) * cos12 - Real(g.target_y);
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
