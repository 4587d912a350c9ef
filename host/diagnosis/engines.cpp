#include "host/diagnosis/engines.hpp"

#include "host/experiment/rollout_source.hpp"
#include "host/experiment/simulated_start.hpp"

namespace phigrad {

BatchShape simulated_shape(const Experiment& e, int policies, int rollouts) {
  BatchShape shape;
  shape.policies = policies;
  shape.rollouts = rollouts;
  shape.segments = e.common.rollout.segments;
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  return shape;
}

std::unique_ptr<Engine> double_engine(const Experiment& e, const BatchShape& shape) {
  auto engine = Engine::create(engine_spec(e, "cpu", "double", shape.segments), shape);
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  return engine;
}

void simulate_starts(const Experiment& e, Engine& engine, int iteration) {
  SimulatedStarts starts;
  const BatchShape& shape = engine.shape();
  // A policy with one rollout is a rollout of its own.
  const bool alone = shape.rollouts == 1;
  for (int p = 0; p < shape.policies; ++p) {
    for (int r = 0; r < shape.rollouts; ++r) {
      starts.add(e, {e.common.seed, static_cast<std::uint32_t>(alone ? p : r),
                     static_cast<std::uint32_t>(iteration)});
    }
  }
  engine.disturb(starts.disturbance);
  engine.simulate(starts.states, starts.times);
}

RolloutInEngine::RolloutInEngine(const Experiment& e, const LoggedRollout& rollout, int copies) {
  const GridSize size = grid_size({rollout}, e.setup.steps_per_segment);
  BatchShape shape = simulated_shape(e, copies, 1);
  shape.segments = size.segments;
  shape.steps_per_segment = size.steps_per_segment;
  shape.ragged = true;
  engine = double_engine(e, shape);
  grid = lay_on_grid(rollout, size, engine->nz()).grid;
  engine->load(std::vector<GridTrajectory>(static_cast<std::size_t>(copies), grid));
}

}  // namespace phigrad
