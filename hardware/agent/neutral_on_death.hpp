// What kill -9 of the process leaves behind: actuators held neutral.
#pragma once

#include <sys/types.h>

#include "hardware/driver/driver.hpp"

namespace phigrad {

/// While it lives, a second process watches this one. Should this one end without having destroyed
/// it (SIGKILL, the kernel short of memory), the other calls driver.neutral() once and ends, too.
/// That is one system call on memory and a file descriptor of its own, as on a crash. Nothing helps
/// where both are killed at once, as a whole control group may be, or against a loss of power.
class NeutralOnDeath {
 public:
  /// The driver has started. Throws Error(Exit::robot) where there can be no second process.
  explicit NeutralOnDeath(Driver& driver);
  ~NeutralOnDeath();
  NeutralOnDeath(const NeutralOnDeath&) = delete;
  NeutralOnDeath& operator=(const NeutralOnDeath&) = delete;

 private:
  int to_watcher_ = -1;
  pid_t watcher_ = -1;
};

}  // namespace phigrad
