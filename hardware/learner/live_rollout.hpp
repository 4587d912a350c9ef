// A rollout as a robot streamed it, as the rollout that replay and training take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hardware/link/reassembly.hpp"
#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/store/records.hpp"

namespace phigrad {

/// What a live rollout may look like at most to be learned from.
struct LiveLimits {
  GridSize grid;                // that the engine's batch has room for
  double longest_step = 5;      // between samples, in rollout.dt_s: beyond, a clock was set forward
  double dt_tolerance = 0.1;    // of the robot's dt_s against rollout.dt_s, in parts
  double segment_skew_s = 0.5;  // between a segment's time and its first sample's
  bool use_tripped = false;     // learn from rollouts that the robot's safety cut short
};

/// As the config's section "live" says. Throws Error(Exit::input) where that leaves room for more
/// segments, and the policy has parameters of its own for every segment.
LiveLimits live_limits(const Experiment& experiment);

/// Who sent a rollout, and as what.
struct LiveIdentity {
  std::string robot;  // authenticated name
  std::uint64_t rollout = 0;
  std::uint64_t policy_version = 0;
  link::EndReason reason = link::EndReason::complete;
  std::string text;  // the robot's own provenance, for people
};

struct LiveRollout {
  LiveIdentity identity;
  LoggedRollout logged;
};

/// Adds the rows of a rollout that `logged`, whose sizes are set, does not have yet: all of its
/// states but the one behind the last sample.
void append_rows(const link::Reassembly& rollout, LoggedRollout& logged);

/// Makes rollouts of one robot's kind.
class LiveRollouts {
 public:
  explicit LiveRollouts(const Experiment& experiment);

  /// Why a robot of these sizes cannot be learned from; empty: it can.
  std::string misfit(std::uint32_t nx, std::uint32_t nu, std::uint32_t nz) const;

  /// What came of a rollout that has ended. Everything that keeps it out of gradients stands in
  /// `logged.quarantined`. Nothing where it is of other sizes than the config's robot, or has no
  /// sound sample or segment: `why` says so.
  std::optional<LiveRollout> make(const std::string& robot, const link::Reassembly& rollout,
                                  const link::RolloutEnd& end, std::string& why) const;

 private:
  void judge(const link::Reassembly& rollout, const link::RolloutEnd& end, LoggedRollout& r) const;

  const Experiment& experiment_;
  LiveLimits limits_;
  int nx_, nu_, nz_;
};

/// The record under which a run keeps it: the arrays of any rollout, and beside them "live_ids"
/// (rollout, policy version, end reason), "live_robot", "live_text" and, where it has any reasons,
/// "quarantined" (a line each). And the way back; nothing where the record is no live rollout's.
/// Throws Error(Exit::input) where arrays do not fit one another.
StoredRollout stored_live(const LiveRollout& live, int iteration, int number);
std::optional<LiveRollout> live_from(const StoredRollout& stored);

/// Who sent a stored rollout; nothing where the record is no live rollout's.
std::optional<LiveIdentity> identity_of(const StoredRollout& stored);

}  // namespace phigrad
