// What the emulated GPU's functions work on.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <vector>

#include "tests/support/emulated_cuda/cuda_language.hpp"
#include "tests/support/emulated_cuda/emulated_gpu.hpp"
#include "tests/support/emulated_cuda/emulated_memory.hpp"

namespace emulated_cuda {

using Work = std::function<void()>;

struct Gpu {
  Properties properties;
  Counts counts;
  Memory memory;
  std::set<cudaStream_t> streams;
  std::set<void (*)()> loaded;  // kernels
  cudaError_t last = cudaSuccess;
  std::recursive_mutex mutex;  // one call at a time, as kernels are run under it
};

Gpu& gpu();
std::lock_guard<std::recursive_mutex> alone();

/// Remembers an error for cudaGetLastError.
cudaError_t answer(cudaError_t error);

/// Behind what was enqueued before, or into the graph that is being captured.
cudaError_t enqueue(cudaStream_t stream, Work work);
/// Does what waits on a stream.
void drain(cudaStream_t stream);
/// Whether a stream is being captured, which what was called then spoils.
bool breaks_capture();
/// What the host may touch of the memory now.
void close_memory();
[[noreturn]] void misused(const char* how);

}  // namespace emulated_cuda

struct CUgraph_st {
  std::vector<emulated_cuda::Work> work;
};
struct CUgraphExec_st {
  std::vector<emulated_cuda::Work> work;
  int waiting = 0;  // launches that are not done
};
struct CUstream_st {
  std::vector<emulated_cuda::Work> work;
  CUgraph_st* captured = nullptr;  // into which work goes instead
  bool broken = false;             // the capture
};
