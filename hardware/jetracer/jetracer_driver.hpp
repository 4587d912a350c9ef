// The JetRacer of NVIDIA's build: a steering servo and a motor controller behind a PCA9685.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "hardware/driver/driver.hpp"
#include "hardware/jetracer/i2c_bus.hpp"
#include "hardware/jetracer/jetracer_settings.hpp"
#include "hardware/jetracer/pca9685.hpp"

namespace phigrad {

/// Length of the pulse that `u` becomes on a channel, us; 0 stands for no pulse. Never beyond the
/// pulse of ±limit, or of neutral, whatever `u` and `channel` hold: NaN and infinity are neutral.
double jetracer_pulse_us(const JetRacerChannel& channel, double u);

class JetRacerDriver final : public Driver {
 public:
  enum Input { throttle, steer, nu };  // of a command, unitless; the order of CarDynamics::Input

  static constexpr double pwm_hz = 50;

  JetRacerDriver(std::unique_ptr<I2cBus> bus, const JetRacerSettings& settings);

  /// Leaves the actuators neutral. The chip has no watchdog: where this is not run, it goes on
  /// sending the last pulses until some process starts it again.
  ~JetRacerDriver() override;

  JetRacerDriver(const JetRacerDriver&) = delete;
  JetRacerDriver& operator=(const JetRacerDriver&) = delete;

  /// Sets the chip up, see Pca9685::start(); may be called again after command() was false.
  void start() override;

  /// False also before start(), after the chip lost its supply, and on a command with a NaN or an
  /// infinity: then both outputs go neutral.
  bool command(const double* u) noexcept override;
  bool neutral() noexcept override;
  bool measure(Measurement& into) noexcept override;
  std::string description() const override;

 private:
  std::unique_ptr<I2cBus> bus_;
  JetRacerSettings settings_;
  Pca9685 chip_;
  bool started_ = false;
};

/// The driver of a real car. Throws Error(Exit::robot) where the bus does not open or the kernel
/// itself drives the chip.
std::unique_ptr<JetRacerDriver> open_jetracer(const JetRacerSettings& settings,
                                              I2cCalls& calls = system_i2c_calls());

/// A dry run: the same driver, its transactions printed to `out` instead of sent.
std::unique_ptr<JetRacerDriver> print_jetracer(const JetRacerSettings& settings, std::FILE* out);

}  // namespace phigrad
