#include "host/config/fields.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "example_settings.hpp"
#include "expect_error.hpp"
#include "host/config/json_document.hpp"

namespace phigrad {
namespace {

using example::Eight;
using example::Line;
using example::Settings;

class Random {
 public:
  std::uint64_t bits() { return engine_(); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }

  // Any finite double, every exponent and the denormals as likely as each other.
  double finite() {
    double value = 0;
    do {
      const std::uint64_t pattern = engine_();
      std::memcpy(&value, &pattern, sizeof value);
    } while (!std::isfinite(value));
    return value;
  }

  // In [low, high], the ends included now and then.
  double between(double low, double high) {
    const double part = std::ldexp(static_cast<double>(engine_() >> 11U), -53);
    return below(8) == 0 ? high : low + (high - low) * part;
  }

  std::string text() {
    static const std::vector<std::string> pieces = {"a",  "/",    "\"", "\\",         "\n",
                                                    "\t", "\x1f", "ü",  "\u2028",     "0.02",
                                                    "",   "\x7f", "{",  "\U0001F600", " "};
    std::string result;
    for (std::size_t i = below(6); i > 0; --i) result += pieces[below(pieces.size())];
    return result;
  }

  template <class Fill>
  auto list(std::size_t least, Fill fill) {
    std::vector<decltype(fill())> values(least + below(5));
    for (auto& value : values) value = fill();
    return values;
  }

