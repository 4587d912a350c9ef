#include "hardware/link/messages.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <tuple>

#include "host/support/error.hpp"
#include "tests/hardware/link/message_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;
using nlohmann::ordered_json;

template <class Message>
class EveryMessage : public ::testing::Test {};

using Messages = ::testing::Types<Hello, Welcome, RolloutBegin, RolloutEnd, Ack, Credit, Policy,
                                  Ping, Pong, Pose, Event, Control, Bye, Refuse>;
TYPED_TEST_SUITE(EveryMessage, Messages);

// Breaks when a member is not written, not read, or read into another: all differ in the samples.
TYPED_TEST(EveryMessage, ComesBackAsItWas) {
  const TypeParam sent = sample<TypeParam>();
  const Bytes bytes = to_cbor(sent);
  const auto read = from_cbor<TypeParam>(view(bytes));
  ASSERT_TRUE(std::holds_alternative<TypeParam>(read))
      << std::get<RefusedMessage>(read).key << ": " << name(std::get<RefusedMessage>(read).why);
  EXPECT_EQ(members(std::get<TypeParam>(read)), members(sent));
  EXPECT_NE(members(sent), members(TypeParam{}));
}

// Breaks when a key is optional, when one too many is let pass, or the wrong one is blamed.
TYPED_TEST(EveryMessage, NeedsExactlyItsKeys) {
  const ordered_json whole = ordered_json::from_cbor(to_cbor(sample<TypeParam>()));
  ASSERT_FALSE(whole.empty());
  for (const auto& [key, value] : whole.items()) {
    ordered_json less = whole;
    less.erase(key);
    const RefusedMessage refused = refusal_of<TypeParam>(less);
    EXPECT_EQ(refused.why, Refusal::missing_key);
    EXPECT_EQ(refused.key, key);
  }
  ordered_json more = whole;
  more["further"] = 1;
  EXPECT_EQ(refusal_of<TypeParam>(more).why, Refusal::unknown_key);
}

// Breaks when a value of another type is taken for the right one. Whole numbers may stand for
// doubles, so each wrong value is of a type that no member of the kind takes.
TYPED_TEST(EveryMessage, RefusesOtherTypes) {
  const ordered_json whole = ordered_json::from_cbor(to_cbor(sample<TypeParam>()));
  const std::vector<ordered_json> values = {true,
                                            "text",
                                            7,
                                            1.5,
                                            ordered_json::array(),
                                            ordered_json::object(),
                                            ordered_json::binary({1, 2})};
  for (const auto& [key, value] : whole.items()) {
    for (const ordered_json& other : values) {
      if (other.type() == value.type() || (other.is_number() && value.is_number())) continue;
      ordered_json wrong = whole;
      wrong[key] = other;
      const RefusedMessage refused = refusal_of<TypeParam>(wrong);
      EXPECT_EQ(refused.why, Refusal::wrong_type) << key << " = " << other;
      EXPECT_EQ(refused.key, key);
    }
  }
}

// Breaks when what CBOR libraries in other languages write is not understood, or this end writes
// something else: bytes put together by hand after RFC 8949.
TEST(Messages, MeetTheGoldenBytes) {
  // {"number": 9, "ping_ns": 2^33, "received_ns": -1000}
  const Bytes pong = from_hex(
      "a3666e756d626572096770696e675f6e731b00000002000000006b72656365697665645f6e733903e7");
  EXPECT_EQ(to_cbor(Pong{9, std::int64_t{1} << 33, -1000}), pong);

  // {"version": 3, "hash": h'000102…1f', "robot_kind": "car", "parameters": 5194,
  //  "precision": "float", "signature": h'6465…a3'}
  const Bytes policy = from_hex(
      "a66776657273696f6e0364686173685820000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"
      "1d1e1f6a726f626f745f6b696e64636361726a706172616d657465727319144a69707265636973696f6e65666c6f"
      "6174697369676e617475726558406465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283"
      "8485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3");
  Policy expected{3, {}, "car", 5194, ParameterPrecision::single_precision, some_signature()};
  std::iota(expected.hash.begin(), expected.hash.end(), std::uint8_t{0});
  EXPECT_EQ(to_cbor(expected), policy);

  // {"id": "jetracer", "sequence": 17, "t_s": 0.1, "p": [1.5, 0, -0.3], "q": [1.0, 0, 0, 0]}, with
  // floats of 2, 4 and 8 bytes and integers among them
  const Bytes pose = from_hex(
      "a5626964686a657472616365726873657175656e63651163745f73fb3fb999999999999a617083fa3fc0000000fb"
      "bfd3333333333333617184f93c00000000");
  const auto read = from_cbor<Pose>(view(pose));
  ASSERT_TRUE(std::holds_alternative<Pose>(read));
  EXPECT_EQ(
      members(std::get<Pose>(read)),
      std::make_tuple(std::string("jetracer"), std::uint64_t{17}, 0.1,
                      std::array<double, 3>{1.5, 0, -0.3}, std::array<double, 4>{1, 0, 0, 0}));
}

