#include "host/engine/buffer_sizes.hpp"

#include <algorithm>
#include <numeric>

#include "host/engine/stretches.hpp"
#include "host/engine/tape.hpp"
#include "kernels/gradient/growth_bins.hpp"

namespace phigrad {
namespace {

/// Numbers that one chunk of per-trajectory gradients may take: what a processor's last cache
/// holds.
constexpr std::int64_t chunk_numbers = std::int64_t{1} << 20;

/// Blocks of whole policies, where so many fit.
std::int64_t chunk_of(std::int64_t wanted, const KernelSizes& k, const Slots& slots) {
  const std::int64_t block_numbers = std::int64_t{k.parameters} * slots.width;
  const std::int64_t fits = chunk_numbers / std::max<std::int64_t>(block_numbers, 1);
  const std::int64_t whole = std::lcm(slots.per_policy, std::int64_t{slots.width}) / slots.width;
  const std::int64_t chunk = fits >= whole ? fits / whole * whole : fits;
  return std::clamp<std::int64_t>(wanted > 0 ? wanted : chunk, 1, slots.blocks());
}

/// Rollouts of a policy from which on teams add up its gradients, how many teams keep any GPU busy,
/// and rollouts that are worth a team.
constexpr int team_rollouts = 256;
constexpr std::int64_t enough_teams = 2048, rollouts_a_team = 1024;

/// Policies that have slots in one chunk, at most.
std::int64_t policies_in(std::int64_t chunk_slots, const Slots& slots) {
  if (chunk_slots % slots.per_policy == 0) return chunk_slots / slots.per_policy;
  return std::min<std::int64_t>(slots.policies, (chunk_slots - 1) / slots.per_policy + 2);
}

int parts_of(const KernelSizes& k, const Slots& slots, std::int64_t chunk_slots) {
  if (!k.has_teams || slots.rollouts < team_rollouts) return 0;
  const std::int64_t columns = policies_in(chunk_slots, slots) * k.parameters;
  const std::int64_t rollouts = std::min<std::int64_t>(chunk_slots, slots.rollouts);
  return static_cast<int>(
      std::clamp<std::int64_t>(enough_teams / columns, 1, (rollouts - 1) / rollouts_a_team + 1));
}

/// Starts and results of iterations of training that lie on a GPU at once take at most so many
/// bytes; elsewhere there is no way to them that is worth being saved.
constexpr std::int64_t bytes_of_iterations = std::int64_t{16} << 20, most_iterations = 64;

template <class T>
Formula size_of() {
  return static_cast<std::int64_t>(sizeof(T));
}

}  // namespace

std::int64_t bytes_in(const std::vector<MemoryGroup>& groups, bool with_host) {
  Formula all;
  for (const MemoryGroup& g : groups) {
    if (with_host || !g.host) all = all + g.bytes;
  }
  return all.value();
}

BufferSizes::BufferSizes(const KernelSizes& k, const BatchShape& shape, std::int64_t chunk,
                         std::int64_t at_once, bool recompute)
    : slots(shape.policies, shape.rollouts, k.width, k.shares_from),
      chunk_blocks(chunk_of(chunk, k, slots)),
      blocks_at_once(at_once),
      again(recompute ? segments_again(shape.segments, shape.steps_per_segment) : 0),
      parts(parts_of(k, slots, chunk_blocks * slots.width)),
      B("B", slots.count),
      C("C", chunk_blocks * slots.width),
      w("w", std::int64_t{again} * shape.steps_per_segment),
      P("P", shape.policies),
      R("R", shape.rollouts),
      T("T", shape.slots()),
      S("S", shape.segments),
      n("n", k.nx),
      m("m", k.nu),
      z("z", k.nz),
      q("q", k.parameters),
      ragged_(shape.ragged),
      segments_(shape.segments),
      steps_per_segment_(shape.steps_per_segment),
      number_(k.number_bytes) {
  states = (T + 1) * n;
  inputs = T * m;
  decisions = (S + 1) * z;
  segment_time = S;
  if (ragged_) {
    since = T;
    count = S;
    decided_at = S * n;
    setpoints = 6 * T;
  }
  if (again > 0) {
    states = w * n;
    inputs = w * m;
    decided_at = (S + 1) * n;
    carry = n + z;
  }
  plant = k.plant;
  model = k.model;
  initial = n;
  noise_deviation = n + m;
  faults = 2 * n + m + 1;  // fault_numbers
  baseline = 1;
  decision_bar = S * z;
  if (k.head_depends_on_state) head_jacobian = S * z * n;
  (slots.shared ? theta_shared : theta_lane) = slots.shared ? q * P : q;
  theta_bar = q * C;
  schedule = k.schedule * T;
  if (shape.rollouts > 1) sums = totals = q * P;
  if (parts > 0) partials = parts * policies_in(chunk_blocks * slots.width, slots) * q;
  iteration = (number_ * (n + 2) + size_of<double>()) * B +
              static_cast<std::int64_t>(sizeof(double) + sizeof(std::int32_t)) * P;
  iterations = k.has_teams ? static_cast<int>(std::clamp<std::int64_t>(
                                 bytes_of_iterations / iteration.value(), 1, most_iterations))
                           : 1;
  const std::int64_t groups = (slots.policies - 1) / slots.width + 1;
  master = q * (groups * slots.width);
  loops = T * n * n;
  input_jacobians = T * n * m;
}

Formula BufferSizes::training(const Asked& asked) const {
  if (asked.rules == 0) return {};
  const Formula rules = asked.rules;
  Formula bytes = iterations * iteration + size_of<double>() * (asked.adam ? 3 : 1) * master +
                  size_of<std::int32_t>() * P + size_of<UpdateRule>() * rules +
                  size_of<IterationCount>();
  if (asked.adam) bytes = bytes + 2 * size_of<double>() * rules * asked.updates;
  return bytes;
}

StretchSizes BufferSizes::stretches(int each, int length, bool with_head_jacobian) const {
  StretchSizes s;
  s.D = Formula("D", cut_slots(slots, each).count);
  s.L = Formula("L", length);
  s.l = Formula("l", std::int64_t{length} * steps_per_segment_);
  s.states = (s.l + 1) * n;
  s.inputs = s.l * m;
  s.decisions = s.decision_bar = (s.L + 1) * z;
  s.segment_time = s.L;
  if (ragged_) {
    s.since = s.l;
    s.count = s.L;
  }
  s.model = model;
  if (with_head_jacobian) s.head_jacobian = s.L * z * n;
  s.stretch = n_stretch_numbers;
  s.status = 1;
  return s;
}

int BufferSizes::stretches_cut(const Asked& asked) const {
  if (again > 0 || asked.stretch == 0 || asked.stretch > segments_ || schedule.value() > 0)
    return 0;
  const int each = segments_ - asked.stretch + 1;
  return worth_cutting(slots, each, blocks_at_once) ? each : 0;
}

std::vector<Symbol> BufferSizes::symbols(const Asked& asked) const {
  std::vector<Symbol> all = {{B, "trajectories, in whole blocks of " + std::to_string(slots.width)},
                             {C, "of them whose gradients are held at once"},
                             {P, "policies"},
                             {R, "rollouts of each"},
                             {T, "steps"},
                             {S, "segments"},
                             {n, "states"},
                             {m, "inputs"},
                             {z, "numbers of a decision"},
                             {q, "parameters of a policy"}};
  if (again > 0) all.push_back({w, "steps that are simulated again at a time"});
  if (const int each = stretches_cut(asked); each > 0) {
    const StretchSizes cut = stretches(each, asked.stretch, false);
    all.push_back({cut.D, "stretches of segments, of all trajectories, in whole blocks"});
    all.push_back({cut.L, "segments of each"});
    all.push_back({cut.l, "steps of each"});
  }
  return all;
}

std::vector<MemoryGroup> BufferSizes::groups(const Asked& asked, bool host_visible) const {
  const Formula growth_rows = 3 * T + 1;  // two means a lag and their exponent; lengths
  const Formula added_up =
      needs_sums(asked.sums) ? size_of<GradientSum>() * sums : size_of<double>() * totals;
  Formula disturbance, tapes;
  if (asked.disturbance) {
    disturbance = (number_ * (noise_deviation + faults + baseline) + size_of<NoiseKey>()) * B;
  }
  if (asked.head_jacobian) tapes = number_ * head_jacobian * B;
  std::vector<MemoryGroup> groups = {
      {"states", number_ * (states + initial + decided_at) * B},
      {"inputs", number_ * (inputs + setpoints) * B},
      {"decisions", number_ * decisions * B},
      {"times", number_ * (segment_time + since + count) * B},
      {"plant and model", number_ * (plant + model) * B},
      {"schedule", number_ * schedule},
      {"noise and faults", disturbance},
      {"status, scores", number_ * 5 * B},
      {"policy parameters", number_ * (theta_shared + theta_lane * B)},
      {"tapes of the head", tapes},
      {"gradients", number_ * ((decision_bar + carry) * B + theta_bar) + added_up +
                        size_of<GradientSum>() * partials},
      {"training", training(asked)},
  };
  if (const int each = stretches_cut(asked); each > 0) {
    const StretchSizes cut = stretches(each, asked.stretch, asked.head_jacobian);
    groups.push_back({"stretches", number_ * cut.rows() * cut.D});
  }
  if (asked.growth_counts > 0 || asked.suprema) {
    const Formula counts = size_of<std::uint32_t>() * asked.growth_counts * growth_bins * T;
    groups.push_back(
        {"loops",
         larger(asked.growth_counts > 0 ? number_ * (loops + growth_rows) * B + counts : Formula(),
                asked.suprema ? number_ * (2 * (loops + input_jacobians) + n_suprema) * B
                              : Formula())});
  }
  Formula staging = number_ * theta_shared;
  if (!host_visible) {
    // What is largest of all that is copied in, and of what is read of it.
    for (const Formula& rows :
         {initial, segment_time, plant, model, theta_lane, decided_at, setpoints}) {
      staging = larger(staging, number_ * rows * B);
    }
    if (asked.disturbance) staging = larger(staging, number_ * faults * B);
    if (ragged_) staging = larger(staging, larger(number_ * states * B, number_ * inputs * B));
    Formula read_back = number_ * larger(states, decisions) * B;
    if (!adds_up()) read_back = larger(read_back, number_ * theta_bar);
    staging = staging + read_back + added_up;
  }
  groups.push_back({"staging", staging, true});
  groups.erase(std::remove_if(groups.begin(), groups.end(),
                              [](const MemoryGroup& g) { return g.bytes.value() == 0; }),
               groups.end());
  return groups;
}

}  // namespace phigrad
