// `phigrad train CONFIG` and `phigrad train --resume DIR`.
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "host/cli/options.hpp"
#include "host/cli/progress.hpp"
#include "host/engine/device.hpp"
#include "host/experiment/run_report.hpp"
#include "host/experiment/training.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr int interrupted_code = 130;  // 128 + SIGINT, as shells count
constexpr int most_seeds = 1000000;

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

struct TrainOptions {
  ConfigOptions config;
  int seeds = 1;
  std::optional<int> iterations;
  std::string out;
  std::string resume;
};

/// The first Ctrl-C ends the run after the iteration in progress; the next one ends the process.
void handle_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop = true; };
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

/// runs/<name>-<UTC time>, with a number where that is taken.
std::string fresh_directory(const std::string& name) {
  const std::time_t now = std::time(nullptr);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", std::gmtime(&now));
  const std::string base = "runs/" + name + "-" + stamp;
  std::string directory = base;
  for (int i = 2; std::filesystem::exists(directory); ++i) {
    directory = base + "-" + std::to_string(i);
  }
  return directory;
}

nlohmann::ordered_json spread_json(const Spread& s) {
  if (!std::isfinite(s.mean)) return nullptr;
  return {{"mean", s.mean}, {"sd", s.sd}};
}

nlohmann::ordered_json summary_of(const RunStore& store, const RunCurve& curve, double wall_s) {
  nlohmann::ordered_json s;
  const bool any = !curve.cost.empty();
  const auto first = [&](const std::vector<Spread>& v) {
    return any ? spread_json(v.front()) : nlohmann::ordered_json();
  };
  const auto last = [&](const std::vector<Spread>& v) {
    return any ? spread_json(v.back()) : nlohmann::ordered_json();
  };
  s["cost_first"] = first(curve.cost);
  s["cost_last"] = last(curve.cost);
  s["path_error_first"] = first(curve.path_error);
  s["path_error_last"] = last(curve.path_error);
  s["iterations"] = curve.cost.size();
  s["seeds"] = curve.seeds;
  s["wall_s"] = wall_s;
  s["out"] = store.directory().string();
  s["curve"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < curve.cost.size(); ++i) {
    s["curve"].push_back({{"iteration", i},
                          {"mean", json_number(curve.cost[i].mean)},
                          {"sd", json_number(curve.cost[i].sd)}});
  }
  return s;
}

void print_summary(const RunStore& store, const RunCurve& curve,
                   const std::optional<BeforeAfter>& e, const TrainingResult& result,
                   double wall_s) {
  std::printf("%d iterations in %s on %s\n", result.finished, duration_text(wall_s).c_str(),
              result.backend.c_str());
  const auto print = [](const char* what, const Spread& cost_before, const Spread& cost_after,
                        const Spread& path_before, const Spread& path_after) {
    std::printf("%s\n  cost       %.6g -> %.6g\n", what, cost_before.mean, cost_after.mean);
    if (!std::isfinite(path_before.mean)) return;
    std::printf("  path error %.4f -> %.4f m\n", path_before.mean, path_after.mean);
  };
  if (e) {
    print("evaluation   before -> after", e->cost_before, e->cost_after, e->path_before,
          e->path_after);
  } else if (!curve.cost.empty()) {
    print("rollouts on record   first -> last", curve.cost.front(), curve.cost.back(),
          curve.path_error.front(), curve.path_error.back());
  }
  std::printf("run      %s\nresume   %s\nview     %s\n", store.directory().c_str(),
              resume_command(store).c_str(), view_command(store).c_str());
}

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
  return RunStore::create(o.out.empty() ? fresh_directory(experiment->name) : o.out,
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
  handle_signals();
  Progress progress(store.next_iteration());
  TrainingOptions options;
  options.seeds = o.seeds;
  options.backend = o.config.backend;
  options.stop = &stop;
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
  const double wall_s = progress.seconds();
  const RunCurve curve = curve_of(store);
  const std::optional<BeforeAfter> evaluation = before_after(*experiment, store);
  const nlohmann::ordered_json summary = summary_of(store, curve, wall_s);
  store.write_summary(summary.dump(2) + "\n");
  write_run_report(*experiment, store, curve, evaluation, result.backend, wall_s);
  if (o.config.json) {
    std::cout << summary.dump() << '\n';
  } else {
    print_summary(store, curve, evaluation, result, wall_s);
  }
  if (result.interrupted) {
    std::fprintf(stderr, "interrupted after %d of %d iterations; go on with: %s\n", result.finished,
                 experiment->common.optimiser.iterations, resume_command(store).c_str());
    return interrupted_code;
  }
  return 0;
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
