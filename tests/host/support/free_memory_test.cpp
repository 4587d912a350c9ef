// What a process may take, as the kernel's files say it.
#include "host/support/free_memory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

class FreeMemory : public testing::Test {
 protected:
  void put(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((own_.path() / file).parent_path());
    std::ofstream(own_.path() / file) << text;
  }
  std::int64_t read() const { return free_memory(own_.path()); }

  const TemporaryDirectory own_;
};

// Breaks when nothing is taken for no memory, or kibibytes for bytes.
TEST_F(FreeMemory, IsWhatTheMachineHas) {
  EXPECT_EQ(read(), std::numeric_limits<std::int64_t>::max());
  put("proc/meminfo", "MemTotal:  900 kB\nMemFree: 3 kB\nMemAvailable:     700 kB\n");
  EXPECT_EQ(read(), 700 * 1024);
  EXPECT_GT(free_memory(), 0);
}

// Breaks when a group above the own one is not looked at, "max" is taken for 0, or files that the
// kernel can write back count as taken.
TEST_F(FreeMemory, IsWhatControlGroupsLeave) {
  put("proc/meminfo", "MemAvailable: 700 kB\n");
  put("proc/self/cgroup", "0::/user/session\n");
  const std::string groups = "sys/fs/cgroup/";
  put(groups + "user/session/memory.max", "max\n");
  put(groups + "user/session/memory.current", "4096\n");
  EXPECT_EQ(read(), 700 * 1024);
  put(groups + "user/memory.max", "100000\n");
  put(groups + "user/memory.current", "60000\n");
  EXPECT_EQ(read(), 40000);
  put(groups + "user/memory.stat", "anon 1\ninactive_file 20000\nactive_file 5\n");
  EXPECT_EQ(read(), 60000);
  put(groups + "user/session/memory.max", "5000\n");
  EXPECT_EQ(read(), 904);
}

// Breaks when the first version's files are not read, or those of the container's own root.
TEST_F(FreeMemory, KnowsTheFirstVersion) {
  put("proc/self/cgroup", "5:cpu,cpuacct:/elsewhere\n4:memory:/not/seen/here\n0::/\n");
  const std::string groups = "sys/fs/cgroup/memory/";
  put(groups + "memory.limit_in_bytes", "1000000\n");
  put(groups + "memory.usage_in_bytes", "900000\n");
  put(groups + "memory.stat", "cache 1\ntotal_inactive_file 50000\n");
  EXPECT_EQ(read(), 150000);
  put(groups + "memory.usage_in_bytes", "1100000\n");
  EXPECT_EQ(read(), 0);
}

}  // namespace
}  // namespace phigrad
