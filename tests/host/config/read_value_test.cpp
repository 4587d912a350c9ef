#include <gtest/gtest.h>

#include "host/config/fields.hpp"
#include "host/config/json_document.hpp"
#include "tests/host/config/example_document.hpp"

namespace phigrad {
namespace {

using example::Eight;
using example::expect_input_error;
using example::expect_rollout_error;
using example::read;
using example::read_with;

// Breaks if a value of another type is converted, or the message does not say what is there.
TEST(ReadValue, RejectsWrongTypes) {
  const std::string tick = " [car.json: rollout.dt_s]; write a number: control tick, s";
  expect_rollout_error(R"({"dt_s": "0.02"})", "expected a number, got the string \"0.02\"" + tick);
  expect_rollout_error(R"({"dt_s": true})", "expected a number, got true" + tick);
  expect_rollout_error(R"({"dt_s": null})", "expected a number, got null" + tick);
  expect_rollout_error(R"({"dt_s": {}})", "expected a number, got an object" + tick);
  expect_rollout_error(R"({"dt_s": [1]})", "expected a number, got an array of 1 entry" + tick);
  expect_rollout_error("[1, 2]",
                       "expected an object, got an array of 2 entries [car.json: rollout]; "
                       "write { ... }");
  expect_input_error(R"("name": 12)",
                     "expected a string in quotes, got the number 12 [car.json: name]; write a "
                     "string in quotes: name of the experiment");
  expect_input_error(R"("name": true)",
                     "expected a string, got true [car.json: name]; write a string: name of the "
                     "experiment");
  expect_rollout_error(R"({"dt_s": 0.02, "start": {"on_task": 1}})",
                       "expected true or false, got the number 1 [car.json: rollout.start.on_task]"
                       "; write true or false: true to start on the task");
  expect_input_error(R"("link": 3)",
                     "expected an object, got the number 3 [car.json: link]; write { ... }");
  expect_error([] { read("[]"); }, Exit::input,
               "expected an object, got an array of 0 entries [car.json]; write { ... }");
}

// Breaks if an integer is rounded, truncated or wrapped.
TEST(ReadValue, RejectsInexactIntegers) {
  const auto expect = [](const std::string& value, const std::string& problem,
                         const std::string& kind) {
    expect_rollout_error(
        R"({"dt_s": 0.02, "segments": )" + value + "}",
        problem + " [car.json: rollout.segments]; write " + kind + ": segments of a rollout");
  };
  expect("1.5", "expected an integer, got the number 1.5", "an integer");
  expect("3.0", "expected an integer, got the number 3.0", "an integer");
  expect("1e2", "expected an integer, got the number 100.0", "an integer");
  expect("1e30", "expected an integer, got the number 1e+30", "an integer");
  expect("2147483648", "2147483648 is out of range", "an integer at least 1");
  expect("4294967297", "4294967297 is out of range", "an integer at least 1");
  expect("-2147483649", "-2147483649 is out of range", "an integer at least 1");
  expect_input_error(R"("seed": -1)",
                     "-1 is out of range [car.json: seed]; write an integer from 0 to "
                     "18446744073709551615: seed of all random numbers");
  expect_input_error(R"("seed": 18446744073709551616)",
                     "expected an integer, got the number 1.8446744073709552e+19 [car.json: seed]; "
                     "write an integer: seed of all random numbers");
  expect_input_error(R"("link": {"host": "a", "offset_ns": 9223372036854775808})",
                     "9223372036854775808 is out of range [car.json: link.offset_ns]; write an "
                     "integer from -9223372036854775808 to 9223372036854775807: offset of its "
                     "clock, ns");
}

// Breaks if a bound is not checked, is off by its own value, or is not told.
TEST(ReadValue, RejectsNumbersOutOfRange) {
  expect_rollout_error(R"({"dt_s": 0})",
                       "0 is out of range [car.json: rollout.dt_s]; write a number from 1e-06 to 1"
                       ": control tick, s");
  expect_input_error(R"("task": {"type": "figure_eight", "radius_m": 0.0})",
                     "0.0 is out of range [car.json: task.radius_m]; write a number above 0: "
                     "radius of each circle, m");
  expect_input_error(R"("task": {"type": "figure_eight", "lap_s": 60.5})",
                     "60.5 is out of range [car.json: task.lap_s]; write a number above 0 and at "
                     "most 60: time of one lap, s");
  EXPECT_EQ(
      std::get<Eight>(read_with(R"("task": {"type": "figure_eight", "lap_s": 60})").task).lap_s,
      60);
  expect_input_error(R"("axes": [0, 6])",
                     "6 is out of range [car.json: axes.1]; write an integer from 0 to 5: axes");
}

// Breaks if an array of another length or type passes, or the entry at fault is not told.
TEST(ReadValue, RejectsWrongArrays) {
  expect_input_error(R"("axes": [0, 1, 2])",
                     "expected an array of 2 integers, got an array of 3 entries [car.json: axes]; "
                     "write an array of 2 integers: axes");
  expect_input_error(R"("axes": 7)",
                     "expected an array of 2 integers, got the number 7 [car.json: axes]; write an "
                     "array of 2 integers: axes");
  expect_input_error(R"("hidden": [])",
                     "the array is empty [car.json: hidden]; write an array of integers with at "
                     "least one entry: width of each hidden layer");
  expect_input_error(R"("hidden": [64, "64"])",
                     "expected an integer, got the string \"64\" [car.json: hidden.1]; write an "
                     "integer: width of each hidden layer");
  expect_input_error(R"("scales": [1, null])",
                     "expected a number, got null [car.json: scales.1]; write a number: scale of "
                     "each output");
  expect_input_error(R"("logs": "a.bson")",
                     "expected an array of strings, got the string \"a.bson\" [car.json: logs]; "
                     "write an array of strings: recorded rollouts");
  expect_input_error(R"("link": {"host": ""})",
                     "the string is empty [car.json: link.host]; write a string that is not empty: "
                     "name of the robot's computer");
  expect_input_error(R"("name": "a\u0000b")",
                     R"(the string "a\u0000b" contains a NUL [car.json: name]; write a string: )"
                     "name of the experiment");
}

// Breaks if a ragged or misshapen matrix passes.
TEST(ReadValue, RejectsWrongMatrices) {
  expect_input_error(R"("gain": [[1, 2]])",
                     "expected an array of 2 rows of numbers, got an array of 1 entry [car.json: "
                     "gain]; write an array of 2 rows of numbers: gain matrix");
  expect_input_error(R"("gain": [[1, 2], [3]])",
                     "expected an array of 2 numbers, got an array of 1 entry [car.json: gain.1]; "
                     "write an array of 2 numbers: gain matrix");
  expect_input_error(R"("gain": [[1, 2], [3, "4"]])",
                     "expected a number, got the string \"4\" [car.json: gain.1.1]; write a number"
                     ": gain matrix");
  expect_input_error(R"("gain": [1, 2])",
                     "expected an array of 2 numbers, got the number 1 [car.json: gain.0]; write "
                     "an array of 2 numbers: gain matrix");
}

}  // namespace
}  // namespace phigrad
