#include "host/store/run_reader.hpp"

#include <limits>
#include <stdexcept>

namespace phigrad::run_reader {
namespace {

using sqlite::Database;
using sqlite::Statement;

int to_int(const Database& database, std::int64_t value) {
  if (value < std::numeric_limits<int>::min() || value >= std::numeric_limits<int>::max())
    database.damaged("an index is out of range");
  return static_cast<int>(value);
}

// The array in the columns `column` (layout) and `column` + 1 (bytes) of the current row.
Array array(const Database& database, const Statement& row, int column) {
  const sqlite::Bytes bytes = row.bytes(column + 1);
  try {
    return array_from(row.text(column), bytes.data, bytes.size);
  } catch (const std::invalid_argument& error) {
    database.damaged(error.what());
  }
}

// The first row's array, a policy or several: numbers, [P, np].
std::optional<Array> first_policies(const Database& database, Statement& query) {
  if (!query.step()) return std::nullopt;
  Array found = array(database, query, 0);
  if (found.dtype != DType::float64 || found.shape.size() != 2 || found.data.empty())
    database.damaged("a policy is stored as " + layout_text(found));
  return found;
}

// The first row's array, an optimiser's state; the empty default where it has none.
std::optional<Array> first_state(const Database& database, Statement& query) {
  if (!query.step()) return std::nullopt;
  Array found = array(database, query, 0);
  if (found.dtype != DType::float64 && found != Array())
    database.damaged("the optimiser's state is stored as " + layout_text(found));
  return found;
}

// Rows of iteration, policy, rollout, provenance; the arrays follow from a second query.
std::vector<StoredRollout> with_arrays(const Database& database, Statement& rows) {
  Statement arrays(database,
                   "SELECT name, layout, data FROM rollout_arrays "
                   "WHERE iteration = ?1 AND policy = ?2 AND rollout = ?3");
  std::vector<StoredRollout> result;
  while (rows.step()) {
    StoredRollout rollout;
    rollout.iteration = to_int(database, rows.integer(0));
    rollout.policy = to_int(database, rows.integer(1));
    rollout.rollout = to_int(database, rows.integer(2));
    rollout.provenance = rows.text(3);
    arrays.with(rollout.iteration, rollout.policy, rollout.rollout);
    while (arrays.step()) rollout.arrays.emplace(arrays.text(0), array(database, arrays, 1));
    result.push_back(std::move(rollout));
  }
  return result;
}

/// The one that there is, if any.
std::optional<StoredRollout> only(std::vector<StoredRollout> found) {
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

}  // namespace

std::string config(const Database& database) {
  Statement query(database, "SELECT config FROM run");
  if (!query.step()) database.damaged("it has no config");
  return std::string(query.text(0));
}

int next_iteration(const Database& database) {
  Statement query(database, "SELECT count(*), min(iteration), max(iteration) FROM iterations");
  query.step();
  const int count = to_int(database, query.integer(0));
  if (count > 0 && (query.integer(1) != 0 || query.integer(2) != count - 1))
    database.damaged("its iterations are not consecutive");
  return count;
}

std::optional<Array> policies(const Database& database, int iteration) {
  Statement query(database,
                  "SELECT policies_layout, policies FROM iterations WHERE iteration = ?1");
  return first_policies(database, query.with(iteration));
}

std::optional<Array> policy(const Database& database, const std::string& name) {
  Statement query(database, "SELECT layout, data FROM policies WHERE name = ?1");
  return first_policies(database, query.with(std::string_view(name)));
}

std::optional<Checkpoint> latest(const Database& database) {
  const int count = next_iteration(database);
  if (count == 0) return std::nullopt;
  Statement query(database, "SELECT layout, data FROM optimiser WHERE iteration = ?1");
  std::optional<Array> optimiser = first_state(database, query.with(count - 1));
  if (!optimiser) database.damaged("the optimiser's state is missing");
  std::optional<Array> last = policies(database, count - 1);
  if (!last) database.damaged("the last iteration's policies are missing");
  return Checkpoint{count - 1, *std::move(last), *std::move(optimiser)};
}

std::vector<std::vector<Metric>> metrics(const Database& database) {
  std::vector<std::vector<Metric>> result(static_cast<std::size_t>(next_iteration(database)));
  Statement query(database,
                  "SELECT iteration, policy, cost, path_error, gradient_norm, step "
                  "FROM metrics ORDER BY iteration, policy");
  while (query.step()) {
    const auto iteration = static_cast<std::size_t>(query.integer(0));  // < 0 becomes too large
    if (iteration >= result.size()) database.damaged("metrics belong to no iteration");
    result[iteration].push_back({to_int(database, query.integer(1)), query.real(2), query.real(3),
                                 query.real(4), query.real(5)});
  }
  return result;
}

std::vector<StoredRollout> rollouts(const Database& database, int iteration) {
  Statement query(database,
                  "SELECT iteration, policy, rollout, provenance FROM rollouts "
                  "WHERE iteration = ?1 ORDER BY policy, rollout");
  return with_arrays(database, query.with(iteration));
}

std::optional<StoredRollout> first_rollout(const Database& database, int iteration) {
  Statement query(database,
                  "SELECT iteration, policy, rollout, provenance FROM rollouts "
                  "WHERE iteration = ?1 ORDER BY policy, rollout LIMIT 1");
  return only(with_arrays(database, query.with(iteration)));
}

std::optional<StoredRollout> rollout(const Database& database, const StoredRollout& key) {
  Statement query(database,
                  "SELECT iteration, policy, rollout, provenance FROM rollouts "
                  "WHERE iteration = ?1 AND policy = ?2 AND rollout = ?3");
  return only(with_arrays(database, query.with(key.iteration, key.policy, key.rollout)));
}

std::vector<Event> events(const Database& database) {
  Statement query(database, "SELECT iteration, utc, text FROM events ORDER BY position");
  std::vector<Event> result;
  while (query.step())
    result.push_back({to_int(database, query.integer(0)), std::string(query.text(1)),
                      std::string(query.text(2))});
  return result;
}

}  // namespace phigrad::run_reader
