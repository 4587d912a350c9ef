// The rollouts of one robot on the learner, from their beginning until they are stored.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "hardware/link/reassembly.hpp"

namespace phigrad::link {

/// Memory: at most max_open Reassemblies. For one thread.
class RobotRollouts {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t max_open = 4;
  static constexpr std::size_t max_remembered = 64;  // settled ones

  enum class Begun {
    opened,
    known,        // it is open already
    crowded,      // max_open are: it must come again later
    conflicting,  // another rollout of this number is open
  };
  Begun begin(const RolloutBegin& begin, const ReassemblyCaps& caps);

  /// The open rollout of this number, or nullptr.
  Reassembly* find(std::uint64_t rollout);

  /// The open rollouts of which nothing more need come, and whose time has come.
  std::vector<std::uint64_t> to_offer(Time now) const;
  void postpone(std::uint64_t rollout, Time until);

  /// It is stored or rejected for good.
  void settle(std::uint64_t rollout);
  bool has_settled(std::uint64_t rollout) const;

  /// What is unfinished comes anew or never. Another process of the robot may use numbers again, so
  /// then those of settled rollouts are forgotten, too.
  void forget_unfinished();
  void forget_settled() { settled_.clear(); }

 private:
  struct Open {
    Reassembly rollout;
    Time offer{};
  };
  std::map<std::uint64_t, Open> open_;
  std::deque<std::uint64_t> settled_;
};

}  // namespace phigrad::link
