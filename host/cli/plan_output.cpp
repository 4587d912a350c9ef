#include "host/cli/plan_output.hpp"

#include <cstdio>

#include "host/experiment/rollout_source.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr const char* without_reason = "as --backend says";

std::vector<MemoryGroup> all_groups(const IterationPlan& plan) {
  std::vector<MemoryGroup> groups = plan.engine.groups;
  groups.insert(groups.end(), plan.beside.begin(), plan.beside.end());
  return groups;
}

std::string backend_text(const BackendChoice& backend) {
  return backend.cuda ? "cuda" : "cpu " + backend.entry->flavour;
}

}  // namespace

ordered_json plan_json(const IterationPlan& plan) {
  const EnginePlan& e = plan.engine;
  ordered_json symbols, groups = ordered_json::array();
  for (const Symbol& s : e.symbols) {
    symbols[s.formula.text()] = {{"value", s.formula.value()}, {"meaning", s.meaning}};
  }
  for (const MemoryGroup& g : all_groups(plan)) {
    groups.push_back({{"name", g.name},
                      {"formula", g.bytes.text()},
                      {"bytes", g.bytes.value()},
                      {"on", g.host || e.backend.shares_memory ? "host" : "device"}});
  }
  const BatchShape largest = e.cut.part(0).shape;
  return {{"backend", backend_text(e.backend)},
          {"why", e.backend.why.empty() ? without_reason : e.backend.why},
          {"precision", e.backend.entry->precision},
          {"tape", e.backend.recompute ? "recompute" : "store"},
          {"trajectories", e.cut.whole.trajectories()},
          {"symbols", symbols},
          {"groups", groups},
          {"batch_bytes", e.bytes},
          {"may_take_bytes", e.may_take > 0 ? ordered_json(e.may_take) : ordered_json(nullptr)},
          {"parts", e.cut.parts()},
          {"part_trajectories", largest.trajectories()},
          {"held_bytes", e.part_bytes},
          {"iteration_bytes", plan.bytes()}};
}

void print_plan(const IterationPlan& plan, const Experiment& experiment) {
  const EnginePlan& e = plan.engine;
  const auto trajectories = static_cast<long long>(e.cut.whole.trajectories());
  std::printf("%s: an iteration of training, %lld trajector%s, %s\n", experiment.name.c_str(),
              trajectories, trajectories == 1 ? "y" : "ies", e.backend.entry->precision.c_str());
  std::printf("on           %s; %s\n", backend_text(e.backend).c_str(),
              e.backend.why.empty() ? without_reason : e.backend.why.c_str());
  std::printf("samples      %s\n", e.backend.recompute
                                       ? "simulated again, from where each segment was decided"
                                       : "stored");
  const char* head = "where";
  for (const Symbol& s : e.symbols) {
    std::printf("%-12s %s = %lld: %s\n", head, s.formula.text().c_str(),
                static_cast<long long>(s.formula.value()), s.meaning.c_str());
    head = "";
  }
  head = "bytes";
  for (const MemoryGroup& g : all_groups(plan)) {
    std::printf("%-12s %-20s %14lld = %s%s\n", head, g.name.c_str(),
                static_cast<long long>(g.bytes.value()), g.bytes.text().c_str(),
                g.host && !e.backend.shares_memory ? "   (host)" : "");
    head = "";
  }
  std::printf("the batch    %s", memory_text(e.bytes).c_str());
  if (e.may_take > 0) {
    std::printf("; it may take %s (%s)", memory_text(e.may_take).c_str(),
                experiment.common.rollout.memory_mib > 0 ? "rollout.memory_mib"
                                                         : "three quarters of what is free");
  }
  if (e.cut.parts() == 1) {
    std::printf("; at once\n");
  } else {
    std::printf("\n             in %lld parts of up to %lld trajectories, %s at a time\n",
                static_cast<long long>(e.cut.parts()),
                static_cast<long long>(e.cut.part(0).shape.trajectories()),
                memory_text(e.part_bytes).c_str());
  }
  std::printf("in all       %s%s\n", memory_text(plan.bytes()).c_str(),
              !e.backend.shares_memory ? " of the GPU" : ", beside the program itself");
}

}  // namespace phigrad
