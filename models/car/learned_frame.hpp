// What a learned model knows of the car beforehand: that no place differs from another.
#pragma once

#include "kernels/dynamics/learned_model.hpp"
#include "models/car/dynamics.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct CarFeatures {
  using Car = CarDynamics;
  static constexpr int nx = Car::nx;
  static constexpr int nu = Car::nu;
  static constexpr int n_features = 5;  // v, cos φ, sin φ, throttle, steer
  static constexpr int n_rates = nx;

  template <class Real>
  PHI_HD static Vec<Real, n_features> features(const Vec<Real, nx>& x, const Vec<Real, nu>& u) {
    Real sin_h, cos_h;
    sincos(x[Car::heading], sin_h, cos_h);
    return {{x[Car::v], cos_h, sin_h, u[Car::throttle], u[Car::steer]}};
  }
  template <class Real>
  PHI_HD static void features_vjp(const Vec<Real, n_features>& f,
                                  const Vec<Real, n_features>& f_bar,
                                  Cotangent<Real, nx, nu>& bar) {
    bar.x[Car::v] = bar.x[Car::v] + f_bar[0];
    bar.x[Car::heading] = fma(f[1], f_bar[2], fma(-f[2], f_bar[1], bar.x[Car::heading]));
    bar.u[Car::throttle] = bar.u[Car::throttle] + f_bar[3];
    bar.u[Car::steer] = bar.u[Car::steer] + f_bar[4];
  }

  template <class Real>
  PHI_HD static Vec<Real, nx> rates(const Vec<Real, nx>& /*x*/, const Vec<Real, n_rates>& learned) {
    return learned;
  }
  template <class Real>
  PHI_HD static Vec<Real, n_rates> rates_vjp(const Vec<Real, nx>& w, Vec<Real, nx>& /*x_bar*/) {
    return w;
  }
};

using LearnedCar = LearnedModel<CarFeatures>;

}  // namespace PHI_ISA
}  // namespace phigrad
