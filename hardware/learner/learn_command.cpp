// `phigrad learn CONFIG --listen ENDPOINT` and `phigrad learn --resume DIR --listen ENDPOINT`.
#include "hardware/learner/learn_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "hardware/learner/live_source.hpp"
#include "hardware/learner/monitor.hpp"
#include "hardware/link/learner_link.hpp"
#include "host/cli/interruption.hpp"
#include "host/cli/options.hpp"
#include "host/cli/run_outcome.hpp"
#include "host/engine/device.hpp"
#include "host/experiment/training.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

struct LearnOptions {
  ConfigOptions config;
  std::optional<int> iterations;
  std::string out, resume;
  link::LearnerLinkSettings link;
  std::string keys, allow;
};

/// The socket as training sees it.
class SocketLink : public LiveLink {
 public:
  SocketLink(const link::LearnerLinkSettings& settings, link::LearnerLinkListener& listener)
      : link_(settings, listener) {}

  std::string endpoint() const { return link_.endpoint(); }
  void publish(const link::Policy& announcement, const std::vector<double>& parameters) override {
    link_.publish(announcement, parameters);
  }
  void control(const link::RobotName& robot, link::Command command) override {
    link_.control(robot, command);
  }
  void poll(std::chrono::milliseconds longest) override { link_.poll(longest); }
  std::vector<link::RobotName> robots() const override { return link_.robots(); }

 private:
  link::LearnerLink link_;
};

void check_options(const LearnOptions& o) {
  if (o.resume.empty() == o.config.config.empty()) {
    throw Error(Exit::usage, o.resume.empty() ? "nothing to learn" : "a CONFIG beside --resume",
                "command line", "give either CONFIG or --resume DIR");
  }
  if (!o.resume.empty() && (!o.config.set.empty() || o.config.seed || !o.out.empty())) {
    throw Error(Exit::usage, "--set, --seed and --out change what a run is", "command line",
                "with --resume, give --iterations to go on for longer, or start a new run");
  }
  // The keys also sign the policies, so a link without CURVE needs them too.
  if (o.keys.empty()) {
    throw Error(Exit::usage, "no keys, no listening", "--keys",
                "make some with `phigrad keygen --out keys learner ROBOT`");
  }
  if (o.allow.empty() && !o.link.insecure_loopback) {
    throw Error(Exit::usage, "nobody may connect", "--allow",
                "give the folder with the robots' NAME.public.json files");
  }
  if (o.config.backend == "cuda" && !cuda_obstacle().empty()) {
    throw Error(Exit::device, "no CUDA: " + cuda_obstacle(), "--backend cuda", "use --backend cpu");
  }
}

/// The run, new or resumed, and what it was made for. Settings that cannot work leave nothing
/// behind.
RunStore open_store(const LearnOptions& o, std::optional<Experiment>& experiment) {
  ConfigOptions options = o.config;
  if (o.iterations) options.set.push_back("optimiser.iterations=" + std::to_string(*o.iterations));
  if (!o.resume.empty()) {
    RunStore store = RunStore::resume(o.resume);
    experiment =
        load_experiment(store.config_text(), (store.directory() / "config.json").string(), options);
    return store;
  }
  options.set.emplace_back("rollout.live=true");
  experiment = load_experiment(options);
  if (experiment->common.live.first_version == 1) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    options.set.push_back("live.first_version=" + std::to_string(now.count()));
    experiment = load_experiment(options);
  }
  live_limits(*experiment);
  return RunStore::create(o.out.empty() ? fresh_run_directory(experiment->name) : o.out,
                          experiment->resolved.dump(2) + "\n");
}

/// Everything from the first policy out to the last commit.
TrainingResult learn(const LearnOptions& o, const link::LearnerLinkSettings& link_settings,
                     const Experiment& experiment, RunStore& store) {
  const std::atomic<bool>& stop = stop_on_interruption();
  LiveStatus status;
  status.iterations = experiment.common.optimiser.iterations;
  Monitor monitor(stderr, isatty(STDERR_FILENO) != 0);
  const LiveOptions live{&stop, [&] { monitor.show(status); }};
  LiveSource source(experiment, store, live, link_settings.own.sign_secret, status);
  SocketLink socket(link_settings, source.listener());
  source.connect(socket);
  status.endpoint = socket.endpoint();

  TrainingOptions options;
  options.backend = o.config.backend;
  options.stop = &stop;
  options.source = &source;
  options.on_iteration = [&](const IterationReport& r) {
    status.cost = r.cost.mean;
    status.path_error = r.path_error.mean;
    status.gradient_norm = r.gradient_norm;
    status.news.push_back(monitor_lines(status)[1] + "   (iteration " +
                          std::to_string(r.iteration + 1) + ")");
    monitor.show(status);
  };
  try {
    TrainingResult result = train(experiment, options, store);
    if (!result.interrupted) source.publish_learned();
    monitor.finish(status);
    return result;
  } catch (const Error& e) {
    monitor.finish(status);
    store.record_event(e.what());
    if (store.next_iteration() > 0) {
      std::fprintf(stderr, "iterations before are safe: %s\n", store.directory().c_str());
    }
    throw;
  }
}

int run_learn(const LearnOptions& o) {
  // Before the run directory is made: a run that cannot start leaves nothing behind.
  check_options(o);
  link::LearnerLinkSettings link_settings = o.link;
  link_settings.own = link::read_secret_keys(o.keys);
  if (!o.allow.empty()) link_settings.allowed = link::read_allowed(o.allow);
  link::LearnerLink::require_endpoint(link_settings);
  std::optional<Experiment> experiment;
  RunStore store = open_store(o, experiment);
  const auto begin = std::chrono::steady_clock::now();
  const TrainingResult result = learn(o, link_settings, *experiment, store);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  return write_outcome(*experiment, store, result, wall.count(), o.config.json);
}

void add_live_options(CLI::App& command, LearnOptions& o) {
  command.add_option("--listen", o.link.endpoint, "tcp://HOST:PORT or ipc:///PATH for the robots")
      ->required();
  command.add_option("--keys", o.keys, "this learner's NAME.secret.json");
  command.add_option("--allow", o.allow, "folder of the robots' NAME.public.json files");
  command.add_flag("--insecure-loopback", o.link.insecure_loopback,
                   "no encryption, no authentication; only on 127.0.0.1 and ipc");
}

}  // namespace

void add_learn(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("learn", "train a policy on robots, live");
  auto options = std::make_shared<LearnOptions>();
  command->add_option("CONFIG", options->config.config, "experiment, a JSON file");
  add_config_options(*command, options->config, false);
  command->add_option("--iterations", options->iterations, "updates, instead of the config's")
      ->check(CLI::Range(1, 100000000));
  command->add_option("--out", options->out, "run directory (default: runs/<name>-<time>)");
  command->add_option("--resume", options->resume, "go on with the run in this directory");
  add_live_options(*command, *options);
  command->callback([options, &exit_code] { exit_code = run_learn(*options); });
}

}  // namespace phigrad
