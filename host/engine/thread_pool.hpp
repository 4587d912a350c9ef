// Threads that share a range of blocks in fixed parts. Which thread does what never shows in a
// result: blocks do not touch one another.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace phigrad {

class ThreadPool {
 public:
  /// `threads` in all, the caller's own among them; 0 = as many as this process may use.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(begin, end) on parts of [0, count) until all is done. body must not throw.
  /// Allocates nothing.
  template <class Body>
  void parallel_for(std::int64_t count, const Body& body) {
    run(count, &call<Body>, &body);
  }

 private:
  using Part = void (*)(const void* body, std::int64_t begin, std::int64_t end);

  template <class Body>
  static void call(const void* body, std::int64_t begin, std::int64_t end) {
    (*static_cast<const Body*>(body))(begin, end);
  }

  void run(std::int64_t count, Part part, const void* body);
  void work(int index);
  void do_part(int index) const;

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable start_, done_;
  std::uint64_t round_ = 0;
  int running_ = 0;
  bool stopping_ = false;
  std::int64_t count_ = 0;
  Part part_ = nullptr;
  const void* body_ = nullptr;
};

}  // namespace phigrad
