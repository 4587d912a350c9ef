#include "host/experiment/run_report.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>

#include "host/experiment/evaluation.hpp"
#include "host/experiment/paths.hpp"
#include "host/report/report.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/support/build_info.hpp"
#include "host/support/machine.hpp"

namespace phigrad {
namespace {

Series series_of(const std::string& name, const std::vector<Spread>& spreads, int seeds) {
  Series s;
  s.name = name;
  s.seeds = seeds;
  for (const Spread& v : spreads) {
    s.mean.push_back(v.mean);
    if (seeds > 1) {
      s.low.push_back(v.mean - v.sd);
      s.high.push_back(v.mean + v.sd);
    }
  }
  return s;
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

/// Of the first and the last rollout that the run keeps.
std::vector<Path> recorded_paths(const RobotSetup& setup, const RunStore& store) {
  std::vector<Path> paths;
  for (const int iteration : {0, store.next_iteration() - 1}) {
    const std::optional<StoredRollout> r = store.first_rollout(std::max(iteration, 0));
    if (!r) continue;
    const std::string log = std::filesystem::path(r->provenance).filename().string();
    paths.push_back(path_of(setup, "iteration " + std::to_string(iteration) + ", " + log,
                            logged_rollout(*r, store.directory().string(), 0).states));
  }
  return paths;
}

std::string verdict_line(const RunCurve& curve, const std::optional<BeforeAfter>& evaluation,
                         bool has_path) {
  const std::string after = " after " + std::to_string(curve.cost.size()) + " iterations.";
  if (evaluation) {
    return "Cost of the evaluation " + fixed(evaluation->cost_before.mean, 4) + " → " +
           fixed(evaluation->cost_after.mean, 4) +
           (has_path ? ", path error " + fixed(evaluation->path_before.mean, 3) + " → " +
                           fixed(evaluation->path_after.mean, 3) + " m"
                     : "") +
           after;
  }
  if (curve.cost.empty()) return "No iteration is finished.";
  return "Cost of the rollouts on record " + fixed(curve.cost.front().mean, 4) + " → " +
         fixed(curve.cost.back().mean, 4) + after;
}

}  // namespace

RunCurve curve_of(const RunStore& store) {
  RunCurve curve;
  for (const std::vector<Metric>& iteration : store.metrics()) {
    std::vector<double> cost, path, norm;
    for (const Metric& m : iteration) {
      cost.push_back(m.cost);
      path.push_back(m.path_error);
      norm.push_back(m.gradient_norm);
    }
    curve.seeds = static_cast<int>(iteration.size());
    curve.cost.push_back(spread_of(cost));
    curve.path_error.push_back(spread_of(path));
    curve.gradient_norm.push_back(spread_of(norm));
  }
  return curve;
}

std::optional<BeforeAfter> before_after(const Experiment& e, const RunStore& store) {
  if (e.common.rollout.live || !e.common.rollout.logs.empty()) return std::nullopt;
  const Array initial = store.policy("initial").value();
  const std::optional<Checkpoint> last = store.latest();
  const Array& learned = last ? last->policies : initial;
  const int policies = static_cast<int>(initial.shape.at(0));
  const Evaluation before = evaluate(e, initial.values<double>(), policies, "cpu", "double");
  const Evaluation after = evaluate(e, learned.values<double>(), policies, "cpu", "double");
  return BeforeAfter{spread_of(before.cost),       spread_of(after.cost),
                     spread_of(before.path_error), spread_of(after.path_error),
                     before.first.states,          after.first.states};
}

std::string off_policy_note(const Experiment& e) {
  if (e.common.rollout.logs.empty()) return "";
  return "Off-policy: the rollouts on record were driven by other policies than those learned "
         "here, "
         "whose costs nobody has seen.";
}

std::string resume_command(const Experiment& experiment, const RunStore& store) {
  const std::string directory = store.directory().string();
  if (!experiment.common.rollout.live) return "phigrad train --resume " + directory;
  return "phigrad learn --resume " + directory + " --listen … --keys … --allow …";
}

std::string view_command(const RunStore& store) {
  return "xdg-open " + (store.directory() / "report.html").string();
}

ReportData run_report(const Experiment& e, const RunStore& store, const RunCurve& curve,
                      const std::optional<BeforeAfter>& evaluation) {
  const BuildInfo& build = build_info();
  const bool has_path = static_cast<bool>(e.setup.path_error);
  ReportData data;
  data.title = e.name;
  data.verdict_line = verdict_line(curve, evaluation, has_path);
  const std::string note = off_policy_note(e);
  if (!note.empty()) data.verdict_line += " " + note;
  data.facts = {{"robot", e.robot},
                {"seeds", std::to_string(curve.seeds) + " from " + std::to_string(e.common.seed)},
                {"machine", machine_name()},
                {"phigrad", std::string(build.version) + ", commit " + build.commit},
                {"compiler", build.compiler}};
  const auto change = [&](const char* quantity, const char* unit, const Spread& first,
                          const Spread& last) {
    data.changes.push_back({quantity, unit, first.mean, first.sd, last.mean, last.sd, curve.seeds});
  };
  if (!curve.cost.empty()) {
    change("training cost", "", curve.cost.front(), curve.cost.back());
    data.cost = {series_of("training cost", curve.cost, curve.seeds)};
    data.gradient_norm = {series_of("gradient norm", curve.gradient_norm, curve.seeds)};
    if (has_path) {
      change("path error in training", "m", curve.path_error.front(), curve.path_error.back());
      data.path_error = {series_of("path error", curve.path_error, curve.seeds)};
    }
  }
  if (evaluation) {
    change("cost of the evaluation", "", evaluation->cost_before, evaluation->cost_after);
  }
  if (evaluation && has_path) {
    change("path error of the evaluation", "m", evaluation->path_before, evaluation->path_after);
  }
  if (e.setup.position) {
    data.task = task_path(e.setup);
    data.driven =
        evaluation
            ? std::vector<Path>{path_of(e.setup, "before training", evaluation->states_before),
                                path_of(e.setup, "after training", evaluation->states_after)}
            : recorded_paths(e.setup, store);
  }
  if (e.setup.joints && evaluation) {
    data.film = film_strip(e.setup, e.common.rollout.dt_s,
                           {{"before training", evaluation->states_before},
                            {"after training", evaluation->states_after}});
  }
  data.config_json = e.resolved.dump(2);
  data.how_to_resume = resume_command(e, store);
  data.how_to_view = view_command(store);
  return data;
}

}  // namespace phigrad
