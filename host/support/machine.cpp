#include "host/support/machine.hpp"

#include <sys/utsname.h>

#include <fstream>
#include <thread>

namespace phigrad {

std::string machine_name() {
  std::string name;
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; name.empty() && std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      name = line.substr(colon + 2);
    }
  }
  struct utsname system;
  if (name.empty() && ::uname(&system) == 0) name = system.machine;  // ARM names no model
  return name + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads";
}

}  // namespace phigrad
