// Streamed rows become the rollout that the file holds, gradient included; what is not sound is
// named.
#include "hardware/learner/live_rollout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/engine/engine.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/replay/replay.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/train/optimiser.hpp"
#include "tests/hardware/agent/expect_error.hpp"
#include "tests/hardware/learner/streamed_rollout.hpp"
#include "tests/support/special_values.hpp"

namespace phigrad {
namespace {

using fixture::StreamedRollout;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LiveRolloutTest : public ::testing::Test {
 protected:
  void SetUp() override { REQUIRE_RECORDINGS(); }
  static StreamedRollout recorded(std::size_t i = 4) {
    static const RecordedLog log = read_log(recorded_file("jetracer_training_1.bson"));
    return StreamedRollout(log.rollouts.at(i));
  }
  const Experiment e_ = experiment_of("jetracer", {"precision=double"});
};

/// A network that does something: the initial one has an output layer of zeros.
std::vector<double> some_policy(const Experiment& e, int parameters) {
  std::vector<double> theta = initial_policies({{&e}, 1}, parameters);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    theta[i] += 0.05 * std::sin(static_cast<double>(i + 1));
  }
  return theta;
}

/// The gradients [np] of rollouts in one batch on a grid, each alone.
std::vector<std::vector<double>> gradients(const Experiment& e,
                                           const std::vector<LoggedRollout>& rollouts,
                                           const GridSize& size, std::vector<double>& loss) {
  BatchShape shape;
  shape.policies = static_cast<int>(rollouts.size());
  shape.segments = size.segments;
  shape.steps_per_segment = size.steps_per_segment;
  shape.dt = e.common.rollout.dt_s;
  shape.ragged = true;
  const auto engine = Engine::create(
      engine_spec(e, "cpu", precision_name(e.common.precision), shape.segments), shape);
  engine->set_plant(e.setup.plant);
  engine->set_model(e.setup.model);
  std::vector<double> theta;
  std::vector<GridTrajectory> grids;
  for (const LoggedRollout& r : rollouts) {
    grids.push_back(lay_on_grid(r, size, engine->nz()).grid);
    const std::vector<double> one = some_policy(e, engine->parameters());
    theta.insert(theta.end(), one.begin(), one.end());
  }
  engine->set_policies(theta);
  engine->load(grids);
  const Windows windows = windows_over(rollouts, e);
  GradientOptions options;
  options.chain = e.common.gradient.chain;
  Gradient gradient;
  Scores scores;
  engine->score(windows, scores);
  engine->gradient(windows, options, gradient);
  loss = scores.loss;
  std::vector<std::vector<double>> each;
  const auto np = static_cast<std::ptrdiff_t>(engine->parameters());
  for (std::ptrdiff_t b = 0; b < shape.policies; ++b) {
    EXPECT_EQ(gradient.used[static_cast<std::size_t>(b)], 1) << b;
    each.emplace_back(gradient.mean.begin() + b * np, gradient.mean.begin() + (b + 1) * np);
  }
  return each;
}

// Breaks when anything of a rollout is lost, rounded, shifted or padded into the gradient on its
// way over the wire, whatever the order in which its frames come: every recorded training rollout
// of the car, alone on the live grid against all of the file in one batch, to the last bit.
TEST_F(LiveRolloutTest, GradientIsTheBatchReplaysBitForBit) {
  for (const char* precision : {"precision=double", "precision=float"}) {
    const Experiment e = experiment_of("jetracer", {precision});
    std::mt19937 random(7);
    for (const char* name : {"jetracer_training_1.bson", "jetracer_training_3.bson"}) {
      const RecordedLog log = read_log(recorded_file(name));
      const std::vector<LoggedRollout> of_file = read_rollouts(recorded_file(name), e.setup);
      std::vector<double> batch_loss;
      const auto batch = gradients(e, of_file, grid_size(of_file, 7), batch_loss);
      for (std::size_t i = 0; i < log.rollouts.size(); ++i) {
        const LoggedRollout live = fixture::live_of(e, StreamedRollout(log.rollouts[i]), &random);
        EXPECT_THAT(live.quarantined, IsEmpty()) << name << ", " << i;
        std::vector<double> loss;
        const auto alone = gradients(e, {live}, live_limits(e).grid, loss);
        EXPECT_GT(gradient_norms(alone[0], 1)[0], 1.0);
        EXPECT_EQ(alone[0], batch[i]) << name << ", " << i << ", " << precision;
        EXPECT_EQ(loss[0], batch_loss[i]) << name << ", " << i << ", " << precision;
      }
    }
  }
}

// Breaks when the comparison above is not with what `phigrad replay` computes.
TEST_F(LiveRolloutTest, ReplayComputesTheSameGradients) {
  const auto file = recorded_file("jetracer_training_1.bson");
  const std::vector<LoggedRollout> of_file = read_rollouts(file, e_.setup);
  std::vector<double> loss;
  const auto batch = gradients(e_, of_file, grid_size(of_file, 7), loss);
  ReplayOptions options;
  options.backend = "cpu";
  options.theta = some_policy(e_, static_cast<int>(batch[0].size()));
  options.growth = false;
  const Replay replayed = replay(e_, {file}, options);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    EXPECT_EQ(gradient_norms(batch[i], 1)[0], replayed.rollouts[i].gradient_norm) << i;
  }
}

