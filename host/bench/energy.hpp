// What this machine says it takes in energy: the counters of a processor's packages and of a GPU,
// or the power that a Jetson's monitor measures, added up.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace phigrad {

/// Where energy is read.
struct EnergySources {
  std::filesystem::path root = "/";        // below which /sys is
  std::string nvml = "libnvidia-ml.so.1";  // the GPU's driver's
  /// A GPU's counter steps every 20 to 100 ms (PETSc, PetscLogGpuEnergyMeter): 5 % of it at most.
  double gpu_seconds = 2;
};

/// Of the whole machine, not of this process alone: what idles beside it counts, but for GPUs, of
/// which the one counts that work runs on. Nothing where the machine does not say (virtual
/// machines), or says it to root only (most kernels' RAPL); the sum is of what does say.
class EnergyMeter {
 public:
  explicit EnergyMeter(const EnergySources& sources = {});
  ~EnergyMeter();
  EnergyMeter(const EnergyMeter&) = delete;
  EnergyMeter& operator=(const EnergyMeter&) = delete;

  /// What was read so far: "RAPL, 2 packages; NVML, 1 GPU", "INA3221, VDD_IN"; empty: nothing says.
  std::string source() const;

  /// `gpu`: where on the PCI bus the GPU is that work runs on; empty: on none.
  void begin(const std::string& gpu = "");
  /// Whether begin() is so long ago that the counters' steps do not matter.
  bool long_enough() const;
  /// Since begin(), which it ends; not a number where nothing says, or it said nonsense in between.
  double end_joules();

 private:
  using Clock = std::chrono::steady_clock;

  struct Counter {
    std::function<double()> joules;
    double range;  // J, where it begins again from 0; not a number: nowhere
    double begin = 0;

    double grown() const;
  };
  struct Rail {
    std::filesystem::path millivolts, milliamperes;
  };

  void find_packages(const std::filesystem::path& root);
  void find_rails(const std::filesystem::path& root);
  void find_gpu(const std::string& address);
  double counted() const;
  double watts() const;
  void stop();
  /// Adds power up until it is told to stop, by the trapezoidal rule.
  void sample();

  const EnergySources sources_;
  std::string source_, gpu_source_;
  std::vector<Counter> packages_;
  std::vector<Rail> rails_;
  std::optional<Counter> gpu_;  // from begin() on
  Clock::time_point begun_;
  std::atomic<bool> sampling_{false};
  double joules_ = 0;
  std::thread sampler_;
};

}  // namespace phigrad
