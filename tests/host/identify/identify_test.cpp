// Identification of a car that is known to the last parameter.
#include "host/identify/identify.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/support/error.hpp"
#include "tests/host/identify/driven_car.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {
namespace {

IdentifyOptions all_samples(double max_lag_s = 0.12) {
  IdentifyOptions options;
  options.all_samples = true;
  options.max_lag_s = max_lag_s;
  return options;
}

const IdentifiedState& state_of(const Identification& r, const std::string& name) {
  for (const IdentifiedState& s : r.states) {
    if (s.state == name) return s;
  }
  throw std::logic_error(name);
}

const IdentifiedTerm& term_of(const Identification& r, const std::string& state,
                              const std::string& name) {
  for (const IdentifiedTerm& t : state_of(r, state).terms) {
    if (t.name.find(name) != std::string::npos) return t;
  }
  throw std::logic_error(name);
}

const EntryError& entry_of(const Identification& r, const std::string& of, const std::string& by) {
  for (const EntryError& d : r.error.entries) {
    if (d.of == of && d.by == by) return d;
  }
  throw std::logic_error(of);
}

/// How often an interval holds the truth.
struct Coverage {
  int held = 0, of = 0;

  void add(const Interval& i, double truth) {
    held += i.low <= truth && truth <= i.high ? 1 : 0;
    ++of;
  }
  double share() const { return static_cast<double>(held) / of; }
};

/// Coverage of everything that is known of the driven car, over seeds.
void expect_coverage(int rollouts, int samples, bool by_rollout) {
  const Experiment e = experiment_of("jetracer");
  DrivenCar car;
  car.speed_noise = 0.003;  // small against what the speed does within the horizon
  Coverage gain, drag, turn, bias, offset, by_throttle;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const Identification r = identify(e, car.rollouts(seed, rollouts, samples), all_samples(0.04));
    ASSERT_EQ(r.by_rollout, by_rollout);
    gain.add(term_of(r, "v", "accel_gain").estimate, car.plant.accel_gain);
    drag.add(term_of(r, "v", "drag").estimate, car.plant.drag_per_m);
    offset.add(term_of(r, "v", "offset").estimate, -car.resistance);
    turn.add(term_of(r, "heading", "turn_gain").estimate, car.plant.turn_gain_per_m);
    bias.add(term_of(r, "heading", "turn_bias").estimate, car.plant.turn_bias_per_m);
    by_throttle.add(entry_of(r, "v", "throttle").rms, (car.plant.accel_gain - 1) * car.dt);
  }
  for (const Coverage& c : {gain, drag, offset, turn, bias, by_throttle}) {
    EXPECT_GE(c.share(), 0.90);
    EXPECT_LE(c.share(), 0.99);
  }
}

// Breaks when samples are counted as if they were independent: turning noise is correlated, and
// averages over the horizon overlap. Breaks with any factor of an interval.
TEST(Identify, IntervalsHoldTheTruthAsOftenAsTheySay_slow) { expect_coverage(8, 150, true); }

// Breaks when stretches of one rollout are shorter than what is correlated in it.
TEST(Identify, StretchesServeWhereThereIsOneRollout_slow) { expect_coverage(1, 1500, false); }

// Breaks when the input is taken at another sample than the one planted, or the interval of the
// lag leaves it out; and when the model is not given the delayed input, too.
TEST(Identify, FindsThePlantedLag) {
  const Experiment e = experiment_of("jetracer");
  for (const int lag : {0, 1, 5}) {
    DrivenCar car;
    car.lag = lag;
    const Identification r = identify(e, car.rollouts(7, 8, 200), all_samples(0.2));
    for (const char* state : {"v", "heading"}) {
      const Interval found = state_of(r, state).lag_s.value();
      EXPECT_NEAR(found.value, lag * car.dt, 1e-12) << state;
      EXPECT_LE(found.low, lag * car.dt + 1e-12);
      EXPECT_GE(found.high, lag * car.dt - 1e-12);
      EXPECT_FALSE(state_of(r, state).lag_at_edge);
    }
    EXPECT_NEAR(term_of(r, "heading", "turn_gain").estimate.value, car.plant.turn_gain_per_m, 0.05);
    if (lag == 5) {
      EXPECT_LT(term_of(r, "heading", "turn_gain").without_lag, 4);
    }
    EXPECT_FALSE(state_of(r, "x").lag_s) << "no input moves x within a step";
  }
  DrivenCar late;
  late.lag = 5;
  const Identification r = identify(e, late.rollouts(7, 8, 200), all_samples(0.06));
  EXPECT_TRUE(state_of(r, "v").lag_at_edge);
}

