// Where the robot may be: a convex polygon or a circle in the plane, and a margin for braking.
#pragma once

#include <array>
#include <vector>

namespace phigrad {

/// A point or a velocity in the plane of the pose's frame: m, or m/s.
struct Planar {
  double x;
  double y;
};

/// How far inside the fence the robot has to keep.
struct FenceMargin {
  double margin_m = 0;  // m, from the tracked point to the fence: the robot's own half-length
  double ahead_s = 0;   // s of travel at the present velocity that stay inside: what braking needs
};

class Geofence {
 public:
  static constexpr int most_corners = 16;

  /// radius_m > margin_m. Throws Error(Exit::input) for settings that are not sound.
  static Geofence circle(Planar centre_m, double radius_m, FenceMargin margin);

  /// Three to 16 corners of a convex polygon, in order, either way round. Throws
  /// Error(Exit::input) where it is not convex, has no area, or has a corner twice.
  static Geofence polygon(const std::vector<Planar>& corners_m, FenceMargin margin);

  /// Whether the point, m, is at least the margin inside. A point with a NaN is not.
  bool contains(Planar point_m) const noexcept;

  /// Whether the robot is inside and will be after ahead_s at this velocity, m/s, and so, the
  /// fence being convex, all the way there. False with a NaN anywhere.
  bool allows(Planar position_m, Planar velocity_m_s) const noexcept;

 private:
  /// The side of the line on which normal . point >= offset.
  struct HalfPlane {
    Planar normal{0, 0};  // of length 1
    double offset = 0;    // m
  };

  explicit Geofence(FenceMargin margin);

  FenceMargin margin_;
  Planar centre_{0, 0};  // m, of the circle
  double radius_ = 0;    // m, of the circle
  std::array<HalfPlane, most_corners> sides_{};
  int side_count_ = 0;  // 0 for a circle
};

}  // namespace phigrad
