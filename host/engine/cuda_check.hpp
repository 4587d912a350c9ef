// The CUDA runtime's answers as errors of this program. For what is compiled with CUDA alone.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "host/support/error.hpp"

namespace phigrad {

/// Throws Error(Exit::device) with `what` and the place unless the call went well; the failure is
/// then reported there, not by the next launch.
inline void check_cuda(cudaError_t status, const char* what, const char* file, int line) {
  if (status == cudaSuccess) return;
  cudaGetLastError();
  throw Error(Exit::device, std::string(what) + ": " + cudaGetErrorString(status),
              std::string(file) + ":" + std::to_string(line), "check the GPU with nvidia-smi");
}

}  // namespace phigrad
