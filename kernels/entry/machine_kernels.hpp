// What an instruction set can do at most, to hold the speed of kernels against.
#pragma once

#include <cstdint>

namespace phigrad {

/// One CPU flavour's loops; each is called from as many threads as there are.
struct MachineKernels {
  int float_lanes, double_lanes;  // multiply-adds an instruction
  bool fused;                     // a multiply-add is one instruction, else two
  int chains;                     // independent multiply-adds a round
  /// So many rounds in registers alone, `chains` multiply-adds in every lane; gives what keeps the
  /// compiler from leaving them out.
  float (*multiply_add_float)(std::int64_t rounds);
  double (*multiply_add_double)(std::int64_t rounds);
  /// a = b + c / 2 over [begin, end), McCalpin's triad (STREAM, 1995): 12 bytes an element.
  void (*triad)(float* a, const float* b, const float* c, std::int64_t begin, std::int64_t end);
};

}  // namespace phigrad
