// How much memory this process had at its most.
#pragma once

#include <cstdint>

namespace phigrad {

/// Forgets the peak so far, where the kernel lets it (Linux, /proc/self/clear_refs).
void forget_peak_resident();

/// Bytes resident at most since the start, or since the peak was forgotten; 0 where not known.
std::int64_t peak_resident();

}  // namespace phigrad
