// The first GPU through the CUDA runtime; a build without CUDA says so and nothing else.
#include "host/engine/device.hpp"
#include "host/support/error.hpp"

#ifdef PHIGRAD_HAS_CUDA
#include <cuda_runtime_api.h>

#include <cstdlib>
#include <cstring>
#include <optional>

#include "host/engine/cuda_check.hpp"
#include "host/engine/cuda_graph.hpp"
#include "host/engine/engine.hpp"
#endif

namespace phigrad {

#ifndef PHIGRAD_HAS_CUDA

std::string cuda_obstacle() { return "this program was built without CUDA"; }

std::string cuda_address() { return ""; }

bool cuda_shares_memory() { return false; }

std::int64_t free_cuda_memory() { return 0; }

double cuda_issue_per_byte() { return 0; }

int cuda_capability() { return 0; }

std::unique_ptr<Device> make_cuda_device() {
  throw Error(Exit::device, "no CUDA: " + cuda_obstacle(), "--backend cuda",
              "use --backend cpu, or build preset cuda-release");
}

#else

namespace {

void check(cudaError_t status, const char* what, int line) {
  check_cuda(status, what, "host/engine/cuda_device.cpp", line);
}

int value_of(cudaDeviceAttr attribute) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, attribute, 0), "no attributes", __LINE__);
  return value;
}

bool has(cudaDeviceAttr attribute) { return value_of(attribute) != 0; }

/// Where buffers lie. A GPU of its own has its own memory, and numbers are copied. On an integrated
/// one (Jetson) that would copy them from one place of the same memory to another, so they lie in
/// managed memory, which both sides cache; mapped pinned memory the GPU does not cache, and kernels
/// read their rows more than once (CUDA for Tegra, "Memory Selection"). PHIGRAD_CUDA_MEMORY, device
/// or managed, overrides it.
bool shares_memory() {
  const bool can = has(cudaDevAttrManagedMemory);
  const char* const told = std::getenv("PHIGRAD_CUDA_MEMORY");
  if (told == nullptr) return can && has(cudaDevAttrIntegrated);
  const std::string where = told;
  if (where == "device" || (where == "managed" && can)) return where == "managed";
  if (where == "managed") {
    throw Error(Exit::device, "this GPU has no managed memory", "PHIGRAD_CUDA_MEMORY",
                "use device, or leave it unset");
  }
  throw Error(Exit::usage, "unknown kind of memory '" + where + "'", "PHIGRAD_CUDA_MEMORY",
              "use device or managed, or leave it unset");
}

/// A second. What Jetsons say of their memory's clock is not its own (612 MHz and 1300 MHz of
/// the same AGX Orin): theirs are the data sheets' of Xavier, Orin (LPDDR5) and Thor (LPDDR5X).
double transfers_per_pin(int capability) {
  if (!has(cudaDevAttrIntegrated)) return 2 * (1e3 * value_of(cudaDevAttrMemoryClockRate));
  return capability < 8 ? 4.266e9 : capability == 8 ? 6.4e9 : 8.533e9;
}

