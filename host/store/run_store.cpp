#include "host/store/run_store.hpp"

#include <mutex>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "host/store/atomic_file.hpp"
#include "host/store/metrics_journal.hpp"
#include "host/store/run_lock.hpp"
#include "host/store/run_reader.hpp"
#include "host/store/run_writer.hpp"
#include "host/store/schema.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

namespace fs = std::filesystem;

// Beside run.db.
constexpr const char* own_files[] = {"config.json", "metrics.jsonl", "summary.json", "report.html"};

bool present(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

void require_success(const std::error_code& error, const fs::path& directory) {
  if (error)
    throw Error(Exit::input, "the run directory cannot be made: " + error.message(),
                directory.string(), "choose another --out");
}

void require_vacant(const fs::path& directory) {
  if (present(directory / "run.db"))
    throw Error(Exit::input, "the directory already holds a run", directory.string(),
                "continue it with --resume " + directory.string() + " or choose another --out");
  for (const char* name : own_files)
    if (present(directory / name))
      throw Error(Exit::input,
                  std::string("the directory holds a ") + name + " that a run would overwrite",
                  directory.string(), "choose another --out");
}

void require_run(const fs::path& directory) {
  if (!present(directory / "run.db"))
    throw Error(Exit::input, "there is no run here (no run.db)", directory.string(),
                "check the path, or start a run with --out " + directory.string());
}

// The database is built under another name, so that a run.db is always whole.
void make_database(const fs::path& directory, const std::string& config) {
  std::error_code error;
  // Left behind by a killed create, or by a run.db that was deleted.
  for (const char* name : {"run.db.new", "run.db.new-journal", "run.db-wal", "run.db-shm"}) {
    fs::remove(directory / name, error);
    require_success(error, directory);
  }
  {
    sqlite::Database database(directory / "run.db.new", sqlite::Mode::create);
    database.execute("PRAGMA synchronous = FULL");
    sqlite::Transaction transaction(database);
    create_schema(database);
    sqlite::Statement(database, "INSERT INTO run (config) VALUES (?1)").run(config);
    transaction.commit();
  }
  fs::rename(directory / "run.db.new", directory / "run.db", error);
  require_success(error, directory);
  sync_directory(directory);
  sync_directory(fs::absolute(directory).parent_path());
}

sqlite::Database open_for_writing(const fs::path& directory) {
  sqlite::Database database(directory / "run.db", sqlite::Mode::write);
  check_schema(database, directory.string());
  const std::string verdict = database.text("PRAGMA quick_check(1)");
  if (verdict != "ok") database.damaged(verdict);
  if (database.text("PRAGMA journal_mode = WAL") != "wal")
    throw Error(Exit::input, "this file system cannot hold run.db in WAL mode", directory.string(),
                "choose an --out on a local disk");
  database.execute("PRAGMA synchronous = FULL");
  return database;
}

sqlite::Database open_for_reading(const fs::path& directory) {
  sqlite::Database database(directory / "run.db", sqlite::Mode::read);
  check_schema(database, directory.string());
  return database;
}

}  // namespace

struct RunStore::State {
  // What only the process that trains has.
  struct Training {
    Training(const fs::path& directory, const sqlite::Database& database)
        : next_iteration(run_reader::next_iteration(database)),
          writer(database),
          journal(directory / "metrics.jsonl", run_reader::metrics(database)) {}
    int next_iteration;
    RunWriter writer;
    MetricsJournal journal;
  };

  State(RunLock held, const fs::path& run)
      : directory(run), lock(std::move(held)), database(open_for_writing(run)) {
    for (const char* name : own_files) remove_unfinished_writes(directory / name);
    write_file_atomically(directory / "config.json", run_reader::config(database));
    training.emplace(directory, database);
  }
  explicit State(const fs::path& run) : directory(run), database(open_for_reading(run)) {}

  Training& writable() {
    if (!training) throw std::logic_error("this run was opened for reading");
    return *training;
  }

  fs::path directory;
  std::optional<RunLock> lock;  // let go of last
  sqlite::Database database;
  std::optional<Training> training;
  std::mutex mutex;
};

RunStore::RunStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunStore::RunStore(RunStore&&) noexcept = default;
RunStore& RunStore::operator=(RunStore&&) noexcept = default;
RunStore::~RunStore() = default;

RunStore RunStore::create(const fs::path& directory, const std::string& config) {
  std::error_code error;
  fs::create_directories(directory, error);
  require_success(error, directory);
  RunLock lock(directory);
  require_vacant(directory);
  make_database(directory, config);
  return RunStore(std::make_unique<State>(std::move(lock), directory));
}

RunStore RunStore::resume(const fs::path& directory) {
  require_run(directory);
  return RunStore(std::make_unique<State>(RunLock(directory), directory));
}

RunStore RunStore::open_readonly(const fs::path& directory) {
  require_run(directory);
  return RunStore(std::make_unique<State>(directory));
}

const fs::path& RunStore::directory() const { return state_->directory; }

void RunStore::commit(const Iteration& iteration) {
  const std::lock_guard guard(state_->mutex);
  State::Training& training = state_->writable();
  if (iteration.index != training.next_iteration)
    throw std::logic_error("iteration " + std::to_string(iteration.index) +
                           " was committed where " + std::to_string(training.next_iteration) +
                           " is next");
  sqlite::Transaction transaction(state_->database);
  training.writer.add(iteration);
  for (std::int64_t i = 0; i < iteration.rollouts; ++i) training.writer.add(iteration.rollout(i));
  transaction.commit();
  ++training.next_iteration;
  training.journal.append(iteration.index, iteration.metrics);
}

bool RunStore::record_rollout(const StoredRollout& rollout) {
  const std::lock_guard guard(state_->mutex);
  State::Training& training = state_->writable();
  sqlite::Transaction transaction(state_->database);
  const bool is_new = training.writer.add(rollout);
  transaction.commit();
  return is_new;
}

void RunStore::record_event(const std::string& text) {
  const std::lock_guard guard(state_->mutex);
  State::Training& training = state_->writable();
  training.writer.add_event(training.next_iteration, text);
}

void RunStore::put_policy(const std::string& name, const Array& policy) {
  const std::lock_guard guard(state_->mutex);
  state_->writable().writer.put_policy(name, policy);
}

std::string RunStore::config_text() const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::config(state_->database);
}

std::optional<Array> RunStore::policy(const std::string& name) const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::policy(state_->database, name);
}

int RunStore::next_iteration() const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::next_iteration(state_->database);
}

std::optional<Checkpoint> RunStore::latest() const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::latest(state_->database);
}

std::optional<Array> RunStore::policies(int iteration) const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::policies(state_->database, iteration);
}

std::vector<std::vector<Metric>> RunStore::metrics() const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::metrics(state_->database);
}

std::vector<StoredRollout> RunStore::rollouts(int iteration) const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::rollouts(state_->database, iteration);
}

std::optional<StoredRollout> RunStore::first_rollout(int iteration) const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::first_rollout(state_->database, iteration);
}

std::vector<Event> RunStore::events() const {
  const std::lock_guard guard(state_->mutex);
  return run_reader::events(state_->database);
}

void RunStore::write_summary(std::string_view json) const {
  write_file_atomically(state_->directory / "summary.json", json);
}

}  // namespace phigrad
