#include "hardware/link/messages.hpp"

#include <cmath>
#include <string>

#include "hardware/link/message_fields.hpp"
#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

// A message's members: key, where, and what is allowed there.

template <class Visitor>
void describe(Visitor& v, Hello& m) {
  v.whole("protocol", m.protocol, protocol_version, protocol_version);
  v.name("robot_kind", m.robot_kind);
  v.whole("nx", m.nx, 1, max_columns);
  v.whole("nu", m.nu, 1, max_columns);
  v.whole("nz", m.nz, 0, max_columns);
  v.number("period_s", m.period_s, 0, max_period_s);
  v.whole("nonce", m.nonce);
  v.text("software", m.software);
}

template <class Visitor>
void describe(Visitor& v, Welcome& m) {
  v.whole("session", m.session);
  v.whole("policy_version", m.policy_version);
  v.whole("credit", m.credit);
  v.whole("learner_ns", m.learner_ns);
}

template <class Visitor>
void describe(Visitor& v, RolloutBegin& m) {
  v.whole("rollout", m.rollout);
  v.whole("policy_version", m.policy_version);
  v.bytes("policy_hash", m.policy_hash);
  v.number("task_time_s", m.task_time_s);
  v.whole("nx", m.nx, 1, max_columns);
  v.whole("nu", m.nu, 1, max_columns);
  v.whole("nz", m.nz, 0, max_columns);
  v.whole("setpoints", m.setpoints, 0, max_columns);
  v.number("dt_s", m.dt_s, 0, max_period_s);
  v.text("provenance", m.provenance);
  v.numbers("before", m.before, m.nz);
}

template <class Visitor>
void describe(Visitor& v, RolloutEnd& m) {
  constexpr std::uint32_t any_u32 = std::numeric_limits<std::uint32_t>::max();
  v.whole("rollout", m.rollout);
  v.whole("samples", m.samples, 0, max_sequence);
  v.whole("segments", m.segments, 0, max_sequence);
  v.whole("samples_crc", m.samples_crc, 0, any_u32);
  v.whole("segments_crc", m.segments_crc, 0, any_u32);
  v.template choice<EndReason>("reason", m.reason,
                               {{"complete", EndReason::complete},
                                {"tripped", EndReason::tripped},
                                {"aborted", EndReason::aborted}});
  v.events("events", m.events);
}

template <class Visitor>
void describe(Visitor& v, Ack& m) {
  v.whole("rollout", m.rollout);
  v.whole("samples", m.samples, 0, max_sequence);
  v.whole("segments", m.segments, 0, max_sequence);
  v.flag("settled", m.settled);
}

template <class Visitor>
void describe(Visitor& v, Credit& m) {
  v.whole("blocks", m.blocks);
}

template <class Visitor>
void describe(Visitor& v, Policy& m) {
  v.whole("version", m.version);
  v.bytes("hash", m.hash);
  v.name("robot_kind", m.robot_kind);
  v.whole("parameters", m.parameters, 1, max_parameters);
  v.template choice<ParameterPrecision>("precision", m.precision,
                                        {{"float", ParameterPrecision::single_precision},
                                         {"double", ParameterPrecision::double_precision}});
  v.bytes("signature", m.signature);
}

template <class Visitor>
void describe(Visitor& v, Ping& m) {
  v.whole("number", m.number);
}

template <class Visitor>
void describe(Visitor& v, Pong& m) {
  v.whole("number", m.number);
  v.whole("ping_ns", m.ping_ns);
  v.whole("received_ns", m.received_ns);
}

template <class Visitor>
void describe(Visitor& v, Pose& m) {
  v.name("id", m.id);
  v.whole("sequence", m.sequence);
  v.number("t_s", m.t_s);
  v.numbers("p", m.p.data(), m.p.size());
  v.numbers("q", m.q.data(), m.q.size());
}

template <class Visitor>
void describe(Visitor& v, Control& m) {
  v.whole("session", m.session);
  v.whole("number", m.number);
  v.template choice<Command>(
      "command", m.command,
      {{"arm", Command::arm}, {"disarm", Command::disarm}, {"stop", Command::stop}});
}

template <class Visitor>
void describe(Visitor& v, Bye& m) {
  v.text("text", m.text);
}

template <class Visitor>
void describe(Visitor& v, Refuse& m) {
  v.name("reason", m.reason);
  v.text("text", m.text);
}

