// The Linux bus: what the kernel is asked, to the byte, and what its errors become.
#include "hardware/jetracer/i2c_bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "hardware/jetracer/jetracer_driver.hpp"
#include "tests/hardware/jetracer/pca9685_model.hpp"
#include "tests/host/config/expect_error.hpp"

namespace phigrad {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

using Bytes = std::vector<std::uint8_t>;

/// A message as the kernel gets it.
struct Sent {
  int address, flags;
  Bytes bytes;  // of a read: as they lie there before
  bool operator==(const Sent& other) const {
    return address == other.address && flags == other.flags && bytes == other.bytes;
  }
};

/// A kernel with buses of which each may have a PCA9685 at 0x40.
class FakeCalls final : public I2cCalls {
 public:
  struct Bus {
    int open_error = 0;
    int hold_error = 0;  // EBUSY: a driver of the kernel has the device
    Pca9685Model* chip = nullptr;
    int transferred = -1;  // messages a transfer claims to have sent; -1: all
    int transfer_error = 0;
  };

  int open(const char* path) noexcept override {
    opened.emplace_back(path);
    const auto found = buses.find(path);
    if (found == buses.end()) return failure(ENOENT);
    if (found->second.open_error != 0) return failure(found->second.open_error);
    files[++last_file_] = &found->second;
    return last_file_;
  }

  int ioctl(int fd, unsigned long request, unsigned long argument) noexcept override {
    const auto found = files.find(fd);
    if (found == files.end()) return failure(EBADF);
    Bus& bus = *found->second;
    if (request == I2C_SLAVE) return bus.hold_error != 0 ? failure(bus.hold_error) : 0;
    if (request == I2C_TIMEOUT) {
      timeout = argument;
      return 0;
    }
    if (request != I2C_RDWR) return failure(ENOTTY);
    const i2c_rdwr_ioctl_data* data = nullptr;
    std::memcpy(&data, &argument, sizeof argument);
    return transfer(bus, *data);
  }

  void close(int fd) noexcept override { (files.erase(fd) == 1 ? closed : closed_in_vain) += 1; }

  std::map<std::string, Bus> buses;
  std::vector<std::string> opened;
  std::vector<std::vector<Sent>> sent;  // [transfer][message]
  unsigned long timeout = 0;            // tens of ms
  int closed = 0;
  int closed_in_vain = 0;  // files that were not open
  std::map<int, Bus*> files;

 private:
  static int failure(int error) {
    errno = error;
    return -1;
  }

  int transfer(Bus& bus, const i2c_rdwr_ioctl_data& data) {
    sent.emplace_back();
    for (unsigned i = 0; i < data.nmsgs; ++i) {
      const i2c_msg& message = data.msgs[i];
      sent.back().push_back(
          {message.addr, message.flags, Bytes(message.buf, message.buf + message.len)});
    }
    if (bus.transfer_error != 0) return failure(bus.transfer_error);
    if (bus.transferred >= 0) return bus.transferred;
    if (bus.chip == nullptr || data.msgs[0].addr != 0x40) return failure(ENXIO);
    const i2c_msg* const to = data.msgs;
    if (data.nmsgs == 1 && to->flags == 0) {
      return bus.chip->write(to->buf, to->len) ? 1 : failure(EREMOTEIO);
    }
    if (data.nmsgs == 2 && to->len == 1 && to[1].flags == I2C_M_RD && to[1].addr == to->addr) {
      return bus.chip->read(to->buf[0], to[1].buf, to[1].len) ? 2 : failure(EREMOTEIO);
    }
    return failure(EINVAL);
  }

