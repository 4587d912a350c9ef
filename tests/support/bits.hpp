// Equality of numbers by their bits: −0 is not 0 here, and a NaN equals itself.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

namespace phigrad {

/// How many numbers differ in any bit; all of them where the lengths do.
inline std::size_t differing_bits(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::max(a.size(), b.size());
  if (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0) return 0;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    differing += std::memcmp(&a[i], &b[i], sizeof(double)) == 0 ? 0U : 1U;
  }
  return differing;
}

inline void append(std::vector<double>& to, const std::vector<double>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace phigrad
