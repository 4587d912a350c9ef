// Every robot with its type, for oracles that run its equations with another Real, made ready.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "host/config/json_document.hpp"
#include "host/engine/engine.hpp"
#include "host/robots/registered.hpp"
#include "tests/support/random_numbers.hpp"
#include "tests/support/robot_configs.hpp"

namespace phigrad {

using AllRobots =
    ::testing::Types<Car, CarCorrections, CarLapTable, CarOnOval, CarWithLearned,
                     DoublePendulumLearned, Go1, DoublePendulumSetpointNetwork,
                     DoublePendulumFeedForwardNetwork, DoublePendulumTrajectory,
                     DoublePendulumOpenLoop, DoublePendulumLinear, DynamicCar, RigidBody,
                     ScalarSetpoint, ScalarTrajectory, ScalarOpenLoop, ScalarLinear>;

struct RobotNames {
  template <class Robot>
  static std::string GetName(int /*index*/) {
    return case_of<Robot>().kernels;
  }
};

/// One robot's case made ready: fp64 on the CPU, one trajectory.
struct RobotCase {
  Experiment experiment;
  EngineSpec spec;
  BatchShape shape;
  std::vector<double> theta, start;
  double time;

  std::unique_ptr<Engine> engine() const {
    std::unique_ptr<Engine> e = Engine::create(spec, shape);
    e->set_policies(theta);
    e->set_plant(experiment.setup.plant);
    e->set_model(experiment.setup.model);
    return e;
  }
  std::unique_ptr<Engine> simulated() const {
    std::unique_ptr<Engine> e = engine();
    e->simulate(start, {time});
    return e;
  }
};

template <class Robot>
RobotCase robot_case() {
  const CaseNumbers numbers = case_of<Robot>();
  RobotCase c;
  c.experiment = read_experiment(parse_json(numbers.config, "case"), "case");
  if (c.experiment.setup.learned_model) {  // as if it had been fitted to something
    std::vector<double>& pack = c.experiment.setup.model;
    pack = random_numbers(9, 0, pack.size(), -0.5, 0.5);
    for (std::size_t i = pack.size() - 2; i < pack.size(); ++i) pack[i] *= 60;  // scales of rates
  }
  const RobotSetup& setup = c.experiment.setup;
  c.shape.segments = c.experiment.common.rollout.segments;
  c.shape.steps_per_segment = setup.steps_per_segment;
  c.shape.dt = c.experiment.common.rollout.dt_s;
  c.spec.kernels = setup.kernels;
  c.spec.precision = "double";
  c.spec.backend = "cpu";
  c.spec.threads = 1;
  c.spec.plant_integrator = setup.plant_integrator;
  c.spec.model_integrator = setup.model_integrator;
  c.spec.policy = setup.policy;
  c.spec.objective = setup.objective;
  c.spec.schedule = setup.schedule;
  const auto np = static_cast<std::size_t>(Robot::Policy::Head::parameters(c.shape.segments));
  RandomStream stream(7, Draw::policy, 0, 0);
  c.theta = setup.initial_policy(stream, static_cast<int>(np));
  c.theta.resize(np, 0.0);
  const std::vector<double> noise =
      random_numbers(8, 0, np, -numbers.theta_noise, numbers.theta_noise);
  for (std::size_t i = 0; i < np; ++i) c.theta[i] += noise[i];
  c.time = setup.lap_s > 0 ? 0.13 * setup.lap_s : 0.0;
  c.start = numbers.start.empty() ? setup.on_task(c.time) : numbers.start;
  if (numbers.start.empty()) {
    c.start[0] += 0.07;
    c.start[1] -= 0.05;
    c.start[2] += 0.11;
    c.start[3] += 0.09;
  }
  return c;
}

}  // namespace phigrad
