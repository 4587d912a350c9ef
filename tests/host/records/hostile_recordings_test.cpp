// Recordings damaged on purpose: whatever the bytes, the readers return a value or an input error.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "host/records/recordings.hpp"
#include "tests/host/records/julia_fixture.hpp"
#include "tests/support/recorded_file.hpp"

namespace phigrad {
namespace {

using fixture::Bytes;
using fixture::contains;
using fixture::Json;

/// Feeds the bytes to all three readers. Returns how many of them refused; anything but an Error
/// with Exit::input escapes and fails the test.
int refusals(const Bytes& bytes) {
  const auto refuses = [](const auto& action) {
    try {
      action();
      return 0;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::input);
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return 1;
    }
  };
  int refused = 3;  // by a file that cannot be opened at all
  refuses([&] {
    const JuliaFile file(bytes.data(), bytes.size(), "hostile");
    refused = refuses([&file] {
      for (const RecordedRollout& rollout : read_log(file).rollouts) find_faults(rollout);
    });
    refused += refuses([&file] { read_network(file); });
    refused += refuses([&file] { read_mismatch_losses(file); });
  });
  return refused;
}

Json shared_network() {
  Json document = fixture::chain(Json::array({fixture::dense(4, 3, 1), fixture::dense(2, 4, 2)}));
  Json layers = document["model"]["data"][0]["data"];
  document["model"]["data"][0]["data"][1]["data"][0] = {{"tag", "backref"}, {"ref", 1}};
  document["_backrefs"] = Json::array({layers[1]["data"][0]});
  return document;
}

std::vector<Bytes> fixtures() {
  const std::vector<double> costs(12, 1.0);
  return {fixture::to_bytes(fixture::training(1)), fixture::to_bytes(shared_network()),
          fixture::to_bytes({{"losses", fixture::numbers<double>("Float64", {2, 3, 2}, costs)}})};
}

Bytes flipped(const Bytes& bytes, std::mt19937& random, int flips) {
  Bytes damaged = bytes;
  for (int i = 0; i < flips; ++i) {
    const std::size_t bit = random() % (8 * damaged.size());
    damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ (1u << (bit % 8)));
  }
  return damaged;
}

// Breaks when a fixture is refused by all its readers: the tests below would then prove little.
TEST(HostileRecordings, FixturesAreSound) {
  for (const Bytes& bytes : fixtures()) EXPECT_EQ(refusals(bytes), 2);
}

// Breaks on a crash, a hang, or any exception but an input error, from 1 to 8 flipped bits.
TEST(HostileRecordings, SurvivesFlippedBits) {
  std::mt19937 random(20240717);
  int still_read = 0;
  for (const Bytes& bytes : fixtures()) {
    for (int round = 0; round < 3000; ++round) {
      still_read += 3 - refusals(flipped(bytes, random, 1 + round % 8));
    }
  }
  EXPECT_GT(still_read, 100);  // some damage lies in the numbers only: decoding was reached
}

// Breaks when the values of a length or size field are trusted: each byte takes extreme values.
TEST(HostileRecordings, SurvivesExtremeBytes) {
  for (const Bytes& bytes : fixtures()) {
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{0xFF}}) {
        Bytes damaged = bytes;
        damaged[at] = value;
        refusals(damaged);
      }
    }
  }
}

// Breaks when a small file can make the readers hold far more than its own size, in the samples of
// a rollout it names 5000 times or, where those are few, in the rollouts themselves.
TEST(HostileRecordings, BoundsRolloutsThatAreAllTheSame) {
  for (const Json& shared : {fixture::rollout(0, 5, 3), fixture::rollout(0, 1, 1)}) {
    Json runs = Json::array();
    for (int i = 0; i < 5000; ++i) runs.push_back({{"tag", "backref"}, {"ref", 1}});
    Json document = fixture::training(1);
    document["data"]["data"] = Json::array({fixture::floats(1, 5000, 0), runs});
    document["_backrefs"] = Json::array({shared});
    const Bytes bytes = fixture::to_bytes(document);
    const JuliaFile file(bytes.data(), bytes.size(), "hostile");
    EXPECT_TRUE(contains(fixture::input_error([&file] { read_log(file); }), "unfold to more"));
  }
}

Bytes recorded(const char* name) {
  std::ifstream stream(recorded_file(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Breaks when a half-copied recording crashes a reader or is taken for something else.
TEST(HostileRecordings, RefusesCutRecordings) {
  for (const char* name :
       {"car_mismatch_losses.bson", "car_sim_0p5_eval_initial.bson", "car_sim_0p5_policy.bson"}) {
    const Bytes whole = recorded(name);
    if (whole.empty()) GTEST_SKIP() << "no recording " << name << " in ../shared/data/lwsm";
    for (std::size_t size = 0; size < whole.size(); size += 997) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const std::string error =
          fixture::input_error([&cut] { const JuliaFile file(cut.data(), cut.size(), "cut"); });
      EXPECT_TRUE(contains(error, size == 0 ? "empty" : "cut short")) << error;
      // The same with the size put right, so that the parser itself meets the end.
      if (size < 5) continue;
      Bytes mended = cut;
      for (std::size_t i = 0; i < 4; ++i) mended[i] = static_cast<std::uint8_t>(size >> (8 * i));
      EXPECT_EQ(refusals(mended), 3) << name << " at " << size;
    }
  }
}

// Breaks on a crash or hang in the real files' own structure.
TEST(HostileRecordings, SurvivesFlippedBitsInRecordings) {
  std::mt19937 random(7);
  for (const char* name : {"car_mismatch_losses.bson", "car_sim_0p5_policy.bson"}) {
    const Bytes whole = recorded(name);
    if (whole.empty()) GTEST_SKIP() << "no recording " << name << " in ../shared/data/lwsm";
    for (int round = 0; round < 200; ++round) refusals(flipped(whole, random, 1 + round % 64));
  }
}

}  // namespace
}  // namespace phigrad
