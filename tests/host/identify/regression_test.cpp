// Least squares from sums, excitation and jackknife, against what is known in closed form.
#include "host/identify/regression.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/statistics/jackknife.hpp"

namespace phigrad {
namespace {

Eigen::VectorXd two(double a, double b) {
  Eigen::VectorXd z(2);
  z << a, b;
  return z;
}

// Breaks when sums, scaling or R² are off: r = 3 z1 - 2 z2 with nothing left over, y = r + 7.
TEST(Regression, FitsWhatIsExact) {
  RegressionSums m(2);
  for (int i = 0; i < 50; ++i) {
    const double a = std::sin(i), b = 100 * std::cos(3 * i);
    m.add(two(a, b), 3 * a - 2 * b, 3 * a - 2 * b + 7);
  }
  const Fit f = fit(m);
  EXPECT_NEAR(f.coefficient[0], 3, 1e-8);
  EXPECT_NEAR(f.coefficient[1], -2, 1e-10);
  EXPECT_NEAR(f.r2, 1, 1e-12);
}

// Breaks when R² is taken about 0 instead of the mean: half of y's variance is explained.
TEST(Regression, R2IsAboutTheMean) {
  RegressionSums m(1);
  for (const double z : {-1.0, 1.0}) {
    for (const double rest : {-1.0, 1.0}) {
      m.add(Eigen::VectorXd::Constant(1, z), z + rest, 10 + z + rest);
    }
  }
  EXPECT_NEAR(fit(m).r2, 0.5, 1e-12);
}

// Breaks when the unique share is not 1 - R² of a regressor on the others: here 1 - ρ².
TEST(Regression, ExcitationCountsWhatIsUnique) {
  RegressionSums m(2);
  for (const double a : {-1.0, 1.0}) {
    for (const double b : {-1.0, 1.0}) m.add(two(a, 5 * (0.6 * a + 0.8 * b)), a, a);
  }
  const Excitation e = excitation(m);
  EXPECT_NEAR(e.unique[0], 1 - 0.36, 1e-12);
  EXPECT_NEAR(e.unique[1], 1 - 0.36, 1e-12);
  EXPECT_NEAR(e.condition, std::sqrt(1.6 / 0.4), 1e-12);
}

// Breaks when regressors that cannot be told apart pass, or make numbers of rounding errors.
TEST(Regression, CollinearRegressorsAreSeen) {
  RegressionSums m(2);
  for (int i = 1; i < 20; ++i) m.add(two(0.1 * i, 0.3 * i), i, i);
  const Excitation e = excitation(m);
  EXPECT_FALSE(distinguishable(e.unique[0]));
  EXPECT_FALSE(distinguishable(e.unique[1]));
  EXPECT_NEAR(0.1 * fit(m).coefficient[0] + 0.3 * fit(m).coefficient[1], 1, 1e-9);
  RegressionSums still(2);
  for (int i = 1; i < 20; ++i) still.add(two(i, 0), i, i);
  EXPECT_TRUE(distinguishable(excitation(still).unique[0]));
  EXPECT_FALSE(distinguishable(excitation(still).unique[1]));
}

// Breaks with the jackknife's factor: for a mean it is the textbook's s / √G.
TEST(Regression, JackknifeOfAMean) {
  const std::vector<double> x = {1, 2, 4, 8, 5};
  const auto mean = [&x](int leave_out) {
    double sum = 0;
    int n = 0;
    for (int i = 0; i < 5; ++i) {
      if (i == leave_out) continue;
      sum += x[static_cast<std::size_t>(i)];
      ++n;
    }
    return std::vector<double>{sum / n};
  };
  const Interval i = jackknife(5, mean).front();
  EXPECT_NEAR(i.value, 4, 1e-12);
  EXPECT_NEAR(i.half_width(), student_t(0.95, 4) * std::sqrt(7.5 / 5), 1e-12);
}

}  // namespace
}  // namespace phigrad
