// Jacobians along a trajectory, forward sensitivities through them, and the adjoint: three ways to
// the same numbers (NU3), for every robot.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "kernels/gradient/adjoint.hpp"
#include "tests/support/replay_oracle.hpp"
#include "tests/support/robot_cases.hpp"

namespace phigrad {
namespace {

using Eigen::Map;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MatrixXd matrix(const std::vector<double>& from, int index, int rows, int columns) {
  return Map<const RowMajor>(from.data() + std::ptrdiff_t{index} * rows * columns, rows, columns);
}

VectorXd vector(const std::vector<double>& from, int index, int n) {
  return Map<const VectorXd>(from.data() + std::ptrdiff_t{index} * n, n);
}

template <class Robot>
class Sensitivities : public ::testing::Test {
 protected:
  using C = ComplexStep;
  using Model = typename Robot::Model;
  using Policy = typename Robot::Policy;
  using Tracker = typename Policy::Tracker;
  static constexpr int nx = Policy::nx;
  static constexpr int nu = Policy::nu;
  static constexpr int nz = Policy::nz;
  static constexpr double h = 1e-180;

  Sensitivities()
      : case_(robot_case<Robot>()),
        engine_(case_.simulated()),
        record_(record_of(case_.spec, case_.shape, engine_->trajectory(0), case_.time, nx)),
        settings_(from_array<Policy::template Settings>(case_.spec.policy.data())),
        model_(from_array<Model::template Params>(case_.experiment.setup.model.data())) {}

  template <int N>
  static Vec<C, N> stepped(const std::vector<double>& from, int at, const VectorXd& direction) {
    Vec<C, N> v;
    for (int i = 0; i < N; ++i) {
      v[i] = C(from[static_cast<std::size_t>(at * N + i)], h * direction[i]);
    }
    return v;
  }
  template <int N>
  static VectorXd slope(const Vec<C, N>& v) {
    VectorXd s(N);
    for (int i = 0; i < N; ++i) s[i] = v[i].im() / h;
    return s;
  }

  template <class Real>
  Instant<double, Real> instant(int slot) const {
    const double* schedule =
        case_.spec.schedule.empty()
            ? nullptr
            : case_.spec.schedule.data() + std::ptrdiff_t{slot} * Tracker::n_schedule;
    return {Real(record_.grid.since_refresh[static_cast<std::size_t>(slot)]), schedule};
  }

  /// du along a motion of the state and of the two decisions that the plan is made of.
  VectorXd du(int slot, const VectorXd& dx, const VectorXd& dbefore, const VectorXd& dz) const {
    const int j = slot / case_.shape.steps_per_segment;
    const auto& tracker = Policy::tracker(settings_);
    const auto plan = Tracker::plan(stepped<nz>(record_.grid.decisions, j, dbefore),
                                    stepped<nz>(record_.grid.decisions, j + 1, dz), tracker);
    return slope(
        Tracker::act(stepped<nx>(record_.grid.states, slot, dx), plan, instant<C>(slot), tracker));
  }

  /// dx⁺ along a motion of the state and the input.
  VectorXd dnext(int slot, const VectorXd& dx, const VectorXd& du) const {
    VectorXd next;
    kernel_detail::with_integrator<Model>(case_.spec.model_integrator, [&](auto step) {
      next = slope(decltype(step)::template step<Model, C>(
          stepped<nx>(record_.grid.states, slot, dx), stepped<nu>(record_.grid.inputs, slot, du),
          convert<Model::template Params, C>(model_), case_.shape.dt));
    });
    return next;
  }

