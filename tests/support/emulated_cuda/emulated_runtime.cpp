// The functions of the CUDA runtime, for the emulated GPU.
#include <cstring>
#include <map>
#include <utility>

#include "tests/support/emulated_cuda/emulated_state.hpp"

using emulated_cuda::alone;
using emulated_cuda::answer;
using emulated_cuda::breaks_capture;
using emulated_cuda::drain;
using emulated_cuda::enqueue;
using emulated_cuda::gpu;

cudaError_t cudaGetDeviceCount(int* count) {
  const auto lock = alone();
  *count = gpu().properties.driver ? gpu().properties.devices : 0;
  if (!gpu().properties.driver) return answer(cudaErrorInsufficientDriver);
  return answer(*count > 0 ? cudaSuccess : cudaErrorNoDevice);
}
cudaError_t cudaSetDevice(int device) {
  const auto lock = alone();
  return answer(device < gpu().properties.devices ? cudaSuccess : cudaErrorInvalidValue);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int /*device*/) {
  *properties = {"emulated GPU", 8, 7};
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int /*device*/) {
  const emulated_cuda::Properties& p = gpu().properties;
  const std::map<cudaDeviceAttr, int> values = {
      {cudaDevAttrClockRate, p.clock_khz},
      {cudaDevAttrMultiProcessorCount, p.multiprocessors},
      {cudaDevAttrIntegrated, p.integrated},
      {cudaDevAttrMemoryClockRate, p.memory_clock_khz},
      {cudaDevAttrGlobalMemoryBusWidth, p.bus_bits},
      {cudaDevAttrL2CacheSize, p.l2_bytes},
      {cudaDevAttrComputeCapabilityMajor, p.capability},
      {cudaDevAttrManagedMemory, p.managed_memory},
      {cudaDevAttrConcurrentManagedAccess, p.concurrent_managed_access}};
  const auto found = values.find(attribute);
  if (found == values.end()) return answer(cudaErrorInvalidValue);
  *value = found->second;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* address, int length, int device) {
  if (device >= gpu().properties.devices || length < 13) return answer(cudaErrorInvalidValue);
  std::strcpy(address, "0000:41:00.0");
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *total = gpu().properties.memory;
  *free = *total - gpu().memory.used();
  return cudaSuccess;
}
const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorMemoryAllocation ? "out of memory" : "emulated error";
}
cudaError_t cudaGetLastError() {
  const auto lock = alone();
  return std::exchange(gpu().last, cudaSuccess);
}

namespace {

cudaError_t allocate(void** memory, size_t bytes, bool managed) {
  const auto lock = alone();
  if (breaks_capture()) return answer(cudaErrorStreamCaptureUnsupported);
  *memory = bytes == 0 ? nullptr : gpu().memory.allocate(bytes, managed, gpu().properties.memory);
  if (*memory == nullptr) return answer(cudaErrorMemoryAllocation);
  ++(managed ? gpu().counts.managed : gpu().counts.allocations);
  return cudaSuccess;
}

}  // namespace

cudaError_t cudaMalloc(void** memory, size_t bytes) { return allocate(memory, bytes, false); }
cudaError_t cudaMallocManaged(void** memory, size_t bytes, unsigned flags) {
  if (!gpu().properties.managed_memory || flags != cudaMemAttachGlobal) {
    return answer(cudaErrorInvalidValue);
  }
  return allocate(memory, bytes, true);
}
cudaError_t cudaStreamAttachMemAsync(cudaStream_t stream, void* memory, size_t length,
                                     unsigned flags) {
  const auto lock = alone();
  const bool valid = length == 0 && flags == cudaMemAttachSingle && gpu().streams.count(stream) > 0;
  if (!valid || !gpu().memory.attach(memory, stream)) return answer(cudaErrorInvalidValue);
  emulated_cuda::close_memory();
  return cudaSuccess;
}
cudaError_t cudaFree(void* memory) {
  const auto lock = alone();
  if (memory == nullptr) return cudaSuccess;
  if (breaks_capture()) return answer(cudaErrorStreamCaptureUnsupported);
  for (cudaStream_t s : gpu().streams) drain(s);  // it waits for the device
  const bool managed = gpu().memory.is_managed(memory);
  if (!gpu().memory.release(memory)) return answer(cudaErrorInvalidValue);
  --(managed ? gpu().counts.managed : gpu().counts.allocations);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  const auto lock = alone();
  if (flags != cudaStreamNonBlocking) return answer(cudaErrorInvalidValue);
  *stream = new CUstream_st;
  gpu().streams.insert(*stream);
  ++gpu().counts.streams;
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  const auto lock = alone();
  if (gpu().streams.count(stream) == 0) return answer(cudaErrorInvalidValue);
  drain(stream);
  gpu().streams.erase(stream);
  delete stream;
  --gpu().counts.streams;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  const auto lock = alone();
  if (gpu().streams.count(stream) == 0) return answer(cudaErrorInvalidValue);
  if (stream->captured != nullptr) {
    stream->broken = true;
    return answer(cudaErrorStreamCaptureUnsupported);
  }
  ++gpu().counts.waits;
  drain(stream);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const auto lock = alone();
  const bool in = kind == cudaMemcpyHostToDevice;
  const void* const host = in ? from : to;
  void* const device = gpu().memory.behind(in ? to : from, bytes);
  if (host == nullptr || device == nullptr || gpu().memory.touches(host, bytes)) {
    return answer(cudaErrorInvalidValue);
  }
  ++gpu().counts.copies;
  return enqueue(stream, [=] { std::memcpy(in ? device : to, in ? from : device, bytes); });
}
cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t stream) {
  const auto lock = alone();
  void* const device = gpu().memory.behind(memory, bytes);
  if (device == nullptr) return answer(cudaErrorInvalidValue);
  return enqueue(stream, [=] { std::memset(device, value, bytes); });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode /*mode*/) {
  const auto lock = alone();
  if (stream->captured != nullptr) return answer(cudaErrorInvalidValue);
  stream->captured = new CUgraph_st;
  ++gpu().counts.captures;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const auto lock = alone();
  *graph = std::exchange(stream->captured, nullptr);
  if (*graph == nullptr) return answer(cudaErrorInvalidValue);
  ++gpu().counts.graphs;
  if (!std::exchange(stream->broken, false)) return cudaSuccess;
  cudaGraphDestroy(std::exchange(*graph, nullptr));
  return answer(cudaErrorStreamCaptureInvalidated);
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* executable, cudaGraph_t graph,
                                          unsigned long long /*flags*/) {
  const auto lock = alone();
  *executable = new CUgraphExec_st{graph->work};
  ++gpu().counts.graphs;
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const auto lock = alone();
  delete graph;
  --gpu().counts.graphs;
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  const auto lock = alone();
  ++gpu().counts.graph_launches;
  ++executable->waiting;
  return enqueue(stream, [executable] {
    for (const emulated_cuda::Work& w : executable->work) w();
    --executable->waiting;
  });
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const auto lock = alone();
  if (executable->waiting > 0) emulated_cuda::misused("a graph destroyed before it ran");
  delete executable;
  --gpu().counts.graphs;
  return cudaSuccess;
}
