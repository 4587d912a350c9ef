#include "host/bench/cost_growth.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "host/bench/workload.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using Clock = std::chrono::steady_clock;

/// Timings of one point: more of short calls, which other work on the machine disturbs most.
int repetitions_of(double trajectory_steps) {
  return trajectory_steps > 5e7 ? 1 : trajectory_steps > 5e6 ? 3 : 10;
}

struct Sizes {
  int batch, steps, policies;
};

class CurveMeasurement {
 public:
  CurveMeasurement(const BenchConfig& config, const BenchMachine& machine,
                   const std::string& precision, double ns_per_step, double seconds)
      : config_(config),
        machine_(machine),
        precision_(precision),
        ns_per_step_(ns_per_step),
        seconds_(seconds) {}

  /// False where the curve is to end before this point.
  bool add(const Sizes& sizes, CostCurve& curve) const {
    const double work = static_cast<double>(sizes.batch) * sizes.steps;
    const int count = repetitions_of(work);
    const double each = curve.points.empty()
                            ? ns_per_step_
                            : curve.points.back().ns_per_step() * curve.points.back().iterations;
    const double used = std::chrono::duration<double>(Clock::now() - begin_).count();
    // A warm-up and a call that tells how long one takes come before the timings.
    if (used + each * 1e-9 * work * (2 + count) > seconds_) {
      curve.ended = "its time was up";
      return false;
    }
    BenchConfig config = config_;
    config.assignments.push_back("rollout.per_update=" +
                                 std::to_string(sizes.batch / sizes.policies));
    const BenchCase c = make_bench_case(config, machine_, sizes.batch, sizes.steps, precision_, 1);
    const std::unique_ptr<Workload> work_of = make_workload(curve.what, c);
    const Engine& engine = work_of->engine();
    CostPoint point{sizes.batch,    sizes.steps,           sizes.policies,
                    engine.parts(), work_of->iterations(), {}};
    point.timing = time_calls(curve.name, count, 1, [&](std::size_t set) { work_of->run(set); });
    const std::vector<int>& status = work_of->gradient().status;
    if (std::any_of(status.begin(), status.end(), [](int s) { return s >= 0; })) {
      curve.ended = "rollouts leave the numbers at the next";
      return false;
    }
    curve.states = engine.nx();
    curve.inputs = engine.nu();
    curve.parameters = engine.parameters();
    curve.runs_on = engine.runs_on();
    curve.points.push_back(std::move(point));
    return true;
  }

 private:
  const BenchConfig& config_;
  const BenchMachine& machine_;
  const std::string& precision_;
  double ns_per_step_, seconds_;
  Clock::time_point begin_ = Clock::now();
};

/// What a step takes in a small batch, about.
double probed_ns_per_step(const BenchConfig& config, const BenchMachine& machine,
                          const std::string& precision) {
  const BenchCase c = make_bench_case(config, machine, 64, 0, precision, 1);
  const std::unique_ptr<Workload> work = make_workload("gradient", c);
  work->run(0);
  const auto begin = Clock::now();
  work->run(0);
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() /
         (static_cast<double>(c.batch) * c.steps());
}

/// The sweep's batch, or a fourth of it and so on, so that five points of its steps fit the time.
int affordable_batch(const CostSweep& sweep, double ns_per_step, double seconds) {
  int batch = sweep.batch;
  const auto takes = [&] {
    const double work = static_cast<double>(batch) * sweep.steps;
    return 5 * (2 + repetitions_of(work)) * work * ns_per_step * 1e-9;
  };
  while (batch >= 64 && takes() > seconds) batch /= 4;
  return batch;
}

std::vector<Sizes> sizes_of(char varies, const CostSweep& sweep, int batch, int segment) {
  const auto whole = [&](int steps) { return (steps + segment - 1) / segment * segment; };
  std::vector<Sizes> all;
  if (varies == 'B') {
    for (const int b : sweep.batches) all.push_back({b, whole(sweep.steps), 1});
  } else if (varies == 'T') {
    for (const int t : sweep.horizons) all.push_back({batch, whole(t), 1});
  } else {
    for (const int p : sweep.policies) {
      if (p <= batch) all.push_back({batch, whole(sweep.steps), p});
    }
  }
  return all;
}

}  // namespace

double CostCurve::best() const {
  const auto less = [](const CostPoint& a, const CostPoint& b) {
    return a.ns_per_step() < b.ns_per_step();
  };
  return std::min_element(points.begin(), points.end(), less)->ns_per_step();
}

