#include "host/study/study_report.hpp"

#include <algorithm>
#include <cmath>

#include "host/report/markup.hpp"
#include "host/report/page.hpp"
#include "host/study/rescored_report.hpp"
#include "host/study/study_figures.hpp"
#include "host/study/training_figures.hpp"
#include "host/support/build_info.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_rows = 200;
constexpr std::size_t most_remarks = 40;

std::string cell_text(const ordered_json& row) {
  const std::string keys = keys_text(row.at("keys"));
  return keys.empty() ? "the only cell" : keys;
}

std::string head_cell(const std::string& text) {
  return "<th scope=\"col\">" + escape_html(text) + "</th>";
}

std::string fits_section(const std::vector<StudyFit>& fits) {
  std::string lines;
  for (const StudyFit& f : fits) {
    if (!f.better) continue;
    lines += "<tr><th scope=\"row\">" + escape_html(f.quantity) + "</th><td>" +
             escape_html(keys_text(f.held)) + "</td><td>" + escape_html(law_text(f)) + "</td><td>" +
             short_number(f.r_squared) + "</td></tr>";
  }
  if (lines.empty()) return "";
  return "<section class=\"card\"><div class=\"scroll\"><table><caption><b>Fitted laws</b>The "
         "power "
         "law or the exponential, whichever has the larger R²; intervals from the residuals, with "
         "Student's t.</caption><thead><tr>" +
         head_cell("Quantity") + head_cell("At") + head_cell("Law") + head_cell("R²") +
         "</tr></thead><tbody>" + lines + "</tbody></table></div></section>";
}

/// Cells with something to be said of them, and those lines.
std::string remarks_section(const std::vector<ordered_json>& rows) {
  std::string items;
  std::size_t count = 0;
  for (const ordered_json& row : rows) {
    for (const ordered_json& remark : row.at("remarks")) {
      if (++count > most_remarks) continue;
      items += "<li>" + escape_html(cell_text(row)) + ": " +
               escape_html(remark.get<std::string>()) + "</li>";
    }
  }
  if (count == 0) return "";
  if (count > most_remarks) {
    items += "<li>" + std::to_string(count - most_remarks) + " more: summary.json has them.</li>";
  }
  return "<section class=\"card\"><h2>Remarks</h2><ul>" + items + "</ul></section>";
}

std::string quantities_section(const std::vector<ordered_json>& rows, double confidence,
                               const char* counted) {
  std::vector<std::string> names;
  for (const ordered_json& row : rows) {
    for (const auto& [name, ignored] : row.at("quantities").items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::string html =
      "<section class=\"card\"><div class=\"scroll\"><table><caption><b>Quantities</b>Values with "
      "intervals of " +
      short_number(100 * confidence) +
      "\u202f%; without one, a supremum or what follows from some.";
  if (rows.size() > most_rows) {
    html += " The first " + std::to_string(most_rows) + " cells; study.csv has all.";
  }
  html += "</caption><thead><tr>" + head_cell("Cell") + head_cell(counted);
  for (const std::string& name : names) html += head_cell(name);
  html += "</tr></thead><tbody>";
  for (std::size_t i = 0; i < std::min(rows.size(), most_rows); ++i) {
    const CellResult r = result_of(rows[i]);
    html +=
        "<tr><th scope=\"row\">" + escape_html(cell_text(rows[i])) + "</th><td>" +
        std::to_string(r.used) +
        (r.used == r.trajectories ? ""
                                  : " <small>of " + std::to_string(r.trajectories) + "</small>") +
        "</td>";
    for (const std::string& name : names) {
      const Estimate* e = r.find(name);
      html += "<td>" + (e == nullptr ? "" : interval_html(*e)) + "</td>";
    }
    html += "</tr>";
  }
  return html + "</tbody></table></div></section>";
}

/// The different values of a member of the rows, one after the other.
std::string all_of(const std::vector<ordered_json>& rows, const char* member) {
  std::vector<std::string> known;
  for (const ordered_json& row : rows) {
    if (!row.contains(member)) continue;
    const ordered_json& value = row[member];
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (std::find(known.begin(), known.end(), text) == known.end()) known.push_back(text);
  }
  std::string list;
  for (const std::string& text : known) list += (list.empty() ? "" : ", ") + text;
  return list;
}

std::string cells_text(std::size_t cells, const StudySettings& s) {
  if (!s.training) {
    return std::to_string(cells) + " of " + std::to_string(s.trajectories) + " trajectories";
  }
  std::string text =
      std::to_string(cells) + ", " + std::to_string(s.training->seeds) + " seeds each";
  const std::size_t tried = s.training->step_factors.size();
  if (tried == 1) return text;
  return text + "; " + std::to_string(tried) + " step sizes each, tried with " +
         std::to_string(s.training->tuning_seeds) + " other seeds";
}

std::string intervals_text(const StudySettings& s) {
  const std::string level = short_number(100 * s.confidence) + "\u202f%, ";
  if (s.training) return level + "Student's t over the seeds";
  return level + "jackknife over " + std::to_string(s.groups) + " groups, Student's t";
}

void add_paths(const std::vector<CellPaths>& cells, Page& page) {
  for (const CellPaths& cell : cells) {
    const PathsFigure figure{cell.task, cell.driven, cell.id, cell.title};
    page.figures_html += figure.html();
    page.drawn["paths"].push_back(figure.json());
  }
}

void add_curves(const std::vector<CurvesFigure>& figures, Page& page) {
  for (const CurvesFigure& figure : figures) {
    page.figures_html += figure.html();
    page.drawn["curves"].push_back(figure.json());
  }
}

std::string lead_of(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  std::string lead;
  const auto description = plan.document.find("description");
  if (description != plan.document.end() && description->is_string()) {
    lead = description->get<std::string>() + ". ";
  }
  const auto remarked = std::count_if(
      rows.begin(), rows.end(), [](const ordered_json& row) { return !row.at("remarks").empty(); });
  if (remarked > 0) {
    lead += std::to_string(remarked) + " of " + std::to_string(rows.size()) +
            " cells have remarks, below.";
  }
  return lead;
}

}  // namespace

std::string study_report_html(const StudyPlan& plan, const std::vector<ordered_json>& rows,
                              const std::vector<StudyFit>& fits, double wall_s) {
  Page page;
  page.title = plan.name;
  page.lead = lead_of(plan, rows);
  const StudySettings& s = plan.settings;
  page.html_before =
      (s.training ? training_section(plan, rows) + rescored_section(plan, rows) : "") +
      remarks_section(rows);
  if (s.training) {
    add_paths(training_paths(plan, rows), page);
    add_paths(rescored_paths(plan, rows), page);
    for (const FilmStrip& film : training_films(plan, rows)) page.figures_html += film.html();
    add_curves(training_figures(plan, rows), page);
  }
  add_curves(quantity_figures(plan, rows, fits), page);
  add_curves(growth_figures(rows), page);
  const BuildInfo& build = build_info();
  page.html_after =
      fits_section(fits) +
      quantities_section(rows, s.confidence, s.training ? "Policies" : "Trajectories") +
      facts_section("This study",
                    {{"cells", cells_text(rows.size(), s)},
                     {"intervals", intervals_text(s)},
                     {"seeds", all_of(rows, "seed")},
                     {"machine", all_of(rows, "machine")},
                     {"commit", all_of(rows, "commit")},
                     {"wall time", short_number(wall_s) + "\u202fs"},
                     {"phigrad", std::string(build.version) + ", " + build.compiler}}) +
      config_section(plan.document.dump(2), "The config as it was read, its overrides included");
  return page_html(page);
}

}  // namespace phigrad
