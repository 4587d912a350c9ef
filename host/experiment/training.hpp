// Training: the loop from rollouts to policies, resumable at any iteration.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "host/robots/registered.hpp"
#include "host/statistics/spread.hpp"
#include "host/store/run_store.hpp"

namespace phigrad {

class RolloutSource;

/// What is shown after each iteration; over the seeds that stayed in the numbers.
struct IterationReport {
  int iteration;   // from 0
  int iterations;  // in all
  Spread cost, path_error;
  double gradient_norm;  // mean over the seeds
};

struct TrainingOptions {
  int seeds = 1;
  std::string backend = "auto";
  std::function<void(const IterationReport&)> on_iteration;
  const std::atomic<bool>* stop = nullptr;  // set: end after the iteration in progress
  RolloutSource* source = nullptr;          // of rollouts, in place of the config's
};

struct TrainingResult {
  int finished = 0;          // iterations in the run by now
  bool interrupted = false;  // ended by `stop`
  std::string backend;       // what it ran on
};

/// Trains until the config's iterations are done, from where the store stands. Every iteration is
/// committed before it is reported; policies are as many as the store's, or `seeds` in a new run.
/// Throws Error(Exit::numeric), with the iterations before safe, when no seed's gradient holds, and
/// Error(Exit::input) where options.source is for another number of policies.
TrainingResult train(const Experiment& experiment, const TrainingOptions& options, RunStore& store);

}  // namespace phigrad
