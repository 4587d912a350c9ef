#include "host/cli/training_output.hpp"

#include <cmath>
#include <cstdio>

#include "host/study/training_study.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

template <class Number>
void print_line(const char* name, const std::vector<ShownCost>& shown, const Number& number) {
  std::printf("  %-22s", name);
  for (const ShownCost& s : shown) {
    const double value = number(s);
    if (std::isfinite(value)) {
      std::printf(" %11.4g", value);
    } else {
      std::printf(" %11s", "-");
    }
  }
  std::printf("\n");
}

void print_cell(const StudyPlan& plan, const Cell& cell, const ordered_json& row) {
  const std::vector<ShownCost> shown = shown_costs(plan, row);
  const ordered_json& steps = row.at("training").at("steps");
  std::printf("cell %d: %s; step %.4g", cell.index, cell_name(cell).c_str(),
              steps.at("taken").get<double>());
  if (steps.at("tried").size() > 1) std::printf(", the best of %zu", steps.at("tried").size());
  std::printf("\n  %-22s", "iteration");
  for (const ShownCost& s : shown) std::printf(" %11d", s.iteration);
  std::printf("\n");
  print_line("training cost", shown, [](const ShownCost& s) { return s.cost.mean; });
  print_line("  standard error", shown, [](const ShownCost& s) { return s.cost.standard_error(); });
  if (!plan.settings.training->reference) return;
  print_line("reference", shown,
             [](const ShownCost& s) { return s.reference ? s.reference->mean : std::nan(""); });
  print_line("  standard error", shown, [](const ShownCost& s) {
    return s.reference ? s.reference->standard_error() : std::nan("");
  });
  print_line("difference in errors", shown, [](const ShownCost& s) { return s.difference(); });
}

}  // namespace

void print_training(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  for (const Cell& cell : plan.cells) {
    print_cell(plan, cell, rows[static_cast<std::size_t>(cell.index)]);
  }
  const Agreement a = agreement_of(plan, rows);
  if (a.compared == 0) return;
  std::printf("%d of %d costs are within three standard errors of the reference (%s)\n", a.within,
              a.compared, plan.settings.training->reference->source.c_str());
}

ordered_json agreement_json(const StudyPlan& plan, const std::vector<ordered_json>& rows) {
  const Agreement a = agreement_of(plan, rows);
  if (a.compared == 0) return nullptr;
  return {{"within_three_standard_errors", a.within}, {"compared", a.compared}};
}

}  // namespace phigrad
