// What an engine will be before it is made: where it runs, what memory it takes, in what parts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/engine/batch_cut.hpp"
#include "host/engine/buffer_sizes.hpp"
#include "host/engine/engine.hpp"
#include "host/engine/kernel_registry.hpp"

namespace phigrad {

/// Where a batch runs.
struct BackendChoice {
  const KernelEntry* entry;
  bool cuda = false;
  bool shares_memory = true;  // with the host: on the CPU, and on an integrated GPU
  bool recompute = false;     // samples are simulated again (host/engine/tape.hpp)
  std::string why;            // what `auto` went by; empty where the user chose
};

/// Throws Error as Engine::create.
BackendChoice choose_backend(const EngineSpec& spec, const BatchShape& shape);

struct EnginePlan {
  BackendChoice backend;
  BatchCut cut;
  BufferSizes sizes;                // of the whole batch
  std::vector<Symbol> symbols;      // that its formulas may hold
  std::vector<MemoryGroup> groups;  // of the whole batch
  std::int64_t bytes = 0;           // of them, where they share the backend's memory
  std::int64_t part_bytes = 0;      // that are held at a time: of the largest part, and of the last
  std::int64_t may_take = 0;        // bytes; 0: so little is needed that nobody asked
};

/// Throws Error as Engine::create, which does what this says.
EnginePlan plan_engine(const EngineSpec& spec, const BatchShape& shape);

/// "3.2 MiB", "1.5 GiB".
std::string memory_text(std::int64_t bytes);

/// The largest count of low … high whose bytes(count), which grow with it, are at most `most`;
/// low where none are.
template <class Bytes>
int largest_that_fits(int low, int high, std::int64_t most, const Bytes& bytes) {
  while (low < high) {
    const int middle = low + (high - low + 1) / 2;
    if (bytes(middle) <= most) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

/// Bytes of the buffers of a whole batch of that shape there, where they share that memory.
std::int64_t engine_bytes(const EngineSpec& spec, const BackendChoice& backend,
                          const BatchShape& shape);

/// Bytes that a batch in parts holds at a time: of the largest part, and of a smaller last one.
std::int64_t bytes_in_parts(const EngineSpec& spec, const BackendChoice& backend,
                            const BatchCut& cut);

}  // namespace phigrad
