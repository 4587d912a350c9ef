#include "hardware/sim/simulated_plant.hpp"

#include "host/engine/kernel_registry.hpp"

namespace phigrad {
namespace {

PlantFunctions<double> plant_of(const std::string& kernels) {
  const KernelEntry& entry = find_cpu_kernels(kernels, "double", usable_cpu_flavours().back());
  return static_cast<const RobotKernels<double>*>(entry.entry())->plant;
}

}  // namespace

SimulatedPlant::SimulatedPlant(const Experiment& e)
    : plant_(plant_of(e.setup.kernels)),
      pack_(e.setup.plant),
      dt_(e.common.rollout.dt_s),
      integrator_(e.setup.plant_integrator),
      state_(static_cast<std::size_t>(plant_.nx), 0.0),
      seen_(e.setup.states.size(), 0.0) {
  begin(seen_.data());
}

void SimulatedPlant::begin(const double* seen) noexcept {
  plant_.begin(seen, pack_.data(), state_.data());
  plant_.observe(state_.data(), seen_.data());
}

void SimulatedPlant::step(const double* u) noexcept {
  plant_.step(state_.data(), u, pack_.data(), dt_, integrator_);
  plant_.observe(state_.data(), seen_.data());
}

}  // namespace phigrad
