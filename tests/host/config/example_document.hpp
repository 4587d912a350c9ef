// Documents of the example settings, and what reading them says.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "host/config/fields.hpp"
#include "host/config/json_document.hpp"
#include "tests/host/config/example_settings.hpp"
#include "tests/host/config/expect_error.hpp"

namespace phigrad::example {

inline Settings read(const std::string& text) {
  return read_settings<Settings>(parse_json(text, "car.json"), "car.json");
}

// The settings of a minimal document with `more` added.
inline Settings read_with(const std::string& more) {
  return read(R"({"robot": "car", "rollout": {"dt_s": 0.02}, )" + more + "}");
}

inline void expect_input_error(const std::string& more, const std::string& line) {
  SCOPED_TRACE(more);
  expect_error([&] { read_with(more); }, Exit::input, line);
}

inline void expect_rollout_error(const std::string& rollout, const std::string& line) {
  SCOPED_TRACE(rollout);
  expect_error([&] { read(R"({"robot": "car", "rollout": )" + rollout + "}"); }, Exit::input, line);
}

}  // namespace phigrad::example
