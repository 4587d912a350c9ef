#include "host/report/report.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "host/report/figures.hpp"
#include "host/report/markup.hpp"
#include "host/report/page.hpp"
#include "host/store/atomic_file.hpp"

namespace phigrad {
namespace {

void require_consistent(const std::vector<Series>& list) {
  for (const Series& series : list)
    if (series.low.size() != series.high.size() ||
        (!series.low.empty() && series.low.size() != series.mean.size()) ||
        series.mean.size() != list.front().mean.size())
      throw std::invalid_argument("report: the lengths of series '" + series.name + "' disagree");
}

void require_consistent(const Path& path) {
  if (path.x.size() != path.y.size())
    throw std::invalid_argument("report: the lengths of path '" + path.name + "' disagree");
}

bool has_finite_mean(const Series& series) {
  return std::any_of(series.mean.begin(), series.mean.end(),
                     [](double value) { return std::isfinite(value); });
}

bool has_finite_point(const Path& path) {
  for (std::size_t i = 0; i < path.x.size(); ++i)
    if (std::isfinite(path.x[i]) && std::isfinite(path.y[i])) return true;
  return false;
}

std::vector<CurvesFigure> curves_figures(const ReportData& data) {
  Colours colours;
  std::vector<CurvesFigure> figures;
  const auto add = [&](const char* id, const char* title, const char* unit,
                       const std::vector<Series>& series) {
    require_consistent(series);
    if (std::any_of(series.begin(), series.end(), has_finite_mean))
      figures.push_back({id, title, unit, data.band, series, colours.of(series)});
  };
  add("cost", "Cost", "", data.cost);
  add("path-error", "Path error", "m", data.path_error);
  add("gradient-norm", "Gradient norm", "", data.gradient_norm);
  return figures;
}

bool has_paths(const ReportData& data) {
  require_consistent(data.task);
  for (const Path& path : data.driven) require_consistent(path);
  return has_finite_point(data.task) ||
         std::any_of(data.driven.begin(), data.driven.end(), has_finite_point);
}

std::string with_deviation(double mean, double sd, int seeds) {
  if (seeds < 2) return short_number(mean);
  const auto [middle, spread] = measured_number(mean, sd);
  return middle + " <small>± " + spread + "</small>";
}

std::string relative_change(const Change& change) {
  const double percent = 100 * (change.last_mean - change.first_mean) / std::abs(change.first_mean);
  return std::isfinite(percent) ? signed_percent(percent) : short_number(percent);
}

std::string changes_table(const std::vector<Change>& changes) {
  if (changes.empty()) return "";
  std::string html =
      "<section class=\"card\"><div class=\"scroll\"><table><caption><b>Result</b>Mean over the "
      "seeds ± one standard deviation.</caption><thead><tr><th scope=\"col\">Quantity</th>"
      "<th scope=\"col\">First iteration</th><th scope=\"col\">Last iteration</th>"
      "<th scope=\"col\">Change</th><th scope=\"col\">Seeds</th></tr></thead><tbody>";
  for (const Change& change : changes) {
    const std::string unit = change.unit.empty() ? "" : " (" + change.unit + ")";
    html += "<tr><th scope=\"row\">" + escape_html(change.quantity + unit) + "</th><td>" +
            with_deviation(change.first_mean, change.first_sd, change.seeds) + "</td><td>" +
            with_deviation(change.last_mean, change.last_sd, change.seeds) + "</td><td>" +
            relative_change(change) + "</td><td>" + std::to_string(change.seeds) + "</td></tr>";
  }
  return html + "</tbody></table></div></section>";
}

std::vector<Fact> facts_of(const ReportData& data) {
  std::vector<Fact> facts;
  for (const auto& [name, value] : data.facts) facts.push_back({name, value});
  if (!data.how_to_resume.empty()) facts.push_back({"Resume", data.how_to_resume, true});
  if (!data.how_to_view.empty()) facts.push_back({"View", data.how_to_view, true});
  return facts;
}

}  // namespace

std::string report_html(const ReportData& data) {
  Page page;
  page.title = data.title;
  page.lead = data.verdict_line;
  page.html_before = changes_table(data.changes);
  if (has_paths(data)) {
    const PathsFigure paths{data.task, data.driven};
    page.figures_html += paths.html();
    page.drawn["paths"].push_back(paths.json());
  }
  if (data.film) page.figures_html += data.film->html();
  for (const CurvesFigure& curves : curves_figures(data)) {
    page.figures_html += curves.html();
    page.drawn["curves"].push_back(curves.json());
  }
  page.html_after =
      facts_section("This run", facts_of(data)) +
      config_section(data.config_json, "Every setting of this run, defaults included");
  return page_html(page);
}

void write_report(const std::filesystem::path& file, const ReportData& data) {
  write_file_atomically(file, report_html(data));
}

}  // namespace phigrad
