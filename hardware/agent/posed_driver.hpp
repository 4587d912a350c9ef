// A robot that does not measure itself, with the poses that come over the link.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "hardware/agent/loop_ports.hpp"
#include "hardware/driver/driver.hpp"

namespace phigrad {

class PosedDriver final : public Driver {
 public:
  /// `ports` has to outlive the driver.
  PosedDriver(std::unique_ptr<Driver> robot, LoopPorts& ports)
      : robot_(std::move(robot)), ports_(ports) {}

  void start() override { robot_->start(); }
  bool command(const double* u) noexcept override { return robot_->command(u); }
  bool neutral() noexcept override { return robot_->neutral(); }
  bool measure(Measurement& into) noexcept override {
    bool any = false;
    while (ports_.poses.pop(into)) any = true;
    return any;
  }
  std::string description() const override {
    return robot_->description() + ", pose over the link";
  }

 private:
  std::unique_ptr<Driver> robot_;
  LoopPorts& ports_;
};

}  // namespace phigrad