  int last_file_ = 2;
};

// Breaks when a write is not one message with all bytes, or a read not the register's write and the
// read in one transfer.
TEST(LinuxI2cBus, SendsTheMessagesOfTheKernelsInterface) {
  Pca9685Model chip;
  FakeCalls calls;
  calls.buses["/dev/i2c-7"].chip = &chip;
  LinuxI2cBus bus(7, calls);
  ASSERT_TRUE(bus.valid());
  EXPECT_THAT(calls.opened, ElementsAre("/dev/i2c-7"));
  EXPECT_EQ(bus.description(), "/dev/i2c-7");

  const Bytes bytes{0x06, 0x00, 0x01, 0xFF};
  EXPECT_TRUE(bus.write(0x40, bytes.data(), bytes.size()));
  EXPECT_THAT(calls.sent.at(0), ElementsAre(Sent{0x40, 0, bytes}));

  Bytes into{0xAB, 0xCD};
  EXPECT_TRUE(bus.read(0x40, 0xFE, into.data(), 2));
  EXPECT_THAT(calls.sent.at(1),
              ElementsAre(Sent{0x40, 0, {0xFE}}, Sent{0x40, I2C_M_RD, {0xAB, 0xCD}}));
  EXPECT_EQ(into, (Bytes{0x1E, 0x1E}));
  EXPECT_EQ(calls.sent.size(), 2u);
}

// Breaks when a failed or partly sent transfer counts as sent, or its cause is lost.
TEST(LinuxI2cBus, TellsThatATransferFailed) {
  Pca9685Model chip;
  FakeCalls calls;
  FakeCalls::Bus& kernel = calls.buses["/dev/i2c-1"];
  kernel.chip = &chip;
  LinuxI2cBus bus(1, calls);
  std::uint8_t byte = 0;
  for (const int error : {EREMOTEIO, ETIMEDOUT, EAGAIN}) {
    kernel.transfer_error = error;
    EXPECT_FALSE(bus.write(0x40, &byte, 1));
    EXPECT_EQ(bus.error(), error);
    EXPECT_FALSE(bus.read(0x40, 0, &byte, 1));
    EXPECT_EQ(bus.error(), error);
  }
  kernel.transfer_error = 0;
  kernel.transferred = 1;
  EXPECT_TRUE(bus.write(0x40, &byte, 1));
  EXPECT_FALSE(bus.read(0x40, 0, &byte, 1));
  EXPECT_EQ(bus.error(), EIO);
  kernel.transferred = 0;
  EXPECT_FALSE(bus.write(0x40, &byte, 1));
  EXPECT_EQ(bus.error(), EIO);
}

// Breaks when a transfer longer than the bus's own buffer writes beyond it.
TEST(LinuxI2cBus, RefusesLongTransfers) {
  FakeCalls calls;
  calls.buses["/dev/i2c-1"].transferred = 1;
  LinuxI2cBus bus(1, calls);
  Bytes bytes(LinuxI2cBus::most_bytes + 1);
  EXPECT_TRUE(bus.write(0x40, bytes.data(), bytes.size() - 1));
  EXPECT_FALSE(bus.write(0x40, bytes.data(), bytes.size()));
  EXPECT_EQ(bus.error(), EMSGSIZE);
  EXPECT_FALSE(bus.read(0x40, 0, bytes.data(), bytes.size()));
  EXPECT_EQ(calls.sent.size(), 1u);
}

// Breaks when a device stays open, or is closed twice.
TEST(LinuxI2cBus, ClosesItsDevice) {
  FakeCalls calls;
  calls.buses["/dev/i2c-1"];
  { const LinuxI2cBus open(1, calls), absent(2, calls); }
  EXPECT_EQ(calls.closed, 1);
  EXPECT_EQ(calls.closed_in_vain, 0);
  EXPECT_THAT(calls.files, IsEmpty());
}

// Breaks when an error on opening does not name the device and what to do.
TEST(LinuxI2cBus, ExplainsWhyItDoesNotOpen) {
  FakeCalls calls;
  calls.buses["/dev/i2c-2"].open_error = EACCES;
  calls.buses["/dev/i2c-3"].open_error = EMFILE;
  calls.buses["/dev/i2c-4"].hold_error = EBUSY;
  expect_error([&] { open_i2c_bus(1, 0x40, calls); }, Exit::robot,
               "there is no such I2C bus [/dev/i2c-1]; `phigrad agent --scan` lists the buses; "
               "where it lists none, run `sudo modprobe i2c-dev`");
  expect_error([&] { open_i2c_bus(2, 0x40, calls); }, Exit::robot,
               "the I2C bus cannot be opened: Permission denied [/dev/i2c-2]; join the group that "
               "may use it: `sudo usermod -aG i2c $USER`, then log in again; `phigrad agent "
               "--scan` shows whether it worked");
  expect_error([&] { open_i2c_bus(3, 0x40, calls); }, Exit::robot,
               "the I2C bus cannot be opened: Too many open files [/dev/i2c-3]; see which buses "
               "open with `phigrad agent --scan`");
  expect_error([&] { open_i2c_bus(4, 0x40, calls); }, Exit::robot,
               "a driver of the kernel owns the device at 0x40 [/dev/i2c-4]; it is another "
               "chip (a power monitor, say) or the kernel's own PWM driver: find the right bus "
               "with `phigrad agent --scan`, or unbind that driver");
  EXPECT_THAT(calls.files, IsEmpty());
}

// Breaks when a stuck bus may hold the control thread for the kernel's default of a second.
TEST(LinuxI2cBus, ShortensTheWaitForAStuckBus) {
  FakeCalls calls;
  calls.buses["/dev/i2c-1"];
  const auto bus = open_i2c_bus(1, 0x40, calls);
  EXPECT_GE(calls.timeout, 1u);
  EXPECT_LE(calls.timeout, 6u);  // 60 ms, three control periods
}

// Breaks when the scan misses a bus, reports one that does not exist, disturbs a device that the
// kernel drives, or writes to any.
TEST(ScanI2c, FindsTheDevice) {
  Pca9685Model chip;
  FakeCalls calls;
  calls.buses["/dev/i2c-0"];
  calls.buses["/dev/i2c-1"].hold_error = EBUSY;
  calls.buses["/dev/i2c-7"] = {0, EINVAL, &chip, -1, 0};  // an adapter that cannot tell
  calls.buses["/dev/i2c-8"].open_error = EACCES;
  calls.buses["/dev/i2c-15"].transfer_error = ETIMEDOUT;
  calls.buses["/dev/i2c-16"].chip = &chip;  // beyond those that are scanned
  std::vector<std::array<int, 3>> found;
  for (const I2cFinding& f : scan_i2c(0x40, calls)) {
    found.push_back({f.bus, static_cast<int>(f.answer), f.error});
  }
  const auto row = [](int bus, I2cAnswer answer, int error) {
    return std::array<int, 3>{bus, static_cast<int>(answer), error};
  };
  EXPECT_THAT(found, ElementsAre(row(0, I2cAnswer::silent, ENXIO), row(1, I2cAnswer::held, 0),
                                 row(7, I2cAnswer::answers, 0), row(8, I2cAnswer::denied, EACCES),
                                 row(15, I2cAnswer::silent, ETIMEDOUT)));
  for (const std::vector<Sent>& transfer : calls.sent) {
    EXPECT_THAT(transfer, ElementsAre(Sent{0x40, 0, {0x00}}, Sent{0x40, I2C_M_RD, {0x00}}));
  }
  EXPECT_EQ(calls.sent.size(), 3u);
  EXPECT_THAT(calls.files, IsEmpty());
}

// Breaks when the parts do not fit together: driver, chip, bus and the kernel's interface.
TEST(LinuxI2cBus, CarriesTheJetRacer) {
  Pca9685Model chip;
  FakeCalls calls;
  calls.buses["/dev/i2c-7"].chip = &chip;
  JetRacerSettings settings;
  settings.bus = 7;
  const auto driver = open_jetracer(settings, calls);
  EXPECT_EQ(driver->description(), "JetRacer, PCA9685 at 0x40 on /dev/i2c-7");
  driver->start();
  EXPECT_THAT(chip.high_us(), Each(DoubleNear(1500, 4.88)));
  const std::array<double, 2> u{0.2, -0.4};
  EXPECT_TRUE(driver->command(u.data()));
  EXPECT_THAT(chip.high_us(), ElementsAre(DoubleNear(1200, 4.88), DoubleNear(1650, 4.88)));
  EXPECT_THAT(chip.faults(), IsEmpty());
  EXPECT_EQ(chip.torn(), 0);
}

// Breaks when the kernel's own calls do not reach the kernel: a bus that no machine has.
TEST(SystemI2cCalls, ReachTheKernel) {
  EXPECT_EQ(LinuxI2cBus(999999, system_i2c_calls()).error(), ENOENT);
  EXPECT_EQ(system_i2c_calls().open("/dev/null/none"), -1);
  EXPECT_EQ(errno, ENOTDIR);
  const int fd = system_i2c_calls().open("/dev/null");
  ASSERT_GE(fd, 0);
  EXPECT_EQ(system_i2c_calls().ioctl(fd, I2C_SLAVE, 0x40), -1);
  EXPECT_EQ(errno, ENOTTY);
  system_i2c_calls().close(fd);
  EXPECT_EQ(system_i2c_calls().ioctl(fd, I2C_SLAVE, 0x40), -1);
  EXPECT_EQ(errno, EBADF);
}

}  // namespace
}  // namespace phigrad
