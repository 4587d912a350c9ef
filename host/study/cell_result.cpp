#include "host/study/cell_result.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/config/place.hpp"
#include "host/statistics/exact_value.hpp"
#include "host/statistics/line_fit.hpp"
#include "host/study/gradient_statistics.hpp"
#include "host/study/theorem_bounds.hpp"
#include "host/study/update_variance.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr const char* loop_name[] = {"model", "plant"};

/// Below this part of it a bound says nothing about what was measured.
constexpr double vacuous = 1e-3;

/// Growth of one loop of one cell, whole or less one group.
class LoopGrowth {
 public:
  LoopGrowth(const std::vector<GrowthSums>& sums, int first, int groups)
      : groups_(sums.begin() + first, sums.begin() + first + groups) {
    for (const GrowthSums& g : groups_) whole_.merge(g);
  }

  std::vector<double> log_mean(std::optional<int> left_out) const {
    std::vector<double> curve;
    for (std::size_t lag = 0; lag < whole_.mean.size(); ++lag) {
      ExactSum sum = whole_.mean[lag];
      std::int64_t n = whole_.trajectories;
      if (left_out && !part(*left_out).mean.empty()) {
        sum = without(sum, part(*left_out).mean[lag]);
        n -= part(*left_out).trajectories;
      }
      curve.push_back(std::log(static_cast<double>(exact_value(sum)) / static_cast<double>(n)));
    }
    return curve;
  }

  double alpha(std::optional<int> left_out) const {
    const LagRange lags = growth_lags(static_cast<int>(whole_.mean.size()));
    return growth_rate(log_mean(left_out), lags.first, lags.last);
  }

  /// The smallest M with ‖Φ‖ ≤ M rate^L at every lag, as its logarithm.
  double log_M(double rate, std::optional<int> left_out) const {
    double top = 0;
    for (std::size_t lag = 0; lag < whole_.log_max.size(); ++lag) {
      double largest = -std::numeric_limits<double>::infinity();
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        if (left_out && static_cast<std::size_t>(*left_out) == g) continue;
        if (!groups_[g].log_max.empty()) largest = std::max(largest, groups_[g].log_max[lag]);
      }
      top = std::max(top, largest - static_cast<double>(lag + 1) * std::log(rate));
    }
    return top;
  }

  const GrowthSums& whole() const { return whole_; }

 private:
  const GrowthSums& part(int g) const { return groups_[static_cast<std::size_t>(g)]; }

  std::vector<GrowthSums> groups_;
  GrowthSums whole_;
};

