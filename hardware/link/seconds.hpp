// Seconds of a settings struct as a duration of the steady clock.
#pragma once

#include <chrono>

namespace phigrad::link {

inline std::chrono::steady_clock::duration seconds(double s) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(s));
}

}  // namespace phigrad::link
