// ST5 to ST7: clocks that are set, a learner that is slow, whose disk is full, or that starts
// again.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "tests/hardware/link/link_fixture.hpp"

namespace phigrad::link {
namespace {

using namespace fixture;

constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t steady_ns() {
  return std::chrono::nanoseconds(SteadyClock::now().time_since_epoch()).count();
}

// Breaks when clocks that are ten seconds apart, or set by a second in the middle of a rollout,
// change a row or the order of rows, or when nobody is told.
TEST(LinkRecovery, ClocksDoNotMatter) {
  for (const std::int64_t apart_s : {-10, 10}) {
    for (const std::int64_t step_s : {-1, 1}) {
      std::int64_t shift_ns = apart_s * second_ns;
      LinkBench bench;
      bench.of_robot.ping_s = 0.005;
      bench.of_robot.seam.monotonic_ns = [&] { return steady_ns() + shift_ns; };
      bench.start();
      const MadeRollout made(1, 60);
      const std::size_t columns = made.begin.sample_columns();
      ASSERT_TRUE(bench.robot->begin(made.begin));
      ASSERT_TRUE(bench.robot->segments(0, made.segments.data(), made.segment_rows()));
      ASSERT_TRUE(bench.robot->samples(0, made.samples.data(), 30));
      ASSERT_TRUE(bench.until([&] { return bench.robot->clock_uncertainty_ns() > 0; }));
      const auto expect_offset = [&] {
        EXPECT_NEAR(static_cast<double>(bench.robot->clock_offset_ns()),
                    static_cast<double>(-shift_ns),
                    static_cast<double>(bench.robot->clock_uncertainty_ns()) + 1e3);
      };
      expect_offset();
      EXPECT_EQ(bench.robot->counts().clock_steps, 0u);
      shift_ns += step_s * second_ns;
      ASSERT_TRUE(bench.until([&] { return bench.robot->counts().clock_steps > 0; }));
      ASSERT_TRUE(bench.until(
          [&] { return std::abs(bench.robot->clock_offset_ns() + shift_ns) < second_ns / 2; }));
      ASSERT_TRUE(bench.robot->samples(30, made.samples.data() + 30 * columns, 30));
      bench.robot->end(EndReason::complete, {});
      ASSERT_TRUE(bench.settle());
      bench.expect_stored(made);
    }
  }
}

// Breaks when a robot whose own time jumps within a rollout goes unnoticed: back, the rollout is
// faulty and holds only the rows before; ahead, the long step is stated.
TEST(LinkRecovery, AStepOfTheRowsTimeIsFlagged) {
  for (const double step_s : {-1.0, 1.0}) {
    LinkBench bench;
    bench.start();
    MadeRollout made(1, 60);
    for (std::size_t i = 30; i < 60; ++i) made.samples[i * made.begin.sample_columns()] += step_s;
    bench.give(made);
    ASSERT_TRUE(bench.settle());
    const Store::Stored& stored = bench.store.stored.at({"car-1", 1});
    EXPECT_EQ(stored.times, 1);
    if (step_s < 0) {
      EXPECT_EQ(stored.fault, RolloutFault::time_not_increasing);
      EXPECT_EQ(stored.samples.size(), 30 * made.begin.sample_columns());
    } else {
      EXPECT_EQ(stored.fault, RolloutFault::none);
      EXPECT_NEAR(stored.longest_step_s, 1.02, 1e-9);
    }
  }
}

// Breaks when a learner ten times slower than the robot makes the robot wait, keep more than its
// spool holds, lose count of what was refused, or send a rollout with a hole.
TEST(LinkRecovery, ASlowLearnerNeverBlocksTheRobot) {
  LinkBench bench;
  bench.of_robot.spool_blocks = 16;
  bench.of_learner.credit_blocks = 4;
  bench.store.on_grew = [] { std::this_thread::sleep_for(milliseconds(10)); };
  bench.start();
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  std::atomic<bool> stop{false};
  std::thread slow([&] {
    while (!stop) bench.learner->poll(milliseconds(1));
  });
  std::vector<double> worst_ms;
  std::uint64_t refused = 0;
  std::vector<MadeRollout> cut;
  for (std::uint64_t number = 1; number <= 5; ++number) {
    const MadeRollout made(number, 400);
    const std::size_t columns = made.begin.sample_columns();
    double worst = 0;
    const auto timed = [&](const std::function<bool()>& call) {
      const auto before = SteadyClock::now();
      const bool taken = call();
      worst = std::max(
          worst, std::chrono::duration<double, std::milli>(SteadyClock::now() - before).count());
      if (!taken) ++refused;
      return taken;
    };
    ASSERT_TRUE(timed([&] { return bench.robot->begin(made.begin); }));
    ASSERT_TRUE(timed([&] { return bench.robot->segments(0, made.segments.data(), 1); }));
    std::size_t taken_rows = 0;
    for (std::size_t i = 0; i < 40; ++i) {
      const double* rows = made.samples.data() + 10 * i * columns;
      if (timed([&] { return bench.robot->samples(10 * i, rows, 10); })) taken_rows += 10;
      bench.robot->poll(milliseconds(1));
    }
    bench.robot->end(EndReason::aborted, {{"spool_full", ""}});
    EXPECT_LT(taken_rows, 400u);
    EXPECT_GE(taken_rows, 100u);
    EXPECT_EQ(bench.robot->counts().refused_full, refused);
    worst_ms.push_back(worst);
    cut.push_back(made);
    cut.back().samples.resize(taken_rows * columns);
    cut.back().segments.resize(made.begin.segment_columns());
    const auto limit = SteadyClock::now() + milliseconds(4000);
    while (!bench.robot->all_acknowledged() && SteadyClock::now() < limit) {
      bench.robot->poll(milliseconds(1));
    }
  }
  stop = true;
  slow.join();
  EXPECT_TRUE(bench.robot->all_acknowledged());
  for (const MadeRollout& made : cut) bench.expect_stored(made);
  std::sort(worst_ms.begin(), worst_ms.end());
  EXPECT_LT(worst_ms[2], 1.0);
}

// Breaks when a rollout that could not be written is acknowledged, or lost, or stored twice later.
TEST(LinkRecovery, AFullDiskIsNotAcknowledged) {
  LinkBench bench;
  bench.store.disk_is_full = true;
  bench.start();
  std::vector<MadeRollout> all;
  for (std::uint64_t number = 1; number <= 6; ++number) {  // more than the learner keeps open
    all.emplace_back(number, 20);
    bench.give(all.back());
  }
  ASSERT_TRUE(bench.until([&] { return bench.store.offered >= 20; }));
  EXPECT_FALSE(bench.robot->all_acknowledged());
  EXPECT_EQ(bench.robot->counts().acknowledged_blocks, 0u);
  EXPECT_EQ(bench.learner->counts().rollouts, 0u);
  bench.store.disk_is_full = false;
  ASSERT_TRUE(bench.settle());
  for (const MadeRollout& made : all) bench.expect_stored(made);
  EXPECT_EQ(bench.learner->counts().rollouts, all.size());
}

// Breaks when a learner that dies at any time and starts again, knowing what it stored, loses a
// rollout or stores one twice: before, between and after the rows, and with the acknowledgement
// under way.
TEST(LinkRecovery, ALearnerMayStartAgain) {
  struct LoseAcks : WireFaults {
    bool is_on = true;
    void pass(const OutgoingFrame& frame, std::vector<OutgoingFrame>& out) override {
      if (!is_on || frame.type != MessageType::ack) out.push_back(frame);
    }
  } lose_acks;
  LinkBench bench;
  bench.of_learner.seam.faults = &lose_acks;
  bench.start();
  const MadeRollout made(1, 60), next(2, 25);
  const std::size_t columns = made.begin.sample_columns();
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  const auto restart = [&] {
    bench.learner.reset();
    ASSERT_TRUE(bench.until([&] { return !bench.robot->is_connected(); }));
    bench.start_learner();
    ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  };
  ASSERT_TRUE(bench.robot->begin(made.begin));
  restart();
  ASSERT_TRUE(bench.robot->segments(0, made.segments.data(), made.segment_rows()));
  ASSERT_TRUE(bench.robot->samples(0, made.samples.data(), 30));
  bench.drive(milliseconds(10));
  restart();
  ASSERT_TRUE(bench.robot->samples(30, made.samples.data() + 30 * columns, 30));
  bench.robot->end(EndReason::complete, {});
  ASSERT_TRUE(bench.until([&] { return bench.store.stored.size() == 1; }));
  EXPECT_FALSE(bench.robot->all_acknowledged());
  restart();
  lose_acks.is_on = false;
  ASSERT_TRUE(bench.settle());
  bench.give(next);
  ASSERT_TRUE(bench.settle());
  bench.expect_stored(made);
  bench.expect_stored(next);
  EXPECT_EQ(bench.robot->counts().reconnects, 3u);
}

// Breaks when a connection that ends while the robot reads what had piled up ends the process:
// where ZeroMQ notices in the middle of a message, it aborts. On a slow machine it may notice too
// late.
TEST(LinkRecovery, ALearnerMayGoWhileItsWordsAreRead) {
  struct Reader : Agent {
    std::function<void()> at_first;
    void control(Command command) override {
      Agent::control(command);
      if (commands.size() == 1) at_first();
    }
  } reader;
  LinkBench bench;
  bench.start_learner();
  bench.of_robot.endpoint = bench.of_learner.endpoint;
  bench.robot = std::make_unique<RobotLink>(bench.of_robot, bench.hello, reader);
  ASSERT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
  reader.at_first = [&] {
    bench.learner.reset();
    std::this_thread::sleep_for(milliseconds(100));
  };
  // ZeroMQ looks at its connections at every hundredth part.
  for (int i = 0; i < 60; ++i) bench.learner->control("car-1", Command::disarm);
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_TRUE(
      bench.until([&] { return !reader.commands.empty() && !bench.robot->is_connected(); }));
  bench.start_learner();
  EXPECT_TRUE(bench.until([&] { return bench.robot->is_connected(); }));
}

// Breaks when an agent that starts again, its spool lost, cannot begin anew: the rollout that it
// left unfinished is forgotten, even where the new process gives its number again.
TEST(LinkRecovery, AnAgentMayStartAgain) {
  LinkBench bench;
  bench.start();
  const MadeRollout made(1, 60), other(1, 40, 9);
  ASSERT_TRUE(bench.robot->begin(made.begin));
  ASSERT_TRUE(bench.robot->samples(0, made.samples.data(), 30));
  bench.drive(milliseconds(20));
  bench.robot.reset();
  bench.hello.nonce = 78;
  bench.start_robot();
  bench.give(other);
  ASSERT_TRUE(bench.settle());
  bench.expect_stored(other);
  EXPECT_EQ(bench.store.joins.size(), 2u);
  EXPECT_EQ(bench.store.leaves.size(), 1u);
}

}  // namespace
}  // namespace phigrad::link
