// A settings struct of every kind of key, for the tests of the visitors.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/config/field_ref.hpp"
#include "host/config/place.hpp"

namespace phigrad::example {

enum class Chain { segment, window, rollout };

struct Eight {
  static constexpr const char* type = "figure_eight";
  double radius_m = 1.5;
  double lap_s = 5.5;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("radius_m", radius_m, v.optional, "radius of each circle, m", v.above(0));
    v.field("lap_s", lap_s, v.optional, "time of one lap, s", v.above(0).at_most(60));
  }
};

struct Line {
  static constexpr const char* type = "line";
  double length_m = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("length_m", length_m, v.required, "length of the line, m", v.above(0));
  }
};

struct Start {
  bool on_task = true;
  std::array<double, 4> half_width{0.01, 0.01, 0, 0};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("on_task", on_task, v.optional, "true to start on the task");
    v.field("half_width", half_width, v.optional, "half the width of the start box, m, m, rad, m/s",
            v.at_least(0));
  }
};

struct Rollout {
  double dt_s = 0;
  int segments = 10;
  int window_segments = 10;
  Start start;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("dt_s", dt_s, v.required, "control tick, s", v.between(1e-6, 1));
    v.field("segments", segments, v.optional, "segments of a rollout", v.at_least(1));
    v.field("window_segments", window_segments, v.optional, "segments that count", v.at_least(1));
    v.section("start", start, "where a rollout starts");
  }

  void check(const Place& at) const {
    if (window_segments <= segments) return;
    at.key("window_segments").fail("a window longer than the rollout", "write at most segments");
  }
};

struct Link {
  std::string host;
  std::int64_t offset_ns = -1;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("host", host, v.required, "name of the robot's computer", v.nonempty());
    v.field("offset_ns", offset_ns, v.optional, "offset of its clock, ns");
  }
};

struct Settings {
  std::string name = "unnamed";
  std::uint64_t seed = 1;
  Chain chain = Chain::segment;
  std::variant<Eight, Line> task;
  Rollout rollout;
  std::optional<Link> link;
  std::vector<int> hidden{64, 64};
  std::vector<double> scales;
  std::vector<std::int64_t> offsets;
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> logs;
  std::array<int, 2> axes{0, 1};
  Matrix gain{2, 2, {1, 0, 0, 1}};

  template <class Visitor>
  void describe(Visitor& v) {
    v.tag("robot", "car", "name of the robot");
    v.field("name", name, v.optional, "name of the experiment");
    v.field("seed", seed, v.optional, "seed of all random numbers");
    v.choice("chain", chain,
             {{"segment", Chain::segment}, {"window", Chain::window}, {"rollout", Chain::rollout}},
             v.optional, "how far the gradient reaches back");
    v.variant("task", task, v.optional, "what to follow");
    v.section("rollout", rollout, "one rollout");
    v.section("link", link, "link to a robot");
    v.field("hidden", hidden, v.optional, "width of each hidden layer", v.above(0).nonempty());
    v.field("scales", scales, v.optional, "scale of each output");
    v.field("offsets", offsets, v.optional, "offsets");
    v.field("seeds", seeds, v.optional, "seeds");
    v.field("logs", logs, v.optional, "recorded rollouts");
    v.field("axes", axes, v.optional, "axes", v.between(0, 5));
    v.field("gain", gain, v.optional, "gain matrix", v.shape(2, 2));
  }
};

}  // namespace phigrad::example
