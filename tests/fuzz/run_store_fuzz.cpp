// Fuzzing of run directories. An input is a list of edits to a small sound run.db: values of any
// type in any column, rows removed, bytes damaged; the first byte picks who reads it. A whole file
// as the input would have the fuzzer, which sees no branch of SQLite's, search in it blindly;
// damage to rows is what our reader has to stand, and comes past SQLite's own checks.
#include <sqlite3.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "host/cli/policy_file.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/store/run_store.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/grid_check.hpp"

namespace {

using namespace phigrad;
namespace fs = std::filesystem;

/// Takes bytes from the front of the input; zeros after its end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }

  template <class T>
  T take() {
    T value{};
    const std::string bytes = text(sizeof(T));
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }
  std::string text(std::size_t size) {
    const std::size_t taken = std::min(size, left_);
    std::string bytes(data_, data_ + taken);
    data_ += taken;
    left_ -= taken;
    return bytes;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

struct Column {
  const char *table, *name;
};
constexpr Column columns[] = {{"run", "config"},
                              {"policies", "name"},
                              {"policies", "layout"},
                              {"policies", "data"},
                              {"iterations", "iteration"},
                              {"iterations", "policies_layout"},
                              {"iterations", "policies"},
                              {"optimiser", "iteration"},
                              {"optimiser", "layout"},
                              {"optimiser", "data"},
                              {"metrics", "iteration"},
                              {"metrics", "policy"},
                              {"metrics", "cost"},
                              {"rollouts", "iteration"},
                              {"rollouts", "policy"},
                              {"rollouts", "rollout"},
                              {"rollouts", "provenance"},
                              {"rollout_arrays", "iteration"},
                              {"rollout_arrays", "rollout"},
                              {"rollout_arrays", "name"},
                              {"rollout_arrays", "layout"},
                              {"rollout_arrays", "data"},
                              {"events", "position"},
                              {"events", "iteration"},
                              {"events", "text"}};

LoggedRollout sound_rollout() {
  LoggedRollout r;
  r.nx = 4;
  r.nu = 2;
  r.nz = 10;
  const std::size_t samples = 4, segments = 2;
  r.states.assign((samples + 1) * 4, 0.5);
  r.inputs.assign(samples * 2, 0.25);
  r.sample_time = {0, 0.02, 0.04, 0.06};
  r.segment_begin = {0, 2};
  r.segment_time = {0, 0.04};
  r.decided_at.assign(segments * 4, 0.5);
  r.decisions.assign((segments + 1) * 10, 0.125);
  r.recorded_loss = 1;
  return r;
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// A run of two iterations in a folder of its own, and the bytes of its run.db.
struct Run {
  Run() {
    const fs::path memory = "/dev/shm";
    directory = (fs::is_directory(memory) ? memory : fs::temp_directory_path()) /
                ("phigrad_fuzz_" + std::to_string(::getpid()));
    fs::remove_all(directory);
    {
      RunStore store = RunStore::create(directory, "{}");
      const double theta[] = {1, 2, 3};
      for (int i = 0; i < 2; ++i) {
        Iteration iteration;
        iteration.index = i;
        iteration.metrics = {{0, 2, 0.1, 3, 0.5}};
        iteration.policies = Array::of(theta, {1, 3});
        iteration.optimiser = Array::of(theta, {1, 3});
        iteration.rollouts = 1;
        iteration.rollout = [i](std::int64_t) {
          return StoredRollout{i, 0, 0, "simulated", arrays_of(sound_rollout())};
        };
        iteration.events = {"an event"};
        store.commit(iteration);
      }
      store.put_policy("initial", Array::of(theta, {1, 3}));
    }
    execute("PRAGMA journal_mode = DELETE");
    intact = text_of(directory / "run.db");
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { fs::remove_all(directory); }

  void execute(const char* sql) const {
    sqlite3* database = nullptr;
    sqlite3_open((directory / "run.db").c_str(), &database);
    sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
    sqlite3_close(database);
  }

  void write(const std::string& bytes) const {
    for (const char* beside : {"run.db-wal", "run.db-shm", "run.db-journal"}) {
      ::unlink((directory / beside).c_str());
    }
    std::ofstream(directory / "run.db", std::ios::binary) << bytes;
  }

  fs::path directory;
  std::string intact;
};

void bind(sqlite3_stmt* statement, Bytes& input) {
  switch (input.take<std::uint8_t>() % 6) {
    case 0:
      sqlite3_bind_int64(statement, 1, input.take<std::int8_t>());
      break;
    case 1:
      sqlite3_bind_int64(statement, 1, input.take<std::int64_t>());
      break;
    case 2:
      sqlite3_bind_double(statement, 1, input.take<double>());
      break;
    case 3: {
      const std::string text = input.text(input.take<std::uint8_t>());
      sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
      break;
    }
    case 4: {
      const std::string bytes = input.text(input.take<std::uint8_t>());
      sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()),
                        SQLITE_TRANSIENT);
      break;
    }
    default:
      sqlite3_bind_zeroblob(statement, 1, input.take<std::uint16_t>());
  }
}

/// Changes one column of one row, or of all; or removes rows. What SQLite refuses is left undone.
void edit_row(sqlite3* database, std::uint8_t what, Bytes& input) {
  const Column& column = columns[what % std::size(columns)];
  const auto row = input.take<std::uint8_t>();
  const std::string table = column.table;
  const std::string where = row == 0             ? ""
                            : table == "metrics" ? " WHERE iteration = ?2 - 1"
                                                 : " WHERE rowid = ?2";
  const bool removes = row >= 128;
  const std::string sql =
      (removes ? "DELETE FROM " + table : "UPDATE " + table + " SET " + column.name + " = ?1") +
      where;
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr);
  if (!removes) bind(statement, input);
  sqlite3_bind_int(statement, 2, row % 128);
  sqlite3_step(statement);
  sqlite3_finalize(statement);
}

void edit(const Run& run, Bytes& input) {
  sqlite3* database = nullptr;
  require(sqlite3_open((run.directory / "run.db").c_str(), &database) == SQLITE_OK);
  sqlite3_exec(database, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN", nullptr,
               nullptr, nullptr);
  std::vector<std::pair<std::size_t, std::uint8_t>> damage;
  for (int edits = 0; !input.empty() && edits < 32; ++edits) {
    const auto what = input.take<std::uint8_t>();
    if (what < 0xF0) {
      edit_row(database, what, input);
    } else {
      const auto at = input.take<std::uint16_t>();
      damage.emplace_back(at, input.take<std::uint8_t>());
    }
  }
  sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_close(database);
  if (damage.empty()) return;
  std::string bytes = text_of(run.directory / "run.db");
  for (const auto& [at, mask] : damage) {
    bytes[at % bytes.size()] = static_cast<char>(bytes[at % bytes.size()] ^ mask);
  }
  run.write(bytes);
}

void read_all(const RunStore& store) {
  refuses([&] { store.config_text(); });
  refuses([&] { store.policy("initial"); });
  refuses([&] { store.metrics(); });
  refuses([&] { store.events(); });
  refuses([&] {
    if (const auto last = store.latest()) store.rollouts(last->iteration);
  });
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer asks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Run run;
  static const Experiment car = short_car();
  if (size == 0) return 0;
  run.write(run.intact);
  Bytes input(data, size);
  const auto reader = input.take<std::uint8_t>() % 4;
  edit(run, input);
  refuses([&] {
    if (reader == 0) return read_all(RunStore::open_readonly(run.directory));
    if (reader == 1) return read_all(RunStore::resume(run.directory));
    if (reader == 2) return lay_all_on_grid(read_rollouts(run.directory, car.setup), car);
    load_policy(run.directory.string());
  });
  return 0;
}
