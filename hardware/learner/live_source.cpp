#include "hardware/learner/live_source.hpp"

#include <stdexcept>

#include "host/rollouts/rollout_grid.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr std::chrono::milliseconds poll_time{50};

std::uint64_t version_of(const Experiment& e, int iteration) {
  return e.common.live.first_version + static_cast<std::uint64_t>(iteration);
}

link::Policy announce(const Experiment& e, std::uint64_t version, const std::vector<double>& theta,
                      const SigningKey& key) {
  link::Policy policy;
  policy.version = version;
  policy.hash = hash_parameters(theta.data(), theta.size());
  policy.robot_kind = e.robot;
  policy.parameters = theta.size();
  policy.precision = e.common.precision == Precision::single_
                         ? link::ParameterPrecision::single_precision
                         : link::ParameterPrecision::double_precision;
  policy.signature = sign_seal({e.robot, version, theta.size(), policy.hash}, key);
  return policy;
}

}  // namespace

LiveSource::LiveSource(const Experiment& experiment, RunStore& store, const LiveOptions& options,
                       const SigningKey& key, LiveStatus& status)
    : experiment_(experiment),
      store_(store),
      options_(options),
      grid_(live_limits(experiment).grid),
      key_(key),
      status_(status),
      inbox_(experiment, store, status),
      ahead_(experiment, grid_) {
  inbox_.show(ahead_);
  const LiveSettings& live = experiment.common.live;
  if (!live.rollback) return;
  RollbackSettings rollback;
  rollback.k = live.rollback_sigmas;
  rollback.m = live.rollback_after;
  rollback_.emplace(rollback);
  // What it knew before the run was interrupted. A halt is not repeated: whoever resumes has
  // looked.
  const std::vector<std::vector<Metric>> metrics = store.metrics();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (!metrics[i].empty())
      rollback_->observe(version_of(experiment, static_cast<int>(i)), metrics[i].front().cost);
  }
}

BatchShape LiveSource::shape() const {
  BatchShape shape;
  shape.rollouts = experiment_.common.rollout.per_update;
  shape.segments = grid_.segments;
  shape.steps_per_segment = grid_.steps_per_segment;
  shape.dt = experiment_.common.rollout.dt_s;
  shape.ragged = true;
  return shape;
}

void LiveSource::publish(int iteration, const std::vector<double>& theta) {
  const link::Policy policy =
      announce(experiment_, version_of(experiment_, iteration), theta, key_);
  inbox_.expect(iteration, policy.hash);
  link_->publish(policy, theta);
}

std::optional<Windows> LiveSource::next(int iteration, const std::vector<double>& theta,
                                        Engine& engine) {
  if (link_ == nullptr) throw std::logic_error("a live source without a link");
  if (halted_) {
    throw Error(Exit::safety, "the best policy does not drive as it did: rolled back in vain",
                store_.directory().string(), "look at the robot, then resume the run");
  }
  theta_ = theta;
  ahead_.start(engine);
  publish(iteration, theta);
  const auto wanted = static_cast<std::size_t>(experiment_.common.rollout.per_update);
  while (inbox_.sound().size() < wanted && !stopped()) {
    link_->poll(poll_time);
    if (options_.on_poll) options_.on_poll();
  }
  ahead_.stop();
  if (inbox_.sound().size() < wanted) return std::nullopt;
  if (wanted == 1) {
    ahead_.load(inbox_.sound().front(), engine);
  } else {
    std::vector<GridTrajectory> grids;
    for (const LoggedRollout& r : inbox_.sound()) {
      grids.push_back(lay_on_grid(r, grid_, engine.nz()).grid);
    }
    engine.load(grids);
  }
  return windows_over(inbox_.sound(), experiment_);
}

void LiveSource::publish_learned() {
  constexpr int polls = 6;  // for the link to get it out
  const int iteration = store_.next_iteration();
  publish(iteration, policies_of_iteration(store_, iteration).value());
  for (int i = 0; i < polls; ++i) link_->poll(poll_time);
}

LoggedRollout LiveSource::logged(const Engine& /*engine*/, std::int64_t b) const {
  return inbox_.sound().at(static_cast<std::size_t>(b));
}

std::optional<Replacement> LiveSource::replace_update(int iteration,
                                                      const std::vector<double>& cost) {
  if (!rollback_) return std::nullopt;
  const RollbackAdvice advice =
      rollback_->observe(version_of(experiment_, iteration), cost.front());
  if (advice == RollbackAdvice::go_on) return std::nullopt;
  Replacement replacement{theta_, "halted: the cost is too high, and no policy was better"};
  if (rollback_->has_best()) {
    const auto best =
        static_cast<int>(rollback_->best_version() - version_of(experiment_, 0));  // iteration
    const auto theta = policies_of_iteration(store_, best);
    if (!theta) throw std::logic_error("the store lost the policy of a finished iteration");
    replacement.theta = *theta;
    replacement.why = std::string(advice == RollbackAdvice::halt ? "halted" : "rolled back") +
                      ": the cost rose to " + std::to_string(cost.front()) +
                      ", the policy of iteration " + std::to_string(best + 1) + " with " +
                      std::to_string(rollback_->best_cost()) + " goes out again";
  }
  halted_ = advice == RollbackAdvice::halt;
  if (halted_) {
    for (const link::RobotName& robot : link_->robots()) {
      link_->control(robot, link::Command::stop);
    }
  }
  status_.news.push_back(replacement.why);
  return replacement;
}

}  // namespace phigrad
