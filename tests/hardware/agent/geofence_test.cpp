#include "hardware/agent/geofence.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/hardware/agent/expect_error.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;

constexpr Planar still{0, 0};

/// A room of 6 m x 4 m with one corner cut off, counter-clockwise.
const std::vector<Planar> room = {{-3, -2}, {3, -2}, {3, 1}, {2, 2}, {-3, 2}};

std::vector<Planar> reversed(std::vector<Planar> corners) {
  return {corners.rbegin(), corners.rend()};
}

// Breaks when a side is missing or faces the wrong way, for either order of the corners.
TEST(Geofence, APolygonContainsItsInside) {
  for (const auto& corners : {room, reversed(room)}) {
    const Geofence fence = Geofence::polygon(corners, {});
    for (const Planar in : {Planar{0, 0}, {-2.99, 1.99}, {2.99, 0.99}, {2.49, 1.49}, {3, -2}}) {
      EXPECT_TRUE(fence.contains(in)) << in.x << ", " << in.y;
    }
    for (const Planar out : {Planar{3.01, 0}, {-3.01, 0}, {0, 2.01}, {0, -2.01}, {2.51, 1.51}}) {
      EXPECT_FALSE(fence.contains(out)) << out.x << ", " << out.y;
    }
  }
}

// Breaks when the margin is not a distance in m: it is checked against a side that is 45 degrees to
// the axes, where |x| + |y| would be sqrt(2) too much.
TEST(Geofence, TheMarginIsADistance) {
  const Geofence fence = Geofence::polygon(room, {0.5, 0});
  const double at = 4 - 0.5 * std::sqrt(2.0);  // x + y of the line 0.5 m inside the cut corner
  EXPECT_TRUE(fence.contains({at / 2 + 0.4, at / 2 - 0.4 - 1e-6}));
  EXPECT_FALSE(fence.contains({at / 2 + 0.4, at / 2 - 0.4 + 1e-6}));
  const Geofence ring = Geofence::circle({1, 2}, 3, {0.5, 0});
  EXPECT_TRUE(ring.contains({1 + 2.499 * 0.6, 2 + 2.499 * 0.8}));
  EXPECT_FALSE(ring.contains({1 + 2.501 * 0.6, 2 + 2.501 * 0.8}));
  EXPECT_FALSE(ring.contains({1 - 2.501, 2}));
}

// Breaks when the way ahead is left out, taken backwards, or taken without the time.
TEST(Geofence, LooksAheadAlongTheVelocity) {
  const FenceMargin margin{0.2, 0.5};
  for (const Geofence& fence : {Geofence::polygon({{-2, -2}, {2, -2}, {2, 2}, {-2, 2}}, margin),
                                Geofence::circle({0, 0}, 2, margin)}) {
    EXPECT_TRUE(fence.allows({1, 0}, still));
    EXPECT_TRUE(fence.allows({1, 0}, {1.59, 0}));
    EXPECT_FALSE(fence.allows({1, 0}, {1.61, 0}));
    EXPECT_TRUE(fence.allows({1, 0}, {-5.59, 0}));
    EXPECT_FALSE(fence.allows({1, 0}, {-5.61, 0}));
    EXPECT_FALSE(fence.allows({0, -1}, {0, -1.61}));
    EXPECT_FALSE(fence.allows({2.5, 0}, {-2, 0}));  // coming back is not being inside
  }
}

// Breaks when anything that is not a number is taken for a place inside.
TEST(Geofence, NotANumberIsOutside) {
  for (const Geofence& fence : {Geofence::polygon(room, {0, 0.5}), Geofence::polygon(room, {}),
                                Geofence::circle({0, 0}, 2, {0, 0.5})}) {
    ASSERT_TRUE(fence.allows({0, 0}, still));
    for (const double bad : {nan, inf, -inf}) {
      EXPECT_FALSE(fence.contains({bad, 0}));
      EXPECT_FALSE(fence.contains({0, bad}));
      EXPECT_FALSE(fence.allows({bad, 0}, still));
      EXPECT_FALSE(fence.allows({0, 0}, {bad, 0}));
      EXPECT_FALSE(fence.allows({0, 0}, {0, bad}));
      EXPECT_FALSE(fence.contains({bad, bad}));
    }
  }
}

