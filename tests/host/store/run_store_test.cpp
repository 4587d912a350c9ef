#include "host/store/run_store.hpp"

#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "tests/host/store/run_fixture.hpp"

namespace phigrad {
namespace {

using testing::array_of;
using testing::difference;
using testing::error_of;
using testing::in_child;
using testing::make_iteration;
using testing::make_rollout;
using testing::read_text;
using testing::write_text;

class RunStoreTest : public ::testing::Test {
 protected:
  // "a run" has a space, as users' folders have.
  const TemporaryDirectory folder;
  const std::filesystem::path run = folder.path() / "deep" / "a run";
  const std::string config = "{\n  \"name\": \"car\"\n}\n";
};

// Breaks if anything committed comes back changed, in the same process, to a reader, or on resume.
TEST_F(RunStoreTest, GivesBackEveryBit) {
  {
    RunStore store = RunStore::create(run, config);
    EXPECT_EQ(difference(store, 0), "");
    store.put_policy("initial", array_of(testing::numbers(6, 0, 9), {2, 3}));
    for (int i = 0; i < 4; ++i) store.commit(make_iteration(i));
    EXPECT_EQ(difference(store, 4), "");
    EXPECT_EQ(difference(RunStore::open_readonly(run), 4), "") << "while another trains";
  }
  EXPECT_EQ(difference(RunStore::open_readonly(run), 4), "");
  RunStore store = RunStore::resume(run);
  EXPECT_EQ(difference(store, 4), "");
  EXPECT_EQ(store.config_text(), config);
  EXPECT_EQ(store.policy("initial"), array_of(testing::numbers(6, 0, 9), {2, 3}));
  EXPECT_FALSE(store.policy("Initial"));
  store.commit(make_iteration(4));
  EXPECT_EQ(difference(store, 5), "");
}

// Breaks if "not defined" turns into a number, or a diverged cost into "not defined".
TEST_F(RunStoreTest, KeepsWhatIsNotFinite) {
  RunStore store = RunStore::create(run, config);
  Iteration iteration = make_iteration(0, 1);
  iteration.metrics = {{0, std::numeric_limits<double>::infinity(),
                        std::numeric_limits<double>::quiet_NaN(), 1e-320, 0.1 + 0.2}};
  store.commit(iteration);
  const Metric metric = store.metrics().at(0).at(0);
  EXPECT_EQ(metric.cost, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(metric.path_error));
  EXPECT_EQ(metric.gradient_norm, 1e-320);
  EXPECT_EQ(metric.step, 0.1 + 0.2);
}

// Breaks if the copies for other tools are missing, wrong, or not restored.
TEST_F(RunStoreTest, ConfigAndMetricsFilesFollowTheDatabase) {
  std::string metrics;
  {
    RunStore store = RunStore::create(run, config);
    EXPECT_EQ(read_text(run / "config.json"), config);
    for (int i = 0; i < 3; ++i) {
      store.commit(make_iteration(i));
      metrics += metrics_lines(i, make_iteration(i).metrics);
      EXPECT_EQ(read_text(run / "metrics.jsonl"), metrics);
    }
  }
  for (const std::string& torn : {metrics.substr(0, metrics.size() / 2), metrics + "{\"iter",
                                  std::string(), std::string("\0\0\0", 3)}) {
    write_text(run / "metrics.jsonl", torn);
    write_text(run / "config.json", "edited");
    RunStore::resume(run);
    EXPECT_EQ(read_text(run / "metrics.jsonl"), metrics);
    EXPECT_EQ(read_text(run / "config.json"), config);
  }
  std::filesystem::remove(run / "metrics.jsonl");
  RunStore::resume(run).write_summary("{}");
  EXPECT_EQ(read_text(run / "metrics.jsonl"), metrics);
  EXPECT_EQ(read_text(run / "summary.json"), "{}");
}

// Breaks if a rollout that a robot sends twice is stored twice, or replaced by another one.
TEST_F(RunStoreTest, ARolloutIsStoredExactlyOnce) {
  RunStore store = RunStore::create(run, config);
  const StoredRollout rollout = make_rollout(0, 1, 2);
  EXPECT_TRUE(store.record_rollout(rollout));
  EXPECT_FALSE(store.record_rollout(rollout));
  StoredRollout other = rollout;
  other.arrays["states"].data[5] ^= std::byte{1};
  const std::string text = error_of([&] { store.record_rollout(other); });
  EXPECT_NE(text.find("another rollout 2 of policy 1 at iteration 0"), std::string::npos) << text;
  EXPECT_EQ(store.rollouts(0).size(), 1U);
  EXPECT_TRUE(testing::same(store.rollouts(0).at(0), rollout));
  EXPECT_TRUE(RunStore::open_readonly(run).rollouts(1).empty());
}

// Breaks if a rollout that arrived before its iteration finished makes the commit fail or is lost.
TEST_F(RunStoreTest, CommitTakesRolloutsThatAreAlreadyThere) {
  {
    RunStore store = RunStore::create(run, config);
    EXPECT_TRUE(store.record_rollout(make_rollout(0, 1, 0)));
  }
  RunStore store = RunStore::resume(run);
  EXPECT_EQ(store.rollouts(store.next_iteration()).size(), 1U);
  store.commit(make_iteration(0));
  EXPECT_EQ(difference(store, 1), "");
}

// Breaks if a commit that fails half way leaves a part of it behind.
TEST_F(RunStoreTest, AFailedCommitLeavesNothing) {
  RunStore store = RunStore::create(run, config);
  store.commit(make_iteration(0));
  Iteration bad = make_iteration(1);
  // The same again is no matter, but another one under its number is.
  bad.rollouts = 4;
  bad.rollout = [](std::int64_t i) {
    StoredRollout rollout = make_rollout(1, i < 3 ? static_cast<int>(i) : 0, 0);
    if (i == 3) rollout.provenance = "another";
    return rollout;
  };
  error_of([&] { store.commit(bad); });
  bad = make_iteration(1);
  bad.metrics.push_back(bad.metrics[0]);
  EXPECT_THROW(store.commit(bad), std::logic_error);
  EXPECT_EQ(difference(store, 1), "");
  EXPECT_EQ(store.events().size(), 1U);
  EXPECT_TRUE(store.rollouts(1).empty());
  store.commit(make_iteration(1));
  EXPECT_EQ(difference(store, 2), "");
}

// Breaks if iterations could be skipped, repeated, or written by a reader.
TEST_F(RunStoreTest, WrongUseIsALogicError) {
  RunStore store = RunStore::create(run, config);
  EXPECT_THROW(store.commit(make_iteration(1)), std::logic_error);
  store.commit(make_iteration(0));
  EXPECT_THROW(store.commit(make_iteration(0)), std::logic_error);
  RunStore reader = RunStore::open_readonly(run);
  EXPECT_THROW(reader.commit(make_iteration(1)), std::logic_error);
  EXPECT_THROW(reader.put_policy("p", Array{}), std::logic_error);
  EXPECT_THROW(reader.record_event("e"), std::logic_error);
  EXPECT_THROW(reader.record_rollout(make_rollout(1, 0, 0)), std::logic_error);
  EXPECT_EQ(difference(store, 1), "");
}

// Breaks if events lose their order, their iteration or their time.
TEST_F(RunStoreTest, EventsAreKeptInOrder) {
  RunStore store = RunStore::create(run, config);
  store.record_event("started; \"quotes\" and ünicode");
  store.commit(make_iteration(0));
  store.record_event("safety stop");
  const auto events = store.events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].text, "started; \"quotes\" and ünicode");
  EXPECT_EQ(events[0].iteration, 0);
  EXPECT_EQ(events[1].text, "verdict of iteration 0");
  EXPECT_EQ(events[2].iteration, 1);
  EXPECT_EQ(events[2].utc.size(), std::string("2025-01-01T00:00:00.000Z").size());
}

