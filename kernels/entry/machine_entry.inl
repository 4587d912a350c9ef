// The body of a generated CPU unit: the loops of one instruction set that its ceilings are measured
// with. No standard library, as in cpu_entry.inl.
#include "kernels/entry/machine_kernels.hpp"
#include "kernels/math/lanes.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Latency times ports of the widest processors is 8 to 10; with two constants 12 chains fit the 16
/// registers of AVX2.
constexpr int multiply_add_chains = 12;

template <class S>
S multiply_add_rounds(std::int64_t rounds) {
  using Real = lanes_t<S>;
  const Real a = Real(S(0.5)), b = Real(S(0.25));
  Real x[multiply_add_chains];
  for (int i = 0; i < multiply_add_chains; ++i) x[i] = Real(static_cast<S>(i));
  for (std::int64_t n = 0; n < rounds; ++n) {
    for (int i = 0; i < multiply_add_chains; ++i) {
      // Where there are no lanes there is no such instruction: fma() would be several.
      if constexpr (width_v<Real> == 1) {
        x[i] = x[i] * a + b;
      } else {
        x[i] = fma(x[i], a, b);
      }
    }
  }
  Real sum = x[0];
  for (int i = 1; i < multiply_add_chains; ++i) sum = sum + x[i];
  S first;
  if constexpr (width_v<Real> == 1) {
    first = sum;
  } else {
    first = sum[0];
  }
  return first;
}

inline void triad_between(float* a, const float* b, const float* c, std::int64_t begin,
                          std::int64_t end) {
  using Real = lanes_t<float>;
  constexpr int width = width_v<Real>;
  std::int64_t i = begin;
  for (; i + width <= end; i += width) {
    store(fma(load<Real>(c + i), Real(0.5F), load<Real>(b + i)), a + i);
  }
  for (; i < end; ++i) a[i] = fma(c[i], 0.5F, b[i]);
}

}  // namespace PHI_ISA
}  // namespace phigrad

extern "C" const void* PHI_ENTRY();
extern "C" const void* PHI_ENTRY() {
  using namespace phigrad;
  static const MachineKernels table = {
      width_v<lanes_t<float>>, width_v<lanes_t<double>>,    width_v<lanes_t<float>> != 1,
      multiply_add_chains,     &multiply_add_rounds<float>, &multiply_add_rounds<double>,
      &triad_between};
  return &table;
}
