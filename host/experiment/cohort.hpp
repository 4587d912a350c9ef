// Policies that share a batch.
#pragma once

#include <vector>

#include "host/robots/registered.hpp"

namespace phigrad {

/// So many policies of each experiment. The experiments differ in numbers only: plant, model, seed,
/// start, optimiser. Policy p is of experiment p / seeds and draws from that one's seed + p %
/// seeds, so that each can be run again alone.
struct Cohort {
  std::vector<const Experiment*> experiments;
  int seeds = 1;

  int policies() const { return static_cast<int>(experiments.size()) * seeds; }
  const Experiment& first() const { return *experiments.front(); }
  const Experiment& of(int policy) const {
    return *experiments[static_cast<std::size_t>(policy / seeds)];
  }
  std::uint64_t seed_of(int policy) const {
    return of(policy).common.seed + static_cast<std::uint64_t>(policy % seeds);
  }
};

/// Initial policies [P, np], drawn from each policy's seed.
std::vector<double> initial_policies(const Cohort& cohort, int parameters);

}  // namespace phigrad
