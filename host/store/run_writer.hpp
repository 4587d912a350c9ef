// The statements that put records into run.db, prepared once. Transactions are the caller's.
#pragma once

#include <string>

#include "host/store/records.hpp"
#include "host/store/sqlite.hpp"

namespace phigrad {

class RunWriter {
 public:
  explicit RunWriter(const sqlite::Database& database);

  /// Everything of the iteration except its rollouts.
  void add(const Iteration& iteration);

  /// False if the very same rollout is there already; Error if another one is.
  bool add(const StoredRollout& rollout);

  void add_event(int iteration, const std::string& text);
  void put_policy(const std::string& name, const Array& policy);

 private:
  const sqlite::Database& database_;
  sqlite::Statement iteration_, optimiser_, metric_, rollout_, array_, event_, policy_;
};

}  // namespace phigrad
