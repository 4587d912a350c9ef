// State-transition matrices and growth curves as the engine gives them (NU5), for every bundle.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "kernels/gradient/growth_bins.hpp"
#include "tests/host/config/expect_error.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

using Eigen::MatrixXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MatrixXd matrix(const double* from, int n) { return Eigen::Map<const RowMajor>(from, n, n); }

MatrixXd value(const TransitionMatrix& m, int n) {
  return matrix(m.mantissa.data(), n) * std::exp2(m.exponent);
}

double norm2(const MatrixXd& m) { return m.jacobiSvd().singularValues()[0]; }

class Transitions : public ::testing::TestWithParam<KernelEntry> {
 protected:
  static constexpr int segments = 6;
  static constexpr int steps = 4;
  static constexpr std::size_t count = 5;

  Transitions() : case_(GetParam()), n(case_.size.nx) {
    ragged_ = members_.shape(segments, steps);
    ragged_.ragged = true;
  }

  double epsilon() const { return GetParam().precision == "float" ? 0x1p-24 : 0x1p-53; }

  /// Trajectories of differing length.
  std::unique_ptr<Engine> recorded() const {
    auto engine = Engine::create(case_.spec(ragged_), ragged_);
    set_numbers(case_, members_, *engine);
    std::vector<GridTrajectory> grid;
    for (const std::size_t b : members_.trajectories) grid.push_back(case_.recorded(b, ragged_));
    engine->load(grid);
    return engine;
  }

  /// The closed loop of the samples of a trajectory, padding left out.
  std::vector<MatrixXd> closed_loop(Engine& engine, std::size_t b) const {
    const Linearisation l = engine.linearise()[b];
    const std::vector<double> samples = case_.recorded(b, ragged_).count;
    std::vector<MatrixXd> A;
    for (int j = 0; j < segments; ++j) {
      for (int k = 0; k < samples[static_cast<std::size_t>(j)]; ++k) {
        A.push_back(matrix(l.closed.data() + std::ptrdiff_t{j * steps + k} * n * n, n));
      }
    }
    return A;
  }

  const EngineCase case_;
  const int n;
  const Members members_ = Members::first(count);
  BatchShape ragged_;
};

// Breaks when Φ is multiplied from the wrong side, with a step too many, or over padding.
TEST_P(Transitions, AreProductsOfTheClosedLoop) {
  const auto engine = recorded();
  std::size_t longest = 0;
  std::vector<std::vector<MatrixXd>> A;
  for (std::size_t b = 0; b < count; ++b) {
    A.push_back(closed_loop(*engine, b));
    longest = std::max(longest, A[b].size());
  }
  std::vector<std::pair<int, int>> pairs;
  for (int t = 0; t <= static_cast<int>(longest); t += 3) {
    for (int s = 0; s <= t; s += 2) pairs.emplace_back(t, s);
  }
  const auto phi = engine->transition(pairs);
  for (std::size_t b = 0; b < count; ++b) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (pairs[i].first > static_cast<int>(A[b].size())) continue;
      MatrixXd expected = MatrixXd::Identity(n, n);
      double scale = 1;
      for (int s = pairs[i].second; s < pairs[i].first; ++s) {
        expected = A[b][static_cast<std::size_t>(s)] * expected;
        scale *= A[b][static_cast<std::size_t>(s)].norm();
      }
      const double steps_between = pairs[i].first - pairs[i].second;
      EXPECT_LE((value(phi[b][i], n) - expected).norm(), 8 * n * epsilon() * steps_between * scale)
          << b << ": " << pairs[i].first << " from " << pairs[i].second;
    }
  }
}

// Breaks when an exponent is lost between products.
TEST_P(Transitions, FormASemigroup) {
  const auto engine = simulated(case_, members_, members_.shape(segments, steps));
  const auto phi = engine->transition({{24, 0}, {24, 9}, {9, 0}, {15, 15}});
  for (std::size_t b = 0; b < count; ++b) {
    const MatrixXd whole = value(phi[b][0], n), late = value(phi[b][1], n),
                   early = value(phi[b][2], n);
    EXPECT_LE((late * early - whole).norm(), 8 * n * epsilon() * late.norm() * early.norm());
    EXPECT_EQ(value(phi[b][3], n), MatrixXd::Identity(n, n));
  }
}

// Breaks when a product loses volume: log|det Φ| = Σ log|det A_t| (Liouville). Maps that forget a
// state (the Go1's speed is its command) have det 0 on both sides.
TEST_P(Transitions, KeepVolume) {
  const int T = 12;
  const auto engine = simulated(case_, members_, members_.shape(T, 1));
  const auto phi = engine->transition({{T, 0}});
  const std::vector<Linearisation> l = engine->linearise();
  for (std::size_t b = 0; b < count; ++b) {
    double sum = 0;
    for (int t = 0; t < T; ++t) {
      sum += std::log(
          std::abs(matrix(l[b].closed.data() + std::ptrdiff_t{t} * n * n, n).determinant()));
    }
    const MatrixXd whole = matrix(phi[b][0].mantissa.data(), n);
    const auto sizes = whole.jacobiSvd().singularValues();
    const double det =
        std::log(std::abs(whole.determinant())) + n * phi[b][0].exponent * std::log(2.0);
    if (!std::isfinite(sum)) {
      EXPECT_LE(sizes[n - 1], 8 * epsilon() * sizes[0]);
    } else {
      const double condition = sizes[0] / sizes[n - 1];
      EXPECT_NEAR(det, sum, 1e-12 * (epsilon() / 0x1p-53) * T * std::max(1.0, condition * 1e-3))
          << condition;
    }
  }
}

