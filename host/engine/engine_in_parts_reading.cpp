// EngineInParts: what is asked of its parts, put together.
#include <iterator>
#include <utility>

#include "host/engine/engine_in_parts.hpp"
#include "host/statistics/exact_value.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T>&& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Adds the sums of some policies, from `first` on, to those of all `policies`.
void merge_policies(GradientSums& all, const GradientSums& some, int first, int policies) {
  const std::size_t np = some.sums.size() / some.used.size();
  all.sums.resize(static_cast<std::size_t>(policies) * np);
  all.used.resize(static_cast<std::size_t>(policies));
  for (std::size_t i = 0; i < some.sums.size(); ++i) {
    GradientSum& into = all.sums[static_cast<std::size_t>(first) * np + i];
    merge(into.sum, some.sums[i].sum);
    merge(into.squares, some.sums[i].squares);
  }
  for (std::size_t p = 0; p < some.used.size(); ++p) {
    all.used[static_cast<std::size_t>(first) + p] += some.used[p];
  }
}

}  // namespace

template <class Call>
auto EngineInParts::rows_of_parts(const Call& call) {
  decltype(call(cut_.part(0), *engine_)) all;
  for (std::int64_t i = 0; i < parts(); ++i) append(all, call(cut_.part(i), in_memory(i)));
  return all;
}

void EngineInParts::add_scores(const BatchPart& part, Engine& engine) {
  Scores scores;
  engine.score(windows_of(part, gathered_.windows), scores);
  append(gathered_.scores.loss, std::move(scores.loss));
  append(gathered_.scores.path_error, std::move(scores.path_error));
}

void EngineInParts::add_gradient_of(const BatchPart& part, Engine& engine) {
  const Windows windows = windows_of(part, gathered_.windows);
  Gradient& all = gathered_.gradient;
  if (!cut_.by_rollouts()) {
    Gradient gradient;
    engine.gradient(windows, gathered_.options, gradient);
    append(all.mean, std::move(gradient.mean));
    append(all.variance, std::move(gradient.variance));
    append(all.used, std::move(gradient.used));
    append(all.status, std::move(gradient.status));
    return;
  }
  GradientSums sums;
  engine.add_gradient(windows, gathered_.options, sums);
  append(all.status, std::move(sums.status));
  merge_policies(gathered_.sums, sums, part.first_policy, cut_.whole.policies);
}

void EngineInParts::score(const Windows& windows, Scores& scores) {
  if (!gathered_.scored || !(gathered_.windows == windows)) {
    gathered_ = {};
    gathered_.windows = windows;
    for (std::int64_t i = 0; i < parts(); ++i) add_scores(cut_.part(i), in_memory(i));
    gathered_.scored = true;
  }
  scores = gathered_.scores;
}

void EngineInParts::gradient(const Windows& windows, const GradientOptions& options,
                             Gradient& gradient) {
  differentiated_ = [this, windows, options](const BatchPart& part, Engine& engine) {
    Gradient ignored;
    engine.gradient(windows_of(part, windows), options, ignored);
  };
  const bool same_windows = gathered_.windows == windows;
  if (!gathered_.differentiated || !same_windows || !(gathered_.options == taken(options))) {
    if (!same_windows) gathered_ = {};
    gathered_.windows = windows;
    gathered_.options = taken(options);
    gathered_.gradient = {};
    gathered_.sums = {};
    for (std::int64_t i = 0; i < parts(); ++i) add_gradient_of(cut_.part(i), in_memory(i));
    gathered_.differentiated = true;
  }
  gradient = gathered_.gradient;
  if (!cut_.by_rollouts()) return;
  const std::vector<GradientSum>& sums = gathered_.sums.sums;
  gradient.mean.resize(sums.size());
  gradient.variance.resize(options.variance ? sums.size() : 0);
  gradient.used.assign(gathered_.sums.used.begin(), gathered_.sums.used.end());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const Moments m = moments(sums[i], gradient.used[i / static_cast<std::size_t>(parameters())]);
    gradient.mean[i] = m.mean;
    if (options.variance) gradient.variance[i] = m.variance;
  }
}

void EngineInParts::add_gradient(const Windows& windows, const GradientOptions& options,
                                 GradientSums& sums) {
  sums.status.clear();
  for (std::int64_t i = 0; i < parts(); ++i) {
    const BatchPart part = cut_.part(i);
    GradientSums some;
    in_memory(i).add_gradient(windows_of(part, windows), options, some);
    append(sums.status, std::move(some.status));
    merge_policies(sums, some, part.first_policy, cut_.whole.policies);
  }
}

void EngineInParts::adjoint(const Windows& windows, const GradientOptions& options,
                            Gradient& gradient) {
  differentiated_ = [this, windows, options](const BatchPart& part, Engine& engine) {
    Gradient ignored;
    engine.adjoint(windows_of(part, windows), options, ignored);
  };
  gradient.status.clear();
  gradient.used.assign(static_cast<std::size_t>(cut_.whole.policies), 0);
  for (std::int64_t i = 0; i < parts(); ++i) {
    const BatchPart part = cut_.part(i);
    Gradient some;
    in_memory(i).adjoint(windows_of(part, windows), options, some);
    append(gradient.status, std::move(some.status));
    for (std::size_t p = 0; p < some.used.size(); ++p) {
      gradient.used[static_cast<std::size_t>(part.first_policy) + p] += some.used[p];
    }
  }
}

std::vector<double> EngineInParts::decision_gradient(std::int64_t b) const {
  const std::int64_t i = cut_.part_of(b);
  Engine& engine = in_memory(i);
  if (differentiated_) differentiated_(cut_.part(i), engine);
  return engine.decision_gradient(b - cut_.part(i).first);
}

Trajectory EngineInParts::trajectory(std::int64_t b) const {
  const std::int64_t i = cut_.part_of(b);
  return in_memory(i).trajectory(b - cut_.part(i).first);
}

std::vector<std::vector<double>> EngineInParts::commands(bool from_setpoints) {
  return rows_of_parts(
      [&](const BatchPart&, Engine& engine) { return engine.commands(from_setpoints); });
}

std::vector<Linearisation> EngineInParts::linearise() {
  return rows_of_parts([](const BatchPart&, Engine& engine) { return engine.linearise(); });
}

std::vector<std::vector<TransitionMatrix>> EngineInParts::transition(
    const std::vector<std::pair<int, int>>& pairs) {
  return rows_of_parts([&](const BatchPart&, Engine& engine) { return engine.transition(pairs); });
}

std::vector<std::array<double, n_suprema>> EngineInParts::suprema(const Windows& windows) {
  return rows_of_parts([&](const BatchPart& part, Engine& engine) {
    return engine.suprema(windows_of(part, windows));
  });
}

std::vector<GrowthCurve> EngineInParts::growth(int max_lag, GrowthCounts* counts) {
  // Parts would be counted in other sets, and curves as long as the part's longest.
  if (counts != nullptr || cut_.whole.ragged) {
    throw Error(Exit::device, "growth over a batch that does not fit in memory", "engine",
                "make the batch smaller");
  }
  return rows_of_parts([&](const BatchPart&, Engine& engine) { return engine.growth(max_lag); });
}

}  // namespace phigrad
