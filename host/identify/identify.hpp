// How wrong the model's derivatives are, from rollouts of the robot (Δ of the paper's Theorem 1),
// with what would mend them.
//
// The estimator: residuals x_{k+1} - F̂(x_k, u_{k-d}) of each state, averaged over a horizon, are
// regressed on the model's terms by least squares. The lag d is the one with the largest R², its
// interval is from 400 bootstraps of clusters; every other interval is a jackknife over clusters
// with Student's t, at that lag. A cluster is a rollout, or a stretch of one where there are fewer
// than five. The average tames noise of the measurements; noise that drives the state and is not
// small against its movement within a horizon biases what multiplies that state: shorten it then.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/identify/derivative_error.hpp"

namespace phigrad {

/// One term of one state, its error truth less model.
struct IdentifiedTerm {
  std::string name;   // key in a config, "own motion" (a factor), "offset" (a second)
  std::string moved;  // input that it multiplies; empty: states alone
  double model;       // the model's own number
  Interval estimate;
  double without_lag;                // estimate at d = 0
  Interval first_half, second_half;  // of the clusters
  bool drifts = false;               // the halves' difference is not noise
  double unique;                     // share of its variation that no other term has
  std::string refused;               // why there is no estimate; empty: there is
  std::vector<std::string> poor;     // why it is poorly identified; empty: it is not
};

struct IdentifiedState {
  std::string state;
  std::optional<Interval> lag_s;  // where an input moves the state
  bool lag_at_edge = false;       // of the lags tried
  /// Of what the input does, x_{k+1} - F̂(x_k, 0), or of a state without a term, x_{k+1} - x_k; NaN
  /// where that is constant.
  Interval r2;
  double r2_without_lag;
  double condition;  // of the terms, each scaled to length 1
  std::vector<IdentifiedTerm> terms;
};

struct Suggestion {
  std::string key;
  double value;
  std::string kept;  // why it is the model's own number; empty: it is an estimate
};

struct Identification {
  int rollouts, samples, clusters;
  bool by_rollout;
  std::vector<IdentifiedState> states;
  DerivativeError error;
  std::string error_incomplete;  // what Δ̂ does not count; empty: all terms
  std::vector<Suggestion> suggested;
  std::string beside;  // assignment to go with them; may be empty
  std::vector<std::string> left_out;
};

/// Throws Error(Exit::input) for a robot that has not given its equations, or too little to use.
Identification identify(const Experiment& experiment, const std::vector<LoggedRollout>& rollouts,
                        const IdentifyOptions& options);

}  // namespace phigrad
