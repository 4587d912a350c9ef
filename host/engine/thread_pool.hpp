// Threads that share a range of blocks in fixed parts. Which thread does what never shows in a
// result: blocks do not touch one another.
#pragma once

#include <cstdint>
#include <memory>

#include "host/support/no_subnormals.hpp"

namespace phigrad {

class ThreadPool {
 public:
  /// `threads` in all, the caller's own among them; 0 = as many as this process may use.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return size_; }
  /// What a pool made with `threads` has.
  static int size_for(int threads);

  /// Calls body(begin, end) on parts of [0, count) until all is done, without subnormal numbers.
  /// body must not throw.
  template <class Body>
  void parallel_for(std::int64_t count, const Body& body) {
    const auto flushed = [&](std::int64_t begin, std::int64_t end) {
      const NoSubnormals while_it_runs;
      body(begin, end);
    };
    share(count, flushed);
  }

  /// The same with all numbers as they are.
  template <class Body>
  void share(std::int64_t count, const Body& body) {
    if (size_ == 1 || count <= 1) {
      if (count > 0) body(0, count);
      return;
    }
    run(count, &call<Body>, &body);
  }

 private:
  using Part = void (*)(const void* body, std::int64_t begin, std::int64_t end);

  template <class Body>
  static void call(const void* body, std::int64_t begin, std::int64_t end) {
    (*static_cast<const Body*>(body))(begin, end);
  }

  void run(std::int64_t count, Part part, const void* body);

  struct Arena;
  std::unique_ptr<Arena> arena_;
  int size_;
};

}  // namespace phigrad
