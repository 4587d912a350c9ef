// What this machine says it takes in energy: the counters of a processor's packages, or the power
// that a Jetson's monitor measures, added up.
#pragma once

#include <atomic>
#include <filesystem>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace phigrad {

/// Of the whole machine, not of this process alone: what idles beside it counts. Nothing where the
/// machine does not say (virtual machines), or says it to root only (most kernels' RAPL). A GPU of
/// its own is not among it.
class EnergyMeter {
 public:
  /// `root`: below which /sys is.
  explicit EnergyMeter(const std::filesystem::path& root = "/");
  ~EnergyMeter();
  EnergyMeter(const EnergyMeter&) = delete;
  EnergyMeter& operator=(const EnergyMeter&) = delete;

  /// "RAPL, 2 packages", "INA3221, VDD_IN"; empty: nothing says.
  const std::string& source() const { return source_; }

  void begin();
  /// Since begin(), which it ends; not a number where nothing says, or it said nonsense in between.
  double end_joules();

 private:
  struct Counter {
    std::filesystem::path file;
    double range_uj;  // where it begins again from 0
    double begin_uj = 0;
  };
  struct Rail {
    std::filesystem::path millivolts, milliamperes;
  };

  void find_packages(const std::filesystem::path& root);
  void find_rails(const std::filesystem::path& root);
  double counted() const;
  double watts() const;
  void stop();
  /// Adds power up until it is told to stop, by the trapezoidal rule.
  void sample();

  std::string source_;
  std::vector<Counter> packages_;
  std::vector<Rail> rails_;
  std::atomic<bool> sampling_{false};
  double joules_ = 0;
  std::thread sampler_;
};

}  // namespace phigrad
