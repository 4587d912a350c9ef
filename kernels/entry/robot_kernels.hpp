// The table of kernels that one robot exports in one precision and one flavour (instruction set or
// CUDA). The host picks a table at run time; one call of its functions handles a whole range.
#pragma once

#include "kernels/entry/stretch_arguments.hpp"
#include "kernels/entry/update_arguments.hpp"

namespace phigrad {

/// Blocks (or indices) begin … end of a launch, and the CUDA stream it goes to (null on the CPU).
struct LaunchRange {
  std::int64_t begin, end;
  void* stream;
};

/// A robot's plant outside a rollout, on the host: its state [nx] from what is seen of it [nx of
/// the robot], one step of dt seconds under u, and what is seen.
template <class S>
struct PlantFunctions {
  int nx;
  void (*begin)(const S* seen, const S* pack, S* state);
  void (*step)(S* state, const S* u, const S* pack, S dt, Integrator integrator);
  void (*observe)(const S* state, S* seen);
};

/// Kernels of the same names by tensor cores, to their roundings
/// (kernels/batch/tile_operand.hpp). Null where they are not a GPU's floats, or the policy has no
/// network that fits.
template <class S>
struct TensorCoreKernels {
  void (*rollout)(const RolloutArgs<S>&, LaunchRange);
  void (*adjoint)(const AdjointArgs<S>&, LaunchRange);
  void (*pull_back)(const PullBackArgs<S>&, LaunchRange);
};

template <class S>
struct RobotKernels {
  int nx, nu, nz;
  int n_schedule;              // numbers a step that the tracker reads
  int width;                   // trajectories a block
  int shares_from;             // rollouts of a policy, from which on a block reads its θ as one
  bool has_teams;              // of threads, which share the work on one index
  int plant_size, model_size;  // numbers of the parameter packs
  int policy_size, objective_size;
  bool head_depends_on_state, has_path, has_setpoint_command;
  PlantFunctions<S> plant;
  bool plant_has_own_state;     // of which the policy sees a part: no noise of states moves it
  bool plant_is_of_model_type;  // so that the model's kernels can differentiate the plant
  unsigned plant_integrators, model_integrators;  // bit i: Integrator(i) is built in

  int (*parameters)(int segments);  // np
  void (*rollout)(const RolloutArgs<S>&, LaunchRange);
  void (*decide)(const DecideArgs<S>&, LaunchRange);
  void (*score)(const ScoreArgs<S>&, LaunchRange);
  void (*head_jacobian)(const HeadJacobianArgs<S>&, LaunchRange);  // null where it is zero
  void (*adjoint)(const AdjointArgs<S>&, LaunchRange);
  void (*cut_stretches)(const CutArgs<S>&, LaunchRange);    // over slots of the cut batch
  void (*join_stretches)(const JoinArgs<S>&, LaunchRange);  // over trajectories
  void (*likelihood_ratio)(const LikelihoodRatioArgs<S>&, LaunchRange);
  void (*pull_back)(const PullBackArgs<S>&, LaunchRange);
  TensorCoreKernels<S> tf32x3, bf16;
  bool (*has_tensor_code)();  // whether the GPU runs code of these that was made for sm_80 on
  void (*reduce)(const ReduceArgs<S>&, LaunchRange);
  void (*begin_iteration)(const BeginIterationArgs<S>&, LaunchRange);
  void (*update)(const UpdateArgs<S>&, LaunchRange);  // over groups of policies
  void (*linearise)(const LineariseArgs<S>&, LaunchRange);
  void (*transition)(const TransitionArgs<S>&, LaunchRange);
  void (*growth)(const GrowthArgs<S>&, LaunchRange);
  void (*suprema)(const SupremaArgs<S>&, LaunchRange);
  void (*command)(const CommandArgs<S>&, LaunchRange);
};

}  // namespace phigrad
