// A run directory: everything a training run leaves behind, safe against kill -9.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/store/records.hpp"

namespace phigrad {

/// The directory holds run.db (SQLite, the only place of truth), config.json and metrics.jsonl
/// (copies of what run.db holds, for other tools), summary.json, report.html and run.lock.
///
/// Whatever a call returned for is on the disk, also after kill -9 or power loss. A call that
/// throws changed nothing that was there before. Calls may come from several threads; they take
/// turns. Errors are Error(Exit::input): the directory is in use, the disk is full or fails, run.db
/// is damaged, foreign, or newer than this program. Wrong use (an iteration out of order, writing
/// to a store opened for reading) is std::logic_error.
class RunStore {
 public:
  /// Starts a run in `directory`, made with its parents if missing. It must not hold a run already.
  static RunStore create(const std::filesystem::path& directory, const std::string& config);

  /// Opens a run to continue it, alone. Verifies run.db and restores config.json and metrics.jsonl.
  static RunStore resume(const std::filesystem::path& directory);

  /// Opens a run for looking at it, also while another process trains, also on a read-only disk.
  static RunStore open_readonly(const std::filesystem::path& directory);

  RunStore(const RunStore&) = delete;
  RunStore& operator=(const RunStore&) = delete;
  RunStore(RunStore&&) noexcept;
  RunStore& operator=(RunStore&&) noexcept;
  ~RunStore();

  const std::filesystem::path& directory() const;

  /// The resolved config, as given to create.
  std::string config_text() const;

  /// Stores a finished iteration, which must be number next_iteration(), in one transaction. Of the
  /// optimiser states only the newest is kept.
  void commit(const Iteration& iteration);

  /// Stores one rollout at once, so that its sender may be told; its iteration is usually the one
  /// in progress. False if the very same rollout is there already; Error if another one is.
  bool record_rollout(const StoredRollout& rollout);

  /// Stores a remark about the iteration in progress at once.
  void record_event(const std::string& text);

  /// A policy that belongs to no iteration, for example "initial"; replaces one of the same name.
  void put_policy(const std::string& name, const Array& policy);
  std::optional<Array> policy(const std::string& name) const;

  /// The number of finished iterations, hence the index of the next.
  int next_iteration() const;

  /// The last finished iteration; nothing before the first.
  std::optional<Checkpoint> latest() const;

  /// theta after `iteration`, [P, np].
  std::optional<Array> policies(int iteration) const;

  /// [iteration][policy], ordered by policy. NaNs come back as the quiet NaN, -0.0 as 0.0.
  std::vector<std::vector<Metric>> metrics() const;

  /// Ordered by policy, then rollout; those of next_iteration() wait to be used.
  std::vector<StoredRollout> rollouts(int iteration) const;

  /// The first of them.
  std::optional<StoredRollout> first_rollout(int iteration) const;

  std::vector<Event> events() const;

  /// Replaces summary.json, whole or not at all.
  void write_summary(std::string_view json) const;

 private:
  struct State;
  explicit RunStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace phigrad
