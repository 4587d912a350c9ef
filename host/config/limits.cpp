#include "host/config/limits.hpp"

#include "host/config/place.hpp"

namespace phigrad {

Limits Limits::at_least(double bound) const {
  Limits result = *this;
  result.low = bound;
  result.low_open = false;
  return result;
}

Limits Limits::above(double bound) const {
  Limits result = at_least(bound);
  result.low_open = true;
  return result;
}

Limits Limits::at_most(double bound) const {
  Limits result = *this;
  result.high = bound;
  result.high_open = false;
  return result;
}

Limits Limits::below(double bound) const {
  Limits result = at_most(bound);
  result.high_open = true;
  return result;
}

Limits Limits::between(double lowest, double highest) const {
  return at_least(lowest).at_most(highest);
}

Limits Limits::nonempty() const {
  Limits result = *this;
  result.min_size = 1;
  return result;
}

Limits Limits::size(std::size_t n) const {
  Limits result = *this;
  result.min_size = n;
  result.max_size = n;
  return result;
}

Limits Limits::shape(std::size_t rows, std::size_t columns_n) const {
  Limits result = size(rows);
  result.columns = columns_n;
  return result;
}

bool Limits::contains(long double value) const {
  const auto least = static_cast<long double>(low), most = static_cast<long double>(high);
  const bool low_ok = low_open ? value > least : value >= least;
  const bool high_ok = high_open ? value < most : value <= most;
  return low_ok && high_ok;
}

std::string Limits::text() const {
  if (low != -kNone && high != kNone && !low_open && !high_open) {
    return "from " + number_text(low) + " to " + number_text(high);
  }
  std::string result;
  if (low != -kNone) result = (low_open ? "above " : "at least ") + number_text(low);
  if (low != -kNone && high != kNone) result += " and ";
  if (high != kNone) result += (high_open ? "below " : "at most ") + number_text(high);
  return result;
}

}  // namespace phigrad
