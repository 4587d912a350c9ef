// What tests of tensor cores share: bundles that the GPU's can do, batches, distances.
#pragma once

#include <cmath>

#include "tests/support/engine_case.hpp"

namespace phigrad {

/// ‖a − b‖ / ‖b‖
inline double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double apart = 0, size = 0;
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < b.size(); ++i) {
    apart += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(apart / size);
}

/// Policies 0 … P − 1 with so many rollouts each.
inline Members members_of(int policies, int rollouts) {
  Members m = Members::first(static_cast<std::size_t>(policies * rollouts));
  m.policies.clear();
  for (int p = 0; p < policies; ++p) m.policies.push_back(static_cast<std::size_t>(p));
  return m;
}

/// An engine with the case's numbers whose network is on tensor cores, or not.
inline EngineSpec tensor_core_spec(const EngineCase& c, const BatchShape& shape, TensorCores t) {
  EngineSpec s = c.spec(shape);
  s.tensor_cores = t;
  return s;
}

/// Bundles that the GPU's tensor cores can do; none where there is no such GPU.
inline std::vector<KernelEntry> tensor_core_entries() {
  std::vector<KernelEntry> some;
  for (const KernelEntry& e : runnable_entries()) {
    if (e.flavour != "cuda" || e.precision != "float" || is_variant(e.kernels)) continue;
    const auto& k = *static_cast<const RobotKernels<float>*>(e.entry());
    if (cuda_capability() >= 8 && k.has_tensor_code != nullptr && k.has_tensor_code()) {
      some.push_back(e);
    }
  }
  return some;
}

}  // namespace phigrad
