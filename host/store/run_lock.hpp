// One writer for each run directory.
#pragma once

#include <filesystem>

#include "host/store/file_descriptor.hpp"

namespace phigrad {

/// Holds `directory`/run.lock for as long as this object lives. The kernel lets go of it when the
/// process ends in any way, so nothing stale is left behind.
class RunLock {
 public:
  /// Throws Error(Exit::input), which names the process that holds the directory, or says why the
  /// lock file cannot be made.
  explicit RunLock(const std::filesystem::path& directory);

 private:
  FileDescriptor file_;
};

}  // namespace phigrad
