#include "hardware/go1/go1_driver.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <system_error>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto start_period = std::chrono::milliseconds(20);
constexpr int most_datagrams_a_call = 256;  // a flood must not hold the control thread
constexpr double two_pi = 6.283185307179586;

/// `value` within [low, high]; zero where it is not a number, because settings that code filled in
/// have passed no check.
double bounded(double value, double low, double high) {
  return std::isnan(value) ? 0 : std::clamp(value, low, high);
}

double seconds_now() {
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

Measurement measurement_of(const Go1State& s) {
  Measurement m{};
  m.state[0] = static_cast<double>(s.position[0]);
  m.state[1] = static_cast<double>(s.position[1]);
  m.state[2] = static_cast<double>(s.velocity[0]);
  m.state[3] = std::remainder(static_cast<double>(s.yaw), two_pi);
  m.at_s = seconds_now();
  return m;
}

const char* name_of(Go1Gait gait) {
  switch (gait) {
    case Go1Gait::idle:
      return "no gait";
    case Go1Gait::trot:
      return "trot";
    case Go1Gait::run:
      return "run";
    case Go1Gait::stairs:
      return "stairs";
    case Go1Gait::obstacle:
      return "obstacle trot";
  }
  return "unknown gait";
}

std::string address_of(const Go1Settings& settings) {
  return settings.robot_host + ":" + std::to_string(settings.robot_port);
}

}  // namespace

Go1Driver::Go1Driver(Go1Settings settings) : settings_(std::move(settings)) {
  Go1Settings& s = settings_;
  s.speed_cap_m_per_s = bounded(s.speed_cap_m_per_s, 0, Go1Settings::most_speed_m_per_s);
  s.yaw_rate_cap_rad_per_s =
      bounded(s.yaw_rate_cap_rad_per_s, 0, Go1Settings::most_yaw_rate_rad_per_s);
  s.foot_raise_m =
      bounded(s.foot_raise_m, Go1Settings::least_foot_raise_m, Go1Settings::most_foot_raise_m);
  s.body_height_m =
      bounded(s.body_height_m, Go1Settings::least_body_height_m, Go1Settings::most_body_height_m);
  s.answer_within_s = bounded(s.answer_within_s, 0, Go1Settings::longest_answer_s);
}

Go1Driver::~Go1Driver() {
  if (!peer_.open()) return;
  if (slowing_calls_left_ > 0) send(Go1Mode::walk, 0, 0);
  send(Go1Mode::idle, 0, 0);
}

void Go1Driver::start() {
  peer_ = UdpPeer();  // gives its port back before it is taken again
  peer_ = UdpPeer(settings_.robot_host, settings_.robot_port, settings_.local_port);
  counts_ = {};
  newest_.reset();
  slowing_calls_left_ = 0;

  const auto deadline =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(
                         std::chrono::duration<double>(settings_.answer_within_s));
  int send_error = 0;
  Clock::time_point next_send = Clock::now();
  for (auto now = next_send; now < deadline; now = Clock::now()) {
    if (now >= next_send) {
      send_error = send(Go1Mode::stand, 0, 0) ? 0 : errno;
      next_send = now + start_period;
    }
    const auto until = std::min(next_send, deadline) - now;
    peer_.wait(std::chrono::duration_cast<std::chrono::milliseconds>(until) +
               std::chrono::milliseconds(1));
    drain();
    if (newest_) return;
  }
  std::string problem = "the Go1 does not answer: " + what_came();
  if (send_error != 0) {
    problem += ", and sending fails: " + std::generic_category().message(send_error);
  }
  peer_ = UdpPeer();
  throw Error(Exit::robot, problem, address_of(settings_),
              counts_.wrong_checksum > 0 ? "set state_checksum to false if this is the robot"
                                         : "connect to the robot's network, switch the robot on, "
                                           "leave its low-level mode, and check robot_host");
}

