// EngineOf: scores, and what the host reads of a batch. Part of engine_of.cpp.
#pragma once

#include "host/engine/engine_of.hpp"

namespace phigrad {

template <class S>
std::vector<double> EngineOf<S>::column(const RowBuffer<S>& buffer, std::int64_t b) const {
  const S* const data = buffer.on_host(read_back_);
  std::vector<double> values(static_cast<std::size_t>(buffer.rows()));
  for (std::int64_t row = 0; row < buffer.rows(); ++row) {
    values[static_cast<std::size_t>(row)] =
        static_cast<double>(data[buffer.index(row, slots_.slot(b))]);
  }
  return values;
}

template <class S>
std::vector<std::vector<double>> EngineOf<S>::columns(const RowBuffer<S>& buffer) const {
  std::vector<S> copied;
  const S* const data = buffer.on_host(copied);
  std::vector<std::vector<double>> all(static_cast<std::size_t>(slots_.trajectories()));
  for (std::size_t b = 0; b < all.size(); ++b) {
    const std::int64_t slot = slots_.slot(static_cast<std::int64_t>(b));
    all[b].reserve(static_cast<std::size_t>(buffer.rows()));
    for (std::int64_t row = 0; row < buffer.rows(); ++row) {
      all[b].push_back(static_cast<double>(data[buffer.index(row, slot)]));
    }
  }
  return all;
}

template <class S>
ScoreView<S> EngineOf<S>::score_view(const Windows& windows) {
  return {window(windows), spec_.objective.data(), loss_.view(), path_error_.view()};
}

template <class S>
void EngineOf<S>::score(const Windows& windows, Scores& scores) {
  if (!ahead_.scored || !(ahead_.windows == windows)) {
    if (recomputes()) {
      score_again(score_view(windows));
    } else {
      device_->run(k_.score, ScoreArgs<S>{batch(), score_view(windows)}, slots_.blocks());
    }
  }
  const auto read = [&](const RowBuffer<S>& buffer, std::vector<double>& into) {
    const S* const data = buffer.on_host(read_back_);  // one row: slot by slot
    into.resize(static_cast<std::size_t>(slots_.trajectories()));
    for (std::int64_t b = 0; b < slots_.trajectories(); ++b) {
      into[static_cast<std::size_t>(b)] = static_cast<double>(data[slots_.slot(b)]);
    }
  };
  read(loss_, scores.loss);
  read(path_error_, scores.path_error);
}

template <class S>
Trajectory EngineOf<S>::trajectory(std::int64_t b) const {
  if (recomputes()) return trajectory_again(b);
  return {column(states_, b), column(inputs_, b), column(decisions_, b),
          static_cast<int>(column(status_, b)[0])};
}

template <class S>
std::vector<double> EngineOf<S>::decision_gradient(std::int64_t b) const {
  return column(decision_bar_, b);
}

}  // namespace phigrad
