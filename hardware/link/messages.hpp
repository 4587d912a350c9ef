// The control messages of the robot link, and their CBOR.
//
// A message is one CBOR map whose keys are the members' names here, all of them present and no
// others; an enum travels as its enumerator's name, a PolicyHash as a byte string, an array as an
// array. A whole number will do where a double is asked for; NaN and infinity are refused.
//
// Blocks (`samples`, `segments`, `policy` with a count) are rows of float64 instead:
//   sample   t_s, x[nx], u[nu], then `setpoints` further columns where RolloutBegin declares them.
//            t_s since the rollout's start, s; x measured, u as sent to the actuators. Numbered
//            from 0 within the rollout.
//   segment  number of its first sample, t0_s, x0[nx], z[nz]: the task time at which the policy's
//            head was asked, s, the state that it saw, its decision. Numbered from 0 on their own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "hardware/link/cbor.hpp"
#include "hardware/link/frame.hpp"

namespace phigrad::link {

inline constexpr std::size_t max_name_bytes = 64;  // a name: A-Z a-z 0-9 _ - . :
inline constexpr std::size_t max_events = 32;      // in a RolloutEnd
inline constexpr double max_period_s = 60;
inline constexpr std::uint64_t max_parameters = std::uint64_t{1} << 22;  // of a policy

/// Whether text is a name: 1 to max_name_bytes of those characters.
bool is_name(std::string_view text) noexcept;

/// A digest of 32 bytes over a policy's parameters. The link carries it; who makes the policy and
/// who applies it agree on how it is computed.
using PolicyHash = std::array<std::uint8_t, 32>;

/// An Ed25519 signature over a policy, detached. Who makes it and who checks it agree on what is
/// signed (sign_seal of hardware/agent/policy_seal.hpp); the link carries it.
using PolicySignature = std::array<std::uint8_t, 64>;

/// Robot's first message of a session.
struct Hello {
  static constexpr MessageType type = MessageType::hello;
  std::uint32_t protocol = protocol_version;
  std::string robot_kind;        // a name: the config's "robot"
  std::uint32_t nx = 0, nu = 0;  // states, inputs, at least 1 each
  std::uint32_t nz = 0;          // numbers in a decision of the policy's head
  double period_s = 0;           // of the control thread
  std::uint64_t nonce = 0;       // drawn when the agent starts: another one is another process
  std::string software;          // for people
};

/// Learner's answer. A session begins with it: credit, commands and their numbers start anew.
struct Welcome {
  static constexpr MessageType type = MessageType::welcome;
  std::uint64_t session = 0;
  std::uint64_t policy_version = 0;  // the one to run, 0 for none yet
  std::uint64_t credit = 0;          // Credit::blocks to start with
  std::int64_t learner_ns = 0;       // learner's monotonic clock
};

struct RolloutBegin {
  static constexpr MessageType type = MessageType::rollout_begin;
  std::uint64_t rollout = 0;         // grows from rollout to rollout of one robot
  std::uint64_t policy_version = 0;  // the same for the whole rollout
  PolicyHash policy_hash{};
  double task_time_s = 0;  // at t_s = 0
  std::uint32_t nx = 0, nu = 0, nz = 0;
  std::uint32_t setpoints = 0;  // columns after u in a sample
  double dt_s = 0;              // nominal; the true one is the difference of t_s
  std::string provenance;       // for people: which robot, which place
  std::vector<double> before;   // [nz], the decision in force before the first segment, finite

