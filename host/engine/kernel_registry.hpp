// The kernels built into this program, by robot, precision and flavour. Generated units fill it
// before main; the engine looks tables up in it.
#pragma once

#include <string>
#include <vector>

namespace phigrad {

/// Called by generated units. `entry` returns a RobotKernels<float or double>*.
int register_kernels(const char* robot, const char* precision, const char* flavour,
                     const void* (*entry)());

/// One built-in table.
struct KernelEntry {
  std::string kernels;    // bundle, "car"
  std::string precision;  // "float", "double"
  std::string flavour;    // "baseline", "v3", "v4", "neon", "cuda"
  const void* (*entry)();
};

/// All tables, in a fixed order.
const std::vector<KernelEntry>& kernel_entries();

/// The CPU flavours this processor can run, best first.
std::vector<std::string> usable_cpu_flavours();

/// The best CPU table for a bundle, or the one of `flavour` where that is not empty.
/// Throws Error(Exit::input) when there is none.
const KernelEntry& find_cpu_kernels(const std::string& kernels, const std::string& precision,
                                    const std::string& flavour);

/// The CUDA table for a bundle, or null.
const KernelEntry* find_cuda_kernels(const std::string& kernels, const std::string& precision);

}  // namespace phigrad
