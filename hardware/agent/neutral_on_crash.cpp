#include "hardware/agent/neutral_on_crash.hpp"

#include <array>
#include <atomic>
#include <csignal>

namespace phigrad {
namespace {

constexpr std::array<int, 5> fatal = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

std::atomic<Driver*> driven{nullptr};
static_assert(std::atomic<Driver*>::is_always_lock_free, "read in a signal handler");

std::array<struct sigaction, fatal.size()> before{};

void on_crash(int signal) {
  if (Driver* driver = driven.exchange(nullptr)) driver->neutral();
  // SA_RESETHAND has put the default back.
  std::raise(signal);
}

}  // namespace

NeutralOnCrash::NeutralOnCrash(Driver& driver) noexcept {
  driven = &driver;
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = SA_RESETHAND;
  for (std::size_t i = 0; i < fatal.size(); ++i) sigaction(fatal[i], &action, &before[i]);
}

NeutralOnCrash::~NeutralOnCrash() {
  for (std::size_t i = 0; i < fatal.size(); ++i) sigaction(fatal[i], &before[i], nullptr);
  driven = nullptr;
}

}  // namespace phigrad
