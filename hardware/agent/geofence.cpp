#include "hardware/agent/geofence.hpp"

#include <cmath>
#include <cstddef>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

void require_fence(bool sound, const char* problem, const char* remedy) {
  if (!sound) throw Error(Exit::input, problem, "geofence", remedy);
}

bool finite(Planar p) { return std::isfinite(p.x) && std::isfinite(p.y); }

double dot(Planar a, Planar b) noexcept { return a.x * b.x + a.y * b.y; }

/// Twice the area, positive for corners in counter-clockwise order, m^2.
double signed_area(const std::vector<Planar>& corners) {
  double area = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Planar& a = corners[i];
    const Planar& b = corners[(i + 1) % corners.size()];
    area += a.x * b.y - a.y * b.x;
  }
  return area;
}

}  // namespace

Geofence::Geofence(FenceMargin margin) : margin_(margin) {
  require_fence(margin.margin_m >= 0 && std::isfinite(margin.margin_m), "the margin is not sound",
                "give a margin of 0 m or more");
  require_fence(margin.ahead_s >= 0 && std::isfinite(margin.ahead_s), "the time ahead is not sound",
                "give a braking time of 0 s or more");
}

Geofence Geofence::circle(Planar centre_m, double radius_m, FenceMargin margin) {
  Geofence fence(margin);
  require_fence(finite(centre_m) && std::isfinite(radius_m), "the circle is not finite",
                "give a centre and a radius in m");
  require_fence(radius_m > margin.margin_m, "the margin leaves nothing of the circle",
                "give a radius above the margin");
  fence.centre_ = centre_m;
  fence.radius_ = radius_m;
  return fence;
}

Geofence Geofence::polygon(const std::vector<Planar>& corners_m, FenceMargin margin) {
  constexpr double slack_m = 1e-9;  // corners on one line are let pass
  Geofence fence(margin);
  require_fence(corners_m.size() >= 3 && corners_m.size() <= std::size_t{most_corners},
                "the polygon does not have 3 to 16 corners", "give its corners in order");
  for (const Planar& corner : corners_m) {
    require_fence(finite(corner), "a corner is not finite", "give every corner in m");
  }
  const double inward = signed_area(corners_m) > 0 ? 1 : -1;  // the inside is left, or right
  bool has_area = false;
  for (std::size_t i = 0; i < corners_m.size(); ++i) {
    const Planar& a = corners_m[i];
    const Planar& b = corners_m[(i + 1) % corners_m.size()];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    require_fence(length > slack_m && std::isfinite(length), "a side of the polygon has no length",
                  "give each corner once");
    const Planar normal{inward * (a.y - b.y) / length, inward * (b.x - a.x) / length};
    const double offset = dot(normal, a);
    // Every corner against every side: a star turns the same way at each corner and would pass
    // a test of neighbours.
    for (const Planar& corner : corners_m) {
      const double inside_m = dot(normal, corner) - offset;
      require_fence(inside_m >= -slack_m, "the polygon is not convex",
                    "give the corners of a convex polygon, in order");
      has_area |= inside_m > slack_m;
    }
    fence.sides_[i] = {normal, offset};
  }
  require_fence(has_area, "the polygon has no area", "give corners that do not lie on one line");
  fence.side_count_ = static_cast<int>(corners_m.size());
  return fence;
}

bool Geofence::contains(Planar point_m) const noexcept {
  if (side_count_ == 0) {
    const double r = std::hypot(point_m.x - centre_.x, point_m.y - centre_.y);
    return r + margin_.margin_m <= radius_;
  }
  for (int i = 0; i < side_count_; ++i) {
    const HalfPlane& side = sides_[static_cast<std::size_t>(i)];
    // Written so that a NaN is outside.
    if (!(dot(side.normal, point_m) - side.offset >= margin_.margin_m)) return false;
  }
  return true;
}

bool Geofence::allows(Planar position_m, Planar velocity_m_s) const noexcept {
  const Planar ahead_m{position_m.x + velocity_m_s.x * margin_.ahead_s,
                       position_m.y + velocity_m_s.y * margin_.ahead_s};
  return contains(position_m) && contains(ahead_m);
}

}  // namespace phigrad
