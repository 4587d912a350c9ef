// report.html of a study: its quantities against what was swept, growth, remarks, tables.
#pragma once

#include <string>
#include <vector>

#include "host/study/study.hpp"

namespace phigrad {

/// The page of a whole study. `rows` and `fits` are what study_rows and study_fits gave.
std::string study_report_html(const StudyPlan& plan,
                              const std::vector<nlohmann::ordered_json>& rows,
                              const std::vector<StudyFit>& fits, double wall_s);

}  // namespace phigrad
