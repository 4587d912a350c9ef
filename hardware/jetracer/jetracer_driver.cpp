#include "hardware/jetracer/jetracer_driver.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hardware/jetracer/printing_bus.hpp"

namespace phigrad {
namespace {

constexpr double centre_us = 1500;
constexpr double half_range_us = 750;

double neutral_pulse_us(const JetRacerChannel& channel) {
  return channel.neutral == NeutralKind::off ? 0 : channel.neutral_us;
}

Pca9685::Pulses neutral_pulses(const JetRacerSettings& settings) {
  return {neutral_pulse_us(settings.steering), neutral_pulse_us(settings.throttle)};
}

std::uint8_t address_of(const JetRacerSettings& settings) {
  return static_cast<std::uint8_t>(settings.address);
}

}  // namespace

double jetracer_pulse_us(const JetRacerChannel& channel, double u) {
  if (!std::isfinite(u) || std::abs(u) < channel.dead_band) return neutral_pulse_us(channel);
  const double value = channel.gain * u + channel.offset;
  // Written so that a NaN of the settings is neutral too.
  if (std::isnan(value) || !(channel.limit >= 0)) return neutral_pulse_us(channel);
  const double limit = std::min(channel.limit, 1.0);
  return centre_us + half_range_us * std::clamp(value, -limit, limit);
}

JetRacerDriver::JetRacerDriver(std::unique_ptr<I2cBus> bus, const JetRacerSettings& settings)
    : bus_(std::move(bus)), settings_(settings), chip_(*bus_, address_of(settings), pwm_hz) {}

JetRacerDriver::~JetRacerDriver() {
  if (started_) chip_.set(neutral_pulses(settings_));
}

void JetRacerDriver::start() {
  started_ = false;
  chip_.start(neutral_pulses(settings_));
  started_ = true;
}

bool JetRacerDriver::command(const double* u) noexcept {
  if (!std::isfinite(u[throttle]) || !std::isfinite(u[steer])) {
    neutral();
    return false;
  }
  return started_ && chip_.set({jetracer_pulse_us(settings_.steering, u[steer]),
                                jetracer_pulse_us(settings_.throttle, u[throttle])});
}

bool JetRacerDriver::neutral() noexcept { return started_ && chip_.set(neutral_pulses(settings_)); }

bool JetRacerDriver::measure(Measurement&) noexcept { return false; }

std::string JetRacerDriver::description() const { return "JetRacer, " + chip_.description(); }

std::unique_ptr<JetRacerDriver> open_jetracer(const JetRacerSettings& settings, I2cCalls& calls) {
  return std::make_unique<JetRacerDriver>(open_i2c_bus(settings.bus, address_of(settings), calls),
                                          settings);
}

std::unique_ptr<JetRacerDriver> print_jetracer(const JetRacerSettings& settings, std::FILE* out) {
  return std::make_unique<JetRacerDriver>(std::make_unique<PrintingBus>(out), settings);
}

}  // namespace phigrad
