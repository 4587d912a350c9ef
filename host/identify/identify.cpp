#include "host/identify/identify.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "host/identify/lag.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr double asked_r2 = 0.8;
constexpr double seen_drift = 0.01;       // effect of a drift, as a share of the state's
constexpr double asked_precision = 0.25;  // half-width over the number itself …
constexpr double asked_effect = 0.05;  // … unless its effect is below this share of the state's

RegressionSums without(const std::vector<RegressionSums>& clusters, int leave_out) {
  RegressionSums m = total_of(clusters);
  if (leave_out >= 0) m -= clusters[static_cast<std::size_t>(leave_out)];
  return m;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

/// RegressionSums of the first or the second half of the clusters, less one of them.
RegressionSums half_of(const std::vector<RegressionSums>& clusters, bool second, int leave_out) {
  RegressionSums m(static_cast<int>(clusters.front().zr.size()));
  const std::size_t middle = clusters.size() / 2;
  for (std::size_t g = second ? middle : 0; g < (second ? clusters.size() : middle); ++g) {
    if (static_cast<int>(g) != leave_out) m += clusters[g];
  }
  return m;
}

/// The state's terms by name, before anything is estimated.
std::vector<IdentifiedTerm> named_terms(const Experiment& e, const Residuals& r, std::size_t i) {
  const ModelEquations& equations = e.setup.equations;
  const std::size_t nu = e.setup.inputs.size();
  const StateTerms& terms = r.terms[i];
  std::vector<IdentifiedTerm> named;
  const auto add = [&named](const std::string& name, const std::string& moved, double model) {
    IdentifiedTerm t{};
    t.name = name;
    t.moved = moved;
    t.model = model;
    named.push_back(t);
  };
  ModelStep with, base;
  for (const int p : terms.parameters) {
    std::vector<double> more = e.setup.model;
    more[static_cast<std::size_t>(p)] += 1;
    std::string moved;
    for (std::size_t u = 0; u < nu; ++u) {
      for (const SamplePoint& at : r.points) {
        equations.step(at.x.data(), at.u.data(), more.data(), e.common.rollout.dt_s, with);
        equations.step(at.x.data(), at.u.data(), e.setup.model.data(), e.common.rollout.dt_s, base);
        if (with.J_next_u[i * nu + u] == base.J_next_u[i * nu + u]) continue;
        moved = e.setup.inputs[u];
        break;
      }
    }
    add(equations.parameters[static_cast<std::size_t>(p)], moved,
        e.setup.model[static_cast<std::size_t>(p)]);
  }
  if (terms.own_motion) add("own motion", "", 1);
  if (terms.offset) add("offset", "", 0);
  return named;
}

/// Why a term is poorly identified, if it is.
std::vector<std::string> reasons(const IdentifiedTerm& term, const IdentifiedState& state,
                                 double effect) {
  std::vector<std::string> poor;
  if (state.r2.value < asked_r2) {
    poor.push_back("the terms explain " + percent(state.r2.value) + " of what " + state.state +
                   " does, " + percent(asked_r2) + " is asked");
  }
  const double share = term.estimate.half_width() / std::abs(term.estimate.value);
  if (share > asked_precision && effect > asked_effect) {
    poor.push_back("known to " + percent(share) + " only, " + percent(asked_precision) +
                   " is asked");
  }
  return poor;
}

IdentifiedState identify_state(const Experiment& e, const Residuals& r, std::size_t i,
                               std::size_t lag) {
  const std::vector<RegressionSums>& clusters = r.moments[i][lag];
  const RegressionSums all = total_of(clusters);
  const Excitation excited = excitation(all);
  IdentifiedState state{};
  state.state = e.setup.states[i];
  state.condition = excited.condition;
  state.terms = named_terms(e, r, i);
  const Fit lagless = fit(total_of(r.moments[i][0]));
  state.r2_without_lag = lagless.r2;

  const std::size_t n = state.terms.size();
  const std::vector<Interval> numbers = jackknife(r.clusters, [&](int leave_out) {
    const Fit f = fit(without(clusters, leave_out));
    const Fit first = fit(half_of(clusters, false, leave_out));
    const Fit second = fit(half_of(clusters, true, leave_out));
    std::vector<double> v = {f.r2};
    for (std::size_t j = 0; j < n; ++j) {
      const auto at = static_cast<Eigen::Index>(j);
      const double model = state.terms[j].model;
      v.insert(v.end(),
               {model + f.coefficient[at], model + first.coefficient[at],
                model + second.coefficient[at], second.coefficient[at] - first.coefficient[at]});
    }
    return v;
  });
  state.r2 = numbers[0];
  state.r2.high = std::min(state.r2.high, 1.0);
  for (std::size_t j = 0; j < n; ++j) {
    IdentifiedTerm& term = state.terms[j];
    const auto at = static_cast<Eigen::Index>(j);
    term.unique = excited.unique[j];
    term.estimate = numbers[1 + 4 * j];
    term.first_half = numbers[2 + 4 * j];
    term.second_half = numbers[3 + 4 * j];
    term.without_lag = term.model + lagless.coefficient[at];
    const Interval& change = numbers[4 + 4 * j];
    if (!distinguishable(term.unique)) {
      term.refused = all.zz(at, at) > 0
                         ? "it does not vary apart from the other terms of " + state.state
                         : "it is 0 in every sample";
      term.estimate = term.first_half = term.second_half = {none, none, none};
      term.without_lag = none;
      continue;
    }
    term.drifts = (change.low > 0 || change.high < 0) &&
                  std::abs(change.value) * std::sqrt(all.zz(at, at) / all.yy) > seen_drift;
    term.poor =
        reasons(term, state, term.estimate.half_width() * std::sqrt(all.zz(at, at) / all.yy));
  }
  return state;
}

/// The narrowest estimate of each parameter that is not poor, else the model's own number.
std::vector<Suggestion> suggestions(const Experiment& e, const Identification& result) {
  std::vector<Suggestion> suggested;
  for (std::size_t p = 0; p < e.setup.model.size(); ++p) {
    const std::string& key = e.setup.equations.parameters[p];
    Suggestion s{key, e.setup.model[p], "no state moves with it"};
    double width = std::numeric_limits<double>::infinity();
    for (const IdentifiedState& state : result.states) {
      for (const IdentifiedTerm& term : state.terms) {
        if (term.name != key) continue;
        if (!term.refused.empty() || !term.poor.empty()) {
          if (std::isinf(width)) s.kept = term.refused.empty() ? "poorly identified" : term.refused;
        } else if (term.estimate.half_width() < width) {
          width = term.estimate.half_width();
          s = {key, term.estimate.value, ""};
        }
      }
    }
    suggested.push_back(s);
  }
  return suggested;
}

}  // namespace