// Breaks when Δ̂ is not the largest singular value of the error along the samples: its closed form
// for one row that dominates, |(0, 0, δ_t s + δ_b, 0, 0, δ_t v)| dt, is computed here by hand.
TEST(Identify, DeltaIsTheNormOfTheDerivativesError) {
  const Experiment e = experiment_of("jetracer");
  DrivenCar car;
  car.plant = {1, 0, 5, 0.1};  // all but the turning is the model's
  car.resistance = 0;
  car.throttle_spread = 0.5;
  car.speed_noise = car.turn_noise = 1e-7;
  const std::vector<LoggedRollout> rollouts = car.rollouts(3, 5, 85);
  const Identification r = identify(e, rollouts, all_samples(0));
  ASSERT_EQ(r.samples, 5 * 80) << "all of them are points";
  double mean = 0, max = 0;
  for (const LoggedRollout& rollout : rollouts) {
    for (std::size_t k = 0; k < 80; ++k) {
      const double v = rollout.states[4 * k + 2], steer = rollout.inputs[2 * k + 1];
      const double norm = car.dt * std::hypot(4 * v, 4 * steer + 0.1);
      mean += norm / r.samples;
      max = std::max(max, norm);
    }
  }
  EXPECT_NEAR(r.error.mean.value, mean, 1e-5 * mean);
  EXPECT_NEAR(r.error.max.value, max, 1e-5 * max);
  EXPECT_GT(r.error.max.value, 1.2 * r.error.mean.value);
  EXPECT_NEAR(entry_of(r, "v", "throttle").rms.value, 0, 1e-6);
  EXPECT_NEAR(entry_of(r, "v", "throttle").model_rms, car.dt, 1e-12);
}

// Breaks when an input that never moves is given a number, or the number spoils its neighbours.
TEST(Identify, RefusesAnInputThatNeverMoves) {
  const Experiment e = experiment_of("jetracer");
  DrivenCar car;
  car.throttle_spread = 0;
  const Identification r = identify(e, car.rollouts(5, 8, 200), all_samples());
  const IdentifiedTerm& gain = term_of(r, "v", "accel_gain");
  EXPECT_NE(gain.refused.find("does not vary apart"), std::string::npos);
  EXPECT_TRUE(std::isnan(gain.estimate.value));
  EXPECT_TRUE(std::isnan(entry_of(r, "v", "throttle").rms.value));
  EXPECT_TRUE(std::isnan(r.error.mean.value)) << "a bound that leaves an input out is none";
  EXPECT_NE(r.error_incomplete.find("accel_gain"), std::string::npos);
  EXPECT_EQ(r.suggested.at(0).value, 1);
  EXPECT_FALSE(r.suggested.at(0).kept.empty());
  EXPECT_NEAR(term_of(r, "heading", "turn_gain").estimate.value, car.plant.turn_gain_per_m, 0.05);
  EXPECT_FALSE(std::isnan(entry_of(r, "heading", "steer").rms.value));
}

// Breaks when an input that hardly moves against the noise is passed off as known.
TEST(Identify, CallsAnInputPoorThatHardlyMoves) {
  const Experiment e = experiment_of("jetracer");
  DrivenCar car;
  car.throttle_spread = 0.002;
  car.speed_noise = 0.05;
  const Identification r = identify(e, car.rollouts(5, 8, 200), all_samples());
  const IdentifiedTerm& gain = term_of(r, "v", "accel_gain");
  EXPECT_TRUE(gain.refused.empty());
  ASSERT_EQ(gain.poor.size(), 2U) << "of R² and of the interval";
  EXPECT_EQ(gain.moved, "throttle");
  EXPECT_TRUE(term_of(r, "heading", "turn_gain").poor.empty());
  EXPECT_EQ(r.suggested.at(0).kept, "poorly identified");
}

