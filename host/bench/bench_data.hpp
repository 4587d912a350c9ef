// What `phigrad bench` has built in, from files of the repository (host/cmake/bench_data.cmake).
#pragma once

#include <map>
#include <string>

#include "kernels/entry/machine_kernels.hpp"

namespace phigrad {

/// The text of configs/<robot>.json by robot, of the robots that have one.
const std::map<std::string, std::string>& default_configs();

/// benchmarks/operations.json.
const char* counted_operations_text();

/// The loops of a CPU flavour; null where it was not built.
const MachineKernels* machine_kernels(const std::string& flavour);

}  // namespace phigrad
