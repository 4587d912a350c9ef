#include "host/config/suggest.hpp"

#include <gtest/gtest.h>

namespace phigrad {
namespace {

const std::vector<std::string> kKeys = {
    "dt_s", "segments", "turn_gain_per_m", "turn_bias_per_m", "length_m", "drop_segments",
    "kx",   "kv"};

// Breaks if an edit, a swap, the case or the unit counts wrongly.
TEST(Suggest, NamesTheClosestKey) {
  EXPECT_EQ(remedy_for_key("dt_ms", kKeys), "did you mean 'dt_s'?");
  EXPECT_EQ(remedy_for_key("DT_S", kKeys), "did you mean 'dt_s'?");
  EXPECT_EQ(remedy_for_key("segmenst", kKeys), "did you mean 'segments'?");
  EXPECT_EQ(remedy_for_key("turn_bais_per_m", kKeys), "did you mean 'turn_bias_per_m'?");
  EXPECT_EQ(remedy_for_key("lenght", kKeys), "did you mean 'length_m'?");
}

// Breaks if the unit that is missing is not the remedy, or a mere prefix is taken for such a key.
TEST(Suggest, TellsTheMissingUnit) {
  EXPECT_EQ(remedy_for_key("dt", kKeys), "keys carry their unit: write 'dt_s'");
  EXPECT_EQ(remedy_for_key("turn_gain", kKeys), "keys carry their unit: write 'turn_gain_per_m'");
  EXPECT_EQ(remedy_for_key("drop", kKeys), "keys carry their unit: write 'drop_segments'");
  EXPECT_EQ(remedy_for_key("half", {"half_width"}), "known keys: half_width");
}

// Breaks if a word that resembles nothing gets a suggestion, or a hostile one costs time.
TEST(Suggest, ListsTheKeysWhenNothingIsClose) {
  EXPECT_EQ(remedy_for_key("colour", {"kx", "kv"}), "known keys: kx, kv");
  EXPECT_EQ(remedy_for_key("ab", {"kx", "kv"}), "known keys: kx, kv");
  EXPECT_EQ(remedy_for_key("", {"k"}), "known keys: k");
  EXPECT_EQ(remedy_for_key("x", {}), "no key is allowed here");
  EXPECT_EQ(remedy_for_key(std::string(5'000'000, 'k'), {"kx"}), "known keys: kx");
  EXPECT_EQ(remedy_for_word("cuda", {"cpu", "auto"}), "write one of: cpu, auto");
  EXPECT_EQ(remedy_for_word("atuo", {"cpu", "auto"}), "did you mean \"auto\"?");
}

}  // namespace
}  // namespace phigrad
