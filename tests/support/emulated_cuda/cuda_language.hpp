// What nvcc adds to the language, so that g++ compiles the units of CUDA's kernels: included before
// them. No standard library beyond headers of types: they are compiled for their own instruction
// set.
#pragma once

#include <utility>

#include "tests/support/emulated_cuda/cuda_runtime_api.h"

#define PHI_ON_GPU
#define __global__
#define __launch_bounds__(...)
#define __shared__ static

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  dim3(unsigned x_) : x(x_) {}
};

/// Of the thread that runs.
extern dim3 blockIdx, blockDim, threadIdx;

namespace emulated_cuda {

/// A kernel of which no type is left: call(kernel, arguments) runs one thread of it.
struct Launch {
  void (*call)(void (*kernel)(), void* const* arguments);
  void (*kernel)();
  dim3 grid, block;
  void* const* arguments;
  const size_t* sizes;  // of the arguments, bytes
  size_t count;
};

cudaError_t launch(const Launch& launch, cudaStream_t stream);

/// What the GPU runs was compiled for.
int code_architecture();

template <class... A, size_t... i>
void call(void (*kernel)(A...), void* const* arguments, std::index_sequence<i...>) {
  kernel(*static_cast<const A*>(arguments[i])...);
}

}  // namespace emulated_cuda

/// Of cuda_runtime.h.
template <class... A>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*)(A...)) {
  attributes->ptxVersion = emulated_cuda::code_architecture();
  return cudaSuccess;
}
template <class... A>
cudaError_t cudaLaunchKernel(void (*kernel)(A...), dim3 grid, dim3 block, void** arguments,
                             size_t /*shared_bytes*/, cudaStream_t stream) {
  static constexpr size_t sizes[] = {sizeof(A)...};
  const auto call = [](void (*erased)(), void* const* from) {
    emulated_cuda::call(reinterpret_cast<void (*)(A...)>(erased), from,
                        std::index_sequence_for<A...>{});
  };
  return emulated_cuda::launch(
      {call, reinterpret_cast<void (*)()>(kernel), grid, block, arguments, sizes, sizeof...(A)},
      stream);
}
