// `phigrad diagnose DIR`, `phigrad diagnose CONFIG [LOG…]`.
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "host/cli/command_line.hpp"
#include "host/cli/options.hpp"
#include "host/diagnosis/carriers.hpp"
#include "host/diagnosis/evidence.hpp"
#include "host/diagnosis/verdict.hpp"
#include "host/statistics/rounded.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using Json = nlohmann::ordered_json;

struct DiagnoseCommand {
  ConfigOptions config;
  std::vector<std::string> logs;
};

struct Diagnosis {
  Evidence evidence;
  std::vector<Verdict> verdicts;
  std::optional<Carriers> carriers;
};

Diagnosis diagnosis_of(const Experiment& e, const Material& material) {
  Diagnosis d;
  require_known_model(e);
  d.evidence = gather(e, material);
  d.verdicts = judge(d.evidence);
  if (const auto rollout = rollout_to_look_at(e, material)) {
    d.carriers = carriers_of(e, *rollout);
  }
  return d;
}

Json json_of(const std::optional<Estimate>& e) {
  if (!e) return nullptr;
  return {{"value", json_number(e->value)},
          {"low", json_number(e->low)},
          {"high", json_number(e->high)}};
}

Json json_of(const std::vector<NamedNumber>& numbers) {
  Json j = Json::object();
  for (const NamedNumber& n : numbers) j[n.name] = json_number(n.value);
  return j;
}

Json json_of(const Verdict& v) {
  Json j;
  j["trouble"] = name_of(v.trouble);
  j["severity"] = v.severity == Severity::trouble ? "trouble" : "note";
  j["which"] = v.which;
  j["evidence"] = v.evidence;
  j["remedy"] = v.remedy;
  j["iterations"] = nullptr;
  if (v.iterations) j["iterations"] = {v.iterations->first, v.iterations->second};
  return j;
}

Json json_of(const StreamNumbers& s) {
  return {{"rollouts", s.rollouts},
          {"samples", s.samples},
          {"non_finite", s.non_finite},
          {"gaps", s.gaps},
          {"segments_apart", s.segments_apart},
          {"commands", s.commands},
          {"commands_off", s.commands_off},
          {"quarantined", s.quarantined}};
}

Json json_of(const Diagnosis& d) {
  Json j;
  j["verdicts"] = Json::array();
  for (const Verdict& v : d.verdicts) j["verdicts"].push_back(json_of(v));
  const Evidence& e = d.evidence;
  j["gathered_from"] = e.gathered_from;
  j["alpha_model"] = json_of(e.alpha_model);
  j["alpha_plant"] = json_of(e.alpha_plant);
  j["cosine"] = json_of(e.cosine);
  j["cosine_of_model"] = json_of(e.cosine_of_model);
  j["cosine_of_chain"] = json_of(e.cosine_of_chain);
  j["saturated_inputs"] = json_of(e.saturated_inputs);
  j["output_slopes"] = json_of(e.output_slopes);
  j["line"] = nullptr;
  if (e.line) {
    Json costs = Json::array();
    for (const double c : e.line->cost) costs.push_back(json_number(c));
    j["line"] = {{"multiple", e.line->multiple}, {"cost", costs}};
  }
  j["stream"] = json_of(e.stream);
  j["carriers"] = nullptr;
  if (d.carriers) {
    const Carriers& c = *d.carriers;
    j["carriers"] = {{"cost_segments", {c.cost_first, c.cost_last}},
                     {"decision_segments", {c.decision_first, c.decision_last}},
                     {"block_share", json_number(c.block_share)},
                     {"channel", c.channel},
                     {"channel_share", json_number(c.channel_share)},
                     {"state", c.state},
                     {"state_share", json_number(c.state_share)}};
  }
  j["unknown"] = e.unknown;
  return j;
}

std::string segments_text(int first, int last) {
  return first == last ? "segment " + std::to_string(first)
                       : "segments " + std::to_string(first) + " to " + std::to_string(last);
}

void print_numbers(const Diagnosis& d) {
  const Evidence& e = d.evidence;
  if (!e.gathered_from.empty()) std::printf("measured on %s\n", e.gathered_from.c_str());
  const auto line = [](const char* what, const std::optional<Estimate>& estimate) {
    if (estimate) std::printf("  %-32s %s\n", what, rounded(*estimate).c_str());
  };
  line("alpha of the model's loop", e.alpha_model);
  line("alpha of the real loop", e.alpha_plant);
  line("cosine to the real gradient", e.cosine);
  for (const NamedNumber& n : e.saturated_inputs) {
    std::printf("  %-32s %s\n", (n.name + " at its limit").c_str(), percent(n.value).c_str());
  }
  if (e.stream.rollouts > 0) {
    std::printf("  %-32s %lld samples in %d rollouts\n", "on record",
                static_cast<long long>(e.stream.samples), e.stream.rollouts);
  }
  if (!d.carriers) return;
  const Carriers& c = *d.carriers;
  std::printf(
      "most of |g|^2 is carried by costs in %s and decisions in %s (%s of all blocks);\n"
      "  by %s (%s of that block) and %s (%s)\n",
      segments_text(c.cost_first, c.cost_last).c_str(),
      segments_text(c.decision_first, c.decision_last).c_str(), percent(c.block_share).c_str(),
      ("state " + c.state).c_str(), percent(c.state_share).c_str(), c.channel.c_str(),
      percent(c.channel_share).c_str());
}

void print_verdicts(const Diagnosis& d) {
  bool healthy = true;
  for (const Verdict& v : d.verdicts) {
    healthy = healthy && v.severity == Severity::note;
    std::printf("%s%s\n    %s\n", v.severity == Severity::note ? "note: " : "", line_of(v).c_str(),
                v.remedy.c_str());
  }
  if (healthy) std::printf("no trouble found\n");
  for (const std::string& what : d.evidence.unknown) {
    std::printf("cannot be told: %s\n", what.c_str());
  }
}

Diagnosis diagnose(const DiagnoseCommand& o) {
  if (!std::filesystem::is_directory(o.config.config)) {
    const Experiment e = load_experiment(o.config);
    return diagnosis_of(
        e, o.logs.empty() ? Material{} : material_of_logs(e, {o.logs.begin(), o.logs.end()}));
  }
  if (!o.logs.empty()) {
    throw Error(Exit::usage, "logs beside a run directory", "command line",
                "give DIR alone, or CONFIG and logs");
  }
  const RunStore store = RunStore::open_readonly(o.config.config);
  const Experiment e =
      load_experiment(store.config_text(), o.config.config + "/config.json", o.config);
  return diagnosis_of(e, material_of_run(e, store));
}

int run_diagnose(const DiagnoseCommand& o) {
  if (o.config.backend == "cuda") {
    throw Error(Exit::usage, "a diagnosis runs on the CPU, in double precision", "--backend cuda",
                "leave --backend out");
  }
  const Diagnosis d = diagnose(o);
  if (o.config.json) {
    std::cout << json_of(d).dump() << '\n';
  } else {
    print_verdicts(d);
    print_numbers(d);
  }
  return 0;
}

}  // namespace

void add_diagnose(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("diagnose", "what ails a run, logs, or a config");
  auto options = std::make_shared<DiagnoseCommand>();
  command->add_option("DIR|CONFIG", options->config.config, "a run directory, or an experiment")
      ->required();
  add_config_options(*command, options->config, false);
  command->add_option("LOG", options->logs,
                      "recordings or run directories; none: the config's plant is simulated");
  command->callback([options, &exit_code] { exit_code = run_diagnose(*options); });
}

}  // namespace phigrad