// Breaks when a lag's pairs are miscounted, padding enters, or the norm is another one.
TEST_P(Transitions, GrowthIsTheMeanNormByLag) {
  const auto engine = recorded();
  const int lags = 9;
  const std::vector<GrowthCurve> curves = engine->growth(lags);
  const double tolerance = GetParam().precision == "float" ? 2e-5 : 1e-12;
  for (std::size_t b = 0; b < count; ++b) {
    const std::vector<MatrixXd> A = closed_loop(*engine, b);
    for (int lag = 1; lag <= lags; ++lag) {
      if (lag > static_cast<int>(A.size())) continue;
      double sum = 0, largest = 0;
      int pairs = 0;
      for (std::size_t s = 0; s + static_cast<std::size_t>(lag) <= A.size(); ++s, ++pairs) {
        MatrixXd phi = MatrixXd::Identity(n, n);
        for (int i = 0; i < lag; ++i) phi = A[s + static_cast<std::size_t>(i)] * phi;
        sum += norm2(phi);
        largest = std::max(largest, norm2(phi));
      }
      const auto at = static_cast<std::size_t>(lag - 1);
      EXPECT_NEAR(curves[b].log_mean[at], std::log(sum / pairs), tolerance) << b << ' ' << lag;
      EXPECT_NEAR(curves[b].log_max[at], std::log(largest), tolerance) << b << ' ' << lag;
    }
  }
  // A lag beyond the trajectories is as far as they go.
  EXPECT_LE(engine->growth(1000)[0].log_mean.size(), static_cast<std::size_t>(ragged_.slots()));
}

// Breaks when a pair is counted under another lag, in a bin that its norm is not in, twice or not;
// when padding is counted, or a trajectory that left the numbers.
TEST_P(Transitions, GrowthCountsEveryPairInItsBin) {
  const auto engine = Engine::create(case_.spec(ragged_), ragged_);
  set_numbers(case_, members_, *engine);
  std::vector<GridTrajectory> grid;
  for (const std::size_t b : members_.trajectories) grid.push_back(case_.recorded(b, ragged_));
  constexpr std::size_t lost = 2;
  grid[lost].status = 3;
  engine->load(grid);
  constexpr int lags = 7;
  GrowthCounts counted;
  engine->growth(lags, &counted);
  ASSERT_EQ(counted.counts.size(), std::size_t{lags} * growth_bins);
  for (int lag = 1; lag <= lags; ++lag) {
    std::vector<int> expected, bins;
    for (std::size_t b = 0; b < count; ++b) {
      const std::vector<MatrixXd> A = closed_loop(*engine, b);
      if (b == lost) continue;
      for (std::size_t s = 0; s + static_cast<std::size_t>(lag) <= A.size(); ++s) {
        MatrixXd phi = MatrixXd::Identity(n, n);
        for (int i = 0; i < lag; ++i) phi = A[s + static_cast<std::size_t>(i)] * phi;
        expected.push_back(growth_bin(norm2(phi), 0.0));
      }
    }
    for (int bin = 0; bin < growth_bins; ++bin) {
      const auto at = static_cast<std::size_t>((lag - 1) * growth_bins + bin);
      bins.insert(bins.end(), counted.counts[at], bin);
    }
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(bins.size(), expected.size()) << lag;
    int beside = 0;  // rounding takes what is at a bin's edge to its neighbour
    for (std::size_t i = 0; i < bins.size(); ++i) {
      ASSERT_LE(std::abs(bins[i] - expected[i]), 1) << lag;
      beside += bins[i] != expected[i];
    }
    EXPECT_LE(beside, 1 + static_cast<int>(bins.size()) / 10) << lag;
  }
}

// Breaks when policies are counted in each other's place, or a lane that only fills a block.
TEST_P(Transitions, GrowthIsCountedByPolicies) {
  Members all = Members::first(2 * 9);
  all.policies = {0, 1};
  const auto both = simulated(case_, all, all.shape(3, 2));
  GrowthCounts apart, together;
  together.policies = 2;
  both->growth(6, &apart);
  both->growth(6, &together);
  ASSERT_EQ(apart.counts.size(), 2 * together.counts.size());
  std::vector<std::uint32_t> sum(together.counts.size());
  for (std::size_t p = 0; p < 2; ++p) {
    Members one;
    one.policies = {p};
    for (std::size_t r = 0; r < 9; ++r) one.trajectories.push_back(p * 9 + r);
    GrowthCounts alone;
    simulated(case_, one, one.shape(3, 2))->growth(6, &alone);
    const auto from = apart.counts.begin() + static_cast<std::ptrdiff_t>(p * sum.size());
    EXPECT_TRUE(std::equal(alone.counts.begin(), alone.counts.end(), from)) << p;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += alone.counts[i];
  }
  EXPECT_EQ(together.counts, sum);
}

// Breaks when pairs that do not exist are read.
TEST_P(Transitions, RefusePairsOutsideTheTrajectory) {
  const auto engine = simulated(case_, members_, members_.shape(segments, steps));
  const char* remedy = "use 0 <= s <= t <= 24";
  for (const auto& [t, s] : std::vector<std::pair<int, int>>{{25, 0}, {3, 4}, {2, -1}}) {
    expect_error(
        [&, t = t, s = s] {
          engine->transition({{t, s}});
        },
        Exit::input,
        "no transition matrix from step " + std::to_string(s) + " to " + std::to_string(t) +
            " [engine]; " + remedy);
  }
  expect_error([&] { engine->growth(0); }, Exit::input,
               "no growth over less than one step [engine]; use a lag of at least 1 and "
               "trajectories of at least one step");
}

INSTANTIATE_TEST_SUITE_P(Kernels, Transitions, ::testing::ValuesIn(runnable_entries()), test_name);

}  // namespace
}  // namespace phigrad
