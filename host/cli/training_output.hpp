// What `phigrad study` prints of cells that it trained.
#pragma once

#include <vector>

#include "host/study/study.hpp"

namespace phigrad {

void print_training(const StudyPlan& plan, const std::vector<nlohmann::ordered_json>& rows);

/// Of the cells at the shown iterations; null without a reference.
nlohmann::ordered_json agreement_json(const StudyPlan& plan,
                                      const std::vector<nlohmann::ordered_json>& rows);

}  // namespace phigrad
