// A case's inputs and gradients as files, for peers that do the same work.
#pragma once

#include <filesystem>

#include "host/bench/bench_case.hpp"

namespace phigrad {

/// Writes DIR/case.json, policy.f64 [np], and of each set setN_states.f64 [B, nx], setN_times.f64
/// [B] and setN_gradient.f64 [np], the mean over B in the case's precision; all float64,
/// little-endian, row-major. Throws Error(Exit::input) where DIR cannot be written, and where the
/// config has noise.
void dump_case(const BenchCase& c, const std::filesystem::path& directory);

}  // namespace phigrad
