#include "host/support/free_memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace phigrad {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

/// The number behind a word at the beginning of a line.
std::optional<std::int64_t> number_after(const fs::path& file, const std::string& word) {
  std::ifstream in(file);
  std::int64_t value = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(word, 0) != 0) continue;
    try {
      value = std::stoll(line.substr(word.size()));
    } catch (const std::exception&) {
      return std::nullopt;  // "max"
    }
    return value;
  }
  return std::nullopt;
}

/// What one control group leaves: the files that it may write back count as free.
std::int64_t left_of(const fs::path& group, const char* limit, const char* usage,
                     const char* reclaimable) {
  const auto most = number_after(group / limit, "");
  const auto used = number_after(group / usage, "");
  if (!most || !used) return unlimited;
  const std::int64_t files = number_after(group / "memory.stat", reclaimable).value_or(0);
  return std::max<std::int64_t>(*most - std::max<std::int64_t>(*used - files, 0), 0);
}

/// The group and those that it is in; a container sees its own as the root.
std::int64_t left_of_groups(const fs::path& mount, const std::string& name, const char* limit,
                            const char* usage, const char* reclaimable) {
  std::int64_t left = unlimited;
  for (fs::path group = fs::path(name).relative_path();; group = group.parent_path()) {
    left = std::min(left, left_of(mount / group, limit, usage, reclaimable));
    if (group.empty()) return left;
  }
}

std::int64_t left_of_control_groups(const fs::path& root) {
  std::int64_t left = unlimited;
  std::ifstream in(root / "proc/self/cgroup");
  // Lines "hierarchy:controllers:/path"; version 2 has no controllers in its only one.
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string name = line.substr(second + 1);
    if (controllers == ",,") {
      left = std::min(left, left_of_groups(root / "sys/fs/cgroup", name, "memory.max",
                                           "memory.current", "inactive_file "));
    } else if (controllers.find(",memory,") != std::string::npos) {
      left = std::min(left,
                      left_of_groups(root / "sys/fs/cgroup/memory", name, "memory.limit_in_bytes",
                                     "memory.usage_in_bytes", "total_inactive_file "));
    }
  }
  return left;
}

std::int64_t left_of_address_space(const fs::path& root) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unlimited;
  const std::int64_t pages = number_after(root / "proc/self/statm", "").value_or(0);
  const std::int64_t used = pages * sysconf(_SC_PAGESIZE);
  return std::max<std::int64_t>(static_cast<std::int64_t>(limit.rlim_cur) - used, 0);
}

}  // namespace

std::int64_t free_memory(const fs::path& root) {
  const auto available = number_after(root / "proc/meminfo", "MemAvailable:");  // KiB
  return std::min({available ? *available * 1024 : unlimited, left_of_control_groups(root),
                   left_of_address_space(root)});
}

}  // namespace phigrad
