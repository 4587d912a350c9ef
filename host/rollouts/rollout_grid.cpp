#include "host/rollouts/rollout_grid.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

/// First sample of segment j; one past the last sample for j = number of segments.
int begin_of(const LoggedRollout& r, int j) {
  const auto at = static_cast<std::size_t>(j);
  return at < r.segment_begin.size() ? r.segment_begin[at] : r.samples();
}

/// Row `at` of a table with `columns`.
struct RowOf {
  const double* begin;
  const double* end;

  RowOf(const std::vector<double>& table, int columns, int at)
      : begin(table.data() + std::ptrdiff_t{at} * columns), end(begin + columns) {}
  bool finite() const {
    return std::all_of(begin, end, [](double v) { return std::isfinite(v); });
  }
};

void append(std::vector<double>& to, const RowOf& row) { to.insert(to.end(), row.begin, row.end); }

/// Segments that own samples.
int own_segments(const LoggedRollout& r) {
  return static_cast<int>(std::min(r.segment_begin.size(), r.segment_time.size()));
}

void require_order(const LoggedRollout& r) {
  for (int j = 0; j < own_segments(r); ++j) {
    const int begin = begin_of(r, j);
    if (begin >= 0 && begin <= r.samples() && (j == 0 || begin >= begin_of(r, j - 1))) continue;
    throw Error(Exit::input,
                "segment " + std::to_string(j) + " starts at sample " + std::to_string(begin) +
                    " of " + std::to_string(r.samples()) + ", which cannot follow its predecessor",
                r.place(), "record where segments start in increasing order");
  }
}

/// Segments from `first` to before `beyond`, appended to `out`.
void lay(const LoggedRollout& r, const GridSize& size, int first, int beyond, RolloutOnGrid& out) {
  const int steps = size.steps_per_segment;
  const int own = own_segments(r);
  const int last_sample = r.samples() - 1;
  constexpr int n_setpoint = 6;
  GridTrajectory& g = out.grid;
  append(g.decisions, {r.decisions, r.nz, std::min(first, own)});
  for (int j = first; j < beyond; ++j) {
    // Segments beyond the rollout's own repeat its last one with no samples.
    const int source = std::min(j, own - 1);
    const double decided = r.segment_time[static_cast<std::size_t>(source)];
    const RowOf decision(r.decisions, r.nz, source + 1);
    const int begin = begin_of(r, source);
    const int end = source + 1 < own ? begin_of(r, source + 1) : r.samples();
    const int count = j < own ? end - begin : 0;
    g.segment_time.push_back(decided);
    g.count.push_back(count);
    append(g.decided_at, {r.decided_at, r.nx, source});
    append(g.decisions, decision);
    for (int k = 0; k < steps; ++k) {
      const int sample =
          std::clamp(begin + std::min(k, std::max(end - begin, 1) - 1), 0, last_sample);
      const double time = r.sample_time[static_cast<std::size_t>(sample)];
      const RowOf state(r.states, r.nx, sample), input(r.inputs, r.nu, sample);
      append(g.states, state);
      append(g.inputs, input);
      if (r.setpoints.empty()) {
        g.setpoints.resize(g.setpoints.size() + n_setpoint, 0.0);
      } else {
        append(g.setpoints, {r.setpoints, n_setpoint, sample});
      }
      g.since_refresh.push_back(time - decided);
      out.slot_sample.push_back(k < count ? sample : -1);
      const bool finite = state.finite() && input.finite() && std::isfinite(time);
      if (!finite && k < count && g.status < 0) g.status = j * steps + k;
    }
    const bool sound = decision.finite() && std::isfinite(decided);
    if (!sound && count > 0 && g.status < 0) g.status = j * steps;
  }
  if (beyond == size.segments) append(g.states, {r.states, r.nx, last_sample + 1});
}

Windows windows_up_to(const std::vector<int>& ends, const Experiment& experiment,
                      const std::string& place) {
  const GradientSettings& g = experiment.common.gradient;
  const int shortest = *std::min_element(ends.begin(), ends.end());
  Windows windows;
  windows.drop = g.drop_segments;
  windows.length = g.window_segments > 0 ? g.window_segments : shortest - g.drop_segments;
  windows.end.assign(ends.begin(), ends.end());
  if (windows.length < 1 || windows.drop + windows.length > shortest) {
    throw Error(Exit::input,
                "a rollout of " + std::to_string(shortest) +
                    " usable segments holds no window of " + std::to_string(windows.length) +
                    " after " + std::to_string(windows.drop) + " dropped",
                place, "lower gradient.drop_segments or gradient.window_segments (--set)");
  }
  return windows;
}

}  // namespace

GridSize grid_size(const std::vector<LoggedRollout>& rollouts, int least_steps) {
  GridSize size{1, least_steps};
  for (const LoggedRollout& r : rollouts) {
    require_order(r);
    const int own = own_segments(r);
    size.segments = std::max(size.segments, own);
    for (int j = 0; j < own; ++j) {
      size.steps_per_segment =
          std::max(size.steps_per_segment, begin_of(r, j + 1) - begin_of(r, j));
    }
  }
  return size;
}

Windows windows_over(const std::vector<LoggedRollout>& rollouts, const Experiment& experiment) {
  std::vector<int> ends;
  ends.reserve(rollouts.size());
  for (const LoggedRollout& r : rollouts) {
    ends.push_back(std::min(experiment.window_end(r.segments()), own_segments(r)));
  }
  return windows_up_to(ends, experiment, rollouts.front().log);
}

SampleRange samples_in_windows(const LoggedRollout& r, const Experiment& e) {
  const int first = std::clamp(begin_of(r, e.common.gradient.drop_segments), 0, r.samples());
  const int end = std::max(e.window_end(r.segments()), 0);
  return {first, std::clamp(begin_of(r, end), first, r.samples())};
}

Windows windows_over(int segments, const Experiment& experiment) {
  return windows_up_to({experiment.window_end(segments)}, experiment, experiment.name);
}

RolloutOnGrid lay_on_grid(const LoggedRollout& r, const GridSize& size, int nz) {
  if (r.nz != nz) {
    throw Error(Exit::input,
                "the log's policy decides " + std::to_string(r.nz) +
                    " numbers a segment, this config's " + std::to_string(nz),
                r.place(), "use the config of the run that was logged");
  }
  require_order(r);
  RolloutOnGrid out;
  out.leading = begin_of(r, 0);
  lay(r, size, 0, size.segments, out);
  if (!r.quarantined.empty() && out.grid.status < 0) out.grid.status = 0;
  return out;
}

GridTrajectory lay_segments(const LoggedRollout& r, const GridSize& size, int first, int beyond) {
  RolloutOnGrid out;
  lay(r, size, first, beyond, out);
  return std::move(out.grid);
}

}  // namespace phigrad
