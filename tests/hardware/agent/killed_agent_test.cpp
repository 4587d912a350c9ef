// kill -9 of `phigrad agent`, again and again, with a learner at the other end of a real socket:
// the bus is neutral, what the agent remembers is whole, and it drives on with its last policy.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sstream>

#include "hardware/agent/agent_memory.hpp"
#include "hardware/agent/policy_slot.hpp"
#include "tests/hardware/agent/agent_fixture.hpp"
#include "tests/hardware/jetracer/pca9685_model.hpp"
#include "tests/hardware/link/link_fixture.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/file_text.hpp"
#include "tests/support/soak.hpp"

namespace phigrad {
namespace {

using link::fixture::SteadyClock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds patience{20};

/// A learner that keeps the beginnings of rollouts, too.
struct Beginnings : link::fixture::Store {
  std::vector<link::RolloutBegin> begun;
  void began(const link::RobotName&, const link::RolloutBegin& begin) override {
    begun.push_back(begin);
  }
};

/// The car's chip after all that a dry run printed.
Pca9685Model chip_after(const std::string& printed) {
  Pca9685Model::Clock::time_point now{};
  Pca9685Model chip([&now] { return now += std::chrono::seconds(1); });
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    if (line.find('<') == std::string::npos) continue;
    std::istringstream words(line.substr(line.find('<') + 1));
    std::vector<std::uint8_t> bytes;
    for (unsigned byte = 0; words >> std::hex >> byte;) {
      bytes.push_back(static_cast<std::uint8_t>(byte));
    }
    chip.write(bytes.data(), bytes.size());
  }
  EXPECT_TRUE(chip.faults().empty()) << chip.faults().front();
  return chip;
}

bool is_neutral(const Pca9685Model::Outputs& high_us) {
  return std::abs(high_us[0] - 1500) < 5 && std::abs(high_us[1] - 1500) < 5;
}

class KilledAgent : public ::testing::Test {
 protected:
  KilledAgent() {
    auto document = read_json(config_path("jetracer"));
    document["rollout"]["segments"] = 2;
    document["gradient"] = {{"drop_segments", 0}, {"window_segments", 1}};
    document["agent"] = nlohmann::ordered_json::parse(R"({
      "driver": {"type": "jetracer"}, "limits": {"low": [-0.75, -1], "high": [0.75, 1]},
      "geofence": {"type": "none"}, "rest_s": 0,
      "dead_man_s": 30, "link_dead_man_s": 30, "longest_period_s": 30})");
    experiment = read_experiment(document, "test");
    std::ofstream(config) << document.dump();
    link::write_keys(own.path(), "car1", link::make_keys());
    link::write_keys(own.path(), "learner", link::make_keys());
    learner_keys = link::read_secret_keys(file("learner.secret.json"));
    settings.endpoint = "ipc://" + file("socket");
    settings.own = learner_keys;
    settings.allowed = {link::read_public_keys(file("car1.public.json"))};
  }

  std::string file(const char* name) const { return (own.path() / name).string(); }

  void start() {
    std::filesystem::remove(printed);
    agent.emplace(
        std::vector<std::string>{"agent", config, "--dry-run", "--arm", "--learner",
                                 settings.endpoint, "--keys", file("car1.secret.json"),
                                 "--learner-key", file("learner.public.json"), "--memory", memory},
        printed, said);
  }

  /// The next policy, another one each time.
  void publish(link::LearnerLink& link) {
    const std::uint64_t version = ++published;
    const std::vector<double> theta = testing::policy_of(experiment, version, 0.3);
    link::Policy policy;
    policy.version = version;
    policy.robot_kind = experiment.robot;
    policy.parameters = theta.size();
    policy.hash = hash_parameters(theta.data(), theta.size());
    policy.signature =
        sign_seal({experiment.robot, version, theta.size(), policy.hash}, learner_keys.sign_secret);
    hashes.push_back(policy.hash);
    link.publish(policy, theta);
  }

  /// Serves the agent, with poses of a car that stands still.
  template <class Condition>
  bool serve(link::LearnerLink& link, const Condition& until) {
    const auto end = SteadyClock::now() + patience;
    while (!until()) {
      if (SteadyClock::now() > end || !agent->is_running()) return false;
      link.poll(milliseconds(1));
      ++pose.sequence;
      pose.t_s = std::chrono::duration<double>(SteadyClock::now().time_since_epoch()).count();
      link.pose("car1", pose);
    }
    return true;
  }

