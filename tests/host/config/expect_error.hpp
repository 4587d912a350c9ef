// An Error with its whole line, as the user reads it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "host/support/error.hpp"

namespace phigrad {

template <class Action>
void expect_error(Action action, Exit code, const std::string& line) {
  try {
    action();
    ADD_FAILURE() << "no error, expected: " << line;
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), line);
    EXPECT_EQ(error.code(), code) << line;
  }
}

}  // namespace phigrad
