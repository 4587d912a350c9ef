// A Go1 on 127.0.0.1, byte for byte: what its high-level service checks and answers.
//
// Written field by field from the published structs (unitree_legged_sdk 3.8, comm.h) and from
// nothing of hardware/go1, so that an error in a layout or in the checksum cannot hide on both
// sides.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace phigrad::go1_emulation {

using Bytes = std::vector<std::uint8_t>;

/// CRC-32/MPEG-2, byte by byte through a table of 256, each word's bytes from the last to the
/// first.
inline std::uint32_t crc(const std::uint8_t* bytes, std::size_t words) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t c = byte << 24;
      for (int bit = 0; bit < 8; ++bit) c = (c & 0x80000000u) ? (c << 1) ^ 0x04C11DB7u : c << 1;
      t[byte] = c;
    }
    return t;
  }();
  std::uint32_t c = 0xFFFFFFFFu;
  for (std::size_t i = 0; i < words; ++i) {
    for (std::size_t byte = 4; byte-- > 0;) c = c << 8 ^ table[(c >> 24) ^ bytes[4 * i + byte]];
  }
  return c;
}

/// Appends fields in the order of a packed struct.
class Packer {
 public:
  Packer& u8(std::uint8_t value) {
    bytes.push_back(value);
    return *this;
  }
  Packer& u32(std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) u8(static_cast<std::uint8_t>(value >> shift));
    return *this;
  }
  Packer& f32(double value) {
    const float single = static_cast<float>(value);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &single, 4);
    return u32(bits);
  }
  Packer& zeros(std::size_t n) {
    bytes.insert(bytes.end(), n, 0);
    return *this;
  }
  Bytes bytes;
};

/// Takes fields off a packed struct in its order.
class Unpacker {
 public:
  explicit Unpacker(const Bytes& bytes) : bytes_(bytes) {}
  std::uint8_t u8() { return bytes_.at(at_++); }
  std::uint32_t u32() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 32; shift += 8) value |= std::uint32_t{u8()} << shift;
    return value;
  }
  float f32() {
    const std::uint32_t bits = u32();
    float value = 0;
    std::memcpy(&value, &bits, 4);
    return value;
  }
  bool zeros(std::size_t n) {
    bool all = true;
    while (n-- > 0) all = u8() == 0 && all;
    return all;
  }

 private:
  const Bytes& bytes_;
  std::size_t at_ = 0;
};

/// What a HighState says of the robot.
struct Body {
  double x = 0, y = 0, heading = 0;  // m, m, rad
  double speed = 0, yaw_rate = 0;    // m/s, rad/s
};

/// The HighState of `body` in `mode` and `gait`: 1087 bytes. Fields that a driver of the plane has
/// no use for hold numbers of their own, so that reading them by mistake shows.
inline Bytes high_state(const Body& body, std::uint8_t mode, std::uint8_t gait) {
  Packer p;
  p.u8(0xFE).u8(0xEF).u8(0xEE).u8(0).u32(0x11).u32(0x12).u32(0x13).u32(0x14).u8(0x3A).u8(0xC0);
  p.f32(std::cos(body.heading / 2)).f32(0).f32(0).f32(std::sin(body.heading / 2));  // imu: w x y z
  p.f32(0.31).f32(0.32).f32(body.yaw_rate);                                         // gyroscope
  p.f32(0.41).f32(0.42).f32(9.81);                                                  // accelerometer
  p.f32(0.011).f32(-0.012).f32(body.heading).u8(40);                                // rpy, °C
  for (int motor = 0; motor < 20; ++motor) {
    p.u8(10);
    for (int field = 0; field < 7; ++field) p.f32(51 + field);
    p.u8(35).u32(0).u32(0);
  }
  p.u8(1).u8(2).u8(0).u8(88).u32(0xFFFFFB50u).u8(7).u8(0).zeros(4).zeros(20);  // battery
  p.zeros(8).zeros(8);                                                         // foot forces
  p.u8(mode).f32(0.6).u8(gait).f32(0.09);  // mode, progress, gaitType, footRaiseHeight
  p.f32(body.x).f32(body.y).f32(0.29);     // position
  p.f32(0.31);                             // bodyHeight
  p.f32(body.speed).f32(-0.07).f32(0.08);  // velocity
  p.f32(body.yaw_rate);
  for (int field = 0; field < 4 + 12 + 12; ++field) p.f32(71 + field);  // obstacles, feet
  p.zeros(40).u32(0);                                                   // remote, reserve
  p.u32(crc(p.bytes.data(), p.bytes.size() / 4));
  return p.bytes;
}

/// A command as the robot understood it.
struct Seen {
  std::uint8_t mode, gait;
  float foot_raise, body_height, speed, yaw_rate;
};

