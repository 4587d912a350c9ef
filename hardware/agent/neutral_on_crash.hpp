// What a crash of the process leaves behind: actuators held neutral.
#pragma once

#include "hardware/driver/driver.hpp"

namespace phigrad {

/// While it lives, SIGABRT (an exception that nobody caught, too), SIGSEGV, SIGBUS, SIGFPE and
/// SIGILL call driver.neutral() once, on whichever thread they hit, and then end the process as
/// they would have. Best effort, as the process is broken by then: the drivers' neutral() is one
/// system call on memory of its own. One at a time.
class NeutralOnCrash {
 public:
  explicit NeutralOnCrash(Driver& driver) noexcept;
  ~NeutralOnCrash();
  NeutralOnCrash(const NeutralOnCrash&) = delete;
  NeutralOnCrash& operator=(const NeutralOnCrash&) = delete;
};

}  // namespace phigrad
