// Counts what a test allocates: operator new is replaced in this executable
// (allocation_meter_test.cpp).
#pragma once

#include <cstddef>

namespace phigrad {

struct Allocations {
  std::size_t count = 0;
  std::size_t bytes = 0;    // of all together, freed ones too
  std::size_t largest = 0;  // bytes
};

/// What this thread has allocated through operator new since it began.
Allocations allocations_of_thread() noexcept;

/// What this thread allocates from here on.
class AllocationMeter {
 public:
  AllocationMeter();
  std::size_t count() const { return allocations_of_thread().count - start_.count; }
  std::size_t bytes() const { return allocations_of_thread().bytes - start_.bytes; }
  /// The largest single one, bytes.
  std::size_t largest() const { return allocations_of_thread().largest; }

 private:
  Allocations start_;
};

}  // namespace phigrad
