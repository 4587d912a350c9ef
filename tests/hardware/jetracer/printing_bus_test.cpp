// The dry run: the lines that a user reads.
#include "hardware/jetracer/printing_bus.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include "hardware/jetracer/jetracer_driver.hpp"

namespace phigrad {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

std::string take_lines(std::FILE* file) {
  std::rewind(file);
  std::string text;
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::rewind(file);
  EXPECT_EQ(::ftruncate(::fileno(file), 0), 0);
  return text;
}

// Breaks when a line is not the transaction, or what was written is not read back.
TEST(PrintingBus, PrintsALineATransaction) {
  const File file(std::tmpfile());
  PrintingBus bus(file.get());
  const std::array<std::uint8_t, 4> bytes{0xFE, 0x79, 0x0A, 0xFF};  // wraps around to register 0
  std::array<std::uint8_t, 3> into{};
  EXPECT_TRUE(bus.write(0x41, bytes.data(), bytes.size()));
  EXPECT_TRUE(bus.read(0x41, 0xFE, into.data(), into.size()));
  EXPECT_EQ(into, (std::array<std::uint8_t, 3>{0x79, 0x0A, 0xFF}));
  EXPECT_EQ(take_lines(file.get()), "0x41 < FE 79 0A FF\n0x41 > FE: 79 0A FF\n");
}

// Breaks when the dry run does not start, or prints other bytes than a car would get.
TEST(PrintingBus, CarriesTheJetRacer) {
  const File file(std::tmpfile());
  const auto driver = print_jetracer(JetRacerSettings{}, file.get());
  EXPECT_EQ(driver->description(), "JetRacer, PCA9685 at 0x40 on a bus that only prints");
  driver->start();
  EXPECT_NE(take_lines(file.get()).find("0x40 < FE 79\n"), std::string::npos);
  const std::array<double, 2> u{1, -1};
  EXPECT_TRUE(driver->command(u.data()));
  EXPECT_TRUE(driver->neutral());
  EXPECT_EQ(take_lines(file.get()),
            "0x40 < 06 00 00 9A 00 00 00 CD 01\n0x40 > 00: A0\n"
            "0x40 < 06 00 00 33 01 00 00 33 01\n0x40 > 00: A0\n");
}

// Breaks when lines that nobody gets count as sent.
TEST(PrintingBus, TellsThatALineWasLost) {
  const File full(std::fopen("/dev/full", "w"));
  if (!full) GTEST_SKIP() << "no /dev/full";
  std::setvbuf(full.get(), nullptr, _IONBF, 0);
  PrintingBus bus(full.get());
  const std::uint8_t byte = 0;
  EXPECT_FALSE(bus.write(0x40, &byte, 1));
  EXPECT_EQ(bus.error(), EIO);
}

}  // namespace
}  // namespace phigrad
