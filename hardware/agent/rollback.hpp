// When learning has made the robot worse: watches the measured costs and says when to go back to
// the best policy so far.
//
// A rollout is worse when its cost exceeds best + k sigma; m worse rollouts in a row are a relapse,
// while a lone bad one is noise. sigma is the noise of the costs, from their second differences
// (y[i-1] - 2 y[i] + y[i+1]) / sqrt(6), which a trend, straight or gently bent, does not enter
// (Gasser, Sroka, Jennen-Steinmetz, Biometrika 73 (1986)); their median, so that an outlier does
// not either. Rollouts under suspicion of being a relapse enter neither sigma nor the best.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace phigrad {

struct RollbackSettings {
  double k = 3;               // sigmas above the best that are still noise, >= 0
  int m = 2;                  // worse rollouts in a row that are a relapse, 1 … most_in_a_row
  int window = 12;            // costs that sigma is estimated from, 4 … most_window
  double least_sigma = 0.02;  // in parts of |best|: no noise is believed to be smaller, >= 0

  static constexpr int most_in_a_row = 16;
  static constexpr int most_window = 64;
};

enum class RollbackAdvice : std::uint8_t {
  go_on,
  roll_back,  // publish the best policy's parameters again, and learn on from there
  halt,       // rolled back and at once as bad again, or never good: a person should look
};

/// Rollouts of one policy may be many, one after the other: their mean is the policy's cost.
/// Allocates nothing.
class Rollback {
 public:
  /// Throws Error(Exit::input) for settings out of their range.
  explicit Rollback(const RollbackSettings& settings = {});

  /// The cost of a complete rollout (any unit, smaller is better), in the order they were driven.
  /// A cost that is not finite counts as worse than any. Until four costs are known nothing is
  /// called worse but such.
  RollbackAdvice observe(std::uint64_t policy_version, double cost);

  bool has_best() const noexcept { return current_.rollouts > 0; }
  std::uint64_t best_version() const noexcept { return best().version; }
  double best_cost() const noexcept { return best().mean; }  // mean over its rollouts

  /// What the next rollout's cost has to exceed to be called worse; infinite while costs are few.
  double threshold() const noexcept;

  /// The noise of the costs, in their unit; NaN while fewer than four are known.
  double sigma() const noexcept;

 private:
  struct Mean {
    std::uint64_t version = 0;
    double mean = 0;
    int rollouts = 0;
  };

  const Mean& best() const noexcept;

  /// Lets a cost that is not part of a relapse count.
  void admit(std::uint64_t policy_version, double cost);
  RollbackAdvice relapse();

  struct Suspect {
    std::uint64_t version;
    double cost;
  };

  RollbackSettings settings_;
  std::array<double, RollbackSettings::most_window> costs_{};  // the admitted ones, newest last
  std::size_t known_ = 0;
  std::array<Suspect, RollbackSettings::most_in_a_row> suspects_{};  // worse ones in a row
  int suspect_count_ = 0;
  Mean current_;           // of the policy admitted last; not in best_, as it may still rise
  Mean best_former_;       // of those before it
  bool on_trial_ = false;  // since the last rollback no rollout was good
};

}  // namespace phigrad
