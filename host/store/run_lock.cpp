#include "host/store/run_lock.hpp"

#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

// The holder's process id as it wrote it; empty in the instant before it did.
std::string holder(const FileDescriptor& file) {
  std::array<char, 20> text{};
  const ssize_t count = ::pread(file.get(), text.data(), text.size(), 0);
  const std::string_view digits(text.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return std::string(digits.substr(0, digits.find_first_not_of("0123456789")));
}

}  // namespace

RunLock::RunLock(const std::filesystem::path& directory)
    : file_((directory / "run.lock").string(), O_RDWR | O_CREAT) {
  const std::string place = directory.string();
  if (!file_.valid())
    throw Error(Exit::input,
                "the run directory cannot be written: " + std::generic_category().message(errno),
                place, "make it writable or choose another --out");
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK)
      throw Error(Exit::input,
                  "the run directory cannot be locked: " + std::generic_category().message(errno),
                  place, "choose an --out on a local disk");
    const std::string pid = holder(file_);
    throw Error(
        Exit::input,
        "the run directory is held by " + (pid.empty() ? "another process" : "process " + pid),
        place, "wait for it or choose another --out");
  }
  // The id only serves the message above: a failure to write it does not matter.
  if (::ftruncate(file_.get(), 0) == 0) file_.write_all(std::to_string(::getpid()) + "\n");
}

}  // namespace phigrad
