// The paper's experiments with fewer seeds: what each config is there to reproduce.
#include <cmath>

#include "host/study/training_study.hpp"
#include "tests/host/study/study_fixture.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

/// Rows of a shipped study with so many seeds and iterations.
struct Shortened {
  StudyPlan plan;
  std::vector<nlohmann::ordered_json> rows;

  Shortened(const std::string& name, int seeds, int iterations) {
    auto document = read_json(config_path(name));
    document["study"]["training"]["seeds"] = seeds;
    document["optimiser"]["iterations"] = iterations;
    plan = read_study(document, name);
    rows = rows_of(document);
  }
};

/// Every shown cost of every cell that has a reference within so many standard errors of it.
void expect_reference(const Shortened& study, double errors, int costs) {
  int compared = 0;
  for (const auto& row : study.rows) {
    for (const ShownCost& s : shown_costs(study.plan, row)) {
      if (!s.reference) continue;
      ++compared;
      EXPECT_LE(std::abs(s.difference()), errors)
          << row["keys"].dump() << " at iteration " << s.iteration << ": " << s.cost.mean
          << " beside " << s.reference->mean;
    }
  }
  EXPECT_EQ(compared, costs);
}

// Breaks when the windowed loss, the segment's chain, the car, the mismatch or the step differ from
// the authors': 20 costs, one in 16 000 further than four standard errors apart by chance.
TEST(ShippedTraining, CarMismatchIsTheAuthors) {
  expect_reference(Shortened("car_mismatch", 16, 25), 4, 20);
}

// Breaks when one of the four arms is not the paper's: controller, network, hold torque, estimator.
TEST(ShippedTraining, PendulumArmsAreThePapers) {
  expect_reference(Shortened("double_pendulum_arms", 12, 20), 4, 16);
}

}  // namespace
}  // namespace phigrad
