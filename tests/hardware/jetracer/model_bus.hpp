// A bus with the model chip on it: records what is sent and fails where it is told to.
#pragma once

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "hardware/jetracer/i2c_bus.hpp"
#include "tests/hardware/jetracer/pca9685_model.hpp"

namespace phigrad {

constexpr double count_us = 4.88;  // 20 ms / 4096, less what the prescaler rounds

class ModelBus final : public I2cBus {
 public:
  static constexpr std::uint8_t address = 0x40;

  explicit ModelBus(Pca9685Model& chip) : chip_(chip) {}

  bool write(std::uint8_t to, const std::uint8_t* bytes, std::size_t n) noexcept override {
    if (!begins(to)) return false;
    sent.emplace_back(bytes, bytes + n);
    return chip_.write(bytes, n) || fails(EREMOTEIO);
  }

  bool read(std::uint8_t from, std::uint8_t first, std::uint8_t* into,
            std::size_t n) noexcept override {
    if (!begins(from)) return false;
    if (!chip_.read(first, into, n)) return fails(EREMOTEIO);
    if (on_read) on_read(first, into);
    return true;
  }

  std::string description() const override { return "a model bus"; }

  int transactions = 0;
  int first_failing = 0;  // counted from 1; 0: none
  int last_failing = 0;
  std::vector<std::vector<std::uint8_t>> sent;               // [write][byte]
  std::function<void(std::uint8_t, std::uint8_t*)> on_read;  // may falsify what register reads

 private:
  bool begins(std::uint8_t to) {
    ++transactions;
    if (to != address) return fails(ENXIO);
    return transactions < first_failing || transactions > last_failing || fails(EREMOTEIO);
  }
  bool fails(int error) {
    error_ = error;
    return false;
  }

  Pca9685Model& chip_;
};

}  // namespace phigrad
