#include "host/study/launches.hpp"

#include <algorithm>
#include <map>

#include "host/engine/engine_plan.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/support/error.hpp"
#include "kernels/gradient/growth_bins.hpp"

namespace phigrad {
namespace {

/// Bytes that launches of cells like one take: their engine's, and what is read of growth.
class LaunchBytes {
 public:
  LaunchBytes(const Cell& cell, const StudySettings& study, const std::string& backend)
      : cell_(cell),
        groups_(study.groups),
        grows_(study.growth || study.bounds),
        spec_(cell_spec(cell, backend)),
        backend_(choose_backend(
            spec_, cell_shape(cell, study.groups, study.trajectories / study.groups))) {
    spec_.asked.suprema = study.bounds;
    spec_.asked.sums = true;
  }

  /// Of `rollouts` of each group of so many cells.
  std::int64_t of(int cells, int rollouts) {
    spec_.asked.growth_counts = grows_ ? cells : 0;
    const BatchShape shape = cell_shape(cell_, cells * groups_, rollouts);
    return engine_bytes(spec_, backend_, shape) + (grows_ ? as_read(shape, cells) : 0);
  }

 private:
  /// Two curves of doubles a trajectory, of this loop and the one before; the counts.
  static std::int64_t as_read(const BatchShape& shape, int cells) {
    constexpr std::int64_t curves = 2 * 2 * static_cast<std::int64_t>(sizeof(double));
    constexpr std::int64_t counts = growth_bins * static_cast<std::int64_t>(sizeof(std::uint32_t));
    return shape.slots() * (shape.trajectories() * curves + cells * counts);
  }

  const Cell& cell_;
  int groups_;
  bool grows_;
  EngineSpec spec_;
  BackendChoice backend_;
};

/// Entries of rollout.drift that may move the policies' settings, which cells of a launch share.
nlohmann::ordered_json policy_drift(const Experiment& e) {
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  for (const std::string& entry : e.common.rollout.drift) {
    if (entry.rfind("plant.", 0) != 0 && entry.rfind("model.", 0) != 0) entries.push_back(entry);
  }
  return entries;
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

std::string launch_key(const Cell& cell, const std::string& backend) {
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
                                      cell.experiment.common.rollout.is_disturbed(),
                                      cell.experiment.common.rollout.delay_steps(),
                                      policy_drift(cell.experiment)};
  return key.dump();
}

std::vector<Launch> plan_launches(const StudyPlan& plan, const std::string& backend) {
  std::map<std::string, std::vector<int>> alike;
  std::vector<std::string> order;
  for (const Cell& cell : plan.cells) {
    const std::string key = launch_key(cell, backend);
    if (alike.find(key) == alike.end()) order.push_back(key);
    alike[key].push_back(cell.index);
  }
  const std::int64_t cap = std::int64_t{plan.settings.memory_mib} << 20;
  const int per_group = plan.settings.trajectories / plan.settings.groups;
  // Blocks of whole lanes in either precision; two, since sums need them.
  const int least = std::min(per_group, 16);
  std::vector<Launch> launches;
  for (const std::string& key : order) {
    const std::vector<int>& cells = alike[key];
    const Cell& first = plan.cells[static_cast<std::size_t>(cells.front())];
    LaunchBytes bytes(first, plan.settings, backend);
    const std::int64_t smallest = bytes.of(1, least);
    if (smallest > cap) {
      throw Error(
          Exit::input,
          std::to_string(least * plan.settings.groups) + " trajectories take " +
              std::to_string((smallest >> 20) + 1) + " MiB",
          "study.memory_mib, cell " + std::to_string(first.index) + " (" + cell_name(first) + ")",
          "raise study.memory_mib, or have fewer study.groups");
    }
    const int most = largest_that_fits(1, static_cast<int>(cells.size()), cap, [&](int count) {
      return bytes.of(count, std::min(per_group, 64));
    });
    for (std::size_t begin = 0; begin < cells.size(); begin += static_cast<std::size_t>(most)) {
      const auto count =
          static_cast<int>(std::min(static_cast<std::size_t>(most), cells.size() - begin));
      Launch launch;
      const auto from = cells.begin() + static_cast<std::ptrdiff_t>(begin);
      launch.cells.assign(from, from + count);
      int part = largest_that_fits(least, per_group, cap,
                                   [&](int rollouts) { return bytes.of(count, rollouts); });
      // A last part of one trajectory would have no sums.
      if (part < per_group && per_group % part == 1) --part;
      launch.part = part;
      launch.bytes = bytes.of(count, part);
      launches.push_back(std::move(launch));
    }
  }
  return launches;
}

}  // namespace phigrad
