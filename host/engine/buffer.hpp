// Rows of one number a trajectory, on a device, as kernels see them; and the way in and out for the
// host, in doubles.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "host/engine/device.hpp"
#include "host/support/error.hpp"
#include "kernels/batch/rows.hpp"

namespace phigrad {

/// How trajectories are laid out: P policies of R rollouts in blocks of `width`. From `shares_from`
/// rollouts on, which fill a block at least, a policy is padded to whole blocks, so that a block
/// shares one policy.
struct Slots {
  int policies, rollouts;   // P, R
  int width;                // trajectories a block
  bool shared;              // one policy a block
  std::int64_t per_policy;  // R, padded where shared
  std::int64_t count;       // all slots, a multiple of width

  Slots(int policies_, int rollouts_, int width_, int shares_from)
      : policies(policies_), rollouts(rollouts_), width(width_) {
    shared = rollouts >= shares_from;
    per_policy = shared ? round_up(rollouts) : rollouts;
    count = round_up(per_policy * policies);
  }

  std::int64_t blocks() const { return count / width; }
  std::int64_t trajectories() const { return std::int64_t{policies} * rollouts; }

  /// Where trajectory b = policy · R + rollout lies.
  std::int64_t slot(std::int64_t b) const {
    // Divisions take longer than what is done with most slots.
    return side_by_side() ? b : b / rollouts * per_policy + b % rollouts;
  }

  /// The trajectory that a slot holds; padding repeats the last one of its policy.
  std::int64_t trajectory(std::int64_t slot) const {
    if (side_by_side()) return std::min(slot, trajectories() - 1);
    const std::int64_t p = slot / per_policy < policies ? slot / per_policy : policies - 1;
    const std::int64_t r = slot - p * per_policy < rollouts ? slot - p * per_policy : rollouts - 1;
    return p * rollouts + r;
  }

 private:
  /// Whether all padding is behind the last trajectory.
  bool side_by_side() const { return policies == 1 || per_policy == rollouts; }
  std::int64_t round_up(std::int64_t n) const { return (n + width - 1) / width * width; }
};

/// Device memory for so many elements of T; released with the object.
template <class T>
class DeviceArray {
 public:
  DeviceArray() = default;
  DeviceArray(Device& device, std::int64_t size) : device_(&device), size_(size) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max() / static_cast<int>(sizeof(T));
    if (size > most) {
      throw Error(Exit::device, "a buffer of " + std::to_string(size) + " numbers has no address",
                  "engine", "make the batch smaller");
    }
    if (size > 0)
      data_ = static_cast<T*>(device.allocate(static_cast<std::size_t>(size) * sizeof(T)));
  }
  ~DeviceArray() {
    if (data_ != nullptr) device_->release(data_, static_cast<std::size_t>(size_) * sizeof(T));
  }
  DeviceArray(DeviceArray&& other) noexcept { swap(other); }
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    swap(other);
    return *this;
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  T* data() const { return data_; }
  std::int64_t size() const { return size_; }

  /// Elements from `at` on.
  void write(const std::vector<T>& values, std::int64_t at = 0) {
    device_->copy_in(data_ + at, values.data(), values.size() * sizeof(T));
  }
  void read(std::vector<T>& values) const {
    values.resize(static_cast<std::size_t>(size_));
    device_->copy_out(values.data(), data_, values.size() * sizeof(T));
  }
  /// The elements, for the host to read: in place where it sees them, else copied to `scratch`.
  const T* on_host(std::vector<T>& scratch) const {
    if (device_->host_visible()) {
      device_->wait();
      return data_;
    }
    read(scratch);
    return scratch.data();
  }

 protected:
  Device* device_ = nullptr;

 private:
  void swap(DeviceArray& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  T* data_ = nullptr;
  std::int64_t size_ = 0;
};

/// `rows` rows over `slots`.
template <class S>
class RowBuffer : public DeviceArray<S> {
 public:
  RowBuffer() = default;
  RowBuffer(Device& device, std::int64_t rows, std::int64_t slots, int width)
      : DeviceArray<S>(device, rows * slots), rows_(rows) {
    // On the CPU [block][row][lane]; on a GPU, whose blocks are one trajectory wide, [row][b].
    layout_ =
        device.works_in_blocks() ? RowLayout{width, rows * width, width} : RowLayout{slots, 1, 1};
  }

