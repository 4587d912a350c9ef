// What a settings key may hold, and whether it may be left out.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

namespace phigrad {

/// A required key must be written; an optional one keeps the member's initial value when left out.
enum class Need { required, optional };

/// Bounds on a number (or on every number of an array) and on the length of an array; of a string
/// only nonempty().
/// Combines by chaining: `v.above(0).at_most(1).nonempty()`.
struct Limits {
  static constexpr double kNone = std::numeric_limits<double>::infinity();
  static constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max();

  double low = -kNone;
  double high = kNone;
  bool low_open = false;   // low itself is excluded
  bool high_open = false;  // high itself is excluded
  std::size_t min_size = 0;
  std::size_t max_size = kAnySize;
  std::size_t columns = kAnySize;  // of a matrix

  Limits at_least(double bound) const;
  Limits above(double bound) const;
  Limits at_most(double bound) const;
  Limits below(double bound) const;
  Limits between(double lowest, double highest) const;  // both included
  Limits nonempty() const;
  Limits size(std::size_t n) const;                             // exactly n entries
  Limits shape(std::size_t rows, std::size_t columns_n) const;  // of a matrix

  bool has_bounds() const { return low != -kNone || high != kNone; }
  /// long double, because it holds every 64-bit integer and every double exactly.
  bool contains(long double value) const;
  /// "above 0 and at most 1", "from 0 to 1"; empty without bounds.
  std::string text() const;
};

/// The words that a describe() uses, reached through its visitor (`v.required`, `v.above(0)`), so
/// that a settings struct in models/ includes nothing of host/.
struct Vocabulary {
  static constexpr Need required = Need::required;
  static constexpr Need optional = Need::optional;

  static Limits at_least(double bound) { return Limits{}.at_least(bound); }
  static Limits above(double bound) { return Limits{}.above(bound); }
  static Limits at_most(double bound) { return Limits{}.at_most(bound); }
  static Limits below(double bound) { return Limits{}.below(bound); }
  static Limits between(double low, double high) { return Limits{}.between(low, high); }
  static Limits nonempty() { return Limits{}.nonempty(); }
  static Limits size(std::size_t n) { return Limits{}.size(n); }
  static Limits shape(std::size_t rows, std::size_t columns) {
    return Limits{}.shape(rows, columns);
  }
};

}  // namespace phigrad
