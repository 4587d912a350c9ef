// What an iteration of training takes, before anything is made for it.
#pragma once

#include <string>
#include <vector>

#include "host/engine/engine_plan.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {

struct IterationPlan {
  EnginePlan engine;
  std::vector<MemoryGroup> beside;  // of the host: starts or recordings, results, policies

  /// Bytes of engine and host together at a time, where they share their memory, else the engine's.
  std::int64_t bytes() const;
};

/// Of training that many policies. Throws Error as Engine::create and make_source.
IterationPlan plan_iteration(const Experiment& experiment, int policies,
                             const std::string& backend);

}  // namespace phigrad
