// The message of the input error that an action ends with.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "host/support/error.hpp"

namespace phigrad::testing {

/// Empty, and a failed test, when the action throws no Error or one of another exit code.
template <class Action>
std::string input_error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::input) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

}  // namespace phigrad::testing
