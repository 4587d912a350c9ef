// The processes that share a study: one, or those that mpirun started.
#pragma once

#include <cstdint>
#include <memory>

#include "host/study/study_sums.hpp"

namespace phigrad {

/// Every rank calls the same functions in the same order.
class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const = 0;  // 0 is the one that writes and speaks
  virtual int size() const = 0;
  /// Moves every rank's sums to rank 0, which adds them to its own; the others' are empty after.
  virtual void gather(StudySums& sums) = 0;
  /// Bytes that rank 0 was sent so far.
  virtual std::int64_t gathered() const { return 0; }
  /// The number that rank 0 has.
  virtual int from_first(int value) = 0;
  bool decided(bool by_first) { return from_first(by_first ? 1 : 0) != 0; }
};

/// This process alone. Throws Error(Exit::usage) where mpirun started it with others.
std::unique_ptr<Ranks> one_rank();

}  // namespace phigrad
