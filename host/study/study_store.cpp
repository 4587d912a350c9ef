#include "host/study/study_store.hpp"

#include <utility>

#include "host/config/json_document.hpp"
#include "host/store/atomic_file.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr const char* tables = R"sql(
CREATE TABLE study (config TEXT NOT NULL,
  created_utc TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
CREATE TABLE cells (cell INTEGER NOT NULL PRIMARY KEY, row TEXT NOT NULL,
  finished_utc TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
CREATE TABLE checkpoints (launch INTEGER NOT NULL PRIMARY KEY, begin INTEGER NOT NULL,
  sums BLOB NOT NULL);
)sql";

std::filesystem::path file_in(const std::filesystem::path& directory) {
  return directory / "study.db";
}

}  // namespace

StudyStore::StudyStore(std::filesystem::path directory, sqlite::Mode mode)
    : directory_(std::move(directory)),
      lock_(std::make_unique<RunLock>(directory_)),
      database_(std::make_unique<sqlite::Database>(file_in(directory_), mode)) {
  database_->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
}

StudyStore StudyStore::create(const std::filesystem::path& directory, const std::string& config) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (std::filesystem::exists(file_in(directory))) {
    throw Error(Exit::input, "a study is here already", directory.string(),
                "go on with `phigrad study --resume DIR`, or choose another --out");
  }
  StudyStore store(directory, sqlite::Mode::create);
  sqlite::Transaction transaction(*store.database_);
  store.database_->execute(tables);
  sqlite::Statement(*store.database_, "INSERT INTO study (config) VALUES (?1)")
      .run(std::string_view(config));
  transaction.commit();
  write_file_atomically(directory / "config.json", config);
  return store;
}

StudyStore StudyStore::resume(const std::filesystem::path& directory) {
  if (!std::filesystem::exists(file_in(directory))) {
    throw Error(Exit::input, "no study is here", directory.string(),
                "give the directory that `phigrad study` printed");
  }
  return StudyStore(directory, sqlite::Mode::write);
}

std::string StudyStore::config_text() const { return database_->text("SELECT config FROM study"); }

std::optional<nlohmann::ordered_json> StudyStore::row(int cell) const {
  sqlite::Statement statement(*database_, "SELECT row FROM cells WHERE cell = ?1");
  if (!statement.with(cell).step()) return std::nullopt;
  return parse_json(statement.text(0), file_in(directory_).string());
}

void StudyStore::finish(int launch, const std::vector<nlohmann::ordered_json>& rows) {
  sqlite::Transaction transaction(*database_);
  sqlite::Statement insert(*database_, "INSERT OR REPLACE INTO cells (cell, row) VALUES (?1, ?2)");
  for (const nlohmann::ordered_json& row : rows) {
    insert.run(row.at("cell").get<int>(), std::string_view(row.dump()));
  }
  sqlite::Statement(*database_, "DELETE FROM checkpoints WHERE launch = ?1").run(launch);
  transaction.commit();
}

std::optional<Progressed> StudyStore::checkpoint(int launch) const {
  sqlite::Statement statement(*database_, "SELECT begin, sums FROM checkpoints WHERE launch = ?1");
  if (!statement.with(launch).step()) return std::nullopt;
  const sqlite::Bytes sums = statement.bytes(1);
  return Progressed{static_cast<int>(statement.integer(0)),
                    std::string(static_cast<const char*>(sums.data), sums.size)};
}

void StudyStore::put_checkpoint(int launch, const Progressed& progressed) {
  sqlite::Statement(*database_, "INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2, ?3)")
      .run(launch, progressed.begin, sqlite::Bytes{progressed.sums.data(), progressed.sums.size()});
}

}  // namespace phigrad
