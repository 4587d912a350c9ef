// What the tests of the run store share: a folder that goes away, iterations with known bits, and
// functions run in a process of their own.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "host/store/metrics_journal.hpp"
#include "host/store/run_store.hpp"
#include "host/support/error.hpp"
#include "tests/support/file_text.hpp"
#include "tests/support/temporary_directory.hpp"

namespace phigrad::testing {

/// Numbers that depend on every argument, so that a mix-up shows.
inline std::vector<double> numbers(int count, int iteration, int salt) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    values[static_cast<std::size_t>(i)] = std::sin(1.7 * i + 31.0 * iteration + salt);
  return values;
}

inline Array array_of(const std::vector<double>& values, const std::vector<std::int64_t>& shape) {
  return Array::of(values.data(), shape);
}

inline StoredRollout make_rollout(int iteration, int policy, int rollout) {
  const int salt = 100 * policy + rollout;
  return {iteration,
          policy,
          rollout,
          "simulated",
          {{"states", array_of(numbers(6 * 4, iteration, salt), {6, 4})},
           {"inputs", array_of(numbers(5 * 2, iteration, salt + 1), {5, 2})},
           {"times", array_of(numbers(6, iteration, salt + 2), {6})}}};
}

/// Iteration `index` of a run of `policies` policies; the same bits each time.
inline Iteration make_iteration(int index, int policies = 3, int parameters = 700) {
  Iteration iteration;
  iteration.index = index;
  for (int p = 0; p < policies; ++p)
    iteration.metrics.push_back({p, 100.0 / (index + p + 1), 0.1 * p, 3.0 + index, 6e-3});
  iteration.policies = array_of(numbers(policies * parameters, index, 5), {policies, parameters});
  iteration.optimiser = array_of(numbers(policies * 2, index, 6), {policies, 2});
  iteration.rollouts = policies;
  iteration.rollout = [index](std::int64_t p) {
    return make_rollout(index, static_cast<int>(p), 0);
  };
  iteration.events = {"verdict of iteration " + std::to_string(index)};
  return iteration;
}

inline bool same(const StoredRollout& a, const StoredRollout& b) {
  return a.iteration == b.iteration && a.policy == b.policy && a.rollout == b.rollout &&
         a.provenance == b.provenance && a.arrays == b.arrays;
}

/// Empty if iterations 0 … count-1 and nothing else are in the store, bit for bit.
inline std::string difference(const RunStore& store, int count) {
  if (store.next_iteration() != count)
    return std::to_string(store.next_iteration()) + " iterations, not " + std::to_string(count);
  const auto metrics = store.metrics();
  const auto events = store.events();
  for (int i = 0; i < count; ++i) {
    const std::string place = " differ at iteration " + std::to_string(i);
    const Iteration expected = make_iteration(i);
    const std::vector<Metric>& found = metrics.at(static_cast<std::size_t>(i));
    if (metrics_lines(i, found) != metrics_lines(i, expected.metrics)) return "metrics" + place;
    if (store.policies(i) != expected.policies) return "policies" + place;
    const auto rollouts = store.rollouts(i);
    if (static_cast<std::int64_t>(rollouts.size()) != expected.rollouts)
      return "rollout counts" + place;
    for (std::size_t r = 0; r < rollouts.size(); ++r)
      if (!same(rollouts[r], expected.rollout(static_cast<std::int64_t>(r))))
        return "rollouts" + place;
    if (events.at(static_cast<std::size_t>(i)).text != expected.events[0]) return "events" + place;
  }
  const auto latest = store.latest();
  if (count == 0) return latest ? "a checkpoint from nothing" : "";
  if (!latest || latest->iteration != count - 1) return "no checkpoint of the last iteration";
  const Iteration last = make_iteration(count - 1);
  if (latest->policies != last.policies) return "the checkpoint's policies differ";
  if (latest->optimiser != last.optimiser) return "the checkpoint's optimiser differs";
  return "";
}

/// The text of the Error that `action` throws, checked to be one line; fails the test without one.
inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::input);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

/// Runs `action` in a forked process and returns the text it returned, or "threw: …".
inline std::string in_child(const std::function<std::string()>& action) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw std::runtime_error("pipe failed");
  const pid_t child = fork();
  if (child == 0) {
    std::string text;
    try {
      text = action();
    } catch (const std::exception& error) {
      text = std::string("threw: ") + error.what();
    }
    const ssize_t written = write(pipe_ends[1], text.data(), text.size());
    _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  close(pipe_ends[1]);
  std::string text;
  char buffer[512];
  for (ssize_t n = 0; (n = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "the child did not end well";
  return text;
}

}  // namespace phigrad::testing
