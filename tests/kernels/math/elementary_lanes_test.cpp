// elementary.hpp on lanes: the same bits as the scalar, and the scalar with FMA hardware as
// accurate as said.
#include <cstring>

#include "kernels/math/elementary.hpp"
#include "tests/kernels/math/elementary_battery.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

template <class S>
class ElementaryLanes : public ::testing::Test {};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ElementaryLanes, Scalars);

// The scalar of this instruction set, with fused steps.
TYPED_TEST(ElementaryLanes, ScalarErrorsStayWithinTheStatedUlps) { check_accuracy<TypeParam>(); }

// Arguments of every scale, sign and kind, so that each select goes both ways within one block.
template <class S>
std::vector<S> every_kind() {
  std::vector<S> samples = logarithmic_samples<S>(1e-30, 1e30, 20000);
  for (const S x : linear_samples<S>(-120, 120, 100000)) samples.push_back(x);
  for (const S x : linear_samples<S>(-2, 2, 100000)) samples.push_back(x);
  for (const S x : linear_samples<S>(-800, 800, 10000)) samples.push_back(x);
  for (const S x : {S(0), S(-0.0), FloatLimits<S>::infinity, -FloatLimits<S>::infinity,
                    FloatLimits<S>::nan, FloatLimits<S>::largest, S(1), S(-1)}) {
    for (int i = 0; i < 3; ++i) samples.push_back(x);
  }
  std::shuffle(samples.begin(), samples.end(), std::mt19937_64(7));
  while (samples.size() % 16 != 0) samples.push_back(S(0));
  return samples;
}

template <class S>
bool same_bits(S a, S b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

template <class S, class Function>
void expect_same_bits(const char* name, Function function) {
  using L = lanes_t<S>;
  const std::vector<S> samples = every_kind<S>();
  int different = 0;
  for (std::size_t i = 0; i < samples.size(); i += static_cast<std::size_t>(width_v<L>)) {
    S together[width_v<L>];
    store(function(load<L>(&samples[i])), together);
    for (int lane = 0; lane < width_v<L>; ++lane) {
      const S x = samples[i + static_cast<std::size_t>(lane)];
      const S alone = function(x);
      if (!same_bits(together[lane], alone) && ++different <= 3) {
        ADD_FAILURE() << name << "(" << x << "): lane " << together[lane] << ", scalar " << alone;
      }
    }
  }
  EXPECT_EQ(different, 0) << name << ", of " << samples.size();
}

// An unfused step in one of the two, another order, a select the wrong way round.
TYPED_TEST(ElementaryLanes, LanesAndScalarsGiveTheSameBits) {
  using S = TypeParam;
  expect_same_bits<S>("sin", [](auto x) { return sin(x); });
  expect_same_bits<S>("cos", [](auto x) { return cos(x); });
  expect_same_bits<S>("exp", [](auto x) { return exp(x); });
  expect_same_bits<S>("log", [](auto x) { return log(x); });
  expect_same_bits<S>("tanh", [](auto x) { return tanh(x); });
  expect_same_bits<S>("hypot", [](auto x) { return hypot(x, decltype(x)(S(0.7))); });
  expect_same_bits<S>("wrap_near", [](auto x) { return wrap_near(x, decltype(x)(S(0.7))); });
  for (const S other : {S(0), S(-0.0), S(1), S(-0.3), S(1e20), FloatLimits<S>::infinity}) {
    expect_same_bits<S>("atan2(., other)",
                        [other](auto y) { return atan2(y, decltype(y)(other)); });
    expect_same_bits<S>("atan2(other, .)",
                        [other](auto x) { return atan2(decltype(x)(other), x); });
  }
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