/// Sets one key of a message's CBOR.
template <class Message>
RefusedMessage with(const char* key, const ordered_json& value) {
  ordered_json map = ordered_json::from_cbor(to_cbor(sample<Message>()));
  EXPECT_TRUE(map.contains(key));
  map[key] = value;
  const RefusedMessage refused = refusal_of<Message>(map);
  EXPECT_STREQ(refused.key, key);
  return refused;
}

// Breaks when a limit is missing: sizes without a row, times that do not advance, text that would
// forge a log line, numbers that are none.
TEST(Messages, RefuseWhatIsOutOfRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<RefusedMessage> refusals = {
      with<Hello>("protocol", 2),
      with<Hello>("nx", 0),
      with<Hello>("nx", -3),
      with<Hello>("nu", 62),  // 1 + 4 + 62 columns
      with<Hello>("nz", 59),  // 2 + 4 + 59 columns
      with<Hello>("nx", 0xFFFFFFFFFFFFFFFF),
      with<Hello>("period_s", 0),
      with<Hello>("period_s", -0.02),
      with<Hello>("period_s", 61),
      with<Hello>("period_s", nan),
      with<Hello>("robot_kind", ""),
      with<Hello>("robot_kind", "a b"),
      with<Hello>("robot_kind", std::string(65, 'a')),
      with<Hello>("software", "two\nlines"),
      with<Hello>("software", "\xC3"),          // UTF-8 cut short
      with<Hello>("software", "\xC0\xAF"),      // an overlong '/'
      with<Hello>("software", "\xED\xA0\x80"),  // a surrogate
      with<Hello>("software", "\xC2\x9B"),      // the control sequence introducer
      with<Welcome>("learner_ns", 0x8000000000000000),
      with<RolloutBegin>("setpoints", 58),  // 1 + 4 + 2 + 58 columns
      with<RolloutBegin>("dt_s", 0),
      with<RolloutBegin>("task_time_s", infinity),
      with<RolloutBegin>("policy_hash", ordered_json::binary({1, 2, 3})),
      with<RolloutBegin>("before", ordered_json::array({1, 2})),  // not nz
      with<RolloutBegin>("before", ordered_json::array({1, 2, 3, 4})),
      with<RolloutBegin>("before", ordered_json::array({1, infinity, 3})),
      with<RolloutEnd>("samples", max_sequence + 1),
      with<RolloutEnd>("samples_crc", 0x100000000),
      with<RolloutEnd>("reason", "bored"),
      with<Policy>("parameters", 0),
      with<Policy>("parameters", max_parameters + 1),
      with<Policy>("precision", "half"),
      with<Policy>("signature", ordered_json::binary(std::vector<std::uint8_t>(63, 7))),
      with<Pose>("p", ordered_json::array({1, 2})),
      with<Pose>("p", ordered_json::array({1, 2, nan})),
      with<Pose>("q", ordered_json::array({0, 0, 0, 0})),
      with<Pose>("q", ordered_json::array({1, 0.1, 0, 0})),
      with<Pose>("q", ordered_json::array({1e308, 1e308, 1e308, 1e308})),
      with<Control>("command", "dance"),
  };
  for (const RefusedMessage& refused : refusals) {
    EXPECT_EQ(refused.why, Refusal::out_of_range) << refused.key;
  }
  EXPECT_EQ(with<RolloutEnd>("events", ordered_json(33, ordered_json::object())).why,
            Refusal::over_cap);
}

// Breaks when the texts that may enter a log are fewer than the languages of the world need.
TEST(Messages, TakeTextOfAnyLanguage) {
  for (const char* text :
       {"", "grüße", "\xF0\x9F\xA4\x96", "\xEF\xBF\xBD", "ロボット", "\xC2\xA0"}) {
    EXPECT_TRUE(is_plain_text(text)) << text;
    EXPECT_NO_THROW(to_cbor(Bye{text})) << text;
  }
  EXPECT_FALSE(is_plain_text(std::string_view("\xC3\xBC", 1)));  // reads no further than its end
}

// Breaks when this end sends what the other would refuse, instead of failing where the mistake is.
TEST(Messages, AreNotWrittenWhenTheyWouldBeRefused) {
  Event event = sample<Event>();
  event.text = std::string(max_text_bytes, 'x');
  EXPECT_NO_THROW(to_cbor(event));
  event.text += 'x';
  EXPECT_THROW(to_cbor(event), Error);
  Control control;
  control.command = static_cast<Command>(9);
  EXPECT_THROW(to_cbor(control), Error);
  RolloutEnd end = sample<RolloutEnd>();
  end.events.assign(max_events,
                    {std::string(max_name_bytes, 'k'), std::string(max_text_bytes, 't')});
  EXPECT_NO_THROW(to_cbor(end));  // the longest message there is stays below max_control_bytes
  end.events.push_back({"k", "t"});
  EXPECT_THROW(to_cbor(end), Error);
}

}  // namespace
}  // namespace phigrad::link
