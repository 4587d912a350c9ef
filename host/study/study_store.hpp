// A study's directory: study.db (SQLite, the only place of truth, safe against kill -9),
// config.json, and what is written from it at the end.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/store/run_lock.hpp"
#include "host/store/sqlite.hpp"

namespace phigrad {

/// Where a launch stands: `begin` trajectories of every group are in `sums`.
struct Progressed {
  int begin = 0;
  std::string sums;
};

/// What a call returned for is on the disk. Errors are Error(Exit::input), as RunStore's.
class StudyStore {
 public:
  static StudyStore create(const std::filesystem::path& directory, const std::string& config);
  /// Throws where the directory holds no study.
  static StudyStore resume(const std::filesystem::path& directory);

  const std::filesystem::path& directory() const { return directory_; }
  std::string config_text() const;

  /// Rows of finished cells, by cell.
  std::optional<nlohmann::ordered_json> row(int cell) const;
  /// Ends a launch: its cells' rows, its checkpoint gone, in one transaction.
  void finish(int launch, const std::vector<nlohmann::ordered_json>& rows);

  std::optional<Progressed> checkpoint(int launch) const;
  void put_checkpoint(int launch, const Progressed& progressed);

 private:
  StudyStore(std::filesystem::path directory, sqlite::Mode mode);

  std::filesystem::path directory_;
  std::unique_ptr<RunLock> lock_;
  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace phigrad
