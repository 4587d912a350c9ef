// Numbers too small to be normal, as zero.
#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#elif defined(__aarch64__)
#include <cstdint>
#endif

namespace phigrad {

/// While it lives, what this thread computes and is smaller than the least normal number becomes
/// zero: a regulated state's error falls below 1e-38 within some thousand steps, and processors
/// take a hundred times as long for such numbers. The GPU keeps them, at no cost.
class NoSubnormals {
 public:
  NoSubnormals(const NoSubnormals&) = delete;
  NoSubnormals& operator=(const NoSubnormals&) = delete;
#if defined(__SSE__)
  NoSubnormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_to_zero); }
  ~NoSubnormals() { _mm_setcsr(before_); }

 private:
  static constexpr unsigned flush_to_zero = 0x8000;  // MXCSR.FTZ
  unsigned before_;
#elif defined(__aarch64__)
  NoSubnormals() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" : : "r"(before_ | flush_to_zero));
  }
  ~NoSubnormals() { asm volatile("msr fpcr, %0" : : "r"(before_)); }

 private:
  static constexpr std::uint64_t flush_to_zero = std::uint64_t{1} << 24;  // FPCR.FZ
  std::uint64_t before_ = 0;
#else
  NoSubnormals() = default;
#endif
};

}  // namespace phigrad
