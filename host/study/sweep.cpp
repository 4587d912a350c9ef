#include "host/study/sweep.hpp"

#include <cmath>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "host/config/overrides.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_cells = 100000;
constexpr std::string_view label_prefix = "label.";

bool is_label(const std::string& key) { return key.rfind(label_prefix, 0) == 0; }

/// A cell of the grid.
struct Point {
  ordered_json keys;         // what it is called by
  ordered_json assignments;  // what it sets
};

struct RangeSettings {
  double from = 0, to = 0;
  int count = 2;
  bool logarithmic = false;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("from", from, v.required, "first value");
    v.field("to", to, v.required, "last value");
    v.field("count", count, v.required, "how many", v.between(2, static_cast<int>(most_cells)));
    v.choice("spacing", logarithmic, {{"linear", false}, {"log", true}}, v.optional,
             "equal differences, or equal ratios");
  }

  void check(const Place& at) const {
    if (!logarithmic || (from > 0 && to > 0)) return;
    at.key("spacing").fail("equal ratios between " + number_text(from) + " and " + number_text(to),
                           "use positive ends, or \"linear\"");
  }

  ordered_json values() const {
    ordered_json all = ordered_json::array();
    for (int i = 0; i < count; ++i) {
      const double part = static_cast<double>(i) / (count - 1);
      const double value =
          logarithmic ? from * std::pow(to / from, part) : from + (to - from) * part;
      all.push_back(i + 1 == count ? to : value);
    }
    return all;
  }
};

ordered_json values_of(const ordered_json& node, const Place& at) {
  if (node.is_array()) {
    if (node.empty()) at.fail("an axis without values", "give at least one, or leave the key out");
    return node;
  }
  if (!node.is_object()) {
    at.fail("no values to sweep over", "write [1, 2, 3] or {\"from\": 1, \"to\": 3, \"count\": 3}");
  }
  RangeSettings range;
  Reader(&node, at).read(range);
  return range.values();
}

void check_labels(const ordered_json& values, const Place& at) {
  for (const ordered_json& value : values) {
    if (!value.is_string()) at.fail("a label is a text", "write [\"on\", \"off\"]");
  }
}

/// An axis point by point.
std::vector<Point> points_of(const ordered_json& axis, const Place& at,
                             std::set<std::string>& seen) {
  if (!axis.is_object() || axis.empty()) {
    at.fail("an axis is an object of keys and their values",
            "write {\"rollout.segments\": [25, 50]}");
  }
  std::vector<Point> points;
  ordered_json labels = ordered_json::object();
  for (const auto& [key, node] : axis.items()) {
    const Place here = at.key(key);
    if (!seen.insert(key).second) here.fail("swept twice", "keep one of the two");
    if (key == "study" || key.rfind("study.", 0) == 0 || key.rfind("sweep", 0) == 0) {
      here.fail("what a study measures is the same in all its cells",
                "sweep the experiment's keys");
    }
    const ordered_json values = values_of(node, here);
    if (is_label(key)) check_labels(values, here);
    if (points.empty())
      points.resize(values.size(), {ordered_json::object(), ordered_json::object()});
    if (values.size() != points.size()) {
      here.fail(std::to_string(values.size()) + " values beside " + std::to_string(points.size()) +
                    " of the axis's first key",
                "keys of one axis run side by side; use an axis for each to combine them all");
    }
    if (is_label(key)) {
      labels[key] = values;
      continue;
    }
    for (std::size_t i = 0; i < points.size(); ++i) points[i].assignments[key] = values[i];
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    Point& point = points[i];
    if (labels.empty()) point.keys = point.assignments;
    for (const auto& [key, values] : labels.items()) {
      point.keys[key.substr(label_prefix.size())] = values[i];
    }
  }
  return points;
}

std::vector<Point> grid_of(const ordered_json& sweep, const Place& at,
                           std::vector<std::size_t>& axes) {
  if (!sweep.is_array()) {
    at.fail("the sweep is an array of axes", "write [{\"rollout.segments\": [25, 50]}]");
  }
  std::set<std::string> seen;
  std::vector<Point> grid = {{ordered_json::object(), ordered_json::object()}};
  for (std::size_t a = 0; a < sweep.size(); ++a) {
    const std::vector<Point> points = points_of(sweep[a], at.index(a), seen);
    axes.push_back(points.size());
    if (grid.size() * points.size() > most_cells) {
      at.fail("more than " + std::to_string(most_cells) + " cells", "sweep over less at once");
    }
    std::vector<Point> finer;
    for (const Point& cell : grid) {
      for (const Point& point : points) {
        finer.push_back(cell);
        finer.back().keys.update(point.keys);
        finer.back().assignments.update(point.assignments);
      }
    }
    grid = std::move(finer);
  }
  return grid;
}

}  // namespace