class CudaDevice : public Device {
 public:
  CudaDevice()
      : graphs_(stream_.get()),
        shared_(shares_memory()),
        concurrent_(has(cudaDevAttrConcurrentManagedAccess)) {}
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  const char* backend() const override { return "cuda"; }
  std::string description() const override {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, 0), "no properties", __LINE__);
    return std::string(properties.name) + ", sm_" + std::to_string(properties.major) +
           std::to_string(properties.minor) + (shared_ ? ", in the host's memory" : "");
  }

  void clear(void* memory, std::size_t bytes) override {
    check(cudaMemsetAsync(memory, 0, bytes, stream_.get()), "cannot clear", __LINE__);
  }
  void copy_in(void* device, const void* host, std::size_t bytes) override {
    copy(device, host, bytes, cudaMemcpyHostToDevice);
  }
  void copy_out(void* host, const void* device, std::size_t bytes) override {
    copy(host, device, bytes, cudaMemcpyDeviceToHost);
  }
  bool host_visible() const override { return shared_; }
  /// Half of the second cache: what is read and written in between takes the rest.
  std::int64_t cached_bytes() const override {
    const int cache = value_of(cudaDevAttrL2CacheSize);
    return cache > 0 ? cache / 2 : bytes_at_once;
  }
  void wait() override { check(cudaStreamSynchronize(stream_.get()), "a kernel failed", __LINE__); }

 protected:
  void* take(std::size_t bytes) override {
    void* memory = nullptr;
    const cudaError_t status = shared_ ? cudaMallocManaged(&memory, bytes, cudaMemAttachGlobal)
                                       : cudaMalloc(&memory, bytes);
    if (status != cudaSuccess) {
      cudaGetLastError();  // the failure is reported here, not by the next launch
      throw Error(Exit::device, "no GPU memory for " + std::to_string(bytes) + " bytes", "engine",
                  "make the batch smaller");
    }
    if (shared_ && !concurrent_) {
      // Else the host may touch it only while no stream at all has work, another engine's neither.
      check(cudaStreamAttachMemAsync(stream_.get(), memory, 0, cudaMemAttachSingle),
            "memory was not attached", __LINE__);
    }
    clear(memory, bytes);
    return memory;
  }
  void give_back(void* memory) noexcept override { cudaFree(memory); }
  ThreadPool* threads() override { return nullptr; }
  ThreadPool& host_threads() override {
    if (!host_threads_) host_threads_.emplace(0);
    return *host_threads_;
  }
  void* stream() override { return stream_.get(); }
  void check_launch() override { check(cudaGetLastError(), "a kernel was not launched", __LINE__); }
  void repeat(const LaunchArguments& arguments, void (*issue)(const void*),
              const void* context) override {
    graphs_.run(arguments.bytes(), issue, context);
  }

 private:
  class Stream {
   public:
    Stream() {
      check(cudaSetDevice(0), "no GPU can be opened", __LINE__);
      check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "no stream", __LINE__);
    }
    ~Stream() { cudaStreamDestroy(stream_); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    cudaStream_t get() const { return stream_; }

   private:
    cudaStream_t stream_ = nullptr;
  };

  /// Waits for it: the host reuses its staging memory, and reads results, as soon as this returns.
  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind direction) {
    if (bytes == 0) return;
    if (shared_) {
      wait();
      std::memcpy(to, from, bytes);
      return;
    }
    check(cudaMemcpyAsync(to, from, bytes, direction, stream_.get()), "cannot copy", __LINE__);
    wait();
  }

  Stream stream_;
  CudaGraphs graphs_;
  bool shared_, concurrent_;
  std::optional<ThreadPool> host_threads_;  // made when a buffer is worth it
};

}  // namespace

std::string cuda_obstacle() {
  int devices = 0;
  const cudaError_t status = cudaGetDeviceCount(&devices);
  if (status == cudaSuccess && devices > 0) return "";
  cudaGetLastError();
  if (status == cudaErrorInsufficientDriver || status == cudaErrorNoDevice || devices == 0) {
    return status == cudaErrorInsufficientDriver ? "there is no CUDA driver, or it is too old"
                                                 : "there is no GPU";
  }
  return cudaGetErrorString(status);
}

std::string cuda_address() {
  char address[32] = "";
  if (cudaDeviceGetPCIBusId(address, sizeof address, 0) == cudaSuccess) return address;
  cudaGetLastError();
  return "";
}

bool cuda_shares_memory() { return cuda_obstacle().empty() && shares_memory(); }

std::int64_t free_cuda_memory() {
  std::size_t available = 0, all = 0;
  if (cudaMemGetInfo(&available, &all) == cudaSuccess) return static_cast<std::int64_t>(available);
  cudaGetLastError();
  return 0;
}

int cuda_capability() { return value_of(cudaDevAttrComputeCapabilityMajor); }

double cuda_issue_per_byte() {
  const int capability = cuda_capability();
  // Four schedulers a multiprocessor, of a warp each; with 7.x units for half a warp.
  const double lanes = capability == 7 ? 64 : 128;
  const double issued =
      lanes * value_of(cudaDevAttrMultiProcessorCount) * (1e3 * value_of(cudaDevAttrClockRate));
  const double pins = value_of(cudaDevAttrGlobalMemoryBusWidth);
  const double moved = pins / 8 * transfers_per_pin(capability);
  return moved > 0 ? issued / moved : 0;
}

std::unique_ptr<Device> make_cuda_device() {
  const std::string obstacle = cuda_obstacle();
  if (!obstacle.empty()) {
    throw Error(Exit::device, "no CUDA: " + obstacle, "--backend cuda", "use --backend cpu");
  }
  return std::make_unique<CudaDevice>();
}

#endif

}  // namespace phigrad
