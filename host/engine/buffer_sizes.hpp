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
  int nx, nu, nz, width, shares_from;
  int plant, model, schedule;  // numbers of the packs, and of a step of the schedule
  int parameters;              // np
  int number_bytes;            // of S
  bool head_depends_on_state, plant_has_own_state, has_teams;
};

template <class S>
KernelSizes kernel_sizes(const RobotKernels<S>& k, int segments) {
  return {k.nx,
          k.nu,
          k.nz,
          k.width,
          k.shares_from,
          k.plant_size,
          k.model_size,
          k.n_schedule,
          k.parameters(segments),
          static_cast<int>(sizeof(S)),
          k.head_depends_on_state,
          k.plant_has_own_state,
          k.has_teams};
}

/// A letter of the formulas, and what it stands for.
struct Symbol {
  Formula formula;
  std::string meaning;
};

/// Rows of a number a stretch, of a batch that is cut into stretches (host/engine/cut_batch.hpp).
struct StretchSizes {
  Formula D, L, l;  // slots of all stretches; segments and steps of each
  Formula states, inputs, decisions, segment_time, since, count, model, head_jacobian;
  Formula stretch, status, decision_bar;

  Formula rows() const {
    return states + inputs + decisions + segment_time + since + count + model + head_jacobian +
           stretch + 2 * status + decision_bar;
  }
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
  /// Where so many blocks are worked on at once, with samples stored or simulated again.
  BufferSizes(const KernelSizes& kernels, const BatchShape& shape, std::int64_t chunk_blocks,
              std::int64_t blocks_at_once, bool recompute);

  Slots slots;
  std::int64_t chunk_blocks;  // whose gradients of θ are held at once
  std::int64_t blocks_at_once;
  int again;       // segments that are simulated again at a time; 0: all samples are stored
  int parts;       // teams of threads that add up a policy's rollouts; 0: threads alone do
  int iterations;  // of training whose starts lie ready at once

  Formula B, C;  // slots of the batch, and of those blocks
  Formula w;     // steps of the segments that are simulated again at a time
  Formula P, R, T, S, n, m, z, q;

  // Rows of a number a trajectory.
  Formula states, inputs, decisions, segment_time;
  Formula since, count, setpoints;  // of ragged batches
  Formula decided_at;               // of those, and where samples are simulated again
  Formula carry;                    // of an adjoint in ranges, for the latter
  Formula plant, model, initial, noise_deviation, faults, baseline;
  Formula decision_bar, head_jacobian, theta_lane;
  Formula loops, input_jacobians;  // T n n and T n m: made while they are asked for
  // Numbers in all; sums or totals, as needs_sums() says.
  Formula theta_shared, theta_bar, schedule, sums, totals, partials;
  // Of training where the policies lie: bytes of an iteration's starts and results; numbers of θ in
  // double precision, for whole blocks of policies.
  Formula iteration, master;

  /// Bytes of training where the policies lie, as asked for.
  Formula training(const Asked& asked) const;

  /// Of so many stretches of each trajectory.
  StretchSizes stretches(int each, int length, bool with_head_jacobian) const;

  /// Whether gradients are added up over the rollouts of a policy.
  bool adds_up() const { return sums.value() > 0; }
  /// Whether in sums that more can be added to; else their totals are all that is kept.
  bool needs_sums(bool asked) const {
    const bool whole =
        chunk_blocks == slots.blocks() || chunk_blocks * slots.width % slots.per_policy == 0;
    return asked || !whole;
  }

  /// B, C, … with their meanings, those that the formulas of this batch may hold.
  std::vector<Symbol> symbols(const Asked& asked) const;

  /// What the engine holds to answer to `asked`; where the host sees the buffers it writes into
  /// them and reads them themselves.
  std::vector<MemoryGroup> groups(const Asked& asked, bool host_visible) const;

 private:
  /// Stretches of each trajectory that are cut out to answer to `asked`; 0: none are.
  int stretches_cut(const Asked& asked) const;

  bool ragged_;
  int segments_, steps_per_segment_;
  Formula number_;  // bytes of S
};

}  // namespace phigrad
