// `phigrad bench` on an emulated GPU: whose energy a row is charged with.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "host/bench/bench.hpp"
#include "tests/support/emulated_cuda/emulated_gpu.hpp"
#include "tests/support/fake_nvml/fake_nvml.hpp"
#include "tests/support/file_text.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

BenchCase case_on(const std::string& backend) {
  const std::string file = std::string(PHIGRAD_SOURCE_DIR) + "/benchmarks/cases/scalar.json";
  return make_bench_case({testing::read_text(file), file, {}}, {backend, 1, {}}, 4, 20, "", 2);
}

// Breaks when the GPU's energy is not a row's that ran on it, or that of one that did not; when
// another GPU is asked; or when a row is over before the counter steps.
TEST(CudaBench, ChargesTheGpuToRowsOnIt) {
  emulated_cuda::reset();
  fake_nvml() = {};
  fake_nvml().step = 1000;
  const TemporaryDirectory without_processors;
  Bench bench(1, nullptr, {without_processors.path(), fake_nvml_file(), 0.3});

  const BenchRow on_processor = bench.measure(case_on("cpu"), "rollout");
  EXPECT_TRUE(std::isnan(on_processor.joules_per_step));
  EXPECT_EQ(bench.energy_source(), "");

  const auto begin = std::chrono::steady_clock::now();
  const BenchRow on_gpu = bench.measure(case_on("cuda"), "rollout");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(300));
  ASSERT_EQ(on_gpu.runs_on.flavour, "cuda");
  EXPECT_GT(on_gpu.joules_per_step, 0);
  EXPECT_LT(on_gpu.joules_per_step, 1.0 / (4 * 20));  // some calls took the one joule
  EXPECT_EQ(bench.energy_source(), "NVML, 1 GPU");
  EXPECT_TRUE(std::isnan(bench.measure(case_on("cpu"), "rollout").joules_per_step));
}

}  // namespace
}  // namespace phigrad