bool Go1Driver::command(const double* u) noexcept {
  slowing_calls_left_ = settings_.slowing_calls;
  if (!std::isfinite(u[0]) || !std::isfinite(u[1])) {
    ++counts_.spoilt_commands;
    send(Go1Mode::walk, 0, 0);
    return false;
  }
  const double speed = std::clamp(u[0], -settings_.speed_cap_m_per_s, settings_.speed_cap_m_per_s);
  const double yaw_rate =
      std::clamp(u[1], -settings_.yaw_rate_cap_rad_per_s, settings_.yaw_rate_cap_rad_per_s);
  if (std::abs(u[0]) > settings_.speed_cap_m_per_s ||
      std::abs(u[1]) > settings_.yaw_rate_cap_rad_per_s) {
    ++counts_.clamped_commands;
  }
  return send(Go1Mode::walk, speed, yaw_rate);
}

bool Go1Driver::neutral() noexcept {
  if (slowing_calls_left_ <= 0) return send(Go1Mode::idle, 0, 0);
  const bool sent = send(Go1Mode::walk, 0, 0);
  if (sent) --slowing_calls_left_;
  return sent;
}

bool Go1Driver::measure(Measurement& into) noexcept {
  drain();
  if (!newest_) return false;
  into = *newest_;
  newest_.reset();
  return true;
}

std::string Go1Driver::description() const {
  return "Unitree Go1 at " + address_of(settings_) + ", " + name_of(settings_.gait) + ", at most " +
         number_text(settings_.speed_cap_m_per_s) + " m/s and " +
         number_text(settings_.yaw_rate_cap_rad_per_s) + " rad/s";
}

bool Go1Driver::send(Go1Mode mode, double speed, double yaw_rate) noexcept {
  Go1Command command;
  command.mode = mode;
  if (mode == Go1Mode::walk) command.gait = settings_.gait;
  command.foot_raise_m = static_cast<float>(settings_.foot_raise_m);
  command.body_height_m = static_cast<float>(settings_.body_height_m);
  command.speed_m_per_s = static_cast<float>(speed);
  command.yaw_rate_rad_per_s = static_cast<float>(yaw_rate);
  const auto bytes = encode(command);
  const bool sent = peer_.send(bytes.data(), bytes.size());
  ++(sent ? counts_.sent : counts_.unsent);
  return sent;
}

void Go1Driver::drain() noexcept {
  std::uint8_t bytes[go1_state_size + 1];  // the extra byte tells a longer datagram
  for (int i = 0; i < most_datagrams_a_call; ++i) {
    const auto datagram = peer_.receive(bytes, sizeof bytes);
    if (!datagram) return;
    if (!datagram->from_peer) {
      ++counts_.foreign;
      continue;
    }
    const auto decoded = decode_go1_state(bytes, datagram->size, settings_.state_checksum);
    if (const Go1Refusal* refusal = std::get_if<Go1Refusal>(&decoded)) {
      count(*refusal);
    } else if (const Go1State* state = std::get_if<Go1State>(&decoded)) {
      ++counts_.accepted;
      newest_ = measurement_of(*state);
    }
  }
}

void Go1Driver::count(Go1Refusal refusal) noexcept {
  switch (refusal) {
    case Go1Refusal::length:
      ++counts_.wrong_length;
      break;
    case Go1Refusal::head:
      ++counts_.wrong_head;
      break;
    case Go1Refusal::checksum:
      ++counts_.wrong_checksum;
      break;
    case Go1Refusal::not_finite:
      ++counts_.not_finite;
      break;
  }
}

std::string Go1Driver::what_came() const {
  const std::string within = " within " + number_text(settings_.answer_within_s) + " s";
  if (counts_.refused() == 0) return "nothing came" + within;
  const std::pair<std::uint64_t, const char*> reasons[] = {
      {counts_.wrong_length, "their length"},
      {counts_.wrong_head, "their head"},
      {counts_.wrong_checksum, "their checksum"},
      {counts_.not_finite, "numbers that are not finite"}};
  std::string text = std::to_string(counts_.refused()) + " datagrams came" + within;
  const char* before = " and were refused: ";
  for (const auto& [refused, reason] : reasons) {
    if (refused == 0) continue;
    text += before + std::to_string(refused) + " for " + reason;
    before = ", ";
  }
  return text;
}

}  // namespace phigrad
