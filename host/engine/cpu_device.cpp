#include <cstdlib>
#include <cstring>

#include "host/engine/device.hpp"
#include "host/engine/engine.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

class CpuDevice : public Device {
 public:
  explicit CpuDevice(int threads) : pool_(threads) {}

  const char* backend() const override { return "cpu"; }
  std::string description() const override {
    return std::to_string(pool_.size()) + (pool_.size() == 1 ? " thread" : " threads");
  }

  void clear(void* memory, std::size_t bytes) override { std::memset(memory, 0, bytes); }
  void copy_in(void* device, const void* host, std::size_t bytes) override {
    std::memcpy(device, host, bytes);
  }
  void copy_out(void* host, const void* device, std::size_t bytes) override {
    std::memcpy(host, device, bytes);
  }
  bool host_visible() const override { return true; }
  std::int64_t cached_bytes() const override { return bytes_at_once; }
  void wait() override {}

 protected:
  void* take(std::size_t bytes) override {
    constexpr std::size_t line = 64;
    const std::size_t rounded = (bytes + line - 1) / line * line;
    void* memory = rounded < bytes ? nullptr : std::aligned_alloc(line, rounded);
    if (memory == nullptr) {
      throw Error(Exit::device, "no memory for " + std::to_string(bytes) + " bytes", "engine",
                  "make the batch smaller");
    }
    std::memset(memory, 0, rounded);
    return memory;
  }
  void give_back(void* memory) noexcept override { std::free(memory); }
  ThreadPool* threads() override { return &pool_; }
  ThreadPool& host_threads() override { return pool_; }
  void* stream() override { return nullptr; }
  void check_launch() override {}
  void repeat(const LaunchArguments& /*arguments*/, void (*issue)(const void*),
              const void* context) override {
    issue(context);
  }

 private:
  ThreadPool pool_;
};

}  // namespace

std::unique_ptr<Device> make_cpu_device(int threads) {
  return std::make_unique<CpuDevice>(threads);
}

}  // namespace phigrad