std::string cell_name(const Cell& cell) {
  std::string name;
  for (const auto& [key, value] : cell.keys.items()) {
    name += (name.empty() ? "" : ", ") + key + "=" + value.dump();
  }
  return name.empty() ? "the only cell" : name;
}

ordered_json Abscissa::held_of(const ordered_json& keys) const {
  ordered_json part = ordered_json::object();
  for (const std::string& k : held) part[k] = keys.at(k);
  return part;
}

std::vector<Abscissa> abscissae(const StudyPlan& plan) {
  std::vector<Abscissa> all;
  if (!plan.document.contains("sweep")) return all;
  for (const ordered_json& axis : plan.document["sweep"]) {
    for (const auto& [key, ignored] : axis.items()) {
      std::set<double> numbers;
      for (const Cell& cell : plan.cells) {
        if (!cell.keys.contains(key)) break;  // the axis has a label
        const ordered_json& value = cell.keys[key];
        if (value.is_number()) numbers.insert(value.get<double>());
      }
      if (numbers.size() < 3 || key == "seed") continue;
      Abscissa a{key, {}};
      for (const auto& [other, value] : plan.cells.front().keys.items()) {
        if (!axis.contains(other)) a.held.push_back(other);
      }
      all.push_back(std::move(a));
      break;
    }
  }
  return all;
}

Experiment rescored_experiment(const Cell& cell, const std::string& assignments) {
  ordered_json document = cell.experiment.resolved;
  std::istringstream words(assignments);
  for (std::string assignment; words >> assignment;) apply_override(document, assignment);
  return read_experiment(document,
                         "study.training.rescore \"" + assignments + "\", " + cell_name(cell));
}

StudyPlan read_study(const ordered_json& document, const std::string& place) {
  StudyPlan plan;
  plan.document = document;
  const Place at(place);
  ordered_json base = document;
  if (!base.is_object()) at.fail("a study is a JSON object", "see configs/ for examples");
  const ordered_json sweep = base.contains("sweep") ? base["sweep"] : ordered_json::array();
  const ordered_json study = base.contains("study") ? base["study"] : ordered_json::object();
  base.erase("sweep");
  base.erase("study");
  Reader(&study, at.key("study")).read(plan.settings);
  const std::vector<Point> grid = grid_of(sweep, at.key("sweep"), plan.axes);
  for (std::size_t i = 0; i < grid.size(); ++i) {
    Cell cell{static_cast<int>(i), grid[i].keys, {}};
    const std::string here = place + ", cell " + std::to_string(i) + " of " +
                             std::to_string(grid.size()) + " (" + cell_name(cell) + ")";
    ordered_json one = base;
    for (const auto& [key, value] : grid[i].assignments.items()) {
      try {
        apply_override(one, key + "=" + value.dump());
      } catch (const Error& e) {
        throw Error(Exit::input, std::string("no such place in the config: ") + e.what(), here,
                    "correct the sweep's key");
      }
    }
    cell.experiment = read_experiment(one, here);
    if (!cell.experiment.common.rollout.logs.empty() || cell.experiment.common.rollout.live) {
      throw Error(Exit::input, "a study of recorded or live rollouts", here,
                  "studies simulate: leave rollout.logs and rollout.live out");
    }
    if (!plan.settings.training &&
        cell.experiment.common.gradient.estimator != UpdateEstimator::model) {
      throw Error(Exit::input, "gradient.estimator is for training", here,
                  "leave it out; study.likelihood_ratio measures that estimate beside the model's");
    }
    if (!plan.settings.training) require_known_model(cell.experiment);
    if (plan.settings.training) {  // what is wrong is said before anything is trained
      for (const std::string& other : plan.settings.training->rescore) {
        rescored_experiment(cell, other);
      }
    }
    if (i == 0) plan.name = cell.experiment.name;
    plan.cells.push_back(std::move(cell));
  }
  return plan;
}

}  // namespace phigrad
