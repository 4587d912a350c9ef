// A rollout as the robot sends it, for the tests of its reassembly.
#pragma once

#include <random>
#include <vector>

#include "hardware/link/reassembly.hpp"
#include "tests/hardware/link/frame_fixture.hpp"

namespace phigrad::link::fixture {

inline RolloutBegin sample_begin() {
  RolloutBegin begin;
  begin.rollout = 9;
  begin.policy_version = 4;
  begin.nx = 3;
  begin.nu = 1;
  begin.nz = 2;
  begin.setpoints = 2;
  begin.dt_s = 0.02;
  begin.before = {0.25, -3.5};
  return begin;
}

/// A rollout as the robot has it: rows with sound times and any other bits.
struct Sent {
  RolloutBegin begin = sample_begin();
  std::vector<double> times;  // of the samples, s
  Bytes samples;              // [samples, 7] float64
  Bytes segments;             // [segments, 7] float64
  RolloutEnd end;

  Sent(std::mt19937& random, std::size_t sample_count, std::size_t segment_count) {
    for (std::size_t i = 0; i < sample_count; ++i) times.push_back(0.02 * static_cast<double>(i));
    samples = random_rows(random, sample_count, begin.sample_columns());
    segments = random_rows(random, segment_count, begin.segment_columns());
    for (std::size_t i = 0; i < segment_count; ++i) {
      const double head[2] = {7.0 * static_cast<double>(i), 0.14 * static_cast<double>(i)};
      store_doubles(head, 2, segments.data() + i * 8 * begin.segment_columns());
    }
    seal();
  }

  /// Writes the times into the samples and the end's checksums.
  void seal() {
    for (std::size_t i = 0; i < times.size(); ++i) {
      store_doubles(&times[i], 1, samples.data() + i * 8 * begin.sample_columns());
    }
    end.rollout = begin.rollout;
    end.samples = times.size();
    end.segments = segment_rows();
    end.samples_crc = crc32c(samples.data(), samples.size());
    end.segments_crc = crc32c(segments.data(), segments.size());
  }

  /// The rows [first, first + count) of one kind.
  Frame block(MessageType type, std::uint64_t first, std::uint32_t count) const {
    const bool of_samples = type == MessageType::samples;
    const Bytes& rows = of_samples ? samples : segments;
    const std::size_t row = 8 * (of_samples ? begin.sample_columns() : begin.segment_columns());
    Frame frame;
    frame.type = type;
    frame.count = count;
    frame.rollout = begin.rollout;
    frame.policy_version = begin.policy_version;
    frame.first_sequence = first;
    frame.payload = {rows.data() + first * row, count * row};
    return frame;
  }
  std::uint64_t segment_rows() const { return segments.size() / 8 / begin.segment_columns(); }
  Frame all(MessageType type) const {
    const std::uint64_t rows = type == MessageType::samples ? times.size() : segment_rows();
    return block(type, 0, static_cast<std::uint32_t>(rows));
  }
};

inline Bytes bytes_of(const RowsView& view) {
  Bytes bytes(view.rows * view.columns * 8);
  store_doubles(view.data, view.rows * view.columns, bytes.data());
  return bytes;
}

}  // namespace phigrad::link::fixture
