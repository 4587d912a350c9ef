// What survives a restart, and what is made of a damaged file.
#include "hardware/agent/agent_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "hardware/agent/jitter.hpp"
#include "tests/hardware/agent/expect_error.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

using testing::input_error_of;

class AgentMemoryTest : public ::testing::Test {
 protected:
  std::string error_of(const std::string& text) {
    std::ofstream(file_) << text;
    return input_error_of([&] { AgentMemory memory(file_, "car"); });
  }

  const TemporaryDirectory own_;
  const std::filesystem::path file_ = own_.path() / "robot.memory.json";
};

// Breaks when a policy comes back with another bit, or without its signature.
TEST_F(AgentMemoryTest, PolicyComesBackBitForBit) {
  KeptPolicy policy;
  policy.version = 0xFFFFFFFFFFFFFFF0;
  policy.parameters = {0.1, -1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 3};
  for (std::size_t i = 0; i < 32; ++i) policy.hash[i] = static_cast<std::uint8_t>(7 * i);
  for (std::size_t i = 0; i < 64; ++i) policy.signature[i] = static_cast<std::uint8_t>(255 - i);
  {
    AgentMemory memory(file_, "car");
    EXPECT_FALSE(memory.policy().has_value());
    memory.keep(policy);
  }
  const AgentMemory memory(file_, "car");
  ASSERT_TRUE(memory.policy().has_value());
  EXPECT_EQ(memory.policy()->version, policy.version);
  EXPECT_EQ(memory.policy()->hash, policy.hash);
  EXPECT_EQ(memory.policy()->signature, policy.signature);
  EXPECT_EQ(hash_parameters(memory.policy()->parameters.data(), 6),
            hash_parameters(policy.parameters.data(), 6));
}

// Breaks when a number is used again after kill -9, whenever that comes.
TEST_F(AgentMemoryTest, RolloutNumbersAreNeverUsedTwice) {
  std::uint64_t highest = 0;
  for (const int rollouts : {1, 2, 77, 99, 100, 101, 230, 3}) {
    AgentMemory memory(file_, "car");  // none says good-bye
    for (int i = 0; i < rollouts; ++i) {
      const std::uint64_t number = memory.next_rollout();
      EXPECT_GT(number, highest);
      highest = number;
      memory.used(number);
    }
  }
}

// Breaks when agents without a file count from the same number.
TEST_F(AgentMemoryTest, WithoutAFileTheWallClockNumbers) {
  EXPECT_GT(AgentMemory("", "car").next_rollout(), 1'500'000'000'000u);
}

// Breaks when a damaged or foreign file is taken for a memory.
TEST_F(AgentMemoryTest, DamagedFilesAreRefused) {
  EXPECT_THAT(error_of("{"), ::testing::HasSubstr(file_.string()));
  EXPECT_THAT(error_of(R"({"robot":"go1","next_rollout":1})"), ::testing::HasSubstr("go1"));
  EXPECT_THAT(error_of(R"({"robot":"car","next_rollout":-1})"),
              ::testing::HasSubstr("next_rollout"));
  EXPECT_THAT(error_of(R"({"robot":"car","next_rollout":1,"policy":{"version":1,"hash":"00",)"
                       R"("signature":"","parameters":[]}})"),
              ::testing::HasSubstr("damaged"));
}

// Breaks when the histogram gives another part of the periods than asked for.
TEST(Jitter, QuantilesAreThoseOfThePeriods) {
  Jitter jitter;
  EXPECT_EQ(jitter.quantile_s(0.99), 0);
  for (int i = 0; i < 98; ++i) jitter.add(5'000 + i);
  jitter.add(-3);
  jitter.add(1'000'000'000);
  EXPECT_EQ(jitter.count(), 100u);
  EXPECT_NEAR(jitter.quantile_s(0.5), 10e-6, 1e-12);
  EXPECT_NEAR(jitter.quantile_s(0.99), 10e-6, 1e-12);
  EXPECT_EQ(jitter.quantile_s(1), 1.0);
  EXPECT_EQ(jitter.max_s(), 1.0);
}

}  // namespace
}  // namespace phigrad