// Breaks when a polygon and a count of the crossings of a ray disagree about a random point.
TEST(Geofence, AgreesWithCountingCrossings) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> anywhere(-4, 4);
  const Geofence fence = Geofence::polygon(room, {});
  int inside = 0;
  for (int n = 0; n < 20'000; ++n) {
    const Planar p{anywhere(random), anywhere(random)};
    bool odd = false;
    for (std::size_t i = 0; i < room.size(); ++i) {
      const Planar& a = room[i];
      const Planar& b = room[(i + 1) % room.size()];
      const bool spans = (a.y > p.y) != (b.y > p.y);
      if (spans && p.x < a.x + (b.x - a.x) * (p.y - a.y) / (b.y - a.y)) odd = !odd;
    }
    ASSERT_EQ(fence.contains(p), odd) << p.x << ", " << p.y;
    inside += odd ? 1 : 0;
  }
  EXPECT_NEAR(inside / 20'000.0, 23.5 / 64, 0.01);
}

// Breaks when a fence that cannot hold is taken, or the message does not say what is wrong with it.
TEST(Geofence, RefusesUnsoundSettings) {
  const auto expect = [](const char* problem, const auto& action) {
    const std::string error = input_error_of(action);
    EXPECT_NE(error.find(problem), std::string::npos) << error;
  };
  const auto polygon = [](std::vector<Planar> corners) {
    return [corners = std::move(corners)] { Geofence::polygon(corners, {}); };
  };
  expect("3 to 16", polygon({{0, 0}, {1, 0}}));
  expect("3 to 16", polygon(std::vector<Planar>(17)));
  expect("not convex", polygon({{0, 0}, {4, 0}, {1, 1}, {0, 4}}));
  expect("not convex", polygon({{0, 0}, {1, 1}, {1, 0}, {0, 1}}));
  std::vector<Planar> star(5);
  double turn = 0;  // rad; two fifths of a circle from point to point
  for (Planar& point : star) {
    point = {std::cos(turn), std::sin(turn)};
    turn += 2.513274;
  }
  expect("not convex", polygon(star));
  expect("no length", polygon({{0, 0}, {1, 0}, {1, 0}, {0, 1}}));
  expect("no area", polygon({{0, 0}, {1, 1}, {2, 2}}));
  expect("not finite", polygon({{0, 0}, {1, nan}, {0, 1}}));
  expect("not finite", polygon({{0, 0}, {inf, 0}, {0, 1}}));
  for (const double bad : {-0.1, nan, inf}) {
    expect("margin", [bad] { Geofence::polygon(room, {bad, 0}); });
    expect("time ahead", [bad] { Geofence::circle({0, 0}, 1, {0, bad}); });
  }
  expect("leaves nothing", [] { Geofence::circle({0, 0}, 0.5, {0.5, 0}); });
  expect("leaves nothing", [] { Geofence::circle({0, 0}, -1, {}); });
  expect("not finite", [] { Geofence::circle({nan, 0}, 1, {}); });
  expect("not finite", [] { Geofence::circle({0, 0}, inf, {}); });
}

// Breaks when a corner in the middle of a side makes a sound polygon look unsound.
TEST(Geofence, TakesCornersOnOneLine) {
  const Geofence fence = Geofence::polygon({{0, 0}, {0.1, 0.1}, {0.3, 0.3}, {0, 0.3}}, {});
  EXPECT_TRUE(fence.contains({0.1, 0.2}));
  EXPECT_FALSE(fence.contains({0.2, 0.1}));
}

}  // namespace
}  // namespace phigrad
