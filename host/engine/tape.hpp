// Whether an engine stores the samples of its batch or simulates them again.
#pragma once

#include <string>

#include "host/engine/engine.hpp"

namespace phigrad {

/// Why the samples of such a batch cannot be simulated again for all that is asked, in one clause;
/// empty: they can.
std::string recompute_obstacle(const EngineSpec& spec, const BatchShape& shape,
                               bool plant_has_own_state);

/// Whether they are: as spec.tape says or, where that is Tape::automatic, where it can be and is
/// expected to be faster: on a GPU that can issue so much more than its memory moves that one more
/// rollout takes less time than the samples on their way. Throws Error(Exit::input) for
/// Tape::recompute where there is an obstacle.
bool recomputes(const EngineSpec& spec, const BatchShape& shape, bool plant_has_own_state,
                bool cuda);

/// Segments that are simulated again at a time, of so many steps each.
int segments_again(int segments, int steps_per_segment);

}  // namespace phigrad
