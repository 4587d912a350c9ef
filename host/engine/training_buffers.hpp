// What an engine holds to train its policies where they lie.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "host/engine/buffer_sizes.hpp"
#include "kernels/entry/update_arguments.hpp"

namespace phigrad {

template <class S>
struct TrainingBuffers {
  TrainingBuffers(Device& device, const BufferSizes& sizes, const std::vector<UpdateRule>& of,
                  int updates_at_most)
      : adam(of.front().adam),
        policies_per_rule(sizes.slots.policies / static_cast<int>(of.size())),
        most_updates(updates_at_most),
        count(device, 1),
        starts(device, sizes.iterations * sizes.n.value(), sizes.slots.count, sizes.slots.width),
        times(device, sizes.iterations * sizes.slots.count),
        losses(device, sizes.iterations * sizes.slots.count),
        path_errors(device, sizes.iterations * sizes.slots.count),
        norms(device, std::int64_t{sizes.iterations} * sizes.slots.policies),
        used(device, std::int64_t{sizes.iterations} * sizes.slots.policies),
        theta(device, sizes.master.value()),
        moments(device, adam ? 2 * sizes.master.value() : 0),
        updates(device, sizes.slots.policies),
        rules(device, static_cast<std::int64_t>(of.size())),
        bias(device, adam ? 2 * rules.size() * most_updates : 0) {
    rules.write(of);
    if (adam) bias.write(biases(of));
  }

  bool adam;
  int policies_per_rule, most_updates;
  // As BeginIterationArgs and UpdateArgs have them.
  DeviceArray<IterationCount> count;
  RowBuffer<S> starts;
  DeviceArray<double> times;
  DeviceArray<S> losses, path_errors;
  DeviceArray<double> norms;
  DeviceArray<std::int32_t> used;
  DeviceArray<double> theta, moments;
  DeviceArray<std::int32_t> updates;
  DeviceArray<UpdateRule> rules;
  DeviceArray<double> bias;
  // The host's.
  std::vector<double> staged_times;
  int made = 0;  // updates

 private:
  std::vector<double> biases(const std::vector<UpdateRule>& of) const {
    std::vector<double> all;
    for (const UpdateRule& rule : of) {
      for (double n = 1; n <= most_updates; ++n) {
        all.push_back(1 - std::pow(rule.beta1, n));
        all.push_back(1 - std::pow(rule.beta2, n));
      }
    }
    return all;
  }
};

}  // namespace phigrad
