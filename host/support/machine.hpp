// The machine that a result comes from.
#pragma once

#include <string>

namespace phigrad {

/// "AMD EPYC, 2 processors" as the kernel tells it.
std::string machine_name();

}  // namespace phigrad
