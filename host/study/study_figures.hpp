// The figures of a study's report.
#pragma once

#include <string>
#include <vector>

#include "host/report/figures.hpp"
#include "host/study/study.hpp"

namespace phigrad {

/// Curves of a figure, as many as there are colours.
inline constexpr std::size_t most_curves = 6;

/// Each measured quantity against each key of abscissae(), with the fitted laws. A figure has six
/// curves at most; its caption says what it leaves out.
std::vector<CurvesFigure> quantity_figures(const StudyPlan& plan,
                                           const std::vector<nlohmann::ordered_json>& rows,
                                           const std::vector<StudyFit>& fits);

/// Growth of ‖Φ‖ by lag, a figure a cell, of six cells at most.
std::vector<CurvesFigure> growth_figures(const std::vector<nlohmann::ordered_json>& rows);

/// Indices of `count` things of which `most` at most are shown: evenly spaced, both ends.
std::vector<std::size_t> shown_of(std::size_t count, std::size_t most);

/// "rollout.segments^4.99 (4.97 to 5.01)" or "exp(0.38 rollout.segments) …".
std::string law_text(const StudyFit& fit);

/// Keys and values, an object by its "type" where that tells enough: "policy open_loop,
/// plant.a 1.3".
std::string keys_text(const nlohmann::ordered_json& keys);

/// "value (low to high)", the interval where there is one.
std::string interval_html(const Estimate& estimate);

}  // namespace phigrad
