// Where kernels run and their memory lies: this processor's threads, or a GPU.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "host/engine/launch_arguments.hpp"
#include "host/engine/thread_pool.hpp"
#include "kernels/entry/robot_kernels.hpp"

namespace phigrad {

class Device {
 public:
  virtual ~Device() = default;

  /// "cpu" or "cuda".
  virtual const char* backend() const = 0;
  /// For people: "2 threads" or the GPU's name.
  virtual std::string description() const = 0;
  /// Threads that share a launch; 0 on a GPU.
  int processors() {
    const ThreadPool* pool = threads();
    return pool == nullptr ? 0 : pool->size();
  }

  /// Zeroed memory, 64-byte aligned. Throws Error(Exit::device) naming the size when there is none.
  void* allocate(std::size_t bytes) {
    void* const memory = take(bytes);
    held_ += static_cast<std::int64_t>(bytes);
    most_ = std::max(most_, held_);
    return memory;
  }
  /// What was allocated with so many bytes.
  void release(void* memory, std::size_t bytes) noexcept {
    give_back(memory);
    held_ -= static_cast<std::int64_t>(bytes);
  }
  /// Bytes that were allocated at a time at most.
  std::int64_t most_allocated() const { return most_; }
  virtual void clear(void* memory, std::size_t bytes) = 0;
  virtual void copy_in(void* device, const void* host, std::size_t bytes) = 0;
  /// Waits for the work that was launched before.
  virtual void copy_out(void* host, const void* device, std::size_t bytes) = 0;
  /// Whether the host reads and writes this memory directly, after wait().
  virtual bool host_visible() const = 0;
  /// Until all that was launched, cleared and copied is done.
  virtual void wait() = 0;
  /// Whether the kernels here work on blocks of a register's lanes; else on one trajectory each.
  bool works_in_blocks() { return threads() != nullptr; }

  /// Runs kernel(args, ·) over [0, count); copies and launches keep their order.
  template <class Args>
  void run(void (*kernel)(const Args&, LaunchRange), const Args& args, std::int64_t count) {
    if (count <= 0) return;
    if (ThreadPool* pool = threads()) {
      pool->parallel_for(count, [&](std::int64_t begin, std::int64_t end) {
        kernel(args, LaunchRange{begin, end, nullptr});
      });
    } else {
      kernel(args, LaunchRange{0, count, stream()});
      check_launch();
    }
  }

  /// Bytes of a batch that are worked on at a time so that they stay in the cache: a thread's, or
  /// the GPU's.
  virtual std::int64_t cached_bytes() const = 0;

  /// body(begin, end) on parts of [0, count), by several of the processor's threads: what the host
  /// does to buffers. It must not throw.
  template <class Body>
  void share(std::int64_t count, const Body& body) {
    host_threads().share(count, body);
  }

  /// Several launches over the same blocks: launch(range) makes them in order for at most `at_once`
  /// blocks a call, whose data is then still in the cache.
  template <class Launches>
  void run_together(std::int64_t count, std::int64_t at_once, const Launches& launch) {
    if (count <= 0) return;
    if (ThreadPool* pool = threads()) {
      pool->parallel_for(count, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; i += at_once) {
          launch(LaunchRange{i, std::min(i + at_once, end), nullptr});
        }
      });
    } else {
      for (std::int64_t i = 0; i < count; i += at_once) {
        launch(LaunchRange{i, std::min(i + at_once, count), stream()});
        check_launch();
      }
    }
  }

  /// Runs issue(), which launches and clears and does nothing else, and goes by nothing but
  /// `arguments`: a GPU launches it at once when it comes again.
  template <class Issue>
  void run_repeated(const LaunchArguments& arguments, const Issue& issue) {
    repeat(
        arguments, [](const void* context) { (*static_cast<const Issue*>(context))(); }, &issue);
  }

 protected:
  virtual void* take(std::size_t bytes) = 0;
  virtual void give_back(void* memory) noexcept = 0;
  virtual ThreadPool* threads() = 0;  // null on a GPU
  virtual ThreadPool& host_threads() = 0;
  virtual void* stream() = 0;
  virtual void check_launch() = 0;
  virtual void repeat(const LaunchArguments& arguments, void (*issue)(const void*),
                      const void* context) = 0;

 private:
  std::int64_t held_ = 0, most_ = 0;
};

/// This processor, with so many threads (0: all it may use).
std::unique_ptr<Device> make_cpu_device(int threads);

/// Why no GPU can be used, in one clause; empty when one can.
std::string cuda_obstacle();

/// Where the first GPU is on the PCI bus, "0000:41:00.0"; empty where there is none.
std::string cuda_address();

/// Whether the first GPU's buffers lie in the host's memory; not where there is none.
bool cuda_shares_memory();

/// Bytes of the first GPU's memory that are free; 0 where there is none.
std::int64_t free_cuda_memory();

/// Lane-instructions that the first GPU can issue a byte that its memory moves, by its clocks; 0
/// where it does not say.
double cuda_issue_per_byte();

/// The first GPU's compute capability, its whole part.
int cuda_capability();

/// The first GPU. Throws Error(Exit::device) when cuda_obstacle() says why not.
std::unique_ptr<Device> make_cuda_device();

}  // namespace phigrad
