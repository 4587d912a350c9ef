// A GPU made of host code, behind the CUDA runtime's functions, stricter than a GPU: what goes
// wrong there by chance goes wrong here always.
//
// Work on a stream waits until it is waited for, so that a copy reads, and a result is, what the
// host memory holds then. Device memory is no host memory: touched by the host it is a
// segmentation fault, and so is managed memory of a GPU without concurrent access while work of its
// stream waits. Allocations end at a page that nobody may touch and begin as NaNs. The threads of a
// launch run in no order that helps: the last one first.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emulated_cuda {

struct Properties {
  int devices = 1;
  bool driver = true;
  bool integrated = false;
  bool managed_memory = true;
  bool concurrent_managed_access = true;
  int multiprocessors = 16;
  int capability = 9;  // major
  int code = 90;       // architecture that its code was compiled for
  int clock_khz = 1000000, memory_clock_khz = 1000000, bus_bits = 1024;
  int l2_bytes = 4 << 20;
  std::size_t memory = std::size_t{1} << 32;  // bytes, what cudaMalloc gives in all
};

/// Calls since reset(), and what is alive.
struct Counts {
  std::int64_t kernels = 0;  // that ran, from graphs too
  std::int64_t launches = 0, copies = 0, waits = 0;
  std::int64_t captures = 0, graph_launches = 0;
  std::int64_t streams = 0, allocations = 0, managed = 0, graphs = 0;  // alive
};

/// Another GPU, of which nothing was asked yet. What the last one was asked for must be gone.
void reset(const Properties& properties = {});

const Counts& counts();

}  // namespace emulated_cuda
