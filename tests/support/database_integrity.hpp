// What SQLite itself thinks of a run's database.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <string>

namespace phigrad::testing {

/// "ok", or what SQLite finds wrong with run.db.
inline std::string integrity(const std::filesystem::path& run) {
  sqlite3* database = nullptr;
  std::string result = "cannot open";
  sqlite3_open_v2((run / "run.db").c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
  sqlite3_exec(
      database, "PRAGMA integrity_check",
      [](void* text, int, char** columns, char**) {
        *static_cast<std::string*>(text) = columns[0];
        return 0;
      },
      &result, nullptr);
  sqlite3_close(database);
  return result;
}

}  // namespace phigrad::testing
