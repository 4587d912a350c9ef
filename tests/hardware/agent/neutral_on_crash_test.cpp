// SA6: what is left of a process that crashed, or was killed.
#include "hardware/agent/neutral_on_crash.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <string>

#include "hardware/agent/neutral_on_death.hpp"

namespace phigrad {
namespace {

/// Writes a letter for each neutral() into a pipe.
class PipeDriver final : public Driver {
 public:
  explicit PipeDriver(int fd) : fd_(fd) {}
  void start() override {}
  bool command(const double*) noexcept override { return true; }
  bool neutral() noexcept override { return ::write(fd_, "n", 1) == 1; }
  bool measure(Measurement&) noexcept override { return false; }
  std::string description() const override { return "a pipe"; }

 private:
  int fd_;
};

struct Remains {
  std::string written;
  int signal = 0;
};

/// What a child leaves that crashes in this way.
template <class Crash>
Remains crash(const Crash& how) {
  int fds[2];
  if (::pipe(fds) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::close(2);  // a sanitizer's or the library's last words
    PipeDriver driver(fds[1]);
    const NeutralOnCrash guard(driver);
    how(driver);
    ::_exit(0);
  }
  ::close(fds[1]);
  Remains remains;
  char letter = 0;
  while (::read(fds[0], &letter, 1) == 1) remains.written += letter;
  ::close(fds[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) remains.signal = WTERMSIG(status);
  return remains;
}

// Breaks when a crash leaves the last command on the wire, or hides how the process ended.
TEST(NeutralOnCrash, EveryFatalSignalDrivesNeutralOnce) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    const Remains remains = crash([&](Driver&) { std::raise(signal); });
    EXPECT_EQ(remains.written, "n") << signal;
    EXPECT_EQ(remains.signal, signal);
  }
}

// Breaks when an exception that nobody catches gets past it.
TEST(NeutralOnCrash, UncaughtExceptionDrivesNeutral) {
  const Remains remains = crash([](Driver&) { std::terminate(); });
  EXPECT_EQ(remains.written, "n");
  EXPECT_EQ(remains.signal, SIGABRT);
}

// Breaks when a guard that has gone still touches its driver.
TEST(NeutralOnCrash, TouchesNothingAfterItsEnd) {
  const Remains remains = crash([](Driver&) {
    PipeDriver other(1000);
    { const NeutralOnCrash inner(other); }
    std::raise(SIGABRT);
  });
  EXPECT_EQ(remains.written, "");
  EXPECT_EQ(remains.signal, SIGABRT);
}

// Breaks when the last command outlives a killed agent, or one that a terminal's Ctrl-C ended
// together with whatever is in its process group.
TEST(NeutralOnDeath, AKilledProcessIsSurvivedByNeutral) {
  const Remains killed = crash([](Driver& driver) {
    const NeutralOnDeath on_death(driver);
    std::raise(SIGKILL);
  });
  EXPECT_EQ(killed.written, "n");
  EXPECT_EQ(killed.signal, SIGKILL);
  const Remains interrupted = crash([](Driver& driver) {
    ::setsid();
    const NeutralOnDeath on_death(driver);
    ::kill(0, SIGINT);
  });
  EXPECT_EQ(interrupted.written, "n");
  EXPECT_EQ(interrupted.signal, SIGINT);
}

// Breaks when an agent that ends in order leaves a process, or commands behind it.
TEST(NeutralOnDeath, AnOrderlyEndLeavesNothing) {
  const Remains remains = crash([](Driver& driver) {
    { const NeutralOnDeath on_death(driver); }
    if (::waitpid(-1, nullptr, 0) != -1) driver.neutral();
  });
  EXPECT_EQ(remains.written, "");
  EXPECT_EQ(remains.signal, 0);
}

}  // namespace
}  // namespace phigrad
