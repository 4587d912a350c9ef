// What a run directory says about its run: numbers for summary.json and the page report.html.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/experiment/training.hpp"
#include "host/report/report.hpp"
#include "host/robots/registered.hpp"
#include "host/store/run_store.hpp"

namespace phigrad {

/// The curve of a run, by iteration.
struct RunCurve {
  std::vector<Spread> cost, path_error, gradient_norm;
  int seeds = 0;
};
RunCurve curve_of(const RunStore& store);

/// How the initial and the learned policies do on the config's evaluation; over the seeds.
struct BeforeAfter {
  Spread cost_before, cost_after;
  Spread path_before, path_after;                   // m
  std::vector<double> states_before, states_after;  // of the first seed, [T + 1, nx]
};
/// Nothing for runs that learn from logs or robots: the config's plant is not what was driven.
std::optional<BeforeAfter> before_after(const Experiment& experiment, const RunStore& store);

/// What report.html shows of a run; facts of how it was computed are for the caller to add.
ReportData run_report(const Experiment& experiment, const RunStore& store, const RunCurve& curve,
                      const std::optional<BeforeAfter>& evaluation);

/// What is to be known of a run's costs: that they are of other policies than those it learned; ""
/// where they are not.
std::string off_policy_note(const Experiment& experiment);

/// The commands that continue and show a run.
std::string resume_command(const Experiment& experiment, const RunStore& store);
std::string view_command(const RunStore& store);

}  // namespace phigrad