// Breaks when a column is taken for another, or the task time is not added.
TEST_F(LiveRolloutTest, HoldsWhatTheFileHolds) {
  const LoggedRollout file =
      read_rollouts(recorded_file("jetracer_training_1.bson"), e_.setup).at(4);
  const LoggedRollout live = fixture::live_of(e_, recorded());
  EXPECT_EQ(live.states, file.states);
  EXPECT_EQ(live.inputs, file.inputs);
  EXPECT_EQ(live.setpoints, file.setpoints);
  EXPECT_EQ(live.sample_time, file.sample_time);
  EXPECT_EQ(live.segment_time, file.segment_time);
  EXPECT_EQ(live.decided_at, file.decided_at);
  EXPECT_EQ(live.decisions, file.decisions);
  EXPECT_EQ(live.log, "car1 (the lab)");
  ASSERT_EQ(live.segment_begin.size(), file.segment_begin.size() + 1);
  EXPECT_TRUE(
      std::equal(file.segment_begin.begin(), file.segment_begin.end(), live.segment_begin.begin()));
  EXPECT_EQ(live.segment_begin.back(), live.samples());
}

// Breaks when a rollout that must not be learned from passes, or is refused for another reason.
TEST_F(LiveRolloutTest, NamesWhatIsNotSound) {
  using Spoil = std::function<void(StreamedRollout&)>;
  const std::vector<std::pair<const char*, Spoil>> cases = {
      {"safety cut it short: tripped pose lost?",
       [](StreamedRollout& s) {
         s.reason = link::EndReason::tripped;
         s.events = {{"tripped", "pose lost\n"}};
       }},
      {"aborted", [](StreamedRollout& s) { s.reason = link::EndReason::aborted; }},
      {"the state of sample 700 is not finite",
       [](StreamedRollout& s) { s.samples[700][2] = nan; }},
      {"the input of sample 3 is not finite", [](StreamedRollout& s) { s.samples[3][6] = nan; }},
      {"the state before decision 9 is not finite",
       [](StreamedRollout& s) { s.segments[9][3] = -std::numeric_limits<double>::infinity(); }},
      {"decision 10 is not finite", [](StreamedRollout& s) { s.segments[9][6] = nan; }},
      {"time_not_increasing at number 500",
       [](StreamedRollout& s) {
         for (std::size_t i = 500; i < s.samples.size(); ++i) s.samples[i][0] -= 1;
       }},
      {"clock is at fault: 1.02",
       [](StreamedRollout& s) {
         for (std::size_t i = 500; i < s.samples.size(); ++i) s.samples[i][0] += 1;
       }},
      {"segment 20 was decided no later",
       [](StreamedRollout& s) { s.segments[20][1] = s.segments[19][1]; }},
      {"off its first sample",
       [](StreamedRollout& s) {
         for (auto& row : s.segments) row[1] += 10;
       }},
      {"rollout.dt_s is 0.02", [](StreamedRollout& s) { s.begin.dt_s = 0.04; }},
      {"too short: its 60 segments", [](StreamedRollout& s) { s.segments.resize(60); }},
      {"too long", [](StreamedRollout& s) {
         // Segments 20 to 29 in one.
         s.segments.erase(s.segments.begin() + 21, s.segments.begin() + 30);
       }}};
  for (const auto& [why, spoil] : cases) {
    StreamedRollout s = recorded();
    spoil(s);
    const LoggedRollout live = fixture::live_of(e_, s);
    ASSERT_FALSE(live.quarantined.empty()) << why;
    EXPECT_THAT(live.quarantined, ::testing::Contains(HasSubstr(why)));
    EXPECT_EQ(lay_on_grid(live, grid_size({live}, 7), 10).grid.status >= 0, true) << why;
  }
}

