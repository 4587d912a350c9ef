// The energy that a GPU's board takes, as NVML counts it.
#pragma once

#include <string>

namespace phigrad {

/// NVML comes with NVIDIA's driver, so it is looked for at run time. Without it, without that GPU
/// or its counter (before Volta, Jetsons) nothing says.
class GpuEnergy {
 public:
  /// `address`: the GPU's on the PCI bus, "0000:41:00.0".
  GpuEnergy(const std::string& library, const std::string& address);
  ~GpuEnergy();
  GpuEnergy(const GpuEnergy&) = delete;
  GpuEnergy& operator=(const GpuEnergy&) = delete;

  /// Since the driver was loaded; not a number where nothing says.
  double joules() const;

 private:
  void* library_;
  int (*shut_down_)() = nullptr;  // null: NVML was not initialised
  int (*read_)(void* gpu, unsigned long long* millijoules) = nullptr;
  void* gpu_ = nullptr;
};

}  // namespace phigrad
