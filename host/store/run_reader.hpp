// Queries on run.db. None of its content is trusted: what cannot be is reported as damage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/store/records.hpp"
#include "host/store/sqlite.hpp"

namespace phigrad::run_reader {

std::string config(const sqlite::Database& database);
int next_iteration(const sqlite::Database& database);
std::optional<Array> policies(const sqlite::Database& database, int iteration);
std::optional<Array> policy(const sqlite::Database& database, const std::string& name);
std::optional<Checkpoint> latest(const sqlite::Database& database);
std::vector<std::vector<Metric>> metrics(const sqlite::Database& database);  // [iteration][policy]
std::vector<StoredRollout> rollouts(const sqlite::Database& database, int iteration);
std::optional<StoredRollout> first_rollout(const sqlite::Database& database, int iteration);
std::optional<StoredRollout> rollout(const sqlite::Database& database, const StoredRollout& key);
std::vector<Event> events(const sqlite::Database& database);

}  // namespace phigrad::run_reader
