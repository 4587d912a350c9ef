// Faults of rollouts on record: clock, segments, commands, numbers.
#pragma once

#include "host/diagnosis/evidence.hpp"

namespace phigrad {

/// Counts them. Commands are recomputed from what is on record, unless the config has noise on its
/// inputs, of which the record does not tell.
StreamNumbers stream_numbers(const Experiment& experiment,
                             const std::vector<LoggedRollout>& rollouts);

/// Whether it can be gone by: finite, not quarantined, its segments in order and as many as their
/// times, one more or less (the recordings of the real car have that).
bool sound(const LoggedRollout& rollout);

}  // namespace phigrad
