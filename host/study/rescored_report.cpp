#include "host/study/rescored_report.hpp"

#include "host/experiment/paths.hpp"
#include "host/report/markup.hpp"
#include "host/study/cell_result.hpp"
#include "host/study/study_figures.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

std::string name_of(const Cell& cell, const std::string& with) {
  return (cell.keys.empty() ? "" : keys_text(cell.keys) + ", ") + with;
}

}  // namespace

std::vector<CellPaths> rescored_paths(const StudyPlan& plan,
                                      const std::vector<ordered_json>& rows) {
  std::vector<CellPaths> all;
  for (std::size_t c = 0; c < rows.size(); ++c) {
    const ordered_json& training = rows[c].at("training");
    if (!training.contains("rescored")) continue;
    for (const ordered_json& r : training["rescored"]) {
      if (all.size() == most_curves) return all;
      const auto with = r.at("with").get<std::string>();
      const RobotSetup setup = rescored_experiment(plan.cells[c], with).setup;
      if (!setup.position) continue;
      all.push_back(
          {"rescored-" + std::to_string(all.size()),
           "Paths with " + name_of(plan.cells[c], with),
           task_path(setup),
           {path_of(setup, "before training", finite_states(setup, r.at("states_before"))),
            path_of(setup, "after training", finite_states(setup, r.at("states_after")))}});
    }
  }
  return all;
}

std::string rescored_section(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  std::string body;
  for (std::size_t c = 0; c < rows.size(); ++c) {
    const CellResult result = result_of(rows[c]);
    for (const std::string& with : plan.settings.training->rescore) {
      body += "<tr><th scope=\"row\">" + escape_html(name_of(plan.cells[c], with)) + "</th>";
      for (const char* quantity :
           {"cost_before", "cost_after", "path_error_before", "path_error_after"}) {
        const Estimate* e = result.find(std::string(quantity) + ", " + with);
        body += "<td>" + (e == nullptr ? "" : interval_html(*e)) + "</td>";
      }
      body += "</tr>";
    }
  }
  if (body.empty()) return "";
  return "<section class=\"card\"><div class=\"scroll\"><table><caption><b>Under other settings"
         "</b>What the policies cost where they did not learn, before training and after, with "
         "intervals over the seeds.</caption><thead><tr><th scope=\"col\">With</th>"
         "<th scope=\"col\">cost before</th><th scope=\"col\">after</th>"
         "<th scope=\"col\">path error before, m</th><th scope=\"col\">after</th></tr></thead>"
         "<tbody>" +
         body + "</tbody></table></div></section>";
}

}  // namespace phigrad
