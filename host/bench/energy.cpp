#include "host/bench/energy.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <memory>

#include "host/bench/gpu_energy.hpp"

namespace phigrad {
namespace {

namespace fs = std::filesystem;

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// A monitor's samples are averages over some milliseconds.
constexpr auto sampling_period = std::chrono::milliseconds(5);

double number_in(const fs::path& file) {
  std::ifstream in(file);
  double value = 0;
  return in >> value ? value : nothing;
}

std::string line_in(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

}  // namespace

EnergyMeter::EnergyMeter(const EnergySources& sources) : sources_(sources) {
  find_packages(sources.root / "sys/class/powercap");
  if (packages_.empty()) find_rails(sources.root / "sys/class/hwmon");
}

EnergyMeter::~EnergyMeter() { stop(); }

std::string EnergyMeter::source() const {
  return source_ + (source_.empty() || gpu_source_.empty() ? "" : "; ") + gpu_source_;
}

void EnergyMeter::stop() {
  sampling_ = false;
  if (sampler_.joinable()) sampler_.join();
}

void EnergyMeter::find_packages(const fs::path& root) {
  // intel-rapl:0, AMD's too; their parts, intel-rapl:0:1, are in them.
  for (const fs::path& zone : entries_of(root)) {
    if (line_in(zone / "name").rfind("package-", 0) != 0) continue;
    const auto joules = [file = zone / "energy_uj"] { return 1e-6 * number_in(file); };
    const double range = 1e-6 * number_in(zone / "max_energy_range_uj");
    if (std::isnan(joules()) || std::isnan(range)) continue;
    packages_.push_back({joules, range});
  }
  if (packages_.empty()) return;
  source_ = "RAPL, " + std::to_string(packages_.size()) +
            (packages_.size() == 1 ? " package" : " packages");
}

void EnergyMeter::find_rails(const fs::path& root) {
  std::map<std::string, Rail> labelled;
  for (const fs::path& monitor : entries_of(root)) {
    if (line_in(monitor / "name") != "ina3221") continue;
    for (const char* channel : {"1", "2", "3"}) {
      const auto of = [&](const char* what, const char* end) {
        return monitor / (std::string(what) + channel + end);
      };
      const Rail rail{of("in", "_input"), of("curr", "_input")};
      if (std::isnan(number_in(rail.millivolts) * number_in(rail.milliamperes))) continue;
      labelled[line_in(of("in", "_label"))] = rail;
    }
  }
  // Orin NX and Nano measure what the module takes, AGX Orin what its three inputs do.
  for (const std::vector<std::string>& all :
       {std::vector<std::string>{"VDD_IN"}, {"VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"}}) {
    const auto is_there = [&](const std::string& label) { return labelled.count(label) > 0; };
    if (!std::all_of(all.begin(), all.end(), is_there)) continue;
    source_ = "INA3221";
    for (const std::string& label : all) {
      rails_.push_back(labelled[label]);
      source_ += ", " + label;
    }
    return;
  }
}

void EnergyMeter::find_gpu(const std::string& address) {
  const auto gpu = std::make_shared<GpuEnergy>(sources_.nvml, address);
  if (std::isnan(gpu->joules())) return;
  gpu_ = Counter{[gpu] { return gpu->joules(); }, nothing};
  gpu_source_ = "NVML, 1 GPU";
}

void EnergyMeter::begin(const std::string& gpu) {
  stop();  // what was begun and not ended
  gpu_.reset();
  // A Jetson's rails feed its GPU too.
  if (!gpu.empty() && rails_.empty()) find_gpu(gpu);
  begun_ = Clock::now();
  for (Counter& c : packages_) c.begin = c.joules();
  if (gpu_) gpu_->begin = gpu_->joules();
  if (rails_.empty()) return;
  joules_ = 0;
  sampling_ = true;
  sampler_ = std::thread([this] { sample(); });
}

bool EnergyMeter::long_enough() const {
  return !gpu_ || Clock::now() - begun_ >= std::chrono::duration<double>(sources_.gpu_seconds);
}

double EnergyMeter::end_joules() {
  if (rails_.empty()) return packages_.empty() && !gpu_ ? nothing : counted();
  stop();
  return joules_;
}

double EnergyMeter::Counter::grown() const {
  const double growth = joules() - begin;
  return growth < 0 ? growth + range : growth;
}

double EnergyMeter::counted() const {
  double all = gpu_ ? gpu_->grown() : 0;
  for (const Counter& c : packages_) all += c.grown();
  return all;
}

double EnergyMeter::watts() const {
  double all = 0;
  for (const Rail& r : rails_) all += number_in(r.millivolts) * number_in(r.milliamperes) * 1e-6;
  return all;
}

void EnergyMeter::sample() {
  auto before = Clock::now();
  double power = watts();
  while (sampling_) {
    std::this_thread::sleep_for(sampling_period);
    const auto now = Clock::now();
    const double next = watts();
    joules_ += std::chrono::duration<double>(now - before).count() * (power + next) / 2;
    before = now;
    power = next;
  }
}

}  // namespace phigrad
