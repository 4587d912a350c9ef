// Whatever rollout is followed while it comes, and whichever is taken in the end: the gradient is
// that of the rollout taken, to the last bit.
#include "hardware/learner/gradient_ahead.hpp"

#include <gtest/gtest.h>

#include "host/experiment/cohort.hpp"
#include "host/experiment/rollout_source.hpp"
#include "tests/hardware/learner/streamed_rollout.hpp"
#include "tests/support/bits.hpp"

namespace phigrad {
namespace {

using fixture::StreamedRollout;

class GradientAheadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_RECORDINGS();
    const RecordedLog log = read_log(recorded_file("jetracer_training_1.bson"));
    for (const std::size_t i : {3U, 4U}) rollouts_.emplace_back(log.rollouts[i]);
    engine_ = make_engine();
    ahead_.start(*engine_);
  }

  std::unique_ptr<Engine> make_engine() const {
    BatchShape shape;
    shape.segments = size_.segments;
    shape.steps_per_segment = size_.steps_per_segment;
    shape.dt = e_.common.rollout.dt_s;
    shape.ragged = true;
    auto engine = Engine::create(engine_spec(e_, "cpu", "double", shape.segments), shape);
    engine->set_plant(e_.setup.plant);
    engine->set_model(e_.setup.model);
    std::vector<double> theta = initial_policies({{&e_}, 1}, engine->parameters());
    for (std::size_t i = 0; i < theta.size(); ++i) {
      theta[i] += 0.05 * std::sin(static_cast<double>(i + 1));
    }
    engine->set_policies(theta);
    return engine;
  }

  /// The first rows of a rollout, as long as it has them.
  void stream(const std::string& robot, const StreamedRollout& s, std::size_t samples) {
    link::Reassembly rollout(s.begin);
    s.in_time_order([&](bool of_samples, std::size_t row) {
      if (of_samples ? row >= samples : s.segments[row][0] > static_cast<double>(samples)) return;
      rollout.take(std::get<link::Frame>(link::fixture::decode(s.frame(of_samples, row, 1))));
      ahead_.grew(robot, rollout);
    });
  }

  /// Of a rollout taken in the end, beside one by an engine that saw nothing before.
  void expect_gradient_of(const StreamedRollout& s) {
    const LoggedRollout taken = fixture::live_of(e_, s);
    const Windows windows = windows_over({taken}, e_);
    const auto fresh = make_engine();
    fresh->load({lay_on_grid(taken, size_, fresh->nz()).grid});
    Gradient expected, gradient;
    fresh->gradient(windows, {}, expected);
    ahead_.load(taken, *engine_);
    engine_->gradient(windows, {}, gradient);
    EXPECT_EQ(gradient.used[0], 1);
    EXPECT_EQ(differing_bits(gradient.mean, expected.mean), 0U);
    EXPECT_EQ(differing_bits(engine_->trajectory(0).states, fresh->trajectory(0).states), 0U);
  }

  const Experiment e_ = experiment_of("jetracer", {"precision=double"});
  const GridSize size_ = live_limits(e_).grid;
  std::vector<StreamedRollout> rollouts_;
  std::unique_ptr<Engine> engine_;
  GradientAhead ahead_{e_, size_};
};

constexpr std::size_t every_sample = 100000;

// Breaks when the last segment, the padding or the state behind it is not loaded.
TEST_F(GradientAheadTest, OfTheRolloutFollowed) {
  stream("car1", rollouts_[0], every_sample);
  expect_gradient_of(rollouts_[0]);
  EXPECT_EQ(ahead_.segments(), 155);
}

// Breaks when what was differentiated of one rollout is taken for a part of another.
TEST_F(GradientAheadTest, OfAnotherRollout) {
  stream("car1", rollouts_[0], 700);
  stream("car2", rollouts_[1], every_sample);
  expect_gradient_of(rollouts_[1]);
  EXPECT_EQ(ahead_.segments(), 0);
}

// Breaks when a robot that is gone is followed for ever.
TEST_F(GradientAheadTest, OfTheNextOneWhenARobotIsGone) {
  stream("car1", rollouts_[0], 700);
  ahead_.dropped("car1");
  stream("car2", rollouts_[1], every_sample);
  expect_gradient_of(rollouts_[1]);
  EXPECT_EQ(ahead_.segments(), 155);
}

// Breaks when the weights of a rollout as long as the config's are given to a shorter one.
TEST_F(GradientAheadTest, OfAShorterRollout) {
  StreamedRollout& s = rollouts_[0];
  s.segments.resize(120);
  s.samples.resize(static_cast<std::size_t>(s.segments.back()[0]) + 7);
  stream("car1", s, every_sample);
  expect_gradient_of(s);
  EXPECT_EQ(ahead_.segments(), 119);
}

// Breaks when a decision of another size is read beyond its end.
TEST_F(GradientAheadTest, NothingOfOtherSizes) {
  StreamedRollout s = rollouts_[0];
  s.begin.before.resize(3);
  stream("car1", s, every_sample);
  expect_gradient_of(rollouts_[1]);
  EXPECT_EQ(ahead_.segments(), 0);
}

}  // namespace
}  // namespace phigrad
