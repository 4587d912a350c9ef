// Named ranges on the timeline of NVIDIA's profilers; nothing where NVTX is not there.
#pragma once

#ifdef PHIGRAD_HAS_NVTX
#include <nvtx3/nvToolsExt.h>
#endif

namespace phigrad {

/// Marks the time from construction to the end of the scope.
class TraceRange {
 public:
#ifdef PHIGRAD_HAS_NVTX
  explicit TraceRange(const char* name) { nvtxRangePushA(name); }
  ~TraceRange() { nvtxRangePop(); }
#else
  explicit TraceRange(const char* /*name*/) {}
#endif
  TraceRange(const TraceRange&) = delete;
  TraceRange& operator=(const TraceRange&) = delete;
};

}  // namespace phigrad
