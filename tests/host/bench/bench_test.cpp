// `phigrad bench`: what is timed is what the engine does, what is dumped is what was computed, and
// figures follow from their parts.
#include "host/bench/bench.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "host/bench/dump.hpp"
#include "host/bench/operations.hpp"
#include "host/bench/traffic.hpp"
#include "host/bench/workload.hpp"
#include "host/config/json_document.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/train/optimiser.hpp"
#include "tests/support/bits.hpp"
#include "tests/support/file_text.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

/// benchmarks/cases/NAME.json with a batch and steps, two sets of starts.
BenchCase case_of(const std::string& name, int batch, int steps,
                  const std::string& precision = "") {
  const std::string file = std::string(PHIGRAD_SOURCE_DIR) + "/benchmarks/cases/" + name + ".json";
  return make_bench_case({testing::read_text(file), file, {}}, {"cpu", 2, {}}, batch, steps,
                         precision, 2);
}

/// Gradient and costs of starts, by an engine made without any of the benchmark's code.
struct Reference {
  Gradient gradient;
  Scores scores;

  Reference(const Experiment& e, const std::string& precision, int segments,
            const std::vector<double>& theta, const std::vector<double>& states,
            const std::vector<double>& times) {
    BatchShape shape;
    shape.rollouts = static_cast<int>(times.size());
    shape.segments = segments;
    shape.steps_per_segment = e.setup.steps_per_segment;
    shape.dt = e.common.rollout.dt_s;
    const auto engine = Engine::create(engine_spec(e, "cpu", precision, segments), shape);
    engine->set_policies(theta);
    engine->set_plant(e.setup.plant);
    engine->set_model(e.setup.model);
    engine->simulate(states, times);
    const Windows whole{0, segments, {static_cast<double>(segments)}};
    engine->score(whole, scores);
    engine->gradient(whole, {Chain::rollout, 0, false}, gradient);
  }
};

