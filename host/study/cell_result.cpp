#include "host/study/cell_result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/statistics/exact_value.hpp"
#include "host/statistics/line_fit.hpp"
#include "host/statistics/rounded.hpp"
#include "host/study/gradient_statistics.hpp"
#include "host/study/loop_growth.hpp"
#include "host/study/theorem_bounds.hpp"
#include "host/study/update_variance.hpp"

namespace phigrad {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Below this part of it a bound says nothing about what was measured.
constexpr double vacuous = 1e-3;

class ResultOfCell {
 public:
  ResultOfCell(const Cell& cell, const StudySettings& study, const StudySums& sums, int position)
      : cell_(cell),
        study_(study),
        sums_(sums),
        position_(position),
        first_(position * study.groups),
        interval_(study.groups, study.confidence) {}

  CellResult make() {
    result_.trajectories = sums_.trajectories * study_.groups;
    add_cost();
    const GradientStatistics model(sums_.model, first_, study_.groups);
    result_.used = model.used();
    if (result_.used < result_.trajectories) {
      result_.remarks.push_back(std::to_string(result_.trajectories - result_.used) +
                                " trajectories left the numbers and are in no mean");
    }
    if (model.used() < 2) {
      result_.remarks.push_back("fewer than two gradients hold: nothing can be said of them");
      return std::move(result_);
    }
    add_gradient("", model);
    add_update();
    if (study_.likelihood_ratio) {
      add_gradient("likelihood_ratio_", GradientStatistics(sums_.ratio, first_, study_.groups));
    }
    if (study_.growth || study_.bounds) add_growth();
    if (study_.bias || study_.bounds) add_bias(model);
    if (study_.bounds) add_bounds(model);
    return std::move(result_);
  }

 private:
  void put(const std::string& name, const Estimate& estimate) {
    result_.quantities.push_back({name, estimate});
  }
  /// A number without an interval: a supremum or what follows from some.
  void put(const std::string& name, double value) { put(name, Estimate{value, none, none}); }

  void add_cost() {
    put("cost", interval_([this](std::optional<int> left_out) {
          GradientSum sum{};
          std::int64_t n = 0;
          for (int g = 0; g < study_.groups; ++g) {
            if (left_out && *left_out == g) continue;
            merge(sum.sum, sums_.cost[static_cast<std::size_t>(first_ + g)].sum);
            n += sums_.costs[static_cast<std::size_t>(first_ + g)];
          }
          return n > 0 ? moments(sum, n).mean : none;
        }));
  }

  void add_gradient(const std::string& prefix, const GradientStatistics& g) {
    put(prefix + "gradient_norm",
        interval_([&](std::optional<int> left_out) { return norm_of(g.mean(left_out)); }));
    put(prefix + "variance",
        interval_([&](std::optional<int> left_out) { return g.variance(left_out); },
                  Scale::logarithmic));
    put(prefix + "signal_to_noise", interval_([&](std::optional<int> left_out) {
          return norm_of(g.mean(left_out)) / std::sqrt(g.variance(left_out));
        }));
  }

  void add_update() {
    const auto variance =
        update_variance(sums_.model, first_, study_.groups, sums_.trajectories,
                        cell_.experiment.common.rollout.per_update, study_.confidence);
    if (variance) put("update_variance", *variance);
  }

  /// ‖E ĝ − g‖, less what chance alone makes of a norm; and where ĝ points.
  void add_bias(const GradientStatistics& model) {
    const GradientStatistics truth(sums_.plant, first_, study_.groups);
    if (truth.used() < 2) {
      result_.remarks.push_back("the plant's own gradient leaves the numbers: no bias");
      return;
    }
    const auto bias = [&](std::optional<int> left_out) {
      return difference(model.mean(left_out), truth.mean(left_out));
    };
    // Each group's deviation from the whole is (groups − 1) times that of the whole without it.
    double chance = 0;
    const std::vector<double> whole = bias(std::nullopt);
    for (int g = 0; g < study_.groups; ++g) {
      const double off = norm_of(difference(bias(g), whole));
      chance += off * off * (study_.groups - 1) / study_.groups;
    }
    Estimate squared = interval_([&](std::optional<int> left_out) {
      const double norm = norm_of(bias(left_out));
      return norm * norm - chance;
    });
    const auto root = [](double v) { return std::sqrt(std::max(v, 0.0)); };
    put("bias", {root(squared.value), root(squared.low), root(squared.high)});
    put("truth_norm",
        interval_([&](std::optional<int> left_out) { return norm_of(truth.mean(left_out)); }));
    put("cosine_to_truth", interval_([&](std::optional<int> left_out) {
          return cosine_of(model.mean(left_out), truth.mean(left_out));
        }));
  }