std::size_t CostCurve::saturated_from() const {
  std::size_t i = 0;
  while (ratio_to_best(i) > cliff_ratio) ++i;
  return i;
}

std::size_t CostCurve::worst_saturated() const {
  std::size_t worst = saturated_from();
  for (std::size_t i = worst; i < points.size(); ++i) {
    if (points[i].ns_per_step() > points[worst].ns_per_step()) worst = i;
  }
  return worst;
}

std::vector<CostCurve> measure_cost_growth(const std::vector<BenchConfig>& configs,
                                           const BenchMachine& machine,
                                           const std::string& precision, const CostSweep& sweep,
                                           const std::function<void(const CostCurve&)>& on_point) {
  std::vector<CostCurve> curves;
  const auto begin = Clock::now();
  std::vector<double> probed;
  probed.reserve(configs.size());
  for (const BenchConfig& config : configs) {
    probed.push_back(probed_ns_per_step(config, machine, precision));
  }
  std::size_t left = 3 * configs.size();
  // The large batches come last: what the others left of their time is theirs.
  for (const char varies : {'P', 'T', 'B'}) {
    for (std::size_t i = 0; i < configs.size(); ++i) {
      const BenchConfig& config = configs[i];
      const BenchCase one = make_bench_case(config, machine, 1, 0, precision, 1);
      const double used = std::chrono::duration<double>(Clock::now() - begin).count();
      const double share = std::max(sweep.seconds - used, 0.0) / static_cast<double>(left--);
      const CurveMeasurement measurement(config, machine, precision, probed[i], share);
      CostCurve curve;
      curve.name = one.experiment.name;
      curve.what = varies == 'P' ? "population" : "gradient";
      curve.precision = precision_name(one.experiment.common.precision);
      curve.varies = varies;
      const int batch = affordable_batch(sweep, probed[i], share);
      const int segment = one.experiment.setup.steps_per_segment;
      for (const Sizes& sizes : sizes_of(varies, sweep, batch, segment)) {
        if (!measurement.add(sizes, curve)) break;
        if (on_point) on_point(curve);
      }
      if (!curve.points.empty()) curves.push_back(std::move(curve));
    }
  }
  return curves;
}

std::string verdict_of(const CostCurve& c) {
  const std::size_t worst = c.worst_saturated();
  char text[200];
  std::snprintf(text, sizeof text,
                "%s over %c: full from %d on, there at most %.2f times the best (at %d): %s",
                c.name.c_str(), c.varies, c.at(c.saturated_from()), c.ratio_to_best(worst),
                c.at(worst), c.has_cliff() ? "A CLIFF" : "no cliff");
  return text + (c.ended.empty() ? "" : "; it ends early: " + c.ended);
}

nlohmann::ordered_json to_json(const std::vector<CostCurve>& curves) {
  using nlohmann::ordered_json;
  ordered_json rows = ordered_json::array(), all = ordered_json::array();
  for (const CostCurve& c : curves) {
    for (std::size_t i = 0; i < c.points.size(); ++i) {
      const CostPoint& p = c.points[i];
      rows.push_back(
          {{"case", c.name},
           {"what", c.what},
           {"varies", std::string(1, c.varies)},
           {"batch", p.batch},
           {"steps", p.steps},
           {"policies", p.policies},
           {"states", c.states},
           {"inputs", c.inputs},
           {"parameters", c.parameters},
           {"precision", c.precision},
           {"backend", c.runs_on.flavour == "cuda" ? "cuda" : "cpu " + c.runs_on.flavour},
           {"threads", c.runs_on.threads},
           {"parts", p.parts},
           {"seconds", p.timing.median()},
           {"seconds_min", p.timing.least()},
           {"seconds_max", p.timing.most()},
           {"ns_per_step", p.ns_per_step()},
           {"ratio_to_best", c.ratio_to_best(i)},
           {"full", i >= c.saturated_from()}});
    }
    const std::size_t worst = c.worst_saturated();
    all.push_back({{"case", c.name},
                   {"varies", std::string(1, c.varies)},
                   {"states", c.states},
                   {"best_ns_per_step", c.best()},
                   {"full_from", c.at(c.saturated_from())},
                   {"worst_ratio", c.ratio_to_best(worst)},
                   {"worst_at", c.at(worst)},
                   {"cliff", c.has_cliff()},
                   {"ended", c.ended.empty() ? ordered_json(nullptr) : ordered_json(c.ended)}});
  }
  return {{"rows", rows}, {"curves", all}};
}

}  // namespace phigrad
