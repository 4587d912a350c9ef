// A folder of a test's own, so that no two tests or processes meet in one.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace phigrad {

/// An empty folder, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    const std::string letters(6, 'X');  // which mkdtemp puts others in place of
    std::string name = (std::filesystem::temp_directory_path() / ("phigrad_" + letters)).string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace phigrad
