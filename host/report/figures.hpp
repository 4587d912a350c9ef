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

/// A figure of curves over the iterations.
struct CurvesFigure {
  std::string id;     // in the page
  std::string title;  // also the vertical axis's
  std::string unit;   // empty for none
  std::string band;   // what the edges of the bands are
  const std::vector<Series>& series;
  std::vector<int> colours;

  std::string html() const;
  nlohmann::ordered_json json() const;
};

/// The task's path and those driven, with equal scales.
struct PathsFigure {
  const Path& task;
  const std::vector<Path>& driven;

  std::string html() const;
  nlohmann::ordered_json json() const;
};

}  // namespace phigrad
