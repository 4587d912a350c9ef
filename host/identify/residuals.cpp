#include "host/identify/residuals.hpp"

#include <algorithm>
#include <cmath>

#include "host/rollouts/rollout_grid.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr int least_clusters = 5;    // that a variance between them is taken of
constexpr int wanted_clusters = 15;  // that fewer rollouts are cut into
constexpr int samples_a_term = 10;   // that do not overlap
constexpr int most_points = 400;

bool finite_row(const std::vector<double>& table, int columns, int row) {
  const auto begin = table.begin() + std::ptrdiff_t{row} * columns;
  return std::all_of(begin, begin + columns, [](double v) { return std::isfinite(v); });
}

/// The steps of one rollout whose residuals exist at every lag.
class Steps {
 public:
  Steps(const LoggedRollout& r, const Experiment& e, int max_lag, const IdentifyOptions& options)
      : r_(r) {
    const SampleRange reach =
        options.all_samples ? SampleRange{0, r.samples()} : samples_in_windows(r, e);
    // The state behind the last sample is not always a measured one.
    for (int k = reach.first; k + 1 < reach.last; ++k) {
      if (k < max_lag) continue;
      const double nominal = e.common.rollout.dt_s;
      const bool in_time = std::abs(dt(k) - nominal) < 0.5 * nominal;
      const bool finite = in_time && all_finite(k, max_lag);
      run_ = finite ? run_ + 1 : 0;
      late += in_time ? 0 : 1;
      not_finite += in_time && !finite ? 1 : 0;
      if (run_ >= options.horizon) windows.push_back(k - options.horizon + 1);
    }
  }

  double dt(int k) const {
    const auto at = static_cast<std::size_t>(k);
    return r_.sample_time[at + 1] - r_.sample_time[at];
  }

  std::vector<int> windows;  // first steps of `horizon` consecutive ones
  int late = 0;              // steps that are not dt_s long
  int not_finite = 0;        // steps

 private:
  bool all_finite(int k, int max_lag) const {
    if (!finite_row(r_.states, r_.nx, k) || !finite_row(r_.states, r_.nx, k + 1)) return false;
    for (int j = k - max_lag; j <= k; ++j) {
      if (!finite_row(r_.inputs, r_.nu, j)) return false;
    }
    return true;
  }

  const LoggedRollout& r_;
  int run_ = 0;
};

/// Residuals and terms of each step of a rollout at one lag, as sums from its first step on.
class RunningSums {
 public:
  /// Numbers a step: residuals [nx], zero-input residuals [nx], increments [nx], ∂F̂/∂p [nx, np],
  /// dt.
  RunningSums(const Experiment& e, const LoggedRollout& r, const Steps& steps, int lag, int horizon)
      : nx_(r.nx), np_(static_cast<int>(e.setup.model.size())), columns_((3 + np_) * nx_ + 1) {
    const int last = steps.windows.back() + horizon;
    first_ = steps.windows.front();
    sums_.assign(static_cast<std::size_t>((last - first_ + 1) * columns_), 0.0);
    const std::vector<double> no_input(static_cast<std::size_t>(r.nu), 0.0);
    ModelStep at, without;
    std::vector<double> row(static_cast<std::size_t>(columns_));
    std::size_t next_window = 0;
    int covered = first_;  // steps before it are in a window
    for (int k = first_; k < last; ++k) {
      while (next_window < steps.windows.size() && steps.windows[next_window] <= k) {
        covered = steps.windows[next_window++] + horizon;
      }
      std::fill(row.begin(), row.end(), 0.0);
      if (k < covered) {
        const double* x = r.states.data() + std::ptrdiff_t{k} * nx_;
        const double* u = r.inputs.data() + std::ptrdiff_t{k - lag} * r.nu;
        const double dt = steps.dt(k);
        e.setup.equations.step(x, u, e.setup.model.data(), dt, at);
        e.setup.equations.step(x, no_input.data(), e.setup.model.data(), dt, without);
        for (int i = 0; i < nx_; ++i) {
          const auto s = static_cast<std::size_t>(i);
          const bool angle = contains(e.setup.equations.angles, i);
          row[s] = difference(x[nx_ + i], at.next[s], angle);
          row[s + static_cast<std::size_t>(nx_)] = difference(x[nx_ + i], without.next[s], angle);
          row[s + static_cast<std::size_t>(2 * nx_)] = at.next[s] - x[i];
        }
        std::copy(at.J_next_p.begin(), at.J_next_p.end(), row.begin() + std::ptrdiff_t{3} * nx_);
        row.back() = dt;
      }
      const auto from = static_cast<std::size_t>((k - first_) * columns_);
      const auto to = from + static_cast<std::size_t>(columns_);
      for (std::size_t c = 0; c < row.size(); ++c) sums_[to + c] = sums_[from + c] + row[c];
    }
  }

