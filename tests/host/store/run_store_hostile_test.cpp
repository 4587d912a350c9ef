// run.db that is damaged, foreign, newer or hostile: one line, no crash.
#include <sqlite3.h>

#include <random>

#include "tests/host/store/run_fixture.hpp"

namespace phigrad {
namespace {

using testing::error_of;
using testing::make_iteration;
using testing::read_text;
using testing::write_text;

class RunStoreHostile : public ::testing::Test {
 protected:
  RunStoreHostile() {
    RunStore store = RunStore::create(run, "{}");
    for (int i = 0; i < 3; ++i) store.commit(make_iteration(i));
  }

  void sql(const char* text) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((run / "run.db").c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, text, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  // Reads everything there is; every problem must come as an Error.
  static void read_all(const RunStore& store) {
    store.config_text();
    store.latest();
    store.policies(0);
    store.policy("initial");
    store.metrics();
    store.events();
    for (int i = 0; i < 4; ++i) store.rollouts(i);
  }

  void expect_refused(const std::string& reason) const {
    for (const auto& open : {RunStore::open_readonly, RunStore::resume}) {
      const std::string text = error_of([&] { read_all(open(run)); });
      EXPECT_NE(text.find(reason), std::string::npos) << text;
      EXPECT_NE(text.find(run.string()), std::string::npos) << text;
    }
  }

  const TemporaryDirectory folder;
  const std::filesystem::path run = folder.path() / "run";
};

// Breaks if a file that is no database, or another program's, is read or written.
TEST_F(RunStoreHostile, ForeignFilesAreRefused) {
  write_text(run / "run.db", "not a database, but long enough to have a header of 100 bytes" +
                                 std::string(5000, '.'));
  expect_refused("damaged or was not written by phigrad");
  write_text(run / "run.db", "");
  expect_refused("damaged or was not written by phigrad");
  std::filesystem::remove(run / "run.db");
  sql("CREATE TABLE contacts (name TEXT)");
  const std::string before = read_text(run / "run.db");
  expect_refused("damaged or was not written by phigrad");
  EXPECT_EQ(read_text(run / "run.db"), before);
  std::filesystem::remove(run / "run.db");
  std::filesystem::create_directory(run / "run.db");
  expect_refused("run.db");
}

// Breaks if a newer program's run is opened, and perhaps spoilt.
TEST_F(RunStoreHostile, NewerVersionsAreRefused) {
  sql("PRAGMA user_version = 2");
  expect_refused("run.db has version 2, this phigrad reads up to 1");
}

// Breaks if tables that differ are believed: a view could run anything, a trigger write anything.
TEST_F(RunStoreHostile, PlantedObjectsAreRefused) {
  sql("CREATE TRIGGER t AFTER INSERT ON metrics BEGIN DELETE FROM metrics; END");
  expect_refused("its tables differ");
  sql("DROP TRIGGER t; ALTER TABLE events RENAME TO real_events;"
      "CREATE VIEW events AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT i AS position, i AS iteration, '' AS utc, '' AS text FROM n");
  expect_refused("its tables differ");
}

// Breaks if rows that the program could not have written are believed.
TEST_F(RunStoreHostile, ImpossibleRowsAreRefused) {
  const std::string intact = read_text(run / "run.db");
  for (const char* change :
       {"UPDATE iterations SET iteration = 2000000000 WHERE iteration = 2",
        "UPDATE iterations SET iteration = 9000000000000000000 WHERE iteration = 2",
        "UPDATE iterations SET iteration = -1", "DELETE FROM iterations WHERE iteration = 1",
        "DELETE FROM run", "DELETE FROM optimiser",
        "UPDATE metrics SET iteration = 77 WHERE iteration = 1",
        "UPDATE metrics SET iteration = -77 WHERE iteration = 1",
        "UPDATE metrics SET policy = 1 << 40 WHERE policy = 1",
        "UPDATE iterations SET policies_layout = 'float64[3,701]'",
        "UPDATE iterations SET policies_layout = 'float64[2100]'",
        "UPDATE iterations SET policies_layout = 'int64[3,700]'",
        "UPDATE iterations SET policies_layout = 'float64[0,9007199254740992]', policies = ''",
        "INSERT INTO policies VALUES ('initial', 'float64[1]', zeroblob(8))",
        "UPDATE optimiser SET layout = 'int64[3,2]'", "UPDATE iterations SET policies = 'text'",
        "UPDATE optimiser SET layout = ''",
        "UPDATE rollout_arrays SET layout = 'float64[-1,-24]' WHERE name = 'states'"}) {
    SCOPED_TRACE(change);
    if (std::string(change) == "UPDATE iterations SET iteration = -1")
      sql("DELETE FROM iterations WHERE iteration > 0");
    sql(change);
    for (const auto& open : {RunStore::open_readonly, RunStore::resume}) {
      const std::string text = error_of([&] { read_all(open(run)); });
      EXPECT_NE(text.find("damaged or was not written by phigrad"), std::string::npos) << text;
    }
    write_text(run / "run.db", intact);
  }
  EXPECT_NO_THROW(read_all(RunStore::resume(run)));
}

// Breaks if a gap before the last iteration goes unnoticed by those who only count them: a walk
// through two thousand million would not end.
TEST_F(RunStoreHostile, IterationsAreCountedWhereTheyAreNumbered) {
  sql("UPDATE iterations SET iteration = 2000000000 WHERE iteration = 2");
  const std::string text = error_of([&] { RunStore::open_readonly(run).next_iteration(); });
  EXPECT_NE(text.find("not consecutive"), std::string::npos) << text;
}

// Breaks if damage to the file crashes the reader or hangs it (run under ASan to see more).
TEST_F(RunStoreHostile, RandomDamageIsAnErrorOrHarmless) {
  const std::string intact = read_text(run / "run.db");
  std::mt19937 random(3);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  int refused = 0;
  for (int trial = 0; trial < 150; ++trial) {
    std::string damaged = intact;
    const std::size_t span =
        trial % 2 ? 4096 : damaged.size();  // every other one in the header page
    for (std::size_t n = 1 + below(40); n > 0; --n)
      damaged[below(span)] = static_cast<char>(below(256));
    if (trial % 5 == 0) damaged.resize(below(damaged.size()));
    write_text(run / "run.db", damaged);
    for (const auto& open : {RunStore::open_readonly, RunStore::resume}) {
      try {
        read_all(open(run));
      } catch (const Error& error) {
        ++refused;
        ASSERT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
      }
    }
    for (const char* name : {"run.db-wal", "run.db-shm"}) std::filesystem::remove(run / name);
  }
  EXPECT_GT(refused, 30) << "the damage was too mild to mean anything";
}

}  // namespace
}  // namespace phigrad
