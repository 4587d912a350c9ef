// Sums of parts by teams of threads against one value after the other: the same digits.
#include "kernels/reduce/reduce_team.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "tests/support/random_numbers.hpp"

namespace phigrad {
namespace {

template <class S>
class ReduceTeams : public ::testing::Test {
 protected:
  static constexpr int parameters = 3, policies = 3;
  static constexpr std::int64_t rollouts = 700, slots = policies * rollouts;

  ReduceTeams() : status_(slots, S(-1)), theta_bar_(parameters * slots) {
    for (std::size_t i = 0; i < theta_bar_.size(); ++i) {
      const std::vector<double> draw = random_numbers(90, i, 2, -1, 1);
      theta_bar_[i] = static_cast<S>(std::ldexp(draw[0], static_cast<int>(60 * draw[1])));
    }
    for (std::size_t i = 0; i < status_.size(); i += 7) status_[i] = S(4);
    for (std::size_t i = 0; i < rollouts; ++i) status_[i + 2 * rollouts] = S(0);  // a policy's all
  }

  /// Of slots first … first + count, as a GPU lays them out.
  ReduceArgs<S> chunk(std::int64_t first, std::int64_t count, int parts, bool squares,
                      std::vector<GradientSum>& sums) {
    // Rows of the chunk alone, from `first` on.
    ReduceArgs<S> a{};
    a.theta_bar = {theta_bar_.data() + first, {slots, 1, 1}};
    a.status = {status_.data(), {slots, 1, 1}};
    a.parameters = parameters;
    a.first = first;
    a.count = count;
    a.slots_per_policy = a.rollouts_per_policy = rollouts;
    a.first_policy = first / rollouts;
    a.squares = squares;
    a.sums = sums.data();
    a.parts = parts;
    return a;
  }

  void run(ReduceArgs<S> a) {
    const std::int64_t last = (a.first + a.count - 1) / rollouts;
    const std::int64_t columns = (last - a.first_policy + 1) * parameters;
    std::vector<GradientSum> partials(static_cast<std::size_t>(columns * a.parts));
    a.partials = partials.data();
    typename ReduceByTeam<S>::Shared shared;
    for (std::int64_t i = columns * a.parts; i-- > 0;) ReduceByTeam<S>{a}(i, shared);
    for (std::int64_t i = 0; i < columns; ++i) MergeParts<S>{a}(i);
  }

  std::vector<GradientSum> one_by_one(bool squares) const {
    std::vector<GradientSum> sums(parameters * policies);
    for (std::int64_t slot = 0; slot < slots; ++slot) {
      if (status_[static_cast<std::size_t>(slot)] != S(-1)) continue;
      for (std::int64_t i = 0; i < parameters; ++i) {
        GradientSum& sum = sums[static_cast<std::size_t>(slot / rollouts * parameters + i)];
        const auto g = static_cast<double>(theta_bar_[static_cast<std::size_t>(i * slots + slot)]);
        if (squares) {
          add(sum, g);
        } else {
          add(sum.sum, g);
        }
      }
    }
    return sums;
  }

  std::vector<S> status_, theta_bar_;
};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ReduceTeams, Scalars);

// Breaks when a rollout is left out or taken twice where parts, threads, chunks or policies meet,
// when one without a gradient enters, or a part is merged into another policy's or parameter's sum.
TYPED_TEST(ReduceTeams, AreTheSumsOfOneAfterTheOther) {
  for (const bool squares : {false, true}) {
    const std::vector<GradientSum> expected = this->one_by_one(squares);
    for (const int parts : {1, 2, 5, 800}) {
      for (const std::int64_t chunk : {this->slots, this->rollouts, std::int64_t{450}}) {
        std::vector<GradientSum> sums(expected.size());
        for (std::int64_t first = 0; first < this->slots; first += chunk) {
          this->run(this->chunk(first, std::min(chunk, this->slots - first), parts, squares, sums));
        }
        ASSERT_EQ(std::memcmp(sums.data(), expected.data(), sums.size() * sizeof(GradientSum)), 0)
            << parts << " parts, chunks of " << chunk << (squares ? ", squares" : "");
      }
    }
  }
}

// Breaks when a total is not its sum, rounded, or is added to what was there.
TYPED_TEST(ReduceTeams, TotalsAreTheSumsRounded) {
  const std::vector<GradientSum> expected = this->one_by_one(false);
  std::vector<GradientSum> sums(expected.size());
  std::vector<double> totals(expected.size(), 1.0);
  ReduceArgs<TypeParam> a = this->chunk(0, this->slots, 4, false, sums);
  a.totals = totals.data();
  this->run(a);
  for (std::size_t i = 0; i < totals.size(); ++i) {
    const Double2 sum = value_of(expected[i].sum);
    EXPECT_EQ(totals[i], sum.high + sum.low) << i;
  }
}

}  // namespace
}  // namespace phigrad
