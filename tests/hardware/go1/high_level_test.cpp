// The bytes of the Go1's datagrams, against literals from an independent program and the emulator.
#include "hardware/go1/high_level.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "tests/hardware/go1/go1_emulator.hpp"

namespace phigrad {
namespace {

namespace emulated = go1_emulation;
using emulated::Bytes;

template <class Container>
std::string hex(const Container& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string zeros(std::size_t bytes) { return std::string(2 * bytes, '0'); }

std::variant<Go1State, Go1Refusal> decode(const Bytes& bytes, bool with_checksum = true) {
  return decode_go1_state(bytes.data(), bytes.size(), with_checksum);
}

bool accepted(const Bytes& bytes) { return std::holds_alternative<Go1State>(decode(bytes)); }

bool refused(const Bytes& bytes, Go1Refusal reason) {
  const auto decoded = decode(bytes);
  const Go1Refusal* refusal = std::get_if<Go1Refusal>(&decoded);
  return refusal != nullptr && *refusal == reason;
}

void put(std::uint32_t value, Bytes& bytes, std::size_t offset) {
  const Bytes packed = emulated::Packer().u32(value).bytes;
  std::copy(packed.begin(), packed.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

/// Makes the checksum fit.
Bytes mended(Bytes bytes) {
  put(emulated::crc(bytes.data(), 270), bytes, 1083);
  return bytes;
}

/// `bytes` with `value` at `offset` and a checksum that fits.
Bytes with_float(Bytes bytes, std::size_t offset, float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  put(bits, bytes, offset);
  return mended(std::move(bytes));
}

Bytes some_state() { return emulated::high_state({1.25, -2.5, 0.75, 0.4, -0.3}, 2, 1); }

// Breaks when the polynomial, the initial value, the order of bits or bytes, or a final xor differ.
// Vectors: long division of the message as one polynomial over GF(2), in Python.
TEST(Go1Checksum, MeetsKnownAnswers) {
  const auto sum_of = [](const Bytes& bytes) {
    return go1_checksum(bytes.data(), bytes.size() / 4);
  };
  EXPECT_EQ(sum_of({}), 0xFFFFFFFFu);
  EXPECT_EQ(sum_of(Bytes(4, 0x00)), 0xC704DD7Bu);
  EXPECT_EQ(sum_of(Bytes(4, 0xFF)), 0x00000000u);
  EXPECT_EQ(sum_of({1, 2, 3, 4}), 0x1DABE74Fu);
  EXPECT_EQ(sum_of({'1', '2', '3', '4', '5', '6', '7', '8'}), 0xFEFC54F9u);
  EXPECT_EQ(sum_of(Bytes(124, 0)), 0xCF8F1457u);
  Bytes ramp(124), long_ramp(1080);
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < long_ramp.size(); ++i) {
    long_ramp[i] = static_cast<std::uint8_t>(7 * i + 3);
  }
  EXPECT_EQ(sum_of(ramp), 0x2B236F6Bu);
  EXPECT_EQ(sum_of(long_ramp), 0x3F793819u);
}

// Breaks when the two implementations part anywhere in the lengths in use.
TEST(Go1Checksum, AgreesWithTheTableOfTheEmulator) {
  std::mt19937 random(11);
  for (std::size_t words = 0; words <= 271; ++words) {
    Bytes bytes(4 * words);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    ASSERT_EQ(go1_checksum(bytes.data(), words), emulated::crc(bytes.data(), words)) << words;
  }
}

// Breaks when a field of the command moves, changes its order of bytes, or leaves the checksum.
TEST(Go1Command, HasTheGoldenBytes) {
  Go1Command walk;
  walk.mode = Go1Mode::walk;
  walk.gait = Go1Gait::trot;
  walk.foot_raise_m = 0.02f;
  walk.body_height_m = -0.05f;
  walk.speed_m_per_s = 0.5f;
  walk.yaw_rate_rad_per_s = -1.25f;
  EXPECT_EQ(hex(encode(walk)), "feefee" + zeros(19) + "020100" + "0ad7a33c" + "cdcc4cbd" +
                                   zeros(20) + "0000003f" + zeros(4) + "0000a0bf" + zeros(60) +
                                   "66080767");
  Go1Command stand;
  stand.mode = Go1Mode::stand;
  EXPECT_EQ(hex(encode(stand)), "feefee" + zeros(19) + "01" + zeros(102) + "663cf3b8");
  EXPECT_EQ(hex(encode(Go1Command())), "feefee" + zeros(122) + "0b0ffcd8");
}

// Breaks when a field of the state is read from elsewhere, or another field in its place.
TEST(Go1State, IsReadWhereTheRobotPutsIt) {
  const auto decoded = decode(some_state());
  ASSERT_TRUE(std::holds_alternative<Go1State>(decoded));
  const Go1State& s = std::get<Go1State>(decoded);
  EXPECT_EQ(s.mode, 2);
  EXPECT_EQ(s.gait, 1);
  EXPECT_EQ(s.roll, 0.011f);
  EXPECT_EQ(s.pitch, -0.012f);
  EXPECT_EQ(s.yaw, 0.75f);
  EXPECT_EQ(s.position[0], 1.25f);
  EXPECT_EQ(s.position[1], -2.5f);
  EXPECT_EQ(s.position[2], 0.29f);
  EXPECT_EQ(s.velocity[0], 0.4f);
  EXPECT_EQ(s.velocity[1], -0.07f);
  EXPECT_EQ(s.velocity[2], 0.08f);
  EXPECT_EQ(s.yaw_rate_rad_per_s, -0.3f);
}

// Breaks when a check is missing, or the reason that it names is another's.
TEST(Go1State, IsRefusedForTheFirstThingWrong) {
  const Bytes good = some_state();
  ASSERT_EQ(good.size(), 1087u);
  for (const std::size_t size : {0u, 1u, 129u, 807u, 1086u, 1088u, 2048u}) {
    Bytes other = good;
    other.resize(size);
    EXPECT_TRUE(refused(other, Go1Refusal::length)) << size;
  }
  EXPECT_TRUE(std::holds_alternative<Go1Refusal>(decode_go1_state(nullptr, 0)));
  for (const std::size_t at : {0u, 1u}) {
    Bytes other = good;
    other[at] ^= 1;
    EXPECT_TRUE(refused(other, Go1Refusal::head)) << at;
  }
  // The three bytes between the last whole word and the checksum are covered by nothing.
  for (std::size_t at = 2; at < good.size(); ++at) {
    Bytes other = good;
    other[at] ^= 0x10;
    if (at >= 1080 && at < 1083) {
      EXPECT_TRUE(accepted(other)) << at;
    } else {
      EXPECT_TRUE(refused(other, Go1Refusal::checksum)) << at;
    }
  }
}

// Breaks when a NaN or an infinity of a field that is used gets through, or when one of a field
// that is not used costs a state.
TEST(Go1State, IsRefusedWhenAFieldInUseIsNotFinite) {
  const float infinite = std::numeric_limits<float>::infinity();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), infinite, -infinite}) {
    for (const std::size_t at : {62u, 66u, 70u, 895u, 899u, 903u, 911u, 915u, 919u, 923u}) {
      EXPECT_TRUE(refused(with_float(some_state(), at, bad), Go1Refusal::not_finite)) << at;
    }
    for (const std::size_t at : {38u, 76u, 886u, 927u, 943u}) {
      EXPECT_TRUE(accepted(with_float(some_state(), at, bad))) << at;
    }
  }
}

// Breaks when the checksum is looked at though it was asked not to, or takes other checks with it.
TEST(Go1State, PassesWithoutAChecksumWhenAsked) {
  Bytes bytes = some_state();
  bytes[1083] ^= 0xFF;
  EXPECT_TRUE(refused(bytes, Go1Refusal::checksum));
  EXPECT_TRUE(std::holds_alternative<Go1State>(decode(bytes, false)));
  const float bad = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::holds_alternative<Go1Refusal>(decode(with_float(bytes, 70, bad), false)));
  bytes[0] = 0;
  EXPECT_TRUE(std::holds_alternative<Go1Refusal>(decode(bytes, false)));
}

