#include "tests/support/emulated_cuda/emulated_gpu.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "tests/support/emulated_cuda/emulated_state.hpp"

dim3 blockIdx(0), blockDim(1), threadIdx(0);

namespace emulated_cuda {
namespace {

/// For suites that do not choose: one with a memory of its own, or a Jetson.
Properties from_environment() {
  Properties p;
  const char* const kind = std::getenv("PHIGRAD_EMULATED_GPU");
  p.integrated = kind != nullptr && std::strcmp(kind, "integrated") == 0;
  p.concurrent_managed_access = !p.integrated;
  return p;
}

}  // namespace

Gpu& gpu() {
  static Gpu one{from_environment(), {}, {}, {}, {}, cudaSuccess, {}};
  return one;
}

std::lock_guard<std::recursive_mutex> alone() {
  return std::lock_guard<std::recursive_mutex>(gpu().mutex);
}

cudaError_t answer(cudaError_t error) {
  if (error != cudaSuccess) gpu().last = error;
  return error;
}

void misused(const char* how) {
  std::fprintf(stderr, "emulated GPU: %s\n", how);
  std::abort();
}

void close_memory() {
  gpu().memory.close([](const void* stream) {
    if (gpu().properties.concurrent_managed_access) return false;
    for (const cudaStream_t s : gpu().streams) {
      if ((stream == nullptr || stream == s) && !s->work.empty()) return true;
    }
    return false;
  });
}

bool breaks_capture() {
  bool any = false;
  for (cudaStream_t s : gpu().streams) {
    if (s->captured == nullptr) continue;
    s->broken = any = true;
  }
  return any;
}

cudaError_t enqueue(cudaStream_t stream, Work work) {
  if (gpu().streams.count(stream) == 0) return answer(cudaErrorInvalidValue);
  if (stream->captured != nullptr) {
    stream->captured->work.push_back(std::move(work));
    return cudaSuccess;
  }
  const bool first = stream->work.empty();
  stream->work.push_back(std::move(work));
  if (first) close_memory();
  return cudaSuccess;
}

void drain(cudaStream_t stream) {
  if (stream->work.empty()) return;
  for (const Work& w : stream->work) w();
  stream->work.clear();
  close_memory();
}

void reset(const Properties& properties) {
  const auto lock = alone();
  const Counts& c = gpu().counts;
  if (c.streams + c.allocations + c.managed + c.graphs != 0) misused("reset while it is in use");
  gpu().counts = {};
  gpu().properties = properties;
  gpu().loaded.clear();
  gpu().last = cudaSuccess;
}

const Counts& counts() { return gpu().counts; }

int code_architecture() { return gpu().properties.code; }

cudaError_t launch(const Launch& l, cudaStream_t stream) {
  const auto lock = alone();
  if (l.grid.x == 0 || l.block.x == 0 || l.block.x > 1024) return answer(cudaErrorInvalidValue);
  if (gpu().loaded.insert(l.kernel).second && stream->captured != nullptr) {
    stream->broken = true;  // lazy loading
    return answer(cudaErrorStreamCaptureUnsupported);
  }
  ++gpu().counts.launches;
  std::vector<std::vector<std::max_align_t>> held;
  for (size_t i = 0; i < l.count; ++i) {
    held.emplace_back((l.sizes[i] + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t));
    std::memcpy(held.back().data(), l.arguments[i], l.sizes[i]);
  }
  return enqueue(
      stream, [held, call = l.call, kernel = l.kernel, grid = l.grid, block = l.block]() mutable {
        ++gpu().counts.kernels;
        gpu().memory.open();
        std::vector<void*> arguments;
        for (auto& one : held) arguments.push_back(one.data());
        blockDim = block;
        for (unsigned i = grid.x * block.x; i-- > 0;) {
          blockIdx.x = i / block.x;
          threadIdx.x = i % block.x;
          call(kernel, arguments.data());
        }
      });
}

}  // namespace emulated_cuda
