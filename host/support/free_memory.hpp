// How much memory this process may still take.
#pragma once

#include <cstdint>
#include <filesystem>

namespace phigrad {

/// Bytes: what the machine has available, the process's control groups (versions 1 and 2) and its
/// address space (ulimit -v) leave it, whichever is least. `root` is where /proc and /sys lie.
/// Unlimited (the largest number) where nothing says how much there is.
std::int64_t free_memory(const std::filesystem::path& root = "/");

}  // namespace phigrad
