#include <gtest/gtest.h>

#include <limits>

#include "host/config/fields.hpp"
#include "host/config/json_document.hpp"
#include "tests/host/config/example_document.hpp"

namespace phigrad {
namespace {

using example::Chain;
using example::Eight;
using example::expect_input_error;
using example::expect_rollout_error;
using example::Line;
using example::read;
using example::read_with;
using example::Settings;

// Breaks if a kind of key is read into the wrong member or not at all.
TEST(Reader, ReadsEveryKind) {
  const Settings s = read(R"({
    "robot": "car", "name": "Straße", "seed": 18446744073709551615, "chain": "window",
    "task": {"type": "line", "length_m": 3},
    "rollout": {"dt_s": 2e-2, "segments": 156, "start": {"on_task": false, "half_width": [1, 2, 3, 4.5]}},
    "link": {"host": "robot", "offset_ns": -9223372036854775808},
    "hidden": [3, 5], "scales": [1, 0.25], "offsets": [-7], "seeds": [18446744073709551615],
    "logs": ["a.bson", ""], "axes": [5, 2], "gain": [[1, 2], [3, 4]]})");
  EXPECT_EQ(s.name, "Straße");
  EXPECT_EQ(s.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(s.chain, Chain::window);
  ASSERT_TRUE(std::holds_alternative<Line>(s.task));
  EXPECT_EQ(std::get<Line>(s.task).length_m, 3.0);
  EXPECT_EQ(s.rollout.dt_s, 0.02);
  EXPECT_EQ(s.rollout.segments, 156);
  EXPECT_FALSE(s.rollout.start.on_task);
  EXPECT_EQ(s.rollout.start.half_width, (std::array<double, 4>{1, 2, 3, 4.5}));
  ASSERT_TRUE(s.link.has_value());
  EXPECT_EQ(s.link->host, "robot");
  EXPECT_EQ(s.link->offset_ns, std::numeric_limits<std::int64_t>::lowest());
  EXPECT_EQ(s.hidden, (std::vector<int>{3, 5}));
  EXPECT_EQ(s.scales, (std::vector<double>{1, 0.25}));
  EXPECT_EQ(s.offsets, (std::vector<std::int64_t>{-7}));
  EXPECT_EQ(s.seeds, (std::vector<std::uint64_t>{std::numeric_limits<std::uint64_t>::max()}));
  EXPECT_EQ(s.logs, (std::vector<std::string>{"a.bson", ""}));
  EXPECT_EQ(s.axes, (std::array<int, 2>{5, 2}));
  EXPECT_EQ(s.gain, (Matrix{2, 2, {1, 2, 3, 4}}));
  EXPECT_EQ(s.gain(1, 0), 3);
}

// Breaks if a key that is left out does not keep the member's initial value.
TEST(Reader, KeepsTheDefaultsOfWhatIsLeftOut) {
  const Settings s = read(R"({"robot": "car", "rollout": {"dt_s": 0.02}})");
  EXPECT_EQ(s.name, "unnamed");
  ASSERT_TRUE(std::holds_alternative<Eight>(s.task));
  EXPECT_EQ(std::get<Eight>(s.task).radius_m, 1.5);
  EXPECT_EQ(s.rollout.start.half_width[1], 0.01);
  EXPECT_EQ(s.hidden, (std::vector<int>{64, 64}));
  EXPECT_FALSE(s.link.has_value());
  EXPECT_FALSE(read_with(R"("link": null)").link.has_value());
}

// Breaks if an unknown key is accepted, or its path or the suggestion is wrong.
TEST(Reader, RejectsUnknownKeys) {
  expect_rollout_error(R"({"dt_ms": 20})",
                       "unknown key [car.json: rollout.dt_ms]; did you mean 'dt_s'?");
  expect_rollout_error(R"({"dt": 0.02})",
                       "unknown key [car.json: rollout.dt]; keys carry their unit: write 'dt_s'");
  expect_rollout_error(R"({"dt_s": 0.02, "speed": 1})",
                       "unknown key [car.json: rollout.speed]; known keys: dt_s, segments, "
                       "window_segments, start");
  expect_rollout_error(R"({"dt_s": 0.02, "start": {"on_taks": true}})",
                       "unknown key [car.json: rollout.start.on_taks]; did you mean 'on_task'?");
  expect_input_error(R"("task": {"type": "line", "lenght": 2})",
                     "unknown key [car.json: task.lenght]; did you mean 'length_m'?");
  expect_input_error(R"("task": {"type": "line", "radius_m": 2})",
                     "unknown key [car.json: task.radius_m]; known keys: type, length_m");
  expect_input_error(R"("link": {"hots": "a"})",
                     "unknown key [car.json: link.hots]; did you mean 'host'?");
}

// Breaks if a key of the file reaches the terminal raw, or its dots look like a path.
TEST(Reader, ShowsForeignKeysQuoted) {
  expect_input_error(
      R"("a.b\n\u001b[31m\u00fc": 1)",
      R"(unknown key [car.json: "a.b\n\u001b[31m\u00fc"]; known keys: robot, name, seed, chain, )"
      "task, rollout, link, hidden, scales, offsets, seeds, logs, axes, gain");
  expect_input_error("\"" + std::string(100'000, 'x') + "\": 1",
                     "unknown key [car.json: \"" + std::string(40, 'x') +
                         "\"...]; known keys: robot, name, seed, chain, task, rollout, link, "
                         "hidden, scales, offsets, seeds, logs, axes, gain");
}

// Breaks if a required key may be left out, or if a section hides what it requires.
TEST(Reader, RejectsMissingKeys) {
  expect_error([] { read("{}"); }, Exit::input,
               "missing key [car.json: robot]; add it: name of the robot");
  expect_error([] { read(R"({"robot": "car"})"); }, Exit::input,
               "missing key [car.json: rollout.dt_s]; add it: control tick, s");
  expect_input_error(R"("task": {"type": "line"})",
                     "missing key [car.json: task.length_m]; add it: length of the line, m");
  expect_input_error(R"("link": {})",
                     "missing key [car.json: link.host]; add it: name of the robot's computer");
}

// Breaks if "missing key rollout.dt_s" is reported where the cause is the misspelt section.
TEST(Reader, ReportsTheMisspeltKeyBeforeTheMissingOne) {
  expect_error([] { read(R"({"robot": "car", "rolout": {"dt_s": 0.02}})"); }, Exit::input,
               "unknown key [car.json: rolout]; did you mean 'rollout'?");
}

// Breaks if a word outside the table is taken for one of it.
TEST(Reader, RejectsUnknownWords) {
  expect_input_error(R"("chain": "segmnet")",
                     "unknown value \"segmnet\" [car.json: chain]; did you mean \"segment\"?");
  expect_input_error(R"("chain": "all")",
                     "unknown value \"all\" [car.json: chain]; write one of: segment, window, "
                     "rollout");
  expect_input_error(R"("chain": 1)",
                     "expected a string, got the number 1 [car.json: chain]; write one of: "
                     "segment, window, rollout");
  expect_input_error(R"("task": {"type": "figure_8"})",
                     "unknown value \"figure_8\" [car.json: task.type]; write one of: "
                     "figure_eight, line");
  expect_input_error(R"("task": "line")",
                     "expected an object, got the string \"line\" [car.json: task]; write { ... }");
  expect_error([] { read(R"({"robot": "cra", "rollout": {"dt_s": 0.02}})"); }, Exit::input,
               "unknown value \"cra\" [car.json: robot]; did you mean \"car\"?");
}

// Breaks if check() is not called, or is called with another place.
TEST(Reader, RunsTheCheckOfASection) {
  expect_rollout_error(R"({"dt_s": 0.02, "segments": 3, "window_segments": 4})",
                       "a window longer than the rollout [car.json: rollout.window_segments]; "
                       "write at most segments");
}

// Breaks if the document's struct can be chosen by a word that no struct has.
TEST(Reader, ReadTagChoosesTheStructOfADocument) {
  const auto tag = [](const std::string& text) {
    return read_tag(parse_json(text, "a"), "robot", {"car", "go1"}, "a.json");
  };
  EXPECT_EQ(tag(R"({"x": 1, "robot": "go1"})"), "go1");
  expect_error([&] { tag(R"({"robot": "go2"})"); }, Exit::input,
               "unknown value \"go2\" [a.json: robot]; did you mean \"go1\"?");
  expect_error([&] { tag("{}"); }, Exit::input,
               "missing key [a.json: robot]; add it: write one of: car, go1");
  expect_error([&] { tag("3"); }, Exit::input,
               "expected an object, got the number 3 [a.json]; write { ... }");
}

struct Unset {
  std::vector<double> weights;
  std::vector<std::string> logs{"a.bson"};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("weights", weights, v.optional, "weight of each term", v.nonempty());
    v.field("logs", logs, v.optional, "recorded rollouts", v.nonempty());
  }
};

// Breaks if a default may disobey the limits: the resolved copy could then not be read back.
TEST(Reader, HoldsDefaultsToTheLimits) {
  expect_error([] { read_settings<Unset>(parse_json("{}", "a"), "a"); }, Exit::input,
               "the array is empty [a: weights]; write an array of numbers with at least one "
               "entry: weight of each term");
}

// Breaks if a bound on the length of an array is held against the strings in it.
TEST(Reader, BoundsTheArrayAndNotTheStringsInIt) {
  const auto document = parse_json(R"({"weights": [1], "logs": [""]})", "a");
  EXPECT_EQ(read_settings<Unset>(document, "a").logs, (std::vector<std::string>{""}));
}

struct Twice {
  int n = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("n", n, v.optional, "count");
    v.field("n", n, v.optional, "count");
  }
};

// Breaks if a key that was copied and not renamed in a describe() goes unnoticed.
TEST(Reader, RefusesADescriptionWithTheSameKeyTwice) {
  EXPECT_THROW(read_settings<Twice>(parse_json("{}", "a"), "a"), std::logic_error);
}

}  // namespace
}  // namespace phigrad
