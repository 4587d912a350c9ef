// The socket below the Go1's driver.
#include "hardware/go1/udp_peer.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "tests/hardware/go1/go1_emulator.hpp"

namespace phigrad {
namespace {

namespace emulated = go1_emulation;

// Breaks when an empty queue blocks or gives a datagram, when an answer is not the peer's, or when
// more is written than there is room for.
TEST(UdpPeer, ExchangesDatagramsWithItsPeer) {
  emulated::Go1 robot;
  const UdpPeer peer("127.0.0.1", robot.port(), 0);
  std::uint8_t room[9] = {0, 0, 0, 0, 0, 0, 0, 0, 77};
  EXPECT_FALSE(peer.receive(room, 8));
  ASSERT_TRUE(peer.send(room, 3));
  EXPECT_EQ(robot.serve(3000), 1);
  peer.wait(std::chrono::milliseconds(3000));
  const auto answer = peer.receive(room, 8);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->from_peer);
  EXPECT_EQ(answer->size, 8u);  // the rest of the state is cut off
  EXPECT_EQ(room[0], 0xFE);
  EXPECT_EQ(room[8], 77);
}

// Breaks when a socket that is not open, or was moved from, is used.
TEST(UdpPeer, DoesNothingWhenNotOpen) {
  std::uint8_t room[8] = {};
  UdpPeer closed;
  EXPECT_FALSE(closed.open());
  EXPECT_FALSE(closed.send(room, 1));
  EXPECT_FALSE(closed.receive(room, sizeof room));
  EXPECT_EQ(closed.local_port(), 0);

  emulated::Go1 robot;
  UdpPeer first("127.0.0.1", robot.port(), 0);
  const int port = first.local_port();
  const UdpPeer second(std::move(first));
  EXPECT_GT(port, 0);
  EXPECT_EQ(second.local_port(), port);
  EXPECT_TRUE(second.send(room, 1));
  closed = UdpPeer("127.0.0.1", robot.port(), 0);
  EXPECT_TRUE(closed.open());
}

// Breaks when a name passes for an address.
TEST(UdpPeer, KnowsAddressesInNumbers) {
  for (const char* good : {"127.0.0.1", "192.168.123.161"}) EXPECT_TRUE(is_ipv4_address(good));
  for (const char* bad : {"", "go1", "1.2.3", "1.2.3.256", "1.2.3.4 ", "::1"}) {
    EXPECT_FALSE(is_ipv4_address(bad)) << bad;
  }
}

}  // namespace
}  // namespace phigrad
