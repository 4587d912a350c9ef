// A robot in a thread of its own that drives given rollouts through the real link, whatever becomes
// of its learner.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "hardware/agent/policy_slot.hpp"
#include "hardware/link/robot_link.hpp"
#include "tests/hardware/learner/streamed_rollout.hpp"

namespace phigrad::fixture {

/// What the robot sees of the learner's work.
enum class LearnerPhase {
  starting,    // there is no session
  publishing,  // a session begins; until a policy has come that is to be driven
  receiving,   // rows are on their way
  storing,     // the rollout has ended and is not acknowledged
  learning,    // acknowledged: gradient, commit, until the next policy is there
};
inline constexpr std::size_t learner_phases = 5;

struct RobotScript {
  std::vector<StreamedRollout> rollouts;  // number n drives the n-th, round and round
  std::uint64_t first = 1;                // number of the first
  std::uint64_t per_policy = 1;
  bool in_real_time = false;     // samples at their own times; else as fast as the link takes them
  std::size_t rows_a_poll = 64;  // in the latter case
  std::chrono::milliseconds poll{0};
  std::uint64_t interrupt_after = 0;  // rollouts, then Ctrl-C at this process, which learns
  std::chrono::seconds patience{0};   // then Ctrl-C, too; 0: without end
};

class RobotThread : public link::RobotLinkListener {
 public:
  static constexpr std::size_t parameters = (6 + 1) * 64 + (64 + 1) * 64 + (64 + 1) * 10;

  RobotThread(const link::RobotLinkSettings& settings, RobotScript script)
      : script_(std::move(script)),
        next_(script_.first),
        slot_("car", parameters, settings.learner.sign_public),
        since_(Clock::now()),
        thread_([this, settings] { drive(settings); }) {}
  ~RobotThread() override {
    done_ = true;
    thread_.join();
  }
  RobotThread(const RobotThread&) = delete;
  RobotThread& operator=(const RobotThread&) = delete;

  /// All rollouts up to this number; 0: none.
  std::uint64_t acknowledged() const { return acknowledged_; }
  /// The robot waits after the rollout of this number.
  void drive_up_to(std::uint64_t number) { last_ = number; }
  LearnerPhase phase() const {
    const std::lock_guard guard(mutex_);
    return phase_;
  }
  /// How often a phase has begun, and its mean duration so far.
  std::uint64_t entries(LearnerPhase phase) const {
    const std::lock_guard guard(mutex_);
    return visits_[index(phase)].entries;
  }
  std::chrono::duration<double> duration(LearnerPhase phase) const {
    const std::lock_guard guard(mutex_);
    const Visits& v = visits_[index(phase)];
    return v.left == 0 ? v.total : v.total / v.left;
  }
  /// Waits until the phase has begun so often; false where that takes longer.
  bool wait_for(LearnerPhase phase, std::uint64_t entries, std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, longest,
                             [&] { return visits_[index(phase)].entries >= entries; });
  }

