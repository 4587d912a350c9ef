// One case of a benchmark: an experiment with its batch and steps, its policy, and sets of random
// starts that calls rotate over.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/engine/engine.hpp"
#include "host/experiment/simulated_start.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {

/// Makes engines; Engine::create unless told otherwise.
using MakeEngine =
    std::function<std::unique_ptr<Engine>(const EngineSpec& spec, const BatchShape& shape)>;

struct BenchMachine {
  std::string backend = "auto";  // cpu, cuda, auto
  int threads = 0;               // 0: all this process may use
  MakeEngine make_engine;        // empty: Engine::create
};

struct BenchCase {
  Experiment experiment;
  BenchMachine machine;
  int batch;                          // B
  std::vector<double> theta;          // [np]
  std::vector<SimulatedStarts> sets;  // of B trajectories each
  int rollouts_per_update;            // the config's own

  int steps() const {
    return experiment.common.rollout.segments * experiment.setup.steps_per_segment;
  }
  /// An engine for the case with plant and model set: `policies` of batch / policies rollouts, that
  /// gives their gradients, or whatever is asked of their samples.
  std::unique_ptr<Engine> engine(int policies = 1, bool ragged = false,
                                 bool all_samples = false) const;
  /// What it asks of a batch: the windows and the gradient of the config.
  Expectation expectation() const;
};

/// The experiment of a config's text with `assignments`, as --set takes them, and with B rollouts
/// of so many steps (0: the config's own) in `precision` (empty: the config's own). Throws
/// Error(Exit::usage) where the steps fill no whole segments, Error(Exit::input) on a bad config
/// and on one that takes its rollouts from logs or robots.
struct BenchConfig {
  std::string text, place;
  std::vector<std::string> assignments;
};
BenchCase make_bench_case(const BenchConfig& config, const BenchMachine& machine, int batch,
                          int steps, const std::string& precision, int sets);

}  // namespace phigrad
