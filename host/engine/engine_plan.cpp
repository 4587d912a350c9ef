#include "host/engine/engine_plan.hpp"

#include <cstdio>
#include <cstdlib>

#include "host/engine/device.hpp"
#include "host/engine/stretches.hpp"
#include "host/engine/tape.hpp"
#include "host/engine/tensor_cores.hpp"
#include "host/support/error.hpp"
#include "host/support/free_memory.hpp"

namespace phigrad {
namespace {

/// Trajectory-steps a call from which a GPU is expected to be worth its latency: a few launches'
/// time on a processor's core. Not yet measured on a GPU.
constexpr std::int64_t gpu_worth_steps = 100000;

/// A batch of so many bytes fits wherever this program runs.
constexpr std::int64_t fits_anywhere = std::int64_t{64} << 20;

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
KernelSizes sizes_in(const KernelEntry& e, int segments) {
  return kernel_sizes(*static_cast<const RobotKernels<S>*>(e.entry()), segments);
}

KernelSizes sizes_in(const KernelEntry& e, int segments) {
  return e.precision == "float" ? sizes_in<float>(e, segments) : sizes_in<double>(e, segments);
}

BufferSizes buffer_sizes(const EngineSpec& spec, const BackendChoice& backend,
                         const BatchShape& shape) {
  const int processors = backend.cuda ? 0 : ThreadPool::size_for(spec.threads);
  return {sizes_in(*backend.entry, shape.segments), shape, spec.chunk_blocks,
          blocks_at_once(processors), backend.recompute};
}

/// The largest parts that fit, as equal as they can be.
void cut_to_fit(const EngineSpec& spec, EnginePlan& plan) {
  const BatchShape whole = plan.cut.whole;
  BatchCut& cut = plan.cut;
  const auto bytes = [&](int policies, int rollouts) {
    cut.policies = policies;
    cut.rollouts = rollouts;
    return bytes_in_parts(spec, plan.backend, cut);
  };
  // A part of one rollout of many would have no sums.
  const auto has_sums = [&](int rollouts) {
    return rollouts > 1 && whole.rollouts % rollouts != 1;
  };
  const bool by_policies = bytes(1, whole.rollouts) <= plan.may_take;
  const int all = by_policies ? whole.policies : whole.rollouts;
  for (int count = 2; count <= all; count += 1 + count / 16) {
    const int size = (all + count - 1) / count;
    if (!by_policies && !has_sums(size)) continue;
    plan.part_bytes = by_policies ? bytes(size, whole.rollouts) : bytes(1, size);
    if (plan.part_bytes <= plan.may_take) return;
  }
  // Counts were tried in steps that grow: the smallest part may have been left out.
  int least = by_policies ? whole.rollouts : std::min(whole.rollouts, 2);
  while (least < whole.rollouts && !has_sums(least)) ++least;
  plan.part_bytes = bytes(1, least);
  if (plan.part_bytes <= plan.may_take) return;
  const bool told = spec.memory_bytes > 0;
  throw Error(
      Exit::device,
      "the least part of the batch takes " + memory_text(plan.part_bytes) + ", it may take " +
          memory_text(plan.may_take),
      told ? "rollout.memory_mib" : "memory",
      std::string("shorten the rollouts, or ") + (told ? "raise it" : "use a larger machine"));
}

}  // namespace

std::string memory_text(std::int64_t bytes) {
  const double mib = static_cast<double>(bytes) / (1 << 20);
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %s", mib < 1000 ? mib : mib / 1024,
                mib < 1000 ? "MiB" : "GiB");
  return text;
}

