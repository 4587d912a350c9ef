#include "hardware/learner/live_rollout.hpp"

#include <algorithm>
#include <cmath>

#include "host/engine/kernel_registry.hpp"
#include "host/records/bson_document.hpp"
#include "host/support/error.hpp"
#include "kernels/entry/robot_kernels.hpp"

namespace phigrad {
namespace {

constexpr std::uint32_t setpoint_columns = 6;

const RobotKernels<double>& kernels_of(const Experiment& e) {
  const KernelEntry& entry = find_cpu_kernels(e.setup.kernels, "double", "");
  return *static_cast<const RobotKernels<double>*>(entry.entry());
}

std::string sizes_text(std::uint64_t nx, std::uint64_t nu, std::uint64_t nz) {
  return std::to_string(nx) + " states, " + std::to_string(nu) + " inputs and " +
         std::to_string(nz) + " numbers a decision";
}

/// Row of the first number that is not finite; nothing where all are.
std::optional<std::size_t> first_not_finite(const std::vector<double>& table, int columns) {
  const auto at =
      std::find_if(table.begin(), table.end(), [](double v) { return !std::isfinite(v); });
  if (at == table.end()) return std::nullopt;
  return static_cast<std::size_t>(at - table.begin()) / static_cast<std::size_t>(columns);
}

std::string events_text(const link::RolloutEnd& end) {
  std::string text;
  for (const link::Event& e : end.events) {
    text += (text.empty() ? ": " : "; ") + printable(e.kind + " " + e.text);
  }
  return text;
}

void append_samples(const link::Reassembly& rollout, LoggedRollout& r) {
  const link::RowsView rows = rollout.samples();
  const bool has_setpoints = rollout.begin().setpoints == setpoint_columns;
  for (auto i = static_cast<std::size_t>(r.samples()); i < rows.rows; ++i) {
    const double* at = rows.row(i);
    r.sample_time.push_back(rollout.begin().task_time_s + *at++);
    r.states.insert(r.states.end(), at, at + r.nx);
    at += r.nx;
    r.inputs.insert(r.inputs.end(), at, at + r.nu);
    at += r.nu;
    if (has_setpoints) r.setpoints.insert(r.setpoints.end(), at, at + setpoint_columns);
  }
}

void append_segments(const link::Reassembly& rollout, LoggedRollout& r) {
  if (r.decisions.empty()) r.decisions = rollout.begin().before;
  const link::RowsView rows = rollout.segments();
  for (auto j = static_cast<std::size_t>(r.segments()); j < rows.rows; ++j) {
    const double* at = rows.row(j);
    // Of a rollout that broke off, segments behind the last sound sample are of no use.
    if (*at > r.samples()) break;
    r.segment_begin.push_back(static_cast<int>(*at++));
    r.segment_time.push_back(*at++);
    r.decided_at.insert(r.decided_at.end(), at, at + r.nx);
    at += r.nx;
    r.decisions.insert(r.decisions.end(), at, at + r.nz);
  }
}

}  // namespace

LiveLimits live_limits(const Experiment& e) {
  const auto times = [](int n, double slack) { return static_cast<int>(std::ceil(n * slack)); };
  const LiveSettings& live = e.common.live;
  LiveLimits limits;
  limits.grid = {times(e.common.rollout.segments, live.segment_slack),
                 times(e.setup.steps_per_segment, live.step_slack)};
  limits.use_tripped = live.use_tripped;
  const RobotKernels<double>& kernels = kernels_of(e);
  if (kernels.parameters(limits.grid.segments) != kernels.parameters(e.common.rollout.segments)) {
    throw Error(Exit::input, "this policy has parameters of its own for every segment",
                "live.segment_slack", "give 1 and let the robot drive rollout.segments segments");
  }
  return limits;
}

void append_rows(const link::Reassembly& rollout, LoggedRollout& r) {
  append_samples(rollout, r);
  append_segments(rollout, r);
}

LiveRollouts::LiveRollouts(const Experiment& experiment)
    : experiment_(experiment),
      limits_(live_limits(experiment)),
      nx_(kernels_of(experiment).nx),
      nu_(kernels_of(experiment).nu),
      nz_(kernels_of(experiment).nz) {}

std::string LiveRollouts::misfit(std::uint32_t nx, std::uint32_t nu, std::uint32_t nz) const {
  const auto own_nx = static_cast<std::uint32_t>(nx_);
  const auto own_nu = static_cast<std::uint32_t>(nu_);
  const auto own_nz = static_cast<std::uint32_t>(nz_);
  if (nx == own_nx && nu == own_nu && nz == own_nz) return "";
  return "it has " + sizes_text(nx, nu, nz) + ", this run's robot has " +
         sizes_text(own_nx, own_nu, own_nz);
}

std::optional<LiveRollout> LiveRollouts::make(const std::string& robot,
                                              const link::Reassembly& rollout,
                                              const link::RolloutEnd& end, std::string& why) const {
  const link::RolloutBegin& begin = rollout.begin();
  why = misfit(begin.nx, begin.nu, begin.nz);
  if (why.empty() && begin.before.size() != static_cast<std::size_t>(nz_)) {
    why = "the decision before its first has " + std::to_string(begin.before.size()) + " numbers";
  }
  if (!why.empty()) return std::nullopt;
  LiveRollout live;
  live.identity = {robot, begin.rollout, begin.policy_version, end.reason,
                   printable(begin.provenance)};
  LoggedRollout& r = live.logged;
  r.log = robot;
  if (!live.identity.text.empty()) r.log += " (" + live.identity.text + ")";
  r.nx = nx_;
  r.nu = nu_;
  r.nz = nz_;
  if (rollout.samples().rows > 0) {
    append_rows(rollout, r);
    // Costs end with the last sample; what followed it was not measured.
    const std::vector<double> last(r.states.end() - r.nx, r.states.end());
    r.states.insert(r.states.end(), last.begin(), last.end());
  }
  if (r.segments() == 0) {
    why = "it has no sound " + std::string(r.samples() == 0 ? "sample" : "segment");
    if (rollout.fault() != link::RolloutFault::none) {
      why += std::string(" (") + link::name(rollout.fault()) + ")";
    }
    return std::nullopt;
  }
  judge(rollout, end, r);
  return live;
}

void LiveRollouts::judge(const link::Reassembly& rollout, const link::RolloutEnd& end,
                         LoggedRollout& r) const {
  const auto quarantine = [&r](const std::string& why) { r.quarantined.push_back(why); };
  if (end.reason == link::EndReason::tripped && !limits_.use_tripped) {
    quarantine("the robot's safety cut it short" + events_text(end));
  }
  if (end.reason == link::EndReason::aborted) quarantine("aborted" + events_text(end));
  if (rollout.fault() != link::RolloutFault::none) {
    quarantine(std::string("what came is at fault: ") + link::name(rollout.fault()) +
               " at number " + std::to_string(rollout.fault_sequence()));
  } else if (!rollout.complete()) {
    quarantine("not all of it came");
  }

  const auto check_finite = [&](const std::vector<double>& table, int columns, const char* what) {
    if (const auto row = first_not_finite(table, columns)) {
      quarantine(std::string(what) + " " + std::to_string(*row) + " is not finite");
    }
  };
  check_finite(r.sample_time, 1, "the time of sample");
  check_finite(r.states, r.nx, "the state of sample");
  check_finite(r.inputs, r.nu, "the input of sample");
  check_finite(r.segment_time, 1, "the time of segment");
  check_finite(r.decided_at, r.nx, "the state before decision");
  check_finite(r.decisions, r.nz, "decision");  // counted from the one before the first

  const double dt_s = experiment_.common.rollout.dt_s;
  if (!(std::abs(rollout.begin().dt_s - dt_s) <= limits_.dt_tolerance * dt_s)) {
    quarantine("its samples are " + std::to_string(rollout.begin().dt_s) +
               " s apart, rollout.dt_s is " + std::to_string(dt_s));
  }
  if (rollout.longest_step_s() > limits_.longest_step * dt_s) {
    quarantine("its clock is at fault: " + std::to_string(rollout.longest_step_s()) +
               " s between two samples");
  }
  for (std::size_t j = 0; j < r.segment_time.size(); ++j) {
    const bool rises = j == 0 || r.segment_time[j] > r.segment_time[j - 1];
    const auto begin = static_cast<std::size_t>(r.segment_begin[j]);
    const double skew_s =
        begin < r.sample_time.size() ? std::abs(r.segment_time[j] - r.sample_time[begin]) : 0;
    if (rises && skew_s <= limits_.segment_skew_s) continue;
    quarantine("its clock is at fault: segment " + std::to_string(j) +
               (rises ? " is " + std::to_string(skew_s) + " s off its first sample"
                      : " was decided no later than the one before"));
    break;
  }

  const GridSize needed = grid_size({r}, 1);
  if (needed.segments > limits_.grid.segments ||
      needed.steps_per_segment > limits_.grid.steps_per_segment) {
    quarantine("too long: " + std::to_string(needed.segments) + " segments of up to " +
               std::to_string(needed.steps_per_segment) + " steps, there is room for " +
               std::to_string(limits_.grid.segments) + " of " +
               std::to_string(limits_.grid.steps_per_segment));
  }
  try {
    windows_over({r}, experiment_);
  } catch (const Error&) {
    quarantine("too short: its " + std::to_string(r.segments()) +
               " segments hold no window of the config's");
  }
}

}  // namespace phigrad
