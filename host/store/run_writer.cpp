#include "host/store/run_writer.hpp"

#include "host/store/run_reader.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

sqlite::Bytes bytes(const Array& array) { return {array.data.data(), array.data.size()}; }

bool same(const StoredRollout& a, const StoredRollout& b) {
  return a.provenance == b.provenance && a.arrays == b.arrays;
}

}  // namespace

RunWriter::RunWriter(const sqlite::Database& database)
    : database_(database),
      iteration_(database,
                 "INSERT INTO iterations (iteration, policies_layout, policies) "
                 "VALUES (?1, ?2, ?3)"),
      optimiser_(database, "INSERT OR REPLACE INTO optimiser VALUES (1, ?1, ?2, ?3)"),
      metric_(database, "INSERT INTO metrics VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
      rollout_(database, "INSERT INTO rollouts VALUES (?1, ?2, ?3, ?4)"),
      array_(database, "INSERT INTO rollout_arrays VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
      event_(database, "INSERT INTO events (iteration, text) VALUES (?1, ?2)"),
      policy_(database, "INSERT OR REPLACE INTO policies VALUES (?1, ?2, ?3)") {}

void RunWriter::add(const Iteration& iteration) {
  const int index = iteration.index;
  iteration_.run(index, layout_text(iteration.policies), bytes(iteration.policies));
  optimiser_.run(index, layout_text(iteration.optimiser), bytes(iteration.optimiser));
  for (const Metric& metric : iteration.metrics)
    metric_.run(index, metric.policy, metric.cost, metric.path_error, metric.gradient_norm,
                metric.step);
  for (const std::string& event : iteration.events) add_event(index, event);
}

bool RunWriter::add(const StoredRollout& rollout) {
  if (const auto stored = run_reader::rollout(database_, rollout)) {
    if (same(*stored, rollout)) return false;
    throw Error(Exit::input,
                "another rollout " + std::to_string(rollout.rollout) + " of policy " +
                    std::to_string(rollout.policy) + " at iteration " +
                    std::to_string(rollout.iteration) + " is already stored",
                rollout.provenance, "discard it, or have its sender number it anew");
  }
  rollout_.run(rollout.iteration, rollout.policy, rollout.rollout, rollout.provenance);
  for (const auto& [name, array] : rollout.arrays)
    array_.run(rollout.iteration, rollout.policy, rollout.rollout, name, layout_text(array),
               bytes(array));
  return true;
}

void RunWriter::add_event(int iteration, const std::string& text) { event_.run(iteration, text); }

void RunWriter::put_policy(const std::string& name, const Array& policy) {
  policy_.run(name, layout_text(policy), bytes(policy));
}

}  // namespace phigrad
