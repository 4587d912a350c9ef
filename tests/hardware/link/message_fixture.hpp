// A message of each type, its members and its refusals, for the tests of the link.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "tests/hardware/link/frame_fixture.hpp"

namespace phigrad::link::fixture {

inline auto members(const Hello& m) {
  return std::make_tuple(m.protocol, m.robot_kind, m.nx, m.nu, m.nz, m.period_s, m.nonce,
                         m.software);
}
inline auto members(const Welcome& m) {
  return std::make_tuple(m.session, m.policy_version, m.credit, m.learner_ns);
}
inline auto members(const RolloutBegin& m) {
  return std::make_tuple(m.rollout, m.policy_version, m.policy_hash, m.task_time_s, m.nx, m.nu,
                         m.nz, m.setpoints, m.dt_s, m.provenance, m.before);
}
inline auto members(const Event& m) { return std::make_tuple(m.kind, m.text); }
inline auto members(const RolloutEnd& m) {
  std::vector<std::tuple<std::string, std::string>> events;
  for (const Event& event : m.events) events.push_back(members(event));
  return std::make_tuple(m.rollout, m.samples, m.segments, m.samples_crc, m.segments_crc, m.reason,
                         events);
}
inline auto members(const Ack& m) {
  return std::make_tuple(m.rollout, m.samples, m.segments, m.settled);
}
inline auto members(const Credit& m) { return std::make_tuple(m.blocks); }
inline auto members(const Policy& m) {
  return std::make_tuple(m.version, m.hash, m.robot_kind, m.parameters, m.precision, m.signature);
}
inline auto members(const Ping& m) { return std::make_tuple(m.number); }
inline auto members(const Pong& m) { return std::make_tuple(m.number, m.ping_ns, m.received_ns); }
inline auto members(const Pose& m) { return std::make_tuple(m.id, m.sequence, m.t_s, m.p, m.q); }
inline auto members(const Control& m) { return std::make_tuple(m.session, m.number, m.command); }
inline auto members(const Bye& m) { return std::make_tuple(m.text); }
inline auto members(const Refuse& m) { return std::make_tuple(m.reason, m.text); }

inline PolicyHash some_hash() {
  PolicyHash hash;
  std::iota(hash.begin(), hash.end(), std::uint8_t{200});
  return hash;
}

inline PolicySignature some_signature() {
  PolicySignature signature;
  std::iota(signature.begin(), signature.end(), std::uint8_t{100});
  return signature;
}

/// A message of which every member differs from the others and from its default.
template <class Message>
Message sample();

template <>
inline Hello sample() {
  return {protocol_version, "double_pendulum", 4, 2, 10, 0.02, 0xFEDCBA9876543210, "agent 0.1"};
}
template <>
inline Welcome sample() {
  return {11, 12, 13, -14};
}
template <>
inline RolloutBegin sample() {
  return {21, 22, some_hash(), 23.25, 4, 2, 3, 6, 0.02, "car 1, hall", {0.5, -1e300, 0.1}};
}
template <>
inline RolloutEnd sample() {
  return {31, 32, 33, 0xFFFFFFFF, 35, EndReason::tripped, {{"pose_lost", "3 periods"}, {"x", ""}}};
}
template <>
inline Ack sample() {
  return {41, 42, 43, true};
}
template <>
inline Credit sample() {
  return {51};
}
template <>
inline Policy sample() {
  return {61, some_hash(), "go1", 5194, ParameterPrecision::single_precision, some_signature()};
}
template <>
inline Ping sample() {
  return {71};
}
template <>
inline Pong sample() {
  return {81, -82, std::numeric_limits<std::int64_t>::max()};
}
template <>
inline Pose sample() {
  return {"rigid_body", 91, 92.125, {1.1, -2.2, 3.3}, {0.5, -0.5, 0.5, 0.5}};
}
template <>
inline Event sample() {
  return {"clamped", "throttle at 0.75, größer"};
}
template <>
inline Control sample() {
  return {101, 102, Command::arm};
}
template <>
inline Bye sample() {
  return {"good night"};
}
template <>
inline Refuse sample() {
  return {"wrong_version", "protocol 2"};
}

/// Why the map is refused as a Message; fails the test where it is not.
template <class Message>
RefusedMessage refusal_of(const nlohmann::ordered_json& map) {
  const Bytes bytes = nlohmann::ordered_json::to_cbor(map);
  const auto read = from_cbor<Message>(view(bytes));
  EXPECT_TRUE(std::holds_alternative<RefusedMessage>(read)) << map;
  const auto* refused = std::get_if<RefusedMessage>(&read);
  return refused == nullptr ? RefusedMessage{} : *refused;
}

inline Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace phigrad::link::fixture
