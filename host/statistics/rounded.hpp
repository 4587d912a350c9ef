// Numbers as a sentence wants them.
#pragma once

#include <cmath>
#include <cstdio>
#include <string>

#include "host/statistics/jackknife.hpp"

namespace phigrad {

/// Four digits.
inline std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// "2.244 (2.24 … 2.248)", or "2.244 (one value, no interval)".
inline std::string rounded(const Estimate& e) {
  if (!std::isfinite(e.low)) return rounded(e.value) + " (one value, no interval)";
  return rounded(e.value) + " (" + rounded(e.low) + " … " + rounded(e.high) + ")";
}

inline std::string percent(double part) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g %%", 100 * part);
  return text;
}

}  // namespace phigrad