  void add_growth() {
    for (int loop = 0; loop < 2; ++loop) {
      const LoopGrowth growth(sums_.growth[loop], first_, study_.groups);
      const std::string name = loop_names[loop];
      if (growth.whole().trajectories == 0) {
        result_.remarks.push_back("no trajectory's " + name + " loop stays in the numbers");
        continue;
      }
      if (growth.whole().mean.size() < 4) {
        result_.remarks.push_back("no alpha of the " + name +
                                  "'s loop: rollouts of fewer than four steps have no slope");
        continue;
      }
      const Estimate alpha = interval_(
          [&](std::optional<int> left_out) { return growth.alpha(left_out); }, Scale::logarithmic);
      put("alpha_" + name, alpha);
      Estimate log_factor = interval_([&](std::optional<int> left_out) {
        return growth.log_factor(growth.alpha(left_out), left_out);
      });
      put("M_" + name,
          {std::exp(log_factor.value), std::exp(log_factor.low), std::exp(log_factor.high)});
      if (alpha.low > 1) {
        result_.remarks.push_back("Theorem 1 does not hold: the " + name + "'s loop grows by " +
                                  rounded(alpha.value) + " a step");
      }
      add_curve(loop, growth);
    }
  }

  void add_curve(int loop, const LoopGrowth& growth) {
    const std::vector<double> mean = growth.log_mean(std::nullopt);
    const GrowthHistogram& spread = sums_.spread[loop][static_cast<std::size_t>(position_)];
    for (std::size_t i = 0; i < mean.size(); ++i) {
      result_.growth[loop].push_back({static_cast<int>(i) + 1, mean[i], growth.whole().log_max[i],
                                      log_quantile(spread.count[i], 0.05),
                                      log_quantile(spread.count[i], 0.5),
                                      log_quantile(spread.count[i], 0.95)});
    }
  }

  void add_bounds(const GradientStatistics& model) {
    const LoopGrowth loops[] = {LoopGrowth(sums_.growth[0], first_, study_.groups),
                                LoopGrowth(sums_.growth[1], first_, study_.groups)};
    TheoremConstants c{};
    c.steps = cell_.experiment.common.rollout.segments * cell_.experiment.setup.steps_per_segment;
    for (const LoopGrowth& loop : loops) c.alpha = std::max(c.alpha, loop.alpha(std::nullopt));
    double log_factor = 0;
    for (const LoopGrowth& loop : loops)
      log_factor = std::max(log_factor, loop.log_factor(c.alpha, std::nullopt));
    c.M = std::exp(log_factor);
    const auto& sup = sums_.suprema[static_cast<std::size_t>(position_)];
    c.cost_x = sup[sup_cost_x];
    c.cost_u = sup[sup_cost_u];
    c.input = sup[sup_input];
    c.parameter = sup[sup_parameter];
    c.feedback = sup[sup_feedback];
    c.error_x = sup[sup_error_x];
    c.error_u = sup[sup_error_u];
    const TheoremBounds b = theorem_bounds(c);
    put("alpha", c.alpha);
    put("M", c.M);
    put("delta_x", c.error_x);
    put("delta_u", c.error_u);
    put("lipschitz_cost", c.cost_x);
    put("lipschitz_input", c.input);
    put("lipschitz_policy", c.parameter);
    put("lipschitz_feedback", c.feedback);
    put("S1", b.S1);
    put("S2", b.S2);
    put("variance_bound", b.variance);
    put("bias_bound", b.bias);
    compare("variance", model.variance(), b.variance);
    if (const Estimate* bias = result_.find("bias")) compare("bias", bias->value, b.bias);
    if (cell_.experiment.common.gradient.chain != Chain::rollout) {
      result_.remarks.push_back(
          "the bounds are of chain \"rollout\" without truncation: this "
          "cell's truncated gradient has a further bias");
    }
  }

  void compare(const std::string& what, double measured, double bound) {
    if (bound == 0) return;
    put(what + "_over_bound", measured / bound);
    if (measured / bound < vacuous || !std::isfinite(bound)) {
      result_.remarks.push_back("the bound on the " + what + " is vacuous: " + rounded(bound) +
                                " for " + rounded(measured) + " measured");
    }
  }

  const Cell& cell_;
  const StudySettings& study_;
  const StudySums& sums_;
  int position_, first_;
  Jackknife interval_;
  CellResult result_;
};

}  // namespace

const Estimate* CellResult::find(const std::string& name) const {
  for (const Quantity& q : quantities) {
    if (q.name == name) return &q.estimate;
  }
  return nullptr;
}

CellResult cell_result(const Cell& cell, const StudySettings& study, const StudySums& sums,
                       int position) {
  return ResultOfCell(cell, study, sums, position).make();
}

void add_smoothness(const Smoothness& s, CellResult& result) {
  result.quantities.push_back({"gradient_lipschitz", {s.lipschitz, none, none}});
  result.quantities.push_back({"curvature", s.curvature});
  result.quantities.push_back({"step_predicted", {s.predicted_step, none, none}});
  result.quantities.push_back({"step_observed", s.observed_step});
  const auto remark = [&result](const char* text) { result.remarks.emplace_back(text); };
  if (!s.converged) {
    remark("the direction of the largest curvature was not found: the curvature is a lower bound");
  }
  if (std::isnan(s.lipschitz)) {
    remark("rollouts leave the numbers within study.smoothness_radius: no Lipschitz constant");
  }
  if (std::isnan(s.predicted_step)) {
    remark("the curvature is not positive: no stable step is predicted, and none was looked for");
  } else if (std::isnan(s.observed_step.value)) {
    remark("no stable step within a factor of 32 of the predicted one");
  } else if (std::isnan(s.observed_step.high)) {
    remark("every step up to 32 times the predicted one is stable: step_observed is a lower bound");
  }
}

}  // namespace phigrad
