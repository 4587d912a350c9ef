// The grid of a sweep, and what is refused before anything runs.
#include "tests/host/config/expect_error.hpp"
#include "tests/host/study/study_fixture.hpp"

namespace phigrad {
namespace {

StudyPlan plan_of(const std::string& sweep) {
  return read_study(scalar_study(sweep, "{}"), "s.json");
}

// Breaks when axes are combined in another order, or keys of one axis are combined at all.
TEST(Sweep, IsTheProductOfItsAxes) {
  const StudyPlan plan =
      plan_of(R"([{"plant.a": [1.1, 1.2], "plant.b": [1, 2]}, {"rollout.segments": [5, 6, 7]}])");
  ASSERT_EQ(plan.cells.size(), 6U);
  EXPECT_EQ(cell_name(plan.cells[0]), "plant.a=1.1, plant.b=1, rollout.segments=5");
  EXPECT_EQ(cell_name(plan.cells[5]), "plant.a=1.2, plant.b=2, rollout.segments=7");
  EXPECT_EQ(plan.cells[4].experiment.common.rollout.segments, 6);
  EXPECT_EQ(plan.cells[4].experiment.setup.plant, (std::vector<double>{1.2, 2}));
}

// Breaks when a range misses its ends or its spacing.
TEST(Sweep, Ranges) {
  const StudyPlan plan = plan_of(
      R"([{"plant.a": {"from": 1, "to": 8, "count": 4, "spacing": "log"}},
          {"plant.b": {"from": 1, "to": 2, "count": 3}}])");
  ASSERT_EQ(plan.cells.size(), 12U);
  EXPECT_NEAR(plan.cells[3].experiment.setup.plant[0], 2, 1e-15);
  EXPECT_EQ(plan.cells[11].experiment.setup.plant[0], 8);
  EXPECT_EQ(plan.cells[1].experiment.setup.plant[1], 1.5);
}

// Breaks when a study without a sweep is not one cell.
TEST(Sweep, NoneIsOneCell) {
  const StudyPlan plan = plan_of("[]");
  ASSERT_EQ(plan.cells.size(), 1U);
  EXPECT_EQ(cell_name(plan.cells[0]), "the only cell");
}

// Breaks when a wrong sweep is found while it runs, or is not named.
TEST(Sweep, WrongOnesAreRefused) {
  const auto refused = [](const std::string& sweep, const std::string& line) {
    expect_error([&] { plan_of(sweep); }, Exit::input, line);
  };
  refused(R"([{"plant.mass": [1]}])",
          "unknown key [s.json, cell 0 of 1 (plant.mass=1): plant.mass]; known keys: a, b");
  refused(R"([{"plant.a": []}])",
          "an axis without values [s.json: sweep.0.\"plant.a\"]; give at least one, or leave the "
          "key out");
  refused(R"([{"plant.a": [1, 2], "plant.b": [1]}])",
          "1 values beside 2 of the axis's first key [s.json: sweep.0.\"plant.b\"]; keys of one "
          "axis run "
          "side by side; use an axis for each to combine them all");
  refused(R"([{"plant.a": [1]}, {"plant.a": [2]}])",
          "swept twice [s.json: sweep.1.\"plant.a\"]; keep one of the two");
  refused(R"([{"study.trajectories": [64]}])",
          "what a study measures is the same in all its cells [s.json: "
          "sweep.0.\"study.trajectories\"]; "
          "sweep the experiment's keys");
  refused(R"([{"rollout.segments": [5, -5]}])",
          "-5 is out of range [s.json, cell 1 of 2 (rollout.segments=-5): rollout.segments]; "
          "write an integer from 1 to 1000000: segments of a simulated rollout");
  refused(
      R"([{"plant.a": {"from": 0, "to": 1, "count": 3, "spacing": "log"}}])",
      "equal ratios between 0 and 1 [s.json: sweep.0.\"plant.a\".spacing]; use positive ends, or "
      "\"linear\"");
}

// Breaks when a variance of single trajectories is promised.
TEST(Sweep, GroupsNeedTrajectories) {
  expect_error(
      [] { read_study(scalar_study("[]", R"({"trajectories": 8, "groups": 8})"), "s.json"); },
      Exit::input,
      "8 trajectories in 8 groups [s.json: study.trajectories]; write a multiple of "
      "study.groups, two a group at least: a variance needs them");
}

// Breaks when training runs the first cell of a study and keeps silent about the others.
TEST(Sweep, IsNotForOtherCommands) {
  expect_error([] { read_experiment(scalar_study("[]", "{}"), "s.json"); }, Exit::input,
               "this config is of a study, not of one experiment [s.json: sweep]; run it with "
               "`phigrad study`, or leave the section out");
}

}  // namespace
}  // namespace phigrad
