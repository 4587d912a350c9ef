// Baselines beside the method with fewer seeds: what each config is there to show.
#include "tests/host/study/shortened_study.hpp"

namespace phigrad {
namespace {

// Breaks when a baseline is worth less than it was: on a car that the fitted model can be, gains
// redesigned on it win, and so does iterative learning control.
TEST(ShippedTraining, BaselinesAreStrong_slow) {
  auto document = read_json(config_path("car_baselines"));
  document["study"]["training"]["seeds"] = 4;
  document["study"]["training"].erase("step_factors");
  document["optimiser"]["iterations"] = 8;
  document["sweep"].erase(0);
  const auto rows = rows_of(document);
  ASSERT_EQ(rows.size(), 6U);
  const auto last = [&](std::size_t cell) { return value_of(rows[cell], "cost_last"); };
  EXPECT_LT(last(0), 60);  // the method
  EXPECT_LT(last(3), 5);   // redesign
  EXPECT_LT(last(4), 5);   // iterative learning control
}

// Breaks when the learned model serves no gradient, or does not need what it needs: torques that
// are more than a function of the state.
TEST(ShippedTraining, LearnedDynamicsNeedExploration_slow) {
  auto car = read_json(config_path("car_learned_dynamics"));
  car["study"]["training"] = {{"seeds", 2}, {"show_iterations", {0, 14}}};
  car["optimiser"]["iterations"] = 15;
  const auto cars = rows_of(car);
  ASSERT_EQ(cars.size(), 3U);
  for (const auto& row : cars) EXPECT_LT(value_of(row, "cost_last"), 90);

  auto pendulum = read_json(config_path("learned_dynamics"));
  pendulum["study"]["training"] = {{"seeds", 2}, {"show_iterations", {0, 9}}};
  pendulum["optimiser"]["iterations"] = 10;
  const auto rows = rows_of(pendulum);
  ASSERT_EQ(rows.size(), 8U);
  const auto share = [&](std::size_t cell) {
    return value_of(rows[cell], "cost_last") / value_of(rows[cell], "cost_first");
  };
  EXPECT_LT(share(0), 0.1);  // exact
  EXPECT_GT(share(2), 0.2);  // learned
  EXPECT_LT(share(3), 0.1);  // learned, with exploration
}

}  // namespace
}  // namespace phigrad