// Breaks when a plant that changes between rollouts is given one number without a word.
TEST(Identify, SaysWhereAGainDrifts) {
  const Experiment e = experiment_of("jetracer");
  DrivenCar car;
  std::vector<LoggedRollout> rollouts;
  for (int i = 0; i < 10; ++i) {
    if (i == 5) car.plant.turn_gain_per_m = 4.5;
    rollouts.push_back(car.rollout(9, i, 200));
  }
  const Identification r = identify(e, rollouts, all_samples());
  const IdentifiedTerm& turn = term_of(r, "heading", "turn_gain");
  EXPECT_TRUE(turn.drifts);
  EXPECT_NEAR(turn.first_half.value, 5, 0.05);
  EXPECT_NEAR(turn.second_half.value, 4.5, 0.05);
  EXPECT_FALSE(term_of(r, "v", "accel_gain").drifts);
}

// Breaks when numbers that are not finite, or a gap in time, reach the sums; when good samples are
// lost beyond the lag and the horizon around them; or when it is done in silence.
TEST(Identify, LeavesOutWhatIsNotFiniteOrNotInTime) {
  const Experiment e = experiment_of("jetracer");
  const DrivenCar car;
  std::vector<LoggedRollout> rollouts = car.rollouts(2, 6, 200);
  const Identification clean = identify(e, rollouts, all_samples());
  rollouts[1].states[4 * 100 + 2] = std::numeric_limits<double>::quiet_NaN();
  rollouts[2].inputs[2 * 60] = std::numeric_limits<double>::infinity();
  for (std::size_t k = 120; k < 200; ++k) rollouts[3].sample_time[k] += 0.5;
  rollouts[4].quarantined.emplace_back("the operator said so");
  const Identification r = identify(e, rollouts, all_samples());
  EXPECT_EQ(r.rollouts, 5);
  ASSERT_EQ(r.left_out.size(), 4U);
  // Steps 99 and 100 are lost, and windows of 5 that hold them; the infinity also at 6 lags.
  const int lost = (2 + 4) + (7 + 4) + (1 + 4) + 189;
  EXPECT_EQ(clean.samples - r.samples, lost);
  EXPECT_NEAR(term_of(r, "heading", "turn_gain").estimate.value, car.plant.turn_gain_per_m, 0.05);
}

std::string refusal(const Experiment& e, const std::vector<LoggedRollout>& rollouts,
                    const IdentifyOptions& options) {
  try {
    identify(e, rollouts, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::input);
    return error.what();
  }
  return "no error";
}

// Breaks when too little makes a number, or a refusal does not say what is missing.
TEST(Identify, RefusesWhatCannotBeEstimated) {
  const Experiment e = experiment_of("jetracer");
  const DrivenCar car;
  const auto expect = [](const std::string& said, const std::string& word) {
    EXPECT_NE(said.find(word), std::string::npos) << said;
  };
  expect(refusal(e, {}, all_samples()), "no rollouts");
  expect(refusal(e, car.rollouts(1, 6, 30), all_samples()), "are needed");
  expect(refusal(e, car.rollouts(1, 1, 170), all_samples(0)), "no error");
  expect(refusal(e, car.rollouts(1, 1, 90), all_samples(0)), "are needed");
  std::vector<LoggedRollout> quarantined = car.rollouts(1, 6, 200);
  for (LoggedRollout& r : quarantined) r.quarantined.emplace_back("cut short");
  expect(refusal(e, quarantined, all_samples()), "cut short");
  DrivenCar slow;
  slow.dt = 0.1;
  expect(refusal(e, slow.rollouts(1, 6, 200), all_samples()), "rollout.dt_s");
  expect(refusal(experiment_of("double_pendulum"), car.rollouts(1, 6, 200), all_samples()),
         "equations");
  // All of a rollout lies before the segments that gradients are taken of.
  IdentifyOptions windows = all_samples();
  windows.all_samples = false;
  expect(refusal(e, car.rollouts(1, 6, 200), windows), "--all-samples");
}

}  // namespace
}  // namespace phigrad
