// ST2, ST3: who may listen, what is readable on the wire, what a peer with keys can do to others.
#include <gtest/gtest.h>

#include <zmq.hpp>

#include "host/support/error.hpp"
#include "tests/hardware/link/frame_fixture.hpp"
#include "tests/hardware/link/link_fixture.hpp"
#include "tests/hardware/link/tcp_proxy.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

Exit exit_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return Exit::ok;
}

/// A port that nobody uses just now.
std::uint16_t free_port() {
  zmq::context_t context;
  zmq::socket_t socket(context, ZMQ_PULL);
  socket.bind("tcp://127.0.0.1:*");
  return port_of(socket.get(zmq::sockopt::last_endpoint));
}

// Breaks when a learner without keys, or without anybody on its list, opens its port; when a link
// without keys may leave the machine.
TEST(LinkSecurity, NoKeysNoListening) {
  Store store;
  Agent agent;
  LinkBench bench;
  const std::uint16_t port = free_port();
  LearnerLinkSettings settings = bench.of_learner;
  settings.endpoint = "tcp://127.0.0.1:" + std::to_string(port);
  settings.allowed.clear();
  EXPECT_EQ(exit_of([&] { LearnerLink link(settings, store); }), Exit::usage);
  EXPECT_FALSE(is_listening(port));
  settings = bench.of_learner;
  settings.endpoint = "tcp://127.0.0.1:" + std::to_string(port);
  settings.own = {};
  EXPECT_EQ(exit_of([&] { LearnerLink link(settings, store); }), Exit::usage);
  EXPECT_FALSE(is_listening(port));
  {
    settings.own = bench.learner_keys;
    const LearnerLink link(settings, store);
    EXPECT_TRUE(is_listening(port));
    EXPECT_EQ(exit_of([&] { LearnerLink second(settings, store); }), Exit::robot);  // port in use
  }
  settings.allowed.push_back(settings.allowed[0]);
  EXPECT_EQ(exit_of([&] { LearnerLink link(settings, store); }), Exit::input);
  EXPECT_FALSE(is_listening(port));

  RobotLinkSettings of_robot = bench.of_robot;
  of_robot.endpoint = "tcp://127.0.0.1:1";
  of_robot.own = {};
  EXPECT_EQ(exit_of([&] { RobotLink link(of_robot, bench.hello, agent); }), Exit::usage);
  settings.insecure_loopback = of_robot.insecure_loopback = true;
  for (const char* endpoint : {"tcp://*:*", "tcp://0.0.0.0:*", "tcp://192.168.1.2:5555",
                               "tcp://127.0.0.1.example:5555", "tcp://localhost:5555"}) {
    settings.endpoint = of_robot.endpoint = endpoint;
    EXPECT_EQ(exit_of([&] { LearnerLink link(settings, store); }), Exit::usage) << endpoint;
    EXPECT_EQ(exit_of([&] { RobotLink link(of_robot, bench.hello, agent); }), Exit::usage)
        << endpoint;
  }
}

/// What is on the wire while a rollout with these marks goes over it.
std::string on_the_wire(bool insecure, const std::string& text, double number) {
  LinkBench bench;
  bench.of_learner.insecure_loopback = bench.of_robot.insecure_loopback = insecure;
  bench.start_learner();
  TcpProxy proxy(port_of(bench.of_learner.endpoint));
  bench.also = [&] { proxy.pump(); };
  bench.start_robot(proxy.endpoint());
  MadeRollout made(1, 40);
  made.begin.provenance = text;
  for (std::size_t i = 1; i < made.samples.size(); i += made.begin.sample_columns()) {
    made.samples[i] = number;
  }
  bench.give(made);
  bench.learner->publish(announce(1, 100), std::vector<double>(100, number));
  EXPECT_TRUE(bench.settle());
  EXPECT_TRUE(bench.until([&] { return bench.agent.policies.size() == 1; }));
  return proxy.recorded();
}

// Breaks when a row, a parameter or a text can be read on the wire. Without keys they are there:
// the search can find them.
TEST(LinkSecurity, NothingIsReadableOnTheWire) {
  const std::string text = "a secret hall";
  const double number = -1234.56789;
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &number, 8);
  for (const bool insecure : {true, false}) {
    const std::string wire = on_the_wire(insecure, text, number);
    EXPECT_GT(wire.size(), 2000u);
    for (const std::string& mark : {text, bytes, std::string("PHGL"), std::string("provenance")}) {
      EXPECT_EQ(wire.find(mark) != std::string::npos, insecure) << mark;
    }
  }
}

/// A peer with keys that speaks raw ZeroMQ.
struct RawPeer {
  zmq::context_t context;
  zmq::socket_t socket{context, ZMQ_DEALER};

  RawPeer(const LinkBench& bench, const SecretKeys& keys) {
    socket.set(zmq::sockopt::curve_serverkey, bench.learner_keys.curve_public);
    socket.set(zmq::sockopt::curve_publickey, keys.curve_public);
    socket.set(zmq::sockopt::curve_secretkey, keys.curve_secret);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::reconnect_ivl, 5);
    socket.connect(bench.learner->endpoint());
  }
  bool send(const std::vector<Bytes>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto flags = i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
      if (!socket.send(zmq::buffer(parts[i]), flags | zmq::send_flags::dontwait)) return false;
    }
    return true;
  }
};

