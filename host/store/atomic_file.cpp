#include "host/store/atomic_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "host/store/file_descriptor.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr const char* temporary_suffix = ".tmp";  // and the process id

}  // namespace

void write_file_atomically(const std::filesystem::path& file, std::string_view text) {
  // The process id keeps two programs that write the same file apart.
  const std::string temporary = file.string() + temporary_suffix + std::to_string(::getpid());
  int error = 0;
  {
    const FileDescriptor out(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    if (!out.valid() || !out.write_all(text) || ::fsync(out.get()) != 0) error = errno;
  }
  if (error == 0 && std::rename(temporary.c_str(), file.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    throw Error(
        Exit::input, "the file cannot be written: " + std::generic_category().message(error),
        file.string(), "free some space or make the folder writable, then repeat the command");
  }
  sync_directory(file.parent_path());
}

void remove_unfinished_writes(const std::filesystem::path& file) {
  const std::string stem = file.filename().string() + temporary_suffix;
  std::filesystem::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool is_one = name.size() > stem.size() && name.compare(0, stem.size(), stem) == 0 &&
                        name.find_first_not_of("0123456789", stem.size()) == std::string::npos;
    if (is_one) std::filesystem::remove(entry.path(), ignored);
  }
}

void sync_directory(const std::filesystem::path& directory) {
  const FileDescriptor folder(directory.empty() ? "." : directory.string(), O_RDONLY | O_DIRECTORY);
  if (folder.valid()) ::fsync(folder.get());
}

}  // namespace phigrad
