// What computed a result.
#pragma once

#include <string>

namespace phigrad {

/// The processor's name and the threads it runs, "Intel(R) Xeon(R), 2 threads".
std::string machine_name();

}  // namespace phigrad
