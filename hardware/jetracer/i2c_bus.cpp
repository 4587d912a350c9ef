#include "hardware/jetracer/i2c_bus.hpp"

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

// The kernel waits a second by default, fifty control periods. The figure holds for every user of
// the adapter, so it leaves time for the longest transfers of others (a display's page).
constexpr unsigned long timeout_tens_of_ms = 5;

constexpr int most_buses = 16;

class SystemI2cCalls final : public I2cCalls {
 public:
  int open(const char* path) noexcept override { return ::open(path, O_RDWR | O_CLOEXEC); }
  int ioctl(int fd, unsigned long request, unsigned long argument) noexcept override {
    return ::ioctl(fd, request, argument);
  }
  void close(int fd) noexcept override { ::close(fd); }
};

bool is_absent(int error) { return error == ENOENT || error == ENXIO || error == ENODEV; }

std::string remedy_of_open(int error) {
  if (is_absent(error)) {
    return "`phigrad agent --scan` lists the buses; where it lists none, run `sudo modprobe "
           "i2c-dev`";
  }
  if (error == EACCES || error == EPERM) {
    return "join the group that may use it: `sudo usermod -aG i2c $USER`, then log in again; "
           "`phigrad agent --scan` shows whether it worked";
  }
  return "see which buses open with `phigrad agent --scan`";
}

}  // namespace

std::string hex_byte(std::uint8_t value) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%02X", static_cast<unsigned>(value));
  return text;
}

I2cCalls& system_i2c_calls() {
  static SystemI2cCalls calls;
  return calls;
}

LinuxI2cBus::LinuxI2cBus(int number, I2cCalls& calls)
    : calls_(calls), path_("/dev/i2c-" + std::to_string(number)), fd_(calls.open(path_.c_str())) {
  if (!valid()) error_ = errno;
}

LinuxI2cBus::~LinuxI2cBus() {
  if (valid()) calls_.close(fd_);
}

bool LinuxI2cBus::write(std::uint8_t address, const std::uint8_t* bytes, std::size_t n) noexcept {
  std::array<std::uint8_t, most_bytes> out{};  // the kernel's struct takes no const
  if (n > out.size()) {
    error_ = EMSGSIZE;
    return false;
  }
  std::copy_n(bytes, n, out.begin());
  i2c_msg message{address, 0, static_cast<std::uint16_t>(n), out.data()};
  i2c_rdwr_ioctl_data transfer{&message, 1};
  return ioctl(I2C_RDWR, reinterpret_cast<unsigned long>(&transfer), 1);
}

bool LinuxI2cBus::read(std::uint8_t address, std::uint8_t first, std::uint8_t* into,
                       std::size_t n) noexcept {
  if (n > most_bytes) {
    error_ = EMSGSIZE;
    return false;
  }
  std::array<i2c_msg, 2> messages{
      {{address, 0, 1, &first}, {address, I2C_M_RD, static_cast<std::uint16_t>(n), into}}};
  i2c_rdwr_ioctl_data transfer{messages.data(), 2};
  return ioctl(I2C_RDWR, reinterpret_cast<unsigned long>(&transfer), 2);
}

bool LinuxI2cBus::held_by_kernel(std::uint8_t address) noexcept {
  return !ioctl(I2C_SLAVE, address, 0) && error_ == EBUSY;
}

void LinuxI2cBus::set_timeout(unsigned long tens_of_ms) noexcept {
  ioctl(I2C_TIMEOUT, tens_of_ms, 0);
}

bool LinuxI2cBus::ioctl(unsigned long request, unsigned long argument, int wanted) noexcept {
  const int result = calls_.ioctl(fd_, request, argument);
  if (result == wanted) return true;
  error_ = result < 0 ? errno : EIO;  // fewer messages went out than asked for
  return false;
}

std::unique_ptr<LinuxI2cBus> open_i2c_bus(int number, std::uint8_t address, I2cCalls& calls) {
  auto bus = std::make_unique<LinuxI2cBus>(number, calls);
  if (!bus->valid()) {
    const int error = bus->error();
    throw Error(Exit::robot,
                is_absent(error)
                    ? "there is no such I2C bus"
                    : "the I2C bus cannot be opened: " + std::generic_category().message(error),
                bus->description(), remedy_of_open(error));
  }
  if (bus->held_by_kernel(address)) {
    throw Error(Exit::robot, "a driver of the kernel owns the device at " + hex_byte(address),
                bus->description(),
                "it is another chip (a power monitor, say) or the kernel's own PWM driver: find "
                "the right bus with `phigrad agent --scan`, or unbind that driver");
  }
  bus->set_timeout(timeout_tens_of_ms);
  return bus;
}

std::vector<I2cFinding> scan_i2c(std::uint8_t address, I2cCalls& calls) {
  std::vector<I2cFinding> findings;
  for (int bus = 0; bus < most_buses; ++bus) {
    LinuxI2cBus device(bus, calls);
    std::uint8_t byte = 0;
    if (!device.valid()) {
      if (!is_absent(device.error())) {
        findings.push_back({bus, I2cAnswer::denied, device.error()});
      }
    } else if (device.held_by_kernel(address)) {
      findings.push_back({bus, I2cAnswer::held, 0});
    } else if (device.read(address, 0, &byte, 1)) {  // adapters may refuse reads of no byte
      findings.push_back({bus, I2cAnswer::answers, 0});
    } else {
      findings.push_back({bus, I2cAnswer::silent, device.error()});
    }
  }
  return findings;
}

}  // namespace phigrad
