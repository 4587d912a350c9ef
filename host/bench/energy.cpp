#include "host/bench/energy.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>

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

EnergyMeter::EnergyMeter(const fs::path& root) {
  find_packages(root / "sys/class/powercap");
  if (packages_.empty()) find_rails(root / "sys/class/hwmon");
}

EnergyMeter::~EnergyMeter() { stop(); }

void EnergyMeter::stop() {
  sampling_ = false;
  if (sampler_.joinable()) sampler_.join();
}

void EnergyMeter::find_packages(const fs::path& root) {
  // intel-rapl:0, AMD's too; their parts, intel-rapl:0:1, are in them.
  for (const fs::path& zone : entries_of(root)) {
    if (line_in(zone / "name").rfind("package-", 0) != 0) continue;
    const double range = number_in(zone / "max_energy_range_uj");
    if (std::isnan(number_in(zone / "energy_uj")) || std::isnan(range)) continue;
    packages_.push_back({zone / "energy_uj", range});
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

void EnergyMeter::begin() {
  for (Counter& c : packages_) c.begin_uj = number_in(c.file);
  if (rails_.empty()) return;
  stop();  // what was begun and not ended
  joules_ = 0;
  sampling_ = true;
  sampler_ = std::thread([this] { sample(); });
}

double EnergyMeter::end_joules() {
  if (!packages_.empty()) return counted();
  if (rails_.empty()) return nothing;
  stop();
  return joules_;
}

double EnergyMeter::counted() const {
  double all = 0;
  for (const Counter& c : packages_) {
    double grown = number_in(c.file) - c.begin_uj;
    if (grown < 0) grown += c.range_uj;
    all += grown;
  }
  return all * 1e-6;
}

double EnergyMeter::watts() const {
  double all = 0;
  for (const Rail& r : rails_) all += number_in(r.millivolts) * number_in(r.milliamperes) * 1e-6;
  return all;
}

void EnergyMeter::sample() {
  using std::chrono::steady_clock;
  auto before = steady_clock::now();
  double power = watts();
  while (sampling_) {
    std::this_thread::sleep_for(sampling_period);
    const auto now = steady_clock::now();
    const double next = watts();
    joules_ += std::chrono::duration<double>(now - before).count() * (power + next) / 2;
    before = now;
    power = next;
  }
}

}  // namespace phigrad
