#include "models/double_pendulum/reference.hpp"

#include <Eigen/LU>
#include <string>

#include "host/control/linearise.hpp"

namespace phigrad {
namespace {

using Pendulum = DoublePendulumDynamics;

PendulumReference reference_of(const RolloutReference& settings, const PendulumParams& model,
                               Integrator integrator, int slots, double dt, const Place& at) {
  const Matrix& given = settings.torques;
  const auto steps = static_cast<std::size_t>(slots);
  const bool fits = given.rows == 0 || given.rows == 1 || given.rows == steps;
  if (!fits || (given.rows != 0 && given.cols != Pendulum::nu)) {
    at.key("torques_N_m")
        .fail("is " + std::to_string(given.rows) + " x " + std::to_string(given.cols) + ", for " +
                  std::to_string(slots) + " steps of " + std::to_string(Pendulum::nu) + " torques",
              "write one row a step, one row, or none");
  }
  PendulumReference r;
  PendulumState x;
  for (int i = 0; i < Pendulum::nx; ++i) x[i] = settings.start[static_cast<std::size_t>(i)];
  const PendulumInput hold = Pendulum::gravity_torque(x, model);
  for (std::size_t t = 0; t < steps; ++t) {
    const std::size_t row = given.rows == 1 ? 0 : t;
    const PendulumInput u = given.rows == 0 ? hold : PendulumInput{{given(row, 0), given(row, 1)}};
    r.states.push_back(x);
    r.torques.push_back(u);
    x = step_model<Pendulum>(integrator, x, u, model, dt);
  }
  r.states.push_back(x);
  return r;
}

/// The torques at which the joints accelerate so. ẋ is affine in u.
PendulumInput inverse_dynamics(const PendulumState& x, const PendulumInput& accel,
                               const PendulumParams& model) {
  const PendulumState free = Pendulum::derivative(x, PendulumInput{}, model);
  const LinearSystem around = linearise_model<Pendulum>(x, PendulumInput{}, model);
  const Eigen::Vector2d missing(accel[0] - free[Pendulum::rate1], accel[1] - free[Pendulum::rate2]);
  const Eigen::Vector2d u = around.B.bottomRows<2>().lu().solve(missing);
  return {{u[0], u[1]}};
}

PendulumReference reference_of(const SwingReference& settings, const PendulumParams& model,
                               Integrator /*integrator*/, int slots, double dt,
                               const Place& /*at*/) {
  PendulumReference r;
  const double duration = slots * dt;
  for (int t = 0; t <= slots; ++t) {
    // Flash and Hogan, J. Neuroscience 5, 1985: 10 s³ − 15 s⁴ + 6 s⁵.
    const double s = static_cast<double>(t) / slots;
    const double moved = s * s * s * (10 + s * (6 * s - 15));
    const double speed = 30 * s * s * (1 - s) * (1 - s) / duration;
    const double accel = 60 * s * (1 - s) * (1 - 2 * s) / (duration * duration);
    PendulumState x;
    PendulumInput joint_accel;
    for (int i = 0; i < 2; ++i) {
      const auto joint = static_cast<std::size_t>(i);
      const double way = settings.to[joint] - settings.from[joint];
      x[i] = settings.from[joint] + way * moved;
      x[2 + i] = way * speed;
      joint_accel[i] = way * accel;
    }
    r.states.push_back(x);
    if (t < slots) r.torques.push_back(inverse_dynamics(x, joint_accel, model));
  }
  return r;
}

}  // namespace

PendulumReference make_reference(const PendulumReferenceSettings& settings,
                                 const PendulumParams& model, Integrator integrator, int slots,
                                 double dt, const Place& at) {
  return std::visit(
      [&](const auto& one) { return reference_of(one, model, integrator, slots, dt, at); },
      settings);
}

}  // namespace phigrad