  void connected(const link::Welcome&) override {
    was_acknowledged_ = false;
    enter(LearnerPhase::publishing);
  }
  void lost() override {}
  void control(link::Command) override {}
  void pose(const link::Pose&) override {}
  void policy(const link::ReceivedPolicy& p) override {
    const link::Policy& a = p.announcement;
    if (a.version == slot_.newest_version()) return;  // a learner that came back sends it again
    const PolicyRefusal refusal = slot_.offer({{a.robot_kind, a.version, a.parameters, a.hash},
                                               a.signature,
                                               p.parameters.data(),
                                               p.parameters.size()});
    EXPECT_EQ(refusal, PolicyRefusal::none) << text(refusal);
    slot_.at_boundary();
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Visits {
    std::uint64_t entries = 0, left = 0;
    std::chrono::duration<double> total{0};
  };
  static std::size_t index(LearnerPhase phase) { return static_cast<std::size_t>(phase); }

  void drive(const link::RobotLinkSettings& settings) {
    link::Hello hello;
    hello.robot_kind = "car";
    hello.nx = 4;
    hello.nu = 2;
    hello.nz = 10;
    hello.period_s = 0.02;
    hello.nonce = next_;
    link::RobotLink link(settings, hello, *this);
    const Clock::time_point begin = Clock::now();
    bool patient = script_.patience.count() > 0;
    std::uint64_t version = 0, driven = 0;
    while (!done_) {
      if (patient && Clock::now() - begin > script_.patience) {
        patient = false;
        ADD_FAILURE() << "nothing has happened for long; connected: " << link.is_connected() << ' '
                      << link.obstacle();
        ::kill(::getpid(), SIGINT);
      }
      poll(link, std::chrono::milliseconds(5));
      // The next only when the learner has all before, and has made another policy of its number.
      if (!link.is_connected() || !link.all_acknowledged()) continue;
      if (slot_.in_use().version != version) driven = 0;
      version = slot_.in_use().version;
      if (version == 0 || driven == script_.per_policy || next_ > last_) continue;
      send(link);
      ++driven;
    }
  }

  void send(link::RobotLink& link) {
    StreamedRollout s = script_.rollouts[(next_ - 1) % script_.rollouts.size()];
    s.begin.rollout = next_++;
    s.begin.policy_version = slot_.in_use().version;
    s.begin.policy_hash = slot_.in_use().hash;
    EXPECT_TRUE(link.begin(s.begin));
    enter(LearnerPhase::receiving);
    const Clock::time_point start = Clock::now();
    std::size_t rows = 0;
    s.in_time_order([&](bool of_samples, std::size_t row) {
      if (script_.in_real_time && of_samples) {
        const std::chrono::duration<double> at(s.samples[row][0] - s.samples[0][0]);
        poll_until(link, start + std::chrono::duration_cast<Clock::duration>(at));
      } else if (!script_.in_real_time && ++rows % script_.rows_a_poll == 0) {
        link.poll(script_.poll);
      }
      EXPECT_TRUE(of_samples ? link.samples(row, s.samples[row].data(), 1)
                             : link.segments(row, s.segments[row].data(), 1));
    });
    if (s.begin.rollout == script_.interrupt_after) ::kill(::getpid(), SIGINT);
    link.end(link::EndReason::complete, {});
    sent_ = s.begin.rollout;
    enter(LearnerPhase::storing);
  }

  void poll_until(link::RobotLink& link, Clock::time_point time) {
    while (!done_ && Clock::now() < time) {
      link.poll(std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now()));
    }
  }

  void poll(link::RobotLink& link, std::chrono::milliseconds longest) {
    link.poll(longest);
    if (sent_ > acknowledged_ && link.all_acknowledged()) {
      acknowledged_ = sent_;
      was_acknowledged_ = true;
    }
    if (!link.is_connected()) {
      enter(LearnerPhase::starting);
    } else if (!link.all_acknowledged()) {
      enter(LearnerPhase::storing);
    } else {
      enter(was_acknowledged_ ? LearnerPhase::learning : LearnerPhase::publishing);
    }
  }

  void enter(LearnerPhase phase) {
    const std::lock_guard guard(mutex_);
    if (phase == phase_) return;
    const Clock::time_point now = Clock::now();
    Visits& left = visits_[index(phase_)];
    left.total += now - since_;
    ++left.left;
    phase_ = phase;
    since_ = now;
    ++visits_[index(phase)].entries;
    changed_.notify_all();
  }

  RobotScript script_;
  std::uint64_t next_;
  std::uint64_t sent_ = 0;
  PolicySlot slot_;
  bool was_acknowledged_ = false;  // in this session
  std::atomic<std::uint64_t> acknowledged_{0};
  std::atomic<std::uint64_t> last_{std::numeric_limits<std::uint64_t>::max()};
  std::atomic<bool> done_{false};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  LearnerPhase phase_ = LearnerPhase::starting;
  Clock::time_point since_;  // when it began
  std::array<Visits, learner_phases> visits_;

  std::thread thread_;
};

}  // namespace phigrad::fixture
