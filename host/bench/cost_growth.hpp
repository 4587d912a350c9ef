// How the cost of a gradient grows with the batch, the horizon, the policies: seconds a
// trajectory-step along one of them, the others held.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host/bench/bench_case.hpp"
#include "host/bench/timing.hpp"

namespace phigrad {

/// Within the saturated range a point that costs so many times the best is a cliff.
inline constexpr double cliff_ratio = 1.5;

struct CostPoint {
  int batch = 0, steps = 0, policies = 1;  // B, T, P
  std::int64_t parts = 1;                  // the batch was worked on in
  int iterations = 1;                      // times a call simulates it
  Timing timing;

  /// Of the fastest repetition: what else runs on the machine only adds.
  double ns_per_step() const {
    return 1e9 * timing.least() / (static_cast<double>(batch) * steps * iterations);
  }
};

/// Points in ascending order of what varies.
struct CostCurve {
  std::string name, what, precision;
  char varies = 'B';                           // B, T or P
  int states = 0, inputs = 0, parameters = 0;  // n, m, np
  RunsOn runs_on;
  std::vector<CostPoint> points;
  std::string ended;  // why it is shorter than asked for; empty: it is not

  int at(std::size_t i) const {
    const CostPoint& p = points[i];
    return varies == 'B' ? p.batch : varies == 'T' ? p.steps : p.policies;
  }
  /// Of the points' ns_per_step, the least; the curve has one at least.
  double best() const;
  double ratio_to_best(std::size_t i) const { return points[i].ns_per_step() / best(); }
  /// The first point within cliff_ratio of the best: from there on the machine is full.
  std::size_t saturated_from() const;
  /// The point of the saturated range that costs most.
  std::size_t worst_saturated() const;
  bool has_cliff() const { return ratio_to_best(worst_saturated()) > cliff_ratio; }
};

/// What is asked for; a curve ends early where its share of `seconds` is used up.
struct CostSweep {
  std::vector<int> batches = {1,    4,     16,    64,     256,     1024,
                              4096, 16384, 65536, 262144, 1048576, 4194304};
  std::vector<int> horizons = {10, 20, 50, 100, 200, 500, 1000, 2000, 5000};
  std::vector<int> policies = {1, 4, 16, 64, 256, 1024, 4096};
  int batch = 4096;      // where it is not what varies; less where that would take too long
  int steps = 200;       // likewise
  double seconds = 270;  // for all curves together
};

/// Three curves a config: `gradient` over B and T, `population` over P. Steps are rounded up to
/// whole segments. Calls on_point(curve) whenever that has a point more. Throws Error as
/// make_bench_case.
std::vector<CostCurve> measure_cost_growth(const std::vector<BenchConfig>& configs,
                                           const BenchMachine& machine,
                                           const std::string& precision, const CostSweep& sweep,
                                           const std::function<void(const CostCurve&)>& on_point);

/// "scalar over B: full from 1024 on, there at most 1.21 times the best (at 65536): no cliff".
std::string verdict_of(const CostCurve& curve);

/// Members `rows` and `curves`.
nlohmann::ordered_json to_json(const std::vector<CostCurve>& curves);

/// A page with a figure over each of B, T, P and n. `facts`: the machine and the like, by name.
std::string cost_growth_html(const std::vector<CostCurve>& curves,
                             const nlohmann::ordered_json& facts);

}  // namespace phigrad
