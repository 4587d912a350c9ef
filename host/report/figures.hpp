// The figures of report.html: their markup, and what the page's script draws into them.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/report/report.hpp"

namespace phigrad {

/// Which colour of the style sheet a series has: the same name the same one in every figure.
class Colours {
 public:
  /// The indices of the colours of a figure's series. A figure of one series whose name no other
  /// figure told apart has the first colour.
  std::vector<int> of(const std::vector<Series>& series);

 private:
  std::map<std::string, int> known_;
};

/// A figure of curves over the iterations, or over the values of `x`.
struct CurvesFigure {
  std::string id;     // in the page
  std::string title;  // also the vertical axis's, unless that has its own
  std::string unit;   // empty for none
  std::string band;   // what the edges of the bands are
  std::vector<Series> series;
  std::vector<int> colours;

  std::vector<double> x = {};  // [points of every series], ascending; empty: the iterations 0, 1, …
  std::string x_title = "iteration";
  std::string y_title = {};
  bool x_logarithmic = false;
  // Of the largest to the smallest mean to start with that scale; infinite: it is not offered.
  double logarithmic_ratio = 30.0;
  std::string caption = {};  // empty: says what the lines and bands are over seeds

  std::string html() const;
  nlohmann::ordered_json json() const;
};

/// The task's path and those driven, with equal scales.
struct PathsFigure {
  const Path& task;
  const std::vector<Path>& driven;
  std::string id = "paths";  // in the page
  std::string title = "Paths";

  std::string html() const;
  nlohmann::ordered_json json() const;
};

}  // namespace phigrad
