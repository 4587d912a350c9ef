// Every threshold of a diagnosis, and why it is where it is. They were chosen on the synthetic runs
// of one seed and on the recorded car; the test judges runs of another seed.
#pragma once

namespace phigrad::thresholds {

/// Of all intervals.
inline constexpr double confidence = 0.95;
/// Growth over a rollout's steps from which an unstable loop is one: less is within what the
/// transient M of a stable loop does (the paper's pendulum: 9 after one step).
inline constexpr double growth = 10;
/// Cosine to the true gradient below which half of each step, and more, goes sideways (60°).
inline constexpr double cosine = 0.5;
/// Longer steps count as better if they take this part of the cost off, or more ...
inline constexpr double attainable = 0.2;
/// ... of which all planned updates, at the present pace, would reach less than this part.
inline constexpr double reached = 0.5;
/// Part of the samples at which an input stands at its limit and feels no policy.
inline constexpr double saturated = 0.5;
/// A network's output passes on less than this part of what an idle one would: tanh' = 0.02 at 2.6.
inline constexpr double dead_slope = 0.02;
/// Part of the outputs that are dead; one or two may be where learning has put them.
inline constexpr double dead_outputs = 0.3;
/// A cost is worse when it exceeds the best before by this factor and by noise_sigmas ...
inline constexpr double relapse_factor = 1.5;
inline constexpr double noise_sigmas = 3;
/// ... in so many iterations in a row: a lone one is noise. Noise shows in four costs or more.
inline constexpr int relapse_iterations = 2;
inline constexpr int least_costs = 4;
/// Costs from which the absence of a trend means something.
inline constexpr int trend_costs = 8;
/// Sampling periods without a sample that are a gap: a lost row or two are not.
inline constexpr double gap_periods = 5;
/// Segments by which their clock may leave that of the samples; the recorded car's does by 0.57.
inline constexpr double segments_apart = 1;
/// Part of the commands that may differ from recomputed ones: the authors' recordings have 0.25 %.
inline constexpr double commands_off = 0.01;

}  // namespace phigrad::thresholds
