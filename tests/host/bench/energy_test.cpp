// The energy meter against files laid out as the kernel lays them out.
#include "host/bench/energy.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

namespace fs = std::filesystem;

class EnergyMeters : public ::testing::Test {
 protected:
  void put(const std::string& file, const std::string& text) const {
    const fs::path path = own_.path() / "sys/class" / file;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text << '\n';
  }
  void put_zone(const std::string& zone, const std::string& name, const std::string& uj) const {
    put("powercap/" + zone + "/name", name);
    put("powercap/" + zone + "/energy_uj", uj);
    put("powercap/" + zone + "/max_energy_range_uj", "262143328850");
  }
  void put_rail(const std::string& monitor, const std::string& channel, const std::string& label,
                const std::string& mv, const std::string& ma) const {
    put("hwmon/" + monitor + "/name", "ina3221");
    put("hwmon/" + monitor + "/in" + channel + "_label", label);
    put("hwmon/" + monitor + "/in" + channel + "_input", mv);
    put("hwmon/" + monitor + "/curr" + channel + "_input", ma);
  }

  /// Power by the wall clock, over some 60 ms.
  static double watts_of(EnergyMeter& meter) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    meter.begin();
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    const double joules = meter.end_joules();
    return joules / std::chrono::duration<double>(Clock::now() - begin).count();
  }

  const TemporaryDirectory own_;
};

// Breaks when a part of a package is counted beside it, a counter that began again is taken for
// less than nothing, or one of two packages is left out.
TEST_F(EnergyMeters, CountWhatPackagesCount) {
  put_zone("intel-rapl:0", "package-0", "1000000");
  put_zone("intel-rapl:0:0", "core", "500000");
  put_zone("intel-rapl:1", "package-1", "262143000000");
  EnergyMeter meter(own_.path());
  EXPECT_EQ(meter.source(), "RAPL, 2 packages");
  meter.begin();
  put_zone("intel-rapl:0", "package-0", "3500000");
  put_zone("intel-rapl:0:0", "core", "900000");
  put_zone("intel-rapl:1", "package-1", "171150");
  EXPECT_NEAR(meter.end_joules(), 2.5 + 0.5, 1e-9);
  meter.begin();
  EXPECT_EQ(meter.end_joules(), 0);
}

// Breaks when volts are not multiplied with amperes, time is not, or a rail of the module is
// counted beside the module's own.
TEST_F(EnergyMeters, AddUpAJetsonsPower) {
  put_rail("hwmon3", "1", "VDD_IN", "5000", "2000");
  put_rail("hwmon3", "2", "VDD_CPU_GPU_CV", "5000", "900");
  put("hwmon1/name", "tmp451");
  EnergyMeter nx(own_.path());
  EXPECT_EQ(nx.source(), "INA3221, VDD_IN");
  for (int again = 0; again < 2; ++again) {
    const double watts = watts_of(nx);
    EXPECT_GT(watts, 5);
    EXPECT_LE(watts, 10.0001);
  }
}

TEST_F(EnergyMeters, AddUpTheInputsOfAModuleWithoutOne) {
  put_rail("hwmon4", "1", "VDD_GPU_SOC", "20000", "100");
  put_rail("hwmon4", "2", "VDD_CPU_CV", "20000", "200");
  put_rail("hwmon4", "3", "VIN_SYS_5V0", "5000", "800");
  put_rail("hwmon5", "2", "VDDQ_VDD2_1V8AO", "5000", "300");
  EnergyMeter agx(own_.path());
  EXPECT_EQ(agx.source(), "INA3221, VDD_GPU_SOC, VDD_CPU_CV, VIN_SYS_5V0");
  const double watts = watts_of(agx);
  EXPECT_GT(watts, 5);
  EXPECT_LE(watts, 10.0001);
}

// Breaks when nothing is taken for a number, or an end is waited for that never comes.
TEST_F(EnergyMeters, SayWhereNothingSays) {
  put_zone("intel-rapl:0", "package-0", "");        // root's alone
  put_rail("hwmon0", "1", "VDD_SOC", "5000", "1");  // of no module known
  EnergyMeter meter(own_.path());
  EXPECT_EQ(meter.source(), "");
  meter.begin();
  EXPECT_TRUE(std::isnan(meter.end_joules()));
  put_zone("intel-rapl:0", "package-0", "12");
  EnergyMeter lost(own_.path());
  lost.begin();
  put_zone("intel-rapl:0", "package-0", "");
  EXPECT_TRUE(std::isnan(lost.end_joules()));
  put_rail("hwmon0", "2", "VDD_IN", "5000", "1");
  fs::remove_all(own_.path() / "sys/class/powercap");
  EnergyMeter left(own_.path());
  left.begin();  // and never ended
}

}  // namespace
}  // namespace phigrad
