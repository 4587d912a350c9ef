// Every derivative that a gradient is made of against the complex step at 10⁴ random points (NU1),
// for every robot: the model's steps, the tracker, the head, the objective. The same file is built
// once more with a planted error in each model's Jacobian; that build must fail (tests/build/).
#include <gtest/gtest.h>

#include "kernels/gradient/pull_back.hpp"
#include "tests/support/complex_jacobian.hpp"
#include "tests/support/replay_oracle.hpp"
#include "tests/support/robot_cases.hpp"

namespace phigrad {
namespace {

using Eigen::MatrixXd;
using C = ComplexStep;

#ifdef PHIGRAD_PLANTED_JACOBIAN_ERROR
/// The model with one entry of its pull-back wrong by a billionth.
template <class Right>
struct ModelUnderTest : Right {
  using Right::nu;
  using Right::nx;
  template <class Real, int NX, int NU, class P>
  PHI_HD static Cotangent<Real, NX, NU> vjp(const Vec<Real, NX>& x, const Vec<Real, NU>& u,
                                            const P& p, const Vec<Real, NX>& w) {
    return spoilt(derivative_vjp<Right, Real>(x, u, p, w));
  }
  template <class Real, int NX, int NU, class P>
  PHI_HD static Cotangent<Real, NX, NU> step_vjp(const Vec<Real, NX>& x, const Vec<Real, NU>& u,
                                                 const P& p, scalar_t<Real> dt,
                                                 const Vec<Real, NX>& w) {
    return spoilt(DiscreteMap::vjp<Right, Real>(x, u, p, dt, w));
  }

 private:
  template <class Cotangent>
  static Cotangent spoilt(Cotangent c) {
    c.u[0] = c.u[0] * (1 + 1e-9);
    return c;
  }
};
#else
template <class Right>
using ModelUnderTest = Right;
#endif

template <class Robot>
class Derivatives : public ::testing::Test {
 protected:
  using Model = ModelUnderTest<typename Robot::Model>;
  using Policy = typename Robot::Policy;
  using Head = typename Policy::Head;
  using Tracker = typename Policy::Tracker;
  using Objective = typename Robot::Objective;
  static constexpr int nx = Policy::nx;
  static constexpr int nu = Policy::nu;
  static constexpr int nz = Policy::nz;
  static constexpr int nm = Policy::nm;
  static constexpr std::size_t points = 10000;

  template <int N>
  static Vec<double, N> random(std::uint64_t what, std::size_t point, double size) {
    const std::vector<double> numbers =
        random_numbers(40 + what, point, static_cast<std::size_t>(N), -size, size);
    Vec<double, N> v;
    for (int i = 0; i < N; ++i) v[i] = numbers[static_cast<std::size_t>(i)];
    return v;
  }
  static Vec<double, nx> state(std::size_t point) { return random<nx>(0, point, 3); }
  static Vec<double, nu> input(std::size_t point) { return random<nu>(1, point, 1.5); }
  double time(std::size_t point) const {
    return random_numbers(44, point, 1, 0, std::max(2 * case_.experiment.setup.lap_s, 3.0))[0];
  }

  int segment(std::size_t point) const { return static_cast<int>(point) % case_.shape.segments; }

  /// N numbers of v from the first-th on.
  template <int N, int M, class Real>
  static Vec<Real, N> part(const Vec<Real, M>& v, int first) {
    Vec<Real, N> p;
    for (int i = 0; i < N; ++i) p[i] = v[first + i];
    return p;
  }
  template <int N, int M>
  static Vec<double, N + M> joined(const Vec<double, N>& a, const Vec<double, M>& b) {
    Vec<double, N + M> v;
    for (int i = 0; i < N; ++i) v[i] = a[i];
    for (int i = 0; i < M; ++i) v[N + i] = b[i];
    return v;
  }
  template <int N>
  static Vec<double, N> unit(int i) {
    Vec<double, N> v{};
    v[i] = 1;
    return v;
  }
  template <int N, int M>
  static void put(MatrixXd& J, int row, const Vec<double, N>& left, const Vec<double, M>& right) {
    for (int i = 0; i < N; ++i) J(row, i) = left[i];
    for (int i = 0; i < M; ++i) J(row, N + i) = right[i];
  }