Identification identify(const Experiment& e, const std::vector<LoggedRollout>& rollouts,
                        const IdentifyOptions& options) {
  if (!e.setup.equations.step) {
    throw Error(Exit::input, "the robot \"" + e.robot + "\" has not given its equations", e.name,
                "set RobotSetup::equations in its config (models/car/car_config.cpp does); its "
                "model must be linear in its parameters");
  }
  if (rollouts.empty()) {
    throw Error(Exit::input, "there are no rollouts", "logs", "name logs that hold some");
  }
  const Residuals r = residuals_of(e, rollouts, options);
  Identification result{};
  result.rollouts = r.rollouts;
  result.samples = r.samples;
  result.clusters = r.clusters;
  result.by_rollout = r.by_rollout;
  result.left_out = r.left_out;
  result.beside = e.setup.equations.beside;
  std::vector<std::size_t> lags;
  for (std::size_t i = 0; i < e.setup.states.size(); ++i) {
    std::optional<Lag> lag;
    if (r.terms[i].has_input) lag = best_lag(r.moments[i], e.common.seed);
    lags.push_back(lag ? lag->best : 0);
    IdentifiedState state = identify_state(e, r, i, lags.back());
    if (lag) {
      const double dt = e.common.rollout.dt_s;
      const auto seconds = [dt](std::size_t steps) { return static_cast<double>(steps) * dt; };
      state.lag_s = Interval{seconds(lag->best), seconds(lag->low), seconds(lag->high)};
      state.lag_at_edge = lag->best + 1 == r.moments[i].size() && lag->best > 0;
    }
    for (const IdentifiedTerm& term : state.terms) {
      if (term.refused.empty() || term.name == "offset") continue;
      result.error_incomplete +=
          (result.error_incomplete.empty() ? "" : "; ") + term.name + ": " + term.refused;
    }
    result.states.push_back(std::move(state));
  }
  result.error = derivative_error(e, r, [&](int leave_out) {
    std::vector<std::vector<double>> errors;
    for (std::size_t i = 0; i < lags.size(); ++i) {
      const Fit f = fit(without(r.moments[i][lags[i]], leave_out));
      errors.emplace_back(f.coefficient.data(), f.coefficient.data() + f.coefficient.size());
      for (std::size_t j = 0; j < errors.back().size(); ++j) {
        if (!result.states[i].terms[j].refused.empty()) errors.back()[j] = none;
      }
    }
    return errors;
  });
  result.suggested = suggestions(e, result);
  return result;
}

}  // namespace phigrad
