// What `phigrad info --plan` says of an iteration of training.
#pragma once

#include <nlohmann/json.hpp>

#include "host/experiment/iteration_plan.hpp"

namespace phigrad {

nlohmann::ordered_json plan_json(const IterationPlan& plan);
void print_plan(const IterationPlan& plan, const Experiment& experiment);

}  // namespace phigrad
