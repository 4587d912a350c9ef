#include "host/engine/thread_pool.hpp"

#include <sched.h>

namespace phigrad {
namespace {

/// Processors this process may run on (a container may have fewer than the machine).
int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) {
    return static_cast<int>(std::thread::hardware_concurrency());
  }
  return CPU_COUNT(&set);
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  if (threads <= 0) threads = usable_processors();
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (std::thread& t : workers_) t.join();
}

void ThreadPool::run(std::int64_t count, Part part, const void* body) {
  if (count <= 0) return;
  if (workers_.empty() || count == 1) {
    part(body, 0, count);
    return;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    count_ = count;
    part_ = part;
    body_ = body;
    running_ = static_cast<int>(workers_.size());
    ++round_;
  }
  start_.notify_all();
  do_part(0);
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, [this] { return running_ == 0; });
}

void ThreadPool::do_part(int index) const {
  const std::int64_t n = size();
  const std::int64_t begin = count_ * index / n;
  const std::int64_t end = count_ * (index + 1) / n;
  if (begin < end) part_(body_, begin, end);
}

void ThreadPool::work(int index) {
  std::uint64_t seen = 0;
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      start_.wait(lock, [&] { return stopping_ || round_ != seen; });
      if (stopping_) return;
      seen = round_;
    }
    do_part(index);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--running_ == 0) done_.notify_one();
  }
}

}  // namespace phigrad
