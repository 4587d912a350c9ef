// Operations of the kernels, counted by running them with a Real that counts
// (benchmarks/count_operations.cpp): figures of benchmarks/operations.json.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "host/bench/bench_case.hpp"

namespace phigrad {

/// Operations by kind; `other` are comparisons, selections, minima, roundings and signs.
struct Operations {
  double add = 0, multiply = 0, multiply_add = 0, divide = 0, root = 0, other = 0;

  /// What a register's worth of takes a vector instruction.
  double instructions() const { return add + multiply + multiply_add + divide + root + other; }
  /// Floating-point operations, a multiply-add counted as two.
  double flops() const { return add + multiply + 2 * multiply_add + divide + root; }

  Operations& operator+=(const Operations& b);
  friend Operations operator*(double s, const Operations& a);
};

/// What one trajectory of a call takes: `trajectory` + segments · `segment`. Exact, since kernels
/// do the same for every step of a segment and every segment.
struct CountedCall {
  Operations trajectory, segment;

  Operations per_step(int segments, int steps_per_segment) const;
};

nlohmann::ordered_json to_json(const CountedCall& call);

/// What figures are of: the same for all configs that have the same operations in a segment; null
/// where a call is no multiple of segments (chain window, truncation), and where samples are
/// simulated again, which was not counted.
nlohmann::ordered_json figure_key(const BenchCase& c);

/// Operations a trajectory-step of `what` on a case; nothing where they have not been counted.
std::optional<Operations> counted_operations(const BenchCase& c, const std::string& what);

}  // namespace phigrad
