#include "host/store/atomic_file.hpp"

#include <sys/resource.h>

#include <csignal>

#include "tests/host/store/run_fixture.hpp"

namespace phigrad {
namespace {

using testing::read_text;

std::size_t entries(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory), {}));
}

// Breaks if the content is not exactly the text, or temporary files stay behind.
TEST(AtomicFile, ReplacesTheWholeContent) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "a file.json";
  write_file_atomically(file, "a longer text at first");
  const std::string text("short\0\r\n\xff", 9);
  write_file_atomically(file, text);
  EXPECT_EQ(read_text(file), text);
  EXPECT_EQ(entries(folder.path()), 1U);
}

// Breaks if files pile up where writers are killed, or one is removed that is somebody else's.
TEST(AtomicFile, WhatKilledWritersLeftIsRemoved) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "f";
  for (const char* name : {"f", "f.tmp12", "f.tmp345", "f.tmp", "f.tmp12a", "g.tmp12", "af.tmp1"}) {
    testing::write_text(folder.path() / name, "text");
  }
  remove_unfinished_writes(file);
  EXPECT_EQ(entries(folder.path()), 5U);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "f.tmp12"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "f.tmp345"));
  EXPECT_EQ(read_text(file), "text");
  remove_unfinished_writes(folder.path() / "no folder" / "f");
}

// Breaks if the file is written in place: the reader that has it open would see the new bytes.
TEST(AtomicFile, AReaderKeepsTheOldContent) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "f";
  write_file_atomically(file, "old");
  std::ifstream reader(file);
  write_file_atomically(file, "new");
  std::string seen;
  reader >> seen;
  EXPECT_EQ(seen, "old");
}

// Breaks if a failed write destroys what was there, or leaves a part of the new file behind.
TEST(AtomicFile, AFullDiskLeavesTheOldContent) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "f";
  write_file_atomically(file, "old");
  const std::string result = testing::in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    setrlimit(RLIMIT_FSIZE, &limit);
    return testing::error_of([&] { write_file_atomically(file, std::string(5000, 'x')); });
  });
  EXPECT_NE(result.find("cannot be written: File too large"), std::string::npos) << result;
  EXPECT_EQ(read_text(file), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

// Breaks if a missing folder is anything but a one-line Error.
TEST(AtomicFile, AMissingFolderIsAnError) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "missing" / "f";
  const std::string text = testing::error_of([&] { write_file_atomically(file, "x"); });
  EXPECT_NE(text.find("No such file"), std::string::npos) << text;
  EXPECT_NE(text.find(file.string()), std::string::npos) << text;
}

}  // namespace
}  // namespace phigrad
