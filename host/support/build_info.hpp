// What this binary was built from and with: printed by `phigrad info`, kept with each run.
#pragma once

namespace phigrad {

struct BuildInfo {
  const char* version;   // of phigrad, as in CMakeLists.txt
  const char* commit;    // git describe --always --dirty; "unknown" outside a repository
  const char* compiler;  // name and version
  const char* flags;     // of every translation unit; an instruction set's own come on top
  const char* cuda;      // nvcc's version; "none" without the CUDA backend
};

/// Constant for the life of the process.
const BuildInfo& build_info();

}  // namespace phigrad
