#include "hardware/agent/control_policy.hpp"

#include <algorithm>
#include <string>

#include "host/engine/kernel_registry.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr LaunchRange one_block{0, 1, nullptr};

/// The kernels of the flavour that runs on every processor of this kind: the last and plainest.
const RobotKernels<double>& kernels_of(const std::string& bundle) {
  const KernelEntry& entry = find_cpu_kernels(bundle, "double", usable_cpu_flavours().back());
  return *static_cast<const RobotKernels<double>*>(entry.entry());
}

[[noreturn]] void refuse(const Experiment& e, const std::string& problem,
                         const std::string& remedy) {
  throw Error(Exit::input, problem, "robot " + e.robot + ", kernels " + e.setup.kernels, remedy);
}

}  // namespace

Rows<double> ControlPolicy::rows(std::vector<double>& numbers, int n) {
  numbers.assign(static_cast<std::size_t>(n) * static_cast<std::size_t>(k_.width), 0.0);
  return {numbers.data(), {k_.width, std::int64_t{n} * k_.width, k_.width}};
}

ControlPolicy::ControlPolicy(const Experiment& e)
    : k_(kernels_of(e.setup.kernels)),
      parameters_(k_.parameters(1)),
      steps_(e.setup.steps_per_segment),
      integrator_(e.setup.plant_integrator) {
  if (k_.parameters(2) != parameters_) {
    refuse(e, "a policy with parameters of its own for every segment cannot run on board",
           "choose a policy that is a function of the state, as \"spline_network\"");
  }
  if (k_.nx > most_states || k_.nu > most_inputs || k_.nz > most_decisions) {
    refuse(e, "the robot has more states, inputs or decisions than the agent takes",
           "at most 16 states, 16 inputs and 46 numbers a decision");
  }
  slots_ = e.common.rollout.segments * steps_;
  const auto scheduled = static_cast<std::size_t>(slots_) * static_cast<std::size_t>(k_.n_schedule);
  if (e.setup.policy.size() != static_cast<std::size_t>(k_.policy_size) ||
      e.setup.plant.size() != static_cast<std::size_t>(k_.plant_size) ||
      e.setup.schedule.size() != scheduled) {
    refuse(e, "the config gives the policy another number of settings than it has",
           "use a config of this robot");
  }
  settings_ = e.setup.policy;
  schedule_ = e.setup.schedule;
  zeros_.assign(static_cast<std::size_t>(parameters_), 0.0);
  before_.assign(static_cast<std::size_t>(k_.nz), 0.0);
  decision_ = before_;

  batch_.segments = 1;
  batch_.steps_per_segment = 1;
  batch_.dt = e.common.rollout.dt_s;
  batch_.ragged = true;
  batch_.states = rows(memory_[0], 2 * k_.nx);
  batch_.inputs = rows(memory_[1], k_.nu);
  batch_.decisions = rows(memory_[2], 2 * k_.nz);
  batch_.segment_time = rows(memory_[3], 1);
  batch_.since_refresh = rows(memory_[4], 1);
  batch_.count = rows(memory_[5], 1);
  batch_.decided_at = rows(memory_[6], k_.nx);
  batch_.status = rows(memory_[7], 1);
  commands_ = rows(memory_[8], k_.nu);
  plant_ = rows(memory_[9], std::max(k_.plant_size, 1));
  const double one = 1;
  put(batch_.count, 0, &one, 1);
  put(plant_, 0, e.setup.plant.data(), k_.plant_size);
}

void ControlPolicy::put(const Rows<double>& to, int first, const double* from,
                        int n) const noexcept {
  for (int i = 0; i < n; ++i) std::fill_n(to.at(first + i, 0), k_.width, from[i]);
}

void ControlPolicy::get(const Rows<double>& from, int first, double* to, int n) const noexcept {
  for (int i = 0; i < n; ++i) to[i] = *from.at(first + i, 0);
}

PolicyView<double> ControlPolicy::policy(const double* theta, int slot) const noexcept {
  const double* schedule =
      k_.n_schedule == 0
          ? nullptr
          : schedule_.data() + std::ptrdiff_t{k_.n_schedule} * std::clamp(slot, 0, slots_ - 1);
  return {true, theta, {nullptr, {}}, k_.width, parameters_, settings_.data(), schedule};
}

void ControlPolicy::begin(const double* x, double t_s) noexcept {
  segment_ = -1;
  put(batch_.segment_time, 0, &t_s, 1);
  put(batch_.decided_at, 0, x, k_.nx);
  const double now = 0;
  put(batch_.since_refresh, 0, &now, 1);
  // Of a whole rollout of one step only the decision before the first is wanted, in which the
  // parameters have no part; decided_at serves as the state that it starts from.
  k_.rollout(
      {batch_, policy(zeros_.data(), 0), plant_, batch_.decided_at, integrator_, {}, {}, {0, 1}},
      one_block);
  get(batch_.decisions, 0, before_.data(), k_.nz);
}

void ControlPolicy::refresh(const double* theta, const double* x, double t_s,
                            int segment) noexcept {
  // The decision that the segment starts from: before(), or the one of the segment before.
  if (segment_ >= 0) put(batch_.decisions, 0, decision_.data(), k_.nz);
  segment_ = segment;
  put(batch_.segment_time, 0, &t_s, 1);
  put(batch_.decided_at, 0, x, k_.nx);
  k_.decide({batch_, policy(theta, segment * steps_)}, one_block);
  get(batch_.decisions, k_.nz, decision_.data(), k_.nz);
}

void ControlPolicy::act(const double* x, double since_s, int step, double* u) noexcept {
  put(batch_.states, 0, x, k_.nx);
  put(batch_.since_refresh, 0, &since_s, 1);
  k_.command({batch_, policy(zeros_.data(), segment_ * steps_ + step), {nullptr, {}}, commands_},
             one_block);
  get(commands_, 0, u, k_.nu);
}

}  // namespace phigrad
