#include "host/bench/gpu_energy.hpp"

#include <dlfcn.h>

#include <limits>

namespace phigrad {
namespace {

// As nvml.h declares them: nvmlReturn_t is an enumeration, nvmlDevice_t a pointer.
using Command = int();
using FindGpu = int(const char* address, void** gpu);
using ReadEnergy = int(void* gpu, unsigned long long* millijoules);
constexpr int success = 0;

template <class Function>
Function* function_in(void* library, const char* name) {
  if (library == nullptr) return nullptr;  // to dlsym that is the whole process
  return reinterpret_cast<Function*>(dlsym(library, name));
}

}  // namespace

GpuEnergy::GpuEnergy(const std::string& library, const std::string& address)
    : library_(dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  const auto initialise = function_in<Command>(library_, "nvmlInit_v2");
  const auto shut_down = function_in<Command>(library_, "nvmlShutdown");
  const auto find = function_in<FindGpu>(library_, "nvmlDeviceGetHandleByPciBusId_v2");
  const auto read = function_in<ReadEnergy>(library_, "nvmlDeviceGetTotalEnergyConsumption");
  if (initialise == nullptr || shut_down == nullptr || find == nullptr || read == nullptr) return;
  if (initialise() != success) return;
  shut_down_ = shut_down;
  if (find(address.c_str(), &gpu_) == success) read_ = read;
}

GpuEnergy::~GpuEnergy() {
  if (shut_down_ != nullptr) shut_down_();
  if (library_ != nullptr) dlclose(library_);
}

double GpuEnergy::joules() const {
  unsigned long long millijoules = 0;
  if (read_ == nullptr || read_(gpu_, &millijoules) != success) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return 1e-3 * static_cast<double>(millijoules);
}

}  // namespace phigrad
