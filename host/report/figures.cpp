#include "host/report/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "host/report/markup.hpp"

namespace phigrad {
namespace {

using Json = nlohmann::ordered_json;

constexpr int colour_count = 6;         // --c0 … --c5 of the style sheet
constexpr std::size_t table_rows = 25;  // about, of the tables that repeat a figure's numbers

// Before training in the second colour, after it in the first, which is that of a single curve.
constexpr std::array<int, colour_count> path_colours = {1, 0, 2, 3, 4, 5};

int path_colour(std::size_t index) { return path_colours[index % path_colours.size()]; }

// Largest over smallest mean; 0 where a logarithmic axis does not exist.
double positive_ratio(const std::vector<Series>& series) {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const Series& s : series)
    for (const double value : s.mean) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  return low > 0 && high > 0 ? high / low : 0;
}

// Evenly spaced rows of a long table, all of a short one; always the first and the last.
std::vector<std::size_t> rows_to_show(std::size_t count) {
  const std::size_t stride = 1 + (count - 1) / table_rows;
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row + 1 < count; row += stride) rows.push_back(row);
  rows.push_back(count - 1);
  return rows;
}

std::string with_unit(const std::string& title, const std::string& unit) {
  return unit.empty() ? title : title + " (" + unit + ")";
}

std::string numbers_table(const CurvesFigure& figure) {
  const std::size_t count = figure.series.front().mean.size();
  const std::vector<std::size_t> rows = rows_to_show(count);
  const bool iterations = figure.x.empty();
  std::string html = "<details><summary>Numbers</summary><div class=\"scroll\"><table><caption>";
  html += escape_html(with_unit(figure.title, figure.unit)) +
          (iterations ? ": mean (low to high)" : ": value (low to high)") +
          (rows.size() == count ? ""
           : iterations         ? ", a selection of iterations"
                                : ", a selection") +
          "</caption><thead><tr><th scope=\"col\">" + escape_html(figure.x_title) + "</th>";
  for (const Series& s : figure.series) {
    if (!s.aside) html += "<th scope=\"col\">" + escape_html(s.name) + "</th>";
  }
  html += "</tr></thead><tbody>";
  for (const std::size_t i : rows) {
    html += "<tr><td>" + (iterations ? std::to_string(i) : short_number(figure.x[i])) + "</td>";
    for (const Series& s : figure.series) {
      if (s.aside) continue;
      html += "<td>" + short_number(s.mean[i]);
      if (!s.low.empty())
        html +=
            " <small>(" + short_number(s.low[i]) + " to " + short_number(s.high[i]) + ")</small>";
      html += "</td>";
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div></details>";
}

std::string caption_of(const CurvesFigure& figure) {
  if (!figure.caption.empty()) return figure.caption;
  const auto [fewest, most] =
      std::minmax_element(figure.series.begin(), figure.series.end(),
                          [](const Series& a, const Series& b) { return a.seeds < b.seeds; });
  const std::string low = std::to_string(fewest->seeds);
  const std::string high = std::to_string(most->seeds);
  std::string text = figure.title + " at each iteration";
  if (most->seeds > 1)
    text += "; the line is the mean over " + (low == high ? low : low + " to " + high) + " seeds";
  if (std::any_of(figure.series.begin(), figure.series.end(),
                  [](const Series& s) { return !s.low.empty(); }))
    text += ", the band " + figure.band;
  return text + ".";
}

const char* mark_of(Line line) {
  switch (line) {
    case Line::dashed:
      return "dashed";
    case Line::dotted:
      return "dotted";
    default:
      return "curve";
  }
}

// `mark` is the kind of line: "curve", "dashed", "dotted", "task" (dashed) or "target" (a cross).
std::string key_entry(const std::string& name, const std::string& colour, const std::string& mark) {
  return "<li><i class=\"" + mark + "\" style=\"--colour:var(--" + colour + ")\"></i>" +
         escape_html(name) + "</li>";
}

std::string plot_area(const std::string& label) {
  return "<div class=\"plot\"><canvas role=\"img\" aria-label=\"" + escape_html(label) +
         "\"></canvas></div>";
}

}  // namespace

std::vector<int> Colours::of(const std::vector<Series>& series) {
  const bool single = series.size() == 1 && known_.count(series.front().name) == 0;
  if (single) return {0};
  std::vector<int> result;
  for (const Series& s : series) {
    const int next = static_cast<int>(known_.size()) % colour_count;
    result.push_back(known_.emplace(s.name, next).first->second);
  }
  return result;
}

std::string CurvesFigure::html() const {
  std::string html =
      "<figure id=\"" + id + "\"><div class=\"title\"><h2>" + escape_html(title) + "</h2>";
  if (positive_ratio(series) > 0 && std::isfinite(logarithmic_ratio))
    html +=
        "<span class=\"scale\" role=\"group\" aria-label=\"Scale of the vertical axis\">"
        "<button type=\"button\" value=\"linear\" aria-pressed=\"false\">linear</button>"
        "<button type=\"button\" value=\"log\" aria-pressed=\"false\">log</button></span>";
  html += "</div>";
  if (std::count_if(series.begin(), series.end(), [](const Series& s) { return !s.aside; }) > 1) {
    html += "<ul class=\"key\">";
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (series[i].aside) continue;
      html += key_entry(series[i].name, "c" + std::to_string(colours[i]), mark_of(series[i].line));
    }
    html += "</ul>";
  }
  html += plot_area(title + " at each " + x_title + "; the table that follows has the numbers");
  return html + "<figcaption>" + escape_html(caption_of(*this)) + "</figcaption>" +
         numbers_table(*this) + "</figure>";
}

