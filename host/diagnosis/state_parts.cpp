#include "host/diagnosis/state_parts.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace phigrad {
namespace {

constexpr double nudge = 1e-6;  // of what is of the order of 1

double nudge_of(double value) { return nudge * std::max(1.0, std::abs(value)); }

class StateParts {
 public:
  StateParts(const Experiment& e, const RolloutInEngine& rollout, const Block& block,
             const GradientOptions& options)
      : e_(e),
        rollout_(rollout),
        block_(block),
        options_(options),
        nx_(static_cast<std::size_t>(rollout.engine->nx())),
        nu_(static_cast<std::size_t>(rollout.engine->nu())),
        nz_(static_cast<std::size_t>(rollout.engine->nz())),
        steps_(static_cast<std::size_t>(rollout.steps())) {}

  std::vector<std::vector<double>> parts() {
    const std::vector<double> J_u_z = input_slopes();
    const std::vector<double> B = rollout_.engine->linearise().front().J_next_u;
    std::vector<std::pair<int, int>> pairs, slots;  // steps, padding left out; and their slots
    const auto count = [&](int segment) {
      return static_cast<int>(rollout_.grid.count[static_cast<std::size_t>(segment)]);
    };
    const int K = rollout_.steps();
    std::vector<int> begin = {0};
    for (int j = 0; j < rollout_.segments(); ++j) begin.push_back(begin.back() + count(j));
    const int last_moved = std::min(block_.decision + 1, rollout_.segments() - 1);
    for (int t = block_.cost_first; t <= block_.cost_last; ++t) {
      for (int k = 0; k < count(t); ++k) {
        for (int s = block_.decision; s <= last_moved; ++s) {
          for (int l = 0; l < count(s); ++l) {
            const int at = begin[static_cast<std::size_t>(t)] + k;
            const int from = begin[static_cast<std::size_t>(s)] + l;
            const bool linked = from < at && (options_.chain != Chain::segment || s == t) &&
                                (options_.truncate == 0 || at - from <= options_.truncate);
            if (!linked) continue;
            pairs.push_back({at, from + 1});
            slots.push_back({t * K + k, s * K + l});
          }
        }
      }
    }
    std::vector<std::vector<double>> parts(nx_, std::vector<double>(nz_, 0.0));
    if (pairs.empty()) return parts;
    const std::vector<double> c_x = cost_slopes();
    const auto phi = rollout_.engine->transition(pairs).front();
    for (std::size_t n = 0; n < pairs.size(); ++n) {
      const auto at = static_cast<std::size_t>(slots[n].first);
      const auto from = static_cast<std::size_t>(slots[n].second);
      const double scale = std::exp2(phi[n].exponent);
      for (std::size_t c = 0; c < nz_; ++c) {
        for (std::size_t j = 0; j < nx_; ++j) {
          double moved = 0;  // of state j, the step after
          for (std::size_t u = 0; u < nu_; ++u) {
            moved += B[(from * nx_ + j) * nu_ + u] * J_u_z[(from * nu_ + u) * nz_ + c];
          }
          if (moved == 0) continue;
          for (std::size_t i = 0; i < nx_; ++i) {
            const std::size_t row = (at - first_slot()) * nx_ + i;
            parts[i][c] += c_x[row] * phi[n].mantissa[i * nx_ + j] * scale * moved;
          }
        }
      }
    }
    return parts;
  }

 private:
  std::size_t first_slot() const { return static_cast<std::size_t>(block_.cost_first) * steps_; }