  std::int64_t rows() const { return rows_; }
  Rows<S> view() const { return {this->data(), layout_}; }

  std::int64_t index(std::int64_t row, std::int64_t slot) const {
    return slot / layout_.width * layout_.block_stride + row * layout_.row_stride +
           slot % layout_.width;
  }

  /// Sets a slot's rows to of(slot)[0], of(slot)[1], …, doubles; `staging` is scratch that is kept,
  /// for devices whose memory the host does not see.
  template <class F>
  void fill(const Slots& slots, std::vector<S>& staging, const F& of) {
    const bool direct = this->device_->host_visible();
    if (direct) {
      this->device_->wait();
    } else {
      staging.resize(static_cast<std::size_t>(this->size()));
    }
    S* const into = direct ? this->data() : staging.data();
    side_by_side(slots.count, [&](std::int64_t first, std::int64_t n, std::int64_t stride) {
      decltype(of(first)) from[line];
      for (std::int64_t i = 0; i < n; ++i) from[i] = of(first + i);
      S* to = into + index(0, first);
      for (std::int64_t row = 0; row < rows_; ++row, to += layout_.row_stride) {
        for (std::int64_t i = 0; i < n; ++i) to[i * stride] = static_cast<S>(from[i][row]);
      }
    });
    if (!direct) this->write(staging);
  }

  /// Of the first `count` slots: to(slot)[0], to(slot)[1], … = the slot's rows, doubles. `scratch`
  /// as for on_host().
  template <class F>
  void read_into(std::int64_t count, std::vector<S>& scratch, const F& to) const {
    const S* const all = this->on_host(scratch);
    side_by_side(count, [&](std::int64_t first, std::int64_t n, std::int64_t stride) {
      double* into[line];
      for (std::int64_t i = 0; i < n; ++i) into[i] = to(first + i);
      const S* from = all + index(0, first);
      for (std::int64_t row = 0; row < rows_; ++row, from += layout_.row_stride) {
        for (std::int64_t i = 0; i < n; ++i) into[i][row] = static_cast<double>(from[i * stride]);
      }
    });
  }

  /// Sets the rows from `first` on, one for each value, the same in every slot; for buffers of one
  /// block.
  void fill_rows(std::int64_t first, const std::vector<double>& values, std::vector<S>& staging) {
    const auto width = static_cast<std::size_t>(layout_.width);
    staging.resize(values.size() * width);
    for (std::size_t i = 0; i < staging.size(); ++i) {
      staging[i] = static_cast<S>(values[i / width]);
    }
    this->write(staging, first * layout_.width);
  }

 private:
  static constexpr int line = 64 / static_cast<int>(sizeof(S));  // numbers of a cache line

  /// f(first, n, stride), by several threads where it is much, for as many of the slots at a time
  /// as lie side by side: a block's lanes, on a GPU a cache line's. A slot's numbers lie `stride`
  /// from the next one's.
  template <class F>
  void side_by_side(std::int64_t count, const F& f) const {
    constexpr std::int64_t worth_sharing = 65536;  // numbers, some 50 µs of one thread
    const bool lanes = layout_.width > 1;
    const std::int64_t together = lanes ? layout_.width : line;
    const auto from_to = [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t first = begin * together; first < std::min(end * together, count);
           first += together) {
        f(first, std::min(together, count - first), lanes ? 1 : layout_.block_stride);
      }
    };
    const std::int64_t groups = (count + together - 1) / together;
    if (rows_ * count < worth_sharing) {
      from_to(0, groups);
    } else {
      this->device_->share(groups, from_to);
    }
  }

  std::int64_t rows_ = 0;
  RowLayout layout_{};
};

}  // namespace phigrad