BackendChoice choose_backend(const EngineSpec& spec, const BatchShape& shape) {
  if (spec.precision != "float" && spec.precision != "double") {
    throw Error(Exit::input, "unknown precision '" + spec.precision + "'", "precision",
                "use \"float\" or \"double\"");
  }
  if (spec.backend != "cpu" && spec.backend != "cuda" && spec.backend != "auto") {
    throw Error(Exit::usage, "unknown backend '" + spec.backend + "'", "--backend",
                "use cpu, cuda or auto");
  }
  const KernelEntry* const entry = find_cuda_kernels(spec.kernels, spec.precision);
  require_tensor_cores(spec, entry);
  const bool by_tensor_cores = spec.tensor_cores != TensorCores::off;
  BackendChoice choice{};
  if (spec.backend != "cpu") {
    const std::string obstacle =
        entry != nullptr ? cuda_obstacle() : "this program has no CUDA kernels for " + spec.kernels;
    if (spec.backend == "cuda" && !obstacle.empty()) {
      throw Error(Exit::device, "no CUDA: " + obstacle, "--backend cuda",
                  "use --backend cpu, or a build of preset cuda-release on a machine with a GPU");
    }
    const std::int64_t work = shape.trajectories() * shape.slots();
    choice.cuda =
        obstacle.empty() && (spec.backend == "cuda" || by_tensor_cores || work >= gpu_worth_steps);
    if (spec.backend == "auto" && by_tensor_cores) {
      choice.why = "auto: tensor cores are asked for";
    } else if (spec.backend == "auto") {
      choice.why =
          "auto: " + (obstacle.empty() ? std::to_string(work) +
                                             " trajectory-steps a call, the GPU is used from " +
                                             std::to_string(gpu_worth_steps)
                                       : obstacle);
    }
    if (choice.cuda) {
      choice.entry = entry;
      choice.shares_memory = cuda_shares_memory();
    }
  }
  if (!choice.cuda) {
    const char* forced = std::getenv("PHIGRAD_CPU_FLAVOUR");
    const std::string flavour = !spec.flavour.empty() || forced == nullptr ? spec.flavour : forced;
    choice.entry = &find_cpu_kernels(spec.kernels, spec.precision, flavour);
  }
  choice.recompute = recomputes(
      spec, shape, sizes_in(*choice.entry, shape.segments).plant_has_own_state, choice.cuda);
  return choice;
}

std::int64_t engine_bytes(const EngineSpec& spec, const BackendChoice& backend,
                          const BatchShape& shape) {
  const BufferSizes sizes = buffer_sizes(spec, backend, shape);
  return bytes_in(sizes.groups(spec.asked, backend.shares_memory), backend.shares_memory);
}

std::int64_t bytes_in_parts(const EngineSpec& spec, const BackendChoice& backend,
                            const BatchCut& cut) {
  EngineSpec of_part = spec;
  of_part.asked.sums = of_part.asked.sums || cut.by_rollouts();
  const std::int64_t each = engine_bytes(of_part, backend, cut.part(0).shape);
  return cut.ragged() ? each + engine_bytes(of_part, backend, cut.last().shape) : each;
}

EnginePlan plan_engine(const EngineSpec& spec, const BatchShape& shape) {
  check_shape(shape);
  const BackendChoice backend = choose_backend(spec, shape);
  EnginePlan plan{
      backend, {shape, shape.policies, shape.rollouts}, buffer_sizes(spec, backend, shape), {}, {}};
  plan.symbols = plan.sizes.symbols(spec.asked);
  plan.groups = plan.sizes.groups(spec.asked, backend.shares_memory);
  plan.bytes = plan.part_bytes = bytes_in(plan.groups, backend.shares_memory);
  plan.may_take = spec.memory_bytes;
  if (plan.may_take == 0 && plan.bytes > fits_anywhere) {
    plan.may_take = (backend.shares_memory ? free_memory() : free_cuda_memory()) / 4 * 3;
  }
  const bool asked = spec.memory_bytes > 0 || plan.bytes > fits_anywhere;
  if (asked && plan.bytes > plan.may_take) cut_to_fit(spec, plan);
  return plan;
}

}  // namespace phigrad
