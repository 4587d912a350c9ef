// report.html: a run in one file that needs nothing else, not even a network.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/report/film_strip.hpp"

namespace phigrad {

enum class Line { solid, dashed, dotted };

/// A quantity at each iteration of a run, over its seeds, or at each x of its figure. What is not
/// finite is left out of the drawing.
struct Series {
  std::string name;
  std::vector<double> mean;  // [iterations]
  std::vector<double> low;   // [iterations], lower edge of the band; empty for no band
  std::vector<double> high;  // [iterations], upper edge of the band; empty for no band
  int seeds = 1;
  Line line = Line::solid;
  bool aside = false;  // drawn only: without points, in no key and no table
};

/// A line in the plane.
struct Path {
  std::string name;
  std::vector<double> x;  // m
  std::vector<double> y;  // m
};

/// A number at the first and the last iteration.
struct Change {
  std::string quantity;
  std::string unit;  // empty for none
  double first_mean = 0;
  double first_sd = 0;
  double last_mean = 0;
  double last_sd = 0;
  int seeds = 1;
};

/// What the report shows. Empty parts are left out. Texts are shown as they are, in UTF-8.
struct ReportData {
  std::string title;
  std::string verdict_line;
  std::vector<std::pair<std::string, std::string>> facts;  // commit, machine, wall time, …
  std::vector<Change> changes;
  std::vector<Series> cost;           // per iteration, in the objective's unit
  std::vector<Series> path_error;     // per iteration, m
  std::vector<Series> gradient_norm;  // per iteration
  std::string band = "one standard deviation to either side";  // what low and high are
  Path task;                                                   // what should have been driven
  std::vector<Path> driven;  // before training, after training, …
  std::optional<FilmStrip> film;
  std::string config_json;
  std::string how_to_resume;  // commands
  std::string how_to_view;
};

/// The page. Throws std::invalid_argument when the lengths of a series or a path disagree.
std::string report_html(const ReportData& data);

/// Writes the page to `file`, whole or not at all. Throws Error(Exit::input) when that fails.
void write_report(const std::filesystem::path& file, const ReportData& data);

}  // namespace phigrad
