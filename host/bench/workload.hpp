// What a benchmark times: one call of a kind of work, in an engine that was set up before.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "host/bench/bench_case.hpp"

namespace phigrad {

class Workload {
 public:
  virtual ~Workload() = default;
  Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  /// One call on set `set` of the case's starts. It allocates what the engine's own calls do.
  virtual void run(std::size_t set) = 0;

  /// Times a call simulates the case's batch.
  virtual int iterations() const { return 1; }

  virtual const Engine& engine() const = 0;
  /// Left by the last run(), where the work has them; empty otherwise.
  const Scores& scores() const { return scores_; }
  const Gradient& gradient() const { return gradient_; }
  const TrainingHistory& history() const { return history_; }

 protected:
  Scores scores_;
  Gradient gradient_;
  TrainingHistory history_;
};

/// A kind of work, for the command line.
struct WorkloadKind {
  const char* name;
  const char* what;  // one clause
  std::unique_ptr<Workload> (*make)(const BenchCase& c);
};
const std::vector<WorkloadKind>& workload_kinds();

/// The work `what` on a case, which outlives it. Throws Error as Engine::create;
/// std::invalid_argument for a name that workload_kinds() does not have.
std::unique_ptr<Workload> make_workload(const std::string& what, const BenchCase& c);

}  // namespace phigrad
