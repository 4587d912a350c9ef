// A UDP socket that exchanges datagrams with one peer and never blocks.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace phigrad {

class UdpPeer {
 public:
  /// Not open: sends nothing, receives nothing.
  UdpPeer() = default;

  /// Opens. `host` is an IPv4 address in numbers (names would need a resolver that others can lie
  /// through); `local_port` 0 takes any free one. Throws Error(Exit::robot).
  UdpPeer(const std::string& host, int port, int local_port);

  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;
  UdpPeer(UdpPeer&& other) noexcept;
  UdpPeer& operator=(UdpPeer&& other) noexcept;
  ~UdpPeer();

  bool open() const noexcept { return fd_ >= 0; }
  int local_port() const noexcept;  // 0 where not open

  /// Hands a datagram to the network. False, with errno set, where it did not go out or where the
  /// peer's machine answered the one before with "nobody listens there"; this one goes out still.
  bool send(const std::uint8_t* data, std::size_t size) const noexcept;

  struct Datagram {
    std::size_t size;  // bytes; what does not fit into the room is cut off
    bool from_peer;    // false for one that came before the socket was bound to the peer
  };
  /// The next datagram that waits, into `into` [room]; nullopt where none does.
  std::optional<Datagram> receive(std::uint8_t* into, std::size_t room) const noexcept;

  /// Sleeps until a datagram waits, at most this long.
  void wait(std::chrono::milliseconds longest) const noexcept;

 private:
  int fd_ = -1;
  sockaddr_in peer_{};
};

/// Whether `host` is an IPv4 address in numbers.
bool is_ipv4_address(const std::string& host);

}  // namespace phigrad
