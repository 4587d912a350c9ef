// A study that trains its cells: the section "study.training" of its config.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/config/fields.hpp"

namespace phigrad {

/// What somebody else found, a row a cell in the sweep's order, a column an iteration.
struct TrainingReference {
  std::string source;
  int seeds = 2;
  std::vector<int> iterations;
  Matrix mean, sd;  // [cells, iterations] of the training cost

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("source", source, v.required, "whose numbers these are", v.nonempty());
    v.field("seeds", seeds, v.required, "seeds that each mean is over", v.between(2, 1000000));
    v.field("iterations", iterations, v.required, "iterations of the columns, from 0",
            v.at_least(0));
    v.field("mean", mean, v.required, "mean training cost, a row a cell in the sweep's order");
    v.field(
        "sd", sd, v.optional,
        "standard deviation over the seeds, likewise; empty: not known, differences are then in "
        "our standard errors alone");
  }

  void check(const Place& at) const {
    for (const auto& [key, matrix] : {std::pair{"mean", &mean}, std::pair{"sd", &sd}}) {
      if (matrix->cols == iterations.size() && matrix->rows == mean.rows && mean.rows > 0) continue;
      if (matrix == &sd && sd.rows == 0) continue;
      at.key(key).fail("rows of " + std::to_string(matrix->cols) + " numbers for " +
                           std::to_string(iterations.size()) + " iterations",
                       "give each cell a number for each of reference.iterations");
    }
  }
};

struct TrainingStudySettings {
  int seeds = 64;
  std::vector<int> show_iterations;
  std::vector<double> step_factors = {1};
  int tuning_seeds = 16;
  bool watch_loops = false;
  std::vector<std::string> rescore;
  std::optional<TrainingReference> reference;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("seeds", seeds, v.optional, "policies that are trained in each cell, side by side",
            v.between(2, 100000));
    v.field("show_iterations", show_iterations, v.optional,
            "iterations of the table; empty: the first and the last", v.at_least(0));
    v.field("step_factors", step_factors, v.optional,
            "step sizes that every cell is tried with, in times its optimiser.step; the one with "
            "the lowest mean cost of the last iteration is its own",
            v.above(0));
    v.field("tuning_seeds", tuning_seeds, v.optional,
            "seeds that step sizes are tried with, beyond those of the result",
            v.between(1, 100000));
    v.field("watch_loops", watch_loops, v.optional,
            "measure the growth of both closed loops in every iteration, under the first policy, "
            "and say from which on the diagnosis calls one unstable");
    v.field(
        "rescore", rescore, v.optional,
        "other settings, assignments as of --set with blanks between: rollouts of the first and "
        "the trained policies are scored with each of these too");
    v.section("reference", reference, "numbers of others to set the training costs beside");
  }

  void check(const Place& at) const {
    if (step_factors.empty()) at.key("step_factors").fail("no step size", "write [1]");
  }
};

}  // namespace phigrad
