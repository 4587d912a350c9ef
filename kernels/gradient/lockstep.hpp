// Rollouts and their adjoint on a GPU's tensor cores: a team of threads goes with a trajectory each
// from segment to segment together, so that a network's decisions, and the way back through them,
// are products of tiles.
#pragma once

#include "kernels/gradient/adjoint.hpp"
#include "kernels/gradient/rollout.hpp"
#include "kernels/policy/mlp_lockstep.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct BlockRange {
  std::int64_t begin, end;
};

/// Trajectories of a team, and which of them have one policy: the network takes its weights for
/// those, the others wait. With one policy a team takes them once, and its warps go apart.
template <class Network>
class LockstepTeam {
 public:
  static constexpr int threads = Network::threads;

  /// Trajectories (blocks of one) of the team `index` of a range.
  PHI_HD LockstepTeam(const PolicyView<float>& policy, BlockRange range, std::int64_t index,
                      typename Network::Shared& shared)
      : policy_(policy), network_(shared), first_(range.begin + index * threads) {
    const std::int64_t left = range.end - first_;
    count_ = left < threads ? static_cast<int>(left) : threads;
    has_one_policy_ = end_of_policy(0) >= count_;
    if (has_one_policy_) take(0);
  }

  PHI_HD std::int64_t trajectory(int thread) const { return first_ + thread; }

  /// f(thread) by each that has a trajectory. Warps do not wait for one another.
  template <class F>
  PHI_HD void each(const F& f) const {
    team_.each_warp_apart([&](int warp) {
      each_lane([&](int lane) {
        const int thread = warp * warp_size + lane;
        if (thread < count_) f(thread);
      });
    });
  }

  /// f(network, warp, begin, end) for every warp, and for the threads of each policy in turn: those
  /// from `begin` to before `end`.
  template <class F>
  PHI_HD void with_network(const F& f) {
    for (int begin = 0, end; begin < count_; begin = end) {
      end = has_one_policy_ ? count_ : end_of_policy(begin);
      if (!has_one_policy_) take(begin);
      team_.each_warp_apart([&](int warp) { f(network_, warp, begin, end); });
    }
  }

 private:
  /// The first thread behind `thread` whose trajectory has another policy.
  PHI_HD int end_of_policy(int thread) const {
    if (!policy_.shared) return thread + 1;
    const std::int64_t each = policy_.slots_per_policy;
    const std::int64_t end = (trajectory(thread) / each + 1) * each - first_;
    return end < count_ ? static_cast<int>(end) : count_;
  }
  PHI_HD void take(int thread) {
    parameters_of<float>(policy_, trajectory(thread)).visit([&](const auto& theta) {
      network_.take(theta);
    });
  }

  const PolicyView<float>& policy_;
  Network network_;
  Team<threads> team_;
  std::int64_t first_;
  int count_;
  bool has_one_policy_;
};

/// As Rollout (one of floats, from the start), to the roundings of tile products.
template <class Rollout, class Products>
struct RolloutInLockstep {
  using Head = typename Rollout::Head;
  using Network = MlpLockstep<typename Head::Network, Products>;
  using Shared = typename Network::Shared;
  static constexpr int threads = Network::threads;
  static constexpr int teams_at_once = 3;

  Rollout rollout;
  BlockRange range;

  PHI_HD void operator()(std::int64_t index, Shared& shared) const {
    if constexpr (has_tile_products) {
      const RolloutArgs<float>& a = rollout.a;
      const auto& head = Rollout::Policy::head(rollout.settings);
      LockstepTeam<Network> team(a.policy, range, index, shared);
      OfEach<typename Rollout::Run, threads> run;
      OfEach<float, threads> time;
      OfEach<typename Network::Input, threads> input;
      OfEach<typename Network::Output, threads> output;
      team.each([&](int i) { run.make(i, rollout, team.trajectory(i)); });
      for (int j = 0; j < a.batch.segments; ++j) {
        team.each([&](int i) {
          time[i] = load_row<float>(a.batch.segment_time, j, team.trajectory(i));
          input[i] = Head::network_input(run[i].x(), time[i], head);
        });
        team.with_network([&](Network& network, int warp, int begin, int end) {
          network.forward(warp, begin, end, input, output);
        });
        team.each(
            [&](int i) { run[i].segment(j, time[i], Head::decided(time[i], output[i], head)); });
      }
      team.each([&](int i) { run[i].end(); });
    } else {
      no_tile_products();
    }
  }
};

/// As Adjoint (one of floats, chain rollout, not truncated) with sensitivities through the head,
/// to the roundings of tile products.
template <class Adjoint, class Products>
struct AdjointInLockstep {
  using Policy = typename Adjoint::Policy;
  using Head = typename Policy::Head;
  using Network = MlpLockstep<typename Head::Network, Products>;
  using Shared = typename Network::Shared;
  static constexpr int threads = Network::threads;
  static constexpr int teams_at_once = 3;

  Adjoint adjoint;
  BlockRange range;

  PHI_HD void operator()(std::int64_t index, Shared& shared) const {
    if constexpr (has_tile_products) {
      const AdjointArgs<float>& a = adjoint.a;
      const auto& head = Policy::head(adjoint.settings);
      LockstepTeam<Network> team(a.policy, range, index, shared);
      OfEach<typename Adjoint::Sweep, threads> sweep;
      OfEach<typename Adjoint::Cotangents, threads> back;
      OfEach<Vec<float, Adjoint::nz>, threads> z_bar;
      OfEach<typename Network::Input, threads> input, input_bar;
      OfEach<typename Network::Output, threads> output_bar;
      const typename Adjoint::Stretch whole{a.range.end - 1, a.range.begin, 1, 0};
      team.each([&](int i) {
        sweep.make(i, adjoint, team.trajectory(i));
        back[i] = sweep[i].begin(whole);
      });
      const auto input_at = [&](int i, int j) {
        const std::int64_t trajectory = team.trajectory(i);
        return typename Head::template InputAt<float>(
            decided_at<float, Adjoint::nx>(a.batch, j, trajectory),
            load_row<float>(a.batch.segment_time, j, trajectory), head);
      };
      for (int j = whole.last; j >= whole.first; --j) {
        team.each([&](int i) {
          z_bar[i] = sweep[i].to_decision(whole, j, back[i]);
          input[i] = input_at(i, j).values();
          output_bar[i] = Head::output_bar(z_bar[i], head);
        });
        team.with_network([&](Network& network, int warp, int begin, int end) {
          network.input_vjp(warp, begin, end, input, output_bar, input_bar);
        });
        team.each([&](int i) {
          back[i].lambda = back[i].lambda + input_at(i, j).pull_back(input_bar[i]);
          sweep[i].note_lost(whole, j, z_bar[i], back[i]);
        });
      }
      team.each([&](int i) {
        sweep[i].leave(whole, back[i]);
        sweep[i].end();
      });
    } else {
      no_tile_products();
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
