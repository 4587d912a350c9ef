// The first GPU through the CUDA runtime; a build without CUDA says so and nothing else.
#include "host/engine/device.hpp"
#include "host/support/error.hpp"

#ifdef PHIGRAD_HAS_CUDA
#include <cuda_runtime_api.h>
#endif

namespace phigrad {

#ifndef PHIGRAD_HAS_CUDA

std::string cuda_obstacle() { return "this program was built without CUDA"; }

std::int64_t free_cuda_memory() { return 0; }

std::unique_ptr<Device> make_cuda_device() {
  throw Error(Exit::device, "no CUDA: " + cuda_obstacle(), "--backend cuda",
              "use --backend cpu, or build preset cuda-release");
}

#else

namespace {

[[noreturn]] void fail(cudaError_t status, const char* what, int line) {
  throw Error(Exit::device, std::string(what) + ": " + cudaGetErrorString(status),
              "host/engine/cuda_device.cpp:" + std::to_string(line),
              "check the GPU with nvidia-smi");
}

void check(cudaError_t status, const char* what, int line) {
  if (status != cudaSuccess) fail(status, what, line);
}

class CudaDevice : public Device {
 public:
  CudaDevice() {
    check(cudaSetDevice(0), "no GPU can be opened", __LINE__);
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "no stream", __LINE__);
  }
  ~CudaDevice() override { cudaStreamDestroy(stream_); }
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  const char* backend() const override { return "cuda"; }
  std::string description() const override {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, 0), "no properties", __LINE__);
    return std::string(properties.name) + ", sm_" + std::to_string(properties.major) +
           std::to_string(properties.minor);
  }

  void clear(void* memory, std::size_t bytes) override {
    check(cudaMemsetAsync(memory, 0, bytes, stream_), "cannot clear", __LINE__);
  }
  void copy_in(void* device, const void* host, std::size_t bytes) override {
    check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream_), "cannot copy in",
          __LINE__);
    // The host reuses its staging memory as soon as this returns.
    check(cudaStreamSynchronize(stream_), "a kernel failed", __LINE__);
  }
  void copy_out(void* host, const void* device, std::size_t bytes) override {
    check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream_), "cannot copy out",
          __LINE__);
    check(cudaStreamSynchronize(stream_), "a kernel failed", __LINE__);
  }
  bool host_visible() const override { return false; }

 protected:
  void* take(std::size_t bytes) override {
    void* memory = nullptr;
    const cudaError_t status = cudaMalloc(&memory, bytes);
    if (status != cudaSuccess) {
      cudaGetLastError();  // the failure is reported here, not by the next launch
      throw Error(Exit::device, "no GPU memory for " + std::to_string(bytes) + " bytes", "engine",
                  "make the batch smaller");
    }
    clear(memory, bytes);
    return memory;
  }
  void give_back(void* memory) noexcept override { cudaFree(memory); }
  ThreadPool* threads() override { return nullptr; }
  void* stream() override { return stream_; }
  void check_launch() override { check(cudaGetLastError(), "a kernel was not launched", __LINE__); }

 private:
  cudaStream_t stream_ = nullptr;
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

std::int64_t free_cuda_memory() {
  std::size_t available = 0, all = 0;
  if (cudaMemGetInfo(&available, &all) == cudaSuccess) return static_cast<std::int64_t>(available);
  cudaGetLastError();
  return 0;
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