  /// (closed loop of the slot)ᵀ w, by the pull-backs that the adjoint is made of.
  VectorXd pulled(int slot, const VectorXd& w) const {
    const int j = slot / case_.shape.steps_per_segment;
    const VectorXd none = VectorXd::Zero(std::max(nx, nz));
    const auto& tracker = Policy::tracker(settings_);
    const auto real = [](const auto& v) {
      constexpr int n = std::decay_t<decltype(v)>::size();
      Vec<double, n> r;
      for (int i = 0; i < n; ++i) r[i] = v[i].re();
      return r;
    };
    const auto x = real(stepped<nx>(record_.grid.states, slot, none));
    const auto u = real(stepped<nu>(record_.grid.inputs, slot, VectorXd::Zero(nu)));
    const auto plan =
        Tracker::plan(real(stepped<nz>(record_.grid.decisions, j, none)),
                      real(stepped<nz>(record_.grid.decisions, j + 1, none)), tracker);
    Vec<double, nx> bar;
    for (int i = 0; i < nx; ++i) bar[i] = w[i];
    Cotangent<double, nx, nu> c{};
    kernel_detail::with_integrator<Model>(case_.spec.model_integrator, [&](auto step) {
      c = decltype(step)::template vjp<Model, double>(x, u, model_, case_.shape.dt, bar);
    });
    Vec<double, Tracker::nm> ignored{};
    Tracker::act_vjp(x, plan, instant<double>(slot), tracker, c.u, c.x, ignored);
    return Map<const VectorXd>(c.x.v, nx);
  }

