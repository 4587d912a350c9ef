// Sequences of launches that are made again and again, as CUDA graphs: one call launches them all,
// where launching them one by one takes longer than small kernels run.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <vector>

namespace phigrad {

/// The graphs of one stream.
class CudaGraphs {
 public:
  explicit CudaGraphs(cudaStream_t stream) : stream_(stream) {}
  ~CudaGraphs();
  CudaGraphs(const CudaGraphs&) = delete;
  CudaGraphs& operator=(const CudaGraphs&) = delete;

  /// Runs what issue(context) launches, clears and copies on the stream, without waiting for it.
  /// Where a graph was captured of a sequence of the same `arguments` it is launched instead: they
  /// must be all that the sequence depends on. Throws Error(Exit::device), or what issue() throws.
  void run(const std::vector<unsigned char>& arguments, void (*issue)(const void*),
           const void* context);

 private:
  struct Graph {
    std::vector<unsigned char> arguments;
    cudaGraphExec_t executable = nullptr;  // null: ran once, one by one
    std::int64_t used = 0;                 // when, in runs; 0: never
  };

  /// The graph of these arguments, or the one longest unused, emptied for them.
  Graph& find(const std::vector<unsigned char>& arguments);
  void release(Graph& graph) noexcept;
  void capture(Graph& graph, void (*issue)(const void*), const void* context);

  cudaStream_t stream_;
  std::int64_t runs_ = 0;
  std::array<Graph, 4> graphs_;  // what an engine in training repeats is fewer
};

}  // namespace phigrad