  /// Adds the mean over a window of state i to its moments.
  void add_to(RegressionSums& m, const StateTerms& terms, int i, int window, int horizon) const {
    Eigen::VectorXd z(terms.count());
    Eigen::Index j = 0;
    for (const int p : terms.parameters) z[j++] = mean(3 * nx_ + i * np_ + p, window, horizon);
    if (terms.own_motion) z[j++] = mean(2 * nx_ + i, window, horizon);
    if (terms.offset) z[j++] = mean(columns_ - 1, window, horizon);
    // What the input does, or where a state is of the model's own motion, all that it does.
    const double residual = mean(i, window, horizon);
    const double moved = terms.own_motion ? residual + z[0] : mean(nx_ + i, window, horizon);
    m.add(z, residual, moved);
  }

 private:
  static bool contains(const std::vector<int>& list, int i) {
    return std::find(list.begin(), list.end(), i) != list.end();
  }
  static double difference(double a, double b, bool angle) {
    return angle ? std::remainder(a - b, 2 * pi) : a - b;
  }
  double mean(int column, int window, int horizon) const {
    const auto from = static_cast<std::size_t>((window - first_) * columns_ + column);
    const auto to = from + static_cast<std::size_t>(horizon * columns_);
    return (sums_[to] - sums_[from]) / horizon;
  }

  int nx_, np_, columns_;
  int first_ = 0;
  std::vector<double> sums_;
};

/// Which terms move which state, from the model's derivatives at the points.
std::vector<StateTerms> terms_of(const Experiment& e, const std::vector<SamplePoint>& points) {
  const ModelEquations& equations = e.setup.equations;
  const std::size_t nx = e.setup.states.size(), nu = e.setup.inputs.size();
  const std::size_t np = e.setup.model.size();
  std::vector<StateTerms> terms(nx);
  const auto moved = [](const std::vector<double>& J, std::size_t begin, std::size_t n) {
    const auto first = J.begin() + static_cast<std::ptrdiff_t>(begin);
    return std::any_of(first, first + static_cast<std::ptrdiff_t>(n),
                       [](double v) { return v != 0; });
  };
  ModelStep at;
  // Parameters that differ from one another and from 0: the model's own may hide an input.
  std::vector<double> generic;
  for (std::size_t p = 0; p < np; ++p) generic.push_back(1.0 + 0.1 * static_cast<double>(p));
  for (std::size_t i = 0; i < nx; ++i) {
    std::vector<bool> active(np, false);
    for (const SamplePoint& s : points) {
      equations.step(s.x.data(), s.u.data(), generic.data(), e.common.rollout.dt_s, at);
      terms[i].has_input = terms[i].has_input || moved(at.J_next_u, i * nu, nu);
      for (std::size_t p = 0; p < np; ++p) {
        active[p] = active[p] || at.J_next_p[i * np + p] != 0;
      }
    }
    for (std::size_t p = 0; p < np; ++p) {
      if (active[p]) terms[i].parameters.push_back(static_cast<int>(p));
    }
    terms[i].own_motion = terms[i].parameters.empty();
  }
  for (const int i : equations.offset_states) terms[static_cast<std::size_t>(i)].offset = true;
  return terms;
}

/// Cluster of every window: a rollout, or where there are too few a stretch of one.
std::vector<std::vector<int>> clusters_of(const std::vector<Steps>& steps, int horizon,
                                          Residuals& out) {
  out.by_rollout = out.rollouts >= least_clusters;
  const int stretch = std::max(out.samples / wanted_clusters, 4 * horizon);
  std::vector<std::vector<int>> clusters;
  for (const Steps& s : steps) {
    const auto n = static_cast<int>(s.windows.size());
    const int parts = out.by_rollout ? 1 : std::max(n / stretch, 1);
    std::vector<int> of;
    of.reserve(s.windows.size());
    for (int w = 0; w < n; ++w) {
      of.push_back(out.clusters + static_cast<int>(std::int64_t{w} * parts / n));
    }
    if (n > 0) out.clusters += parts;
    clusters.push_back(std::move(of));
  }
  return clusters;
}