  /// What it remembers is whole, the learner's, and as new as anything that it drove.
  KeptPolicy remembered() const {
    const AgentMemory kept(memory, experiment.robot);
    if (!kept.policy()) {
      ADD_FAILURE() << "no policy in its memory";
      return {};
    }
    const KeptPolicy& p = *kept.policy();
    PolicySlot slot(experiment.robot, p.parameters.size(),
                    link::read_public_keys(file("learner.public.json")).sign_public);
    EXPECT_EQ(slot.offer({{experiment.robot, p.version, p.parameters.size(), p.hash},
                          p.signature,
                          p.parameters.data(),
                          p.parameters.size()}),
              PolicyRefusal::none);
    for (const link::RolloutBegin& begin : store.begun) {
      EXPECT_GE(p.version, begin.policy_version);
      EXPECT_GT(kept.next_rollout(), begin.rollout);
    }
    return p;
  }

  /// Files that a killed agent was writing.
  int half_written() const {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(own.path())) {
      files += entry.path().filename().string().find(".memory.json.tmp") != std::string::npos;
    }
    return files;
  }

  /// How long after a kill -9 the bus is neutral; `patience` where it never is.
  std::chrono::duration<double> kill_until_neutral() {
    const auto begin = SteadyClock::now();
    EXPECT_TRUE(agent->kill_9());
    while (SteadyClock::now() < begin + patience) {
      const bool neutral = is_neutral(chip_after(testing::read_text(printed)).high_us());
      if (neutral) return SteadyClock::now() - begin;
      std::this_thread::sleep_for(milliseconds(1));
    }
    return patience;
  }

  const TemporaryDirectory own;
  const std::string config = file("config.json"), memory = file("car1.memory.json"),
                    printed = file("bus.txt"), said = file("said.txt");
  Experiment experiment;
  link::SecretKeys learner_keys;
  link::LearnerLinkSettings settings;
  Beginnings store;
  link::Pose pose{"car", 0, 0, {}, {1, 0, 0, 0}};
  std::optional<ChildProcess> agent;
  std::uint64_t published = 0;
  std::vector<link::PolicyHash> hashes;  // of version i + 1
};

// Breaks when a killed agent leaves the last command on the bus, a memory that is torn or older
// than what it drove, when the next one moves before it is told to, drives another policy than the
// last verified one, or uses a rollout's number again.
TEST_F(KilledAgent, LeavesNeutralAndDrivesOnWithItsLastPolicy_slow) {
  const int kills = trials(100, 8);
  std::mt19937 random(11);
  std::uniform_real_distribution<double> delay_s(0, 0.15);
  std::chrono::duration<double> longest{0};
  int in_motion = 0, in_writing = 0;
  std::set<std::uint64_t> used;
  for (int kill = 0; kill < kills; ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    // Its predecessor is gone, too: this learner has no policy yet.
    link::LearnerLink link(settings, store);
    if (kill == 0) publish(link);
    const std::uint64_t known = kill == 0 ? 1 : remembered().version;
    start();
    const std::size_t before = store.begun.size();
    ASSERT_TRUE(serve(link, [&] { return store.begun.size() > before; }))
        << testing::read_text(said);
    const link::RolloutBegin& first = store.begun[before];
    EXPECT_EQ(first.policy_version, known);
    EXPECT_EQ(first.policy_hash, hashes[known - 1]);

    // Policies come as fast as it can keep them, so that many a kill falls into that.
    const auto end = SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(
                                              std::chrono::duration<double>(delay_s(random)));
    auto next = SteadyClock::now();
    ASSERT_TRUE(serve(link, [&] {
      if (SteadyClock::now() >= next) {
        publish(link);
        next = SteadyClock::now() + milliseconds(4);
      }
      return SteadyClock::now() >= end;
    }));
    longest = std::max(longest, kill_until_neutral());
    ASSERT_LT(longest, patience) << "the bus is not neutral";
    in_writing += half_written();
    const Pca9685Model chip = chip_after(testing::read_text(printed));
    const std::vector<Pca9685Model::Outputs>& seen = chip.seen();
    ASSERT_GE(seen.size(), 3U);
    // Waking, and the two neutral pulses that follow.
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(is_neutral(seen[i])) << i;
    in_motion += is_neutral(seen[seen.size() - 2]) ? 0 : 1;
    for (std::size_t i = before; i < store.begun.size(); ++i) {
      EXPECT_TRUE(used.insert(store.begun[i].rollout).second) << store.begun[i].rollout;
    }
  }
  EXPECT_GT(in_motion, 0) << "no kill fell into motion";
  remembered();
  EXPECT_EQ(half_written(), 0) << "files pile up";
  RecordProperty("kills", kills);
  RecordProperty("kills_in_motion", in_motion);
  RecordProperty("kills_while_memory_was_written", in_writing);
  RecordProperty("policies_published", static_cast<int>(published));
  RecordProperty("longest_to_neutral_ms", std::to_string(1e3 * longest.count()));
}

}  // namespace
}  // namespace phigrad
