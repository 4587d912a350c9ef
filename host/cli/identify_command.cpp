// `phigrad identify CONFIG LOG…`.
#include <cmath>
#include <cstdio>
#include <iostream>

#include "host/cli/command_line.hpp"
#include "host/cli/options.hpp"
#include "host/identify/identify.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/support/build_info.hpp"
#include "host/support/machine.hpp"

namespace phigrad {
namespace {

struct IdentifyCommand {
  ConfigOptions config;
  std::vector<std::string> logs;
  IdentifyOptions options;
};

using Json = nlohmann::ordered_json;

Json json_of(const Interval& i) {
  return {
      {"value", json_number(i.value)}, {"low", json_number(i.low)}, {"high", json_number(i.high)}};
}

Json json_of(const IdentifiedTerm& t) {
  Json j;
  j["name"] = t.name;
  j["input"] = t.moved.empty() ? Json() : Json(t.moved);
  j["model"] = t.model;
  j["estimate"] = json_of(t.estimate);
  j["estimate_without_lag"] = json_number(t.without_lag);
  j["first_half"] = json_of(t.first_half);
  j["second_half"] = json_of(t.second_half);
  j["drifts"] = t.drifts;
  j["unique_share"] = t.unique;
  j["refused"] = t.refused.empty() ? Json() : Json(t.refused);
  j["poor"] = t.poor;
  return j;
}

Json json_of(const Identification& r, const Experiment& e, const IdentifyCommand& o) {
  const Json provenance = {
      {"seed", e.common.seed}, {"commit", build_info().commit}, {"machine", machine_name()}};
  Json j = provenance;
  j["logs"] = o.logs;
  j["rollouts"] = r.rollouts;
  j["samples"] = r.samples;
  j["clusters"] = {{"count", r.clusters}, {"of", r.by_rollout ? "rollouts" : "stretches"}};
  j["horizon_samples"] = o.options.horizon;
  j["max_lag_s"] = o.options.max_lag_s;
  j["confidence"] = 0.95;
  j["rows"] = Json::array();
  for (const IdentifiedState& s : r.states) {
    Json row = {{"state", s.state}};
    row["lag_s"] = s.lag_s ? json_of(*s.lag_s) : Json();
    row["lag_at_edge"] = s.lag_at_edge;
    row["r2"] = json_of(s.r2);
    row["r2_without_lag"] = json_number(s.r2_without_lag);
    row["condition"] = json_number(s.condition);
    row["terms"] = Json::array();
    for (const IdentifiedTerm& t : s.terms) row["terms"].push_back(json_of(t));
    row.update(provenance);
    j["rows"].push_back(row);
  }
  j["derivative_error"] = Json::array();
  for (const EntryError& d : r.error.entries) {
    Json row = {{"of", d.of}, {"by", d.by}, {"by_input", d.by_input}, {"model_rms", d.model_rms}};
    row["mean"] = json_of(d.mean);
    row["rms"] = json_of(d.rms);
    row.update(provenance);
    j["derivative_error"].push_back(row);
  }
  j["delta"] = {{"mean", json_of(r.error.mean)}, {"max", json_of(r.error.max)}};
  j["delta"]["refused"] = r.error_incomplete.empty() ? Json() : Json(r.error_incomplete);
  j["suggested"] = Json::array();
  for (const Suggestion& s : r.suggested) {
    j["suggested"].push_back(
        {{"key", s.key}, {"value", s.value}, {"kept", s.kept.empty() ? Json() : Json(s.kept)}});
  }
  j["suggested_beside"] = r.beside.empty() ? Json() : Json(r.beside);
  j["left_out"] = r.left_out;
  return j;
}

/// "3.56 (3.48 … 3.64)"
std::string text_of(const Interval& i) {
  if (std::isnan(i.value)) return "–";
  char text[96];
  std::snprintf(text, sizeof text, "%.4g (%.4g … %.4g)", i.value, i.low, i.high);
  return text;
}

/// Pads to a width counted in characters, not bytes.
std::string padded(std::string text, std::size_t width) {
  std::size_t shown = 0;
  for (const char c : text) shown += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  if (shown < width) text.append(width - shown, ' ');
  return text;
}

void print_terms(const Identification& r) {
  std::printf("%s%s%s%s%s\n", padded("state", 9).c_str(), padded("term", 35).c_str(),
              padded("model", 9).c_str(), padded("estimate (95 %)", 36).c_str(), "without lag");
  for (const IdentifiedState& s : r.states) {
    for (const IdentifiedTerm& t : s.terms) {
      char model[32], without[32];
      std::snprintf(model, sizeof model, "%.4g", t.model);
      std::snprintf(without, sizeof without, "%.4g", t.without_lag);
      std::printf("%s%s%s%s%s\n", padded(s.state, 9).c_str(), padded(t.name, 35).c_str(),
                  padded(model, 9).c_str(), padded(text_of(t.estimate), 36).c_str(),
                  t.refused.empty() ? without : "–");
    }
  }
  std::printf("\n%s%s%s%s%s\n", padded("state", 9).c_str(), padded("lag, s", 24).c_str(),
              padded("R²", 30).c_str(), padded("without lag", 13).c_str(), "condition");
  for (const IdentifiedState& s : r.states) {
    std::printf("%s%s%s%-13.3f%.3g\n", padded(s.state, 9).c_str(),
                padded(s.lag_s ? text_of(*s.lag_s) : "no input", 24).c_str(),
                padded(text_of(s.r2), 30).c_str(), s.r2_without_lag, s.condition);
  }
}

void print_error(const Identification& r) {
  std::printf("\nerror of the model's derivatives over one step, rms along the samples\n");
  std::printf("%s%s%s\n", padded("entry", 26).c_str(), padded("model", 11).c_str(),
              "truth less model (95 %)");
  for (const EntryError& d : r.error.entries) {
    char model[32];
    std::snprintf(model, sizeof model, "%.4g", d.model_rms);
    std::printf("%s%s%s\n", padded("d " + d.of + " / d " + d.by, 26).c_str(),
                padded(model, 11).c_str(), text_of(d.rms).c_str());
  }
  if (r.error_incomplete.empty()) {
    std::printf("Delta, the largest singular value: mean %s, max %s\n",
                text_of(r.error.mean).c_str(), text_of(r.error.max).c_str());
  } else {
    std::printf("Delta cannot be estimated: %s\n", r.error_incomplete.c_str());
  }
}

void print_remarks(const Identification& r) {
  for (const IdentifiedState& s : r.states) {
    if (s.lag_s && s.lag_s->low > 0) {
      std::printf("%s follows its input %.3g s late: an error of the model that Delta leaves out\n",
                  s.state.c_str(), s.lag_s->value);
    }
    if (s.lag_at_edge) {
      std::printf("the lag of %s is the longest that was tried; try --max-lag\n", s.state.c_str());
    }
    for (const IdentifiedTerm& t : s.terms) {
      const std::string what = t.moved.empty() ? s.state + ": " + t.name
                                               : t.moved + " (" + s.state + ": " + t.name + ")";
      if (!t.refused.empty()) {
        std::printf("%s cannot be estimated: %s\n", what.c_str(), t.refused.c_str());
      }
      if (!t.poor.empty()) {
        std::printf("%s is poorly identified:", what.c_str());
        for (const std::string& why : t.poor) {
          std::printf("%s %s", &why == t.poor.data() ? "" : ";", why.c_str());
        }
        std::printf("\n");
      }
      if (t.drifts) {
        std::printf("%s drifts: %s in the first half, %s in the second\n", what.c_str(),
                    text_of(t.first_half).c_str(), text_of(t.second_half).c_str());
      }
    }
  }
}

void print_suggestions(const Identification& r) {
  std::printf("\nsuggested:");
  for (const Suggestion& s : r.suggested) std::printf(" --set %s=%.4g", s.key.c_str(), s.value);
  if (!r.beside.empty()) std::printf(" --set %s", r.beside.c_str());
  std::printf("\n");
  for (const Suggestion& s : r.suggested) {
    if (!s.kept.empty()) std::printf("%s is the model's own: %s\n", s.key.c_str(), s.kept.c_str());
  }
}

int run_identify(const IdentifyCommand& o) {
  const Experiment e = load_experiment(o.config);
  std::vector<LoggedRollout> rollouts;
  for (const std::string& log : o.logs) {
    for (LoggedRollout& r : read_rollouts(log, e.setup)) rollouts.push_back(std::move(r));
  }
  const Identification result = identify(e, rollouts, o.options);
  if (o.config.json) {
    std::cout << json_of(result, e, o).dump() << '\n';
  } else {
    std::printf("%d samples of %d rollouts, means over %d; intervals by %d %s\n\n", result.samples,
                result.rollouts, o.options.horizon, result.clusters,
                result.by_rollout ? "rollouts" : "stretches of them: rollouts are fewer than 5");
    print_terms(result);
    print_error(result);
    print_remarks(result);
    print_suggestions(result);
  }
  for (const std::string& what : result.left_out) {
    std::fprintf(o.config.json ? stderr : stdout, "left out: %s\n", what.c_str());
  }
  return 0;
}

}  // namespace

void add_identify(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "identify", "how wrong the model's derivatives are, from rollouts of the robot");
  auto options = std::make_shared<IdentifyCommand>();
  add_config_options(*command, options->config);
  command->add_option("LOG", options->logs, "run directories, recordings (.bson)")->required();
  command
      ->add_option("--horizon", options->options.horizon,
                   "samples that residuals are averaged over")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command
      ->add_option("--max-lag", options->options.max_lag_s, "longest lag of the inputs to try, s")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  command->add_flag("--all-samples", options->options.all_samples,
                    "also those outside the windows that gradients are taken over");
  command->callback([options, &exit_code] { exit_code = run_identify(*options); });
}

}  // namespace phigrad
