// A lock-free ring of records from one thread to one other: the control thread never waits for the
// link thread, nor the other way round.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace phigrad {

/// One producer, one consumer; both sides wait-free. The storage is inside: no allocation, ever. A
/// full ring refuses the newest record and counts it, so sent = received + dropped + still inside.
template <class Record, std::size_t Capacity>
class Ring {
  static_assert(Capacity >= 2 && (Capacity & (Capacity - 1)) == 0, "a power of two");
  static_assert(std::is_trivially_copyable_v<Record>, "records are copied as plain bytes");
  static_assert(std::atomic<std::size_t>::is_always_lock_free, "its threads must never wait");
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "its threads must never wait");

 public:
  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  static constexpr std::size_t capacity() noexcept { return Capacity; }

  /// Producer only. False where the ring was full: the record is dropped and counted.
  bool push(const Record& record) noexcept {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head - known_tail_ == Capacity) {
      known_tail_ = tail_.load(std::memory_order_acquire);
      if (head - known_tail_ == Capacity) {
        // One writer: no read-modify-write is needed for an exact count.
        dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return false;
      }
    }
    records_[head & (Capacity - 1)] = record;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// Consumer only. False where the ring was empty; `into` then stays as it is.
  bool pop(Record& into) noexcept {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == known_head_) {
      known_head_ = head_.load(std::memory_order_acquire);
      if (tail == known_head_) return false;
    }
    into = records_[tail & (Capacity - 1)];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Records refused so far; any thread.
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t cache_line = 64;  // bytes, on every machine this is built for

  // Counters only grow; size_t wraps around together with Capacity, a power of two. What each side
  // writes has a cache line of its own, with that side's last look at the other.
  alignas(cache_line) std::atomic<std::size_t> head_{0};  // written by the producer
  std::size_t known_tail_ = 0;
  std::atomic<std::uint64_t> dropped_{0};
  alignas(cache_line) std::atomic<std::size_t> tail_{0};  // written by the consumer
  std::size_t known_head_ = 0;
  alignas(cache_line) std::array<Record, Capacity> records_{};
};

}  // namespace phigrad