// Breaks when rows that a broken rollout has no samples for are kept, so that its run cannot be
// read again.
TEST_F(LiveRolloutTest, KeepsWhatIsSoundOfABrokenOne) {
  StreamedRollout s = recorded();
  s.samples[500][0] = s.samples[499][0];
  const LoggedRollout live = fixture::live_of(e_, s);
  EXPECT_EQ(live.samples(), 500);
  EXPECT_LE(live.segment_begin.back(), 500);
  EXPECT_GT(live.segments(), 50);
  EXPECT_EQ(live.states.size(), 4U * 501);
  StoredRollout stored;
  stored.arrays = arrays_of(live);
  EXPECT_EQ(logged_rollout(stored, "run", 0).samples(), 500);
}

// Breaks when a rollout of another robot, or of nothing, is made to fit.
TEST_F(LiveRolloutTest, RefusesWhatIsNoRolloutOfThisRobot) {
  const LiveRollouts rollouts(e_);
  const auto refusal = [&](const std::function<void(StreamedRollout&)>& spoil) {
    StreamedRollout s = recorded();
    spoil(s);
    std::string why;
    EXPECT_FALSE(rollouts.make("car1", s.received(), s.end(), why).has_value());
    return why;
  };
  EXPECT_THAT(refusal([](StreamedRollout& s) { s.samples.clear(); }), HasSubstr("no sound sample"));
  EXPECT_THAT(refusal([](StreamedRollout& s) { s.segments.clear(); }),
              HasSubstr("no sound segment"));
  EXPECT_THAT(refusal([](StreamedRollout& s) { s.segments[0][0] = 0.5; }),
              HasSubstr("segment_order"));
  EXPECT_THAT(refusal([](StreamedRollout& s) { s.begin.before.pop_back(); }),
              HasSubstr("before its first has 9 numbers"));
  EXPECT_THAT(refusal([](StreamedRollout& s) {
                s.begin.nz = 9;
                for (auto& row : s.segments) row.pop_back();
              }),
              HasSubstr("9 numbers a decision"));
}

// Breaks when the store forgets who drove, under what, or why it must not be learned from.
TEST_F(LiveRolloutTest, ComesBackFromTheStore) {
  StreamedRollout s = recorded();
  s.begin.rollout = std::numeric_limits<std::uint64_t>::max();
  s.begin.policy_version = 7;
  s.reason = link::EndReason::tripped;
  s.samples[3][6] = nan;
  std::string why;
  const auto live = LiveRollouts(e_).make("car1", s.received(), s.end(), why);
  ASSERT_TRUE(live) << why;
  const StoredRollout stored = stored_live(*live, 6, 2);
  EXPECT_EQ(stored.iteration, 6);
  EXPECT_EQ(stored.rollout, 2);
  EXPECT_EQ(stored.provenance, "car1 (the lab)");
  const auto again = live_from(stored);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->identity.robot, "car1");
  EXPECT_EQ(again->identity.rollout, s.begin.rollout);
  EXPECT_EQ(again->identity.policy_version, 7U);
  EXPECT_EQ(again->identity.reason, link::EndReason::tripped);
  EXPECT_EQ(again->identity.text, "the lab");
  EXPECT_EQ(again->logged.quarantined, live->logged.quarantined);
  EXPECT_EQ(again->logged.quarantined.size(), 2U);
  EXPECT_EQ(arrays_of(again->logged), arrays_of(live->logged));

  StoredRollout simulated;
  simulated.arrays = arrays_of(live->logged);
  EXPECT_FALSE(live_from(simulated)) << "no live rollout's record";
}

// Breaks when a grid has no room for rollouts of differing length, or is made for a policy whose
// size depends on it.
TEST(LiveGrid, HasTheRoomThatWasAskedFor) {
  const Experiment car = experiment_of("jetracer");
  const GridSize size = live_limits(car).grid;
  EXPECT_EQ(size.segments, 195);
  EXPECT_EQ(size.steps_per_segment, 18);
  const std::vector<std::string> open_loop = {"policy={\"type\":\"open_loop\"}"};
  const Experiment tabled = experiment_of("scalar", open_loop);
  EXPECT_THAT(testing::input_error_of([&] { live_limits(tabled); }),
              HasSubstr("for every segment"));
  const Experiment tight = experiment_of("scalar", {open_loop[0], "live.segment_slack=1"});
  EXPECT_EQ(live_limits(tight).grid.segments, tight.common.rollout.segments);
}

}  // namespace
}  // namespace phigrad