Json CurvesFigure::json() const {
  Json list = Json::array();
  for (std::size_t i = 0; i < series.size(); ++i)
    list.push_back({{"name", series[i].name},
                    {"seeds", series[i].seeds},
                    {"colour", colours[i]},
                    {"line", mark_of(series[i].line)},
                    {"aside", series[i].aside},
                    {"mean", plot_numbers(series[i].mean)},
                    {"low", plot_numbers(series[i].low)},
                    {"high", plot_numbers(series[i].high)}});
  return {{"id", id},
          {"axis", with_unit(y_title.empty() ? title : y_title, unit)},
          {"x", x.empty() ? Json() : plot_numbers(x)},
          {"x_title", x_title},
          {"x_logarithmic", x_logarithmic},
          {"logarithmic", positive_ratio(series) >= logarithmic_ratio},
          {"series", std::move(list)}};
}

std::string PathsFigure::html() const {
  std::string html = "<figure id=\"" + id + "\"><div class=\"title\"><h2>" + escape_html(title) +
                     "</h2></div><ul class=\"key\">";
  if (!task.x.empty()) html += key_entry(task.name, "task", task.x.size() == 1 ? "target" : "task");
  for (std::size_t i = 0; i < driven.size(); ++i)
    html += key_entry(driven[i].name, "c" + std::to_string(path_colour(i)), "curve");
  html += "</ul>" + plot_area("The task's path and the paths driven");
  return html +
         "<figcaption>To the same scale in both directions. A dot marks where a path "
         "begins.</figcaption></figure>";
}

Json PathsFigure::json() const {
  Json paths = Json::array();
  const auto add = [&](const Path& path, Json colour) {
    paths.push_back({{"name", path.name},
                     {"colour", std::move(colour)},
                     {"x", plot_numbers(path.x)},
                     {"y", plot_numbers(path.y)}});
  };
  if (!task.x.empty()) add(task, "task");
  for (std::size_t i = 0; i < driven.size(); ++i) add(driven[i], path_colour(i));
  return {{"id", id}, {"paths", std::move(paths)}};
}

}  // namespace phigrad
