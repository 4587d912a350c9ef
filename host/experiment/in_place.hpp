// Training where the policies lie: whole iterations by the engine, without the host in between.
#pragma once

#include <vector>

#include "host/experiment/cohort.hpp"
#include "kernels/entry/update_arguments.hpp"

namespace phigrad {

/// Whether an iteration of the cohort's is rollouts of a plant that stays as it is, the model's
/// gradient and an update by one kind of rule, and nothing else.
bool can_train_in_place(const Cohort& cohort);

/// One for each experiment of the cohort.
std::vector<UpdateRule> update_rules(const Cohort& cohort);

}  // namespace phigrad
