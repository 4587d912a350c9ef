// Studies as wholes: parts, interruption, bounds.
#include <atomic>
#include <cmath>
#include <random>

#include "host/study/launches.hpp"
#include "tests/host/config/expect_error.hpp"
#include "tests/host/study/study_fixture.hpp"
#include "tests/support/sanitized.hpp"

namespace phigrad {
namespace {

const char* const everything =
    R"({"trajectories": 640, "groups": 8, "bias": true, "growth": true, "bounds": true,
        "likelihood_ratio": true, "memory_mib": )";

nlohmann::ordered_json measured(int memory_mib) {
  auto document = scalar_study(R"([{"plant.a": [1.1, 1.3]}, {"rollout.segments": [6, 200]}])",
                               everything + std::to_string(memory_mib) + "}");
  document["rollout"]["noise"]["input"] = {0.2};
  return document;
}

/// Rows without what tells on which machine they were computed.
std::string results(std::vector<nlohmann::ordered_json> rows) {
  std::string text;
  for (auto& row : rows) {
    row.erase("machine");
    text += row.dump() + "\n";
  }
  return text;
}

// Breaks when a sum, a maximum or a histogram depends on the parts it came in.
TEST(Studies, AreTheSameInWhateverParts) {
  const StudyPlan small = read_study(measured(8), "small");
  const auto launches = plan_launches(small, "cpu");
  int parts = 0;
  for (const Launch& l : launches) parts = std::max(parts, 80 / l.part);
  ASSERT_GT(parts, 1) << "the small study must be cut into parts";
  const std::string whole = results(rows_of(measured(1024)));
  EXPECT_EQ(results(rows_of(measured(8))), whole);
}

// Breaks when a checkpoint loses or doubles a part, or a finished launch runs again.
TEST(Studies, GoOnWhereTheyWereStopped) {
  const auto document = measured(8);
  const std::string whole = results(rows_of(document));
  const TemporaryDirectory folder;
  const StudyPlan plan = read_study(document, "test.json");
  StudyStore::create(folder.path(), plan.document.dump());
  int runs = 0;
  for (bool done = false; !done; ++runs) {
    StudyStore store = StudyStore::resume(folder.path());
    std::atomic<bool> stop{false};
    int seen = 0;
    StudyOptions options;
    options.backend = "cpu";
    options.stop = &stop;
    options.on_part = [&](const StudyProgress& p) {
      EXPECT_LE(p.done, p.all);
      if (++seen == 2) stop = true;
    };
    done = run_study(plan, options, *one_rank(), &store);
    ASSERT_LT(runs, 100);
  }
  EXPECT_GT(runs, 2);
  EXPECT_EQ(results(study_rows(plan, StudyStore::resume(folder.path()))), whole);
}

// Breaks when a directory is overwritten, or something else is taken for a study.
TEST(Studies, KeepToTheirDirectories) {
  const TemporaryDirectory folder;
  { StudyStore::create(folder.path(), "{}"); }
  expect_error([&] { StudyStore::create(folder.path(), "{}"); }, Exit::input,
               "a study is here already [" + folder.path().string() +
                   "]; go on with `phigrad study --resume DIR`, or choose another --out");
  const TemporaryDirectory empty;
  expect_error([&] { StudyStore::resume(empty.path()); }, Exit::input,
               "no study is here [" + empty.path().string() +
                   "]; give the directory that `phigrad study` printed");
}

// Theorem 1 on 1000 random stable plants with random model errors. Breaks when a measured variance
// or bias exceeds its bound: a constant that is no supremum, a power of α or T too few.
TEST(Studies, NoMeasuredValueExceedsItsBound) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> unit(0, 1);
  nlohmann::ordered_json axis;
  const int plants = sanitized ? 40 : 1000;
  for (int i = 0; i < plants; ++i) {
    const double p = 1.9 * unit(random) - 0.95, b = 0.2 + unit(random), k = 2 * unit(random) - 1;
    axis["plant.a"].push_back(p + b * k);
    axis["plant.b"].push_back(b);
    axis["controller.gain"].push_back(k);
    axis["model.a_error"].push_back(0.1 * (unit(random) - 0.5));
    axis["model.b_error"].push_back(0.2 * (unit(random) - 0.5));
    axis["policy.setpoint"].push_back(4 * unit(random) - 2);
    axis["objective.input_weight"].push_back(unit(random));
    axis["rollout.segments"].push_back(5 + static_cast<int>(25 * unit(random)));
  }
  const auto rows = rows_of(scalar_study("[" + axis.dump() + "]",
                                         R"({"trajectories": 64, "groups": 8, "bounds": true})"));
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(plants));
  double tightest = 0;
  for (const auto& row : rows) {
    const double variance = value_of(row, "variance_over_bound");
    tightest = std::max(tightest, variance);
    ASSERT_LE(variance, 1) << row["keys"];
    ASSERT_LE(value_of(row, "bias_over_bound"), 1) << row["keys"];
  }
  EXPECT_GT(tightest, 1e-3) << "bounds that nothing comes near prove nothing";
}

}  // namespace
}  // namespace phigrad
