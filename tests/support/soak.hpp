// Tests with a long form, which `./dev soak` runs: there are more trials, or time as it passed.
#pragma once

#include <cstdlib>

namespace phigrad {

inline bool soaks() { return std::getenv("PHIGRAD_SOAK") != nullptr; }

/// How often: in ./dev soak, and in every other run of the tests.
inline int trials(int in_soak, int otherwise) { return soaks() ? in_soak : otherwise; }

}  // namespace phigrad
