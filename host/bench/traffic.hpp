// Bytes that a piece of work moves between its kernels and the engine's buffers.
#pragma once

#include <string>

#include "host/bench/bench_case.hpp"

namespace phigrad {

struct Traffic {
  double bytes_per_step = 0;   // read or written by kernels, a trajectory-step
  double bytes_near = 0;       // among which that happens, all threads together
  double stored_per_step = 0;  // that goes through the whole batch's arrays
  double bytes_held = 0;       // in these
};

/// Every array that a kernel reads or writes, once a kernel: states, inputs, decisions, segment
/// times, gradients of decisions and of θ. Policies that trajectories share count for nothing; what
/// the host copies in and out does not count either. A gradient is taken while its part of the
/// batch is near (bytes_at_once a thread), and only what it leaves is stored; other work goes
/// through the whole batch. All zeros for work that is not made of rollout, score, adjoint and
/// pull-back.
Traffic traffic_of(const BenchCase& c, const std::string& what, const Engine& engine);

}  // namespace phigrad
