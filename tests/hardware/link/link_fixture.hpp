// Both ends of a link in one process, for its tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "hardware/link/learner_link.hpp"
#include "hardware/link/little_endian.hpp"
#include "hardware/link/robot_link.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad::link::fixture {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

/// A rollout as the robot's control thread makes it.
struct MadeRollout {
  RolloutBegin begin;
  std::vector<double> samples, segments;  // [rows, columns]

  MadeRollout(std::uint64_t number, std::size_t sample_rows, unsigned seed = 1) {
    begin.rollout = number;
    begin.policy_version = 4;
    begin.nx = 3;
    begin.nu = 1;
    begin.nz = 2;
    begin.setpoints = 2;
    begin.dt_s = 0.02;
    begin.before = {0.25, -3.5};
    std::mt19937 random(seed + static_cast<unsigned>(number));
    std::uniform_real_distribution<double> any(-10, 10);
    const std::size_t columns = begin.sample_columns();
    for (std::size_t i = 0; i < sample_rows; ++i) {
      samples.push_back(0.02 * static_cast<double>(i));
      for (std::size_t k = 1; k < columns; ++k) samples.push_back(any(random));
    }
    for (std::size_t i = 0; 7 * i < sample_rows; ++i) {
      segments.push_back(7.0 * static_cast<double>(i));
      for (std::size_t k = 1; k < begin.segment_columns(); ++k) segments.push_back(any(random));
    }
  }
  std::size_t sample_rows() const { return samples.size() / begin.sample_columns(); }
  std::size_t segment_rows() const { return segments.size() / begin.segment_columns(); }
};

/// What the learner has stored, and everything else that it was told.
struct Store : LearnerLinkListener {
  struct Stored {
    RolloutBegin begin;
    std::vector<double> samples, segments;
    RolloutEnd end;
    RolloutFault fault = RolloutFault::none;
    double longest_step_s = 0;
    int times = 0;
  };
  using Key = std::pair<RobotName, std::uint64_t>;
  std::map<Key, Stored> stored;
  bool disk_is_full = false;
  int offered = 0;
  std::string refuse_with;  // "" lets robots in
  std::vector<RobotName> joins, leaves;
  std::vector<std::string> remarks;
  std::vector<std::pair<RobotName, Event>> events;
  std::vector<std::pair<RobotName, Pose>> poses;
  std::function<void()> on_grew;

  bool joined(const RobotName& robot, const Hello&, std::string& why) override {
    why = refuse_with;
    if (refuse_with.empty()) joins.push_back(robot);
    return refuse_with.empty();
  }
  void left(const RobotName& robot) override { leaves.push_back(robot); }
  void began(const RobotName&, const RolloutBegin&) override {}
  void grew(const RobotName&, const Reassembly&) override {
    if (on_grew) on_grew();
  }
  bool ended(const RobotName& robot, const Reassembly& rollout, const RolloutEnd& end) override {
    ++offered;
    if (disk_is_full) return false;
    Stored& one = stored[{robot, end.rollout}];
    const auto copy = [](const RowsView& view) {
      return std::vector<double>(view.data, view.data + view.rows * view.columns);
    };
    one = {rollout.begin(),
           copy(rollout.samples()),
           copy(rollout.segments()),
           end,
           rollout.fault(),
           rollout.longest_step_s(),
           one.times + 1};
    return true;
  }
  bool knows(const RobotName& robot, std::uint64_t rollout) override {
    return stored.count({robot, rollout}) > 0;
  }
  void event(const RobotName& robot, const Event& event) override {
    events.emplace_back(robot, event);
  }
  void pose(const RobotName& from, const Pose& pose) override { poses.emplace_back(from, pose); }
  void remark(const std::string& line) override { remarks.push_back(line); }
};

/// What the agent was told.
struct Agent : RobotLinkListener {
  int connects = 0, losses = 0;
  Welcome welcome;
  std::vector<ReceivedPolicy> policies;
  std::vector<Command> commands;
  std::vector<Pose> poses;

  void connected(const Welcome& m) override {
    ++connects;
    welcome = m;
  }
  void lost() override { ++losses; }
  void policy(const ReceivedPolicy& policy) override { policies.push_back(policy); }
  void control(Command command) override { commands.push_back(command); }
  void pose(const Pose& pose) override { poses.push_back(pose); }
};

