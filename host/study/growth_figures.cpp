#include <algorithm>
#include <cmath>
#include <limits>

#include "host/study/study_figures.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_cells_drawn = 6;
constexpr std::size_t most_points = 200;

bool same_curves(const std::vector<GrowthPoint>& a, const std::vector<GrowthPoint>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const GrowthPoint& p, const GrowthPoint& q) {
                      return p.log_mean == q.log_mean && p.log_max == q.log_max;
                    });
}

/// Median with its band, mean and largest of one loop, in decades, in the lags of the figure.
void add_growth(CurvesFigure& figure, const std::vector<GrowthPoint>& points,
                const std::vector<std::size_t>& shown, const std::string& loop, int colour) {
  Series median, mean, largest;
  median.name = loop + ", median";
  mean.name = loop + ", mean";
  largest.name = loop + ", largest";
  mean.line = Line::dashed;
  largest.line = Line::dotted;
  for (const std::size_t i : shown) {
    const GrowthPoint& p = points[i];
    median.mean.push_back(p.log_q50 / std::log(10));
    median.low.push_back(p.log_q05 / std::log(10));
    median.high.push_back(p.log_q95 / std::log(10));
    mean.mean.push_back(p.log_mean / std::log(10));
    largest.mean.push_back(p.log_max / std::log(10));
  }
  for (Series* s : {&median, &mean, &largest}) {
    figure.series.push_back(std::move(*s));
    figure.colours.push_back(colour);
  }
}

}  // namespace

std::vector<CurvesFigure> growth_figures(const std::vector<ordered_json>& rows) {
  std::vector<const ordered_json*> grown;
  for (const ordered_json& row : rows) {
    if (row.contains("growth")) grown.push_back(&row);
  }
  std::vector<CurvesFigure> figures;
  for (const std::size_t c : shown_of(grown.size(), most_cells_drawn)) {
    const ordered_json& row = *grown[c];
    const CellResult r = result_of(row);
    const auto& longest = r.growth[r.growth[1].size() > r.growth[0].size() ? 1 : 0];
    CurvesFigure figure{};
    figure.id = "growth-" + row.at("cell").dump();
    const std::string cell = keys_text(row.at("keys"));
    figure.title = "Growth of ‖Φ‖" + (cell.empty() ? "" : ", " + cell);
    figure.y_title = "log₁₀ ‖Φ‖₂";
    figure.x_title = "lag (steps)";
    figure.logarithmic_ratio = std::numeric_limits<double>::infinity();
    const std::vector<std::size_t> lags = shown_of(longest.size(), most_points);
    for (const std::size_t i : lags) figure.x.push_back(longest[i].lag);
    if (same_curves(r.growth[0], r.growth[1])) {
      add_growth(figure, longest, lags, "both loops", 0);
    } else {
      const char* const names[] = {"model's loop", "plant's loop"};
      for (int loop = 0; loop < 2; ++loop) {
        if (r.growth[loop].size() != longest.size()) continue;
        add_growth(figure, r.growth[loop], lags, names[loop], loop);
      }
    }
    figure.caption =
        "Growth of the state-transition matrix Φ(t + L, t) with the lag L, over all trajectories "
        "and "
        "times: mean, largest, and the median with a band from 5\u202f% to 95\u202f%.";
    if (grown.size() > most_cells_drawn) {
      figure.caption += " " + std::to_string(most_cells_drawn) + " of " +
                        std::to_string(grown.size()) + " cells are drawn: growth.csv has all.";
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace phigrad
