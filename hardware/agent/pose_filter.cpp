#include "hardware/agent/pose_filter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr double clock_drift = 2e-4;  // s/s, above that of any crystal
constexpr int most_outliers = 10;     // in a row; then the robot really is over there

bool finite(const link::Pose& pose) {
  const auto is_finite = [](double v) { return std::isfinite(v); };
  return std::isfinite(pose.t_s) && std::all_of(pose.p.begin(), pose.p.end(), is_finite) &&
         std::all_of(pose.q.begin(), pose.q.end(), is_finite);
}

/// Rotation about the vertical, rad.
double yaw(const std::array<double, 4>& q) {
  return std::atan2(2 * (q[0] * q[3] + q[1] * q[2]), 1 - 2 * (q[2] * q[2] + q[3] * q[3]));
}

}  // namespace

PoseFilter::PoseFilter(PoseFilterSettings settings) : settings_(std::move(settings)) {
  const bool sound = settings_.velocity_s >= 0 && settings_.velocity_s <= 10 &&
                     settings_.longest_gap_s > 0 && settings_.fastest_m_per_s > 0;
  if (!sound) {
    throw Error(Exit::input, "the filter of the pose is not sound", "agent.driver.pose",
                "give times and a speed above 0");
  }
}

std::optional<Measurement> PoseFilter::take(const link::Pose& pose, std::int64_t arrival_ns) {
  if (settings_.body.empty()) settings_.body = pose.id;
  if (pose.id != settings_.body || !finite(pose)) return ++dropped_, std::nullopt;
  const double arrival_s = static_cast<double>(arrival_ns) * 1e-9;
  const double gap_s = pose.t_s - last_.t_s;
  // A sender that was started again counts and times anew: its silence was a gap here.
  const bool restarted = known_ && pose.sequence < last_.sequence && gap_s < 0 &&
                         arrival_s - (last_.t_s + offset_s_) > settings_.longest_gap_s;
  const bool follows = known_ && !restarted;
  if (follows && (pose.sequence <= last_.sequence || gap_s <= 0)) return ++dropped_, std::nullopt;
  if (follows && gap_s <= settings_.longest_gap_s) {
    const double vx = (pose.p[0] - last_.p[0]) / gap_s, vy = (pose.p[1] - last_.p[1]) / gap_s;
    if (!(std::hypot(vx, vy) <= settings_.fastest_m_per_s) && ++outliers_ <= most_outliers) {
      return ++dropped_, std::nullopt;
    }
    const double gain = settings_.velocity_s > 0 ? -std::expm1(-gap_s / settings_.velocity_s) : 1;
    velocity_x_ += gain * (vx - velocity_x_);
    velocity_y_ += gain * (vy - velocity_y_);
  } else {
    velocity_x_ = velocity_y_ = 0;
  }
  if (outliers_ > most_outliers) velocity_x_ = velocity_y_ = 0;
  outliers_ = 0;
  const double offset_s = arrival_s - pose.t_s;
  offset_s_ = follows ? std::min(offset_s, offset_s_ + clock_drift * gap_s) : offset_s;
  last_ = pose;
  known_ = true;
  Measurement m{};
  const double heading = yaw(pose.q);
  m.state[0] = pose.p[0];
  m.state[1] = pose.p[1];
  m.state[2] = settings_.speed == SpeedKind::hypot
                   ? std::hypot(velocity_x_, velocity_y_)
                   : velocity_x_ * std::cos(heading) + velocity_y_ * std::sin(heading);
  m.state[3] = heading;
  m.at_s = pose.t_s + offset_s_;
  return m;
}

}  // namespace phigrad
