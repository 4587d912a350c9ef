// The policy on board, with the engine's own kernels: what runs on the robot is, bit for bit, what
// the gradient is taken of.
#pragma once

#include <vector>

#include "host/robots/registered.hpp"
#include "kernels/entry/robot_kernels.hpp"

namespace phigrad {

/// A policy of two rates over one rollout at a time. All memory is taken at construction; for one
/// thread.
class ControlPolicy {
 public:
  static constexpr int most_states = 16;
  static constexpr int most_inputs = 16;
  static constexpr int most_decisions = 46;  // a segment's row on the link holds them all

  /// Takes the kernels in double, of the flavour that every processor of this kind runs ("baseline"
  /// on x86; flavours with a fused multiply-add differ from it in the last bits). Throws
  /// Error(Exit::input) for a policy whose parameters belong to segments of their own (a rollout
  /// has as many as it has, a policy on board sees one at a time), and for a robot too large.
  explicit ControlPolicy(const Experiment& experiment);
  ControlPolicy(const ControlPolicy&) = delete;
  ControlPolicy& operator=(const ControlPolicy&) = delete;

  int nx() const noexcept { return k_.nx; }
  int nu() const noexcept { return k_.nu; }
  int nz() const noexcept { return k_.nz; }
  int parameters() const noexcept { return parameters_; }  // np
  int steps_per_segment() const noexcept { return steps_; }

  /// A rollout begins in the state x [nx] at task time t_s: sets before().
  void begin(const double* x, double t_s) noexcept;

  /// Decides segment `segment` (from 0) with theta [np], which is read in this call alone.
  void refresh(const double* theta, const double* x, double t_s, int segment) noexcept;

  /// The command u [nu] at `step` of the segment, since_s after it was decided.
  void act(const double* x, double since_s, int step, double* u) noexcept;

  /// The decision [nz] that was in force before the first segment.
  const double* before() const noexcept { return before_.data(); }

  /// The decision [nz] of this segment.
  const double* decision() const noexcept { return decision_.data(); }

 private:
  /// A column of numbers in every lane of a block; only the first lane is read.
  Rows<double> rows(std::vector<double>& numbers, int n);
  void put(const Rows<double>& to, int first, const double* from, int n) const noexcept;
  void get(const Rows<double>& from, int first, double* to, int n) const noexcept;
  PolicyView<double> policy(const double* theta, int slot) const noexcept;

  RobotKernels<double> k_;
  int parameters_;
  int steps_;
  Integrator integrator_;
  std::vector<double> settings_;    // policy pack
  std::vector<double> schedule_;    // [slots, n_schedule]
  int slots_ = 0;                   // of the schedule
  std::vector<double> zeros_;       // [np]
  std::vector<double> before_;      // [nz]
  std::vector<double> decision_;    // [nz]
  std::vector<double> memory_[10];  // of the rows below
  Rows<double> plant_, commands_;
  BatchView<double> batch_{};
  int segment_ = 0;
};

}  // namespace phigrad
