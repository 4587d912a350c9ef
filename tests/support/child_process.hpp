// `phigrad` in a process of its own, for tests that kill it.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace phigrad {

/// The program that was built with the tests. Killed at the end of its scope.
class ChildProcess {
 public:
  /// What it says is added to the files; both may be the same.
  ChildProcess(std::vector<std::string> arguments, const std::filesystem::path& out,
               const std::filesystem::path& err) {
    arguments.insert(arguments.begin(), PHIGRAD_PROGRAM);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& a : arguments) argv.push_back(a.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    constexpr int flags = O_WRONLY | O_CREAT | O_APPEND;
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out.c_str(), flags, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err.c_str(), flags, 0600);
    const int error = posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0) throw std::runtime_error(std::string("cannot run ") + PHIGRAD_PROGRAM);
  }
  ~ChildProcess() { kill_9(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  bool is_running() { return !reap(WNOHANG); }

  /// False where it had ended on its own before.
  bool kill_9() {
    if (reap(WNOHANG)) return false;
    ::kill(pid_, SIGKILL);
    reap(0);
    return WIFSIGNALED(*status_);
  }

  /// Its exit code; -1 where a signal ended it, or it takes longer.
  int exit_code(std::chrono::milliseconds longest) {
    const auto end = std::chrono::steady_clock::now() + longest;
    while (is_running()) {
      if (std::chrono::steady_clock::now() > end) return -1;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : -1;
  }

 private:
  /// Whether it has ended.
  bool reap(int options) {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, options) == pid_) status_ = status;
    return status_.has_value();
  }

  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace phigrad
