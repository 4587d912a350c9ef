#include "hardware/go1/udp_peer.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

sockaddr_in address_of(const in_addr& host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr = host;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// The socket calls take every address family behind one type.
const sockaddr* general(const sockaddr_in* address) {
  return reinterpret_cast<const sockaddr*>(address);
}
sockaddr* general(sockaddr_in* address) { return reinterpret_cast<sockaddr*>(address); }

bool is_port(int port, int lowest) { return port >= lowest && port <= 65535; }

}  // namespace

bool is_ipv4_address(const std::string& host) {
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

UdpPeer::UdpPeer(const std::string& host, int port, int local_port) {
  const std::string place = host + ":" + std::to_string(port);
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) != 1 || !is_port(port, 1)) {
    throw Error(Exit::robot, "this is no IPv4 address with a port", place,
                "write the robot's address in numbers, like 192.168.123.161:8082");
  }
  const std::string local = "local port " + std::to_string(local_port);
  if (!is_port(local_port, 0)) {
    throw Error(Exit::robot, "this is no UDP port", local, "choose one from 0 (any) to 65535");
  }
  fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  peer_ = address_of(address, port);
  in_addr anywhere{};
  anywhere.s_addr = htonl(INADDR_ANY);
  const sockaddr_in here = address_of(anywhere, local_port);
  const auto fail = [this](const std::string& problem, const std::string& where,
                           const std::string& remedy) {
    const std::string reason = std::generic_category().message(errno);
    if (open()) ::close(fd_);
    throw Error(Exit::robot, problem + ": " + reason, where, remedy);
  };
  if (!open()) fail("a socket cannot be opened", place, "close programs that hold many files");
  // Room for what comes within a slow period: a full queue keeps the oldest. The system may give
  // less, which is no error.
  const int room = 512 * 1024;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (::bind(fd_, general(&here), sizeof here) != 0) {
    fail("the port cannot be taken", local,
         "stop the program that uses it, or choose another local_port");
  }
  if (::connect(fd_, general(&peer_), sizeof peer_) != 0) {
    fail("there is no way to the robot", place, "connect to the robot's network");
  }
}

UdpPeer::UdpPeer(UdpPeer&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), peer_(other.peer_) {}

UdpPeer& UdpPeer::operator=(UdpPeer&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(peer_, other.peer_);
  return *this;
}

UdpPeer::~UdpPeer() {
  if (open()) ::close(fd_);
}

int UdpPeer::local_port() const noexcept {
  sockaddr_in here{};
  socklen_t size = sizeof here;
  if (!open() || ::getsockname(fd_, general(&here), &size) != 0) return 0;
  return ntohs(here.sin_port);
}

bool UdpPeer::send(const std::uint8_t* data, std::size_t size) const noexcept {
  if (!open()) {
    errno = EBADF;
    return false;
  }
  const auto attempt = [&] {
    return ::send(fd_, data, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
  };
  if (attempt()) return true;
  if (errno != ECONNREFUSED && errno != EINTR) return false;
  // The call reported what became of the datagram before and sent nothing.
  const bool refused = errno == ECONNREFUSED;
  const bool sent = attempt();
  if (refused) errno = ECONNREFUSED;
  return sent && !refused;
}

std::optional<UdpPeer::Datagram> UdpPeer::receive(std::uint8_t* into,
                                                  std::size_t room) const noexcept {
  if (!open()) return std::nullopt;
  // A pending "nobody listens there" comes out of this call too, and hides no datagram behind it.
  for (int attempts = 0; attempts < 4; ++attempts) {
    sockaddr_in from{};
    socklen_t from_size = sizeof from;
    const ssize_t size = ::recvfrom(fd_, into, room, 0, general(&from), &from_size);
    if (size >= 0) {
      return Datagram{static_cast<std::size_t>(size),
                      from.sin_family == AF_INET && from.sin_port == peer_.sin_port &&
                          from.sin_addr.s_addr == peer_.sin_addr.s_addr};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
  }
  return std::nullopt;
}

void UdpPeer::wait(std::chrono::milliseconds longest) const noexcept {
  pollfd waiting{fd_, POLLIN, 0};
  ::poll(&waiting, 1, static_cast<int>(longest.count()));
}

}  // namespace phigrad