  /// ∂u/∂z of the decision, by slot: [slots, nu, nz].
  std::vector<double> input_slopes() const {
    BatchShape shape = rollout_.engine->shape();
    shape.policies = static_cast<int>(2 * nz_);
    const auto engine = double_engine(e_, shape);
    std::vector<GridTrajectory> grids;
    const std::size_t row = (static_cast<std::size_t>(block_.decision) + 1) * nz_;
    for (std::size_t c = 0; c < nz_; ++c) {
      for (const double sign : {1.0, -1.0}) {
        grids.push_back(rollout_.grid);
        double& z = grids.back().decisions[row + c];
        z += sign * nudge_of(z);
      }
    }
    engine->load(grids);
    const std::vector<std::vector<double>> commands = engine->commands(false);
    std::vector<double> J(commands.front().size() * nz_);
    for (std::size_t i = 0; i < commands.front().size(); ++i) {
      for (std::size_t c = 0; c < nz_; ++c) {
        const double span = 2 * nudge_of(rollout_.grid.decisions[row + c]);
        J[i * nz_ + c] = (commands[2 * c][i] - commands[2 * c + 1][i]) / span;
      }
    }
    return J;
  }

  /// ∂c/∂x of the block's costs, by slot from its first: [slots, nx]. Each state of each slot is
  /// nudged in a trajectory of its own, of that one segment.
  std::vector<double> cost_slopes() const {
    const auto segments = static_cast<std::size_t>(block_.cost_last - block_.cost_first + 1);
    const std::size_t numbers = segments * steps_ * nx_;
    BatchShape shape = rollout_.engine->shape();
    shape.segments = 1;
    shape.policies = static_cast<int>(2 * numbers);
    const auto engine = double_engine(e_, shape);
    std::vector<GridTrajectory> grids;
    for (std::size_t n = 0; n < numbers; ++n) {
      const std::size_t segment = static_cast<std::size_t>(block_.cost_first) + n / (steps_ * nx_);
      for (const double sign : {1.0, -1.0}) {
        grids.push_back(only(segment));
        double& x = grids.back().states[n % (steps_ * nx_)];
        x += sign * nudge_of(x);
      }
    }
    engine->load(grids);
    Scores scores;
    engine->score({0, 1, {1.0}}, scores);
    std::vector<double> slopes;
    for (std::size_t n = 0; n < numbers; ++n) {
      const double x = rollout_.grid.states[first_slot() * nx_ + n];
      slopes.push_back((scores.loss[2 * n] - scores.loss[2 * n + 1]) / (2 * nudge_of(x)));
    }
    return slopes;
  }

  /// The rollout's grid cut down to one segment.
  GridTrajectory only(std::size_t segment) const {
    const auto cut = [](const std::vector<double>& all, std::size_t from, std::size_t count) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
      return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
    const GridTrajectory& g = rollout_.grid;
    const std::size_t slot = segment * steps_;
    GridTrajectory one;
    one.states = cut(g.states, slot * nx_, (steps_ + 1) * nx_);
    one.inputs = cut(g.inputs, slot * nu_, steps_ * nu_);
    one.decisions = cut(g.decisions, segment * nz_, 2 * nz_);
    one.segment_time = cut(g.segment_time, segment, 1);
    one.since_refresh = cut(g.since_refresh, slot, steps_);
    one.count = cut(g.count, segment, 1);
    one.decided_at = cut(g.decided_at, segment * nx_, nx_);
    return one;
  }

  const Experiment& e_;
  const RolloutInEngine& rollout_;
  const Block& block_;
  const GradientOptions& options_;
  std::size_t nx_, nu_, nz_, steps_;
};

}  // namespace

std::vector<double> gradient_of_cost(Engine& engine, int t, const GradientOptions& options) {
  Gradient status;
  const auto over = [&](int first, int length) {
    engine.adjoint({first, length, {static_cast<double>(first + length)}}, options, status);
    return engine.decision_gradient(0);
  };
  if (options.chain != Chain::segment || t == 0) return over(t, 1);
  // The setpoint before is a decision of the window only if the window holds its segment.
  std::vector<double> g = over(t - 1, 2);
  const std::vector<double> before = over(t - 1, 1);
  for (std::size_t i = 0; i < g.size(); ++i) g[i] -= before[i];
  return g;
}

std::vector<std::vector<double>> state_parts(const Experiment& experiment,
                                             const RolloutInEngine& rollout, const Block& block,
                                             const GradientOptions& options) {
  return StateParts(experiment, rollout, block, options).parts();
}

}  // namespace phigrad
