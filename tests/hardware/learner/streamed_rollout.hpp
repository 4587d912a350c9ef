// The authors' recordings as a robot would have streamed them, and a robot that does so.
#pragma once

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "hardware/agent/policy_seal.hpp"
#include "hardware/learner/live_source.hpp"
#include "hardware/link/reassembly.hpp"
#include "host/records/recordings.hpp"
#include "host/rollouts/logged_rollout.hpp"
#include "tests/hardware/link/frame_fixture.hpp"
#include "tests/support/recorded_file.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad::fixture {

/// Rows and messages of one rollout; tests may spoil them before they are sent.
struct StreamedRollout {
  link::RolloutBegin begin;
  std::vector<std::vector<double>> samples, segments;
  link::EndReason reason = link::EndReason::complete;
  std::vector<link::Event> events;

  StreamedRollout() = default;
  explicit StreamedRollout(const RecordedRollout& r, double dt_s = 0.02) {
    begin.nx = 4;
    begin.nu = 2;
    begin.nz = 10;
    begin.setpoints = 6;
    begin.dt_s = dt_s;
    begin.task_time_s = r.task_t0;
    begin.provenance = "the lab";
    begin.before = logged_rollout(r, 0, "", 0).decisions;
    begin.before.resize(10);
    const auto append = [](std::vector<double>& row, const Table& table, std::size_t column) {
      row.insert(row.end(), table.column(column), table.column(column) + table.rows);
    };
    for (std::size_t i = 0; i < r.samples(); ++i) {
      std::vector<double>& row = samples.emplace_back(1, r.ts[i]);
      append(row, r.xs, i);
      append(row, r.us, i);
      append(row, r.ctrl_setpoints, i);
    }
    for (std::size_t j = 0; j < r.segments(); ++j) {
      // The trainer decided one more than the robot began: it has no sample.
      const double first = j < r.idx_segs.size() ? r.idx_segs[j] : static_cast<int>(r.samples());
      std::vector<double>& row = segments.emplace_back(std::vector<double>{first, r.t0_segs[j]});
      append(row, r.x0_segs, j);
      append(row, r.setpoints, j);
      append(row, r.gain_adjs, j);
    }
  }

  static std::vector<std::uint8_t> bytes_of(const std::vector<std::vector<double>>& rows,
                                            std::size_t first, std::size_t count) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = first; i < first + count; ++i) {
      const std::size_t at = bytes.size();
      bytes.resize(at + 8 * rows[i].size());
      link::store_doubles(rows[i].data(), rows[i].size(), bytes.data() + at);
    }
    return bytes;
  }

  /// Rows first, first + 1, … in a frame.
  link::fixture::RawMessage frame(bool of_samples, std::size_t first, std::size_t count) const {
    link::FrameHeader header;
    header.type = of_samples ? link::MessageType::samples : link::MessageType::segments;
    header.count = static_cast<std::uint32_t>(count);
    header.rollout = begin.rollout;
    header.policy_version = begin.policy_version;
    header.first_sequence = first;
    return link::fixture::message(header, bytes_of(of_samples ? samples : segments, first, count));
  }

  /// The encoded frames of all rows, at most `rows_a_frame` in each.
  std::vector<link::fixture::RawMessage> frames(std::size_t rows_a_frame = 25) const {
    std::vector<link::fixture::RawMessage> all;
    for (const bool of_samples : {true, false}) {
      const std::size_t rows = (of_samples ? samples : segments).size();
      for (std::size_t first = 0; first < rows; first += rows_a_frame) {
        all.push_back(frame(of_samples, first, std::min(rows_a_frame, rows - first)));
      }
    }
    return all;
  }

  /// Calls visit(of_samples, row) as a robot comes by its rows: a segment's before its samples'.
  template <class Visitor>
  void in_time_order(const Visitor& visit) const {
    std::size_t segment = 0;
    for (std::size_t i = 0; i <= samples.size(); ++i) {
      for (; segment < segments.size() && segments[segment][0] <= static_cast<double>(i);
           ++segment) {
        visit(false, segment);
      }
      if (i < samples.size()) visit(true, i);
    }
  }

  link::RolloutEnd end() const {
    link::RolloutEnd end;
    end.rollout = begin.rollout;
    end.samples = samples.size();
    end.segments = segments.size();
    const auto crc = [](const std::vector<std::vector<double>>& rows) {
      const std::vector<std::uint8_t> bytes = bytes_of(rows, 0, rows.size());
      return link::crc32c(bytes.data(), bytes.size());
    };
    end.samples_crc = crc(samples);
    end.segments_crc = crc(segments);
    end.reason = reason;
    end.events = events;
    return end;
  }

  /// As it is once all frames have come, each twice and in disorder where `shuffle` is not null.
  link::Reassembly received(std::mt19937* shuffle = nullptr) const {
    link::Reassembly rollout(begin);
    std::vector<link::fixture::RawMessage> all = frames();
    if (shuffle != nullptr) {
      const std::vector<link::fixture::RawMessage> again = all;
      all.insert(all.end(), again.begin(), again.end());
      std::shuffle(all.begin(), all.end(), *shuffle);
    }
    for (const link::fixture::RawMessage& m : all) {
      rollout.take(std::get<link::Frame>(link::fixture::decode(m)));
    }
    rollout.take(end());
    return rollout;
  }
};

