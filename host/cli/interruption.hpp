// Ctrl-C: the first ends a run where it can be gone on with, the next one ends the process.
#pragma once

#include <atomic>

namespace phigrad {

/// From now on SIGINT and SIGTERM set the flag that is returned, once; it is cleared here.
const std::atomic<bool>& stop_on_interruption();

}  // namespace phigrad
