// Tensor cores are refused where there are none, or none that can do what is asked.
#include <gtest/gtest.h>

#include "host/engine/engine_plan.hpp"
#include "host/support/error.hpp"
#include "tests/support/emulated_cuda/emulated_gpu.hpp"
#include "tests/support/engine_case.hpp"

namespace phigrad {
namespace {

using emulated_cuda::Properties;
using emulated_cuda::reset;

class EmulatedTensorCoresMissing : public testing::Test {
 public:
  ~EmulatedTensorCoresMissing() override { reset(); }

 protected:
  static BackendChoice choice(const std::string& kernels, const std::string& precision,
                              const std::string& backend, const Properties& gpu) {
    reset(gpu);
    EngineSpec s;
    s.kernels = kernels;
    s.precision = precision;
    s.backend = backend;
    s.tensor_cores = TensorCores::bf16;
    return choose_backend(s, Members::first(1).shape(2, 2));
  }
  static void expect_refused(const std::string& kernels, const std::string& precision,
                             const std::string& backend, const Properties& gpu, Exit code,
                             const char* why) {
    try {
      choice(kernels, precision, backend, gpu);
      ADD_FAILURE() << "not refused: " << why;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code) << e.what();
      EXPECT_NE(std::string(e.what()).find(why), std::string::npos) << e.what();
      EXPECT_NE(std::string(e.what()).find("tensor_cores"), std::string::npos) << e.what();
    }
  }
};

// Breaks when a kernel is launched that is not there, or whose code does nothing on this GPU, or
// when gradients come from elsewhere and nobody is told.
TEST_F(EmulatedTensorCoresMissing, AreRefused) {
  Properties none, turing, other_code;
  none.devices = 0;
  turing.capability = 7;
  turing.code = other_code.code = 75;
  for (const char* backend : {"auto", "cuda"}) {
    expect_refused("car", "double", backend, {}, Exit::input, "they multiply floats");
    expect_refused("scalar_setpoint", "float", backend, {}, Exit::input, "no network");
    expect_refused("car", "float", backend, none, Exit::device, "no GPU");
    expect_refused("car", "float", backend, turing, Exit::device, "compute capability 7");
    expect_refused("car", "float", backend, other_code, Exit::device, "made for older ones");
  }
  expect_refused("car", "float", "cpu", {}, Exit::input, "on the CPU");
}

// Breaks when a batch that is small leaves the GPU whose tensor cores are asked for.
TEST_F(EmulatedTensorCoresMissing, AutoTakesTheGpuThatHasThem) {
  const BackendChoice c = choice("car", "float", "auto", {});
  EXPECT_TRUE(c.cuda);
  EXPECT_NE(c.why.find("tensor cores"), std::string::npos) << c.why;
}

}  // namespace
}  // namespace phigrad
