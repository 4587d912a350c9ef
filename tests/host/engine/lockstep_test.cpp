// Rollouts and their adjoint on a GPU's tensor cores, or emulated ones: near those of floats, and
// the same bits whatever a trajectory goes in step with.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/policy/mlp.hpp"
#include "tests/support/tensor_core_cases.hpp"

namespace phigrad {
namespace {

constexpr int segments = 5, steps = 3;
const GradientOptions through_rollout{Chain::rollout, 0, false};
const Windows windows{1, 3, {static_cast<double>(segments)}};

class LockstepOf : public testing::TestWithParam<KernelEntry> {
 protected:
  std::unique_ptr<Engine> engine(const Members& m, const EngineSpec& s, int lost = -1) const {
    auto made = Engine::create(s, m.shape(segments, steps));
    set_numbers(case_, m, *made);
    simulate_members(case_, m, *made, lost);
    return made;
  }
  std::unique_ptr<Engine> engine(const Members& m, TensorCores t, int lost = -1) const {
    return engine(m, tensor_core_spec(case_, m.shape(segments, steps), t), lost);
  }

  /// All that an engine gives of one trajectory, with the gradient of its decisions.
  static std::vector<double> numbers_of(Engine& e, std::int64_t b) {
    const Trajectory t = e.trajectory(b);
    std::vector<double> all = e.decision_gradient(b);
    for (const auto* v : {&t.states, &t.inputs, &t.decisions}) append(all, *v);
    all.push_back(t.status);
    return all;
  }
  static void differentiate(Engine& e) {
    Gradient g;
    e.adjoint(windows, through_rollout, g);
  }

