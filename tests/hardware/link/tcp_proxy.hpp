// Between a robot and a learner: records what is on the wire, and cuts the connection behind a
// chosen frame. It knows ZMTP 3.1 (rfc.zeromq.org/spec/37) as far as where a frame ends.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace phigrad::link::fixture {

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Whether somebody listens there.
inline bool is_listening(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

inline std::uint16_t port_of(const std::string& endpoint) {
  return static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
}

class TcpProxy {
 public:
  explicit TcpProxy(std::uint16_t target) : target_(target) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address = loopback(0);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~TcpProxy() {
    cut();
    ::close(listener_);
  }
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  std::string endpoint() const { return "tcp://127.0.0.1:" + std::to_string(port_); }

  /// Cuts the first connection behind this many frames in one direction, once.
  void cut_behind(bool to_learner, std::size_t frames) {
    cut_to_learner_ = to_learner;
    frames_left_ = frames;
    is_armed_ = true;
  }
  int cuts() const { return cuts_; }
  std::size_t frames(bool to_learner) const { return (to_learner ? up_ : down_).frames; }
  const std::string& recorded() const { return recorded_; }

  /// Moves what there is to move.
  void pump() {
    if (robot_ < 0) {
      robot_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (robot_ < 0) return;
      learner_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const sockaddr_in address = loopback(target_);
      if (::connect(learner_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return cut();
      }
      ::fcntl(learner_, F_SETFL, O_NONBLOCK);
      up_ = down_ = {};
    }
    if (!move(robot_, learner_, up_, true) || !move(learner_, robot_, down_, false)) cut();
  }

 private:
  struct Direction {
    std::string in, out;
    std::size_t greeting = 64;  // bytes of it still to come
    std::size_t frames = 0;
  };

  // Bytes of the first whole frame, 0 where it is not whole yet. The greeting goes bit by bit: each
  // end waits for the other's.
  static std::size_t whole(const Direction& d) {
    if (d.greeting > 0) return std::min(d.greeting, d.in.size());
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(d.in[i]); };
    if (d.in.size() < 2) return 0;
    const bool is_long = (byte(0) & 2U) != 0;
    std::uint64_t size = byte(1);
    if (is_long) {
      if (d.in.size() < 9) return 0;
      size = 0;
      for (std::size_t i = 1; i < 9; ++i) size = size << 8 | byte(i);
    }
    const std::uint64_t total = size + (is_long ? 9 : 2);
    return d.in.size() >= total ? static_cast<std::size_t>(total) : 0;
  }

  bool move(int from, int to, Direction& d, bool to_learner) {
    char buffer[65536];
    ssize_t got = 0;
    while ((got = ::recv(from, buffer, sizeof buffer, 0)) > 0) {
      d.in.append(buffer, static_cast<std::size_t>(got));
      recorded_.append(buffer, static_cast<std::size_t>(got));
    }
    const bool is_closed = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
    bool is_cut = false;
    while (const std::size_t size = is_cut ? 0 : whole(d)) {
      if (d.greeting > 0) {
        d.greeting -= size;
      } else {
        ++d.frames;
      }
      d.out += d.in.substr(0, size);
      d.in.erase(0, size);
      if (is_armed_ && to_learner == cut_to_learner_ && d.frames >= frames_left_) {
        is_armed_ = false;
        is_cut = true;
        ++cuts_;
      }
    }
    while (!d.out.empty()) {
      const ssize_t sent = ::send(to, d.out.data(), d.out.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
        break;
      }
      d.out.erase(0, static_cast<std::size_t>(sent));
    }
    return !is_cut && !is_closed;
  }

  void cut() {
    if (robot_ >= 0) ::close(robot_);
    if (learner_ >= 0) ::close(learner_);
    robot_ = learner_ = -1;
  }

  std::uint16_t target_;
  std::uint16_t port_ = 0;
  int listener_ = -1, robot_ = -1, learner_ = -1;
  Direction up_, down_;
  bool is_armed_ = false;
  int cuts_ = 0;
  bool cut_to_learner_ = true;
  std::size_t frames_left_ = 0;
  std::string recorded_;
};

}  // namespace phigrad::link::fixture
