#include "host/study/training_figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/experiment/paths.hpp"
#include "host/report/markup.hpp"
#include "host/study/cell_result.hpp"
#include "host/study/study_figures.hpp"
#include "host/study/training_study.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_figures = 16;  // of one quantity

struct Shown {
  const char* quantity;
  const char* title;
  const char* unit;
};
constexpr Shown quantities[] = {{"cost", "Training cost", ""},
                                {"path_error", "Path error in training", "m"},
                                {"gradient_norm", "Norm of the gradient", ""},
                                {"plant_loop", "Growth of the plant's loop a step", ""},
                                {"model_loop", "Growth of the model's loop a step", ""}};

bool is_loop(const Shown& shown) {
  return shown.quantity == std::string("plant_loop") || shown.quantity == std::string("model_loop");
}

/// Cells that differ in the last axis only, one after the other in the grid.
std::vector<std::vector<std::size_t>> groups_of(const StudyPlan& plan) {
  const std::size_t cells = plan.cells.size();
  const std::size_t last = plan.axes.empty() ? 1 : plan.axes.back();
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t first = 0; first < cells; first += last) {
    groups.emplace_back();
    for (const std::size_t i : shown_of(last, most_curves)) groups.back().push_back(first + i);
  }
  return groups;
}

/// What a group's cells have in common, and what one of them has on its own.
ordered_json common_keys(const StudyPlan& plan, const std::vector<std::size_t>& group) {
  ordered_json common = plan.cells[group.front()].keys;
  for (const std::size_t c : group) {
    for (const auto& [key, value] : plan.cells[c].keys.items()) {
      if (common.contains(key) && common[key] != value) common.erase(key);
    }
  }
  return common;
}

std::string own_name(const StudyPlan& plan, std::size_t cell, const ordered_json& common) {
  ordered_json own = plan.cells[cell].keys;
  for (const auto& [key, ignored] : common.items()) own.erase(key);
  const std::string text = keys_text(own);
  return text.empty() ? "all cells" : text;
}

Series curve_of(const std::string& name, const std::vector<std::vector<double>>& curve) {
  Series s;
  s.name = name;
  for (const std::vector<double>& iteration : curve) {
    const Spread v = spread_of(iteration);
    s.mean.push_back(v.mean);
    s.low.push_back(v.mean - v.sd);
    s.high.push_back(v.mean + v.sd);
    s.seeds = static_cast<int>(iteration.size());
  }
  return s;
}

/// Straight from one of the reference's iterations to the next.
Series reference_curve(const TrainingReference& r, std::size_t cell, std::size_t iterations) {
  Series s;
  s.name = "reference";
  s.line = Line::dashed;
  s.aside = true;
  s.mean.assign(iterations, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t k = 0; k < r.iterations.size(); ++k) {
    const auto to = static_cast<std::size_t>(r.iterations[k]);
    const std::size_t from = k == 0 ? to : static_cast<std::size_t>(r.iterations[k - 1]);
    const double end = r.mean(cell, k), begin = k == 0 ? end : r.mean(cell, k - 1);
    for (std::size_t i = from; i <= to && i < iterations; ++i) {
      const double part =
          to == from ? 1 : static_cast<double>(i - from) / static_cast<double>(to - from);
      s.mean[i] = begin + part * (end - begin);
    }
  }
  return s;
}

/// Rollouts of the plant that cells of a group are compared after; empty where their iterations
/// take alike many, and are as many.
std::vector<double> common_rollouts(const std::vector<ordered_json>& rows,
                                    const std::vector<std::size_t>& group) {
  int most = 0, longest = 0;
  bool alike = true;
  const ordered_json& first = rows[group.front()].at("training");
  for (const std::size_t c : group) {
    const ordered_json& t = rows[c].at("training");
    const int each = t.at("rollouts_per_update").get<int>();
    most = std::max(most, each);
    longest = std::max(longest, each * t.at("iterations").get<int>());
    alike = alike && t["rollouts_per_update"] == first["rollouts_per_update"] &&
            t["iterations"] == first["iterations"];
  }
  std::vector<double> x;
  for (int i = 0; !alike && i < longest; i += most) x.push_back(i);
  return x;
}

/// The series at those numbers of rollouts, `each` an iteration.
Series over_rollouts(const Series& s, const std::vector<double>& x, int each) {
  Series at = s;
  at.mean.assign(x.size(), std::numeric_limits<double>::quiet_NaN());
  at.low = at.high = at.mean;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto iteration = static_cast<std::size_t>(x[i]) / static_cast<std::size_t>(each);
    if (iteration >= s.mean.size()) break;
    at.mean[i] = s.mean[iteration];
    at.low[i] = s.low[iteration];
    at.high[i] = s.high[iteration];
  }
  return at;
}

