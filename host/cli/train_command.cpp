// `phigrad train CONFIG` and `phigrad train --resume DIR`.
#include <cstdio>

#include "host/cli/command_line.hpp"
#include "host/cli/interruption.hpp"
#include "host/cli/options.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/run_outcome.hpp"
#include "host/engine/device.hpp"
#include "host/experiment/training.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

struct TrainOptions {
  ConfigOptions config;
  int seeds = 1;
  std::optional<int> iterations;
  std::string out;
  std::string resume;
};

RunStore open_store(const TrainOptions& o, std::optional<Experiment>& experiment) {
  if (!o.resume.empty()) {
    RunStore store = RunStore::resume(o.resume);
    ConfigOptions options = o.config;
    if (o.iterations)
      options.set.push_back("optimiser.iterations=" + std::to_string(*o.iterations));
    experiment =
        load_experiment(store.config_text(), (store.directory() / "config.json").string(), options);
    return store;
  }
  ConfigOptions options = o.config;
  if (o.iterations) options.set.push_back("optimiser.iterations=" + std::to_string(*o.iterations));
  experiment = load_experiment(options);
  return RunStore::create(o.out.empty() ? fresh_run_directory(experiment->name) : o.out,
                          experiment->resolved.dump(2) + "\n");
}

void check_options(const TrainOptions& o) {
  if (o.resume.empty() == o.config.config.empty()) {
    throw Error(Exit::usage, o.resume.empty() ? "nothing to train" : "a CONFIG beside --resume",
                "command line", "give either CONFIG or --resume DIR");
  }
  if (!o.resume.empty() && (!o.config.set.empty() || o.config.seed || !o.out.empty())) {
    throw Error(Exit::usage, "--set, --seed and --out change what a run is", "command line",
                "with --resume, give --iterations to go on for longer, or start a new run");
  }
}

int run_train(const TrainOptions& o) {
  check_options(o);
  // Before the run directory is made: a run that cannot start leaves nothing behind.
  if (o.config.backend == "cuda" && !cuda_obstacle().empty()) {
    throw Error(Exit::device, "no CUDA: " + cuda_obstacle(), "--backend cuda", "use --backend cpu");
  }
  std::optional<Experiment> experiment;
  RunStore store = open_store(o, experiment);
  Progress progress(store.next_iteration());
  TrainingOptions options;
  options.seeds = o.seeds;
  options.backend = o.config.backend;
  options.stop = &stop_on_interruption();
  options.on_iteration = [&](const IterationReport& r) { progress.show(r); };
  TrainingResult result;
  try {
    result = train(*experiment, options, store);
  } catch (const Error& e) {
    progress.finish();
    store.record_event(e.what());
    if (store.next_iteration() > 0) {
      std::fprintf(stderr, "iterations before are safe: %s\n", store.directory().c_str());
    }
    throw;
  }
  progress.finish();
  return write_outcome(*experiment, store, result, progress.seconds(), o.config.json);
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("train", "train policies on the simulated plant, or on logs");
  auto options = std::make_shared<TrainOptions>();
  command->add_option("CONFIG", options->config.config, "experiment, a JSON file");
  add_config_options(*command, options->config, false);
  command->add_option("--seeds", options->seeds, "policies trained side by side, seed, seed + 1, …")
      ->check(CLI::Range(1, most_seeds))
      ->capture_default_str();
  command->add_option("--iterations", options->iterations, "updates, instead of the config's")
      ->check(CLI::Range(1, 100000000));
  command->add_option("--out", options->out, "run directory (default: runs/<name>-<time>)");
  command->add_option("--resume", options->resume, "go on with the run in this directory");
  command->callback([options, &exit_code] { exit_code = run_train(*options); });
}

}  // namespace phigrad
