// Arrays that cross the engine's boundary have the size of its shape.
#pragma once

#include <cstddef>
#include <string>

#include "host/support/error.hpp"

namespace phigrad {

/// Throws Error(Exit::input) where they differ.
inline void require_size(const char* what, std::size_t expected, std::size_t actual) {
  if (expected == actual) return;
  throw Error(Exit::input,
              std::string(what) + " has " + std::to_string(actual) + " numbers, expected " +
                  std::to_string(expected),
              "engine", "give one for every entry of the shape");
}

}  // namespace phigrad
