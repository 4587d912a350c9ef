#include "host/study/launches.hpp"

#include <algorithm>
#include <map>

#include "host/experiment/rollout_source.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/support/error.hpp"
#include "kernels/gradient/growth_bins.hpp"

namespace phigrad {
namespace {

/// Everything of a cell that its neighbours in a launch must have too.
std::string shared_part(const Cell& cell, const std::string& backend) {
  const EngineSpec s = cell_spec(cell, backend);
  const BatchShape b = cell_shape(cell, 1, 1);
  const Windows w = windows_over(cell.experiment.common.rollout.segments, cell.experiment);
  const GradientSettings& g = cell.experiment.common.gradient;
  const nlohmann::ordered_json key = {s.kernels,
                                      s.precision,
                                      static_cast<int>(s.plant_integrator),
                                      static_cast<int>(s.model_integrator),
                                      s.policy,
                                      s.objective,
                                      s.schedule,
                                      b.segments,
                                      b.steps_per_segment,
                                      b.dt,
                                      w.drop,
                                      w.length,
                                      w.end,
                                      static_cast<int>(g.chain),
                                      g.truncate_steps,
                                      cell.experiment.common.rollout.noise.any()};
  return key.dump();
}

/// Bytes of one trajectory in the engine's buffers, for what the study measures.
std::int64_t trajectory_bytes(const Cell& cell, const StudySettings& study,
                              const std::string& backend) {
  const std::unique_ptr<Engine> probe =
      Engine::create(cell_spec(cell, backend), cell_shape(cell, 1, 1));
  const std::int64_t nx = probe->nx(), nu = probe->nu(), nz = probe->nz();
  const std::int64_t segments = probe->shape().segments, slots = probe->shape().slots();
  std::int64_t numbers = (slots + 1) * nx + slots * nu + (2 * segments + 1) * nz + segments;
  if (cell.experiment.common.gradient.chain != Chain::segment || study.bias || study.bounds) {
    numbers += segments * nz * nx;
  }
  // The curves are read as doubles; the Jacobians of plant and model are there at once.
  std::int64_t beside = 0;
  if (study.growth || study.bounds) beside = slots * nx * nx + 6 * slots;
  if (study.bounds) beside = std::max(beside, 2 * slots * nx * (nx + nu));
  const std::int64_t size = cell.experiment.common.precision == Precision::double_ ? 8 : 4;
  return (numbers + beside) * size;
}

/// Bytes that a cell's counts of growth take, however many trajectories there are.
std::int64_t counts_bytes(const Cell& cell, const StudySettings& study) {
  if (!study.growth && !study.bounds) return 0;
  constexpr std::int64_t copies = 2;  // on the device, and as read
  return copies * cell_shape(cell, 1, 1).slots() * growth_bins *
         static_cast<std::int64_t>(sizeof(std::uint32_t));
}

}  // namespace

EngineSpec cell_spec(const Cell& cell, const std::string& backend) {
  const CommonSettings& c = cell.experiment.common;
  return engine_spec(cell.experiment, backend, precision_name(c.precision), c.rollout.segments);
}

BatchShape cell_shape(const Cell& cell, int policies, int rollouts) {
  BatchShape shape;
  shape.policies = policies;
  shape.rollouts = rollouts;
  shape.segments = cell.experiment.common.rollout.segments;
  shape.steps_per_segment = cell.experiment.setup.steps_per_segment;
  shape.dt = cell.experiment.common.rollout.dt_s;
  return shape;
}

std::vector<Launch> plan_launches(const StudyPlan& plan, const std::string& backend) {
  std::map<std::string, std::vector<int>> alike;
  std::vector<std::string> order;
  for (const Cell& cell : plan.cells) {
    const std::string key = shared_part(cell, backend);
    if (alike.find(key) == alike.end()) order.push_back(key);
    alike[key].push_back(cell.index);
  }
  const std::int64_t cap = std::int64_t{plan.settings.memory_mib} << 20;
  const std::int64_t per_group = plan.settings.trajectories / plan.settings.groups;
  // Blocks of whole lanes in either precision; two, since sums need them.
  const std::int64_t least = std::min<std::int64_t>(per_group, 16);
  std::vector<Launch> launches;
  for (const std::string& key : order) {
    const std::vector<int>& cells = alike[key];
    const Cell& first = plan.cells[static_cast<std::size_t>(cells.front())];
    const std::int64_t each =
        trajectory_bytes(first, plan.settings, backend) * plan.settings.groups;
    const std::int64_t fixed = counts_bytes(first, plan.settings);
    if (fixed + each * least > cap) {
      throw Error(
          Exit::input,
          std::to_string(least * plan.settings.groups) + " trajectories take " +
              std::to_string(((fixed + each * least) >> 20) + 1) + " MiB",
          "study.memory_mib, cell " + std::to_string(first.index) + " (" + cell_name(first) + ")",
          "raise study.memory_mib, or have fewer study.groups");
    }
    const auto most = static_cast<std::size_t>(
        std::max<std::int64_t>(cap / (fixed + each * std::min<std::int64_t>(per_group, 64)), 1));
    for (std::size_t begin = 0; begin < cells.size(); begin += most) {
      const std::size_t count = std::min(most, cells.size() - begin);
      Launch launch;
      const auto from = cells.begin() + static_cast<std::ptrdiff_t>(begin);
      launch.cells.assign(from, from + static_cast<std::ptrdiff_t>(count));
      const std::int64_t each_part = each * static_cast<std::int64_t>(count);
      const std::int64_t fixed_part = fixed * static_cast<std::int64_t>(count);
      std::int64_t part = std::min(per_group, std::max((cap - fixed_part) / each_part, least));
      // A last part of one trajectory would have no sums.
      if (part < per_group && per_group % part == 1) --part;
      launch.part = static_cast<int>(part);
      launch.bytes = fixed_part + each_part * part;
      launches.push_back(std::move(launch));
    }
  }
  return launches;
}

}  // namespace phigrad
