#include "hardware/agent/agent_command.hpp"

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hardware/agent/agent.hpp"
#include "hardware/jetracer/i2c_bus.hpp"
#include "hardware/link/keys.hpp"
#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr std::uint8_t pwm_address = 0x40;

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set from a signal handler");

struct CommandOptions {
  std::string config, learner, keys, learner_key, memory;
  std::vector<std::string> set;
  std::optional<std::uint64_t> seed;
  std::uint64_t rollouts = 0;
  bool arm = false, forget = false, insecure_loopback = false, dry_run = false, scan = false,
       json = false;
};

/// The first Ctrl-C brings the robot to rest and ends the agent; the next one ends the process.
void handle_signals() {
  stop = false;
  struct sigaction action {};
  action.sa_handler = [](int) { stop = true; };
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGHUP, &action, nullptr);
}

const char* text(I2cAnswer answer) {
  switch (answer) {
    case I2cAnswer::answers:
      return "answers";
    case I2cAnswer::silent:
      return "silent";
    case I2cAnswer::held:
      return "held by a driver of the kernel";
    case I2cAnswer::denied:
      return "cannot be opened";
  }
  return "unknown";
}

int run_scan(bool json) {
  const std::vector<I2cFinding> findings = scan_i2c(pwm_address);
  nlohmann::ordered_json buses = nlohmann::ordered_json::array();
  bool any = false;
  for (const I2cFinding& f : findings) {
    const std::string why = f.error == 0 ? "" : std::strerror(f.error);
    any = any || f.answer == I2cAnswer::answers;
    buses.push_back({{"bus", f.bus}, {"answer", text(f.answer)}, {"error", why}});
    if (json) continue;
    std::printf("/dev/i2c-%-3d %s %s%s%s\n", f.bus, hex_byte(pwm_address).c_str(), text(f.answer),
                why.empty() ? "" : ": ", why.c_str());
  }
  if (json) std::cout << nlohmann::ordered_json{{"buses", buses}}.dump() << '\n';
  if (!json && findings.empty()) std::printf("this machine has no I2C bus\n");
  return any ? 0 : static_cast<int>(Exit::robot);
}

void check_options(const CommandOptions& o) {
  const auto require = [](bool holds, const char* problem, const char* remedy) {
    if (!holds) throw Error(Exit::usage, problem, "command line", remedy);
  };
  require(!o.config.empty(), "nothing to drive", "give a CONFIG, or --scan");
  require(!o.learner.empty(), "no learner", "give --learner ENDPOINT, as tcp://host:port");
  // The signature counts on the safest wire, too: it is what tells a policy from a mistake.
  require(!o.learner_key.empty(), "no key that policies are signed with",
          "give --learner-key FILE, the learner's NAME.public.json");
  require(!(o.dry_run && o.json), "two things want stdout", "leave out --json or --dry-run");
  require(!o.keys.empty() || o.insecure_loopback, "no keys of the robot's own",
          "give --keys FILE, made by `phigrad keygen`, or --insecure-loopback on one machine");
}

AgentConfig load_config(const CommandOptions& o) {
  nlohmann::ordered_json document = read_json(o.config);
  for (const std::string& assignment : o.set) apply_override(document, assignment);
  if (o.seed) document["seed"] = *o.seed;
  return read_agent_config(document, o.config);
}

/// NAME.secret.json -> NAME.memory.json beside it: the memory belongs to the robot, as its keys do.
std::string memory_file(const CommandOptions& o) {
  if (!o.memory.empty() || o.keys.empty()) return o.memory;
  const std::filesystem::path keys = o.keys;
  std::string name = keys.filename().string();
  return (keys.parent_path() / (name.substr(0, name.find('.')) + ".memory.json")).string();
}

nlohmann::ordered_json summary_of(const AgentReport& r, const link::RobotLinkCounts& link) {
  nlohmann::ordered_json s;
  s["complete"] = r.loop.complete;
  s["cut_short"] = r.loop.cut_short;
  s["tripped"] = r.loop.tripped;
  s["last_trip"] = r.last_trip == Trip::none ? nlohmann::ordered_json() : text(r.last_trip);
  s["policy_version"] = r.policy_version;
  s["policies"] = r.policies;
  s["refused_policies"] = r.refused_policies;
  s["periods"] = r.loop.ticks;
  s["late_s"] = {{"p50", r.jitter.quantile_s(0.5)},
                 {"p99", r.jitter.quantile_s(0.99)},
                 {"max", r.jitter.max_s()}};
  s["bad_measurements"] = r.loop.bad_measurements;
  s["dropped_records"] = r.dropped_records;
  s["acknowledged"] = r.acknowledged;
  s["link"] = {{"sent_blocks", link.sent_blocks},
               {"resent_blocks", link.resent_blocks},
               {"refused_frames", link.refused_frames},
               {"reconnects", link.reconnects},
               {"stale_commands", link.stale_commands}};
  return s;
}