  const EngineCase case_{GetParam()};
};

// Breaks when an input, a weight, a bias or an output is another's or is left out, or products have
// other bits than they are to have.
TEST_P(LockstepOf, RolloutsAreNearThoseOfFloats) {
  for (const auto& [policies, rollouts] : {std::pair(1, 150), std::pair(3, 20), std::pair(7, 2)}) {
    const Members m = members_of(policies, rollouts);
    const auto exact = engine(m, TensorCores::off), split = engine(m, TensorCores::tf32x3),
               rounded = engine(m, TensorCores::bf16);
    double split_apart = 0, rounded_apart = 0;
    for (std::int64_t b = 0; b < m.shape(segments, steps).trajectories(); ++b) {
      const Trajectory e = exact->trajectory(b), s = split->trajectory(b),
                       r = rounded->trajectory(b);
      const double near = difference(s.decisions, e.decisions),
                   rough = difference(r.decisions, e.decisions);
      EXPECT_LT(near, 2e-6) << b;
      EXPECT_LT(difference(s.states, e.states), 2e-5) << b;
      EXPECT_LT(rough, 2e-2) << b;
      split_apart = std::max(split_apart, near);
      rounded_apart = std::max(rounded_apart, rough);
    }
    EXPECT_GT(split_apart, 1e-9) << "of floats after all";
    EXPECT_GT(rounded_apart, 1e-4) << "not rounded to 8 bits";
    const std::string which = std::to_string(policies) + "x" + std::to_string(rollouts);
    RecordProperty("tf32x3_1e9_" + which, static_cast<int>(split_apart * 1e9));
    RecordProperty("bf16_1e6_" + which, static_cast<int>(rounded_apart * 1e6));
  }
}

// Breaks when λ misses its way through the network, takes another decision's, or that of another
// trajectory or policy.
TEST_P(LockstepOf, AdjointsOfRecordsAreNearThoseOfFloats) {
  for (const auto& [policies, rollouts] : {std::pair(1, 40), std::pair(2, 9), std::pair(5, 1)}) {
    const Members m = members_of(policies, rollouts);
    BatchShape shape = m.shape(segments, steps);
    shape.ragged = true;
    shape.dt = 0.2;  // so that decisions answer to those before them
    std::vector<GridTrajectory> records;
    for (const std::size_t b : m.trajectories) records.push_back(case_.recorded(b, shape));
    const auto by = [&](TensorCores t) {
      auto made = Engine::create(tensor_core_spec(case_, shape, t), shape);
      set_numbers(case_, m, *made);
      made->load(records);
      differentiate(*made);
      std::vector<double> all;
      for (std::int64_t b = 0; b < shape.trajectories(); ++b)
        append(all, made->decision_gradient(b));
      return all;
    };
    const std::vector<double> exact = by(TensorCores::off), split = by(TensorCores::tf32x3),
                              rounded = by(TensorCores::bf16);
    EXPECT_LT(difference(split, exact), 1e-6);
    const double rough = difference(rounded, exact);
    EXPECT_LT(rough, 1e-2);
    EXPECT_GT(rough, 1e-5) << "not rounded to 8 bits, or no way through the network";
  }
}

// Breaks when a trajectory goes by others: those of its tile, its warp, its team; when a team takes
// the weights of another policy, or too late; when one that is lost gets into others.
TEST_P(LockstepOf, GiveTheSameBitsWhateverGoesInStep) {
  for (const TensorCores t : {TensorCores::tf32x3, TensorCores::bf16}) {
    for (const auto& [policies, rollouts] :
         {std::pair(1, 150), std::pair(3, 50), std::pair(9, 2)}) {
      const Members m = members_of(policies, rollouts);
      const auto together = engine(m, t, 17);
      differentiate(*together);
      const auto count = static_cast<std::int64_t>(m.trajectories.size());
      for (const std::int64_t b : {0, 15, 16, 31, 49, 50, 99, 127, 128, 149}) {
        if (b >= count) continue;
        Members one;
        one.trajectories = {static_cast<std::size_t>(b)};
        one.policies = {static_cast<std::size_t>(b / rollouts)};
        const auto alone = engine(one, t);
        differentiate(*alone);
        EXPECT_EQ(differing_bits(numbers_of(*together, b), numbers_of(*alone, 0)), 0U)
            << policies << " x " << rollouts << ": " << b;
      }
      EXPECT_EQ(together->trajectory(17).status, 0);
    }
  }
}

// Breaks when λ is lost between stretches that are simulated again, which are launched alone, or
// those ask the network anew; when what is expected is not what is asked later.
TEST_P(LockstepOf, GiveTheSameBitsInStretchesAndAhead) {
  const Members m = members_of(1, 140);
  const BatchShape shape = m.shape(segments, steps);
  for (const TensorCores t : {TensorCores::tf32x3, TensorCores::bf16}) {
    const auto later = engine(m, t);
    differentiate(*later);
    for (const Tape tape : {Tape::store, Tape::recompute}) {
      EngineSpec s = tensor_core_spec(case_, shape, t);
      s.tape = tape;
      const auto ahead = Engine::create(s, shape);
      set_numbers(case_, m, *ahead);
      ahead->expect(Expectation{windows, through_rollout});
      simulate_members(case_, m, *ahead);
      differentiate(*ahead);
      for (const std::int64_t b : {0, 77, 139}) {
        EXPECT_EQ(differing_bits(numbers_of(*ahead, b), numbers_of(*later, b)), 0U) << b;
      }
    }
  }
}

// Breaks when a bias is rounded as weights are: by those of the last layer alone both kinds of
// products decide what floats do, to the bit or nearly.
TEST_P(LockstepOf, TakeBiasesWhole) {
  if (GetParam().kernels != "car") GTEST_SKIP() << "written for the layout of the car's network";
  using Network = Mlp<6, 64, 10>;
  const Members m = Members::first(3);
  const auto decided = [&](TensorCores t) {
    const BatchShape shape = m.shape(segments, steps);
    auto made = Engine::create(tensor_core_spec(case_, shape, t), shape);
    set_numbers(case_, m, *made);
    std::vector<double> theta = case_.theta(0, segments);
    for (int r = 0; r < Network::n_out; ++r) {
      for (int i = 0; i < Network::n_hidden; ++i) {
        theta[static_cast<std::size_t>(Network::w3(r, i))] = 0;
      }
    }
    made->set_policies(theta);
    simulate_members(case_, m, *made);
    return made->trajectory(1).decisions;
  };
  const std::vector<double> exact = decided(TensorCores::off);
  EXPECT_EQ(differing_bits(decided(TensorCores::bf16), exact), 0U);
  EXPECT_LT(difference(decided(TensorCores::tf32x3), exact), 1e-7);
}

// Where there is no such GPU.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LockstepOf);
INSTANTIATE_TEST_SUITE_P(Kernels, LockstepOf, testing::ValuesIn(tensor_core_entries()), test_name);

}  // namespace
}  // namespace phigrad