// What concerns several members, or a limit that is open: the key that is out of range, or nullptr.

template <class Message>
const char* inconsistent(const Message&) {
  return nullptr;
}

const char* inconsistent(const Hello& m) {
  if (std::size_t{1} + m.nx + m.nu > max_columns) return "nu";
  if (std::size_t{2} + m.nx + m.nz > max_columns) return "nz";
  return m.period_s > 0 ? nullptr : "period_s";
}

const char* inconsistent(const RolloutBegin& m) {
  if (m.sample_columns() > max_columns) return "setpoints";
  if (m.segment_columns() > max_columns) return "nz";
  return m.dt_s > 0 ? nullptr : "dt_s";
}

const char* inconsistent(const Pose& m) {
  // hypot: no overflow of squares.
  const double length = std::hypot(std::hypot(m.q[0], m.q[1]), std::hypot(m.q[2], m.q[3]));
  return std::abs(length - 1) <= 1e-3 ? nullptr : "q";
}

}  // namespace

template <class Message>
std::variant<Message, RefusedMessage> from_cbor(ByteView payload) {
  const std::variant<CborMap, Refusal> parsed = parse_cbor(payload);
  if (const Refusal* refusal = std::get_if<Refusal>(&parsed)) return RefusedMessage{*refusal, ""};
  Message message;
  FieldReader reader(std::get<CborMap>(parsed));
  describe(reader, message);
  if (const auto failure = reader.failure()) return *failure;
  if (const char* key = inconsistent(message)) return RefusedMessage{Refusal::out_of_range, key};
  return message;
}

template <class Message>
std::vector<std::uint8_t> to_cbor(const Message& message) {
  nlohmann::ordered_json map = nlohmann::ordered_json::object();
  FieldWriter writer(map);
  Message copy = message;
  describe(writer, copy);
  std::vector<std::uint8_t> bytes = nlohmann::ordered_json::to_cbor(map);
  const auto read_back = from_cbor<Message>({bytes.data(), bytes.size()});
  if (const auto* refused = std::get_if<RefusedMessage>(&read_back)) {
    throw Error(Exit::robot,
                std::string("a message that the other end would refuse: ") + name(refused->why),
                "message type " + std::to_string(static_cast<unsigned>(Message::type)) + ", key '" +
                    refused->key + "'",
                "keep to the limits of the link's messages");
  }
  return bytes;
}

template std::variant<Hello, RefusedMessage> from_cbor(ByteView);
template std::variant<Welcome, RefusedMessage> from_cbor(ByteView);
template std::variant<RolloutBegin, RefusedMessage> from_cbor(ByteView);
template std::variant<RolloutEnd, RefusedMessage> from_cbor(ByteView);
template std::variant<Ack, RefusedMessage> from_cbor(ByteView);
template std::variant<Credit, RefusedMessage> from_cbor(ByteView);
template std::variant<Policy, RefusedMessage> from_cbor(ByteView);
template std::variant<Ping, RefusedMessage> from_cbor(ByteView);
template std::variant<Pong, RefusedMessage> from_cbor(ByteView);
template std::variant<Pose, RefusedMessage> from_cbor(ByteView);
template std::variant<Event, RefusedMessage> from_cbor(ByteView);
template std::variant<Control, RefusedMessage> from_cbor(ByteView);
template std::variant<Bye, RefusedMessage> from_cbor(ByteView);
template std::variant<Refuse, RefusedMessage> from_cbor(ByteView);

template std::vector<std::uint8_t> to_cbor(const Hello&);
template std::vector<std::uint8_t> to_cbor(const Welcome&);
template std::vector<std::uint8_t> to_cbor(const RolloutBegin&);
template std::vector<std::uint8_t> to_cbor(const RolloutEnd&);
template std::vector<std::uint8_t> to_cbor(const Ack&);
template std::vector<std::uint8_t> to_cbor(const Credit&);
template std::vector<std::uint8_t> to_cbor(const Policy&);
template std::vector<std::uint8_t> to_cbor(const Ping&);
template std::vector<std::uint8_t> to_cbor(const Pong&);
template std::vector<std::uint8_t> to_cbor(const Pose&);
template std::vector<std::uint8_t> to_cbor(const Event&);
template std::vector<std::uint8_t> to_cbor(const Control&);
template std::vector<std::uint8_t> to_cbor(const Bye&);
template std::vector<std::uint8_t> to_cbor(const Refuse&);

}  // namespace phigrad::link
