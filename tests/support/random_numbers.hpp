// Random numbers of tests: the same on every machine, in any order of drawing.
#pragma once

#include <cstdint>
#include <vector>

#include "host/support/random.hpp"

namespace phigrad {

/// `n` numbers uniform on (low, high); streams of different index are independent.
inline std::vector<double> random_numbers(std::uint64_t seed, std::size_t index, std::size_t n,
                                          double low, double high) {
  RandomStream stream(seed, Draw::test, static_cast<std::uint32_t>(index), 0);
  std::vector<double> numbers(n);
  for (double& x : numbers) x = stream.uniform(low, high);
  return numbers;
}

}  // namespace phigrad