// Breaks if old optimiser states pile up in the database.
TEST_F(RunStoreTest, OnlyTheNewestOptimiserStateIsKept) {
  RunStore store = RunStore::create(run, config);
  Iteration iteration = make_iteration(0, 1, 1);
  const std::vector<double> large(200000);
  for (int i = 0; i < 20; ++i) {
    iteration = make_iteration(i, 1, 1);
    iteration.optimiser = array_of(large, {200000});
    store.commit(iteration);
  }
  store = RunStore::open_readonly(run);  // closes the writer, which folds its log into run.db
  EXPECT_LT(std::filesystem::file_size(run / "run.db"), 4U * 1600000U);
}

// Breaks if a run could be overwritten, or a user's own files.
TEST_F(RunStoreTest, CreateRefusesAnOccupiedDirectory) {
  { RunStore store = RunStore::create(run, config); }
  const std::string text = error_of([&] { RunStore::create(run, "other"); });
  EXPECT_NE(text.find("already holds a run"), std::string::npos) << text;
  EXPECT_NE(text.find("--resume " + run.string() + " or choose another --out"), std::string::npos);
  EXPECT_EQ(RunStore::open_readonly(run).config_text(), config);

  write_text(folder.path() / "config.json", "mine");
  const std::string mine = error_of([&] { RunStore::create(folder.path(), config); });
  EXPECT_NE(mine.find("holds a config.json that a run would overwrite"), std::string::npos) << mine;
  EXPECT_EQ(read_text(folder.path() / "config.json"), "mine");
}