/// Settings of both ends, fit for one another, and what to drive.
struct LinkBench {
  SecretKeys learner_keys = make_keys();
  SecretKeys robot_keys = make_keys();
  LearnerLinkSettings of_learner;
  RobotLinkSettings of_robot;
  Hello hello;
  Store store;
  Agent agent;
  std::unique_ptr<LearnerLink> learner;
  std::unique_ptr<RobotLink> robot;
  std::function<void()> also;  // driven along

  LinkBench() {
    of_learner.endpoint = "tcp://127.0.0.1:*";
    of_learner.own = learner_keys;
    of_learner.allowed = {public_part(robot_keys, "car-1")};
    of_learner.offer_again_s = 0.01;
    of_robot.own = robot_keys;
    of_robot.learner = public_part(learner_keys, "learner");
    of_robot.spool_blocks = 64;
    of_robot.reconnect_s = 0.01;
    of_robot.ping_s = 0.05;
    of_robot.resend_s = 0.05;
    hello.robot_kind = "car";
    hello.nx = 3;
    hello.nu = 1;
    hello.nz = 2;
    hello.period_s = 0.02;
    hello.nonce = 77;
  }

  void start_learner() {
    learner = std::make_unique<LearnerLink>(of_learner, store);
    of_learner.endpoint = learner->endpoint();  // the same one after a restart
  }
  /// Towards the learner, or another endpoint: a proxy's.
  void start_robot(const std::string& endpoint = "") {
    of_robot.endpoint = endpoint.empty() ? of_learner.endpoint : endpoint;
    robot = std::make_unique<RobotLink>(of_robot, hello, agent);
  }
  void start() {
    start_learner();
    start_robot();
  }

  void step() {
    if (also) also();
    if (learner) learner->poll(milliseconds(0));
    if (robot) robot->poll(milliseconds(1));
  }
  /// Drives both ends until it is so; false where it does not come to that.
  bool until(const std::function<bool()>& is_so, milliseconds longest = milliseconds(4000)) {
    const auto end = SteadyClock::now() + longest;
    while (!is_so()) {
      if (SteadyClock::now() > end) return false;
      step();
    }
    return true;
  }
  void drive(milliseconds time) {
    until([] { return false; }, time);
  }

  /// All of a rollout into the link, `rows` a block.
  void give(const MadeRollout& made, std::size_t rows = 10) {
    ASSERT_TRUE(robot->begin(made.begin));
    const std::size_t columns = made.begin.sample_columns();
    for (std::size_t i = 0; i < made.sample_rows(); i += rows) {
      const std::size_t count = std::min(rows, made.sample_rows() - i);
      ASSERT_TRUE(robot->samples(i, made.samples.data() + i * columns, count));
      if (i > 0) continue;
      ASSERT_TRUE(robot->segments(0, made.segments.data(), made.segment_rows()));
    }
    robot->end(EndReason::complete, {{"note", "done"}});
  }

  bool settle(milliseconds longest = milliseconds(4000)) {
    return until([this] { return robot->is_connected() && robot->all_acknowledged(); }, longest);
  }

  /// The rollout is there, once, bit for bit.
  void expect_stored(const MadeRollout& made, const RobotName& name = "car-1") {
    const auto found = store.stored.find({name, made.begin.rollout});
    ASSERT_NE(found, store.stored.end()) << "rollout " << made.begin.rollout << " is lost";
    const Store::Stored& stored = found->second;
    EXPECT_EQ(stored.times, 1);
    EXPECT_EQ(stored.fault, RolloutFault::none) << link::name(stored.fault);
    EXPECT_TRUE(same_bits(stored.samples, made.samples));
    EXPECT_TRUE(same_bits(stored.segments, made.segments));
    EXPECT_EQ(to_cbor(stored.begin), to_cbor(made.begin));
  }
  static bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), 8 * a.size()) == 0;
  }
};

/// A policy whose parameters are all different, and cannot be mistaken for rows.
inline std::vector<double> many_parameters(std::size_t count, double first) {
  std::vector<double> parameters(count);
  for (std::size_t i = 0; i < count; ++i) parameters[i] = first + 1.0 / static_cast<double>(i + 3);
  return parameters;
}

inline Policy announce(std::uint64_t version, std::size_t parameters) {
  Policy policy;
  policy.version = version;
  policy.robot_kind = "car";
  policy.parameters = parameters;
  policy.hash.fill(static_cast<std::uint8_t>(version));
  policy.signature.fill(static_cast<std::uint8_t>(version + 100));
  return policy;
}

}  // namespace phigrad::link::fixture
