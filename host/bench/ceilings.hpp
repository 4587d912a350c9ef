// What this machine can do at most, measured: multiply-adds in registers, and bytes a second
// between processor and memory by how much memory is touched.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "host/engine/thread_pool.hpp"
#include "kernels/entry/machine_kernels.hpp"

namespace phigrad {

class Ceilings {
 public:
  /// Of a CPU flavour that is built in and that this processor runs, on so many threads.
  Ceilings(const std::string& flavour, int threads);

  const std::string& flavour() const { return flavour_; }
  int threads() const { return pool_.size(); }
  int lanes(bool single) const { return single ? kernels_.float_lanes : kernels_.double_lanes; }

  /// Floating-point operations a second (a multiply-add is two) in `single` or double precision, of
  /// one thread or of all. Measured once.
  double flops(bool single, bool all_threads);
  /// Arithmetic instructions a second on all threads, each counted once for every lane.
  double lane_instructions(bool single) { return flops(single, true) / (kernels_.fused ? 2 : 1); }

  /// Bytes a second of the triad on all threads over arrays of `bytes` in all, rounded down to a
  /// power of two between 48 KiB and 768 MiB (three arrays). Measured once a size.
  double bandwidth(std::int64_t bytes);
  /// The same far beyond the caches.
  double memory_bandwidth() { return bandwidth(std::int64_t{1} << 62); }

 private:
  const MachineKernels& kernels_;
  std::string flavour_;
  ThreadPool pool_;
  std::map<int, double> flops_;               // by precision and threads
  std::map<std::int64_t, double> bandwidth_;  // by bytes an array
};

}  // namespace phigrad