class Go1 {
 public:
  // The robot of the paper: what it walks and turns a command (least squares on its logs).
  static constexpr double speed_gain = 1.165, yaw_gain = 0.75;

  /// Listens on 127.0.0.1, port 0: any free one.
  explicit Go1(int port = 0) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in here = loopback(port);
    socklen_t size = sizeof here;
    if (::bind(fd_, general(&here), size) != 0 || ::getsockname(fd_, general(&here), &size) != 0) {
      throw std::runtime_error("no loopback port");
    }
    port_ = ntohs(here.sin_port);
  }
  Go1(const Go1&) = delete;
  Go1& operator=(const Go1&) = delete;
  ~Go1() { ::close(fd_); }

  int port() const { return port_; }

  /// Takes every command that waits, a period of 0.1 s each, and answers it with a state; waits for
  /// the first at most `wait_ms`. Returns how many it took.
  int serve(int wait_ms = 0) {
    int taken = 0;
    pollfd waiting{fd_, POLLIN, 0};
    while (::poll(&waiting, 1, taken == 0 ? wait_ms : 0) == 1) {
      Bytes bytes(2048);
      socklen_t size = sizeof client_;
      const ssize_t n = ::recvfrom(fd_, bytes.data(), bytes.size(), 0, general(&client_), &size);
      if (n < 0) continue;
      ++taken;
      bytes.resize(static_cast<std::size_t>(n));
      take(bytes);
      if (answers) send(high_state(body, mode_, gait_));
    }
    came += static_cast<std::uint64_t>(taken);
    return taken;
  }

  /// Sends raw bytes to whoever commanded last.
  void send(const Bytes& bytes) {
    ::sendto(fd_, bytes.data(), bytes.size(), 0, general(&client_), sizeof client_);
    ++sent;
  }

  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
  }
  static sockaddr* general(sockaddr_in* address) { return reinterpret_cast<sockaddr*>(address); }

  Body body;
  bool answers = true;
  std::uint8_t walking_gait = 1;     // that it expects of a walk
  std::uint64_t came = 0, sent = 0;  // datagrams
  std::vector<Seen> seen;            // good commands, in order
  std::vector<std::string> faults;   // what was wrong, with which command

 private:
  void take(const Bytes& bytes) {
    const std::size_t before = faults.size();
    const auto expect = [this](bool good, const char* what) {
      if (!good) faults.push_back("command " + std::to_string(seen.size()) + ": " + what);
    };
    expect(bytes.size() == 129, "length");
    if (bytes.size() != 129) return;
    Unpacker u(bytes);
    Seen c{};
    expect(u.u8() == 0xFE && u.u8() == 0xEF, "head");
    expect(u.u8() == 0xEE, "levelFlag");
    expect(u.zeros(1 + 8 + 8 + 2), "frameReserve, SN, version, bandWidth");
    c.mode = u.u8();
    c.gait = u.u8();
    expect(u.u8() == 0, "speedLevel");
    c.foot_raise = u.f32();
    c.body_height = u.f32();
    expect(u.zeros(8 + 12), "position, euler");
    c.speed = u.f32();
    expect(u.zeros(4), "sideways velocity");
    c.yaw_rate = u.f32();
    expect(u.zeros(4 + 12 + 40 + 4), "bms, led, wirelessRemote, reserve");
    expect(u.u32() == crc(bytes.data(), 31), "crc");
    expect(c.mode <= 2, "mode");
    expect(c.gait == (c.mode == 2 ? walking_gait : 0), "gait");
    expect(std::abs(c.speed) <= 1.0f && std::abs(c.yaw_rate) <= 3.0f, "beyond 1 m/s or 3 rad/s");
    expect(c.mode == 2 || (c.speed == 0.0f && c.yaw_rate == 0.0f), "velocity outside of walking");
    expect(
        c.mode == 2 || seen.empty() || (seen.back().speed == 0.0f && seen.back().yaw_rate == 0.0f),
        "walking left without zero velocity");
    if (faults.size() != before) return;
    mode_ = c.mode;
    gait_ = c.gait;
    seen.push_back(c);
    walk(static_cast<double>(c.speed), static_cast<double>(c.yaw_rate));
  }

  void walk(double speed, double yaw_rate) {
    constexpr double dt = 0.1;  // s
    body.speed = speed_gain * speed;
    body.yaw_rate = yaw_gain * yaw_rate;
    body.x += body.speed * std::cos(body.heading) * dt;
    body.y += body.speed * std::sin(body.heading) * dt;
    body.heading += body.yaw_rate * dt;
  }

  int fd_;
  int port_ = 0;
  sockaddr_in client_{};
  std::uint8_t mode_ = 0, gait_ = 0;
};

}  // namespace phigrad::go1_emulation
