#include "host/diagnosis/probe.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "host/diagnosis/engines.hpp"
#include "host/diagnosis/thresholds.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/statistics/line_fit.hpp"
#include "host/study/gradient_statistics.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

std::vector<double> sum_of(const std::vector<std::vector<double>>& rows,
                           std::optional<int> left_out) {
  std::vector<double> sum;
  for (std::size_t b = 0; b < rows.size(); ++b) {
    if (left_out && static_cast<std::size_t>(*left_out) == b) continue;
    sum.resize(rows[b].size(), 0.0);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += rows[b][i];
  }
  return sum;
}

}  // namespace

Estimate mean_estimate(const std::vector<double>& values) {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {nothing, nothing, nothing};
  const auto n = static_cast<int>(values.size());
  const auto mean = [&](std::optional<int> left_out) {
    double sum = 0;
    for (int i = 0; i < n; ++i) {
      if (!left_out || *left_out != i) sum += values[static_cast<std::size_t>(i)];
    }
    return sum / (left_out ? n - 1 : n);
  };
  if (n < 2) return {values.front(), nothing, nothing};
  return Jackknife(n, thresholds::confidence)(mean);
}

Probe::Probe(const Experiment& experiment, const std::vector<double>& theta, int rollouts,
             int iteration)
    : e_(experiment), recorded_(false) {
  engine_ = double_engine(e_, simulated_shape(e_, rollouts, 1));
  std::vector<double> all;
  for (int r = 0; r < rollouts; ++r) all.insert(all.end(), theta.begin(), theta.end());
  engine_->set_policies(all);
  simulate_starts(e_, *engine_, iteration);
  windows_ = windows_over(engine_->shape().segments, e_);
  samples_.assign(static_cast<std::size_t>(rollouts), engine_->shape().slots());
}

Probe::Probe(const Experiment& experiment, const std::vector<LoggedRollout>& rollouts)
    : e_(experiment), recorded_(true) {
  const GridSize size = grid_size(rollouts, e_.setup.steps_per_segment);
  BatchShape shape = simulated_shape(e_, static_cast<int>(rollouts.size()), 1);
  shape.segments = size.segments;
  shape.steps_per_segment = size.steps_per_segment;
  shape.ragged = true;
  engine_ = double_engine(e_, shape);
  std::vector<GridTrajectory> grids;
  for (const LoggedRollout& r : rollouts) {
    RolloutOnGrid on_grid = lay_on_grid(r, size, engine_->nz());
    grids.push_back(std::move(on_grid.grid));
    slot_sample_.push_back(std::move(on_grid.slot_sample));
    samples_.push_back(r.samples());
  }
  engine_->load(grids);
  windows_ = windows_over(rollouts, e_);
}

std::optional<Estimate> Probe::alpha(Derivatives of) {
  const int longest = *std::max_element(samples_.begin(), samples_.end());
  if (longest < 4) return std::nullopt;
  engine_->differentiate(of);
  const std::vector<GrowthCurve> curves = engine_->growth(growth_lags(longest).last);
  engine_->differentiate(Derivatives::model);
  std::vector<double> logs;
  for (std::size_t b = 0; b < curves.size(); ++b) {
    const LagRange lags = growth_lags(samples_[b]);
    const double log = std::log(growth_rate(curves[b].log_mean, lags.first, lags.last));
    if (std::isfinite(log)) logs.push_back(log);
  }
  if (logs.empty()) return std::nullopt;
  const Estimate log = mean_estimate(logs);
  return Estimate{std::exp(log.value), std::exp(log.low), std::exp(log.high)};
}

double Probe::radius_at_end(Derivatives of) {
  engine_->differentiate(of);
  const std::vector<Linearisation> linear = engine_->linearise();
  engine_->differentiate(Derivatives::model);
  const Eigen::Index nx = engine_->nx();
  std::vector<double> radii;
  for (const Linearisation& l : linear) {
    const Eigen::Map<const Eigen::MatrixXd> last(l.closed.data() + l.closed.size() - nx * nx, nx,
                                                 nx);  // transposed: the same eigenvalues
    if (last.allFinite()) radii.push_back(last.eigenvalues().cwiseAbs().maxCoeff());
  }
  return mean_estimate(radii).value;
}

Probe::Directions Probe::directions(Derivatives of, Chain chain, int truncate) {
  GradientOptions options;
  options.chain = chain;
  options.truncate = truncate;
  engine_->differentiate(of);
  Gradient gradient;
  if (recorded_) {
    engine_->adjoint(windows_, options, gradient);
  } else {
    engine_->gradient(windows_, options, gradient);
  }
  engine_->differentiate(Derivatives::model);
  Directions d;
  const auto np = static_cast<std::ptrdiff_t>(engine_->parameters());
  for (std::size_t b = 0; b < samples_.size(); ++b) {
    d.rows.emplace_back();
    if (gradient.status[b] >= 0) continue;
    if (recorded_) {
      d.rows.back() = engine_->decision_gradient(static_cast<std::int64_t>(b));
    } else {
      const auto begin = gradient.mean.begin() + static_cast<std::ptrdiff_t>(b) * np;
      d.rows.back().assign(begin, begin + np);
    }
  }
  return d;
}