double norm(const std::vector<double>& v) {
  return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

std::vector<double> numbers_in(const std::filesystem::path& file) {
  const std::string bytes = testing::read_text(file);
  std::vector<double> values(bytes.size() / sizeof(double));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
  return values;
}

const std::vector<std::string> all_cases = {"scalar",           "pendulum", "pendulum_trajectory",
                                            "pendulum_network", "car",      "car_network"};

// Breaks when a call is timed that leaves part of the gradient out, or always takes the same set.
TEST(BenchWork, IsTheEnginesOwnGradient) {
  for (const std::string& name : all_cases) {
    const BenchCase c = case_of(name, 20, 40);
    ASSERT_EQ(c.steps(), 40) << name;
    const auto work = make_workload("gradient", c);
    work->run(0);
    const std::vector<double> first = work->gradient().mean;
    work->run(1);
    const Reference expected(c.experiment, "float", c.experiment.common.rollout.segments, c.theta,
                             c.sets[1].states, c.sets[1].times);
    EXPECT_GT(norm(expected.gradient.mean), 1e-6) << name;
    EXPECT_EQ(differing_bits(work->gradient().mean, expected.gradient.mean), 0U) << name;
    EXPECT_EQ(differing_bits(work->scores().loss, expected.scores.loss), 0U) << name;
    EXPECT_GT(differing_bits(first, expected.gradient.mean), 0U) << name;
  }
}

// Breaks when a kind of work fails, or does not do what its gradient says it did.
TEST(BenchWork, EveryKindRuns) {
  const BenchCase c = case_of("pendulum", 6, 20);
  const auto gradient = make_workload("gradient", c);
  gradient->run(0);
  const std::vector<double> expected = gradient->gradient().mean;
  for (const WorkloadKind& kind : workload_kinds()) {
    const auto work = make_workload(kind.name, c);
    work->run(0);
    const std::vector<double>& mean = work->gradient().mean;
    const std::string what = kind.name;
    if (what == "iteration") {
      EXPECT_EQ(differing_bits(mean, expected), 0U);
    }
    if (what == "replay") {
      ASSERT_EQ(mean.size(), expected.size());
      for (std::size_t i = 0; i < mean.size(); ++i) {
        EXPECT_NEAR(mean[i], expected[i], 1e-5 * norm(expected)) << "replay, parameter " << i;
      }
    }
    if (what == "population") {
      // Six policies, alike, of one rollout each, which stay as they are from call to call.
      const auto alone = c.engine(6);
      std::vector<double> theta;
      for (int p = 0; p < 6; ++p) append(theta, c.theta);
      alone->set_policies(theta);
      alone->simulate(c.sets[0].states, c.sets[0].times);
      Gradient six;
      alone->gradient(c.expectation().windows, c.expectation().options, six);
      work->run(1);
      work->run(0);
      EXPECT_EQ(differing_bits(work->history().gradient_norm, gradient_norms(six.mean, 6)), 0U);
    }
  }
}

// Breaks when a peer is given other inputs, another policy or another gradient than were used.
TEST(BenchDump, IsTheMeanOverItsStatesInDouble) {
  for (const std::string& name : all_cases) {
    const TemporaryDirectory own;
    const BenchCase c = case_of(name, 12, 40, "float");
    dump_case(c, own.path() / "deep" / "dump");
    const std::filesystem::path dump = own.path() / "deep" / "dump";
    const nlohmann::ordered_json j = read_json((dump / "case.json").string());
    EXPECT_EQ(j.at("batch"), 12);
    EXPECT_EQ(j.at("steps"), 40);
    EXPECT_EQ(j.at("precision"), "float");
    EXPECT_EQ(j.at("np").get<std::size_t>(), c.theta.size());
    ASSERT_EQ(j.at("sets").size(), 2U);
    const Experiment e = read_experiment(j.at("config"), "case.json");
    const std::vector<double> theta = numbers_in(dump / j.at("policy").get<std::string>());
    for (const auto& set : j.at("sets")) {
      const auto read = [&](const char* key) {
        return numbers_in(dump / set.at(key).get<std::string>());
      };
      const std::vector<double> states = read("states");
      ASSERT_EQ(states.size(), 12 * j.at("nx").get<std::size_t>());
      const int segments = 40 / j.at("steps_per_segment").get<int>();
      const Reference exact(e, "double", segments, theta, states, read("times"));
      const std::vector<double>& mean = exact.gradient.mean;
      const std::vector<double> dumped = read("gradient");
      ASSERT_EQ(dumped.size(), mean.size());
      for (std::size_t i = 0; i < mean.size(); ++i) {
        EXPECT_NEAR(dumped[i], mean[i], 1e-4 * norm(mean)) << name << ", parameter " << i;
      }
      const std::vector<double>& loss = exact.scores.loss;
      const double cost = std::accumulate(loss.begin(), loss.end(), 0.0) / 12;
      EXPECT_NEAR(set.at("mean_cost").get<double>(), cost, 1e-4 * std::abs(cost)) << name;
    }
  }
}

// Breaks when a share of a ceiling is not what its parts say.
TEST(BenchRow, FollowsFromItsParts) {
  Bench bench(3, [] { return std::int64_t{0}; });
  const nlohmann::ordered_json row = to_json(bench.measure(case_of("scalar", 64, 20), "gradient"));
  const nlohmann::ordered_json ceilings = bench.ceilings_json().at(0);
  const auto number = [&](const char* key) { return row.at(key).get<double>(); };
  EXPECT_EQ(row.at("repetitions"), 3);
  EXPECT_EQ(row.at("allocations"), 0);
  EXPECT_EQ(row.at("threads"), 2);
  EXPECT_GT(row.at("peak_resident_bytes").get<double>(), 1e6);
  EXPECT_LE(number("seconds_min"), number("seconds"));
  EXPECT_LE(number("seconds"), number("seconds_max"));
  EXPECT_NEAR(number("steps_per_s") * number("seconds"), 64 * 20, 1e-6);
  EXPECT_NEAR(number("ns_per_step") * number("steps_per_s"), 1e9, 1);
  const double issue =
      ceilings.at("float_lane_instructions_per_s").get<double>() / number("instructions_per_step");
  EXPECT_NEAR(number("issue_steps_per_s") / issue, 1, 1e-9);
  const double ceiling = std::min(issue, number("memory_steps_per_s"));
  EXPECT_NEAR(number("ceiling_steps_per_s") / ceiling, 1, 1e-9);
  EXPECT_NEAR(number("percent_of_peak") * ceiling / 100, number("steps_per_s"),
              1e-9 * number("steps_per_s"));
  EXPECT_EQ(row.at("ceiling"), issue < number("memory_steps_per_s") ? "issue" : "memory");
  // States and inputs are written and read once, and no kernel writes more than it has.
  EXPECT_GE(number("bytes_per_step"), 2 * 2 * sizeof(float));
  EXPECT_LT(number("bytes_per_step"), 100);
}

// Breaks when a policy with many parameters moves no more bytes, or double no more than float.
TEST(BenchTraffic, GrowsWithWhatIsMoved) {
  const auto bytes = [](const BenchCase& c) {
    return traffic_of(c, "gradient", *c.engine()).bytes_per_step;
  };
  EXPECT_NEAR(bytes(case_of("pendulum", 40, 40, "double")),
              2 * bytes(case_of("pendulum", 40, 40, "float")), 1e-9);
  EXPECT_GT(bytes(case_of("pendulum_network", 40, 40)), 3 * bytes(case_of("pendulum", 40, 40)));
}

// Counted by hand: x+ = a x + b u with u = u_ff + k (θ − x), a quadratic cost.
// Breaks when operations.json is of other kernels, or a kind of operation is not counted.
TEST(BenchOperations, OfTheScalarSystem) {
  const BenchCase c = case_of("scalar", 2, 2000);  // the ends count for little
  const auto per_step = [&](const char* what) {
    const auto operations = counted_operations(c, what);
    EXPECT_TRUE(operations) << what;
    return operations ? *operations : Operations{};
  };
  // u: θ − x, a multiply-add; the step: a product, a multiply-add. Whether x and u are finite (a
  // product with 0 and a comparison each), and whether they were before.
  const Operations rollout = per_step("rollout");
  EXPECT_NEAR(rollout.add, 1, 0.01);
  EXPECT_NEAR(rollout.multiply, 3, 0.01);
  EXPECT_EQ(rollout.multiply_add, 2);
  EXPECT_EQ(rollout.divide + rollout.root, 0);
  EXPECT_NEAR(rollout.other, 3, 0.01);
  EXPECT_NEAR(rollout.instructions(), 9, 0.01);
  EXPECT_NEAR(rollout.flops(), 8, 0.01);

  const Operations gradient = per_step("gradient");
  EXPECT_GT(gradient.flops(), rollout.flops() + per_step("adjoint").flops());
  EXPECT_FALSE(counted_operations(c, "growth"));
}

}  // namespace
}  // namespace phigrad
