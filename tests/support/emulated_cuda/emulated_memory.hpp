// Memory of the emulated GPU: pages that the host may touch or not.
#pragma once

#include <cstddef>
#include <map>

namespace emulated_cuda {

class Memory {
 public:
  /// Full of NaNs, aligned to 64 bytes. `owner`: the stream that managed memory belongs to, null
  /// all of them. Null where `limit` bytes would be exceeded.
  void* allocate(std::size_t bytes, bool managed, std::size_t limit);
  /// False where nothing begins there.
  bool release(void* memory);
  bool attach(void* memory, const void* stream);
  bool is_managed(const void* memory) const;

  /// Where copies reach [begin, begin + bytes), whoever may touch it there; null unless all of it
  /// is of one allocation.
  void* behind(const void* begin, std::size_t bytes) const;
  /// Whether any of it is.
  bool touches(const void* begin, std::size_t bytes) const;

  /// For kernels: all of it may be touched, until close().
  void open();
  /// What the host may touch: managed memory, of streams for which waits(stream) is false; null
  /// stands for all streams together.
  template <class Waits>
  void close(const Waits& waits) {
    for (auto& [begin, block] : blocks_) protect(block, block.managed && !waits(block.owner));
  }

  std::size_t used() const { return used_; }

 private:
  struct Block {
    char *pages, *behind;       // the same memory twice
    std::size_t mapped, bytes;  // without the page after it, which nobody may touch
    bool managed, open;
    const void* owner;
  };
  static void protect(Block& block, bool open);

  std::map<const char*, Block> blocks_;  // by where they begin
  std::size_t used_ = 0;
};

}  // namespace emulated_cuda