/// Of the means over simulated rollouts; of rollouts on record, whose decisions are their own, the
/// mean of each one's.
std::optional<Estimate> Probe::cosine(const Directions& a, const Directions& b) const {
  std::vector<std::vector<double>> as, bs;
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    if (a.rows[i].empty() || b.rows[i].empty()) continue;
    as.push_back(a.rows[i]);
    bs.push_back(b.rows[i]);
  }
  if (as.size() < 2) return std::nullopt;
  Estimate estimate{};
  if (recorded_) {
    std::vector<double> each;
    for (std::size_t i = 0; i < as.size(); ++i) {
      const double c = cosine_of(as[i], bs[i]);
      if (std::isfinite(c)) each.push_back(c);
    }
    estimate = mean_estimate(each);
  } else {
    estimate = Jackknife(static_cast<int>(as.size()),
                         thresholds::confidence)([&](std::optional<int> left_out) {
      return cosine_of(sum_of(as, left_out), sum_of(bs, left_out));
    });
  }
  if (!std::isfinite(estimate.value)) return std::nullopt;
  estimate.low = std::max(estimate.low, -1.0);
  estimate.high = std::min(estimate.high, 1.0);
  return estimate;
}

std::vector<double> Probe::gradient() {
  const GradientSettings& g = e_.common.gradient;
  std::vector<std::vector<double>> held;
  for (std::vector<double>& row : directions(Derivatives::model, g.chain, g.truncate_steps).rows) {
    if (!row.empty()) held.push_back(std::move(row));
  }
  std::vector<double> mean = sum_of(held, std::nullopt);
  for (double& v : mean) v /= static_cast<double>(held.size());
  return mean;
}

void Probe::measure(Evidence& out) {
  out.rollouts = static_cast<int>(samples_.size());
  out.steps = *std::max_element(samples_.begin(), samples_.end());
  const GradientSettings& g = e_.common.gradient;
  out.reach = g.chain == Chain::segment
                  ? engine_->shape().steps_per_segment
                  : (g.chain == Chain::window
                         ? std::min(windows_.length * engine_->shape().steps_per_segment, out.steps)
                         : out.steps);
  if (g.truncate_steps > 0) out.reach = std::min(out.reach, g.truncate_steps);
  const Directions ours = directions(Derivatives::model, g.chain, g.truncate_steps);
  double squares = 0;
  int held = 0;
  for (const std::vector<double>& row : ours.rows) {
    if (row.empty()) continue;
    squares += norm_of(row);
    ++held;
  }
  out.left_the_numbers = out.rollouts - held;
  out.gradient_is_zero = held > 0 && squares == 0;
  out.alpha_model = alpha(Derivatives::model);
  out.saturated_inputs = saturated_inputs();
  // On record the plant is known only if the config tells it from the model.
  if (recorded_ && e_.setup.plant == e_.setup.model) {
    out.unknown.emplace_back(
        "growth of the real loop and bias: the config's plant is its model; measure it with "
        "phigrad identify, and set plant.… to what that finds");
    return;
  }
  try {
    out.alpha_plant = alpha(Derivatives::plant);
    const Directions whole = directions(Derivatives::plant, Chain::rollout, 0);
    const Directions same = directions(Derivatives::plant, g.chain, g.truncate_steps);
    out.cosine = cosine(ours, whole);
    out.cosine_of_model = cosine(ours, same);
    out.cosine_of_chain = cosine(same, whole);
    if (!out.cosine) out.unknown.emplace_back("bias: fewer than two gradients hold");
  } catch (const Error& error) {
    out.unknown.push_back(std::string("growth of the real loop and bias: ") + error.what());
  }
}

std::vector<NamedNumber> Probe::saturated_inputs() {
  const std::vector<Linearisation> linear = engine_->linearise();
  const auto nu = static_cast<std::size_t>(engine_->nu());
  const auto nx = static_cast<std::size_t>(engine_->nx());
  const double infinite = std::numeric_limits<double>::infinity();
  std::vector<double> low(nu, infinite), high(nu, -infinite), at_limit(nu, 0.0);
  std::vector<Trajectory> all;
  const auto slots = static_cast<std::size_t>(engine_->shape().slots());
  const auto holds = [&](std::size_t b, std::size_t slot) {
    return slot_sample_.empty() || slot_sample_[b][slot] >= 0;
  };
  for (std::size_t b = 0; b < samples_.size(); ++b) {
    all.push_back(engine_->trajectory(static_cast<std::int64_t>(b)));
    for (std::size_t slot = 0; slot < slots; ++slot) {
      for (std::size_t i = 0; i < nu; ++i) {
        const double u = all[b].inputs[slot * nu + i];
        if (!holds(b, slot) || !std::isfinite(u)) continue;
        low[i] = std::min(low[i], u);
        high[i] = std::max(high[i], u);
      }
    }
  }
  double total = 0;
  bool feedback = false;
  for (std::size_t b = 0; b < all.size(); ++b) {
    for (std::size_t slot = 0; slot < slots; ++slot) {
      if (!holds(b, slot)) continue;
      ++total;
      for (std::size_t i = 0; i < nu; ++i) {
        const double u = all[b].inputs[slot * nu + i];
        const double margin = 1e-9 * (high[i] - low[i]);
        bool feels = false;
        for (std::size_t c = 0; c < nx; ++c) {
          feels = feels || linear[b].J_u_x[(slot * nu + i) * nx + c] != 0;
        }
        feedback = feedback || feels;
        if (!feels && (u <= low[i] + margin || u >= high[i] - margin)) ++at_limit[i];
      }
    }
  }
  std::vector<NamedNumber> shares;
  for (std::size_t i = 0; i < nu && feedback; ++i) {
    shares.push_back({e_.setup.inputs[i], at_limit[i] / total});
  }
  return shares;
}

}  // namespace phigrad
