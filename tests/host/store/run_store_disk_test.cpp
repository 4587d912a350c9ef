// A disk that is full, failing or read-only, and a process without file handles.
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>

#include "tests/host/store/run_fixture.hpp"

namespace phigrad {
namespace {

namespace fs = std::filesystem;
using testing::difference;
using testing::error_of;
using testing::in_child;
using testing::make_iteration;

// Commits from `first` until that fails; returns the index that failed, then the Error's text.
std::string fill(RunStore& store) {
  for (int i = store.next_iteration(); i < 10000; ++i) {
    try {
      store.commit(make_iteration(i));
    } catch (const Error& error) {
      return std::to_string(i) + " " + error.what();
    }
  }
  return "never";
}

void limit(int resource, rlim_t value) {
  const rlimit both{value, value};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &both) != 0)
    throw std::runtime_error("setrlimit failed");
}

// Breaks if a write that fails loses what was committed, is passed over in silence, or says nothing
// of how to go on.
TEST(RunStoreDisk, AFailedWriteKeepsWhatWasCommitted) {
  const TemporaryDirectory folder;
  const auto run = folder.path() / "run";
  { RunStore store = RunStore::create(run, "{}"); }
  const std::string result = in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    limit(RLIMIT_FSIZE, 400000);
    RunStore store = RunStore::resume(run);
    const std::string failed = fill(store);
    const int count = std::stoi(failed);
    const std::string still = difference(store, count);
    return still.empty() ? failed : still;
  });
  EXPECT_NE(result.find("run.db cannot be read or written"), std::string::npos) << result;
  EXPECT_NE(result.find("[" + run.string() + "]; "), std::string::npos) << result;
  EXPECT_NE(result.find("free some space"), std::string::npos) << result;
  EXPECT_NE(result.find("resume with --resume " + run.string()), std::string::npos) << result;
  const int count = std::stoi(result);
  EXPECT_GT(count, 3);
  RunStore store = RunStore::resume(run);
  EXPECT_EQ(difference(store, count), "");
  store.commit(make_iteration(count));
  EXPECT_EQ(difference(store, count + 1), "");
}

// The same on a file system that is really full, where this process may mount one.
TEST(RunStoreDisk, AFullDiskKeepsWhatWasCommitted) {
  const TemporaryDirectory folder;
  const std::string result = in_child([&]() -> std::string {
    const int user = geteuid() == 0 ? 0 : CLONE_NEWUSER;
    if (unshare(CLONE_NEWNS | user) != 0) return "skip";
    mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (mount("none", folder.path().c_str(), "tmpfs", 0, "size=3m") != 0) return "skip";
    const auto run = folder.path() / "run";
    const auto ballast = folder.path() / "ballast";
    testing::write_text(ballast, std::string(1500000, 'x'));
    int count = 0;
    {
      RunStore store = RunStore::create(run, "{}");
      std::string failed = fill(store);
      if (failed.find("the disk is full") == std::string::npos) return failed;
      count = std::stoi(failed);
      std::string text = error_of([&] { store.write_summary(std::string(4000000, ' ')); });
      if (text.find("No space left on device") == std::string::npos) return text;
    }
    fs::remove(ballast);
    RunStore store = RunStore::resume(run);
    std::string problem = difference(store, count);
    if (!problem.empty()) return problem;
    store.commit(make_iteration(count));
    return count > 3 ? difference(store, count + 1) : "too few commits";
  });
  if (result == "skip") GTEST_SKIP() << "this process may not mount a small file system";
  EXPECT_EQ(result, "");
}

// Breaks if running out of file handles is anything but a one-line Error, or spoils the run.
TEST(RunStoreDisk, NoFileHandlesIsAnError) {
  const TemporaryDirectory folder;
  const auto run = folder.path() / "run";
  {
    RunStore store = RunStore::create(run, "{}");
    store.commit(make_iteration(0));
  }
  int errors = 0;
  for (rlim_t handles = 4; handles < 20; ++handles) {
    const std::string result = in_child([&]() -> std::string {
      limit(RLIMIT_NOFILE, handles);
      try {
        RunStore store = RunStore::resume(run);
        return difference(store, 1);
      } catch (const Error& error) {
        return std::string("Error: ") + error.what();
      }
    });
    const bool error = result.rfind("Error: ", 0) == 0;
    errors += error;
    EXPECT_TRUE(error || result.empty()) << handles << ": " << result;
    EXPECT_EQ(difference(RunStore::open_readonly(run), 1), "") << handles;
  }
  EXPECT_GT(errors, 0) << "the limit never hit";
}

// Breaks if a run on a read-only disk cannot be looked at, or an attempt to train there crashes.
TEST(RunStoreDisk, AReadOnlyDirectoryCanBeReadOnly) {
  const TemporaryDirectory folder;
  const auto run = folder.path() / "run 100%#?";
  {
    RunStore store = RunStore::create(run, "{}");
    for (int i = 0; i < 3; ++i) store.commit(make_iteration(i));
  }
  fs::permissions(folder.path(), fs::perms(0755));
  fs::permissions(run, fs::perms(0555));
  for (const auto& entry : fs::directory_iterator(run)) fs::permissions(entry, fs::perms(0444));
  const std::string result = in_child([&]() -> std::string {
    if (geteuid() == 0 && setuid(65534) != 0) return "cannot become another user";
    std::string text = error_of([&] { RunStore::resume(run); });
    if (text.find("Permission denied") == std::string::npos) return text;
    error_of([&] { RunStore::create(run / "below", "{}"); });
    return difference(RunStore::open_readonly(run), 3);
  });
  fs::permissions(run, fs::perms(0755));
  EXPECT_EQ(result, "");
}

}  // namespace
}  // namespace phigrad