/// The live rollout of a streamed one; fails the test where there is none.
inline LoggedRollout live_of(const Experiment& e, const StreamedRollout& s,
                             std::mt19937* shuffle = nullptr) {
  const LiveRollouts rollouts(e);
  std::string why;
  const auto live = rollouts.make("car1", s.received(shuffle), s.end(), why);
  if (!live) {
    ADD_FAILURE() << why;
    return {};
  }
  return live->logged;
}

/// A link with one robot at its end, that drives recorded rollouts, one a poll, under whatever
/// policy was published last.
class RecordedRobot : public LiveLink {
 public:
  RecordedRobot(link::LearnerLinkListener& listener, std::vector<StreamedRollout> rollouts)
      : script(std::move(rollouts)), listener_(listener) {}

  std::string name = "car1";
  std::uint64_t next_rollout = 1;
  std::vector<StreamedRollout> script;
  std::size_t at = 0;                 // in the script
  std::function<void()> before_poll;  // may throw: a crash
  std::function<void(StreamedRollout&)> spoil;
  std::vector<link::Policy> published;
  std::vector<std::vector<double>> parameters;
  std::vector<link::Command> commands;
  int acknowledged = 0;

  void publish(const link::Policy& announcement, const std::vector<double>& theta) override {
    published.push_back(announcement);
    parameters.push_back(theta);
  }
  void control(const link::RobotName& robot, link::Command command) override {
    EXPECT_EQ(robot, name);
    commands.push_back(command);
  }
  std::vector<link::RobotName> robots() const override { return {name}; }

  void poll(std::chrono::milliseconds) override {
    if (before_poll) before_poll();
    if (script.empty()) return;
    StreamedRollout s = script.at(at++ % script.size());
    s.begin.rollout = next_rollout++;
    s.begin.policy_version = published.back().version;
    s.begin.policy_hash = published.back().hash;
    if (spoil) spoil(s);
    if (listener_.knows(name, s.begin.rollout)) return;
    link::Reassembly rollout(s.begin);
    listener_.began(name, s.begin);
    s.in_time_order([&](bool of_samples, std::size_t row) {
      rollout.take(std::get<link::Frame>(link::fixture::decode(s.frame(of_samples, row, 1))));
      listener_.grew(name, rollout);
    });
    rollout.take(s.end());
    if (listener_.ended(name, rollout, s.end())) ++acknowledged;
  }

 private:
  link::LearnerLinkListener& listener_;
};

}  // namespace phigrad::fixture
