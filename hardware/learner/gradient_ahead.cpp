#include "hardware/learner/gradient_ahead.hpp"

#include <algorithm>
#include <cstring>

#include "hardware/learner/live_rollout.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

/// Whether `whole` begins with the numbers of `part`, bit for bit.
template <class T>
bool begins_with(const std::vector<T>& whole, const std::vector<T>& part) {
  return part.size() <= whole.size() &&
         (part.empty() || std::memcmp(whole.data(), part.data(), part.size() * sizeof(T)) == 0);
}

}  // namespace

GradientAhead::GradientAhead(const Experiment& experiment, const GridSize& size)
    : experiment_(experiment), size_(size), options_(gradient_options(experiment)) {
  try {
    windows_ = windows_over(experiment.common.rollout.segments, experiment);
  } catch (const Error&) {
    // Rollouts of the config's own length are too short: those that come may be longer.
  }
}

void GradientAhead::start(Engine& engine) {
  engine_ = &engine;
  robot_.clear();
  loaded_ = 0;
}

void GradientAhead::dropped(const std::string& robot) {
  if (robot == robot_) robot_.clear();
}

bool GradientAhead::fits(const link::RolloutBegin& begin) const {
  const auto is = [](std::size_t n, int expected) {
    return n == static_cast<std::size_t>(expected);
  };
  return is(begin.nx, engine_->nx()) && is(begin.nu, engine_->nu()) &&
         is(begin.nz, engine_->nz()) && is(begin.before.size(), engine_->nz());
}

bool GradientAhead::is_whole(int segment) const {
  const auto j = static_cast<std::size_t>(segment);
  if (j + 1 >= rollout_.segment_begin.size()) return false;
  const int end = rollout_.segment_begin[j + 1];
  return end <= rollout_.samples() && end - rollout_.segment_begin[j] <= size_.steps_per_segment;
}

void GradientAhead::grew(const std::string& robot, const link::Reassembly& rollout) {
  if (engine_ == nullptr || !windows_ || experiment_.common.rollout.per_update != 1) return;
  if (!fits(rollout.begin())) return;
  if (robot_.empty()) {
    robot_ = robot;
    loaded_ = 0;
    rollout_ = {};
    rollout_.nx = engine_->nx();
    rollout_.nu = engine_->nu();
    rollout_.nz = engine_->nz();
  }
  if (robot != robot_) return;
  append_rows(rollout, rollout_);
  // One segment less than the grid has: the last one brings the state behind it.
  int whole = loaded_;
  while (whole < size_.segments - 1 && is_whole(whole)) ++whole;
  if (whole == loaded_) return;
  engine_->load_segments(loaded_, lay_segments(rollout_, size_, loaded_, whole));
  engine_->differentiate_ahead(*windows_, options_, whole);
  loaded_ = whole;
}

bool GradientAhead::begins(const LoggedRollout& whole) const {
  return begins_with(whole.states, rollout_.states) && begins_with(whole.inputs, rollout_.inputs) &&
         begins_with(whole.setpoints, rollout_.setpoints) &&
         begins_with(whole.sample_time, rollout_.sample_time) &&
         begins_with(whole.segment_begin, rollout_.segment_begin) &&
         begins_with(whole.segment_time, rollout_.segment_time) &&
         begins_with(whole.decided_at, rollout_.decided_at) &&
         begins_with(whole.decisions, rollout_.decisions);
}

void GradientAhead::load(const LoggedRollout& rollout, Engine& engine) {
  if (robot_.empty() || !begins(rollout)) loaded_ = 0;
  if (loaded_ == 0) {
    engine.load({lay_on_grid(rollout, size_, engine.nz()).grid});
  } else {
    engine.load_segments(loaded_, lay_segments(rollout, size_, loaded_, size_.segments));
  }
}

}  // namespace phigrad
