// How late the control thread wakes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace phigrad {

/// A histogram of 10 us buckets up to 20 ms; later ones share the last. Allocates nothing.
class Jitter {
 public:
  static constexpr std::int64_t bucket_ns = 10'000;

  /// `late_ns` after the planned time; before it counts as 0.
  void add(std::int64_t late_ns) noexcept {
    late_ns = std::max<std::int64_t>(late_ns, 0);
    max_ns_ = std::max(max_ns_, late_ns);
    const auto bucket = static_cast<std::size_t>(late_ns / bucket_ns);
    ++counts_[std::min(bucket, counts_.size() - 1)];
    ++total_;
  }

  /// The lateness, s, that `part` (0 … 1) of all periods do not exceed, to a bucket; 0 of none.
  double quantile_s(double part) const noexcept {
    const auto wanted = static_cast<double>(total_) * part;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i + 1 < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > 0 && static_cast<double>(seen) >= wanted) {
        const auto end_ns = static_cast<std::int64_t>(i + 1) * bucket_ns;
        return static_cast<double>(std::min(end_ns, max_ns_)) * 1e-9;
      }
    }
    return max_s();
  }

  double max_s() const noexcept { return static_cast<double>(max_ns_) * 1e-9; }
  std::uint64_t count() const noexcept { return total_; }

 private:
  std::array<std::uint64_t, 2000> counts_{};
  std::uint64_t total_ = 0;
  std::int64_t max_ns_ = 0;
};

}  // namespace phigrad
