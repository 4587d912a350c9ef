// Numbered rows put back in order: each accepted once, whatever the order they come in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace phigrad::link {

enum class RowTaken {
  accepted,
  duplicate,  // had it already, the same bytes
  conflict,   // had it already, other bytes; the first stays
  beyond,     // too far ahead of the first missing row, or above the cap: not kept
};

/// The rows [0, size()) in order, and those of the next `window` numbers that came early.
class RowStream {
 public:
  /// Takes window * columns * 8 bytes now, and at most cap * columns * 8 more (twice that while the
  /// store grows) as rows come.
  RowStream(std::size_t columns, std::uint64_t cap, std::size_t window);

  /// Takes the row numbered `sequence`, `columns` float64 at `row`, little-endian.
  RowTaken put(std::uint64_t sequence, const std::uint8_t* row);

  std::uint64_t size() const noexcept { return size_; }
  std::uint64_t end() const noexcept { return end_; }  // one past the highest accepted
  /// crc32c() over the bytes of the rows [0, size()).
  std::uint32_t crc() const noexcept { return crc_; }
  std::size_t columns() const noexcept { return columns_; }
  const double* row(std::uint64_t i) const noexcept {
    return rows_.data() + static_cast<std::size_t>(i) * columns_;
  }

 private:
  void append(const std::uint8_t* row);
  std::uint8_t* early(std::uint64_t sequence) noexcept;
  char& is_early(std::uint64_t sequence) noexcept;

  std::size_t columns_;
  std::uint64_t cap_;
  std::size_t window_;
  std::vector<double> rows_;  // [size, columns]
  std::uint64_t size_ = 0;
  std::uint64_t end_ = 0;
  std::uint32_t crc_ = 0;
  std::vector<std::uint8_t> early_bytes_;  // [window, columns * 8], row s at s % window
  std::vector<char> early_;                // [window]
};

}  // namespace phigrad::link
