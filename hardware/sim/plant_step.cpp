#include "hardware/sim/plant_step.hpp"

#include <array>

#include "host/support/error.hpp"
#include "kernels/entry/make_robot_kernels.hpp"
#include "models/car/identified.hpp"
#include "models/double_pendulum/dynamics.hpp"
#include "models/go1/dynamics.hpp"
#include "models/scalar/dynamics.hpp"

namespace phigrad {
namespace {

template <class Plant>
void step_of(double* x, const double* u, const double* pack, double dt, Integrator integrator) {
  Vec<double, Plant::nx> state;
  Vec<double, Plant::nu> input;
  for (int i = 0; i < Plant::nx; ++i) state[i] = x[i];
  for (int i = 0; i < Plant::nu; ++i) input[i] = u[i];
  const auto plant = from_array<Plant::template Params>(pack);
  kernel_detail::with_integrator<Plant>(integrator, [&](auto step) {
    state = decltype(step)::template step<Plant, double>(state, input, plant, dt);
  });
  for (int i = 0; i < Plant::nx; ++i) x[i] = state[i];
}

/// A plant by what the names of its bundles of kernels begin with, or end with.
struct NamedPlant {
  const char* word;
  PlantStep step;  // null: it has a state of its own, which nothing here holds
};

const std::array<NamedPlant, 2> by_end = {
    {{"_single_track", nullptr}, {"_identified", &step_of<IdentifiedCar>}}};
const std::array<NamedPlant, 4> by_beginning = {
    {{"car", &step_of<CarDynamics>},
     {"go1", &step_of<Go1Dynamics>},
     {"double_pendulum", &step_of<DoublePendulumDynamics>},
     {"scalar", &step_of<ScalarDynamics>}}};

PlantStep plant_step_of(const std::string& kernels) {
  for (const NamedPlant& plant : by_end) {
    const std::string word = plant.word;
    if (kernels.size() > word.size() &&
        kernels.compare(kernels.size() - word.size(), word.size(), word) == 0) {
      return plant.step;
    }
  }
  for (const NamedPlant& plant : by_beginning) {
    const std::string word = plant.word;
    if (kernels == word || kernels.rfind(word + "_", 0) == 0) return plant.step;
  }
  return nullptr;
}

}  // namespace

PlantStep find_plant_step(const std::string& kernels) {
  if (const PlantStep step = plant_step_of(kernels)) return step;
  throw Error(Exit::input,
              "the plant of kernels '" + kernels + "' cannot be simulated by the agent",
              "agent.driver", "simulate it in a driver of its own, or use `phigrad train`");
}

}  // namespace phigrad
