#include "host/store/schema.hpp"

#include <string>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr int application_id = 0x70686967;  // "phig", shown by file(1)

// Every array is two columns: its layout, for example float32[64,5194], and its bytes. A metric
// that is not defined is NULL. A rollout may precede its iteration: it is stored when it arrives.
constexpr const char* tables = R"sql(
CREATE TABLE run (
  config TEXT NOT NULL,
  created_utc TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
CREATE TABLE policies (
  name TEXT NOT NULL PRIMARY KEY,
  layout TEXT NOT NULL,
  data BLOB NOT NULL);
CREATE TABLE iterations (
  iteration INTEGER NOT NULL PRIMARY KEY,
  committed_utc TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  policies_layout TEXT NOT NULL,
  policies BLOB NOT NULL);
CREATE TABLE optimiser (
  only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
  iteration INTEGER NOT NULL,
  layout TEXT NOT NULL,
  data BLOB NOT NULL);
CREATE TABLE metrics (
  iteration INTEGER NOT NULL,
  policy INTEGER NOT NULL,
  cost REAL,
  path_error REAL,
  gradient_norm REAL,
  step REAL,
  PRIMARY KEY (iteration, policy)) WITHOUT ROWID;
CREATE TABLE rollouts (
  iteration INTEGER NOT NULL,
  policy INTEGER NOT NULL,
  rollout INTEGER NOT NULL,
  provenance TEXT NOT NULL,
  PRIMARY KEY (iteration, policy, rollout));
CREATE TABLE rollout_arrays (
  iteration INTEGER NOT NULL,
  policy INTEGER NOT NULL,
  rollout INTEGER NOT NULL,
  name TEXT NOT NULL,
  layout TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (iteration, policy, rollout, name));
CREATE TABLE events (
  position INTEGER NOT NULL PRIMARY KEY,
  iteration INTEGER NOT NULL,
  utc TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
  text TEXT NOT NULL);
)sql";

// One line for each object of the database, as SQLite records it.
std::string description(const sqlite::Database& database) {
  std::string lines;
  sqlite::Statement query(
      database,
      "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master "
      "ORDER BY type, name");
  while (query.step()) (lines += query.text(0)) += '\n';
  return lines;
}

const std::string& own_description() {
  static const std::string lines = [] {
    sqlite::Database database(":memory:", sqlite::Mode::create);
    create_schema(database);
    return description(database);
  }();
  return lines;
}

}  // namespace

void create_schema(sqlite::Database& database) {
  database.execute(tables);
  database.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
  database.execute(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
}

void check_schema(sqlite::Database& database, const std::string& directory) {
  if (database.integer("PRAGMA application_id") != application_id)
    database.damaged("it does not carry phigrad's mark");
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (version > schema_version)
    throw Error(Exit::input,
                "run.db has version " + std::to_string(version) + ", this phigrad reads up to " +
                    std::to_string(schema_version),
                directory, "use the phigrad that wrote it, or a newer one");
  if (description(database) != own_description()) database.damaged("its tables differ");
}

}  // namespace phigrad
