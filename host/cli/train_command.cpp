// `phigrad train CONFIG` and `phigrad train --resume DIR`.
#include <cstdio>

#include "host/cli/command_line.hpp"
#include "host/cli/interruption.hpp"
#include "host/cli/options.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/run_outcome.hpp"
#include "host/diagnosis/remedy.hpp"
#include "host/diagnosis/trials.hpp"
#include "host/diagnosis/verdict.hpp"
#include "host/engine/device.hpp"
#include "host/experiment/learner.hpp"
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
  bool auto_remedy = false;
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
  require_trainable(*experiment, options.backend);  // before there is a directory
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

TrainingResult trained(const TrainOptions& o, const Experiment& experiment, RunStore& store,
                       Progress& progress) {
  TrainingOptions options;
  options.seeds = o.seeds;
  options.backend = o.config.backend;
  options.stop = &stop_on_interruption();
  options.on_iteration = [&](const IterationReport& r) { progress.show(r); };
  try {
    TrainingResult result = train(experiment, options, store);
    progress.finish();
    return result;
  } catch (const Error& e) {
    progress.finish();
    store.record_event(e.what());
    if (store.next_iteration() > 0) {
      std::fprintf(stderr, "iterations before are safe: %s\n", store.directory().c_str());
    }
    throw;
  }
}

/// Says on stderr which loop grows, and what helps.
std::optional<Remedy> explained(const Experiment& experiment, const RunStore& store) {
  if (experiment.setup.learned_model) return std::nullopt;  // whose loops nobody keeps
  const Evidence evidence = gather(experiment, material_of_run(experiment, store));
  for (const Verdict& v : judge(evidence)) {
    if (v.trouble != Trouble::exploding_gradient) continue;
    std::fprintf(stderr, "%s\n  %s\n", line_of(v).c_str(), v.remedy.c_str());
  }
  return remedy_of(evidence);
}

/// A run of its own, from the policies that the stopped one ended with.
RunStore remedied_store(const RunStore& stopped, const Experiment& experiment,
                        const std::string& why) {
  RunStore store = RunStore::create(stopped.directory().string() + "-remedied",
                                    experiment.resolved.dump(2) + "\n");
  const std::optional<Checkpoint> last = stopped.latest();
  store.put_policy("initial", last ? last->policies : stopped.policy("initial").value());
  store.record_event(why);
  return store;
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
  try {
    const TrainingResult result = trained(o, *experiment, store, progress);
    return write_outcome(*experiment, store, result, progress.seconds(), o.config.json);
  } catch (const Error& e) {
    if (e.code() != Exit::numeric || !experiment->common.rollout.logs.empty()) throw;
    const std::optional<Remedy> remedy = explained(*experiment, store);
    if (!remedy) throw;
    if (!o.auto_remedy) {
      std::fprintf(stderr, "--auto-remedy goes on with %s: %s\n", set_text(remedy->set).c_str(),
                   remedy->why.c_str());
      throw;
    }
    const std::string why = std::string(e.what()) + " Taken up again with " +
                            set_text(remedy->set) + ": " + remedy->why;
    std::fprintf(stderr, "%s\n", why.c_str());
    const Experiment other = changed(*experiment, remedy->set);
    RunStore next = remedied_store(store, other, why);
    Progress again(0);
    const TrainingResult result = trained(o, other, next, again);
    return write_outcome(other, next, result, again.seconds(), o.config.json);
  }
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
  command->add_flag("--auto-remedy", options->auto_remedy,
                    "where a loop grows until gradients leave the numbers, go on in DIR-remedied "
                    "with the least change of the config that calms it");
  command->callback([options, &exit_code] { exit_code = run_train(*options); });
}

}  // namespace phigrad
