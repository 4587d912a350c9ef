#ifdef PHIGRAD_HAS_CUDA

#include "host/engine/cuda_graph.hpp"

#include <algorithm>
#include <utility>

#include "host/engine/cuda_check.hpp"

namespace phigrad {
namespace {

void check(cudaError_t status, const char* what, int line) {
  check_cuda(status, what, "host/engine/cuda_graph.cpp", line);
}

}  // namespace

CudaGraphs::~CudaGraphs() {
  for (Graph& g : graphs_) release(g);
}

void CudaGraphs::run(const std::vector<unsigned char>& arguments, void (*issue)(const void*),
                     const void* context) {
  Graph& graph = find(arguments);
  const bool first = graph.used == 0;
  graph.used = ++runs_;
  // What is asked for once is not worth a graph; and kernels are loaded when they are launched
  // first, which may not happen while a stream is captured.
  if (first) return issue(context);
  if (graph.executable == nullptr) capture(graph, issue, context);
  check(cudaGraphLaunch(graph.executable, stream_), "a graph was not launched", __LINE__);
}

CudaGraphs::Graph& CudaGraphs::find(const std::vector<unsigned char>& arguments) {
  const auto same = std::find_if(graphs_.begin(), graphs_.end(), [&](const Graph& g) {
    return g.used > 0 && g.arguments == arguments;
  });
  if (same != graphs_.end()) return *same;
  Graph& graph = *std::min_element(graphs_.begin(), graphs_.end(),
                                   [](const Graph& a, const Graph& b) { return a.used < b.used; });
  graph.used = 0;
  release(graph);
  graph.arguments = arguments;
  return graph;
}

void CudaGraphs::release(Graph& graph) noexcept {
  if (graph.executable == nullptr) return;
  cudaStreamSynchronize(stream_);  // it may still run; what failed there fails the next call too
  cudaGraphExecDestroy(std::exchange(graph.executable, nullptr));
}

void CudaGraphs::capture(Graph& graph, void (*issue)(const void*), const void* context) {
  // Of this thread alone: others may allocate meanwhile.
  check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "no capture", __LINE__);
  cudaGraph_t captured = nullptr;
  try {
    issue(context);
  } catch (...) {
    if (cudaStreamEndCapture(stream_, &captured) == cudaSuccess) cudaGraphDestroy(captured);
    cudaGetLastError();
    throw;
  }
  check(cudaStreamEndCapture(stream_, &captured), "launches were not captured", __LINE__);
  const cudaError_t made = cudaGraphInstantiateWithFlags(&graph.executable, captured, 0);
  cudaGraphDestroy(captured);
  if (made != cudaSuccess) graph.executable = nullptr;
  check(made, "no graph", __LINE__);
}

}  // namespace phigrad

#endif
