// A network's share of what the processor can do: multiply-adds a second of forward pass and
// pull-back over those of multiply-adds in registers, both on one thread of this run.
#include <cmath>
#include <string>
#include <vector>

#include "kernels/policy/mlp.hpp"
#include "tests/support/lane_timing.hpp"

namespace phigrad {
inline namespace PHI_ISA {
namespace {

using Real = lanes_t<float>;
using Network = Mlp<5, 64, 10>;
constexpr int width = width_v<Real>;
constexpr int decisions = 8;
constexpr int weights = 5 * 64 + 64 * 64 + 64 * 10;

class LaneSpeedOfNetworks : public LaneSpeed {
 protected:
  LaneSpeedOfNetworks()
      : shared_(Network::np), own_(Network::np * width), gradient_(Network::np * width) {
    for (std::size_t i = 0; i < shared_.size(); ++i) {
      shared_[i] = 0.3F * std::sin(static_cast<float>(i));
      for (std::size_t lane = 0; lane < width; ++lane) own_[i * width + lane] = shared_[i];
    }
    for (int k = 0; k < decisions; ++k) {
      for (int i = 0; i < 5; ++i) input_[k][i] = Real(0.1F * static_cast<float>(i + k));
    }
  }

  Rows<float> rows(std::vector<float>& of) const {
    return {of.data(), {width, Network::np * width, width}};
  }
  SharedParameters<float> shared() const { return {shared_.data()}; }
  LaneParameters<float> own() { return {rows(own_), 0}; }

  /// Multiply-adds in registers a nanosecond, of all lanes.
  static double peak() { return 4 / nanoseconds<Real>(FourFmas()); }

  void expect_share(const char* name, double least, double multiply_adds, double ns) {
    const double share = multiply_adds * width / ns / peak();
    RecordProperty(name, std::to_string(share));
    EXPECT_GE(share, least) << name;
  }

  std::vector<float> shared_;
  alignas(64) std::vector<float> own_, gradient_;
  Vec<Real, 5> input_[decisions];
};

// Breaks when a layer's sums wait for one another, or weights are not read a register at a time.
TEST_F(LaneSpeedOfNetworks, ForwardPass) {
  Network::Activations<Real, 1> a;
  const auto run = [&](const auto& theta) {
    return least_nanoseconds(400, [&] {
      for (const Vec<Real, 5>& x : input_) {
        Network::forward<1>(theta, {x}, a);
        hide_lanes(a.out[0][0]);
      }
    });
  };
  expect_share("own policies", 0.15, decisions * weights, run(own()));
  expect_share("a shared policy", 0.35, decisions * weights, run(shared()));
}

// Breaks when each decision reads and writes every gradient, or the sums over outputs are chains.
TEST_F(LaneSpeedOfNetworks, PullBack) {
  constexpr int at_once = 4;
  Network::Activations<Real, at_once> a;
  const Vec<Real, 5> input[at_once] = {input_[0], input_[1], input_[2], input_[3]};
  Vec<Real, 10> bar[at_once];
  for (Vec<Real, 10>& b : bar) {
    for (int i = 0; i < 10; ++i) b[i] = Real(0.01F);
  }
  const auto run = [&](const auto& theta) {
    Network::forward(theta, input, a);
    const ParameterGradient<float> into{rows(gradient_), 0};
    return least_nanoseconds(400, [&] { Network::pull_back(theta, input, a, bar, into); });
  };
  // Every weight's gradient, and the cotangents behind all layers but the first.
  constexpr int multiply_adds = at_once * (2 * weights - 5 * 64);
  expect_share("own policies", 0.15, multiply_adds, run(own()));
  expect_share("a shared policy", 0.35, multiply_adds, run(shared()));
}

}  // namespace
}  // namespace PHI_ISA
}  // namespace phigrad
