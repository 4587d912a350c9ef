// The Unitree Go1, driven by speed and yaw rate over its high-level UDP service.
//
// There is no authentication on that wire: whoever is on the robot's network can send what looks
// like its states, or command it. Keep that network to the robot and this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hardware/driver/driver.hpp"
#include "hardware/go1/go1_settings.hpp"
#include "hardware/go1/high_level.hpp"
#include "hardware/go1/udp_peer.hpp"

namespace phigrad {

/// What came in and went out since start(), for diagnosis.
struct Go1Counts {
  std::uint64_t accepted = 0;          // states
  std::uint64_t foreign = 0;           // datagrams of another sender
  std::uint64_t wrong_length = 0;      // refused for their length
  std::uint64_t wrong_head = 0;        // refused for their first two bytes
  std::uint64_t wrong_checksum = 0;    // refused for their checksum
  std::uint64_t not_finite = 0;        // refused for a NaN or an infinity
  std::uint64_t clamped_commands = 0;  // commands beyond a cap
  std::uint64_t spoilt_commands = 0;   // commands with a NaN or an infinity
  std::uint64_t sent = 0;              // datagrams that the network took
  std::uint64_t unsent = 0;            // datagrams that it did not take, or that followed a refusal

  std::uint64_t refused() const noexcept {
    return wrong_length + wrong_head + wrong_checksum + not_finite;
  }
};

/// Commands: forward speed (m/s), yaw rate (rad/s). Measures x, y, v, heading (m, m, m/s, rad):
/// x and y from the robot's own odometry, which drifts; v, the forward speed of the state, which is
/// given in the body's frame and so lies along the heading, negative when walking backwards (the
/// sideways part is left out, as in the model); heading, the IMU's yaw within ±π. That odometry and
/// yaw share a frame is what the ROS bridges of this robot assume; no document says so.
class Go1Driver final : public Driver {
 public:
  /// Opens nothing yet. Numbers beyond the bounds of Go1Settings are cut to them.
  explicit Go1Driver(Go1Settings settings);

  /// Sends zero velocity and idle once more, in case nobody called neutral().
  ~Go1Driver() override;

  /// Makes the robot stand and waits for its first valid state, at most answer_within_s (a
  /// few ms more where its datagrams are many). Throws Error(Exit::robot) where none came.
  void start() override;

  /// u [2] as above; beyond a cap it is clamped. With a NaN or an infinity zero velocity goes out
  /// instead, and the answer is false.
  bool command(const double* u) noexcept override;

  /// After walking: slowing_calls times zero velocity, then idle (the robot stands by itself), for
  /// as long as it is called: what the robot does when datagrams stop is not documented. Without
  /// walking before: idle at once, because zero velocity makes it step on the spot.
  bool neutral() noexcept override;

  /// The newest valid state of all that wait (at most 256 datagrams a call). at_s is when it was
  /// read here; it came in since the call before.
  bool measure(Measurement& into) noexcept override;

  std::string description() const override;

  /// Of the control thread, like every call here.
  const Go1Counts& counts() const noexcept { return counts_; }
  int local_port() const noexcept { return peer_.local_port(); }

 private:
  bool send(Go1Mode mode, double speed, double yaw_rate) noexcept;
  void drain() noexcept;
  void count(Go1Refusal refusal) noexcept;
  std::string what_came() const;

  Go1Settings settings_;
  UdpPeer peer_;
  Go1Counts counts_;
  std::optional<Measurement> newest_;
  int slowing_calls_left_ = 0;
};

}  // namespace phigrad
