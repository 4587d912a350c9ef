#include "host/engine/tensor_cores.hpp"

#include "host/engine/device.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

/// Compute capability from which on tensor cores multiply TF32 and bfloat16.
constexpr int first_capability = 8;

[[noreturn]] void refuse(Exit code, const std::string& why, const char* remedy) {
  throw Error(code, "no tensor cores: " + why, "tensor_cores", remedy);
}

}  // namespace

const char* tensor_cores_name(TensorCores t) {
  return t == TensorCores::tf32x3 ? "tf32x3" : t == TensorCores::bf16 ? "bf16" : "off";
}

void require_tensor_cores(const EngineSpec& spec, const KernelEntry* cuda) {
  if (spec.tensor_cores == TensorCores::off) return;
  if (spec.precision != "float") {
    refuse(Exit::input, "they multiply floats", "use \"off\", or \"precision\": \"float\"");
  }
  if (spec.backend == "cpu") {
    refuse(Exit::input, "this is to run on the CPU", "use \"off\", or --backend cuda");
  }
  const std::string obstacle =
      cuda != nullptr ? cuda_obstacle() : "this program has no CUDA kernels for " + spec.kernels;
  if (!obstacle.empty()) {
    refuse(Exit::device, obstacle,
           "use \"off\", or a build of preset cuda-release on a machine with a GPU");
  }
  const auto& kernels = *static_cast<const RobotKernels<float>*>(cuda->entry());
  if (tensor_core_kernels(kernels, spec.tensor_cores).pull_back == nullptr) {
    refuse(Exit::input, "the policy of " + spec.kernels + " has no network that fits them",
           "use \"off\"");
  }
  if (cuda_capability() < first_capability) {
    refuse(Exit::device,
           "those of a GPU of compute capability " + std::to_string(cuda_capability()) +
               ".x do not multiply floats",
           "use \"off\", or a GPU of 8.0 or later");
  }
  if (!kernels.has_tensor_code()) {
    refuse(Exit::device, "this program's code for this GPU was made for older ones",
           "use \"off\", or build with CMAKE_CUDA_ARCHITECTURES=native");
  }
}

}  // namespace phigrad
