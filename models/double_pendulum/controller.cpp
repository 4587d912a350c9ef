#include "models/double_pendulum/controller.hpp"

#include "host/control/linearise.hpp"
#include "host/control/riccati.hpp"

namespace phigrad {
namespace {

using Eigen::MatrixXd;
using Pendulum = DoublePendulumDynamics;

template <std::size_t N>
MatrixXd diagonal(const std::array<double, N>& weights) {
  return Eigen::Map<const Eigen::VectorXd>(weights.data(), N).asDiagonal();
}

PendulumParams design_model(const PendulumDesign& d, const PendulumDesignTask& task) {
  return scaled(task.plant, d.mass_scale, d.length_scale);
}

PendulumState equilibrium(const PendulumDesign& d) {
  return {{d.equilibrium[0], d.equilibrium[1], d.equilibrium[2], d.equilibrium[3]}};
}

std::vector<MatrixXd> gains_of(const ContinuousLqr& d, const PendulumDesignTask& task,
                               const Place& /*at*/) {
  const PendulumParams p = design_model(d, task);
  const PendulumState x = equilibrium(d);
  const LinearSystem s = linearise_model<Pendulum>(x, Pendulum::gravity_torque(x, p), p);
  return {continuous_lqr(s.A, s.B, diagonal(d.state_weights), diagonal(d.input_weights))};
}

std::vector<MatrixXd> gains_of(const DiscreteLqr& d, const PendulumDesignTask& task,
                               const Place& /*at*/) {
  const PendulumParams p = design_model(d, task);
  const PendulumState x = equilibrium(d);
  const LinearSystem s =
      linearise_step<Pendulum>(task.integrator, x, Pendulum::gravity_torque(x, p), p, task.dt);
  return {discrete_lqr(s.A, s.B, diagonal(d.state_weights), diagonal(d.input_weights))};
}

std::vector<MatrixXd> gains_of(const TimeVaryingLqr& d, const PendulumDesignTask& task,
                               const Place& at) {
  if (task.reference == nullptr) {
    at.key("type").fail("gains along a reference, and the policy has none",
                        "use policy.type \"trajectory\", or \"lqr_continuous\" here");
  }
  const PendulumParams p = design_model(d, task);
  std::vector<MatrixXd> A, B;
  for (std::size_t t = 0; t < task.reference->torques.size(); ++t) {
    const LinearSystem s = linearise_step<Pendulum>(task.integrator, task.reference->states[t],
                                                    task.reference->torques[t], p, task.dt);
    A.push_back(s.A);
    B.push_back(s.B);
  }
  return time_varying_lqr(A, B, diagonal(d.state_weights), diagonal(d.input_weights),
                          diagonal(d.terminal_weights));
}

std::vector<MatrixXd> gains_of(const GivenGains& given, const PendulumDesignTask& /*task*/,
                               const Place& /*at*/) {
  MatrixXd K(Pendulum::nu, Pendulum::nx);
  for (int r = 0; r < Pendulum::nu; ++r) {
    for (int c = 0; c < Pendulum::nx; ++c) {
      K(r, c) = given.gains(static_cast<std::size_t>(r), static_cast<std::size_t>(c));
    }
  }
  return {K};
}

}  // namespace

std::vector<MatrixXd> design_gains(const PendulumController& controller,
                                   const PendulumDesignTask& task, const Place& at) {
  return std::visit(
      [&](const auto& one) {
        std::vector<MatrixXd> gains = gains_of(one, task, at);
        for (MatrixXd& K : gains) K *= one.scale;
        return gains;
      },
      controller);
}

}  // namespace phigrad
