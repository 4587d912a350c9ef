// What an engine launches again and again is captured once as a CUDA graph and replayed, to the
// same bits, for as long as it is the same.
#include <gtest/gtest.h>

#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/engine/cuda_graph.hpp"
#include "host/experiment/training.hpp"
#include "host/support/error.hpp"
#include "tests/support/emulated_cuda/emulated_gpu.hpp"
#include "tests/support/fingerprints.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

using emulated_cuda::counts;
using emulated_cuda::reset;
using namespace fingerprint;

class CudaGraphsOfEngines : public testing::Test {
 public:
  CudaGraphsOfEngines() { reset(); }
  ~CudaGraphsOfEngines() override { reset(); }  // aborts where a graph is left

 protected:
  std::unique_ptr<Engine> engine() const {
    EngineSpec spec = case_.spec(shape_);
    spec.chunk_blocks = 4;
    auto made = Engine::create(spec, shape_);
    set_numbers(case_, members_, *made);
    return made;
  }

  /// One iteration: a simulation of the policies of that number, its losses and gradient.
  std::vector<double> iterate(Engine& engine, std::size_t number, const Variant& v) const {
    std::vector<double> theta, all;
    for (const std::size_t p : members_.policies) append(theta, case_.theta(number + p, segments));
    engine.set_policies(theta);
    simulate_members(case_, members_, engine);
    Scores scores;
    engine.score(v.windows, scores);
    append(all, scores.loss);
    append(all, mean_and_variance(engine, v));
    append(all, engine.trajectory(1).states);
    return all;
  }

  /// What a graph is held to: an engine that was not asked before.
  std::vector<double> expected(std::size_t number, const Variant& v) const {
    return iterate(*engine(), number, v);
  }

  static Expectation expectation(Variant v) {
    v.options.variance = true;
    return {v.windows, v.options};
  }

  EngineCase case_{*find_cuda_kernels("scalar_setpoint", "float")};
  const Members members_ = [] {
    Members m = Members::first(18);
    m.policies = {0, 1};
    return m;
  }();
  const BatchShape shape_ = members_.shape(segments, steps);
  Disturbance noise_;
  Derivatives of_ = Derivatives::model;
};

// Breaks when a graph is captured of every iteration or of none, holds what it should read, or is
// launched before its inputs are there.
TEST_F(CudaGraphsOfEngines, AreCapturedOnceAndReplayed) {
  constexpr std::int64_t iterations = 6;
  case_ = EngineCase(*find_cuda_kernels("car", "float"));  // its head depends on the state
  for (const bool ahead : {true, false}) {
    reset();
    std::vector<std::vector<double>> right;
    for (std::size_t i = 0; i < iterations; ++i) right.push_back(expected(i, variants[1]));
    reset();
    const auto engine = this->engine();
    if (ahead) engine->expect(expectation(variants[1]));
    for (std::size_t i = 0; i < iterations; ++i) {
      EXPECT_EQ(differing_bits(iterate(*engine, i, variants[1]), right[i]), 0U) << i << ahead;
    }
    // The first iteration ran one by one, the second was captured.
    EXPECT_EQ(counts().captures, 1) << ahead;
    EXPECT_EQ(counts().graph_launches, iterations - 1) << ahead;
    if (ahead) {
      // Five chunks of rollout, head, adjoint, pull-back and sums, all in the graph.
      EXPECT_EQ(counts().kernels, iterations * 5 * 5);
      EXPECT_EQ(counts().launches, 2 * 5 * 5);
    }
  }
}