 private:
  std::mt19937_64 engine_{20240607};
};

Settings random_settings(Random& random) {
  Settings s;
  s.name = random.text();
  s.seed = random.bits();
  s.chain = static_cast<example::Chain>(random.below(3));
  if (random.below(2) == 0) {
    s.task = Eight{random.between(1e-300, 1e300), random.between(1e-9, 60)};
  } else {
    s.task = Line{random.between(5e-324, 1e-320)};
  }
  s.rollout.dt_s = random.between(1e-6, 1);
  s.rollout.segments = 1 + static_cast<int>(random.below(std::numeric_limits<int>::max()));
  s.rollout.window_segments = s.rollout.segments;
  s.rollout.start.on_task = random.below(2) == 0;
  for (double& width : s.rollout.start.half_width) width = std::abs(random.finite());
  if (random.below(2) == 0) {
    s.link = example::Link{"h" + random.text(), static_cast<std::int64_t>(random.bits())};
  }
  s.hidden = random.list(1, [&] { return 1 + static_cast<int>(random.below(1000)); });
  s.scales = random.list(0, [&] { return random.finite(); });
  s.offsets = random.list(0, [&] { return static_cast<std::int64_t>(random.bits()); });
  s.seeds = random.list(0, [&] { return random.bits(); });
  s.logs = random.list(0, [&] { return random.text(); });
  s.axes = {static_cast<int>(random.below(6)), static_cast<int>(random.below(6))};
  for (double& entry : s.gain.data) entry = random.finite();
  return s;
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

template <class List>
bool same_doubles(const List& a, const List& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same_bits);
}

void expect_same(const Settings& a, const Settings& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.chain, b.chain);
  ASSERT_EQ(a.task.index(), b.task.index());
  if (const Eight* eight = std::get_if<Eight>(&a.task)) {
    EXPECT_TRUE(same_bits(eight->radius_m, std::get<Eight>(b.task).radius_m));
    EXPECT_TRUE(same_bits(eight->lap_s, std::get<Eight>(b.task).lap_s));
  } else {
    EXPECT_TRUE(same_bits(std::get<Line>(a.task).length_m, std::get<Line>(b.task).length_m));
  }
  EXPECT_TRUE(same_bits(a.rollout.dt_s, b.rollout.dt_s));
  EXPECT_EQ(a.rollout.segments, b.rollout.segments);
  EXPECT_EQ(a.rollout.window_segments, b.rollout.window_segments);
  EXPECT_EQ(a.rollout.start.on_task, b.rollout.start.on_task);
  EXPECT_TRUE(same_doubles(a.rollout.start.half_width, b.rollout.start.half_width));
  ASSERT_EQ(a.link.has_value(), b.link.has_value());
  if (a.link) {
    EXPECT_EQ(a.link->host, b.link->host);
    EXPECT_EQ(a.link->offset_ns, b.link->offset_ns);
  }
  EXPECT_EQ(a.hidden, b.hidden);
  EXPECT_TRUE(same_doubles(a.scales, b.scales));
  EXPECT_EQ(a.offsets, b.offsets);
  EXPECT_EQ(a.seeds, b.seeds);
  EXPECT_EQ(a.logs, b.logs);
  EXPECT_EQ(a.axes, b.axes);
  EXPECT_EQ(a.gain.rows, b.gain.rows);
  EXPECT_EQ(a.gain.cols, b.gain.cols);
  EXPECT_TRUE(same_doubles(a.gain.data, b.gain.data));
}

// Breaks if a key is written other than it is read, or a double loses a bit in the text.
TEST(Fields, ResolvedCopyReadsBackToItself) {
  Random random;
  for (int i = 0; i < 2000 && !HasFailure(); ++i) {
    const Settings settings = random_settings(random);
    const std::string text = write_settings(settings).dump(2);
    const Settings again = read_settings<Settings>(parse_json(text, "copy"), "copy");
    expect_same(again, settings);
    EXPECT_EQ(write_settings(again).dump(2), text);
  }
}

// Breaks if a default is not visible in the resolved copy, or the keys' order is not describe()'s.
TEST(Fields, ResolvedCopyShowsEveryDefault) {
  const auto document = parse_json(R"({"rollout": {"dt_s": 0.02}, "robot": "car"})", "car.json");
  EXPECT_EQ(write_settings(read_settings<Settings>(document, "car.json")).dump(),
            R"({"robot":"car","name":"unnamed","seed":1,"chain":"segment",)"
            R"("task":{"type":"figure_eight","radius_m":1.5,"lap_s":5.5},)"
            R"("rollout":{"dt_s":0.02,"segments":10,"window_segments":10,)"
            R"("start":{"on_task":true,"half_width":[0.01,0.01,0.0,0.0]}},"link":null,)"
            R"("hidden":[64,64],"scales":[],"offsets":[],"seeds":[],"logs":[],"axes":[0,1],)"
            R"("gain":[[1.0,0.0],[0.0,1.0]]})");
}

// Breaks if a NaN or infinity, which JSON turns into null, is written without a word.
TEST(Fields, RefusesToWriteWhatJsonLacks) {
  Settings settings;
  settings.rollout.start.half_width[2] = std::numeric_limits<double>::quiet_NaN();
  expect_error([&] { write_settings(settings); }, Exit::numeric,
               "a setting is nan [rollout.start.half_width.2]; give it a finite value: JSON holds "
               "no other");
  settings.rollout.start.half_width[2] = -std::numeric_limits<double>::infinity();
  EXPECT_THROW(write_settings(settings), Error);
  settings.rollout.start.half_width[2] = 0;
  settings.chain = static_cast<example::Chain>(7);
  EXPECT_THROW(write_settings(settings), std::logic_error);
}

struct Small {
  double dt_s = 0.02;
  std::uint64_t seed = 1;
  std::array<int, 2> axes{0, 1};
  example::Chain chain = example::Chain::window;
  std::variant<Eight, Line> task;
  std::optional<example::Link> link;
  Matrix gain{1, 2, {1, 0.5}};

