#include "host/study/rescored.hpp"

#include "host/experiment/learner.hpp"
#include "host/experiment/paths.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/report/markup.hpp"
#include "host/study/cell_result.hpp"
#include "host/study/study_figures.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

struct Scored {
  std::vector<double> cost, path_error;  // [P]
  std::vector<double> states;
};

Scored scored(const Experiment& e, int seeds, const std::vector<double>& theta,
              const std::string& backend) {
  const Cohort cohort{{&e}, seeds};
  SimulatedSource source(cohort);
  Learner learner(cohort, source, backend);
  learner.set_theta(theta);
  learner.collect(e.common.optimiser.iterations);
  learner.score();
  return {learner.cost(), learner.path_error(), learner.engine().trajectory(0).states};
}

std::string name_of(const Cell& cell, const std::string& with) {
  return (cell.keys.empty() ? "" : keys_text(cell.keys) + ", ") + with;
}

}  // namespace

std::vector<Rescored> rescored(const Cell& cell, const TrainingStudySettings& study,
                               const std::vector<double>& initial, const std::vector<double>& theta,
                               const std::string& backend) {
  std::vector<Rescored> all;
  for (const std::string& with : study.rescore) {
    const Experiment e = rescored_experiment(cell, with);
    Scored before = scored(e, study.seeds, initial, backend);
    Scored after = scored(e, study.seeds, theta, backend);
    all.push_back({with, before.cost, after.cost, before.path_error, after.path_error,
                   std::move(before.states), std::move(after.states)});
  }
  return all;
}

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
