// Numbers that know how they came about, so that what is computed is also what is printed.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace phigrad {

/// A number that is not negative and how it is written: 804, "(T + 1) n". What exceeds 64 bits
/// stays at their largest value.
class Formula {
 public:
  Formula(std::int64_t number = 0) : value_(number), times_(number) {}
  Formula(std::string symbol, std::int64_t value)
      : value_(value), body_(std::move(symbol)), kind_(Kind::product) {}

  std::int64_t value() const { return value_; }
  std::string text() const {
    if (body_.empty()) return std::to_string(value_);
    return times_ == 1 ? body_ : std::to_string(times_) + " " + factor();
  }

  friend Formula operator+(const Formula& a, const Formula& b) {
    if (a.is(0)) return b;
    if (b.is(0)) return a;
    Formula sum;
    if (__builtin_add_overflow(a.value_, b.value_, &sum.value_)) sum.value_ = most;
    if (a.kind_ == Kind::number && b.kind_ == Kind::number) return sum.value_;
    const bool number_first = a.kind_ == Kind::number;
    sum.body_ = (number_first ? b : a).text() + " + " + (number_first ? a : b).text();
    sum.times_ = 1;
    sum.kind_ = Kind::sum;
    return sum;
  }
  friend Formula operator*(const Formula& a, const Formula& b) {
    if (a.is(0) || b.is(1)) return a;
    if (b.is(0) || a.is(1)) return b;
    Formula product;
    if (__builtin_mul_overflow(a.value_, b.value_, &product.value_)) product.value_ = most;
    if (__builtin_mul_overflow(a.times_, b.times_, &product.times_)) product.times_ = most;
    const bool both = !a.body_.empty() && !b.body_.empty();
    product.body_ = both ? a.factor() + " " + b.factor() : a.body_ + b.body_;
    product.kind_ = both ? Kind::product : a.body_.empty() ? b.kind_ : a.kind_;
    return product;
  }

  /// The larger of two, written as itself.
  friend Formula larger(const Formula& a, const Formula& b) { return a.value_ >= b.value_ ? a : b; }

 private:
  enum class Kind { number, product, sum };
  static constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

  /// A number as such: a symbol that happens to be 1 stays in the text.
  bool is(std::int64_t number) const { return kind_ == Kind::number && value_ == number; }
  std::string factor() const { return kind_ == Kind::sum ? "(" + body_ + ")" : body_; }

  std::int64_t value_;
  std::int64_t times_ = 1;  // what the body is multiplied with
  std::string body_;        // empty: a number
  Kind kind_ = Kind::number;
};

}  // namespace phigrad
