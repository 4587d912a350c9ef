#include "host/engine/engine.hpp"

#include "host/engine/engine_in_parts.hpp"
#include "host/engine/engine_of.hpp"
#include "host/engine/engine_plan.hpp"
#include "host/engine/tensor_cores.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

template <class S>
Placement<S> place(const EngineSpec& spec, const BackendChoice& choice) {
  Placement<S> placement;
  placement.kernels = static_cast<const RobotKernels<S>*>(choice.entry->entry());
  if (choice.cuda) {
    placement.device = make_cuda_device();
    placement.description = "cuda, " + placement.device->description();
    placement.runs_on.flavour = "cuda";
  } else {
    placement.device = make_cpu_device(spec.threads);
    const int width = placement.kernels->width;
    placement.description = "cpu " + choice.entry->flavour + ", " + std::to_string(width) +
                            (width == 1 ? " lane, " : " lanes, ") + placement.device->description();
    placement.runs_on = {choice.entry->flavour, width, placement.device->processors()};
  }
  placement.recompute = choice.recompute;
  if (choice.recompute) placement.description += ", samples simulated again";
  if (spec.tensor_cores != TensorCores::off) {
    placement.description +=
        std::string(", networks by tensor cores (") + tensor_cores_name(spec.tensor_cores) + ")";
  }
  if (!choice.why.empty()) placement.description += " (" + choice.why + ")";
  return placement;
}

std::unique_ptr<Engine> whole_engine(const EngineSpec& spec, const BatchShape& shape,
                                     const BackendChoice& choice) {
  if (spec.precision == "float") {
    return std::make_unique<EngineOf<float>>(spec, shape, place<float>(spec, choice));
  }
  return std::make_unique<EngineOf<double>>(spec, shape, place<double>(spec, choice));
}

[[noreturn]] void refuse_training() {
  throw Error(Exit::input, "a batch in parts is not trained where its policies lie", "engine",
              "ask iterations_at_once() first");
}

}  // namespace

void Engine::begin_training(const std::vector<double>& /*theta*/,
                            const std::vector<UpdateRule>& /*rules*/, int /*updates*/) {
  refuse_training();
}
void Engine::train(const TrainingStarts& /*starts*/, TrainingHistory& /*history*/) {
  refuse_training();
}
std::vector<double> Engine::trained() const { refuse_training(); }

std::unique_ptr<Engine> Engine::create(const EngineSpec& spec, const BatchShape& shape) {
  const EnginePlan plan = plan_engine(spec, shape);
  if (plan.cut.parts() == 1) return whole_engine(spec, shape, plan.backend);
  return std::make_unique<EngineInParts>(
      plan, [&](const BatchShape& part) { return whole_engine(spec, part, plan.backend); });
}

}  // namespace phigrad
