// The simulated robot and the replayed one, as drivers.
#include "hardware/sim/sim_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "hardware/replay_robot/replay_driver.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/kernel_registry.hpp"
#include "host/experiment/simulated_source.hpp"
#include "tests/hardware/agent/agent_fixture.hpp"
#include "tests/hardware/agent/expect_error.hpp"
#include "tests/hardware/link/allocation_meter.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;
using testing::policy_of;

constexpr const char* single_track = R"(plant={"type": "single_track"})";
constexpr const char* unit_model = R"(model.parameters={"accel_gain": 1, "turn_gain_per_m": 1})";

// Breaks when the plant is another one, or steps otherwise, than the engine's: with each
// integrator, and where it has a state of its own.
TEST(SimDriver, StepsAsTheEngineDoes) {
  struct Case {
    const char* config;
    std::vector<std::string> set;
  };
  const std::vector<Case> cases = {
      {"car", {}},
      {"go1", {}},
      {"scalar", {}},
      {"double_pendulum_no_controller", {}},
      {"double_pendulum_no_controller", {"plant.integrator=rk4"}},
      {"double_pendulum_no_controller", {"plant.integrator=semi_implicit"}},
      {"dynamic_car", {}},
      {"car", {single_track, unit_model, "model.scale=1"}}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.config + (c.set.empty() ? std::string() : c.set[0]));
    const Experiment e = experiment_of(c.config, c.set);
    BatchShape shape;
    shape.segments = e.common.rollout.segments;
    shape.steps_per_segment = e.setup.steps_per_segment;
    shape.dt = e.common.rollout.dt_s;
    EngineSpec spec = engine_spec(e, "cpu", "double", shape.segments);
    spec.flavour = usable_cpu_flavours().back();
    const auto engine = Engine::create(spec, shape);
    engine->set_plant(e.setup.plant);
    engine->set_model(e.setup.model);
    engine->set_policies(policy_of(e, 3));
    SteppedClock clock;
    SimDriver driver(e, clock);
    const double t0 = driver.prepare(2);
    Measurement m{};
    ASSERT_TRUE(driver.measure(m));
    const std::vector<double> start(m.state, m.state + engine->nx());
    engine->simulate(start, {t0});
    const Trajectory t = engine->trajectory(0);
    ASSERT_LT(t.status, 0);
    int differing = 0;
    for (int i = 0; i < shape.slots(); ++i) {
      ASSERT_TRUE(driver.command(t.inputs.data() + std::ptrdiff_t{i} * engine->nu()));
      ASSERT_TRUE(driver.measure(m));
      for (int k = 0; k < engine->nx(); ++k) {
        differing += m.state[k] != t.states[static_cast<std::size_t>((i + 1) * engine->nx() + k)];
      }
    }
    EXPECT_EQ(differing, 0);
  }
}

// Breaks when rollouts start elsewhere than those that `phigrad train` simulates.
TEST(SimDriver, StartsAsTrainingDoes) {
  Experiment e = experiment_of("car", {"rollout.per_update=3", "precision=double"});
  SimulatedSource source({{&e}, 1});
  const auto engine = Engine::create(engine_spec(e, "cpu", "double", 156), source.shape());
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  const std::vector<double> theta = policy_of(e, 3);
  engine->set_policies(theta);
  SteppedClock clock;
  SimDriver driver(e, clock);
  for (const int iteration : {0, 4}) {
    source.next(iteration, theta, *engine);
    for (int r = 0; r < 3; ++r) {
      const LoggedRollout logged = source.logged(*engine, r);
      EXPECT_EQ(driver.prepare(static_cast<std::uint64_t>(iteration * 3 + r)),
                logged.sample_time[0]);
      Measurement m{};
      ASSERT_TRUE(driver.measure(m));
      for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(m.state[k], logged.states[k]);
    }
  }
}

