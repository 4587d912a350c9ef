// What the control thread and the link thread say to each other: plain records through rings.
#pragma once

#include <array>
#include <cstdint>

#include "hardware/agent/policy_seal.hpp"
#include "hardware/agent/ring.hpp"
#include "hardware/agent/trips.hpp"
#include "hardware/driver/driver.hpp"

namespace phigrad {

/// From the link thread to the control thread.
enum class Order : std::uint8_t {
  arm,
  disarm,
  stop,           // end the rollout early, without a fault, and begin none under this policy
  hold,           // begin no rollout: the way to the learner is full
  go,             // it is free again
  authenticated,  // the learner has proved its key
  link_lost,
  alive,           // the link thread runs, and its link is up
  internal_fault,  // a thread of the agent has failed
  shut_down,
};

enum class RolloutEnding : std::uint8_t { complete, cut_short, tripped };

/// From the control thread to the link thread.
struct LoopRecord {
  enum class Kind : std::uint8_t { begin, sample, end, trip };
  static constexpr int most_columns = 64;

  Kind kind;
  RolloutEnding ending;   // end
  Trip trip;              // end, trip
  bool opens_segment;     // sample: `segment` holds the row of the segment it is the first of
  std::uint64_t rollout;  // begin, sample, end
  std::uint64_t policy_version;  // begin
  PolicyHash policy_hash;        // begin
  std::uint64_t number;          // sample: of it; end: how many there were
  std::uint64_t segment_number;  // sample: of its segment; end: how many there were
  double task_time_s;            // begin
  std::uint64_t clamped;         // end: samples whose command was out of range,
  std::uint64_t slewed;          // held back by a slew limit,
  std::uint64_t reused;          // or given on a measurement of the period before
  // sample: t_s, x [nx], u [nu]
  std::array<double, most_columns> sample;
  // begin: the decision [nz] before the first; sample: first sample's number, t0_s, x0 [nx], z [nz]
  std::array<double, most_columns> segment;
};

/// One ring a way. 512 records are 10 s at 50 Hz.
struct LoopPorts {
  Ring<LoopRecord, 512> records;
  Ring<Order, 64> orders;
  Ring<Measurement, 64> poses;  // of robots that do not measure themselves
};

}  // namespace phigrad
