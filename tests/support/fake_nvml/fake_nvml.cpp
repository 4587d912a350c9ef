#include "tests/support/fake_nvml/fake_nvml.hpp"

#include <dlfcn.h>

namespace phigrad {

FakeNvml& fake_nvml() {
  static FakeNvml state;
  return state;
}

std::string fake_nvml_file() {
  Dl_info library{};
  dladdr(reinterpret_cast<const void*>(&fake_nvml), &library);
  return library.dli_fname;
}

}  // namespace phigrad

using phigrad::fake_nvml;

// NOLINTBEGIN(readability-identifier-naming)
namespace {
constexpr int NVML_SUCCESS = 0, NVML_ERROR_UNINITIALIZED = 1, NVML_ERROR_NOT_FOUND = 6;
}

extern "C" {
int nvmlInit_v2() {
  if (fake_nvml().of_initialising == NVML_SUCCESS) ++fake_nvml().initialised;
  return fake_nvml().of_initialising;
}
int nvmlShutdown() {
  --fake_nvml().initialised;
  return NVML_SUCCESS;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** gpu) {
  if (fake_nvml().initialised == 0) return NVML_ERROR_UNINITIALIZED;
  if (address != fake_nvml().address) return NVML_ERROR_NOT_FOUND;
  *gpu = &fake_nvml();
  return NVML_SUCCESS;
}
#ifndef FAKE_NVML_IS_OLD
int nvmlDeviceGetTotalEnergyConsumption(void* gpu, unsigned long long* millijoules) {
  if (fake_nvml().initialised == 0) return NVML_ERROR_UNINITIALIZED;
  if (gpu != &fake_nvml()) return NVML_ERROR_NOT_FOUND;
  *millijoules = fake_nvml().millijoules;
  fake_nvml().millijoules += fake_nvml().step;
  return fake_nvml().of_reading;
}
#endif
}
// NOLINTEND(readability-identifier-naming)