  RobotCase case_;
  std::unique_ptr<Engine> engine_;
  ReplayRecord record_;
  typename Policy::template Settings<double> settings_;
  typename Model::template Params<double> model_;
};
TYPED_TEST_SUITE(Sensitivities, AllRobots, RobotNames);

// Breaks when linearise() gives a Jacobian of another step, another argument, or transposed.
TYPED_TEST(Sensitivities, JacobiansAreTheComplexStep) {
  const Linearisation l = this->engine_->linearise()[0];
  constexpr int n = TestFixture::nx, m = TestFixture::nu, d = TestFixture::nz;
  const VectorXd zero_z = VectorXd::Zero(d);
  double largest_A = 0, largest_B = 0;
  for (int t = 0; t < this->case_.shape.slots(); ++t) {
    const MatrixXd A = matrix(l.J_next_x, t, n, n);
    const MatrixXd B = matrix(l.J_next_u, t, n, m);
    const MatrixXd K = matrix(l.J_u_x, t, m, n);
    const MatrixXd closed = matrix(l.closed, t, n, n);
    for (int i = 0; i < n; ++i) {
      const VectorXd e = VectorXd::Unit(n, i);
      const VectorXd du = this->du(t, e, zero_z, zero_z);
      ASSERT_LE((A.col(i) - this->dnext(t, e, VectorXd::Zero(m))).norm(), 1e-12 * A.norm()) << t;
      ASSERT_LE((K.col(i) - du).norm(), 1e-12 * (1 + K.norm())) << t;
      ASSERT_LE((closed.col(i) - this->dnext(t, e, du)).norm(),
                1e-12 * (A.norm() + B.norm() * K.norm()))
          << t;
    }
    for (int i = 0; i < m; ++i) {
      ASSERT_LE((B.col(i) - this->dnext(t, VectorXd::Zero(n), VectorXd::Unit(m, i))).norm(),
                1e-12 * B.norm())
          << t;
    }
    largest_A = std::max(largest_A, (A - MatrixXd::Identity(n, n)).norm());
    largest_B = std::max(largest_B, B.norm());
  }
  EXPECT_GT(largest_A, 1e-4);
  EXPECT_GT(largest_B, 1e-4);
}

// Breaks when a pull-back is not the transpose of what it pulls back through: ⟨w, Φv⟩ with v taken
// forward by the complex step, ⟨Φᵀw, v⟩ with w taken back by the kernels' products.
TYPED_TEST(Sensitivities, PullBacksAreTransposes) {
  constexpr int n = TestFixture::nx, d = TestFixture::nz;
  const int T = std::min(this->case_.shape.slots(), 60);
  for (std::size_t draw = 0; draw < 5; ++draw) {
    VectorXd v = vector(random_numbers(20, draw, static_cast<std::size_t>(n), -1, 1), 0, n);
    VectorXd w = vector(random_numbers(21, draw, static_cast<std::size_t>(n), -1, 1), 0, n);
    const VectorXd v0 = v, w0 = w;
    MatrixXd phi = MatrixXd::Identity(n, n);
    for (int t = 0; t < T; ++t) {
      const auto forward = [&](const VectorXd& dx) {
        return this->dnext(t, dx, this->du(t, dx, VectorXd::Zero(d), VectorXd::Zero(d)));
      };
      v = forward(v);
      for (int i = 0; i < n; ++i) phi.col(i) = forward(phi.col(i));
    }
    for (int t = T - 1; t >= 0; --t) w = this->pulled(t, w);
    ASSERT_NEAR(w0.dot(v), w.dot(v0), 1e-13 * w0.norm() * std::max(1.0, phi.norm()) * v0.norm());
  }
}

// Breaks when the engine's adjoint and products of its Jacobians disagree: s_{t+1} = A_t s_t +
// B_t du, summed with the costs' gradients, against ⟨∂loss/∂z, dz⟩. Without a policy the decisions
// are constants, so no head comes in.
TYPED_TEST(Sensitivities, ForwardSumsAreTheAdjoint) {
  constexpr int n = TestFixture::nx, m = TestFixture::nu, d = TestFixture::nz;
  const BatchShape& shape = this->case_.shape;
  BatchShape ragged = shape;
  ragged.ragged = true;
  const auto engine = Engine::create(this->case_.spec, ragged);
  engine->set_model(this->case_.experiment.setup.model);
  engine->load({this->record_.grid});
  const Linearisation l = engine->linearise()[0];
  const Windows windows{shape.segments / 5, shape.segments / 4, {1.0 * shape.segments}};
  Gradient gradient;
  engine->adjoint(windows, {Chain::rollout, 0, false}, gradient);
  const std::vector<double> z_bar = engine->decision_gradient(0);

  using Objective = typename TypeParam::Objective;
  const auto objective =
      from_array<Objective::template Settings>(this->case_.spec.objective.data());
  double largest = 0;
  for (std::size_t draw = 0; draw < 3; ++draw) {
    std::vector<double> dz = random_numbers(22, draw, z_bar.size(), -1, 1);
    VectorXd s = VectorXd::Zero(n);
    double forward = 0, scale = 0, backward = 0;
    for (int t = 0; t <= shape.slots(); ++t) {
      const int j = std::min(t / shape.steps_per_segment, shape.segments - 1);
      double weight = 0;
      for (int first = windows.drop; first + windows.length <= shape.segments; ++first) {
        weight += j >= first && j < first + windows.length ? 1 : 0;
      }
      const auto at = static_cast<std::size_t>(std::min(t, shape.slots() - 1));
      const ComplexStep time(this->record_.grid.segment_time[static_cast<std::size_t>(j)] +
                             this->record_.grid.since_refresh[at]);
      const auto x = TestFixture::template stepped<n>(this->record_.grid.states, t, s);
      if (t == shape.slots()) {
        const double cost = weight * Objective::terminal(x, time, objective).im() / TestFixture::h;
        forward += cost;
        scale += std::abs(cost);
        break;
      }
      const VectorXd dbefore = j == 0 ? VectorXd(VectorXd::Zero(d)) : vector(dz, j - 1, d);
      const VectorXd explicit_du = this->du(t, VectorXd::Zero(n), dbefore, vector(dz, j, d));
      const VectorXd du = explicit_du + matrix(l.J_u_x, t, m, n) * s;
      const auto u = TestFixture::template stepped<m>(this->record_.grid.inputs, t, du);
      const double cost = weight * Objective::stage(x, u, time, objective).im() / TestFixture::h;
      forward += cost;
      scale += std::abs(cost);
      s = matrix(l.closed, t, n, n) * s + matrix(l.J_next_u, t, n, m) * explicit_du;
    }
    for (std::size_t i = 0; i < dz.size(); ++i) backward += z_bar[i] * dz[i];
    EXPECT_NEAR(forward, backward, 1e-13 * scale) << draw;
    largest = std::max(largest, std::abs(forward));
  }
  EXPECT_GT(largest, 1e-3);
}

}  // namespace
}  // namespace phigrad