/// Flips, cuts, lengthens or overwrites; mends the checksum of every other one, so that what lies
/// behind that check is reached.
Bytes damaged(const Bytes& good, std::mt19937& random) {
  Bytes bytes = good;
  const auto kind = random() % 5;
  if (kind == 0) bytes.resize(random() % good.size());
  if (kind == 1) bytes.resize(good.size() + 1 + random() % 1000, 0xAA);
  if (kind == 2) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  }
  if (kind >= 3) {
    const auto places = 1 + random() % 8;
    for (auto i = places; i > 0; --i) {
      // Half of them among the fields that are used, where extreme bytes make extreme floats.
      const std::size_t at = random() % 2 == 0 ? 885 + random() % 42 : random() % bytes.size();
      bytes[at] = kind == 3 ? std::uint8_t{0xFF} : static_cast<std::uint8_t>(random());
    }
  }
  if (random() % 2 == 0 && bytes.size() >= 1087) {
    return mended(std::move(bytes));
  }
  return bytes;
}

// Breaks on a crash, a read past the end (under a sanitizer), or a state taken from 10⁵ damaged
// datagrams whose length, head or checksum is wrong or whose numbers are not finite.
TEST(Go1State, SurvivesDamagedDatagrams) {
  std::mt19937 random(20240717);
  const Bytes good = some_state();
  int taken = 0;
  int by_reason[4] = {};
  for (int round = 0; round < 100000; ++round) {
    const Bytes bytes = damaged(good, random);
    const auto decoded = decode(bytes);
    if (const Go1Refusal* refusal = std::get_if<Go1Refusal>(&decoded)) {
      ++by_reason[static_cast<int>(*refusal)];
      continue;
    }
    ++taken;
    ASSERT_EQ(bytes.size(), 1087u);
    ASSERT_TRUE(bytes[0] == 0xFE && bytes[1] == 0xEF);
    ASSERT_EQ(bytes, mended(bytes));
    const Go1State& s = std::get<Go1State>(decoded);
    for (const float value : {s.roll, s.pitch, s.yaw, s.position[0], s.position[1], s.position[2],
                              s.velocity[0], s.velocity[1], s.velocity[2], s.yaw_rate_rad_per_s}) {
      ASSERT_TRUE(std::isfinite(value));
    }
  }
  // Every exit was taken often, or the damage proves little.
  EXPECT_GT(taken, 1000);
  for (const int count : by_reason) EXPECT_GT(count, 100);
}

}  // namespace
}  // namespace phigrad
