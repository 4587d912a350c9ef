// NaN and infinity by short names.
#pragma once

#include <limits>

namespace phigrad {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double inf = std::numeric_limits<double>::infinity();

}  // namespace phigrad
