#include "host/diagnosis/stream_numbers.hpp"

#include <algorithm>
#include <cmath>

#include "host/diagnosis/thresholds.hpp"
#include "host/replay/replay.hpp"
#include "host/statistics/rounded.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// A count and where the first was.
struct Finding {
  std::int64_t& count;
  std::string& first;

  void add(const LoggedRollout& r, const char* what, std::size_t at, const std::string& more) {
    if (count++ > 0) return;
    first = r.place() + ", " + what + " " + std::to_string(at) + more;
  }
};

bool finite_row(const std::vector<double>& table, int columns, std::size_t row) {
  const auto begin = table.begin() + static_cast<std::ptrdiff_t>(row) * columns;
  return std::all_of(begin, begin + columns, [](double v) { return std::isfinite(v); });
}

std::int64_t count_non_finite(const LoggedRollout& r, Finding finding) {
  const std::int64_t before = finding.count;
  for (std::size_t k = 0; k < r.sample_time.size(); ++k) {
    if (std::isfinite(r.sample_time[k]) && finite_row(r.states, r.nx, k) &&
        finite_row(r.inputs, r.nu, k)) {
      continue;
    }
    finding.add(r, "sample", k, "");
  }
  for (std::size_t j = 0; j < r.segment_time.size(); ++j) {
    if (std::isfinite(r.segment_time[j]) && finite_row(r.decided_at, r.nx, j) &&
        finite_row(r.decisions, r.nz, j + 1)) {
      continue;
    }
    finding.add(r, "segment", j, "");
  }
  return finding.count - before;
}

void count_gaps(const LoggedRollout& r, Finding finding) {
  std::vector<double> periods;
  for (std::size_t k = 1; k < r.sample_time.size(); ++k) {
    const double period = r.sample_time[k] - r.sample_time[k - 1];
    if (std::isfinite(period)) periods.push_back(period);
  }
  if (periods.empty()) return;
  const double usual = median_of(periods);
  for (std::size_t k = 1; k < r.sample_time.size(); ++k) {
    const double period = r.sample_time[k] - r.sample_time[k - 1];
    if (!std::isfinite(period) || (period > 0 && period < thresholds::gap_periods * usual)) {
      continue;
    }
    finding.add(
        r, "sample", k,
        ": " + rounded(period) + " s after the one before, " + rounded(usual) + " s are usual");
  }
}

bool as_many(const LoggedRollout& r) {
  const std::size_t begins = r.segment_begin.size(), times = r.segment_time.size();
  return std::max(begins, times) <= std::min(begins, times) + 1;
}

/// Segments decided at times other than those of their first samples, less what all have in common;
/// and rollouts whose recorder and trainer counted more than one segment apart, or whose segments
/// cannot follow one another.
void count_segments_apart(const LoggedRollout& r, Finding finding) {
  const std::size_t begins = r.segment_begin.size(), times = r.segment_time.size();
  if (!as_many(r)) {
    finding.add(r, "segment", std::min(begins, times),
                ": " + std::to_string(begins) + " starts and " + std::to_string(times) +
                    " times of segments");
  }
  std::vector<double> off, spans;
  std::vector<std::size_t> which;
  for (std::size_t j = 0; j < std::min(begins, times); ++j) {
    const int begin = r.segment_begin[j];
    if (begin < 0 || begin > r.samples() || (j > 0 && begin < r.segment_begin[j - 1])) {
      finding.add(r, "segment", j, ": starts at sample " + std::to_string(begin));
      continue;
    }
    if (begin == r.samples()) continue;
    const double apart = r.sample_time[static_cast<std::size_t>(begin)] - r.segment_time[j];
    if (!std::isfinite(apart)) continue;
    off.push_back(apart);
    which.push_back(j);
    if (j > 0) spans.push_back(r.segment_time[j] - r.segment_time[j - 1]);
  }
  if (spans.empty()) return;
  const double usual = median_of(off);
  const double most = thresholds::segments_apart * std::abs(median_of(spans));
  for (std::size_t i = 0; i < off.size(); ++i) {
    if (std::abs(off[i] - usual) <= most) continue;
    finding.add(
        r, "segment", which[i],
        ": decided " + rounded(std::abs(off[i] - usual)) + " s from where its samples begin");
  }
}

}  // namespace

bool sound(const LoggedRollout& r) {
  std::int64_t count = 0;
  std::string first;
  count_non_finite(r, {count, first});
  for (std::size_t j = 0; j < r.segment_begin.size(); ++j) {
    const int begin = r.segment_begin[j];
    if (begin < 0 || begin > r.samples() || (j > 0 && begin < r.segment_begin[j - 1])) return false;
  }
  return count == 0 && r.quarantined.empty() && as_many(r);
}

StreamNumbers stream_numbers(const Experiment& e, const std::vector<LoggedRollout>& rollouts) {
  StreamNumbers n;
  std::vector<LoggedRollout> good;
  for (const LoggedRollout& r : rollouts) {
    ++n.rollouts;
    n.samples += r.samples();
    const bool finite = count_non_finite(r, {n.non_finite, n.first_non_finite}) == 0;
    count_gaps(r, {n.gaps, n.first_gap});
    count_segments_apart(r, {n.segments_apart, n.first_segment_apart});
    if (finite) {
      for (const std::string& why : r.quarantined) n.quarantined.push_back(r.place() + ": " + why);
    }
    if (sound(r)) good.push_back(r);
  }
  if (good.empty() || !e.common.rollout.noise.input.empty()) return n;
  ReplayOptions options;
  options.backend = "cpu";
  options.growth = false;
  std::vector<ReplayedRollout> replayed;
  try {
    replayed = replay_rollouts(e, std::move(good), options).rollouts;
  } catch (const Error& error) {
    n.not_replayed = error.what();
  }
  for (const ReplayedRollout& r : replayed) {
    n.commands += r.samples;
    if (r.command_mismatches > 0 && n.commands_off == 0) {
      n.first_command_off = r.log + ", rollout " + std::to_string(r.index);
      // The reader's notes come first, those on commands last.
      if (!r.notes.empty()) n.first_command_off += ": " + r.notes.back();
    }
    n.commands_off += r.command_mismatches;
  }
  return n;
}

}  // namespace phigrad
