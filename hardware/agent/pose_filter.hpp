// From poses of motion capture to the state of a planar robot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hardware/driver/driver.hpp"
#include "hardware/link/messages.hpp"

namespace phigrad {

/// How the speed, which motion capture does not measure, is taken from the velocity.
enum class SpeedKind {
  hypot,    // its length, as the authors' car does: never negative, and above 0 for a car at rest
  forward,  // its part along the heading: negative when driving backwards
};

struct PoseFilterSettings {
  std::string body;             // the rigid body's id; empty: the first one seen
  double velocity_s = 0.03;     // time constant of the velocity's filter, s
  double longest_gap_s = 0.2;   // between poses; after a longer one the velocity starts from 0
  double fastest_m_per_s = 10;  // a pose that would take more is a swapped marker, and dropped
  SpeedKind speed = SpeedKind::hypot;
};

/// The state is x, y (m), speed (m/s), heading (rad, the yaw of q within ±pi).
///
/// Velocity: each difference quotient of two poses, (p - p') / (t - t'), enters a low-pass of first
/// order, v = v' + gain (quotient - v') with gain = 1 - exp(-(t - t') / velocity_s). Under constant
/// acceleration it lags by (t - t') (1 / gain - 1 / 2), which is velocity_s to a percent (30 ms at
/// 100 Hz); white noise of sigma m on the position becomes one of about sigma / velocity_s m/s.
///
/// Age: the sender's clock is not this one. The shortest arrival time less t_s seen so far (allowed
/// to grow by 200 us/s, as clocks drift) maps t_s to this clock, so a pose that was held up on its
/// way is older than its arrival by what it took longer than the quickest one.
///
/// For one thread; allocates nothing but the body's name.
class PoseFilter {
 public:
  /// Throws Error(Exit::input) for settings that are not sound.
  explicit PoseFilter(PoseFilterSettings settings);

  /// The state that a pose makes known, at its time on this process's clock. Nothing for a pose of
  /// another body, out of order, not finite, or too far from the last.
  std::optional<Measurement> take(const link::Pose& pose, std::int64_t arrival_ns);

  std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  PoseFilterSettings settings_;
  bool known_ = false;  // there was a pose before
  link::Pose last_;
  double velocity_x_ = 0, velocity_y_ = 0;  // m/s
  double offset_s_ = 0;                     // this clock less the sender's, and the shortest way
  int outliers_ = 0;                        // in a row
  std::uint64_t dropped_ = 0;
};

}  // namespace phigrad
