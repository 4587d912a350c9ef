// CBOR made to do harm: whatever the bytes, every message is read or refused by name, within
// max_cbor_memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "hardware/link/cbor.hpp"
#include "tests/hardware/link/allocation_meter.hpp"
#include "tests/hardware/link/message_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

Refusal why(const Bytes& bytes) {
  const AllocationMeter meter;
  const auto parsed = parse_cbor(view(bytes));
  EXPECT_LE(meter.bytes(), max_cbor_memory);
  EXPECT_TRUE(std::holds_alternative<Refusal>(parsed));
  const Refusal* refusal = std::get_if<Refusal>(&parsed);
  return refusal == nullptr ? Refusal::bad_crc : *refusal;
}

Bytes repeated(const std::string& hex, std::size_t times, const std::string& tail = "") {
  Bytes bytes;
  const Bytes one = from_hex(hex);
  for (std::size_t i = 0; i < times; ++i) bytes.insert(bytes.end(), one.begin(), one.end());
  const Bytes end = from_hex(tail);
  bytes.insert(bytes.end(), end.begin(), end.end());
  return bytes;
}

// Breaks when nesting can overflow the stack: of arrays, of maps, of tags, and of strings of
// indefinite length, which nlohmann's reader follows without a word to its handler.
TEST(HostileMessages, CannotNestDeeply) {
  const std::size_t most = max_control_bytes;
  EXPECT_EQ(why(repeated("81", most)), Refusal::over_cap);
  EXPECT_EQ(why(repeated("a16161", most / 3)), Refusal::over_cap);
  EXPECT_EQ(why(repeated("c1", most)), Refusal::unsupported);
  EXPECT_EQ(why(repeated("7f", most)), Refusal::unsupported);
  EXPECT_EQ(why(repeated("5f", most)), Refusal::unsupported);
  EXPECT_EQ(why(repeated("9f", most)), Refusal::unsupported);
  EXPECT_EQ(why(repeated("bf6161", most / 3)), Refusal::unsupported);
  EXPECT_EQ(why(repeated("81", 4, "00")), Refusal::wrong_type);  // within the cap, and no map
  EXPECT_EQ(why(repeated("81", 5, "00")), Refusal::over_cap);
}

// Breaks when a declared size is believed: strings, byte strings, arrays and maps of 2^31, 2^32 - 1
// and 2^64 - 1 entries in a few bytes.
TEST(HostileMessages, CannotDeclareHugeSizes) {
  for (const char* size : {"1a80000000", "1affffffff", "1bffffffffffffffff", "1b7fffffffffffffff",
                           "1b8000000000000000"}) {
    for (const unsigned major : {2U, 3U, 4U, 5U}) {
      Bytes bytes = from_hex(size);
      bytes[0] = static_cast<std::uint8_t>(bytes[0] | major << 5);
      EXPECT_EQ(why(bytes), Refusal::over_cap) << major << " " << size;
      Bytes member = from_hex("a16161");
      member.insert(member.end(), bytes.begin(), bytes.end());
      EXPECT_EQ(why(member), Refusal::over_cap) << major << " " << size;
    }
  }
  EXPECT_EQ(why(from_hex("a161613bffffffffffffffff")), Refusal::over_cap);  // -2^64
  EXPECT_EQ(why(from_hex("a161613b8000000000000000")), Refusal::over_cap);  // -2^63 - 1
}

// Breaks when many small values take much more memory than their bytes, each level at its cap.
TEST(HostileMessages, CannotHoldVeryManyValues) {
  Bytes wide = from_hex("9820");
  for (int i = 0; i < 32; ++i) {
    wide.insert(wide.end(), {0x98, 0x20});
    wide.insert(wide.end(), 32, 0x80);
  }
  EXPECT_EQ(why(wide), Refusal::over_cap);

  // As much as passes: 15 arrays of 31 texts, too long to be kept inside a std::string.
  Bytes full = from_hex("af");
  for (std::uint8_t member = 0; member < 15; ++member) {
    const Bytes texts = repeated("781f" + std::string(62, '3'), 31);
    full.insert(full.end(), {0x61, static_cast<std::uint8_t>('a' + member), 0x98, 31});
    full.insert(full.end(), texts.begin(), texts.end());
  }
  const AllocationMeter meter;
  EXPECT_TRUE(std::holds_alternative<CborMap>(parse_cbor(view(full))));
  EXPECT_LE(meter.bytes(), max_cbor_memory);
  EXPECT_EQ(why(Bytes(max_control_bytes + 1, 0xA0)), Refusal::over_cap);
}

