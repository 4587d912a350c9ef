// Robots that hold a reference by a linear feedback whose gains are learned: what their configs and
// setups have in common.
#pragma once

#include <array>
#include <vector>

#include "host/robots/robot_setup.hpp"
#include "kernels/math/pack.hpp"

namespace phigrad {

/// The `policy` section: u = u_ff − θ (x − x_ref).
struct GainsSettings {
  int steps_per_segment = 10;

  template <class Visitor>
  void describe(Visitor& v) {
    v.tag("type", "linear_feedback", "what is learned: the gains");
    v.field("steps_per_segment", steps_per_segment, v.optional, "steps between decisions",
            v.between(1, 1000000));
  }
};

/// Weights of squares: a step's, and the end's. Subclasses name the units.
template <int NX, int NU>
struct QuadraticWeights {
  std::array<double, NX> state{};
  std::array<double, NU> input{};
  std::array<double, NX> terminal{};

  template <class Visitor>
  void describe_weights(Visitor& v, const char* state_doc, const char* input_doc) {
    v.tag("type", "quadratic", "half the weighted squares of the distance to the reference");
    v.field("state_weights", state, v.optional, state_doc, v.at_least(0));
    v.field("input_weights", input, v.optional, input_doc, v.at_least(0));
    v.field("terminal_weights", terminal, v.optional, "the end's, as state_weights", v.at_least(0));
  }

  /// The objective's pack about `goal`.
  std::vector<double> pack(const std::array<double, NX>& goal) const {
    std::vector<double> all(goal.begin(), goal.end());
    all.insert(all.end(), state.begin(), state.end());
    all.insert(all.end(), input.begin(), input.end());
    all.insert(all.end(), terminal.begin(), terminal.end());
    return all;
  }
};

/// The two integrators of a model that does not name its velocities.
template <class Visitor>
void describe_euler_or_rk4(Visitor& v, Integrator& integrator) {
  v.choice("integrator", integrator,
           {{"euler", Integrator::euler}, {"rk4", Integrator::runge_kutta_4}}, v.optional,
           "of one step: explicit Euler, or RK4");
}

/// A model's parameters as the numbers that the engine takes.
template <template <class> class Params>
std::vector<double> packed(const Params<double>& p) {
  std::vector<double> numbers(pack_size_v<Params>);
  to_array(p, numbers.data());
  return numbers;
}

/// The schedule of `steps` steps, u_ff [nu] and then x_ref(step) [nx]; the gains K (nu, nx), an
/// Eigen matrix, that learning starts with; and the names of the gains.
template <class Input, class Reference, class Matrix>
void follow(RobotSetup& s, int steps, const Input& feed_forward, const Reference& reference,
            const Matrix& K) {
  for (int t = 0; t < steps; ++t) {
    const auto x = reference(t);
    s.schedule.insert(s.schedule.end(), feed_forward.begin(), feed_forward.end());
    s.schedule.insert(s.schedule.end(), x.begin(), x.end());
  }
  std::vector<double> gains;
  for (int i = 0; i < K.rows(); ++i) {
    for (int j = 0; j < K.cols(); ++j) {
      gains.push_back(K(i, j));
      s.decisions.push_back(s.inputs[static_cast<std::size_t>(i)] + " per " +
                            s.states[static_cast<std::size_t>(j)]);
    }
  }
  s.initial_policy = [gains](RandomStream&, int) { return gains; };
}

}  // namespace phigrad
