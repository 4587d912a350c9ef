#include "host/diagnosis/carriers.hpp"

#include <algorithm>
#include <cmath>

#include "host/diagnosis/evidence.hpp"
#include "host/diagnosis/policy_probe.hpp"
#include "host/diagnosis/state_parts.hpp"
#include "host/engine/engine.hpp"
#include "host/experiment/cohort.hpp"
#include "host/rollouts/rollout_grid.hpp"

namespace phigrad {
namespace {

constexpr int most_blocks = 64;  // of costs, each an adjoint; longer rollouts have wider ones

/// In how many of the loss's windows a segment lies.
int times_counted(const Windows& w, int segment) {
  const int end = static_cast<int>(w.end.front());
  const int first = std::max(w.drop, segment - w.length + 1);
  const int last = std::min(segment, end - w.length);
  return std::max(last - first + 1, 0);
}

class BlockSums {
 public:
  BlockSums(const Experiment& e, const LoggedRollout& rollout)
      : grid_(e, rollout), nz_(static_cast<std::size_t>(grid_.engine->nz())) {
    windows_ = windows_over({rollout}, e);
    options_.truncate = e.common.gradient.truncate_steps;
    // A window's sensitivities start where it does: all of its costs feel all of its decisions.
    options_.chain = e.common.gradient.chain == Chain::segment ? Chain::segment : Chain::rollout;
    earliest_ = e.common.gradient.chain == Chain::window ? windows_.drop : 0;
    weight_ =
        output_slopes(e, initial_policies({{&e}, 1}, grid_.engine->parameters()), rollout).idle;
    if (weight_.empty()) weight_.assign(nz_, 1.0);
    width_ = (grid_.segments() + most_blocks - 1) / most_blocks;
  }

  std::optional<Carriers> find(const Experiment& e) {
    std::vector<double> sum(static_cast<std::size_t>(grid_.segments()) * nz_, 0.0);
    const int end = static_cast<int>(windows_.end.front());
    for (int first = windows_.drop; first < end; first += width_) {
      add_costs(first, std::min(first + width_, end), sum);
    }
    if (!(all_ > 0) || !std::isfinite(all_)) return std::nullopt;
    found_.block_share = largest_ / all_;
    std::vector<double> of_channel(nz_, 0.0);
    double squares = 0;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      of_channel[i % nz_] += sum[i] * sum[i];
      squares += sum[i] * sum[i];
    }
    if (!(squares > 0)) return std::nullopt;
    const auto top = std::max_element(of_channel.begin(), of_channel.end());
    found_.channel = decision_name(e.setup, static_cast<int>(top - of_channel.begin()));
    found_.channel_share = *top / squares;
    name_state(e);
    return found_;
  }

 private:
  /// The blocks of the costs in segments first … beyond − 1.
  void add_costs(int first, int beyond, std::vector<double>& sum) {
    std::vector<double> of_block(sum.size(), 0.0);
    for (int t = first; t < beyond; ++t) {
      const int times = times_counted(windows_, t);
      if (times == 0) continue;
      const std::vector<double> g = gradient_of_cost(*grid_.engine, t, options_);
      for (std::size_t i = static_cast<std::size_t>(earliest_) * nz_; i < g.size(); ++i) {
        of_block[i] += times * g[i] * weight_[i % nz_];
      }
    }
    for (int s = 0; s < grid_.segments(); s += width_) {
      const int last = std::min(s + width_, grid_.segments());
      double square = 0;
      for (std::size_t i = static_cast<std::size_t>(s) * nz_;
           i < static_cast<std::size_t>(last) * nz_; ++i) {
        square += of_block[i] * of_block[i];
      }
      all_ += square;
      if (!(square > largest_)) continue;
      largest_ = square;
      found_.cost_first = first;
      found_.cost_last = beyond - 1;
      found_.decision_first = s;
      found_.decision_last = last - 1;
      strongest_ = strongest_segment(of_block, s, last);
    }
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += of_block[i];
  }

  int strongest_segment(const std::vector<double>& of_block, int first, int beyond) const {
    int best = first;
    double most = -1;
    for (int s = first; s < beyond; ++s) {
      double square = 0;
      for (std::size_t c = 0; c < nz_; ++c) {
        const double v = of_block[static_cast<std::size_t>(s) * nz_ + c];
        square += v * v;
      }
      if (square > most) {
        most = square;
        best = s;
      }
    }
    return best;
  }

  void name_state(const Experiment& e) {
    const std::vector<std::vector<double>> parts =
        state_parts(e, grid_, {found_.cost_first, found_.cost_last, strongest_}, options_);
    double all = 0, most = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      double square = 0;
      for (std::size_t c = 0; c < nz_; ++c) square += std::pow(parts[i][c] * weight_[c], 2);
      all += square;
      if (!(square > most)) continue;
      most = square;
      found_.state = e.setup.states[i];
    }
    found_.state_share = all > 0 ? most / all : 0;
  }

  RolloutInEngine grid_;
  std::size_t nz_;
  Windows windows_;
  GradientOptions options_;
  std::vector<double> weight_;  // [nz]
  int earliest_ = 0, width_ = 1, strongest_ = 0;
  double all_ = 0, largest_ = 0;
  Carriers found_{};
};

}  // namespace

std::optional<Carriers> carriers_of(const Experiment& experiment, const LoggedRollout& rollout) {
  return BlockSums(experiment, rollout).find(experiment);
}

}  // namespace phigrad