  /// ∂x⁺/∂(x, u) of one integrator's step.
  template <class Step>
  void check_step(Step /*step*/) const {
    const auto p = from_array<Robot::Model::template Params>(case_.experiment.setup.model.data());
    const auto complex_p = convert<Robot::Model::template Params, C>(p);
    const double dt = case_.shape.dt;
    JacobianCheck check;
    for (std::size_t i = 0; i < points; ++i) {
      const Vec<double, nx> x = state(i);
      const Vec<double, nu> u = input(i);
      MatrixXd J(nx, nx + nu);
      for (int r = 0; r < nx; ++r) {
        const auto c = Step::template vjp<Model, double>(x, u, p, dt, unit<nx>(r));
        put(J, r, c.x, c.u);
      }
      check.expect(
          joined(x, u),
          [&](const Vec<C, nx + nu>& v) {
            return Step::template step<Model, C>(part<nx>(v, 0), part<nu>(v, nx), complex_p, dt);
          },
          J);
    }
    check.finish();
  }
  void check_model() const {
    if constexpr (kernel_detail::IsDiscrete<Model>::value) {
      check_step(DiscreteMap{});
    } else {
      check_step(Euler{});
      check_step(RungeKutta4{});
      if constexpr (kernel_detail::NamesVelocities<Model>::value) check_step(SemiImplicitEuler{});
    }
  }

  /// ∂u/∂(x, z⁻, z), through the plan.
  void check_tracker() const {
    const auto& settings = Policy::tracker(policy_);
    JacobianCheck check;
    for (std::size_t i = 0; i < points; ++i) {
      const Vec<double, nx> x = state(i);
      const auto decisions = random<2 * nz>(2, i, 1.5);
      const std::vector<double> schedule =
          random_numbers(43, i, static_cast<std::size_t>(Tracker::n_schedule), -1, 1);
      const double segment_s = case_.shape.dt * case_.shape.steps_per_segment;
      const double since = random_numbers(45, i, 1, 0, segment_s)[0];
      const auto plan = Tracker::plan(part<nz>(decisions, 0), part<nz>(decisions, nz), settings);
      MatrixXd J(nu, nx + 2 * nz);
      for (int r = 0; r < nu; ++r) {
        Vec<double, nx> x_bar{};
        Vec<double, nm> plan_bar{};
        Vec<double, nz> before_bar{}, z_bar{};
        Tracker::act_vjp(x, plan, Instant<double, double>{since, schedule.data()}, settings,
                         unit<nu>(r), x_bar, plan_bar);
        Tracker::plan_vjp(plan_bar, settings, before_bar, z_bar);
        put(J, r, x_bar, joined(before_bar, z_bar));
      }
      check.expect(
          joined(x, decisions),
          [&](const Vec<C, nx + 2 * nz>& v) {
            return Tracker::act(part<nx>(v, 0),
                                Tracker::plan(part<nz>(v, nx), part<nz>(v, nx + nz), settings),
                                Instant<double, C>{C(since), schedule.data()}, settings);
          },
          J);
    }
    check.finish();
  }

  /// ∂z/∂x as the adjoint takes it, backwards.
  void check_head_of_state() const {
    if constexpr (Head::depends_on_state) {
      const SharedParameters<double> theta{case_.theta.data()};
      JacobianCheck check;
      for (std::size_t i = 0; i < points; ++i) {
        const Vec<double, nx> x = state(i);
        const typename Head::template StateVjp<SharedParameters<double>, double, double> vjp(
            theta, x, time(i), Policy::head(policy_));
        MatrixXd J(nz, nx);
        for (int r = 0; r < nz; ++r) {
          Vec<double, nz> unit{};
          unit[r] = 1;
          const Vec<double, nx> row = vjp(unit);
          for (int n = 0; n < nx; ++n) J(r, n) = row[n];
        }
        check.expect(
            x,
            [&](const Vec<C, nx>& v) {
              return Head::decide(theta, v, C(time(i)), segment(i), Policy::head(policy_));
            },
            J);
      }
      check.finish();
    }
  }

