// The energy meter against files laid out as the kernel lays them out, and a library with NVML's
// functions.
#include "host/bench/energy.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <fstream>

#include "tests/support/fake_nvml/fake_nvml.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad {
namespace {

namespace fs = std::filesystem;

class EnergyMeters : public ::testing::Test {
 public:
  EnergyMeters() { fake_nvml() = {}; }

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
  const EnergySources sources_{own_.path(), fake_nvml_file()};
};

// Breaks when a part of a package is counted beside it, a counter that began again is taken for
// less than nothing, or one of two packages is left out.
TEST_F(EnergyMeters, CountWhatPackagesCount) {
  put_zone("intel-rapl:0", "package-0", "1000000");
  put_zone("intel-rapl:0:0", "core", "500000");
  put_zone("intel-rapl:1", "package-1", "262143000000");
  EnergyMeter meter(sources_);
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
  EnergyMeter nx(sources_);
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
  EnergyMeter agx(sources_);
  EXPECT_EQ(agx.source(), "INA3221, VDD_GPU_SOC, VDD_CPU_CV, VIN_SYS_5V0");
  const double watts = watts_of(agx);
  EXPECT_GT(watts, 5);
  EXPECT_LE(watts, 10.0001);
}

// Breaks when nothing is taken for a number, or an end is waited for that never comes.
TEST_F(EnergyMeters, SayWhereNothingSays) {
  put_zone("intel-rapl:0", "package-0", "");        // root's alone
  put_rail("hwmon0", "1", "VDD_SOC", "5000", "1");  // of no module known
  EnergyMeter meter(sources_);
  EXPECT_EQ(meter.source(), "");
  meter.begin();
  EXPECT_TRUE(std::isnan(meter.end_joules()));
  put_zone("intel-rapl:0", "package-0", "12");
  EnergyMeter lost(sources_);
  lost.begin();
  put_zone("intel-rapl:0", "package-0", "");
  EXPECT_TRUE(std::isnan(lost.end_joules()));
  put_rail("hwmon0", "2", "VDD_IN", "5000", "1");
  fs::remove_all(own_.path() / "sys/class/powercap");
  EnergyMeter left(sources_);
  left.begin();  // and never ended
}

// Breaks when millijoules are taken for something else, one of the two is not counted, or a GPU is
// that idles beside the work.
TEST_F(EnergyMeters, CountTheGpuThatWorkRunsOn) {
  put_zone("intel-rapl:0", "package-0", "1000000");
  fake_nvml().millijoules = 70000;
  {
    EnergyMeter meter(sources_);
    meter.begin();
    fake_nvml().millijoules += 900;
    put_zone("intel-rapl:0", "package-0", "1250000");
    EXPECT_NEAR(meter.end_joules(), 0.25, 1e-9);
    EXPECT_EQ(meter.source(), "RAPL, 1 package");
    for (int again = 0; again < 2; ++again) {
      put_zone("intel-rapl:0", "package-0", "1000000");
      meter.begin(fake_nvml().address);
      EXPECT_EQ(fake_nvml().initialised, 1);
      fake_nvml().millijoules += 2500;
      put_zone("intel-rapl:0", "package-0", "2000000");
      EXPECT_NEAR(meter.end_joules(), 2.5 + 1, 1e-9);
    }
    EXPECT_EQ(meter.source(), "RAPL, 1 package; NVML, 1 GPU");
    meter.begin();
    fake_nvml().millijoules += 900;
    EXPECT_EQ(meter.end_joules(), 0);
  }
  EXPECT_EQ(fake_nvml().initialised, 0);
  fs::remove_all(own_.path() / "sys/class/powercap");
  EnergyMeter alone(sources_);
  alone.begin(fake_nvml().address);
  fake_nvml().millijoules += 40;
  EXPECT_NEAR(alone.end_joules(), 0.04, 1e-9);
  EXPECT_EQ(alone.source(), "NVML, 1 GPU");
}

// Breaks when a GPU that does not say is an error, takes away what the processor says, or is named.
TEST_F(EnergyMeters, DoWithoutAGpuThatDoesNotSay) {
  const auto expect_silence = [&](const std::string& nvml, const std::string& address) {
    fs::remove_all(own_.path() / "sys/class/powercap");
    const EnergySources sources{own_.path(), nvml, 60};
    EnergyMeter nothing(sources);
    nothing.begin(address);
    EXPECT_TRUE(nothing.long_enough());
    EXPECT_TRUE(std::isnan(nothing.end_joules()));
    EXPECT_EQ(nothing.source(), "");
    put_zone("intel-rapl:0", "package-0", "1000000");
    EnergyMeter processor(sources);
    processor.begin(address);
    EXPECT_EQ(processor.end_joules(), 0);
    EXPECT_EQ(processor.source(), "RAPL, 1 package");
  };
  const auto expect_silence_when = [&](int FakeNvml::*answer) {
    fake_nvml() = {};
    fake_nvml().*answer = 3;  // NVML_ERROR_NOT_SUPPORTED
    expect_silence(sources_.nvml, fake_nvml().address);
    EXPECT_EQ(fake_nvml().initialised, 0);
  };
  const std::string there = fake_nvml().address;
  const fs::path old = fs::path(sources_.nvml).replace_filename("libfake_nvml_old.so");
  ASSERT_TRUE(fs::exists(old));
  expect_silence(old, there);
  expect_silence("libnvidia-ml-that-is-not-there.so.1", there);
  expect_silence(own_.path(), there);
  expect_silence(sources_.nvml, "0000:01:00.0");
  expect_silence_when(&FakeNvml::of_initialising);
  expect_silence_when(&FakeNvml::of_reading);
}

// Breaks when a counter that began again, or was lost, is taken for a number.
TEST_F(EnergyMeters, SayNothingOfAGpuThatWasLost) {
  EnergyMeter meter(sources_);
  fake_nvml().millijoules = 5000;
  meter.begin(fake_nvml().address);
  fake_nvml().millijoules = 4999;
  EXPECT_TRUE(std::isnan(meter.end_joules()));
  meter.begin(fake_nvml().address);
  fake_nvml().millijoules = 6000;
  fake_nvml().of_reading = 15;  // NVML_ERROR_GPU_IS_LOST
  EXPECT_TRUE(std::isnan(meter.end_joules()));
}

// Breaks when a Jetson's GPU is counted twice: its monitor measures it with the rest.
TEST_F(EnergyMeters, LeaveAJetsonsGpuToItsMonitor) {
  put_rail("hwmon3", "1", "VDD_IN", "5000", "2000");
  EnergyMeter meter(sources_);
  meter.begin(fake_nvml().address);
  EXPECT_EQ(fake_nvml().initialised, 0);
  EXPECT_TRUE(meter.long_enough());
  fake_nvml().millijoules += 1000000;
  EXPECT_LT(meter.end_joules(), 900);
  EXPECT_EQ(meter.source(), "INA3221, VDD_IN");
}

// Breaks when what a GPU's counter has not seen yet is taken for all, or a processor waits for it.
TEST_F(EnergyMeters, GoOnUntilAGpusSteps) {
  const auto long_enough = [&](double gpu_seconds, const std::string& gpu) {
    EnergyMeter meter({own_.path(), sources_.nvml, gpu_seconds});
    meter.begin(gpu);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return meter.long_enough();
  };
  EXPECT_FALSE(long_enough(60, fake_nvml().address));
  EXPECT_TRUE(long_enough(0.01, fake_nvml().address));
  EXPECT_TRUE(long_enough(60, ""));
}

}  // namespace
}  // namespace phigrad
