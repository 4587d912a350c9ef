// The gradient of a rollout that is still being driven, segment by segment as it comes in.
#pragma once

#include <optional>
#include <string>

#include "hardware/link/reassembly.hpp"
#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"
#include "host/rollouts/rollout_grid.hpp"

namespace phigrad {

/// Keeps one rollout's segments loaded and differentiated, under the windows of a rollout as long
/// as the config's. Of one that turns out shorter or longer, in chains beyond a segment, and of
/// several rollouts an update the engine computes all at the end: to the same bits.
class GradientAhead {
 public:
  GradientAhead(const Experiment& experiment, const GridSize& size);

  /// From now on rollouts are driven under the policy that `engine` holds, made for one rollout.
  void start(Engine& engine);

  /// Takes no more: the engine may go.
  void stop() { engine_ = nullptr; }

  /// Takes the segments that are whole by now. Of several rollouts it follows the first.
  void grew(const std::string& robot, const link::Reassembly& rollout);

  /// The robot's rollout goes no further.
  void dropped(const std::string& robot);

  /// Loads the rollout that the iteration takes into the engine that start() was given: what is
  /// missing of the one it followed, or all.
  void load(const LoggedRollout& rollout, Engine& engine);

  int segments() const { return loaded_; }  // of the last load(), differentiated before it

 private:
  bool fits(const link::RolloutBegin& begin) const;
  /// All its samples are there, and fit the grid.
  bool is_whole(int segment) const;
  bool begins(const LoggedRollout& rollout) const;

  const Experiment& experiment_;
  GridSize size_;
  GradientOptions options_;
  std::optional<Windows> windows_;  // nothing: the config's rollouts hold none
  Engine* engine_ = nullptr;
  std::string robot_;  // that drives the rollout followed; empty: none
  LoggedRollout rollout_;
  int loaded_ = 0;  // segments
};

}  // namespace phigrad
