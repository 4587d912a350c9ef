// Recordings of the real car and quadruped, which lie beside the repository.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace phigrad {

inline std::filesystem::path recorded_file(const std::string& name = "") {
  return std::filesystem::path(PHIGRAD_SHARED_DATA) / "lwsm" / name;
}

}  // namespace phigrad

/// Skips the test where there are none.
#define REQUIRE_RECORDINGS()                              \
  if (!std::filesystem::exists(phigrad::recorded_file())) \
  GTEST_SKIP() << "no recordings: " << phigrad::recorded_file() << " is absent"
