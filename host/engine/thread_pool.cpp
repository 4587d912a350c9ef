// Thrust's TBB system: g++ owns it, as nvcc owns Thrust's CUDA system.
#include "host/engine/thread_pool.hpp"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/system/tbb/execution_policy.h>

#include <algorithm>
#include <optional>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PHI_TSAN 1
#include <thread>
#include <vector>
#endif
#endif

namespace phigrad {
namespace {

/// Parts a thread: enough to even out threads that the system holds up.
constexpr std::int64_t parts_per_thread = 4;

}  // namespace

struct ThreadPool::Arena {
  explicit Arena(int threads) : arena(threads) {
    // TBB starts no more workers than there are processors, unless told to.
    if (threads > tbb::this_task_arena::max_concurrency()) {
      more.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
    }
  }

  tbb::task_arena arena;
  std::optional<tbb::global_control> more;
};

int ThreadPool::size_for(int threads) {
  return threads > 0 ? threads : tbb::this_task_arena::max_concurrency();
}

ThreadPool::ThreadPool(int threads) : size_(size_for(threads)) {
  if (size_ > 1) arena_ = std::make_unique<Arena>(size_);
}

ThreadPool::~ThreadPool() = default;

void ThreadPool::run(std::int64_t count, Part part, const void* body) {
  const std::int64_t parts = std::min(count, size_ * parts_per_thread);
  const auto run_part = [=](std::int64_t i) {
    part(body, count * i / parts, count * (i + 1) / parts);
  };
#ifdef PHI_TSAN
  // ThreadSanitizer has not compiled TBB's library: it does not see how tasks are handed over
  // there.
  std::vector<std::thread> threads;
  for (std::int64_t i = 0; i < parts; ++i) threads.emplace_back(run_part, i);
  for (std::thread& t : threads) t.join();
#else
  arena_->arena.execute([&] {
    thrust::for_each_n(thrust::tbb::par, thrust::counting_iterator<std::int64_t>(0), parts,
                       run_part);
  });
#endif
}

}  // namespace phigrad
