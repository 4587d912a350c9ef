// What a robot did beyond its model, x_{k+1} - F̂(x_k, u_{k-d}), beside the terms of the model that
// could account for it, summed up for least squares by state, lag d and cluster.
#pragma once

#include <string>
#include <vector>

#include "host/identify/regression.hpp"
#include "host/robots/registered.hpp"
#include "host/rollouts/logged_rollout.hpp"

namespace phigrad {

struct IdentifyOptions {
  int horizon = 5;           // samples that residuals and terms are averaged over
  double max_lag_s = 0.5;    // longest lag of the inputs that is tried
  bool all_samples = false;  // also those before gradient.drop_segments and after the windows' end
};

/// What the residual of one state is regressed on: parameters of the model, or the model's whole
/// increment of that state where it has none; then an offset a second.
struct StateTerms {
  std::vector<int> parameters;
  bool own_motion = false;
  bool offset = false;
  bool has_input = false;  // an input moves this state in one step: it has a lag

  int count() const {
    return static_cast<int>(parameters.size()) + (own_motion ? 1 : 0) + (offset ? 1 : 0);
  }
};

/// A sample at which derivatives are taken.
struct SamplePoint {
  std::vector<double> x, u;
  int cluster;
};

struct Residuals {
  std::vector<StateTerms> terms;                                  // [nx]
  std::vector<std::vector<std::vector<RegressionSums>>> moments;  // [nx][lags][clusters]
  std::vector<SamplePoint> points;                                // evenly among the samples
  int clusters = 0;
  bool by_rollout = true;  // a cluster is a rollout, or a stretch of one
  int rollouts = 0;        // that samples came from
  int samples = 0;         // averages over `horizon` samples, one beginning at each sample
  std::vector<std::string> left_out;  // what was not used, and why
};

/// Throws Error(Exit::input) where nothing, or too little, can be used.
Residuals residuals_of(const Experiment& experiment, const std::vector<LoggedRollout>& rollouts,
                       const IdentifyOptions& options);

}  // namespace phigrad
