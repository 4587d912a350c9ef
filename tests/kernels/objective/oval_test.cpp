// The oval's geometry. Its derivatives are with those of every task (tests/models).
#include "kernels/objective/oval.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "models/car/tracking_law.hpp"
#include "tests/support/random_numbers.hpp"

namespace phigrad {
namespace {

constexpr double pi = Oval::pi;
const Oval::Settings<double> oval{1.2, 2.5, 4.1, 1, 0.1, 0.3};

Vec<double, 4> on_path(double t) {
  const TaskPoint<double> p = Oval::at(t, oval);
  return {{p.x, p.y, std::hypot(p.vx, p.vy), std::atan2(p.vy, p.vx)}};
}

// Breaks when a bend has another centre, a straight another side, or the lap another direction.
TEST(Oval, PassesWhereItShould) {
  const double of_straight = oval.straight / oval.pace(), of_bend = pi * oval.radius / oval.pace();
  const double at[][3] = {
      {0, -1.25, -1.2},
      {of_straight / 2, 0, -1.2},
      {of_straight + of_bend / 2, 1.25 + 1.2, 0},
      {of_straight + of_bend, 1.25, 1.2},
      {1.5 * of_straight + of_bend, 0, 1.2},
      {2 * of_straight + 1.5 * of_bend, -1.25 - 1.2, 0},
      {4.1 + of_straight / 2, 0, -1.2},
  };
  for (const auto& [t, x, y] : at) {
    const TaskPoint<double> p = Oval::at(t, oval);
    EXPECT_NEAR(p.x, x, 1e-12) << t;
    EXPECT_NEAR(p.y, y, 1e-12) << t;
  }
}

// Breaks when the velocity is not the position's rate, the pace differs along the lap, or a point
// of the path costs anything.
TEST(Oval, IsDrivenAtItsPace) {
  constexpr double h = 1e-6;
  for (const double t : random_numbers(1, 0, 500, 0, 9)) {
    const TaskPoint<double> p = Oval::at(t, oval);
    const TaskPoint<double> before = Oval::at(t - h, oval), after = Oval::at(t + h, oval);
    EXPECT_NEAR((after.x - before.x) / (2 * h), p.vx, 1e-5) << t;
    EXPECT_NEAR((after.y - before.y) / (2 * h), p.vy, 1e-5) << t;
    EXPECT_NEAR(std::hypot(p.vx, p.vy), (2 * pi * 1.2 + 5) / 4.1, 1e-12) << t;
    EXPECT_NEAR(Oval::stage(on_path(t), {}, t, oval), 0, 1e-12) << t;
    EXPECT_NEAR(Oval::path_error(on_path(t), oval), 0, 1e-12) << t;
  }
}

// Breaks when a heading that has grown by a turn a lap is taken for an error: neither what it costs
// nor what the law commands depends on the lap.
TEST(Oval, IsDrivenForManyLaps) {
  const CarTrackingLaw::Settings<double> limits{0.75, 1};
  const Vec<double, 6> gains{{0.45, 0.45, 0.35, 0.35, 0.1, 0.1}};
  for (const double t : random_numbers(3, 0, 200, 0, 4.1)) {
    const TaskPoint<double> p = Oval::at(t, oval);
    const PlanarSetpoint<double> d{p.x, p.y, p.vx, p.vy, 0.3, -0.2};
    Vec<double, 4> s = on_path(t);
    for (int i = 0; i < 4; ++i) s[i] += 0.05 * (i + 1);
    const double cost = Oval::stage(s, {}, t, oval);
    const Vec<double, 2> u = CarTrackingLaw::command(s, d, gains, limits);
    for (int laps = -6; laps <= 6; ++laps) {
      Vec<double, 4> later = s;
      later[3] += 2 * pi * laps;
      EXPECT_NEAR(Oval::stage(later, {}, t, oval), cost, 1e-12) << t << " " << laps;
      const Vec<double, 2> v = CarTrackingLaw::command(later, d, gains, limits);
      for (int i = 0; i < 2; ++i) EXPECT_NEAR(v[i], u[i], 1e-12) << t << " " << laps;
    }
  }
}

// Breaks when a position is taken for another part of the lap.
TEST(Oval, KnowsItsPhaseFromThePosition) {
  for (const double t : random_numbers(2, 0, 500, 0, 4.1)) {
    const TaskPoint<double> p = Oval::at(t, oval);
    EXPECT_NEAR(Oval::phase(p.x, p.y, 0.0, oval), t, 1e-9);
    const double beside = Oval::phase(0.9 * p.x, 1.1 * p.y, 0.0, oval);
    EXPECT_NEAR(std::remainder(beside - t, oval.lap), 0, 0.15);
  }
}

// Breaks when a distance is weighed wrongly, in a bend or beside a straight: by hand.
TEST(Oval, CostsWhatItIsOff) {
  // 10 cm outside the upper straight, 0.2 m/s too fast, 0.1 rad to the left of its direction.
  const Vec<double, 4> beside{{0.3, 1.3, oval.pace() + 0.2, pi + 0.1}};
  EXPECT_NEAR(Oval::stage(beside, {}, 0.0, oval), 0.01 + 0.1 * 0.04 + 0.3 * 0.01, 1e-12);
  EXPECT_NEAR(Oval::path_error(beside, oval), 0.1, 1e-12);
  // 20 cm inside the right bend, at its middle, with its direction and pace.
  const Vec<double, 4> inside{{1.25 + 1.0, 0, oval.pace(), pi / 2}};
  EXPECT_NEAR(Oval::stage(inside, {}, 0.0, oval), 0.04, 1e-12);
}

}  // namespace
}  // namespace phigrad
