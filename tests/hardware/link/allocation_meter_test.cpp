#include "tests/hardware/link/allocation_meter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace phigrad {
namespace {

thread_local Allocations of_thread;

void* counted(std::size_t size) noexcept {
  ++of_thread.count;
  of_thread.bytes += size;
  of_thread.largest = std::max(of_thread.largest, size);
  return std::malloc(std::max<std::size_t>(size, 1));
}

void* counted_or_throw(std::size_t size) {
  void* memory = counted(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

Allocations allocations_of_thread() noexcept { return of_thread; }

AllocationMeter::AllocationMeter() : start_(of_thread) { of_thread.largest = 0; }

}  // namespace phigrad

// All of them, since a sanitizer's own would not go together with these.
void* operator new(std::size_t size) { return phigrad::counted_or_throw(size); }
void* operator new[](std::size_t size) { return phigrad::counted_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return phigrad::counted(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return phigrad::counted(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace phigrad {
namespace {

// Breaks when operator new is not the counting one: tests that expect no allocation would all pass.
TEST(AllocationMeter, Counts) {
  const AllocationMeter meter;
  EXPECT_EQ(meter.count(), 0U);
  const auto numbers = std::make_unique<std::vector<double>>(1000);
  EXPECT_EQ(meter.count(), 2U);
  EXPECT_EQ(meter.bytes(), sizeof(std::vector<double>) + 8000);
  EXPECT_EQ(meter.largest(), 8000U);
}

}  // namespace
}  // namespace phigrad
