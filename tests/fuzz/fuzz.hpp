// What the fuzz targets share.
#pragma once

#include <cstdlib>
#include <string>

#include "host/support/error.hpp"

namespace phigrad {

/// Ends the process where it does not hold: the fuzzer keeps the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Whether `action` refuses: an Error of one line, as every reader of foreign bytes owes it. What
/// else it throws is left to end the process.
template <class Action>
bool refuses(const Action& action) {
  try {
    action();
    return false;
  } catch (const Error& error) {
    require(std::string(error.what()).find('\n') == std::string::npos);
    return true;
  }
}

}  // namespace phigrad
