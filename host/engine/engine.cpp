#include "host/engine/engine.hpp"

#include <cstdlib>

#include "host/engine/engine_of.hpp"
#include "host/engine/kernel_registry.hpp"

namespace phigrad {
namespace {

/// Trajectory-steps a call from which a GPU is worth its latency (performance.md: 1e4 to 1e5).
constexpr std::int64_t gpu_worth_steps = 100000;

void check_shape(const BatchShape& s) {
  if (s.policies < 1 || s.rollouts < 1) {
    throw Error(Exit::input, "a batch of no trajectories", "engine",
                "use at least one policy and one rollout");
  }
  if (s.segments < 1 || s.steps_per_segment < 1) {
    throw Error(Exit::input, "trajectories of no steps", "engine",
                "use at least one segment of one step");
  }
  if (!(s.dt > 0)) {
    throw Error(Exit::input, "a time step that is not positive", "engine", "set rollout.dt_s");
  }
}

template <class S>
const RobotKernels<S>* table_of(const KernelEntry& e) {
  return static_cast<const RobotKernels<S>*>(e.entry());
}

/// Whether to use CUDA, and why, in words for the user.
bool choose_cuda(const EngineSpec& spec, const BatchShape& shape, std::string& why) {
  if (spec.backend == "cpu") return false;
  const bool has_kernels = find_cuda_kernels(spec.kernels, spec.precision) != nullptr;
  const std::string obstacle =
      has_kernels ? cuda_obstacle() : "this program has no CUDA kernels for " + spec.kernels;
  if (spec.backend == "cuda") {
    if (!obstacle.empty()) {
      throw Error(Exit::device, "no CUDA: " + obstacle, "--backend cuda",
                  "use --backend cpu, or a build of preset cuda-release on a machine with a GPU");
    }
    return true;
  }
  if (spec.backend != "auto") {
    throw Error(Exit::usage, "unknown backend '" + spec.backend + "'", "--backend",
                "use cpu, cuda or auto");
  }
  if (!obstacle.empty()) {
    why = "auto: " + obstacle;
    return false;
  }
  const std::int64_t work = shape.trajectories() * shape.slots();
  const bool large = work >= gpu_worth_steps;
  why = "auto: " + std::to_string(work) + " trajectory-steps a call, the GPU is used from " +
        std::to_string(gpu_worth_steps);
  return large;
}

}  // namespace

template <class S>
Placement<S> place(const EngineSpec& spec, const BatchShape& shape) {
  Placement<S> placement;
  std::string why;
  if (choose_cuda(spec, shape, why)) {
    placement.device = make_cuda_device();
    placement.kernels = table_of<S>(*find_cuda_kernels(spec.kernels, spec.precision));
    placement.description = "cuda, " + placement.device->description();
    placement.runs_on.flavour = "cuda";
  } else {
    placement.device = make_cpu_device(spec.threads);
    const char* forced = std::getenv("PHIGRAD_CPU_FLAVOUR");
    const std::string flavour = !spec.flavour.empty() || forced == nullptr ? spec.flavour : forced;
    const KernelEntry& entry = find_cpu_kernels(spec.kernels, spec.precision, flavour);
    placement.kernels = table_of<S>(entry);
    const int width = placement.kernels->width;
    placement.description = "cpu " + entry.flavour + ", " + std::to_string(width) +
                            (width == 1 ? " lane, " : " lanes, ") + placement.device->description();
    placement.runs_on = {entry.flavour, width, placement.device->processors()};
  }
  if (!why.empty()) placement.description += " (" + why + ")";
  return placement;
}

std::unique_ptr<Engine> Engine::create(const EngineSpec& spec, const BatchShape& shape) {
  check_shape(shape);
  if (spec.precision == "float") {
    return std::make_unique<EngineOf<float>>(spec, shape, place<float>(spec, shape));
  }
  if (spec.precision == "double") {
    return std::make_unique<EngineOf<double>>(spec, shape, place<double>(spec, shape));
  }
  throw Error(Exit::input, "unknown precision '" + spec.precision + "'", "precision",
              "use \"float\" or \"double\"");
}

}  // namespace phigrad
