#include "host/store/run_lock.hpp"

#include <csignal>

#include "tests/host/store/run_fixture.hpp"

namespace phigrad {
namespace {

// Breaks if two processes could write one run directory, or if the message names the wrong one.
TEST(RunLock, ASecondHolderIsToldWhoHoldsIt) {
  const TemporaryDirectory folder;
  const RunLock lock(folder.path());
  const std::string text =
      testing::in_child([&] { return testing::error_of([&] { RunLock second(folder.path()); }); });
  EXPECT_NE(text.find("held by process " + std::to_string(getpid()) + " ["), std::string::npos)
      << text;
  EXPECT_NE(text.find(folder.path().string()), std::string::npos) << text;
  EXPECT_NE(text.find("wait for it or choose another --out"), std::string::npos) << text;
}

// Breaks if the lock outlives its object.
TEST(RunLock, IsFreeAgainAfterwards) {
  const TemporaryDirectory folder;
  { const RunLock lock(folder.path()); }
  EXPECT_NO_THROW(RunLock(folder.path()));
}

// Breaks if a killed process leaves its lock behind.
TEST(RunLock, IsFreeAfterKill) {
  const TemporaryDirectory folder;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const RunLock lock(folder.path());
    if (write(ready[1], "x", 1) != 1) _exit(1);
    pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  testing::error_of([&] { RunLock second(folder.path()); });
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_NO_THROW(RunLock(folder.path()));
  close(ready[0]);
  close(ready[1]);
}

// Breaks if what another program wrote into the lock file reaches the message.
TEST(RunLock, ForeignContentIsNotRepeated) {
  const TemporaryDirectory folder;
  const RunLock lock(folder.path());
  testing::write_text(folder.path() / "run.lock", "evil\n\033[31m");
  const std::string text = testing::error_of([&] { RunLock second(folder.path()); });
  EXPECT_NE(text.find("held by another process ["), std::string::npos) << text;
}

}  // namespace
}  // namespace phigrad