CurvesFigure figure_of(const StudyPlan& plan, const std::vector<ordered_json>& rows,
                       const std::vector<std::size_t>& group, const Shown& shown) {
  CurvesFigure figure{};
  const ordered_json common = common_keys(plan, group);
  const std::optional<TrainingReference>& reference = plan.settings.training->reference;
  const bool costs = shown.quantity == std::string("cost");
  figure.title = shown.title;
  figure.unit = shown.unit;
  figure.y_title = shown.title;
  if (plan.cells.size() > group.size() && !common.empty()) figure.title += ", " + keys_text(common);
  figure.x = common_rollouts(rows, group);
  if (!figure.x.empty()) figure.x_title = "rollouts of the plant";
  bool compared = false;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto curve = training_curve(rows[group[i]], shown.quantity);
    if (curve.empty()) continue;
    Series own = curve_of(own_name(plan, group[i], common), curve);
    if (!figure.x.empty()) {
      own = over_rollouts(own, figure.x,
                          rows[group[i]]["training"]["rollouts_per_update"].get<int>());
    }
    figure.series.push_back(std::move(own));
    figure.colours.push_back(static_cast<int>(i));
    if (!figure.x.empty() || !costs || !reference || group[i] >= reference->mean.rows) continue;
    compared = true;
    figure.series.push_back(reference_curve(*reference, group[i], curve.size()));
    figure.colours.push_back(static_cast<int>(i));
  }
  figure.caption = "Mean over " + std::to_string(plan.settings.training->seeds) +
                   " seeds, before each iteration's update; bands are one standard deviation to "
                   "either side." +
                   (compared ? " Dashes join " + reference->source + ": means over " +
                                   std::to_string(reference->seeds) + " seeds."
                             : "");
  if (is_loop(shown)) {
    figure.caption =
        "The rate that fits the norms of the transition matrices by lag, under the "
        "first seed's policy; above 1 they grow.";
  }
  return figure;
}

std::string cost_cell(const Spread& s) {
  if (!std::isfinite(s.sd)) return short_number(s.mean);
  const auto [mean, error] = measured_number(s.mean, s.standard_error());
  return mean + " <small>± " + error + "</small>";
}

std::string line_of(const std::string& name, const std::vector<std::string>& cells) {
  std::string html = "<tr><th scope=\"row\">" + escape_html(name) + "</th>";
  for (const std::string& cell : cells) html += "<td>" + cell + "</td>";
  return html + "</tr>";
}

}  // namespace

std::vector<double> finite_states(const RobotSetup& setup, const ordered_json& states) {
  std::vector<double> finite;
  for (const ordered_json& v : states) {
    if (!std::isfinite(number_of(v))) break;
    finite.push_back(number_of(v));
  }
  finite.resize(finite.size() / setup.states.size() * setup.states.size());
  return finite;
}

std::vector<CurvesFigure> training_figures(const StudyPlan& plan,
                                           const std::vector<ordered_json>& rows) {
  std::vector<CurvesFigure> figures;
  const std::vector<std::vector<std::size_t>> groups = groups_of(plan);
  for (const Shown& shown : quantities) {
    for (const std::size_t g : shown_of(groups.size(), most_figures)) {
      CurvesFigure figure = figure_of(plan, rows, groups[g], shown);
      if (figure.series.empty()) continue;
      figure.id = std::string(shown.quantity) + "-" + std::to_string(g);
      figures.push_back(std::move(figure));
    }
  }
  return figures;
}

std::vector<CellPaths> training_paths(const StudyPlan& plan,
                                      const std::vector<ordered_json>& rows) {
  std::vector<CellPaths> all;
  for (const std::size_t c : shown_of(plan.cells.size(), most_curves)) {
    const RobotSetup& setup = plan.cells[c].experiment.setup;
    if (!setup.position) continue;
    const ordered_json& training = rows[c].at("training");
    all.push_back(
        {"paths-" + std::to_string(c),
         plan.cells[c].keys.empty() ? "Paths" : "Paths, " + keys_text(plan.cells[c].keys),
         task_path(setup),
         {path_of(setup, "before training", finite_states(setup, training["states_before"])),
          path_of(setup, "after training", finite_states(setup, training["states_after"]))}});
  }
  return all;
}

std::vector<FilmStrip> training_films(const StudyPlan& plan,
                                      const std::vector<ordered_json>& rows) {
  std::vector<FilmStrip> films;
  for (const std::size_t c : shown_of(plan.cells.size(), most_curves)) {
    const Experiment& e = plan.cells[c].experiment;
    if (!e.setup.joints) continue;
    const ordered_json& training = rows[c].at("training");
    const RobotSetup& setup = e.setup;
    films.push_back(
        film_strip(setup, e.common.rollout.dt_s,
                   {{"before training", finite_states(setup, training["states_before"])},
                    {"after training", finite_states(setup, training["states_after"])}}));
    films.back().id = "film-" + std::to_string(c);
    films.back().title = "Motion, " + keys_text(plan.cells[c].keys);
  }
  return films;
}

std::string training_section(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  std::string body, head;
  for (const ordered_json& row : rows) {
    const std::string keys = keys_text(row.at("keys"));
    std::vector<std::string> ours, theirs, apart;
    std::string iterations = "<th scope=\"col\">Cell</th>";
    for (const ShownCost& s : shown_costs(plan, row)) {
      iterations += "<th scope=\"col\">" + std::to_string(s.iteration) + "</th>";
      ours.push_back(cost_cell(s.cost));
      theirs.push_back(s.reference ? cost_cell(*s.reference) : "");
      apart.push_back(s.reference ? short_number(s.difference()) : "");
    }
    if (iterations != head) {
      head = iterations;
      body += "<tr>" + head + "</tr>";
    }
    body += line_of(keys.empty() ? "the only cell" : keys, ours);
    if (!plan.settings.training->reference) continue;
    body += line_of("reference", theirs);
    body += line_of("difference in standard errors", apart);
  }
  const Agreement a = agreement_of(plan, rows);
  std::string caption = "<b>Training cost at iterations</b>Mean ± standard error over the seeds.";
  if (a.compared > 0) {
    caption += " Reference: " + escape_html(plan.settings.training->reference->source) + ". " +
               std::to_string(a.within) + " of " + std::to_string(a.compared) +
               " are within three standard errors of both.";
  }
  return "<section class=\"card\"><div class=\"scroll\"><table><caption>" + caption +
         "</caption><tbody>" + body + "</tbody></table></div></section>";
}

}  // namespace phigrad
