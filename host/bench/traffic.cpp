#include "host/bench/traffic.hpp"

#include <algorithm>

namespace phigrad {
namespace {

/// Numbers that one trajectory has in the engine's arrays.
struct Arrays {
  double samples;    // states and inputs
  double decisions;  // and as many in their gradient
  double times;      // of segments
  double head;       // ∂z/∂x of all segments, where the adjoint asks for it; else 0
  double passed;     // what the adjoint reads of the policy where it does not
  double decided;    // states that the head saw
  double theta;      // where every trajectory has its own policy; else 0
  double theta_bar;

  Arrays(const BenchCase& c, const Engine& e) {
    const double segments = e.shape().segments, slots = e.shape().slots();
    samples = slots * (e.nx() + e.nu()) + e.nx();
    decisions = segments * e.nz();
    times = segments;
    const GradientSettings& gradient = c.experiment.common.gradient;
    const bool through_head = gradient.chain != Chain::segment && e.head_depends_on_state();
    const bool jacobian =
        through_head && passes_decisions_again(gradient.chain, gradient.truncate_steps);
    head = jacobian ? segments * e.nz() * e.nx() : 0;
    decided = e.head_depends_on_state() ? segments * e.nx() : 0;
    theta = e.shape().rollouts < e.runs_on().lanes ? e.parameters() : 0;
    passed = through_head && !jacobian ? theta + decided + times : 0;
    theta_bar = e.parameters();
  }

  double rollout() const { return theta + times + samples + decisions; }
  double adjoint() const {
    const double head_kernel = head > 0 ? theta + decided + times + head : 0;
    return head_kernel + passed + samples + decisions + times + head + decisions;
  }
  double pull_back() const { return theta + decisions + decided + times + theta_bar; }
  double reduce() const { return theta_bar; }
  /// In memory at once; the gradients of θ go through one chunk that is used again.
  double held() const { return samples + 2 * decisions + times + head + theta; }
};

}  // namespace

Traffic traffic_of(const BenchCase& c, const std::string& what, const Engine& engine) {
  if (c.experiment.common.rollout.tape == Tape::recompute) return {};
  const Arrays a(c, engine);
  const double size = c.experiment.common.precision == Precision::single_ ? 4 : 8;
  const double each = size / engine.shape().slots();
  Traffic traffic;
  traffic.bytes_held = a.held() * size * static_cast<double>(engine.shape().trajectories());
  traffic.bytes_near = traffic.bytes_held;
  if (what == "rollout" || what == "adjoint") {
    const double numbers = what == "rollout" ? a.rollout() : a.adjoint();
    traffic.bytes_per_step = traffic.stored_per_step = numbers * each;
  } else if (what == "gradient" || what == "iteration" || what == "population") {
    const double sums = engine.shape().rollouts > 1 ? a.reduce() : 0;
    traffic.bytes_per_step = (a.rollout() + a.adjoint() + a.pull_back() + sums) * each;
    traffic.stored_per_step = a.held() * each;
    const double parts = static_cast<double>(bytes_at_once) * std::max(engine.runs_on().threads, 1);
    traffic.bytes_near = std::min(traffic.bytes_held, parts);
  } else {
    return {};
  }
  return traffic;
}

}  // namespace phigrad
