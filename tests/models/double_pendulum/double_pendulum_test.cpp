// The double pendulum's physics and its controller: energy, golden gains, and the spectral radii
// that decide whether the theorem's hypothesis holds (arXiv 2307.08168).
#include <gtest/gtest.h>

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/control/linearise.hpp"
#include "host/control/riccati.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/rollout_source.hpp"
#include "models/double_pendulum/dynamics.hpp"
#include "models/double_pendulum/parameters.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

using Eigen::MatrixXd;
using Pendulum = DoublePendulumDynamics;

constexpr double pi = pi_v<double>;
const PendulumParams plant{0.1, 0.1, 1, 1, 1};
const PendulumState upright{{pi, 0, 0, 0}};

/// Of point masses at the ends of the rods, from Cartesian positions: another way than H, C, G.
double energy(const PendulumState& s, const PendulumParams& p) {
  const double a1 = s[0], a12 = s[0] + s[1], w1 = s[2], w12 = s[2] + s[3];
  const double vx1 = p.length1 * w1 * std::cos(a1), vy1 = p.length1 * w1 * std::sin(a1);
  const double vx2 = vx1 + p.length2 * w12 * std::cos(a12);
  const double vy2 = vy1 + p.length2 * w12 * std::sin(a12);
  const double y1 = -p.length1 * std::cos(a1), y2 = y1 - p.length2 * std::cos(a12);
  return 0.5 * p.mass1 * (vx1 * vx1 + vy1 * vy1) + 0.5 * p.mass2 * (vx2 * vx2 + vy2 * vy2) +
         p.gravity * (p.mass1 * y1 + p.mass2 * y2);
}

/// Closed-loop A − B K of one explicit Euler step at upright.
double radius(const PendulumParams& p, const MatrixXd& K, double dt) {
  const LinearSystem s = linearise_step<Pendulum, Euler>(upright, {{0, 0}}, p, dt);
  return spectral_radius(s.A - s.B * K);
}

MatrixXd weights() { return Eigen::Vector4d(250, 250, 10, 10).asDiagonal(); }

MatrixXd continuous_gains(const PendulumParams& model) {
  const LinearSystem s = linearise_model<Pendulum>(upright, {{0, 0}}, model);
  return continuous_lqr(s.A, s.B, weights(), MatrixXd::Identity(2, 2));
}

// Breaks with any term of H, C or G: without torques the energy stays, with them it grows by their
// power.
TEST(DoublePendulum, KeepsItsEnergy) {
  const PendulumParams p{0.13, 0.21, 0.8, 1.1, 9.81};
  PendulumState s{{1.1, -0.7, 0.9, 1.7}};
  const double before = energy(s, p);
  for (int t = 0; t < 20000; ++t) s = RungeKutta4::step<Pendulum, double>(s, {{0, 0}}, p, 1e-4);
  EXPECT_NEAR(energy(s, p), before, 1e-10);

  const PendulumInput u{{0.31, -0.17}};
  const auto rate = Pendulum::derivative<double>(s, u, p);
  const double h = 1e-6;
  const double slope = (energy(s + rate * h, p) - energy(s - rate * h, p)) / (2 * h);
  EXPECT_NEAR(slope, u[0] * s[2] + u[1] * s[3], 1e-7);
}

// Breaks with the weights, the half-mass design model or the order of gains.
TEST(DoublePendulum, GainsAreTheGoldenOnes) {
  const MatrixXd K = continuous_gains(scaled(plant, 0.5, 1));
  MatrixXd golden(2, 4);
  golden << 15.9622, 0.0503, 4.2207, 0.4207, 0.0503, 15.8615, 0.4207, 3.3792;
  EXPECT_LE((K - golden).cwiseAbs().maxCoeff(), 6e-5) << K;
  const Experiment e = experiment_of("double_pendulum");
  // The policy pack holds them: the network's settings, then setpoint and gains as K is.
  for (const double entry : {K(0, 0), K(0, 1), K(1, 3)}) {
    EXPECT_NE(std::find_if(e.setup.policy.begin(), e.setup.policy.end(),
                           [&](double v) { return std::abs(v - entry) < 1e-9; }),
              e.setup.policy.end())
        << entry;
  }
}

// Breaks when the stability of plant and model is not the paper's: the model's loop is unstable at
// 10 ms under the nominal gains, stable at 5 ms, and discrete gains of its own cure it.
TEST(DoublePendulum, SpectralRadiiAreThePapers) {
  const PendulumParams mismatch = scaled(plant, 0.7, 0.9);
  const MatrixXd K = continuous_gains(scaled(plant, 0.5, 1));
  EXPECT_NEAR(radius(plant, K, 0.01), 0.963, 5e-4);
  EXPECT_NEAR(radius(mismatch, K, 0.01), 2.244, 5e-4);
  EXPECT_NEAR(radius(mismatch, K, 0.005), 0.975, 5e-4);
  EXPECT_NEAR(radius(scaled(plant, 0.5, 1), K, 0.01), 2.686, 5e-4);
  EXPECT_NEAR(radius(mismatch, continuous_gains(scaled(mismatch, 0.5, 1)), 0.01), 2.225, 5e-4);
  const LinearSystem s = linearise_step<Pendulum, Euler>(upright, {{0, 0}}, mismatch, 0.01);
  const MatrixXd discrete = discrete_lqr(s.A, s.B, weights(), MatrixXd::Identity(2, 2));
  EXPECT_NEAR(radius(mismatch, discrete, 0.01), 0.951, 5e-4);
  EXPECT_NEAR(radius(plant, discrete, 0.01), 0.963, 5e-4);
}

/// ‖Φ(k, 0)‖₂ along the plant's nominal rollout, with one model's derivatives.
std::vector<double> norms(const std::vector<std::string>& set, const std::vector<int>& ks) {
  const Experiment e = experiment_of("double_pendulum", set);
  BatchShape shape;
  shape.segments = e.common.rollout.segments;
  shape.steps_per_segment = e.setup.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  const auto engine = Engine::create(engine_spec(e, "cpu", "double", shape.segments), shape);
  engine->set_policies(initial_policies({{&e}, 1}, engine->parameters()));
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  engine->simulate({5 * pi / 8, 0, 0, 0}, {0});
  std::vector<std::pair<int, int>> pairs;
  pairs.reserve(ks.size());
  for (const int k : ks) pairs.emplace_back(k, 0);
  std::vector<double> result;
  const std::vector<TransitionMatrix> transitions = engine->transition(pairs)[0];
  for (const TransitionMatrix& m : transitions) {
    const Eigen::Map<const Eigen::Matrix4d> phi(m.mantissa.data());
    result.push_back(phi.jacobiSvd().singularValues()[0] * std::exp2(m.exponent));
  }
  return result;
}

// Breaks when Φ is not the loop's: golden norms of the stable real loop and of the model's.
TEST(DoublePendulum, TransitionNormsAreThePapers) {
  const auto expect = [](const std::vector<double>& got, const std::vector<double>& golden) {
    for (std::size_t i = 0; i < golden.size(); ++i) {
      EXPECT_NEAR(got[i], golden[i], 1e-3 * golden[i]) << i;
    }
  };
  expect(norms({}, {1, 10, 100, 300}), {9.314, 2.216, 0.09862, 9.093e-5});
  expect(norms({"model.mass_scale=0.7", "model.length_scale=0.9"}, {10, 50, 100}),
         {1.544e4, 8.68e17, 3.025e35});
}

}  // namespace
}  // namespace phigrad
