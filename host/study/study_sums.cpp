#include "host/study/study_sums.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "host/support/error.hpp"
#include "kernels/gradient/growth_bins.hpp"

namespace phigrad {
namespace {

constexpr double log_largest = 709.0;  // whose exp is finite

void merge_all(std::vector<GradientSum>& sums, const std::vector<GradientSum>& other) {
  if (sums.size() < other.size()) sums.resize(other.size());
  for (std::size_t i = 0; i < other.size(); ++i) {
    merge(sums[i].sum, other[i].sum);
    merge(sums[i].squares, other[i].squares);
  }
}

void add_all(std::vector<std::int64_t>& counts, const std::vector<std::int64_t>& other) {
  if (counts.size() < other.size()) counts.resize(other.size());
  for (std::size_t i = 0; i < other.size(); ++i) counts[i] += other[i];
}

void merge_sums(GradientSums& sums, const GradientSums& other) {
  merge_all(sums.sums, other.sums);
  add_all(sums.used, other.used);
}

/// Writes or reads every member of a StudySums in turn.
class SumsWriter {
 public:
  explicit SumsWriter(std::string& out) : out_(out) {}

  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      const std::size_t at = out_.size();
      out_.resize(at + sizeof value);
      std::memcpy(out_.data() + at, &value, sizeof value);
    } else {
      value_of(value);
    }
  }

 private:
  template <class T>
  void value_of(std::vector<T>& all) {
    auto size = static_cast<std::uint64_t>(all.size());
    (*this)(size);
    for (T& one : all) (*this)(one);
  }
  void value_of(std::map<std::int32_t, std::int64_t>& all) {
    auto size = static_cast<std::uint64_t>(all.size());
    (*this)(size);
    for (auto& [key, count] : all) {
      std::int32_t bin = key;
      (*this)(bin);
      (*this)(count);
    }
  }
  template <class T>
  void value_of(T& members) {
    visit(members, *this);
  }

  std::string& out_;
};

class SumsReader {
 public:
  explicit SumsReader(const std::string& in) : in_(in) {}

  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      if (in_.size() - at_ < sizeof value) fail();
      std::memcpy(&value, in_.data() + at_, sizeof value);
      at_ += sizeof value;
    } else {
      value_of(value);
    }
  }
  void finish() const {
    if (at_ != in_.size()) fail();
  }

 private:
  [[noreturn]] static void fail() {
    throw Error(Exit::input, "sums that are cut short or not of this program", "study.db",
                "start the study again in another directory");
  }
  std::uint64_t size() {
    std::uint64_t n = 0;
    (*this)(n);
    if (n > in_.size() - at_) fail();  // an element takes a byte at least
    return n;
  }
  template <class T>
  void value_of(std::vector<T>& all) {
    all.resize(size());
    for (T& one : all) (*this)(one);
  }
  void value_of(std::map<std::int32_t, std::int64_t>& all) {
    for (std::uint64_t n = size(); n > 0; --n) {
      std::int32_t bin = 0;
      std::int64_t count = 0;
      (*this)(bin);
      (*this)(count);
      all[bin] = count;
    }
  }
  template <class T>
  void value_of(T& members) {
    visit(members, *this);
  }

  const std::string& in_;
  std::size_t at_ = 0;
};

template <class Visitor>
void visit(GradientSums& s, Visitor& v) {
  v(s.sums);
  v(s.used);
}
template <class Visitor>
void visit(GrowthSums& s, Visitor& v) {
  v(s.mean);
  v(s.log_max);
  v(s.trajectories);
}
template <class Visitor>
void visit(GrowthHistogram& s, Visitor& v) {
  v(s.count);
}
template <class Visitor>
void visit(StudySums& s, Visitor& v) {
  v(s.trajectories);
  v(s.model);
  v(s.plant);
  v(s.ratio);
  v(s.cost);
  v(s.costs);
  for (auto& loop : s.growth) v(loop);
  for (auto& loop : s.spread) v(loop);
  v(s.suprema);
}

}  // namespace

void GrowthSums::add(const GrowthCurve& curve) {
  if (mean.size() < curve.log_mean.size()) {
    mean.resize(curve.log_mean.size());
    log_max.resize(curve.log_mean.size(), -std::numeric_limits<double>::infinity());
  }
  ++trajectories;
  for (std::size_t i = 0; i < curve.log_mean.size(); ++i) {
    phigrad::add(mean[i], std::exp(std::min(curve.log_mean[i], log_largest)));
    log_max[i] = std::max(log_max[i], curve.log_max[i]);
  }
}

void GrowthSums::merge(const GrowthSums& other) {
  if (mean.size() < other.mean.size()) {
    mean.resize(other.mean.size());
    log_max.resize(other.mean.size(), -std::numeric_limits<double>::infinity());
  }
  trajectories += other.trajectories;
  for (std::size_t i = 0; i < other.mean.size(); ++i) {
    phigrad::merge(mean[i], other.mean[i]);
    log_max[i] = std::max(log_max[i], other.log_max[i]);
  }
}

void GrowthHistogram::add(const std::uint32_t* counts, std::size_t lags) {
  if (count.size() < lags) count.resize(lags);
  for (std::size_t i = 0; i < lags; ++i) {
    for (std::int32_t bin = 0; bin < growth_bins; ++bin) {
      const std::uint32_t n = *counts++;
      if (n != 0) count[i][bin] += n;
    }
  }
}

void GrowthHistogram::merge(const GrowthHistogram& other) {
  if (count.size() < other.count.size()) count.resize(other.count.size());
  for (std::size_t i = 0; i < other.count.size(); ++i) {
    for (const auto& [bin, n] : other.count[i]) count[i][bin] += n;
  }
}

void StudySums::merge(const StudySums& other) {
  trajectories += other.trajectories;
  merge_sums(model, other.model);
  merge_sums(plant, other.plant);
  merge_sums(ratio, other.ratio);
  merge_all(cost, other.cost);
  add_all(costs, other.costs);
  for (int loop = 0; loop < 2; ++loop) {
    growth[loop].resize(std::max(growth[loop].size(), other.growth[loop].size()));
    for (std::size_t p = 0; p < other.growth[loop].size(); ++p) {
      growth[loop][p].merge(other.growth[loop][p]);
    }
    spread[loop].resize(std::max(spread[loop].size(), other.spread[loop].size()));
    for (std::size_t c = 0; c < other.spread[loop].size(); ++c) {
      spread[loop][c].merge(other.spread[loop][c]);
    }
  }
  suprema.resize(std::max(suprema.size(), other.suprema.size()));
  for (std::size_t c = 0; c < other.suprema.size(); ++c) {
    for (std::size_t i = 0; i < n_suprema; ++i) {
      suprema[c][i] = std::max(suprema[c][i], other.suprema[c][i]);
    }
  }
}

std::string StudySums::bytes() const {
  std::string out;
  SumsWriter writer(out);
  StudySums copy = *this;
  visit(copy, writer);
  return out;
}

StudySums StudySums::from_bytes(const std::string& bytes) {
  StudySums sums;
  SumsReader parser(bytes);
  visit(sums, parser);
  parser.finish();
  return sums;
}

}  // namespace phigrad
