// The CUDA device behind an emulated runtime: where buffers lie, who waits for whom, and what is
// left when something fails.
#include <gtest/gtest.h>

#include <cstdlib>

#include "host/engine/engine_plan.hpp"
#include "host/support/error.hpp"
#include "host/support/free_memory.hpp"
#include "tests/support/emulated_cuda/cuda_runtime_api.h"
#include "tests/support/emulated_cuda/emulated_gpu.hpp"
#include "tests/support/fingerprints.hpp"

namespace phigrad {
namespace {

using emulated_cuda::counts;
using emulated_cuda::Properties;
using emulated_cuda::reset;
using namespace fingerprint;

/// A Jetson Orin: the GPU in the processor, whose managed memory the host may not touch meanwhile.
Properties orin() {
  Properties p;
  p.integrated = true;
  p.concurrent_managed_access = false;
  return p;
}

const KernelEntry& cuda_entry() { return *find_cuda_kernels("car", "float"); }

std::vector<double> results(Engine& engine) {
  std::vector<double> all;
  for (const auto& print : fingerprints(engine, variants)) append(all, print);
  for (const Variant& v : variants) append(all, mean_and_variance(engine, v));
  for (const Linearisation& l : engine.linearise()) append(all, l.closed);
  return all;
}

class CudaDevices : public testing::Test {
 public:
  ~CudaDevices() override { reset(); }  // aborts where anything is left