void require_enough(const Residuals& out, int horizon, const std::string& place) {
  int terms = 1;
  for (const StateTerms& t : out.terms) terms = std::max(terms, t.count());
  const int needed = samples_a_term * terms * horizon;
  if (out.samples >= needed && out.clusters >= least_clusters) return;
  std::string why = std::to_string(out.samples) + " usable samples, " + std::to_string(needed) +
                    " are needed at a horizon of " + std::to_string(horizon);
  if (out.samples >= needed) {
    why = std::to_string(out.samples) + " usable samples make " + std::to_string(out.clusters) +
          " stretches, and intervals need " + std::to_string(least_clusters);
  }
  if (!out.left_out.empty()) why += " (left out: " + out.left_out.front() + ")";
  throw Error(Exit::input, why, place,
              "give the config of the robot that was logged, more rollouts, --all-samples, or a "
              "smaller --max-lag or --horizon");
}

}  // namespace

Residuals residuals_of(const Experiment& e, const std::vector<LoggedRollout>& rollouts,
                       const IdentifyOptions& options) {
  const int max_lag = static_cast<int>(std::lround(options.max_lag_s / e.common.rollout.dt_s));
  Residuals out;
  std::vector<const LoggedRollout*> sound;
  for (const LoggedRollout& r : rollouts) {
    if (r.quarantined.empty()) {
      sound.push_back(&r);
    } else {
      out.left_out.push_back(r.place() + ": quarantined: " + r.quarantined.front());
    }
  }
  std::vector<Steps> steps;
  for (const LoggedRollout* r : sound) {
    steps.emplace_back(*r, e, max_lag, options);
    const Steps& s = steps.back();
    if (s.late > 0) {
      out.left_out.push_back(r->place() + ": " + std::to_string(s.late) +
                             " steps that do not take rollout.dt_s");
    }
    if (s.not_finite > 0) {
      out.left_out.push_back(r->place() + ": " + std::to_string(s.not_finite) +
                             " steps beside numbers that are not finite");
    }
    if (s.windows.empty()) out.left_out.push_back(r->place() + ": no usable sample");
    if (!s.windows.empty()) ++out.rollouts;
    out.samples += static_cast<int>(s.windows.size());
  }
  const std::vector<std::vector<int>> clusters = clusters_of(steps, options.horizon, out);
  const int stride = std::max(out.samples / most_points, 1);
  int seen = 0;
  for (std::size_t n = 0; n < sound.size(); ++n) {
    const LoggedRollout& r = *sound[n];
    for (std::size_t w = 0; w < steps[n].windows.size(); ++w) {
      if (seen++ % stride != 0) continue;
      const int k = steps[n].windows[w];
      const auto x = r.states.begin() + std::ptrdiff_t{k} * r.nx;
      const auto u = r.inputs.begin() + std::ptrdiff_t{k} * r.nu;
      out.points.push_back({{x, x + r.nx}, {u, u + r.nu}, clusters[n][w]});
    }
  }
  out.terms = terms_of(e, out.points);
  require_enough(out, options.horizon, rollouts.front().log);

  for (const StateTerms& t : out.terms) {
    out.moments.emplace_back(static_cast<std::size_t>(max_lag + 1),
                             std::vector<RegressionSums>(static_cast<std::size_t>(out.clusters),
                                                         RegressionSums(t.count())));
  }
  for (std::size_t n = 0; n < sound.size(); ++n) {
    if (steps[n].windows.empty()) continue;
    for (int lag = 0; lag <= max_lag; ++lag) {
      const RunningSums sums(e, *sound[n], steps[n], lag, options.horizon);
      for (std::size_t w = 0; w < steps[n].windows.size(); ++w) {
        const auto cluster = static_cast<std::size_t>(clusters[n][w]);
        for (std::size_t i = 0; i < out.terms.size(); ++i) {
          sums.add_to(out.moments[i][static_cast<std::size_t>(lag)][cluster], out.terms[i],
                      static_cast<int>(i), steps[n].windows[w], options.horizon);
        }
      }
    }
  }
  return out;
}

}  // namespace phigrad
