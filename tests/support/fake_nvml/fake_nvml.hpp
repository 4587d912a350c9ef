// A library with the functions of NVML that are used here, of which a test says what they answer.
#pragma once

#include <string>

namespace phigrad {

struct FakeNvml {
  std::string address = "0000:41:00.0";     // of the one GPU
  int of_initialising = 0, of_reading = 0;  // nvmlReturn_t; 0: success
  unsigned long long millijoules = 0;
  unsigned long long step = 0;  // that each reading adds afterwards
  int initialised = 0;          // times, less those it was shut down
};

/// The state of the library that this process has loaded.
FakeNvml& fake_nvml();

/// The library's file. Beside it lies libfake_nvml_old.so, without the counter of energy.
std::string fake_nvml_file();

}  // namespace phigrad
