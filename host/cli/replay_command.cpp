// `phigrad replay CONFIG LOG…`.
#include <cmath>
#include <cstdio>
#include <iostream>

#include "host/cli/command_line.hpp"
#include "host/cli/options.hpp"
#include "host/cli/policy_file.hpp"
#include "host/replay/replay.hpp"

namespace phigrad {
namespace {

struct ReplayCommand {
  ConfigOptions config;
  std::vector<std::string> logs;
  std::string policy;
  std::string precision = "double";
  bool proposals = false;
};

nlohmann::ordered_json json_of(const Replay& replay) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const ReplayedRollout& r : replay.rollouts) {
    nlohmann::ordered_json j;
    j["log"] = r.log;
    j["index"] = r.index;
    j["samples"] = r.samples;
    j["segments"] = r.segments;
    j["loss"] = json_number(r.loss);
    j["recorded_loss"] = json_number(r.recorded_loss);
    j["command_error_max"] = json_number(r.command_error_max);
    j["command_mismatches"] = r.command_mismatches;
    j["gradient_norm"] = json_number(r.gradient_norm);
    j["alpha_model"] = json_number(r.alpha_model);
    j["path_error"] = json_number(r.path_error);
    for (std::size_t i = 0; i < r.proposal.size(); ++i) {
      j["proposal"][replay.decisions[i]] = json_number(r.proposal[i]);
      j["correction"][replay.decisions[i]] = json_number(r.correction[i]);
    }
    j["quarantined"] = r.quarantined;
    rows.push_back(j);
  }
  return {{"rollouts", rows}};
}

/// What was flagged, and why: on stderr beside the JSON, on stdout under the table.
void print_remarks(std::FILE* to, const Replay& replay) {
  for (const ReplayedRollout& r : replay.rollouts) {
    for (const std::string& reason : r.quarantined) {
      std::fprintf(to, "%s, rollout %d: quarantined: %s\n", r.log.c_str(), r.index, reason.c_str());
    }
    for (const std::string& note : r.notes) {
      std::fprintf(to, "%s, rollout %d: %s\n", r.log.c_str(), r.index, note.c_str());
    }
  }
}

void print_table(const Replay& replay) {
  std::printf("on %s; commands off by more than %.1g are flagged\n", replay.backend.c_str(),
              replay.command_tolerance);
  std::printf("%3s %8s %8s %14s %14s %10s %7s %12s %8s %10s\n", "#", "samples", "segments", "loss",
              "recorded", "cmd error", "flagged", "|gradient|", "alpha", "path err m");
  int samples = 0, flagged = 0;
  for (const ReplayedRollout& r : replay.rollouts) {
    std::printf("%3d %8d %8d %14.7f %14.7f %10.2e %7d %12.6g %8.5f %10.4f\n", r.index, r.samples,
                r.segments, r.loss, r.recorded_loss, r.command_error_max, r.command_mismatches,
                r.gradient_norm, r.alpha_model, r.path_error);
    samples += r.samples;
    flagged += r.command_mismatches;
  }
  std::printf("%d of %d commands flagged (%.3f %%)\n", flagged, samples,
              100.0 * flagged / std::max(samples, 1));
}

/// What the gradient proposed after each rollout beside how the decisions of the log's next one
/// differ, and in how many of those steps both point the same way. Of a run directory that says
/// something where it has one policy, one rollout an update, and keeps all.
void print_proposals(const Replay& replay) {
  const std::size_t nz = replay.decisions.size();
  std::printf(
      "\nproposed: -sum over the segments of d loss / d decision; next: how the mean "
      "decision then changed\n%3s %-9s",
      "#", "");
  for (const std::string& name : replay.decisions) std::printf(" %12s", name.c_str());
  std::vector<int> same(nz, 0), changed(nz, 0);
  for (std::size_t k = 0; k < replay.rollouts.size(); ++k) {
    const ReplayedRollout& r = replay.rollouts[k];
    if (r.proposal.empty()) continue;
    std::printf("\n%3d %-9s", r.index, "proposed");
    for (const double p : r.proposal) std::printf(" %12.4g", p);
    if (k + 1 == replay.rollouts.size()) continue;
    const ReplayedRollout& next = replay.rollouts[k + 1];
    if (next.log != r.log || next.correction.empty()) continue;
    std::printf("\n%3s %-9s", "", "next");
    for (std::size_t i = 0; i < nz; ++i) {
      const double change = next.correction[i] - r.correction[i];
      std::printf(" %12.4g", change);
      if (std::abs(change) < 1e-12) continue;  // it is not learned
      ++changed[i];
      if (change * r.proposal[i] > 0) ++same[i];
    }
  }
  std::printf("\n%-13s", "same sign");
  for (std::size_t i = 0; i < nz; ++i) std::printf(" %4d of %4d", same[i], changed[i]);
  std::printf("\n");
}

int run_replay(const ReplayCommand& o) {
  const Experiment e = load_experiment(o.config);
  ReplayOptions options;
  options.backend = o.config.backend;
  options.precision = o.precision;
  options.proposals = o.proposals;
  if (!o.policy.empty()) options.theta = load_policy(o.policy);
  const Replay result = replay(e, {o.logs.begin(), o.logs.end()}, options);
  if (o.config.json) {
    print_remarks(stderr, result);
    std::cout << json_of(result).dump() << '\n';
  } else {
    print_table(result);
    if (o.proposals) print_proposals(result);
    print_remarks(stdout, result);
  }
  return 0;
}

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("replay", "put recorded rollouts through the same kernels");
  auto options = std::make_shared<ReplayCommand>();
  add_config_options(*command, options->config);
  command->add_option("LOG", options->logs, "recordings (.bson) or run directories")->required();
  CLI::Option* policy = command->add_option(
      "--policy", options->policy,
      "differentiate this policy (a run directory or .bson) instead of the decisions "
      "on record");
  command->add_option("--precision", options->precision, "float or double")->capture_default_str();
  command
      ->add_flag("--proposals", options->proposals,
                 "what the gradient proposes after each rollout, beside how the decisions of the "
                 "next one differ: of a log with one rollout an update")
      ->excludes(policy);
  command->callback([options, &exit_code] { exit_code = run_replay(*options); });
}

}  // namespace phigrad
