#include "host/cli/run_outcome.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iostream>

#include "host/cli/options.hpp"
#include "host/cli/progress.hpp"
#include "host/diagnosis/cost_history.hpp"
#include "host/experiment/learner.hpp"

namespace phigrad {
namespace {

nlohmann::ordered_json spread_json(const std::vector<Spread>& curve, bool last) {
  if (curve.empty()) return nullptr;
  const Spread& s = last ? curve.back() : curve.front();
  if (!std::isfinite(s.mean)) return nullptr;
  return {{"mean", s.mean}, {"sd", s.sd}};
}

nlohmann::ordered_json summary_of(const RunStore& store, const RunCurve& curve, double wall_s) {
  nlohmann::ordered_json s;
  s["cost_first"] = spread_json(curve.cost, false);
  s["cost_last"] = spread_json(curve.cost, true);
  s["path_error_first"] = spread_json(curve.path_error, false);
  s["path_error_last"] = spread_json(curve.path_error, true);
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

/// What changed over a run, under a headline.
void print_change(const char* headline, const Spread& cost_before, const Spread& cost_after,
                  const Spread& path_before, const Spread& path_after) {
  std::printf("%s\n  cost       %.6g -> %.6g\n", headline, cost_before.mean, cost_after.mean);
  if (!std::isfinite(path_before.mean)) return;
  std::printf("  path error %.4f -> %.4f m\n", path_before.mean, path_after.mean);
}

void print_summary(const Experiment& experiment, const RunStore& store, const RunCurve& curve,
                   const std::optional<BeforeAfter>& e, const TrainingResult& result,
                   double wall_s) {
  std::printf("%d iterations in %s on %s\n", result.finished, duration_text(wall_s).c_str(),
              result.backend.c_str());
  if (e) {
    print_change("evaluation   before -> after", e->cost_before, e->cost_after, e->path_before,
                 e->path_after);
  } else if (!curve.cost.empty()) {
    print_change(experiment.common.rollout.live ? "rollouts driven   first -> last"
                                                : "rollouts on record   first -> last",
                 curve.cost.front(), curve.cost.back(), curve.path_error.front(),
                 curve.path_error.back());
  }
  const std::string note = off_policy_note(experiment);
  if (!note.empty()) std::printf("%s\n", note.c_str());
  std::printf("run      %s\n", store.directory().c_str());
  if (can_be_resumed(experiment)) {
    std::printf("resume   %s\n", resume_command(experiment, store).c_str());
  }
  std::printf("view     %s\n", view_command(store).c_str());
}

/// Troubles that the costs alone show; each is an event of the run, once.
std::vector<std::string> note_troubles(RunStore& store) {
  std::vector<std::string> lines;
  const std::vector<Event> events = store.events();
  for (const Verdict& v : judge_costs(iterations_of(store))) {
    if (v.severity == Severity::note) continue;
    const std::string line = line_of(v);
    lines.push_back(line);
    const bool known = std::any_of(events.begin(), events.end(),
                                   [&](const Event& event) { return event.text == line; });
    if (!known) store.record_event(line);
  }
  return lines;
}

}  // namespace

std::string fresh_run_directory(const std::string& name) {
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

int write_outcome(const Experiment& experiment, RunStore& store, const TrainingResult& result,
                  double wall_s, bool json) {
  const RunCurve curve = curve_of(store);
  const std::optional<BeforeAfter> evaluation = before_after(experiment, store);
  const std::vector<std::string> troubles = note_troubles(store);
  nlohmann::ordered_json summary = summary_of(store, curve, wall_s);
  summary["troubles"] = troubles;
  store.write_summary(summary.dump(2) + "\n");
  ReportData report = run_report(experiment, store, curve, evaluation);
  report.facts.insert(report.facts.begin() + 2,
                      {{"backend", result.backend}, {"wall time", duration_text(wall_s)}});
  write_report(store.directory() / "report.html", report);
  if (json) {
    std::cout << summary.dump() << '\n';
  } else {
    print_summary(experiment, store, curve, evaluation, result, wall_s);
    for (const std::string& trouble : troubles) {
      std::printf("%s (phigrad diagnose %s)\n", trouble.c_str(), store.directory().c_str());
    }
  }
  if (!result.interrupted) return 0;
  std::fprintf(stderr, "interrupted after %d of %d iterations; go on with: %s\n", result.finished,
               experiment.common.optimiser.iterations, resume_command(experiment, store).c_str());
  return interrupted_code;
}

}  // namespace phigrad
