// EngineOf: recomputed commands, Jacobians and state-transition matrices, on request. Part of
// engine_of.cpp.
#pragma once

#include "host/engine/engine_of.hpp"
#include "kernels/gradient/growth_bins.hpp"

namespace phigrad {

template <class S>
std::vector<std::vector<double>> EngineOf<S>::commands(bool from_setpoints) {
  require_samples("commands");
  const RowBuffer<S> out = rows(sizes_.inputs);
  device_->run(
      k_.command,
      CommandArgs<S>{batch(), policy(), from_setpoints ? setpoints_.view() : Rows<S>{}, out.view()},
      slots_.blocks());
  return columns(out);
}

template <class S>
std::vector<Linearisation> EngineOf<S>::linearise() {
  require_samples("Jacobians");
  const RowBuffer<S> J_next_x = rows(sizes_.loops);
  const RowBuffer<S> J_next_u = rows(sizes_.input_jacobians);
  const RowBuffer<S> J_u_x = rows(sizes_.input_jacobians);
  const RowBuffer<S> closed = rows(sizes_.loops);
  device_->run(k_.linearise,
               LineariseArgs<S>{batch(), policy(), dynamics(), integrator(), J_next_x.view(),
                                J_next_u.view(), J_u_x.view(), closed.view()},
               slots_.blocks());
  auto x = columns(J_next_x), u = columns(J_next_u), feedback = columns(J_u_x),
       loops = columns(closed);
  std::vector<Linearisation> all;
  for (std::size_t b = 0; b < x.size(); ++b) {
    all.push_back({std::move(x[b]), std::move(u[b]), std::move(feedback[b]), std::move(loops[b])});
  }
  return all;
}

template <class S>
RowBuffer<S> EngineOf<S>::closed_loops(RowBuffer<S>& lengths, int& longest) {
  require_samples("transition matrices");
  const std::int64_t size = std::int64_t{k_.nx} * k_.nx;
  RowBuffer<S> closed = rows(sizes_.loops);
  device_->run(
      k_.linearise,
      LineariseArgs<S>{batch(), policy(), dynamics(), integrator(), {}, {}, {}, closed.view()},
      slots_.blocks());
  if (!shape_.ragged) {
    longest = shape_.slots();
    const double all = longest;
    lengths.fill(slots_, staging_, [&](std::int64_t) { return &all; });
    return closed;
  }
  std::vector<S> padded;
  closed.read(padded);
  std::vector<S> counts;
  count_.read(counts);
  std::vector<S> dense(padded.size(), S(0));
  std::vector<S> length(static_cast<std::size_t>(lengths.size()), S(0));
  longest = 0;
  for (std::int64_t slot = 0; slot < slots_.count; ++slot) {
    std::int64_t n = 0;
    for (int j = 0; j < shape_.segments; ++j) {
      for (int k = 0; k < shape_.steps_per_segment; ++k) {
        if (static_cast<S>(k) >= counts[static_cast<std::size_t>(count_.index(j, slot))]) continue;
        const std::int64_t from = (std::int64_t{j} * shape_.steps_per_segment + k) * size;
        for (std::int64_t i = 0; i < size; ++i) {
          dense[static_cast<std::size_t>(closed.index(n * size + i, slot))] =
              padded[static_cast<std::size_t>(closed.index(from + i, slot))];
        }
        ++n;
      }
    }
    length[static_cast<std::size_t>(lengths.index(0, slot))] = static_cast<S>(n);
    longest = std::max(longest, static_cast<int>(n));
  }
  closed.write(dense);
  lengths.write(length);
  return closed;
}

template <class S>
std::vector<std::vector<TransitionMatrix>> EngineOf<S>::transition(
    const std::vector<std::pair<int, int>>& pairs) {
  RowBuffer<S> lengths = rows(1);
  int longest = 0;
  const RowBuffer<S> closed = closed_loops(lengths, longest);
  std::vector<std::int32_t> flat;
  for (const auto& [t, s] : pairs) {
    if (s < 0 || t < s || t > longest) {
      throw Error(
          Exit::input,
          "no transition matrix from step " + std::to_string(s) + " to " + std::to_string(t),
          "engine", "use 0 <= s <= t <= " + std::to_string(longest));
    }
    flat.push_back(t);
    flat.push_back(s);
  }
  const auto n = static_cast<std::int64_t>(pairs.size());
  const std::int64_t size = std::int64_t{k_.nx} * k_.nx;
  DeviceArray<std::int32_t> list(*device_, 2 * n);
  list.write(flat);
  const RowBuffer<S> phi = rows(n * size);
  const RowBuffer<S> exponent = rows(n);
  device_->run(k_.transition,
               TransitionArgs<S>{closed.view(), list.data(), static_cast<int>(n), phi.view(),
                                 exponent.view()},
               slots_.blocks());
  std::vector<std::vector<TransitionMatrix>> all;
  const auto mantissas = columns(phi), powers = columns(exponent);
  for (std::size_t b = 0; b < mantissas.size(); ++b) {
    const std::vector<double>& entries = mantissas[b];
    const std::vector<double>& exponents = powers[b];
    std::vector<TransitionMatrix> matrices;
    for (std::int64_t i = 0; i < n; ++i) {
      const auto at = entries.begin() + i * size;
      matrices.push_back({{at, at + size}, exponents[static_cast<std::size_t>(i)]});
    }
    all.push_back(std::move(matrices));
  }
  return all;
}

template <class S>
std::vector<GrowthCurve> EngineOf<S>::growth(int max_lag, GrowthCounts* counts) {
  RowBuffer<S> lengths = rows(1);
  int longest = 0;
  const RowBuffer<S> closed = closed_loops(lengths, longest);
  max_lag = std::min(max_lag, longest);
  if (max_lag < 1) {
    throw Error(Exit::input, "no growth over less than one step", "engine",
                "use a lag of at least 1 and trajectories of at least one step");
  }
  const RowBuffer<S> log_mean = rows(max_lag);
  const RowBuffer<S> log_max = rows(max_lag);
  const RowBuffer<S> exponent = rows(max_lag);
  DeviceArray<std::uint32_t> counted;
  GrowthCountsView<S> view{};
  if (counts != nullptr) {
    const std::int64_t parts = shape_.policies / counts->policies;
    counted = {*device_, parts * max_lag * growth_bins};
    view = {counted.data(),   status_.view(),    shape_.policies,
            counts->policies, slots_.per_policy, shape_.rollouts};
  }
  device_->run(k_.growth,
               GrowthArgs<S>{closed.view(), lengths.view(), longest, max_lag, log_mean.view(),
                             log_max.view(), exponent.view(), view},
               slots_.blocks());
  if (counts != nullptr) counted.read(counts->counts);
  auto means = columns(log_mean), largest = columns(log_max);
  std::vector<GrowthCurve> all;
  for (std::size_t b = 0; b < means.size(); ++b) {
    all.push_back({std::move(means[b]), std::move(largest[b])});
  }
  return all;
}

template <class S>
std::vector<std::array<double, n_suprema>> EngineOf<S>::suprema(const Windows& windows) {
  require_samples("suprema");
  const bool of_plant = of_plant_;
  RowBuffer<S> x[2], u[2];
  for (const Derivatives of : {Derivatives::plant, Derivatives::model}) {
    differentiate(of);
    const auto i = static_cast<std::size_t>(of == Derivatives::model);
    x[i] = rows(sizes_.loops);
    u[i] = rows(sizes_.input_jacobians);
    device_->run(k_.linearise,
                 LineariseArgs<S>{
                     batch(), policy(), dynamics(), integrator(), x[i].view(), u[i].view(), {}, {}},
                 slots_.blocks());
  }
  of_plant_ = of_plant;
  const RowBuffer<S> out = rows(n_suprema);
  device_->run(k_.suprema,
               SupremaArgs<S>{batch(), policy(), window(windows), spec_.objective.data(),
                              x[0].view(), u[0].view(), x[1].view(), u[1].view(), out.view()},
               slots_.blocks());
  const auto rows_of = columns(out);
  std::vector<std::array<double, n_suprema>> all(rows_of.size());
  for (std::size_t b = 0; b < all.size(); ++b) {
    std::copy(rows_of[b].begin(), rows_of[b].end(), all[b].begin());
  }
  return all;
}

}  // namespace phigrad