// Breaks when a graph is replayed though what it would read or do is another.
TEST_F(CudaGraphsOfEngines, AreCapturedAgainWhereSomethingChanged) {
  const auto engine = this->engine();
  std::size_t number = 0;
  std::int64_t captures = 0;
  const auto expect_captured = [&](const Variant& v, std::int64_t more, const char* what) {
    engine->expect(expectation(v));
    for (int i = 0; i < 3; ++i, ++number) {
      const std::vector<double> got = iterate(*engine, number, v);
      engine->expect(std::nullopt);
      const auto plain = this->engine();
      plain->disturb(noise_);
      plain->differentiate(of_);
      EXPECT_EQ(differing_bits(got, iterate(*plain, number, v)), 0U) << what << i;
      engine->expect(expectation(v));
    }
    captures += more;
    EXPECT_EQ(counts().captures, captures) << what;
  };
  expect_captured(variants[0], 1, "chain segment");
  expect_captured(variants[2], 1, "chain rollout");
  expect_captured(variants[0], 0, "chain segment again");
  expect_captured({{0, 2, {3}}, variants[0].options}, 1, "windows");
  expect_captured({{0, 2, {2.5}}, variants[0].options}, 0, "where windows end, which is data");
  of_ = Derivatives::plant;
  engine->differentiate(of_);
  expect_captured(variants[0], 1, "the plant's derivatives");
  noise_.deviation.assign(static_cast<std::size_t>(case_.size.nx + case_.size.nu), 0.1);
  for (std::uint32_t b = 0; b < 18; ++b) noise_.keys.push_back({{1, 2}, b, 3});
  engine->disturb(noise_);
  expect_captured(variants[0], 1, "noise");
  expect_captured(variants[3], 1, "truncation");
  // Five others were asked for since: it made room.
  of_ = Derivatives::model;
  noise_ = {};
  engine->disturb(noise_);
  engine->differentiate(of_);
  expect_captured(variants[2], 1, "one that was forgotten");
}

// Breaks when training asks for something that no graph serves, or does not get the CPU's bits.
TEST_F(CudaGraphsOfEngines, ServeTraining) {
  const std::string file = std::string(PHIGRAD_SOURCE_DIR) + "/benchmarks/cases/car_network.json";
  auto document = read_json(file);
  for (const char* set : {"rollout.segments=4", "rollout.per_update=3", "optimiser.iterations=7"}) {
    apply_override(document, set);
  }
  const Experiment experiment = read_experiment(document, file);
  const TemporaryDirectory own;
  const auto trained = [&](const std::string& backend) {
    RunStore store = RunStore::create(own.path() / backend, experiment.resolved.dump());
    TrainingOptions options;
    options.backend = backend;
    options.seeds = 2;
    EXPECT_EQ(train(experiment, options, store).backend.substr(0, backend.size()), backend);
    return store;
  };
  const RunStore on_cuda = trained("cuda");
  EXPECT_EQ(counts().captures, 1);
  EXPECT_EQ(counts().graph_launches, 7 - 1);
  EXPECT_TRUE(on_cuda.latest()->policies == trained("cpu").latest()->policies);
}

struct Clearing {
  cudaStream_t stream;
  void* memory;
};

void clear(const void* context) {
  const auto& c = *static_cast<const Clearing*>(context);
  EXPECT_EQ(cudaMemsetAsync(c.memory, 0, sizeof(float), c.stream), cudaSuccess);
}

// Breaks when a graph is released that the stream has yet to run, or one is released that was used
// more lately than another.
TEST(CudaGraphCache, MakesRoom) {
  reset();
  Clearing clearing{};
  ASSERT_EQ(cudaStreamCreateWithFlags(&clearing.stream, cudaStreamNonBlocking), cudaSuccess);
  ASSERT_EQ(cudaMalloc(&clearing.memory, sizeof(float)), cudaSuccess);
  {
    CudaGraphs graphs(clearing.stream);
    const auto run_twice = [&](unsigned char arguments) {
      for (int i = 0; i < 2; ++i) graphs.run({arguments}, clear, &clearing);
    };
    for (unsigned char arguments = 0; arguments < 4; ++arguments) run_twice(arguments);
    EXPECT_EQ(counts().captures, 4);
    run_twice(0);
    EXPECT_EQ(counts().captures, 4);
    run_twice(4);
    run_twice(0);
    EXPECT_EQ(counts().captures, 5);
    run_twice(1);
    EXPECT_EQ(counts().captures, 6);
    EXPECT_EQ(counts().graphs, 4);
  }
  cudaFree(clearing.memory);
  cudaStreamDestroy(clearing.stream);
  reset();
}

}  // namespace
}  // namespace phigrad
