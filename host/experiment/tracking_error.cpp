#include "host/experiment/tracking_error.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "host/rollouts/rollout_grid.hpp"
#include "kernels/policy/lap_table.hpp"

namespace phigrad {
namespace {

constexpr std::size_t columns = 4;  // x, y, vx, vy

std::array<double, columns> planar(const double* state) {
  return {state[0], state[1], state[2] * std::cos(state[3]), state[2] * std::sin(state[3])};
}

/// Errors of one policy by the entries of its table, each sample's shared among its neighbours.
class ErrorTable {
 public:
  explicit ErrorTable(std::size_t entries) : weight_(entries), sum_(entries) {}

  void add(double t, double lap, const std::array<double, columns>& error) {
    const auto entries = static_cast<int>(weight_.size());
    const double place = lap_place(t, lap, entries);
    for (int i = 0; i < entries; ++i) {
      const double weight = lap_weight(i, place, entries);
      weight_[static_cast<std::size_t>(i)] += weight;
      for (std::size_t c = 0; c < columns; ++c) {
        sum_[static_cast<std::size_t>(i)][c] += weight * error[c];
      }
    }
  }
  /// 0 where there was no sample.
  double mean(std::size_t entry, std::size_t column) const {
    return weight_[entry] > 0 ? sum_[entry][column] / weight_[entry] : 0;
  }

 private:
  std::vector<double> weight_;
  std::vector<std::array<double, columns>> sum_;
};

void add_errors(const Experiment& e, const LoggedRollout& r, ErrorTable& table) {
  const SampleRange covered = samples_in_windows(r, e);
  for (int sample = covered.first; sample < covered.last; ++sample) {
    const auto k = static_cast<std::size_t>(sample);
    const double t = r.sample_time[k];
    const std::array<double, columns> wanted = planar(e.setup.on_task(t).data());
    const std::array<double, columns> driven =
        planar(r.states.data() + k * static_cast<std::size_t>(r.nx));
    std::array<double, columns> error;
    for (std::size_t c = 0; c < columns; ++c) error[c] = wanted[c] - driven[c];
    table.add(t - e.common.gradient.lead_s, e.setup.lap_s, error);
  }
}

}  // namespace

void tracking_error(const Cohort& cohort, const Engine& engine, const RolloutSource& source,
                    Gradient& gradient) {
  const auto parameters = static_cast<std::size_t>(engine.parameters());
  const std::size_t entries = parameters / columns;
  const std::int64_t rollouts = engine.shape().trajectories() / cohort.policies();
  gradient.mean.assign(static_cast<std::size_t>(cohort.policies()) * parameters, 0.0);
  gradient.used.assign(static_cast<std::size_t>(cohort.policies()), 0);
  gradient.status.assign(static_cast<std::size_t>(engine.shape().trajectories()), -1);
  for (int p = 0; p < cohort.policies(); ++p) {
    const auto at = static_cast<std::size_t>(p);
    ErrorTable table(entries);
    for (std::int64_t b = p * rollouts; b < (p + 1) * rollouts; ++b) {
      const LoggedRollout r = source.logged(engine, b);
      if (!std::all_of(r.states.begin(), r.states.end(), [](double v) { return std::isfinite(v); }))
        continue;
      add_errors(cohort.of(p), r, table);
      ++gradient.used[at];
    }
    const std::vector<double>& scales = cohort.of(p).setup.lap_table_scales;
    for (std::size_t i = 0; i < entries; ++i) {
      for (std::size_t c = 0; c < columns; ++c) {
        const double scale = scales[c];
        gradient.mean[at * parameters + i * columns + c] =
            scale > 0 ? -table.mean(i, c) / scale : 0.0;
      }
    }
  }
}

}  // namespace phigrad
