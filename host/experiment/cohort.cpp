#include "host/experiment/cohort.hpp"

namespace phigrad {

std::vector<double> initial_policies(const Cohort& cohort, int parameters) {
  std::vector<double> theta;
  for (int p = 0; p < cohort.policies(); ++p) {
    RandomStream stream(cohort.seed_of(p), Draw::policy, 0, 0);
    const std::vector<double> one = cohort.of(p).setup.initial_policy(stream, parameters);
    theta.insert(theta.end(), one.begin(), one.end());
  }
  return theta;
}

}  // namespace phigrad