 protected:
  const EngineCase case_{cuda_entry()};
  const Members members_ = Members::first(9);
  const BatchShape shape_ = members_.shape(segments, steps);
};

// Breaks when the emulation forgives what a GPU may not.
TEST(EmulatedGpu, ForgivesNothing) {
  reset(orin());
  cudaStream_t stream = nullptr;
  void *device = nullptr, *managed = nullptr;
  ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  ASSERT_EQ(cudaMalloc(&device, sizeof(int)), cudaSuccess);
  ASSERT_EQ(cudaMallocManaged(&managed, sizeof(int), cudaMemAttachGlobal), cudaSuccess);
  int host = 1, back = 0;
  const auto copy = [&](void* to, const void* from, cudaMemcpyKind kind) {
    return cudaMemcpyAsync(to, from, sizeof host, kind, stream);
  };
  // What host and device are is not a matter of opinion.
  EXPECT_EQ(copy(device, &host, cudaMemcpyDeviceToHost), cudaErrorInvalidValue);
  EXPECT_EQ(copy(&back, &host, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT_EQ(cudaGetLastError(), cudaErrorInvalidValue);
  EXPECT_DEATH(*static_cast<volatile int*>(device) = 1, "");
  *static_cast<int*>(managed) = 7;
  // A copy takes what is there when it is waited for.
  ASSERT_EQ(copy(device, &host, cudaMemcpyHostToDevice), cudaSuccess);
  host = 2;
  ASSERT_EQ(copy(&back, device, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_EQ(back, 0);
  EXPECT_DEATH(*static_cast<volatile int*>(managed) = 1, "");
  ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(back, 2);
  EXPECT_EQ(*static_cast<int*>(managed), 7);
  EXPECT_DEATH(static_cast<volatile char*>(managed)[64] = 1, "") << "behind its end";
  cudaFree(device);
  cudaFree(managed);
  cudaStreamDestroy(stream);
  reset();
}

// Breaks when buffers lie elsewhere than the plan thinks, are not zero, or lie as the CPU's do
// where the host sees them: neighbouring threads would not read neighbouring numbers.
TEST_F(CudaDevices, GoByTheGpusProperties) {
  Properties without_managed = orin();
  without_managed.managed_memory = false;
  for (const Properties& p : {Properties{}, orin(), without_managed}) {
    reset(p);
    const bool shared = p.integrated && p.managed_memory;
    EXPECT_EQ(cuda_shares_memory(), shared);
    const auto device = make_cuda_device();
    EXPECT_EQ(device->host_visible(), shared);
    const RowBuffer<float> rows(*device, 3, 5, 1);
    EXPECT_EQ(counts().managed, shared ? 1 : 0);
    EXPECT_EQ(counts().allocations, shared ? 0 : 1);
    EXPECT_EQ(rows.view().layout.row_stride, 5);
    std::vector<float> numbers;
    rows.read(numbers);
    EXPECT_EQ(numbers, std::vector<float>(15, 0.0F));
  }
  Properties none;
  none.devices = 0;
  reset(none);
  EXPECT_EQ(cuda_obstacle(), "there is no GPU");
  none.driver = false;
  reset(none);
  EXPECT_EQ(cuda_obstacle(), "there is no CUDA driver, or it is too old");
  EXPECT_FALSE(cuda_shares_memory());
  EXPECT_THROW(Engine::create(case_.spec(shape_), shape_), Error);
}

// Breaks when what the user says of memory is not done, or nonsense is taken for something.
TEST_F(CudaDevices, LieWhereTheUserSays) {
  const auto shared_when_told = [&](const Properties& p, const char* where) {
    reset(p);
    setenv("PHIGRAD_CUDA_MEMORY", where, 1);
    const bool shared = make_cuda_device()->host_visible();
    EXPECT_EQ(cuda_shares_memory(), shared);
    return shared;
  };
  EXPECT_TRUE(shared_when_told({}, "managed"));
  EXPECT_FALSE(shared_when_told(orin(), "device"));
  const auto code_when_told = [&](const Properties& p, const char* where) {
    try {
      shared_when_told(p, where);
    } catch (const Error& e) {
      return e.code();
    }
    return Exit::ok;
  };
  EXPECT_EQ(code_when_told(orin(), "pinned"), Exit::usage);
  Properties without_managed = orin();
  without_managed.managed_memory = false;
  EXPECT_EQ(code_when_told(without_managed, "managed"), Exit::device);
  unsetenv("PHIGRAD_CUDA_MEMORY");
}

// Breaks when a GPU simulates again where that is slower on paper (benchmarks/NOTES.md), or stores
// where it is not.
TEST_F(CudaDevices, SimulateAgainWhereMemoryBinds) {
  Properties agx = orin(), nx = orin(), h200, rtx_4090;
  agx.capability = nx.capability = 8;
  agx.clock_khz = 1300500;
  agx.bus_bits = 256;
  nx.multiprocessors = 8;
  nx.clock_khz = 918000;
  nx.bus_bits = 128;
  h200.multiprocessors = 132;
  h200.clock_khz = 1980000;
  h200.memory_clock_khz = 3201000;
  h200.bus_bits = 6144;
  rtx_4090.capability = 8;
  rtx_4090.multiprocessors = 128;
  rtx_4090.clock_khz = 2520000;
  rtx_4090.memory_clock_khz = 10501000;
  rtx_4090.bus_bits = 384;
  BatchShape shape = members_.shape(4, 10);
  const auto recomputes = [&](const Properties& p, Tape tape) {
    reset(p);
    EngineSpec spec = case_.spec(shape);
    spec.tape = tape;
    return choose_backend(spec, shape).recompute;
  };
  EXPECT_TRUE(recomputes(agx, Tape::automatic));
  EXPECT_NEAR(cuda_issue_per_byte(), 13.0, 0.1);
  EXPECT_FALSE(recomputes(nx, Tape::automatic));
  EXPECT_NEAR(cuda_issue_per_byte(), 9.2, 0.1);
  EXPECT_FALSE(recomputes(h200, Tape::automatic));
  EXPECT_NEAR(cuda_issue_per_byte(), 6.8, 0.1);
  EXPECT_TRUE(recomputes(rtx_4090, Tape::automatic));
  EXPECT_TRUE(recomputes(nx, Tape::recompute));
  EXPECT_FALSE(recomputes(agx, Tape::store));
  shape = members_.shape(20, 2);
  EXPECT_FALSE(recomputes(agx, Tape::automatic)) << "its segments are short";
  shape = members_.shape(4, 10);
  shape.ragged = true;
  EXPECT_FALSE(recomputes(agx, Tape::automatic)) << "it is recorded";
}

// Breaks when what is simulated again leaves the GPU's cache before it is differentiated, or a
// wave of it is another's.
TEST_F(CudaDevices, SimulateAgainWaveByWave) {
  const BatchShape shape = members_.shape(6, 4);
  EngineSpec spec = case_.spec(shape);
  spec.tape = Tape::recompute;
  const GradientOptions options{Chain::rollout, 0, true};
  std::vector<double> expected;
  std::int64_t launches = 0;
  for (const int cache : {4 << 20, 8192}) {
    Properties p;
    p.l2_bytes = cache;
    reset(p);
    const auto engine = Engine::create(spec, shape);
    set_numbers(case_, members_, *engine);
    engine->expect(Expectation{{0, 6, {6}}, options});
    simulate_members(case_, members_, *engine);
    Gradient g;
    engine->gradient({0, 6, {6}}, options, g);
    std::vector<double> all = g.mean;
    append(all, g.variance);
    if (expected.empty()) expected = all;
    EXPECT_EQ(differing_bits(all, expected), 0U);
    if (launches == 0) {
      launches = counts().launches;
    } else {
      EXPECT_GT(counts().launches, 2 * launches);
    }
  }
}

// Breaks when results are copied where the host sees them, or read before they are there.
TEST_F(CudaDevices, WorkInTheHostsMemory) {
  reset();
  const std::vector<double> expected =
      results(*simulated(case_, members_, shape_, case_.spec(shape_)));
  EXPECT_GT(counts().copies, 0);
  for (const bool concurrent : {false, true}) {
    Properties p = orin();
    p.concurrent_managed_access = concurrent;
    reset(p);
    const auto engine = simulated(case_, members_, shape_, case_.spec(shape_));
    EXPECT_EQ(differing_bits(results(*engine), expected), 0U) << concurrent;
    EXPECT_EQ(counts().copies, 0);
    EXPECT_EQ(counts().allocations, 0);
  }
}

// Breaks when an engine's buffers may not be touched while another engine's kernels run.
TEST_F(CudaDevices, LeaveOtherEnginesAlone) {
  reset(orin());
  const auto one = simulated(case_, members_, shape_);
  const Trajectory before = one->trajectory(1);
  const auto other = simulated(case_, members_, shape_);
  const auto waits = counts().waits;
  EXPECT_EQ(one->trajectory(1).states, before.states);
  EXPECT_GT(counts().waits, waits);
  EXPECT_EQ(other->trajectory(1).states, before.states);
}

// Breaks when a buffer is left behind, or a failed allocation shows up as another's error.
TEST_F(CudaDevices, RunOutOfMemory) {
  reset();
  const auto needed =
      static_cast<std::size_t>(Engine::create(case_.spec(shape_), shape_)->memory());
  int failed = 0;
  for (std::size_t memory = 0; memory < needed; memory += needed / 7) {
    for (Properties p : {Properties{}, orin()}) {
      p.memory = memory;
      reset(p);
      try {
        Engine::create(case_.spec(shape_), shape_);
      } catch (const Error& e) {
        ++failed;
        EXPECT_EQ(e.code(), Exit::device);
        EXPECT_NE(std::string(e.what()).find("no GPU memory for "), std::string::npos) << e.what();
      }
      EXPECT_EQ(cudaGetLastError(), cudaSuccess);
      EXPECT_EQ(counts().allocations + counts().managed + counts().streams, 0);
    }
  }
  EXPECT_EQ(failed, 16);
  Properties enough;
  enough.memory = needed;
  reset(enough);
  simulated(case_, members_, shape_)->trajectory(0);
}

// Breaks when a plan counts the host's staging that an integrated GPU does without, leaves some out
// that another needs, or goes by the GPU's free memory where both have the same.
TEST_F(CudaDevices, ArePlannedByTheirMemory) {
  BatchShape large = Members::first(20000).shape(50, 20);
  EngineSpec spec = case_.spec(large);
  const auto staging = [](const EnginePlan& plan) { return plan.groups.back().bytes.text(); };
  Properties p;
  p.memory = std::size_t{1} << 28;
  reset(p);
  const EnginePlan apart = plan_engine(spec, large);
  EXPECT_FALSE(apart.backend.shares_memory);
  EXPECT_EQ(apart.may_take, (std::int64_t{1} << 28) / 4 * 3);
  EXPECT_GT(apart.cut.parts(), 1);
  EXPECT_NE(staging(apart).find("(T + 1) n B"), std::string::npos) << staging(apart);
  // Of single rollouts the gradients themselves are read back.
  const EnginePlan single = plan_engine(spec, Members::first(1).shape(50, 20));
  EXPECT_NE(staging(single).find("q C"), std::string::npos) << staging(single);
  Properties together = orin();
  together.memory = std::size_t{1} << 28;
  reset(together);
  const EnginePlan shared = plan_engine(spec, large);
  EXPECT_TRUE(shared.backend.shares_memory);
  EXPECT_NEAR(static_cast<double>(shared.may_take), 0.75 * static_cast<double>(free_memory()),
              0.2 * static_cast<double>(free_memory()));
  EXPECT_EQ(staging(shared), "4 q P");
  EXPECT_EQ(shared.bytes, bytes_in(shared.groups, true));
  EXPECT_EQ(apart.bytes, bytes_in(apart.groups, false));
}

}  // namespace
}  // namespace phigrad
