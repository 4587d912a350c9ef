#include "host/replay/recorded_grid.hpp"

#include <algorithm>
#include <cmath>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr int nx = 4, nu = 2, n_gains = 6, nz = 4 + n_gains, n_setpoint = 6;

/// First sample of segment j; one past the last sample for j = number of segments.
int segment_begin(const RecordedRollout& r, int j) {
  const auto at = static_cast<std::size_t>(j);
  return at < r.idx_segs.size() ? r.idx_segs[at] : static_cast<int>(r.samples());
}

void append(std::vector<double>& to, const Table& from, std::size_t column) {
  to.insert(to.end(), from.column(column), from.column(column) + from.rows);
}

/// What was tracked before the first decision: the measured pose, moving at no less than 1 cm/s.
std::vector<double> before_first(const RecordedRollout& r) {
  const double* x = r.x0_segs.column(0);
  const double v = std::max(x[2], 0.01);
  std::vector<double> z = {x[0], x[1], v * std::cos(x[3]), v * std::sin(x[3])};
  z.resize(nz, 0.0);
  return z;
}

}  // namespace

int grid_segments(const RecordedRollout& r) {
  return static_cast<int>(std::min(r.idx_segs.size(), r.t0_segs.size()));
}

int grid_steps(const RecordedRollout& r) {
  int longest = 1;
  for (int j = 0; j < grid_segments(r); ++j) {
    longest = std::max(longest, segment_begin(r, j + 1) - segment_begin(r, j));
  }
  return longest;
}

RecordedOnGrid lay_on_grid(const RecordedRollout& r, int segments, int steps,
                           const std::string& place) {
  const int own = grid_segments(r);
  const int samples = static_cast<int>(r.samples());
  for (int j = 0; j < own; ++j) {
    const int begin = segment_begin(r, j);
    if (begin < 0 || begin > samples || (j > 0 && begin < segment_begin(r, j - 1))) {
      throw Error(Exit::input,
                  "segment " + std::to_string(j) + " starts at sample " + std::to_string(begin) +
                      " of " + std::to_string(samples) + ", which cannot follow its predecessor",
                  place, "record idx_segs in increasing order");
    }
  }
  RecordedOnGrid out;
  GridTrajectory& g = out.grid;
  out.leading = segment_begin(r, 0);
  g.decisions = before_first(r);
  for (int j = 0; j < segments; ++j) {
    // Segments beyond the rollout's own repeat its last one with no samples.
    const int source = std::min(j, own - 1);
    const auto column = static_cast<std::size_t>(source);
    const int begin = segment_begin(r, source);
    const int end = source + 1 < own ? segment_begin(r, source + 1) : samples;
    const int count = j < own ? end - begin : 0;
    g.segment_time.push_back(r.t0_segs[column]);
    g.count.push_back(count);
    append(g.decided_at, r.x0_segs, column);
    append(g.decisions, r.setpoints, column);
    append(g.decisions, r.gain_adjs, column);
    for (int k = 0; k < steps; ++k) {
      const int sample =
          std::clamp(begin + std::min(k, std::max(end - begin, 1) - 1), 0, samples - 1);
      const auto at = static_cast<std::size_t>(sample);
      append(g.states, r.xs, at);
      append(g.inputs, r.us, at);
      append(g.setpoints, r.ctrl_setpoints, at);
      g.since_refresh.push_back(r.task_t0 + r.ts[at] - r.t0_segs[column]);
      out.slot_sample.push_back(k < count ? sample : -1);
      const bool finite = std::all_of(r.xs.column(at), r.xs.column(at) + nx,
                                      [](double v) { return std::isfinite(v); }) &&
                          std::all_of(r.us.column(at), r.us.column(at) + nu,
                                      [](double v) { return std::isfinite(v); }) &&
                          std::isfinite(r.ts[at]);
      if (!finite && k < count && g.status < 0) g.status = j * steps + k;
    }
    const bool decided = std::all_of(g.decisions.end() - nz, g.decisions.end(),
                                     [](double v) { return std::isfinite(v); }) &&
                         std::isfinite(r.t0_segs[column]);
    if (!decided && count > 0 && g.status < 0) g.status = j * steps;
  }
  append(g.states, r.xs, static_cast<std::size_t>(samples - 1));
  static_assert(n_setpoint == 6, "ctrl_setpoints holds x, y and two derivatives");
  return out;
}

}  // namespace phigrad
