#include "host/study/rescored.hpp"

#include "host/experiment/learner.hpp"
#include "host/experiment/simulated_source.hpp"

namespace phigrad {
namespace {

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

}  // namespace phigrad
