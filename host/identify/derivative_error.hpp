// The error of the model's derivatives along the samples, from the errors of its terms.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/identify/residuals.hpp"

namespace phigrad {

/// Errors of the terms: [nx][terms of the state], with all clusters (-1) or without one; NaN where
/// there is no estimate.
using TermErrors = std::function<std::vector<std::vector<double>>(int leave_out)>;

/// The error of one entry of [∂F̂/∂x, ∂F̂/∂u] over one step of dt_s, truth less model.
struct EntryError {
  std::string of, by;  // state, state or input
  bool by_input;
  double model_rms;    // of the model's own entry
  Interval mean, rms;  // over the samples; NaN where a term in it is refused
};

struct DerivativeError {
  std::vector<EntryError> entries;  // that the terms can move
  Interval mean, max;               // over the samples, of the largest singular value; NaN as above
};

DerivativeError derivative_error(const Experiment& experiment, const Residuals& residuals,
                                 const TermErrors& errors);

}  // namespace phigrad
