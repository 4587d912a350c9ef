#include "tests/support/emulated_cuda/emulated_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace emulated_cuda {
namespace {

constexpr int both_ways = PROT_READ | PROT_WRITE;

std::size_t page() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

}  // namespace

void* Memory::allocate(std::size_t bytes, bool managed, std::size_t limit) {
  if (bytes > limit || used_ + bytes > limit) return nullptr;
  const std::size_t mapped = (bytes + page() - 1) / page() * page();
  // Reserved with a page more, which stays as it is.
  void* const reserved =
      mmap(nullptr, mapped + page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const int file = memfd_create("emulated GPU", 0);
  if (reserved == MAP_FAILED || file < 0 || ftruncate(file, static_cast<off_t>(mapped)) != 0) {
    return nullptr;
  }
  const int now = managed ? both_ways : PROT_NONE;
  void* const pages = mmap(reserved, mapped, now, MAP_SHARED | MAP_FIXED, file, 0);
  void* const behind = mmap(nullptr, mapped, both_ways, MAP_SHARED, file, 0);
  ::close(file);
  if (pages == MAP_FAILED || behind == MAP_FAILED) return nullptr;
  Block block{static_cast<char*>(pages),
              static_cast<char*>(behind),
              mapped,
              bytes,
              managed,
              managed,
              nullptr};
  constexpr std::size_t line = 64;
  const std::size_t begin = mapped - (bytes + line - 1) / line * line;
  std::memset(block.behind + begin, 0xFF, bytes);
  used_ += bytes;
  blocks_.emplace(block.pages + begin, block);
  return block.pages + begin;
}

bool Memory::release(void* memory) {
  const auto at = blocks_.find(static_cast<const char*>(memory));
  if (at == blocks_.end()) return false;
  munmap(at->second.pages, at->second.mapped + page());
  munmap(at->second.behind, at->second.mapped);
  used_ -= at->second.bytes;
  blocks_.erase(at);
  return true;
}

bool Memory::attach(void* memory, const void* stream) {
  const auto at = blocks_.find(static_cast<const char*>(memory));
  if (at == blocks_.end() || !at->second.managed) return false;
  at->second.owner = stream;
  return true;
}

bool Memory::is_managed(const void* memory) const {
  const auto at = blocks_.find(static_cast<const char*>(memory));
  return at != blocks_.end() && at->second.managed;
}

void* Memory::behind(const void* begin, std::size_t bytes) const {
  const auto* const first = static_cast<const char*>(begin);
  auto at = blocks_.upper_bound(first);
  if (at == blocks_.begin()) return nullptr;
  --at;
  const Block& block = at->second;
  if (first + bytes > at->first + block.bytes) return nullptr;
  return block.behind + (first - block.pages);
}

bool Memory::touches(const void* begin, std::size_t bytes) const {
  const auto* const first = static_cast<const char*>(begin);
  const auto at = blocks_.lower_bound(first);
  return behind(begin, 1) != nullptr || (at != blocks_.end() && at->first < first + bytes);
}

void Memory::open() {
  for (auto& [begin, block] : blocks_) protect(block, true);
}

void Memory::protect(Block& block, bool open) {
  if (block.open == open) return;
  if (mprotect(block.pages, block.mapped, open ? both_ways : PROT_NONE) != 0) {
    std::abort();
  }
  block.open = open;
}

}  // namespace emulated_cuda
