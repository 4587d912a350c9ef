// The way to the learner, as the agent sees it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "hardware/link/messages.hpp"
#include "hardware/link/robot_link.hpp"

namespace phigrad {

/// The calls of link::RobotLink that the agent makes, as it explains them.
class RolloutUplink {
 public:
  virtual ~RolloutUplink() = default;
  virtual bool begin(const link::RolloutBegin& begin) = 0;
  virtual bool samples(std::uint64_t first, const double* rows, std::size_t count) = 0;
  virtual bool segments(std::uint64_t first, const double* rows, std::size_t count) = 0;
  virtual void end(link::EndReason reason, const std::vector<link::Event>& events) = 0;
  virtual void event(const link::Event& event) = 0;
  virtual void poll(std::chrono::milliseconds longest) = 0;
  virtual bool is_connected() const = 0;
  virtual std::string obstacle() const { return {}; }
  virtual bool all_acknowledged() const = 0;
  virtual void bye(const std::string& text) = 0;
};

/// The real one.
class RobotUplink final : public RolloutUplink {
 public:
  explicit RobotUplink(link::RobotLink& link) : link_(link) {}

  bool begin(const link::RolloutBegin& begin) override { return link_.begin(begin); }
  bool samples(std::uint64_t first, const double* rows, std::size_t count) override {
    return link_.samples(first, rows, count);
  }
  bool segments(std::uint64_t first, const double* rows, std::size_t count) override {
    return link_.segments(first, rows, count);
  }
  void end(link::EndReason reason, const std::vector<link::Event>& events) override {
    link_.end(reason, events);
  }
  void event(const link::Event& event) override { link_.event(event); }
  void poll(std::chrono::milliseconds longest) override { link_.poll(longest); }
  bool is_connected() const override { return link_.is_connected(); }
  std::string obstacle() const override { return link_.obstacle(); }
  bool all_acknowledged() const override { return link_.all_acknowledged(); }
  void bye(const std::string& text) override { link_.bye(text); }

 private:
  link::RobotLink& link_;
};

}  // namespace phigrad
