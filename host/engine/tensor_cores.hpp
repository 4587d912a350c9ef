// Whether an engine's gradients are pulled back by tensor cores, and by which kernel.
#pragma once

#include "host/engine/engine.hpp"
#include "host/engine/kernel_registry.hpp"
#include "kernels/entry/robot_kernels.hpp"

namespace phigrad {

/// "off", "tf32x3" or "bf16".
const char* tensor_cores_name(TensorCores t);

/// Null where tensor cores are asked for and the table has no such kernel.
template <class S>
auto pull_back_kernel(const RobotKernels<S>& k, TensorCores t) {
  return t == TensorCores::tf32x3 ? k.pull_back_tf32x3
         : t == TensorCores::bf16 ? k.pull_back_bf16
                                  : k.pull_back;
}

/// Throws Error unless the first GPU, with a bundle's CUDA table (null: there is none), can do what
/// spec.tensor_cores asks for.
void require_tensor_cores(const EngineSpec& spec, const KernelEntry* cuda);

}  // namespace phigrad
