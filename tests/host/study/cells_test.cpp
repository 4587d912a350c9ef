// Cells that are measured together against cells that are measured alone.
#include <cmath>

#include "host/study/launches.hpp"
#include "kernels/gradient/growth_bins.hpp"
#include "tests/host/study/study_fixture.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

/// A key, its value in most cells, and in the one that differs by it.
struct Different {
  const char* key;
  const char* most;
  const char* one;
};
constexpr Different numbers[] = {
    {"seed", "1", "2"},
    {"precision", "\"double\"", "\"float\""},
    {"plant.mass2_kg", "0.1", "0.12"},
    {"plant.integrator", "\"euler\"", "\"rk4\""},
    {"model.mass_scale", "0.9", "1.1"},
    {"model.integrator", "\"euler\"", "\"semi_implicit\""},
    {"controller.model_mass_scale", "0.5", "0.6"},
    {"policy.steps_per_segment", "5", "4"},
    {"objective.input_weights", "[0.01, 0.01]", "[0.02, 0.01]"},
    {"rollout.dt_s", "0.01", "0.008"},
    {"rollout.segments", "6", "7"},
    {"rollout.start.half_width", "[0.05, 0.05, 0, 0]", "[0.1, 0.05, 0, 0]"},
    {"rollout.noise.state", "[0, 0, 0.01, 0.01]", "[0, 0, 0, 0]"},
    {"gradient.chain", "\"rollout\"", "\"window\""},
    {"gradient.truncate_steps", "0", "3"},
    {"gradient.drop_segments", "1", "2"},
    {"gradient.window_segments", "3", "2"},
};

ordered_json measured_of(const ordered_json& row) {
  return {row["quantities"], row["growth"], row["used"], row["remarks"]};
}

// Breaks when cells that differ in a number share a launch that has one of it for all, or take each
// other's policy, parameters, starts, noise or sums. The first cell differs in nothing.
TEST(Cells, AreMeasuredAsIfAlone) {
  auto document = read_json(config_path("variance_dt"));
  document["study"] = {{"trajectories", 48}, {"groups", 4}, {"bias", true}, {"growth", true}};
  ordered_json axis;
  constexpr std::size_t cells = 1 + std::size(numbers);
  for (std::size_t k = 0; k + 1 < cells; ++k) {
    for (std::size_t c = 0; c < cells; ++c) {
      axis[numbers[k].key].push_back(
          ordered_json::parse(c == k + 1 ? numbers[k].one : numbers[k].most));
    }
  }
  document["sweep"] = {axis};
  const auto together = rows_of(document);
  ASSERT_EQ(together.size(), cells);
  EXPECT_LT(plan_launches(read_study(document, "test.json"), "cpu").size(), cells)
      << "some cells must be measured together";
  for (std::size_t c = 0; c < cells; ++c) {
    for (auto& [key, values] : axis.items()) {
      document["sweep"][0][key] = {together[c]["keys"][key]};
    }
    const auto alone = rows_of(document);
    const char* what = c == 0 ? "nothing" : numbers[c - 1].key;
    EXPECT_EQ(measured_of(together[c]), measured_of(alone.at(0))) << what;
    EXPECT_EQ(measured_of(together[c]) == measured_of(together[0]), c == 0) << what;
  }
}

// Breaks when quantiles of growth are exchanged, or of another lag or share: of trajectories that
// start far apart they lie in order, apart from each other and not above the largest.
TEST(Cells, QuantilesOfGrowthAreInOrder) {
  auto document = read_json(config_path("variance_dt"));
  document["study"] = {{"trajectories", 96}, {"groups", 4}, {"growth", true}};
  document["rollout"]["start"]["half_width"] = {0.6, 0.6, 0, 0};
  document["sweep"] = ordered_json::array();
  const auto rows = rows_of(document);
  const double half_bin = 0.5 / growth_bins_per_octave;
  for (const char* loop : {"model", "plant"}) {
    const auto& curve = rows.at(0)["growth"][loop];
    ASSERT_GT(curve.size(), 50U);
    int apart = 0;  // few: most loops' norms are within a bin of each other
    for (const auto& point : curve) {
      const double largest = point[2], low = point[3], middle = point[4], high = point[5];
      EXPECT_LE(low, middle) << point;
      EXPECT_LE(middle, high) << point;
      EXPECT_LE(high, largest + half_bin) << point;
      apart += low < middle && middle < high;
    }
    EXPECT_GE(apart, 2) << loop;
  }
}

}  // namespace
}  // namespace phigrad