// Breaks when the subset is wider than cbor.hpp says.
TEST(HostileMessages, RefuseWhatThisLinkDoesNotUse) {
  const std::pair<const char*, Refusal> cases[] = {
      {"", Refusal::malformed},                          // nothing
      {"a1", Refusal::malformed},                        // a member short
      {"a16161", Refusal::malformed},                    // a value short
      {"a1616119", Refusal::malformed},                  // half an integer
      {"a16161626b", Refusal::malformed},                // half a text
      {"a1616100ff", Refusal::malformed},                // a byte after the end
      {"a0a0", Refusal::malformed},                      // a second map
      {"a100", Refusal::malformed},                      // a key without a value
      {"a10000", Refusal::malformed},                    // a key that is a number
      {"a141610000", Refusal::malformed},                // a key that is a byte string
      {"a161611c", Refusal::malformed},                  // a reserved length
      {"a16161f6", Refusal::unsupported},                // null
      {"a16161f7", Refusal::unsupported},                // undefined
      {"a16161f820", Refusal::unsupported},              // a simple value
      {"a16161c000", Refusal::unsupported},              // a tag
      {"bf616100ff", Refusal::unsupported},              // a map of indefinite length
      {"a161617f6161ff", Refusal::unsupported},          // a text of indefinite length
      {"00", Refusal::wrong_type},                       // no map
      {"80", Refusal::wrong_type},                       // an array
      {"a2616100616101", Refusal::duplicate_key},        // {"a": 0, "a": 1}
      {"a16161a2616200616200", Refusal::duplicate_key},  // the same further in
  };
  for (const auto& [hex, expected] : cases) {
    EXPECT_EQ(name(why(from_hex(hex))), std::string(name(expected))) << hex;
  }
}

/// Reads the bytes as every message; counts the outcomes.
struct Readings {
  std::map<Refusal, int> refused;
  int read = 0;
  std::size_t most_memory = 0;  // bytes, of one reading

  template <class Message>
  void as(const Bytes& bytes) {
    const AllocationMeter meter;
    const auto outcome = from_cbor<Message>(view(bytes));
    most_memory = std::max(most_memory, meter.bytes());
    if (const auto* refusal = std::get_if<RefusedMessage>(&outcome)) {
      ++refused[refusal->why];
    } else {
      ++read;
      // What was let pass is within the limits of what may be written.
      EXPECT_NO_THROW(to_cbor(std::get<Message>(outcome)));
    }
  }

  template <class... Messages>
  void as_all(const Bytes& bytes) {
    (as<Messages>(bytes), ...);
  }
};

template <class Message>
void damage(Readings& readings, std::mt19937& random) {
  const Bytes sound = to_cbor(sample<Message>());
  for (std::size_t size = 0; size < sound.size(); ++size) {
    readings.as<Message>({sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(size)});
  }
  EXPECT_EQ(readings.read, 0) << "a message cut short was read";
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes = sound;
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips) {
      std::uint8_t& byte = bytes[random() % bytes.size()];
      byte = static_cast<std::uint8_t>(byte ^ (1U << random() % 8));
    }
    readings.as<Message>(bytes);
  }
}

template <class... Messages>
void damage_all(std::mt19937& random, Readings& all) {
  const auto one = [&](auto&& damage_one) {
    Readings readings;
    damage_one(readings);
    for (const auto& [refusal, count] : readings.refused) all.refused[refusal] += count;
    all.read += readings.read;
    all.most_memory = std::max(all.most_memory, readings.most_memory);
  };
  (one([&](Readings& readings) { damage<Messages>(readings, random); }), ...);
}

// Breaks on a crash, an exception, or memory above the cap, in damaged messages of every type; or
// when something that was let pass could not be written again.
TEST(HostileMessages, SurviveDamage) {
  std::mt19937 random(8949);
  Readings all;
  damage_all<Hello, Welcome, RolloutBegin, RolloutEnd, Ack, Credit, Policy, Ping, Pong, Pose, Event,
             Control, Bye, Refuse>(random, all);
  EXPECT_LE(all.most_memory, max_cbor_memory);
  EXPECT_GT(all.read, 100);  // damage in a number or a text only
  for (const Refusal refusal : {Refusal::malformed, Refusal::unsupported, Refusal::over_cap,
                                Refusal::missing_key, Refusal::wrong_type, Refusal::out_of_range}) {
    EXPECT_GT(all.refused[refusal], 20) << name(refusal);
  }
}

// Breaks when bytes that were never a message crash a reader.
TEST(HostileMessages, SurviveRandomBytes) {
  std::mt19937 random(77);
  Readings readings;
  for (int round = 0; round < 2000; ++round) {
    Bytes bytes(random() % 400);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (!bytes.empty()) bytes[0] = static_cast<std::uint8_t>(0xA0 | bytes[0] % 24);
    readings.as_all<Hello, Policy, RolloutEnd, Pose>(bytes);
  }
  EXPECT_EQ(readings.read, 0);
  EXPECT_LE(readings.most_memory, max_cbor_memory);
}

// Breaks when the longest message that may be sent takes more memory to read than is promised.
TEST(HostileMessages, ReadTheLongestWithinTheMemoryStated) {
  RolloutEnd end = sample<RolloutEnd>();
  end.events.assign(max_events,
                    {std::string(max_name_bytes, 'k'), std::string(max_text_bytes, 't')});
  const Bytes bytes = to_cbor(end);
  Readings readings;
  readings.as<RolloutEnd>(bytes);
  EXPECT_EQ(readings.read, 1);
  EXPECT_LE(readings.most_memory, max_cbor_memory);
  EXPECT_GT(readings.most_memory, bytes.size());
}

}  // namespace
}  // namespace phigrad::link
