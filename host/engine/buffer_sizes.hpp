// How large the buffers of an engine are: the engine makes them by this, and whoever says what a
// batch takes before it is made says it by this.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/buffer.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/formula.hpp"
#include "kernels/entry/robot_kernels.hpp"

namespace phigrad {

/// What the sizes depend on of a robot's kernels, in whatever precision.
struct KernelSizes {
  int nx, nu, nz, width;
  int plant, model, schedule;  // numbers of the packs, and of a step of the schedule
  int parameters;              // np
  int number_bytes;            // of S
  bool head_depends_on_state;
};

template <class S>
KernelSizes kernel_sizes(const RobotKernels<S>& k, int segments) {
  return {k.nx,
          k.nu,
          k.nz,
          k.width,
          k.plant_size,
          k.model_size,
          k.n_schedule,
          k.parameters(segments),
          static_cast<int>(sizeof(S)),
          k.head_depends_on_state};
}

/// A letter of the formulas, and what it stands for.
struct Symbol {
  Formula formula;
  std::string meaning;
};

/// Bytes of buffers that serve the same end.
struct MemoryGroup {
  std::string name;
  Formula bytes;
  bool host = false;  // the host's memory, wherever the engine runs
};

/// Sum of the groups' bytes: on the device, or of all.
std::int64_t bytes_in(const std::vector<MemoryGroup>& groups, bool with_host);

struct BufferSizes {
  BufferSizes(const KernelSizes& kernels, const BatchShape& shape, std::int64_t chunk_blocks);

  Slots slots;
  std::int64_t chunk_blocks;  // whose gradients of θ are held at once

  Formula B, C;  // slots of the batch, and of those blocks
  Formula P, R, T, S, n, m, z, q;

  // Rows of a number a trajectory.
  Formula states, inputs, decisions, segment_time;
  Formula since, count, decided_at, setpoints;  // of ragged batches
  Formula plant, model, initial, noise_deviation;
  Formula decision_bar, head_jacobian, theta_lane;
  Formula loops, input_jacobians;  // T n n and T n m: made while they are asked for
  // Numbers in all.
  Formula theta_shared, theta_bar, schedule, sums;

  /// B, C, … with their meanings, those that the formulas of this batch may hold.
  std::vector<Symbol> symbols() const;

  /// What the engine holds to answer to `asked`, on a device or on this processor, where the host
  /// writes into the buffers themselves.
  std::vector<MemoryGroup> groups(const Asked& asked, bool host_visible) const;

 private:
  bool ragged_, sums_of_rollouts_;
  Formula number_;  // bytes of S
};

}  // namespace phigrad
