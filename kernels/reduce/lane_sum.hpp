// Many doubles a lane into one exact sum: the digits that add(ExactSum&, x) would make of each, a
// register at a time. The largest magnitude must be known first.
#pragma once

#include "kernels/math/doubles.hpp"
#include "kernels/reduce/exact_sum.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// D is double, or lanes of it. At most 2^21 values a lane between construction and add_to().
template <class D>
class LaneSum {
 public:
  /// For values whose magnitude is at most `largest`, finite.
  PHI_HD explicit LaneSum(double largest)
      : rank_(largest > 0 ? rank_of(largest) : -ExactSum::lowest) {
    plain_ = power_of(0) < 1000 && power_of(ExactSum::digits - 1) > -1000;
    for (int i = 0; i < ExactSum::digits; ++i) {
      digit_[i] = D(0.0);
      unit_[i] = plain_ ? power_of_two(power_of(i)) : 0;
      inverse_[i] = plain_ ? power_of_two(-power_of(i)) : 0;
    }
  }

  /// Whether add() may be called: digits are within reach of one multiplication.
  PHI_HD bool plain() const { return plain_; }

  PHI_HD void add(const D& x) {
    D rest = abs(x);
    for (int i = 0; i < ExactSum::digits; ++i) {
      if (!any(rest > D(0.0))) return;
      // All three are exact: a whole number below 2^32, times a power of two, taken from a
      // multiple.
      const D digit = floor(rest * D(inverse_[i]));
      rest = rest - digit * D(unit_[i]);
      digit_[i] = digit_[i] + copysign(digit, x);
    }
  }

  PHI_HD void add_to(ExactSum& sum) const {
    raise(sum, rank_);
    const int below = sum.rank - rank_;
    for (int i = 0; i + below < ExactSum::digits; ++i) {
      for (int lane = 0; lane < width_v<D>; ++lane) {
        sum.digit[i + below] += static_cast<std::int64_t>(Doubles<D>::lane(digit_[i], lane));
      }
    }
  }

 private:
  /// Digit i counts multiples of 2^power_of(i).
  PHI_HD int power_of(int i) const { return ExactSum::digit_bits * (ExactSum::lowest + rank_ - i); }

  D digit_[ExactSum::digits];
  double unit_[ExactSum::digits], inverse_[ExactSum::digits];
  int rank_;
  bool plain_;
};

}  // namespace PHI_ISA
}  // namespace phigrad