// Breaks when a listed peer's garbage crashes the learner, is listened to after the first bad
// frame, or disturbs another robot's rollouts.
TEST(LinkSecurity, DropsAHostilePeerAndSparesTheOthers) {
  LinkBench bench;
  const SecretKeys hostile_keys = make_keys();
  bench.of_learner.allowed.push_back(public_part(hostile_keys, "hostile"));
  bench.start();
  RawPeer hostile(bench, hostile_keys);
  std::mt19937 random(5);
  const RawMessage sound_hello = message({MessageType::hello, 0, 0, 0, 0, 0}, to_cbor(bench.hello));
  ASSERT_TRUE(hostile.send({sound_hello.header, sound_hello.payload}));
  ASSERT_TRUE(bench.until([&] { return bench.learner->robots().size() == 2; }));

  const std::vector<RawMessage> sound = sample_messages();
  std::size_t sent = 0;
  std::uint64_t number = 0;
  std::vector<MadeRollout> all;
  while (sent < 10000) {
    if (sent % 2000 == 0 && all.size() < sent / 2000 + 1) {
      all.emplace_back(++number, 50);
      bench.give(all.back());
    }
    std::vector<Bytes> parts(1 + random() % 4);
    for (Bytes& part : parts) part = random_rows(random, random() % 20, 1);
    if (random() % 2 == 0) {
      RawMessage damaged = sound[random() % sound.size()];
      Bytes& bytes = random() % 2 == 0 ? damaged.header : damaged.payload;
      bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      parts = {damaged.header, damaged.payload};
    }
    if (hostile.send(parts)) {
      ++sent;
      if (sent % 50 != 0) continue;
    }
    bench.step();
  }
  ASSERT_TRUE(bench.until([&] { return bench.learner->counts().refused_frames == sent; }));
  ASSERT_TRUE(bench.settle());
  for (const MadeRollout& made : all) bench.expect_stored(made);
  EXPECT_EQ(bench.learner->robots(), std::vector<RobotName>{"car-1"});
  EXPECT_EQ(bench.store.leaves, std::vector<RobotName>{"hostile"});
  EXPECT_EQ(bench.agent.losses, 0);
  EXPECT_EQ(bench.learner->counts().refused_peers, 1u);
  EXPECT_LE(bench.store.remarks.size(), 10u);
  // It is told, and a sound Hello on the same connection no longer helps.
  ASSERT_TRUE(hostile.send({sound_hello.header, sound_hello.payload}));
  bench.drive(milliseconds(30));
  EXPECT_EQ(bench.learner->robots().size(), 1u);
  bool is_told = false;
  zmq::message_t part;
  while (hostile.socket.recv(part, zmq::recv_flags::dontwait)) {
    const Bytes header(part.data<std::uint8_t>(), part.data<std::uint8_t>() + part.size());
    if (!part.more() || !hostile.socket.recv(part, zmq::recv_flags::dontwait)) continue;
    const auto frame = link::decode(view(header), {part.data<std::uint8_t>(), part.size()});
    is_told = is_told || std::get<Frame>(frame).type == MessageType::refuse;
  }
  EXPECT_TRUE(is_told);
}

// Breaks when a robot can speak for another: a rollout belongs to the key that sent it, whatever
// the payload says; or when a message that only a learner sends is taken from a robot.
TEST(LinkSecurity, TheKeyIsTheName) {
  LinkBench bench;
  const SecretKeys other_keys = make_keys();
  bench.of_learner.allowed.push_back(public_part(other_keys, "car-2"));
  bench.start();
  Agent other_agent;
  RobotLinkSettings of_other = bench.of_robot;
  of_other.own = other_keys;
  RobotLink other(of_other, bench.hello, other_agent);
  MadeRollout mine(1, 30), others(1, 30, 9);
  mine.begin.provenance = others.begin.provenance = "car-1";
  bench.give(mine);
  ASSERT_TRUE(other.begin(others.begin));
  ASSERT_TRUE(other.samples(0, others.samples.data(), others.sample_rows()));
  ASSERT_TRUE(other.segments(0, others.segments.data(), others.segment_rows()));
  other.end(EndReason::complete, {});
  ASSERT_TRUE(bench.until([&] {
    other.poll(milliseconds(0));
    return bench.store.stored.size() == 2;
  }));
  bench.expect_stored(mine, "car-1");
  bench.expect_stored(others, "car-2");

  RawPeer raw(bench, other_keys);
  const RawMessage ack = message({MessageType::ack, 0, 0, 0, 0, 0}, to_cbor(Ack{1, 0, 0, true}));
  ASSERT_TRUE(raw.send({ack.header, ack.payload}));
  ASSERT_TRUE(bench.until([&] { return bench.learner->counts().refused_frames == 1; }));
}

// Breaks when a message above the largest allowed is taken into memory, or a whole learner suffers
// from it.
TEST(LinkSecurity, AMessageThatIsTooLargeClosesTheConnection) {
  LinkBench bench;
  const SecretKeys hostile_keys = make_keys();
  bench.of_learner.allowed.push_back(public_part(hostile_keys, "hostile"));
  bench.start();
  RawPeer hostile(bench, hostile_keys);
  const std::uint64_t before = bench.learner->counts().frames;
  ASSERT_TRUE(hostile.send({Bytes(header_bytes), Bytes(4 * max_payload_bytes)}));
  const MadeRollout made(1, 50);
  bench.give(made);
  ASSERT_TRUE(bench.settle());
  bench.expect_stored(made);
  bench.drive(milliseconds(50));
  EXPECT_EQ(bench.learner->counts().refused_frames, 0u);  // it never became a message
  EXPECT_GT(bench.learner->counts().frames, before);
  EXPECT_EQ(bench.agent.losses, 0);
}

}  // namespace
}  // namespace phigrad::link
