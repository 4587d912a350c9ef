#include "host/support/machine.hpp"

#include <sys/utsname.h>

#include <fstream>

namespace phigrad {

std::string machine_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line, model;
  int processors = 0;
  while (std::getline(cpuinfo, line)) {
    const auto colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && model.empty() && colon != std::string::npos) {
      model = line.substr(colon + 2);
    }
    if (line.rfind("processor", 0) == 0) ++processors;
  }
  utsname name{};
  uname(&name);
  return (model.empty() ? std::string(name.machine) : model) + ", " + std::to_string(processors) +
         (processors == 1 ? " processor" : " processors");
}

}  // namespace phigrad
