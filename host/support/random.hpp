// Counter-based random numbers (Random123, Philox4x32-10): a stream is a pure function of its key,
// so any trajectory of any iteration can be drawn again alone, bit for bit.
#pragma once

#include <cstdint>

namespace phigrad {

/// What a stream of numbers is for; part of its key.
/// 4, 7 and 8 are what kernels draw while they simulate (kernels/math/noise.hpp).
enum class Draw : std::uint32_t {
  policy = 1,
  start = 2,
  test = 3,
  resample = 5,
  direction = 6,
  model = 9
};

/// Numbers of one trajectory (or policy) in one iteration under one seed.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Draw draw, std::uint32_t index, std::uint32_t iteration)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        draw_(static_cast<std::uint32_t>(draw)),
        index_(index),
        iteration_(iteration) {}

  /// Uniform on the open interval (low, high), 52 bits.
  double uniform(double low, double high);

 private:
  std::uint32_t key_[2];
  std::uint32_t draw_, index_, iteration_;
  std::uint32_t count_ = 0;
};

}  // namespace phigrad
