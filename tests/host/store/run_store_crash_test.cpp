// kill -9 at any time: what a call returned for is there, whole, with the same bits.
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "tests/host/store/run_fixture.hpp"
#include "tests/support/database_integrity.hpp"

namespace phigrad {
namespace {

using testing::make_iteration;
using testing::make_rollout;

// Forks `action`, which may report numbers to the pipe; kills it `delay` after it made `reports`
// reports (so that slow machines get as far) and returns the last number it reported, -1 if none.
template <class Action>
int last_report_of_killed(const Action& action, int reports, std::chrono::microseconds delay) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw std::runtime_error("pipe failed");
  const pid_t child = fork();
  if (child == 0) {
    try {
      action([&](int number) {
        if (write(pipe_ends[1], &number, sizeof number) != sizeof number) _exit(1);
      });
      pause();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "the child failed: %s\n", error.what());
    }
    _exit(1);
  }
  close(pipe_ends[1]);
  int last = -1;
  const auto next = [&] { return read(pipe_ends[0], &last, sizeof last) == sizeof last; };
  while (reports > 0 && next()) --reports;
  std::this_thread::sleep_for(delay);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended before it was killed";
  while (next()) {
  }
  close(pipe_ends[0]);
  return last;
}

// Breaks if a commit is torn, or reported before it is on the disk; kills fall into opening,
// verifying, committing and the writing of metrics.jsonl.
TEST(RunStoreCrash, NoCommittedIterationIsLost) {
  const TemporaryDirectory folder;
  const auto run = folder.path() / "run";
  { RunStore store = RunStore::create(run, "{}"); }
  std::mt19937 random(20230716);
  std::uniform_int_distribution<int> delay_us(0, 30000);
  int known = -1;
  for (int trial = 0; trial < 30; ++trial) {
    const int reported = last_report_of_killed(
        [&](const auto& report) {
          RunStore store = RunStore::resume(run);
          for (int i = store.next_iteration();; ++i) {
            store.commit(make_iteration(i));
            report(i);
          }
        },
        trial % 4, std::chrono::microseconds(delay_us(random)));
    known = std::max(known, reported);
    ASSERT_EQ(testing::integrity(run), "ok") << "trial " << trial;
    const RunStore store = RunStore::resume(run);
    const int count = store.next_iteration();
    ASSERT_GE(count, known + 1) << "trial " << trial;
    ASSERT_LE(count, known + 2) << "trial " << trial << ": at most the one in progress is more";
    ASSERT_EQ(testing::difference(store, count), "") << "trial " << trial;
    std::string metrics;
    for (int i = 0; i < count; ++i) metrics += metrics_lines(i, make_iteration(i).metrics);
    ASSERT_EQ(testing::read_text(run / "metrics.jsonl"), metrics) << "trial " << trial;
    known = count - 1;
  }
  EXPECT_GE(known, 30) << "too few commits for the kills to mean anything";
}

// Breaks if a rollout is acknowledged before it is stored.
TEST(RunStoreCrash, NoAcknowledgedRolloutIsLost) {
  const TemporaryDirectory folder;
  const auto run = folder.path() / "run";
  { RunStore store = RunStore::create(run, "{}"); }
  std::mt19937 random(7);
  std::uniform_int_distribution<int> delay_us(0, 10000);
  int known = -1;
  for (int trial = 0; trial < 10; ++trial) {
    const int first = known + 1;
    const int reported = last_report_of_killed(
        [&](const auto& report) {
          RunStore store = RunStore::resume(run);
          for (int r = first;; ++r) {
            store.record_rollout(make_rollout(0, 0, r));
            report(r);
          }
        },
        1 + trial % 3, std::chrono::microseconds(delay_us(random)));
    const auto rollouts = RunStore::resume(run).rollouts(0);
    const int count = static_cast<int>(rollouts.size());
    ASSERT_GE(count, std::max(known, reported) + 1);
    for (int r = 0; r < count; ++r)
      ASSERT_TRUE(testing::same(rollouts[static_cast<std::size_t>(r)], make_rollout(0, 0, r))) << r;
    known = count - 1;
  }
  EXPECT_GE(known, 10) << "too few rollouts for the kills to mean anything";
}

// Breaks if a killed create leaves a directory that is neither a run nor free for one.
TEST(RunStoreCrash, AKilledCreateLeavesARunOrNothing) {
  std::mt19937 random(11);
  std::uniform_int_distribution<int> delay_us(0, 40000);
  int whole = 0;
  constexpr int trials = 40;
  for (int trial = 0; trial < trials; ++trial) {
    const TemporaryDirectory folder;
    const auto run = folder.path() / "run";
    const int reported = last_report_of_killed(
        [&](const auto& report) {
          const RunStore store = RunStore::create(run, "{\"a\": 1}");
          report(1);
          pause();
        },
        trial % 8 == 0, std::chrono::microseconds(delay_us(random)));
    const bool made = std::filesystem::exists(run / "run.db");
    ASSERT_TRUE(made || reported < 0);
    whole += made;
    const RunStore store = made ? RunStore::resume(run) : RunStore::create(run, "{\"a\": 1}");
    ASSERT_EQ(store.config_text(), "{\"a\": 1}");
    ASSERT_EQ(testing::difference(store, 0), "");
    ASSERT_EQ(testing::read_text(run / "config.json"), "{\"a\": 1}");
  }
  EXPECT_GE(whole, trials / 8);
}

}  // namespace
}  // namespace phigrad
