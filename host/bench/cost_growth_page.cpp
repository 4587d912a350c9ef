#include <cmath>
#include <map>
#include <set>

#include "host/bench/cost_growth.hpp"
#include "host/report/figures.hpp"
#include "host/report/markup.hpp"
#include "host/report/page.hpp"

namespace phigrad {
namespace {

struct Axis {
  char varies;
  const char* id;
  const char* title;
  const char* x_title;
};
constexpr Axis axes[] = {{'B', "cost-batch", "Cost over the batch", "trajectories B"},
                         {'T', "cost-horizon", "Cost over the horizon", "steps T"},
                         {'P', "cost-policies", "Cost over the policies", "policies P"}};

CurvesFigure figure_of(const char* id, const char* title, const char* x_title) {
  CurvesFigure figure{};
  figure.id = id;
  figure.title = title;
  figure.unit = "ns a trajectory-step";
  figure.x_title = x_title;
  figure.x_logarithmic = true;
  return figure;
}

/// A series for each case, in the figure's x; NaN where a curve has no such point.
CurvesFigure figure_over(const Axis& axis, const std::vector<CostCurve>& curves, Colours& colours) {
  CurvesFigure figure = figure_of(axis.id, axis.title, axis.x_title);
  std::set<int> values;
  for (const CostCurve& c : curves) {
    for (std::size_t i = 0; c.varies == axis.varies && i < c.points.size(); ++i) {
      values.insert(c.at(i));
    }
  }
  figure.x.assign(values.begin(), values.end());
  for (const CostCurve& c : curves) {
    if (c.varies != axis.varies) continue;
    Series series;
    series.name = c.name;
    std::size_t i = 0;
    for (const int x : values) {
      const bool here = i < c.points.size() && c.at(i) == x;
      series.mean.push_back(here ? c.points[i++].ns_per_step() : std::nan(""));
    }
    figure.series.push_back(std::move(series));
    figure.caption += (figure.caption.empty() ? "" : "; ") + verdict_of(c);
  }
  figure.colours = colours.of(figure.series);
  return figure;
}

/// The best of each number of states, over all cases: what a step of a larger system costs.
CurvesFigure figure_over_states(const std::vector<CostCurve>& curves) {
  CurvesFigure figure = figure_of("cost-states", "Cost over the states", "states n");
  std::map<int, const CostCurve*> least;
  for (const CostCurve& c : curves) {
    const CostCurve*& at = least[c.states];
    if (at == nullptr || c.best() < at->best()) at = &c;
  }
  Series series;
  series.name = "the fastest case of so many states";
  for (const auto& [states, curve] : least) {
    figure.x.push_back(states);
    series.mean.push_back(curve->best());
    figure.caption +=
        (figure.caption.empty() ? "n = " : ", n = ") + std::to_string(states) + ": " + curve->name;
  }
  figure.series = {std::move(series)};
  figure.colours = {0};
  return figure;
}

}  // namespace

std::string cost_growth_html(const std::vector<CostCurve>& curves,
                             const nlohmann::ordered_json& facts) {
  Page page;
  page.title = "How cost grows";
  int cliffs = 0;
  for (const CostCurve& c : curves) cliffs += c.has_cliff() ? 1 : 0;
  page.lead = cliffs == 0
                  ? "No cliff: where the machine is full, no point costs more than " +
                        short_number(cliff_ratio) + " times the best of its curve."
                  : std::to_string(cliffs) + " of " + std::to_string(curves.size()) +
                        " curves have a cliff: a point that costs more than " +
                        short_number(cliff_ratio) + " times the best where the machine is full.";
  Colours colours;
  const auto add = [&](const CurvesFigure& figure) {
    if (figure.x.empty()) return;
    page.figures_html += figure.html();
    page.drawn["curves"].push_back(figure.json());
  };
  for (const Axis& axis : axes) add(figure_over(axis, curves, colours));
  add(figure_over_states(curves));
  std::vector<Fact> list;
  for (const auto& [name, value] : facts.items()) {
    list.push_back({name, value.is_string() ? value.get<std::string>() : value.dump()});
  }
  page.html_after = facts_section("This measurement", list);
  return page_html(page);
}

}  // namespace phigrad