// Breaks if a run can be opened for writing twice, or reading is refused meanwhile.
TEST_F(RunStoreTest, OneWriterAtATime) {
  RunStore store = RunStore::create(run, config);
  const std::string holder = "held by process " + std::to_string(getpid());
  EXPECT_NE(in_child([&] { return error_of([&] { RunStore::resume(run); }); }).find(holder),
            std::string::npos);
  EXPECT_NE(in_child([&] { return error_of([&] { RunStore::create(run, config); }); }).find(holder),
            std::string::npos);
  EXPECT_EQ(in_child([&] { return RunStore::open_readonly(run).config_text(); }), config);
}

// Breaks if a missing run is anything but a one-line Error, or if looking for one leaves files.
TEST_F(RunStoreTest, AMissingRunIsAnError) {
  for (const auto& open : {RunStore::resume, RunStore::open_readonly}) {
    const std::string text = error_of([&] { open(folder.path()); });
    EXPECT_NE(text.find("there is no run here"), std::string::npos) << text;
    error_of([&] { open(folder.path() / "missing"); });
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

// Breaks if leftovers of a killed create, or of a deleted run.db, spoil the next run.
TEST_F(RunStoreTest, CreateClearsLeftovers) {
  {
    RunStore store = RunStore::create(run, config);
    store.commit(make_iteration(0));
    std::filesystem::copy(run / "run.db-wal", folder.path() / "wal");
  }
  const auto fresh = folder.path() / "fresh";
  std::filesystem::create_directory(fresh);
  std::filesystem::rename(folder.path() / "wal", fresh / "run.db-wal");
  write_text(fresh / "run.db.new", "half a database");
  write_text(fresh / "run.db.new-journal", "half a journal");
  EXPECT_EQ(difference(RunStore::create(fresh, config), 0), "");
  EXPECT_EQ(difference(RunStore::resume(fresh), 0), "");
}

// Breaks if calls from several threads disturb one another (run under TSan to see races).
TEST_F(RunStoreTest, ThreadsTakeTurns) {
  RunStore store = RunStore::create(run, config);
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&store, t] {
      for (int r = 0; r < 10; ++r) store.record_rollout(make_rollout(20, t, r));
    });
  for (int i = 0; i < 10; ++i) store.commit(make_iteration(i));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(difference(store, 10), "");
  EXPECT_EQ(store.rollouts(20).size(), 30U);
}

}  // namespace
}  // namespace phigrad