  template <class Visitor>
  void describe(Visitor& v) {
    v.tag("robot", "car", "name of the robot");
    v.field("dt_s", dt_s, v.required, "tick, s", v.above(0).below(0.5));
    v.field("seed", seed, v.optional, "seed");
    v.field("axes", axes, v.optional, "axes", v.at_most(5));
    v.choice("chain", chain,
             {{"segment", example::Chain::segment}, {"window", example::Chain::window}}, v.optional,
             "reach");
    v.variant("task", task, v.optional, "what to follow");
    v.section("link", link, "link");
    v.field("gain", gain, v.optional, "gain", v.shape(1, 2));
  }
};

// Breaks if the schema changes in any respect: editors and configs/schema.json rely on it.
TEST(Fields, SchemaOfASmallStruct) {
  const auto expected = nlohmann::ordered_json::parse(R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Small",
    "type": "object",
    "properties": {
      "robot": {"description": "name of the robot", "const": "car"},
      "dt_s": {"description": "tick, s", "type": "number", "exclusiveMinimum": 0,
               "exclusiveMaximum": 0.5},
      "seed": {"description": "seed", "type": "integer", "minimum": 0, "default": 1},
      "axes": {"description": "axes", "type": "array",
               "items": {"type": "integer", "maximum": 5}, "minItems": 2, "maxItems": 2,
               "default": [0, 1]},
      "chain": {"description": "reach", "enum": ["segment", "window"], "default": "window"},
      "task": {"description": "what to follow", "oneOf": [
        {"type": "object", "properties": {
           "type": {"const": "figure_eight"},
           "radius_m": {"description": "radius of each circle, m", "type": "number",
                        "exclusiveMinimum": 0, "default": 1.5},
           "lap_s": {"description": "time of one lap, s", "type": "number",
                     "exclusiveMinimum": 0, "maximum": 60, "default": 5.5}},
         "required": [], "additionalProperties": false},
        {"type": "object", "properties": {
           "type": {"const": "line"},
           "length_m": {"description": "length of the line, m", "type": "number",
                        "exclusiveMinimum": 0}},
         "required": ["type", "length_m"], "additionalProperties": false}],
        "default": {"type": "figure_eight"}},
      "link": {"description": "link", "default": null, "anyOf": [
        {"type": "null"},
        {"type": "object", "properties": {
           "host": {"description": "name of the robot's computer", "type": "string",
                    "minLength": 1},
           "offset_ns": {"description": "offset of its clock, ns", "type": "integer",
                         "default": -1}},
         "required": ["host"], "additionalProperties": false}]},
      "gain": {"description": "gain", "type": "array",
               "items": {"type": "array", "items": {"type": "number"}, "minItems": 2,
                         "maxItems": 2},
               "minItems": 1, "maxItems": 1, "default": [[1.0, 0.5]]}},
    "required": ["robot", "dt_s"],
    "additionalProperties": false})");
  EXPECT_EQ(schema_of<Small>("Small").dump(1), expected.dump(1));
}

// Breaks if an optional variant without a type is another than its initial one, or a required one
// may leave its type out.
TEST(Fields, AVariantWithoutATypeIsTheInitialOne) {
  const auto document =
      nlohmann::ordered_json::parse(R"({"robot": "car", "dt_s": 0.1, "task": {"radius_m": 2}})");
  const Small small = read_settings<Small>(document, "car.json");
  EXPECT_EQ(std::get<Eight>(small.task).radius_m, 2);
  const auto line =
      nlohmann::ordered_json::parse(R"({"robot": "car", "dt_s": 0.1, "task": {"length_m": 2}})");
  EXPECT_THROW(read_settings<Small>(line, "car.json"), Error);
}

// Breaks if a section may be left out in the schema although a key within it may not, or if a
// variant may although what it starts as requires a key.
TEST(Fields, SchemaRequiresTheSectionsOfRequiredKeys) {
  EXPECT_EQ(schema_of<Settings>("s")["required"].dump(), R"(["robot","rollout"])");
  struct LineFirst {
    std::variant<Line, Eight> task;
    void describe(SchemaWriter& v) { v.variant("task", task, v.optional, "what to follow"); }
  };
  EXPECT_EQ(schema_of<LineFirst>("s")["required"].dump(), R"(["task"])");
}

}  // namespace
}  // namespace phigrad
