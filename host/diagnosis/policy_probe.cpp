#include "host/diagnosis/policy_probe.hpp"

#include <algorithm>
#include <cmath>

#include "host/diagnosis/engines.hpp"

namespace phigrad {

OutputSlopes output_slopes(const Experiment& e, const std::vector<double>& theta,
                           const LoggedRollout& rollout) {
  const std::vector<int>& layers = e.setup.network;
  if (layers.empty()) return {};
  const auto outputs = static_cast<std::size_t>(layers.back());
  const std::size_t last = outputs * static_cast<std::size_t>(layers[layers.size() - 2] + 1);
  RolloutInEngine in(e, rollout, 4);
  std::vector<double> idle = theta;
  std::fill(idle.end() - static_cast<std::ptrdiff_t>(last), idle.end(), 0.0);
  constexpr double nudge = 1e-5;
  std::vector<double> all;
  for (const std::vector<double>* base : std::vector<const std::vector<double>*>{&theta, &idle}) {
    all.insert(all.end(), base->begin(), base->end());
    all.insert(all.end(), base->begin(), base->end());
    for (std::size_t c = 1; c <= outputs; ++c) all[all.size() - c] += nudge;
  }
  in.engine->set_policies(all);
  in.engine->decide();
  std::vector<std::vector<double>> z;
  z.reserve(4);
  for (int b = 0; b < 4; ++b) z.push_back(in.engine->trajectory(b).decisions);
  const auto nz = static_cast<std::size_t>(in.engine->nz());
  OutputSlopes slopes;
  for (std::size_t c = 0; c < nz; ++c) {
    double moved = 0, could = 0;
    for (std::size_t row = 1; row <= static_cast<std::size_t>(in.segments()); ++row) {
      moved += std::abs(z[1][row * nz + c] - z[0][row * nz + c]);
      could += std::abs(z[3][row * nz + c] - z[2][row * nz + c]);
    }
    slopes.now.push_back(moved / nudge / in.segments());
    slopes.idle.push_back(could / nudge / in.segments());
  }
  return slopes;
}

LineOfCosts costs_along(const Experiment& e, const std::vector<double>& theta,
                        const std::vector<double>& update, int rollouts, int iteration) {
  LineOfCosts line;
  line.multiple = {0};
  for (int power = 0; power <= 10; ++power) line.multiple.push_back(std::exp2(2 * power));
  std::vector<double> all;
  for (const double m : line.multiple) {
    for (std::size_t i = 0; i < theta.size(); ++i) all.push_back(theta[i] + m * update[i]);
  }
  const auto policies = static_cast<int>(line.multiple.size());
  const auto engine = double_engine(e, simulated_shape(e, policies, std::max(rollouts, 2)));
  engine->set_policies(all);
  simulate_starts(e, *engine, iteration);
  Scores scores;
  engine->score(windows_over(engine->shape().segments, e), scores);
  const auto each = static_cast<std::size_t>(engine->shape().rollouts);
  for (std::size_t p = 0; p < line.multiple.size(); ++p) {
    double sum = 0;
    for (std::size_t r = 0; r < each; ++r) sum += scores.loss[p * each + r];
    line.cost.push_back(sum / static_cast<double>(each));
  }
  return line;
}

}  // namespace phigrad