// Breaks when a command of NaN moves the plant, neutral does, or a measurement is given twice.
TEST(SimDriver, MeasuresOnceAPeriodAndRefusesNan) {
  const Experiment e = experiment_of("car");
  SteppedClock clock(5'000'000'000);
  SimDriver driver(e, clock);
  driver.start();
  Measurement first{}, m{};
  ASSERT_TRUE(driver.measure(first));
  EXPECT_EQ(first.at_s, 5.0);
  EXPECT_FALSE(driver.measure(m));
  const double spoilt[2] = {0.1, std::numeric_limits<double>::quiet_NaN()};
  EXPECT_FALSE(driver.command(spoilt));
  EXPECT_TRUE(driver.neutral());
  clock.step(20'000'000);
  ASSERT_TRUE(driver.measure(m));
  EXPECT_DOUBLE_EQ(m.at_s, 5.02);
  for (int k = 0; k < 4; ++k) EXPECT_EQ(m.state[k], first.state[k]);
  const double u[2] = {0.5, 0.1};
  const AllocationMeter meter;
  ASSERT_TRUE(driver.command(u));
  ASSERT_TRUE(driver.measure(m));
  EXPECT_EQ(meter.count(), 0u);
  EXPECT_NE(m.state[2], first.state[2]);
}

// Breaks when faults that a config asks for are left out in silence.
TEST(SimDriver, FaultsNoiseAndDriftAreRefused) {
  SteppedClock clock;
  for (const char* wrong : {"rollout.faults.command_loss=0.1", "rollout.noise.input=[0.1,0.1]",
                            R"(rollout.drift=["plant.accel_gain=11..7"])"}) {
    const Experiment e = experiment_of("car", {wrong});
    EXPECT_THAT(input_error_of([&] { SimDriver driver(e, clock); }),
                ::testing::HasSubstr("no faults"))
        << wrong;
  }
}

LoggedRollout three_samples() {
  LoggedRollout r;
  r.log = "test";
  r.nx = 2;
  r.nu = 1;
  r.states = {1, 2, 3, 4, 5, 6, 7, 8};
  r.inputs = {0, 0, 0};
  r.sample_time = {0.5, 0.52, 0.54};
  return r;
}

// Breaks when samples are skipped, repeated, or go on after the last one.
TEST(ReplayDriver, PlaysSampleBySampleWhateverItIsTold) {
  SteppedClock clock;
  ReplayDriver driver({three_samples()}, clock);
  driver.start();
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(driver.prepare(0), 0.5);
    Measurement m{};
    for (const double wanted : {1.0, 3.0, 5.0}) {
      ASSERT_TRUE(driver.measure(m));
      EXPECT_EQ(m.state[0], wanted);
      EXPECT_EQ(m.state[1], wanted + 1);
      EXPECT_FALSE(driver.measure(m));
      const double u = 9;
      EXPECT_TRUE(driver.command(&u));
    }
    EXPECT_FALSE(driver.measure(m));
    EXPECT_TRUE(driver.neutral());
    EXPECT_FALSE(driver.measure(m));
  }
}

// Breaks when a log's rollouts are played in another order, one is left out, or it ends there.
TEST(ReplayDriver, PlaysOneRolloutAfterTheOther) {
  SteppedClock clock;
  LoggedRollout second = three_samples();
  second.states[0] = 11;
  second.sample_time = {7.5};
  ReplayDriver driver({three_samples(), second}, clock);
  driver.start();
  for (const std::uint64_t index : {0U, 1U, 2U, 3U}) {
    const bool is_second = index % 2 == 1;
    EXPECT_EQ(driver.prepare(index), is_second ? 7.5 : 0.5);
    Measurement m{};
    ASSERT_TRUE(driver.measure(m));
    EXPECT_EQ(m.state[0], is_second ? 11 : 1);
    const double u = 9;
    EXPECT_TRUE(driver.command(&u));
    EXPECT_EQ(driver.measure(m), !is_second);
  }
}

// Breaks when a rollout that must not be believed is played.
TEST(ReplayDriver, QuarantinedOrEmptyRolloutIsRefused) {
  SteppedClock clock;
  LoggedRollout spoilt = three_samples();
  spoilt.quarantined.emplace_back("holds numbers that are not finite");
  EXPECT_THAT(input_error_of([&] {
                ReplayDriver driver({three_samples(), spoilt}, clock);
              }),
              ::testing::HasSubstr("cannot be played"));
  EXPECT_THAT(input_error_of([&] { ReplayDriver driver({LoggedRollout{}}, clock); }),
              ::testing::HasSubstr("cannot be played"));
  EXPECT_THAT(input_error_of([&] { ReplayDriver driver({}, clock); }),
              ::testing::HasSubstr("no rollout to play"));
}

}  // namespace
}  // namespace phigrad
