#include "hardware/agent/neutral_on_death.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

[[noreturn]] void no_watcher(const char* what) {
  throw Error(Exit::robot,
              std::string("no second process to hold the robot neutral: ") + what + ", " +
                  std::generic_category().message(errno),
              "agent", "raise the limits on processes and open files (ulimit -u, -n)");
}

/// Of a process with threads only this one goes on: nothing here may allocate or lock.
[[noreturn]] void watch(int from_watched, Driver& driver) {
  // What a terminal, or whoever signals the process group, tells the agent is for it alone.
  ::setsid();
  char good_bye = 0;
  ssize_t got = 0;
  do {
    got = ::read(from_watched, &good_bye, 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) driver.neutral();
  ::_exit(0);
}

}  // namespace

NeutralOnDeath::NeutralOnDeath(Driver& driver) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) no_watcher("socketpair");
  // Blocked before there is a watcher, so that no signal can end it.
  sigset_t all, mask;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &mask);
  watcher_ = ::fork();
  if (watcher_ == 0) {
    ::close(ends[1]);
    watch(ends[0], driver);
  }
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  ::close(ends[0]);
  to_watcher_ = ends[1];
  if (watcher_ > 0) return;
  ::close(to_watcher_);
  no_watcher("fork");
}

NeutralOnDeath::~NeutralOnDeath() {
  const char good_bye = '.';
  while (::send(to_watcher_, &good_bye, 1, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
  ::close(to_watcher_);
  while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace phigrad