/// Where a share of the trajectories has its largest norm, in the middle of a bin.
double quantile(const std::map<std::int32_t, std::int64_t>& bins, double share) {
  std::int64_t all = 0;
  for (const auto& [bin, n] : bins) all += n;
  std::int64_t below = 0;
  for (const auto& [bin, n] : bins) {
    below += n;
    if (static_cast<double>(below) >= share * static_cast<double>(all)) {
      return (bin + 0.5) / GrowthHistogram::bins_per_octave * std::log(2.0);
    }
  }
  return none;
}

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
      const std::string name = loop_name[loop];
      if (growth.whole().trajectories == 0) {
        result_.remarks.push_back("no trajectory's " + name + " loop stays in the numbers");
        continue;
      }
      if (growth.whole().mean.size() < 4) {
        result_.remarks.push_back("no growth over " + std::to_string(growth.whole().mean.size()) +
                                  " steps: alpha needs a slope");
        continue;
      }
      const Estimate alpha = interval_(
          [&](std::optional<int> left_out) { return growth.alpha(left_out); }, Scale::logarithmic);
      put("alpha_" + name, alpha);
      Estimate log_M = interval_([&](std::optional<int> left_out) {
        return growth.log_M(growth.alpha(left_out), left_out);
      });
      put("M_" + name, {std::exp(log_M.value), std::exp(log_M.low), std::exp(log_M.high)});
      if (alpha.low > 1) {
        result_.remarks.push_back("Theorem 1 does not hold: the " + name + "'s loop grows by " +
                                  number_text(alpha.value) + " a step");
      }
      add_curve(loop, growth);
    }
  }

  void add_curve(int loop, const LoopGrowth& growth) {
    const std::vector<double> mean = growth.log_mean(std::nullopt);
    const GrowthHistogram& spread = sums_.spread[loop][static_cast<std::size_t>(position_)];
    for (std::size_t i = 0; i < mean.size(); ++i) {
      result_.growth[loop].push_back({static_cast<int>(i) + 1, mean[i], growth.whole().log_max[i],
                                      quantile(spread.count[i], 0.05),
                                      quantile(spread.count[i], 0.5),
                                      quantile(spread.count[i], 0.95)});
    }
  }

  void add_bounds(const GradientStatistics& model) {
    const LoopGrowth loops[] = {LoopGrowth(sums_.growth[0], first_, study_.groups),
                                LoopGrowth(sums_.growth[1], first_, study_.groups)};
    TheoremConstants c{};
    c.steps = cell_.experiment.common.rollout.segments * cell_.experiment.setup.steps_per_segment;
    for (const LoopGrowth& loop : loops) c.alpha = std::max(c.alpha, loop.alpha(std::nullopt));
    double log_M = 0;
    for (const LoopGrowth& loop : loops) log_M = std::max(log_M, loop.log_M(c.alpha, std::nullopt));
    c.M = std::exp(log_M);
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
      result_.remarks.push_back("the bound on the " + what + " is vacuous: " + number_text(bound) +
                                " for " + number_text(measured) + " measured");
    }
  }

  const Cell& cell_;
  const StudySettings& study_;
  const StudySums& sums_;
  int position_, first_;
  Jackknife interval_;
  CellResult result_;
};

ordered_json number(double v) {
  if (!std::isfinite(v)) return nullptr;
  return v;
}

double number_of(const ordered_json& v) { return v.is_null() ? none : v.get<double>(); }

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
  if (!s.converged) {
    result.remarks.push_back(
        "the direction of the largest curvature was not found: the curvature "
        "is a lower bound");
  }
}

ordered_json row_of(const Cell& cell, const CellResult& result) {
  ordered_json row;
  row["cell"] = cell.index;
  row["keys"] = cell.keys;
  row["seed"] = cell.experiment.common.seed;
  row["trajectories"] = result.trajectories;
  row["used"] = result.used;
  for (const Quantity& q : result.quantities) {
    row["quantities"][q.name] = {{"value", number(q.estimate.value)},
                                 {"low", number(q.estimate.low)},
                                 {"high", number(q.estimate.high)}};
  }
  for (int loop = 0; loop < 2; ++loop) {
    if (result.growth[loop].empty()) continue;
    ordered_json& curve = row["growth"][loop_name[loop]];
    for (const GrowthPoint& p : result.growth[loop]) {
      curve.push_back({p.lag, number(p.log_mean), number(p.log_max), number(p.log_q05),
                       number(p.log_q50), number(p.log_q95)});
    }
  }
  row["remarks"] = result.remarks;
  return row;
}

CellResult result_of(const ordered_json& row) {
  CellResult result;
  result.trajectories = row.at("trajectories").get<std::int64_t>();
  result.used = row.at("used").get<std::int64_t>();
  for (const auto& [name, e] : row.at("quantities").items()) {
    result.quantities.push_back(
        {name, {number_of(e.at("value")), number_of(e.at("low")), number_of(e.at("high"))}});
  }
  for (int loop = 0; loop < 2; ++loop) {
    if (!row.contains("growth") || !row["growth"].contains(loop_name[loop])) continue;
    for (const ordered_json& p : row["growth"][loop_name[loop]]) {
      result.growth[loop].push_back({p.at(0).get<int>(), number_of(p.at(1)), number_of(p.at(2)),
                                     number_of(p.at(3)), number_of(p.at(4)), number_of(p.at(5))});
    }
  }
  result.remarks = row.at("remarks").get<std::vector<std::string>>();
  return result;
}

}  // namespace phigrad