void print_summary(const AgentReport& r) {
  std::printf("%llu rollouts complete, %llu cut short, %llu tripped; policy %llu in use\n",
              static_cast<unsigned long long>(r.loop.complete),
              static_cast<unsigned long long>(r.loop.cut_short),
              static_cast<unsigned long long>(r.loop.tripped),
              static_cast<unsigned long long>(r.policy_version));
  if (r.jitter.count() > 0) {
    std::printf("control thread late by %.0f us (p50), %.0f us (p99), %.0f us (max)\n",
                r.jitter.quantile_s(0.5) * 1e6, r.jitter.quantile_s(0.99) * 1e6,
                r.jitter.max_s() * 1e6);
  }
  if (!r.acknowledged) std::printf("the learner has not acknowledged everything\n");
}

int run_agent(const CommandOptions& o, ReadRollouts read_log) {
  if (o.scan) return run_scan(o.json);
  check_options(o);
  const AgentConfig config = load_config(o);
  link::RobotLinkSettings settings;
  settings.endpoint = o.learner;
  settings.insecure_loopback = o.insecure_loopback;
  if (!o.keys.empty()) settings.own = link::read_secret_keys(o.keys);
  settings.learner = link::read_public_keys(o.learner_key);
  AgentOptions options;
  options.learner = settings.learner.sign_public;
  options.arm = o.arm;
  options.forget = o.forget;
  options.dry_run = o.dry_run;
  options.rollouts = o.rollouts;
  options.memory = memory_file(o);
  options.provenance = config.experiment.name;
  options.read_log = read_log;
  handle_signals();
  Agent agent(config, options,
              [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
  link::RobotLink robot_link(settings, agent.hello(), agent.listener());
  RobotUplink uplink(robot_link);
  const AgentReport report = agent.run(uplink, stop);
  if (o.json) {
    std::cout << summary_of(report, robot_link.counts()).dump() << '\n';
  } else {
    print_summary(report);
  }
  return report.tripped ? static_cast<int>(Exit::safety) : 0;
}

}  // namespace

void add_agent(CLI::App& app, int& exit_code, ReadRollouts read_log) {
  CLI::App* command = app.add_subcommand("agent", "drive a robot for a learner");
  auto o = std::make_shared<CommandOptions>();
  command->add_option("CONFIG", o->config, "experiment with a section \"agent\", a JSON file");
  command->add_option("--learner", o->learner,
                      "where the learner listens: tcp://host:port, ipc://…");
  command->add_option("--keys", o->keys, "this robot's NAME.secret.json");
  command->add_option("--learner-key", o->learner_key, "the learner's NAME.public.json");
  command->add_flag("--insecure-loopback", o->insecure_loopback,
                    "no encryption; only on 127.0.0.1 and ipc");
  command->add_option("--set", o->set, "set a key of the config: path.to.key=value")
      ->type_name("KEY=VALUE")
      ->take_all();
  command->add_option("--seed", o->seed, "seed of all random numbers");
  command->add_flag("--arm", o->arm, "arm at once, without waiting for the learner's operator");
  command->add_option("--rollouts", o->rollouts, "end after so many complete rollouts; 0: never")
      ->capture_default_str();
  command->add_option("--memory", o->memory,
                      "file of the last policy (default: NAME.memory.json beside --keys)");
  command->add_flag("--forget", o->forget,
                    "drop the last policy: what the learner sends counts as older, after its clock "
                    "was set back for one");
  command->add_flag("--dry-run", o->dry_run,
                    "print what would be sent to the car's bus, to stdout");
  command->add_flag("--scan", o->scan, "look for the car's PWM chip on every I2C bus, and end");
  command->add_flag("--json", o->json, "one JSON object on stdout, all else on stderr");
  command->callback([o, read_log, &exit_code] { exit_code = run_agent(*o, read_log); });
}

}  // namespace phigrad
