// Whether an engine's networks are on tensor cores, and by which kernels.
#pragma once

#include "host/engine/engine.hpp"
#include "host/engine/kernel_registry.hpp"
#include "kernels/entry/robot_kernels.hpp"

namespace phigrad {

/// "off", "tf32x3" or "bf16".
const char* tensor_cores_name(TensorCores t);

/// What tensor cores of a table do as `t` says; of their kernels those are null that it lacks.
template <class S>
TensorCoreKernels<S> tensor_core_kernels(const RobotKernels<S>& k, TensorCores t) {
  return t == TensorCores::tf32x3 ? k.tf32x3
         : t == TensorCores::bf16 ? k.bf16
                                  : TensorCoreKernels<S>{k.rollout, k.adjoint, k.pull_back};
}

/// Has a table's kernels replaced by those.
template <class S>
void use_tensor_cores(RobotKernels<S>& k, TensorCores t) {
  const TensorCoreKernels<S> by = tensor_core_kernels(k, t);
  k.rollout = by.rollout;
  k.adjoint = by.adjoint;
  k.pull_back = by.pull_back;
}

/// Throws Error unless the first GPU, with a bundle's CUDA table (null: there is none), can do what
/// spec.tensor_cores asks for.
void require_tensor_cores(const EngineSpec& spec, const KernelEntry* cuda);

}  // namespace phigrad