  std::size_t sample_columns() const { return std::size_t{1} + nx + nu + setpoints; }
  std::size_t segment_columns() const { return std::size_t{2} + nx + nz; }
};

/// Something that happened on the robot.
struct Event {
  static constexpr MessageType type = MessageType::event;
  std::string kind;  // a name
  std::string text;
};

enum class EndReason { complete, tripped, aborted };

/// States what was sent, so that the learner can tell whether it has all of it. The checksums are
/// crc32c() over the bytes of all rows as they were sent, in order of their numbers: they find
/// loss, mixture and damage; that nobody forged the rows is up to the transport.
struct RolloutEnd {
  static constexpr MessageType type = MessageType::rollout_end;
  std::uint64_t rollout = 0;
  std::uint64_t samples = 0, segments = 0;  // rows
  std::uint32_t samples_crc = 0, segments_crc = 0;
  EndReason reason = EndReason::complete;
  std::vector<Event> events;
};

/// What of a rollout the learner has stored for good; the robot may forget it.
struct Ack {
  static constexpr MessageType type = MessageType::ack;
  std::uint64_t rollout = 0;
  std::uint64_t samples = 0, segments = 0;  // all rows numbered below
  bool settled = false;  // the whole rollout, its end included, stored or rejected
};

/// How many blocks (frames of samples or segments, repeats included) the robot may send in this
/// session, counted from its Welcome. A total: repeated or late ones do no harm, the largest
/// counts.
struct Credit {
  static constexpr MessageType type = MessageType::credit;
  std::uint64_t blocks = 0;
};

enum class ParameterPrecision { single_precision, double_precision };

/// Announces a policy; its parameters follow in `policy` frames of the same policy version.
struct Policy {
  static constexpr MessageType type = MessageType::policy;
  std::uint64_t version = 0;
  PolicyHash hash{};
  std::string robot_kind;        // a name
  std::uint64_t parameters = 0;  // at least 1
  // What the learner computes in. The parameters travel as float64 either way, without loss.
  ParameterPrecision precision = ParameterPrecision::double_precision;
  PolicySignature signature{};
};

/// The receiver notes its clock and answers at once.
struct Ping {
  static constexpr MessageType type = MessageType::ping;
  std::uint64_t number = 0;
};

/// Sent at the header's monotonic_ns, on the clock of received_ns.
struct Pong {
  static constexpr MessageType type = MessageType::pong;
  std::uint64_t number = 0;      // of the ping
  std::int64_t ping_ns = 0;      // the ping's monotonic_ns, on the asker's clock
  std::int64_t received_ns = 0;  // when it came in, on the answerer's clock
};

/// A pose from motion capture.
struct Pose {
  static constexpr MessageType type = MessageType::pose;
  std::string id;              // a name: the rigid body's
  std::uint64_t sequence = 0;  // grows from pose to pose of one body
  double t_s = 0;              // sender's monotonic clock
  std::array<double, 3> p{};   // m
  std::array<double, 4> q{};   // w, x, y, z, of length 1 to 1e-3
};

enum class Command { arm, disarm, stop };

/// A command to the agent. One of another session, or not numbered above the last, is stale.
struct Control {
  static constexpr MessageType type = MessageType::control;
  std::uint64_t session = 0;
  std::uint64_t number = 0;
  Command command = Command::stop;
};

/// The sender is about to go.
struct Bye {
  static constexpr MessageType type = MessageType::bye;
  std::string text;
};

/// The sender will not go on with this peer.
struct Refuse {
  static constexpr MessageType type = MessageType::refuse;
  std::string reason;  // a name: that of a Refusal, or another
  std::string text;
};

/// Why a payload is not the message it should be.
struct RefusedMessage {
  Refusal why = Refusal::malformed;
  const char* key = "";  // the member concerned, or "" where it is the whole
};

/// Reads a payload that came from anywhere as a Message, one of the structs above. Allocates at
/// most max_cbor_memory in all; throws nothing but std::bad_alloc.
template <class Message>
std::variant<Message, RefusedMessage> from_cbor(ByteView payload);

/// The payload of a frame of type Message::type. Throws Error(Exit::robot) for a message that
/// from_cbor would refuse.
template <class Message>
std::vector<std::uint8_t> to_cbor(const Message& message);

}  // namespace phigrad::link
