#include "host/report/report.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "host/report/figures.hpp"
#include "host/report/markup.hpp"
#include "host/report/page_assets.hpp"
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

std::string header(const ReportData& data) {
  std::string html =
      "<header><p class=\"eyebrow\">phigrad report</p><h1>" + escape_html(data.title) + "</h1>";
  if (!data.verdict_line.empty())
    html += "<p class=\"verdict\">" + escape_html(data.verdict_line) + "</p>";
  return html + "</header>";
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

std::string definition(const std::string& name, const std::string& content) {
  return "<dt>" + escape_html(name) + "</dt><dd>" + content + "</dd>";
}

std::string facts_list(const ReportData& data) {
  std::string list;
  for (const auto& [name, value] : data.facts) list += definition(name, escape_html(value));
  const auto command = [](const std::string& text) {
    return "<code>" + escape_html(text) + "</code>";
  };
  if (!data.how_to_resume.empty()) list += definition("Resume", command(data.how_to_resume));
  if (!data.how_to_view.empty()) list += definition("View", command(data.how_to_view));
  if (list.empty()) return "";
  return "<section class=\"card\"><h2>This run</h2><dl>" + list + "</dl></section>";
}

std::string config_listing(const std::string& config) {
  if (config.empty()) return "";
  return "<section class=\"card config\"><h2>Configuration</h2><details><summary>Every setting of "
         "this "
         "run, "
         "defaults included</summary><pre>" +
         escape_html(config) + "</pre></details></section>";
}

std::string scripts(const nlohmann::ordered_json& drawn) {
  std::string html =
      "<script type=\"application/json\" id=\"data\">" + json_for_script(drawn) + "</script>\n";
  if (chart_js().empty()) return html;
  html += "<script>\n/*\n" + std::string(chart_js_licence) + "*/\n";
  html += std::string(chart_js()) + "\n</script>\n<script>";
  return html + std::string(page_script) + "</script>\n";
}

std::string missing_charts_note() {
  const auto note = [](const std::string& reason) {
    return "<style>.plot, .scale { display: none; }</style><p class=\"note\">" + reason +
           ": the figures are left out. Their numbers are in the tables.</p>";
  };
  if (chart_js().empty())
    return note("This phigrad was built without Chart.js (Debian: libjs-chart.js)");
  return "<noscript>" + note("JavaScript is off") + "</noscript>";
}

}  // namespace

std::string report_html(const ReportData& data) {
  std::string figures;
  nlohmann::ordered_json drawn = {{"paths", nullptr}, {"curves", nlohmann::ordered_json::array()}};
  if (has_paths(data)) {
    const PathsFigure paths{data.task, data.driven};
    figures += paths.html();
    drawn["paths"] = paths.json();
  }
  for (const CurvesFigure& curves : curves_figures(data)) {
    figures += curves.html();
    drawn["curves"].push_back(curves.json());
  }
  const std::string title = escape_html(data.title);
  // The policy forbids every load: the page cannot reach out even if a text slipped through.
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>" +
         title + "</title>\n<style>" + std::string(page_style) +
         "</style>\n</head>\n<body>\n<main>" + header(data) + changes_table(data.changes) +
         (figures.empty() ? "" : missing_charts_note()) + "<section class=\"grid\">" + figures +
         "</section>" + facts_list(data) + config_listing(data.config_json) +
         "<footer>Made by phigrad." +
         (chart_js().empty() ? "" : " Charts: Chart.js, MIT License, its text in this file.") +
         "</footer></main>\n" + scripts(drawn) + "</body>\n</html>\n";
}

void write_report(const std::filesystem::path& file, const ReportData& data) {
  write_file_atomically(file, report_html(data));
}

}  // namespace phigrad
