#include "host/bench/ceilings.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

#include "host/bench/bench_data.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr int tries = 10;                                     // the best counts
constexpr std::int64_t multiply_add_rounds = 1000000;         // of a share, 2 ms or so
constexpr std::int64_t least_array = std::int64_t{16} << 10;  // bytes
constexpr std::int64_t most_array = std::int64_t{256} << 20;  // bytes
constexpr std::int64_t triad_bytes = std::int64_t{96} << 20;  // a try moves at least

const MachineKernels& kernels_of(const std::string& flavour) {
  if (const MachineKernels* kernels = machine_kernels(flavour)) return *kernels;
  throw Error(Exit::input, "no loops to measure ceilings with for flavour " + flavour, "bench",
              "build with this flavour in PHIGRAD_CPU_FLAVOURS");
}

template <class F>
double best_seconds(const F& f) {
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    f();
    const auto end = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(end - begin).count();
    best = i == 0 ? seconds : std::min(best, seconds);
  }
  return best;
}

/// Where results go so that they are computed.
std::atomic<double> sink{0};

}  // namespace

Ceilings::Ceilings(const std::string& flavour, int threads)
    : kernels_(kernels_of(flavour)), flavour_(flavour), pool_(threads) {}

double Ceilings::flops(bool single, bool all_threads) {
  const int key = (single ? 1 : 0) + (all_threads ? 2 : 0);
  if (const auto known = flops_.find(key); known != flops_.end()) return known->second;
  const auto one = [&] {
    sink = single ? static_cast<double>(kernels_.multiply_add_float(multiply_add_rounds))
                  : kernels_.multiply_add_double(multiply_add_rounds);
  };
  // Several for each thread: one that wakes late, or is held up, does fewer of them.
  const int shares = all_threads ? 8 * pool_.size() : 1;
  const double seconds = best_seconds([&] {
    if (!all_threads) return one();
    pool_.parallel_for(shares, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) one();
    });
  });
  const double flop =
      2.0 * static_cast<double>(multiply_add_rounds) * kernels_.chains * lanes(single) * shares;
  return flops_[key] = flop / seconds;
}

double Ceilings::bandwidth(std::int64_t bytes) {
  std::int64_t array = least_array;
  while (array < most_array && 2 * array <= bytes / 3) array *= 2;
  if (const auto known = bandwidth_.find(array); known != bandwidth_.end()) return known->second;
  const std::int64_t n = array / static_cast<std::int64_t>(sizeof(float));
  const auto size = static_cast<std::size_t>(n);
  std::vector<float> a(size, 1.0F), b(size, 1.0F), c(size, 1.0F);
  const std::int64_t passes = std::max<std::int64_t>(triad_bytes / (3 * array), 1);
  const int workers = pool_.size();
  const double seconds = best_seconds([&] {
    pool_.parallel_for(workers, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t pass = 0; pass < passes; ++pass) {
        kernels_.triad(a.data(), b.data(), c.data(), n * first / workers, n * last / workers);
      }
    });
  });
  return bandwidth_[array] =
             3.0 * static_cast<double>(array) * static_cast<double>(passes) / seconds;
}

}  // namespace phigrad
