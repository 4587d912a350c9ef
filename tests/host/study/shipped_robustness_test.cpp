// Robustness and length with fewer seeds: what each config is there to show.
#include "tests/host/study/shortened_study.hpp"

namespace phigrad {
namespace {

// Breaks when a term of the model is not the config's, or a model that is wrong in it is no longer
// learned with: worst where throttle is thought weak and steering strong.
TEST(ShippedTraining, WrongParametersAreLearnedWith) {
  const Shortened study("robust_parameters", 4, 25);
  ASSERT_EQ(study.rows.size(), 25U);
  std::size_t worst = 0;  // of [steering, throttle] from a quarter to four times the plant's
  for (std::size_t i = 0; i < study.rows.size(); ++i) {
    EXPECT_LT(study.cost_at(i, 2), 0.4 * study.cost_at(i, 0)) << study.rows[i]["keys"];
    if (study.cost_at(i, 2) > study.cost_at(worst, 2)) worst = i;
  }
  EXPECT_EQ(worst % 5, 0U) << study.rows[worst]["keys"];
  EXPECT_GE(worst / 5, 3U) << study.rows[worst]["keys"];
  EXPECT_NEAR(study.cost_at(12, 2), 9, 2.5);  // the exact model
}

// Breaks when noise does not reach the plant, or what was learned under it is not the task's: the
// evaluation has none.
TEST(ShippedTraining, NoiseIsLearnedWith) {
  const Shortened study("robust_noise", 8, 25);
  ASSERT_EQ(study.rows.size(), 5U);
  const auto after = [&](std::size_t cell) {
    return value_of(study.rows[cell], "evaluation_cost_after");
  };
  for (std::size_t i = 1; i < study.rows.size(); ++i) {
    EXPECT_GT(study.cost_at(i, 2), study.cost_at(i - 1, 2)) << study.rows[i]["keys"];
    EXPECT_NEAR(value_of(study.rows[i], "evaluation_cost_before"), 143, 1);
  }
  EXPECT_LT(after(2), 25);
  EXPECT_LT(after(4), 60);
}

// Breaks when a policy is scored again on another task than it says, or the oval's laps add up to
// an error: what was learned on the figure-eight holds on other circles and on the oval.
TEST(ShippedTraining, LearnedPoliciesGeneralise) {
  const Shortened study("car_generalisation", 8, 25);
  ASSERT_EQ(study.rows.size(), 1U);
  const struct {
    const char* task;
    double before, gain;  // cost without learning, and at most what of it is left
  } others[] = {
      {"task.radius_m=1.75", 236, 0.25},
      {"task.lap_s=5", 170, 0.25},
      {"task.radius_m=1.25", 71, 0.6},
      {R"(task={"type":"oval","radius_m":1.5,"straight_m":2,"lap_s":3.9167})", 170, 0.35}};
  for (const auto& [task, before, gain] : others) {
    const double first = value_of(study.rows[0], std::string("cost_before, ") + task);
    EXPECT_NEAR(first, before, 4) << task;
    EXPECT_LT(value_of(study.rows[0], std::string("cost_after, ") + task), gain * first) << task;
  }
  const std::string page = body_of(study_report_html(study.plan, study.rows, {}, 1.0));
  EXPECT_NE(page.find("Under other settings"), std::string::npos);
  EXPECT_NE(page.find("id=\"rescored-5\""), std::string::npos);
}

// Breaks when a fault is not there, or does more harm than it did: half of the commands lost cost
// nothing much, a bias of the steering most.
TEST(ShippedTraining, FaultsAreLearnedWith_slow) {
  const Shortened study("robust_faults", 8, 25);
  ASSERT_EQ(study.rows.size(), 11U);
  EXPECT_NEAR(study.cost_at(0, 2), 8.8, 2);  // none
  EXPECT_GT(study.cost_at(3, 0), 150);       // 0.16 s late
  EXPECT_LT(study.cost_at(3, 2), 25);
  EXPECT_NEAR(study.cost_at(5, 2), 9.3, 3);  // half of them lost
  EXPECT_GT(study.cost_at(6, 0), 300);       // steering off
  EXPECT_LT(study.cost_at(6, 2), 0.4 * study.cost_at(6, 0));
}

// Breaks when a car is no longer as far from the unit model as it was: the identified JetRacer
// starts and ends where the real one did (2166 and 1774 to 416 and 427, 0.27 m to 0.10 m).
TEST(ShippedTraining, HarderCarsAreDrivenWithTheUnitModel) {
  auto document = read_json(config_path("harder_cars"));
  document["study"]["training"]["seeds"] = 8;
  document["study"]["training"].erase("step_factors");
  const auto rows = rows_of(document);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_NEAR(value_of(rows[1], "cost_first"), 2350, 100);
  EXPECT_LT(value_of(rows[1], "cost_last"), 500);
  EXPECT_NEAR(value_of(rows[1], "evaluation_path_error_before"), 0.285, 0.002);
  EXPECT_LT(value_of(rows[1], "evaluation_path_error_after"), 0.18);
  EXPECT_NEAR(value_of(rows[2], "evaluation_path_error_before"), 0.220, 0.002);
  EXPECT_LT(value_of(rows[2], "evaluation_path_error_after"), 0.14);
}

// Breaks when the drift does not reach the plant, or learning does not go on after it.
TEST(ShippedTraining, TwoHoursOfWear) {
  const Shortened study("two_hours", 4, 60);
  EXPECT_LT(study.cost_at(1, 1), 20);
  EXPECT_GT(value_of(study.rows[2], "cost_last"), 160);
  EXPECT_LT(value_of(study.rows[1], "cost_last"), 30);
}

// Breaks when the loop that is called unstable is not the one whose eigenvalues have left the unit
// circle, or is called so long after they have.
TEST(ShippedTraining, AnUnstableControllerIsToldInTime_slow) {
  const Shortened study("unstable_controller", 2, 41);
  for (const auto& row : study.rows) {
    const double left = value_of(row, "plant_loop_beyond_unit_circle_from");
    const double told = value_of(row, "plant_loop_called_unstable_from");
    EXPECT_GT(left, 0);
    EXPECT_GE(told, left);
    EXPECT_LE(told, left + 4);
  }
  EXPECT_EQ(value_of(study.rows[0], "model_loop_called_unstable_from"),
            value_of(study.rows[0], "plant_loop_called_unstable_from"));
  EXPECT_EQ(value_of(study.rows[1], "model_loop_called_unstable_from"), 0);
}

}  // namespace
}  // namespace phigrad
