// A policy, put together on the robot from the frames it travels in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "hardware/link/messages.hpp"

namespace phigrad::link {

/// A whole policy as it came: parameters joined, nothing of it believed yet (PolicySlot does that).
struct ReceivedPolicy {
  Policy announcement;
  std::vector<double> parameters;
};

/// One policy at a time: a newer announcement takes the place of an unfinished one. For one thread.
class PolicyAssembly {
 public:
  /// A new session: what is unfinished will come again from its beginning.
  void restart() noexcept { is_open_ = false; }

  /// Begins with a policy. One older than that which is being put together, or the same as that or
  /// as the last whole one, changes nothing.
  void announce(const Policy& policy);

  /// Takes a frame of parameters, in any order, twice or not; those of another policy change
  /// nothing. False where it lies beyond the parameters announced: nothing was taken.
  bool take(const Frame& chunk);

  /// Every parameter has come: the whole policy, once.
  std::optional<ReceivedPolicy> finished();

 private:
  bool is_open_ = false;
  ReceivedPolicy open_;
  std::vector<bool> have_;   // [parameters]
  std::size_t missing_ = 0;  // parameters
  std::optional<Policy> last_;
};

}  // namespace phigrad::link
