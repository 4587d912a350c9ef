#include "host/bench/timing.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace phigrad {
namespace {

/// A repetition lasts at least so long: thousands of ticks of any clock.
constexpr double least_repetition_s = 4e-3;

/// Keeps every repetition's time a call; prints nothing.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      seconds.push_back(run.real_accumulated_time / static_cast<double>(run.iterations));
    }
  }
  std::vector<double> seconds;
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

double Timing::median() const {
  std::vector<double> sorted = seconds;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t n = sorted.size();
  return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

double Timing::least() const { return *std::min_element(seconds.begin(), seconds.end()); }
double Timing::most() const { return *std::max_element(seconds.begin(), seconds.end()); }

Timing time_calls(const std::string& name, int repetitions, std::size_t sets,
                  const std::function<void(std::size_t set)>& call) {
  for (std::size_t set = 0; set < sets; ++set) call(set);
  double once = 0;
  std::size_t tried = 0;
  const auto begin = std::chrono::steady_clock::now();
  do {
    call(tried++ % sets);
    once = seconds_since(begin) / static_cast<double>(tried);
  } while (seconds_since(begin) < least_repetition_s && tried < 100000);

  Timing timing;
  timing.calls = std::max<std::int64_t>(std::llround(std::ceil(least_repetition_s / once)), 1);
  std::size_t next = 0;
  benchmark::RegisterBenchmark(name.c_str(),
                               [&](benchmark::State& state) {
                                 for (auto _ : state) {
                                   call(next);
                                   next = (next + 1) % sets;
                                 }
                               })
      ->Iterations(timing.calls)
      ->Repetitions(repetitions)
      ->UseRealTime();
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  benchmark::ClearRegisteredBenchmarks();
  timing.seconds = std::move(collector.seconds);
  return timing;
}

}  // namespace phigrad
