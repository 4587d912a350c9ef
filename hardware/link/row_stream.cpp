#include "hardware/link/row_stream.hpp"

#include <algorithm>
#include <cstring>

#include "hardware/link/crc32c.hpp"
#include "hardware/link/little_endian.hpp"

namespace phigrad::link {

RowStream::RowStream(std::size_t columns, std::uint64_t cap, std::size_t window)
    : columns_(columns),
      cap_(cap),
      window_(std::max<std::size_t>(window, 1)),
      early_bytes_(window_ * columns * 8),
      early_(window_, 0) {}

std::uint8_t* RowStream::early(std::uint64_t sequence) noexcept {
  return early_bytes_.data() + static_cast<std::size_t>(sequence % window_) * columns_ * 8;
}

char& RowStream::is_early(std::uint64_t sequence) noexcept {
  return early_[static_cast<std::size_t>(sequence % window_)];
}

RowTaken RowStream::put(std::uint64_t sequence, const std::uint8_t* bytes) {
  const std::size_t row_bytes = columns_ * 8;
  if (sequence < size_) {
    std::uint8_t had[8];
    for (std::size_t i = 0; i < columns_; ++i) {
      store_doubles(row(sequence) + i, 1, had);
      if (std::memcmp(had, bytes + 8 * i, sizeof had) != 0) return RowTaken::conflict;
    }
    return RowTaken::duplicate;
  }
  if (sequence >= cap_ || sequence - size_ >= window_) return RowTaken::beyond;
  if (sequence == size_) {
    append(bytes);
    for (; is_early(size_) != 0; append(early(size_))) is_early(size_) = 0;
  } else if (is_early(sequence) != 0) {
    const bool same = std::memcmp(early(sequence), bytes, row_bytes) == 0;
    return same ? RowTaken::duplicate : RowTaken::conflict;
  } else {
    std::memcpy(early(sequence), bytes, row_bytes);
    is_early(sequence) = 1;
  }
  end_ = std::max(end_, sequence + 1);
  return RowTaken::accepted;
}

void RowStream::append(const std::uint8_t* bytes) {
  const std::size_t at = rows_.size();
  if (at == rows_.capacity()) {
    const std::size_t doubled = std::max<std::size_t>(2 * at, 64 * columns_);
    rows_.reserve(std::min(doubled, static_cast<std::size_t>(cap_) * columns_));
  }
  rows_.resize(at + columns_);
  load_doubles(bytes, columns_, rows_.data() + at);
  crc_ = crc32c(bytes, columns_ * 8, crc_);
  ++size_;
}

}  // namespace phigrad::link
