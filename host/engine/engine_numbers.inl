// EngineOf: the numbers that a batch is made with: policies, packs, what disturbs it. Part of
// engine_of.cpp.
#pragma once

#include "host/engine/engine_of.hpp"
#include "host/engine/require_size.hpp"

namespace phigrad {
namespace {

/// Whether columns `first` to before `end` of rows of `columns` numbers hold another than 0.
bool any_of_columns(const std::vector<double>& rows, int columns, int first, int end) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto column = static_cast<int>(i % static_cast<std::size_t>(columns));
    if (column >= first && column < end && rows[i] != 0) return true;
  }
  return false;
}

}  // namespace

template <class S>
void EngineOf<S>::set_policies(const std::vector<double>& theta) {
  const auto np = static_cast<std::size_t>(parameters_);
  require_size("the policies", static_cast<std::size_t>(shape_.policies) * np, theta.size());
  has_policies_ = true;
  ahead_.reset();
  if (slots_.shared) {
    staging_.assign(theta.begin(), theta.end());
    theta_shared_.write(staging_);
  } else {
    theta_lane_.fill(slots_, staging_, [&](std::int64_t slot) {
      const std::int64_t p = slots_.trajectory(slot) / shape_.rollouts;
      return theta.data() + static_cast<std::size_t>(p) * np;
    });
  }
}

template <class S>
void EngineOf<S>::set_packs(RowBuffer<S>& buffer, const std::vector<double>& packs, int size) {
  const auto n = static_cast<std::size_t>(size);
  if (packs.size() != n) {
    require_size("a parameter pack", static_cast<std::size_t>(slots_.trajectories()) * n,
                 packs.size());
  }
  buffer.fill(slots_, staging_, [&](std::int64_t slot) {
    const auto b = packs.size() == n ? 0U : static_cast<std::size_t>(slots_.trajectory(slot));
    return packs.data() + b * n;
  });
}

template <class S>
void EngineOf<S>::set_settings(const std::vector<double>& policy) {
  require_size("the policy pack", spec_.policy.size(), policy.size());
  spec_.policy = policy;
  repeatable_ = false;
  ahead_.reset();
}

template <class S>
void EngineOf<S>::disturb(const Disturbance& disturbance) {
  const auto trajectories = static_cast<std::size_t>(slots_.trajectories());
  repeatable_ = false;
  if (!disturbance.faults.empty()) require_samples("faults");
  if (disturbance.keys.empty()) {
    noise_keys_ = {};
    return;
  }
  require_size("the noise keys", trajectories, disturbance.keys.size());
  if (k_.plant_has_own_state && any_of_columns(disturbance.deviation, k_.nx + k_.nu, 0, k_.nx)) {
    throw Error(Exit::input, "noise of the states of a plant that has more of them", "engine",
                "disturb its inputs, or what is seen of it");
  }
  if (noise_keys_.data() == nullptr) {
    noise_keys_ = {*device_, slots_.count};
    noise_deviation_ = rows(sizes_.noise_deviation);
    faults_ = rows(sizes_.faults);
    baseline_ = rows(sizes_.baseline);
    set_packs(baseline_, {0.0}, 1);
  }
  std::vector<NoiseKey> keys;
  for (std::int64_t slot = 0; slot < slots_.count; ++slot) {
    keys.push_back(disturbance.keys[static_cast<std::size_t>(slots_.trajectory(slot))]);
  }
  noise_keys_.write(keys);
  set_packs(noise_deviation_, disturbance.deviation, k_.nx + k_.nu);
  delay_ = disturbance.delay;
  has_faults_ = !disturbance.faults.empty();
  if (has_faults_) set_packs(faults_, disturbance.faults, fault_numbers(k_.nx, k_.nu));
  const int sensor = k_.nx, loss = 2 * k_.nx + k_.nu, all = fault_numbers(k_.nx, k_.nu);
  drawn_ = {any_of_columns(disturbance.deviation, k_.nx + k_.nu, 0, k_.nx + k_.nu),
            any_of_columns(disturbance.faults, all, sensor, 2 * k_.nx),
            any_of_columns(disturbance.faults, all, loss, all)};
}

template <class S>
void EngineOf<S>::set_baseline(const std::vector<double>& cost) {
  if (noise_keys_.data() == nullptr) {
    throw Error(Exit::input, "a baseline without noise", "engine", "disturb simulations first");
  }
  set_packs(baseline_, cost, 1);
}

template <class S>
void EngineOf<S>::differentiate(Derivatives of) {
  if (of == Derivatives::plant && !k_.plant_is_of_model_type) {
    throw Error(Exit::input, "the plant of this robot has no derivatives here", spec_.kernels,
                "its plant is not of the model's type: compare with finite differences instead");
  }
  of_plant_ = of == Derivatives::plant;
  ahead_.reset();
}

}  // namespace phigrad
