// A benchmark: work on cases, timed, and held against the ceilings of this machine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "host/bench/bench_case.hpp"
#include "host/bench/ceilings.hpp"
#include "host/bench/energy.hpp"
#include "host/bench/timing.hpp"

namespace phigrad {

/// Calls of operator new so far; null where nothing counts them.
using CountAllocations = std::int64_t (*)();

/// Timed work. Numbers are NaN where they are not known.
struct BenchRow {
  std::string name, what, precision;
  int batch = 0, steps = 0;
  int iterations = 1;  // times a call simulates the batch
  RunsOn runs_on;
  Timing timing;
  double bytes_per_step = 0;         // trajectory-step, as all of these
  double instructions_per_step = 0;  // operations, each of a register's lanes
  double flops_per_step = 0;
  double memory_steps_per_s = 0;   // what bandwidth allows for data of this size
  double issue_steps_per_s = 0;    // what the rate of vector instructions allows
  std::int64_t allocations = -1;   // a call; −1: not counted
  std::int64_t peak_resident = 0;  // bytes, this process while the row was measured
  double joules_per_step = 0;      // of machine and GPU, warm-up included (host/bench/energy.hpp)

  double steps_a_call() const { return static_cast<double>(batch) * steps * iterations; }
  double steps_per_s() const { return steps_a_call() / timing.median(); }
  /// The lower of the two; NaN where one is not known.
  double ceiling_steps_per_s() const;
  /// "memory", "issue", or "" where it is not known.
  const char* ceiling() const;
  double percent_of_peak() const { return 100 * steps_per_s() / ceiling_steps_per_s(); }
};

/// A row's member of the JSON's `rows`.
nlohmann::ordered_json to_json(const BenchRow& row);

/// Measures rows one after the other; ceilings are measured once.
class Bench {
 public:
  Bench(int repetitions, CountAllocations count_allocations, const EnergySources& energy = {})
      : repetitions_(repetitions), count_allocations_(count_allocations), energy_(energy) {}

  /// Sets `what` up on the case, and times it. Throws Error as Engine::create, and
  /// Error(Exit::numeric) where a trajectory or its gradient leaves the numbers.
  BenchRow measure(const BenchCase& c, const std::string& what);

  /// The ceilings that rows were held against.
  nlohmann::ordered_json ceilings_json();

  /// What energy was read from, a GPU's for rows on it alone; empty: this machine does not say.
  std::string energy_source() const { return energy_.source(); }

 private:
  Ceilings* ceilings_of(const RunsOn& runs_on);
  void hold_against_ceilings(const BenchCase& c, const Engine& engine, BenchRow& row);

  int repetitions_;
  CountAllocations count_allocations_;
  EnergyMeter energy_;
  std::map<std::pair<std::string, int>, std::unique_ptr<Ceilings>> ceilings_;  // flavour, threads
};

}  // namespace phigrad