  /// ⟨(∂z/∂θ)ᵀ z̄, d⟩ = ⟨z̄, ∂z/∂θ d⟩ along random d.
  void check_head_of_theta() const {
    const std::vector<double>& theta = case_.theta;
    double largest = 0;
    for (std::size_t i = 0; i < points; ++i) {
      const Vec<double, nx> x = state(i);
      const auto z_bar = random<nz>(6, i, 1);
      std::vector<double> theta_bar(theta.size(), 0.0);
      Head::template pull_back<1, double>(
          SharedParameters<double>{theta.data()}, {{x, time(i), segment(i), z_bar}},
          Policy::head(policy_), ParameterGradient<double>{{theta_bar.data(), {1, 0, 1}}, 0});
      const std::vector<double> direction = random_numbers(47, i, theta.size(), -1, 1);
      Vec<C, nx> seen;
      for (int n = 0; n < nx; ++n) seen[n] = C(x[n]);
      const Vec<C, nz> z = Head::decide(SteppedParameters{&theta, &direction, true}, seen,
                                        C(time(i)), segment(i), Policy::head(policy_));
      double forward = 0, backward = 0, bar = 0, along = 0;
      for (int r = 0; r < nz; ++r) forward += z_bar[r] * z[r].im() / SteppedParameters::step;
      for (std::size_t k = 0; k < theta.size(); ++k) {
        backward += theta_bar[k] * direction[k];
        bar += theta_bar[k] * theta_bar[k];
        along += direction[k] * direction[k];
      }
      largest = std::max(largest, bar);
      ASSERT_NEAR(forward, backward, 1e-12 * std::sqrt(bar * along)) << "point " << i;
    }
    EXPECT_GT(largest, 1e-3);
  }

  /// ∂(stage, terminal)/∂(x, u).
  void check_objective() const {
    JacobianCheck check;
    for (std::size_t i = 0; i < points; ++i) {
      const Vec<double, nx> x = state(i);
      const Vec<double, nu> u = input(i);
      const double t = time(i);
      const auto g = Objective::stage_gradient(x, u, t, objective_);
      MatrixXd J(2, nx + nu);
      put(J, 0, g.x, g.u);
      put(J, 1, Objective::terminal_gradient(x, t, objective_), Vec<double, nu>{});
      check.expect(
          joined(x, u),
          [&](const Vec<C, nx + nu>& v) {
            const auto vx = part<nx>(v, 0);
            return Vec<C, 2>{{Objective::stage(vx, part<nu>(v, nx), C(t), objective_),
                              Objective::terminal(vx, C(t), objective_)}};
          },
          J);
    }
    check.finish();
  }

  const RobotCase case_ = robot_case<Robot>();
  const typename Policy::template Settings<double> policy_ =
      from_array<Policy::template Settings>(case_.spec.policy.data());
  const typename Objective::template Settings<double> objective_ =
      from_array<Objective::template Settings>(case_.spec.objective.data());
};
TYPED_TEST_SUITE(Derivatives, AllRobots, RobotNames);

// Breaks with any entry of A or B, hand-written or by Dual numbers, under any integrator.
TYPED_TEST(Derivatives, OfTheModel) { this->check_model(); }

#ifndef PHIGRAD_PLANTED_JACOBIAN_ERROR
// Breaks with a derivative of the tracking law, or of the plan that it follows.
TYPED_TEST(Derivatives, OfTheTracker) { this->check_tracker(); }

// Breaks with a derivative of the network's inputs, of a layer, or of the nominal decision.
TYPED_TEST(Derivatives, OfTheHead_slow) {
  this->check_head_of_state();
  this->check_head_of_theta();
}

// Breaks with a derivative of the cost, of a stage or of the end.
TYPED_TEST(Derivatives, OfTheObjective) { this->check_objective(); }
#endif

}  // namespace
}  // namespace phigrad
