// The policy on board is the engine's: driven around the same plant, nothing differs in a single
// bit.
#include "hardware/agent/control_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hardware/sim/sim_driver.hpp"
#include "hardware/sim/simulated_plant.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/kernel_registry.hpp"
#include "host/experiment/rollout_source.hpp"
#include "tests/hardware/agent/agent_fixture.hpp"
#include "tests/hardware/agent/expect_error.hpp"
#include "tests/hardware/link/allocation_meter.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;
using testing::policy_of;

struct OnBoard {
  std::vector<double> states, inputs, decisions;
};

/// Steps plant and policy by hand as Engine::simulate does.
OnBoard drive(const Experiment& e, const std::vector<double>& theta,
              const std::vector<double>& start, double t0) {
  ControlPolicy policy(e);
  SimulatedPlant plant(e);
  plant.begin(start.data());
  const double* x = plant.seen();
  const double dt = e.common.rollout.dt_s;
  const int steps = e.setup.steps_per_segment;
  const double segment_s = dt * steps;
  OnBoard run;
  const auto append = [](std::vector<double>& to, const double* from, int n) {
    to.insert(to.end(), from, from + n);
  };
  std::vector<double> u(static_cast<std::size_t>(policy.nu()));
  policy.begin(x, t0);
  append(run.decisions, policy.before(), policy.nz());
  for (int j = 0; j < e.common.rollout.segments; ++j) {
    policy.refresh(theta.data(), x, t0 + static_cast<double>(j) * segment_s, j);
    append(run.decisions, policy.decision(), policy.nz());
    for (int k = 0; k < steps; ++k) {
      policy.act(x, dt * k, k, u.data());
      append(run.states, x, policy.nx());
      append(run.inputs, u.data(), policy.nu());
      plant.step(u.data());
    }
  }
  append(run.states, x, policy.nx());
  return run;
}

void expect_equal_to_engine(const Experiment& e) {
  BatchShape shape;
  shape.segments = e.common.rollout.segments;
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  EngineSpec spec = engine_spec(e, "cpu", "double", shape.segments);
  spec.flavour = usable_cpu_flavours().back();
  const auto engine = Engine::create(spec, shape);
  const std::vector<double> theta = policy_of(e, 3);
  std::vector<double> x(e.setup.states.size());
  const double t0 = draw_start(e, 5, x.data());
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  engine->set_policies(theta);
  engine->simulate(x, {t0});
  const Trajectory wanted = engine->trajectory(0);
  const OnBoard run = drive(e, theta, x, t0);
  EXPECT_LT(wanted.status, 0);
  EXPECT_TRUE(run.states == wanted.states);
  EXPECT_TRUE(run.inputs == wanted.inputs);
  EXPECT_TRUE(run.decisions == wanted.decisions);
}

// Breaks when a kernel is called with another time, state, decision or parameter than in a rollout.
TEST(ControlPolicy, CarOf156SegmentsIsBitEqualToTheEngine) {
  const Experiment e = experiment_of("car");
  ASSERT_EQ(e.common.rollout.segments, 156);
  ASSERT_EQ(e.setup.steps_per_segment, 7);
  expect_equal_to_engine(e);
}

// Breaks when a robot's policy needs what the on-board view does not give it: the schedule of its
// step (scalar), another integrator or network.
TEST(ControlPolicy, OtherRobotsAreBitEqualToTheEngine) {
  for (const char* name : {"jetracer", "go1", "double_pendulum", "double_pendulum_no_controller",
                           "double_pendulum_mismatch", "scalar"}) {
    SCOPED_TRACE(name);
    expect_equal_to_engine(experiment_of(name));
  }
}

// Breaks when a policy that a single segment cannot hold drives with the parameters of the first.
TEST(ControlPolicy, PolicyWithParametersForEverySegmentIsRefused) {
  Experiment e = experiment_of("scalar");
  e.setup.kernels = "scalar_trajectory";
  const std::string text = input_error_of([&] { ControlPolicy policy(e); });
  EXPECT_THAT(text, ::testing::HasSubstr("for every segment"));
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

// Breaks when a pack of another robot is read beyond its end.
TEST(ControlPolicy, PackOfAnotherSizeIsRefused) {
  Experiment e = experiment_of("car");
  e.setup.policy.pop_back();
  EXPECT_THAT(input_error_of([&] { ControlPolicy policy(e); }),
              ::testing::HasSubstr("number of settings"));
}

// Breaks when the control thread would wait for memory.
TEST(ControlPolicy, AllocatesNothingAfterConstruction) {
  const Experiment e = experiment_of("car");
  const std::vector<double> theta = policy_of(e, 3);
  ControlPolicy policy(e);
  const double x[4] = {0.1, 0.2, 1.0, 1.5};
  double u[2];
  const AllocationMeter meter;
  policy.begin(x, 0.3);
  policy.refresh(theta.data(), x, 0.3, 0);
  policy.act(x, 0, 0, u);
  EXPECT_EQ(meter.count(), 0u);
}

}  // namespace
}  // namespace phigrad
