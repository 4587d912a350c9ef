#include "hardware/agent/rollback.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr std::size_t least_costs = 4;  // two second differences: the least that noise shows in

void require_setting(bool sound, const char* problem, const char* remedy) {
  if (!sound) throw Error(Exit::input, problem, "rollback", remedy);
}

double median(double* first, std::size_t count) {
  double* const last = first + count;
  double* const middle = first + count / 2;
  std::nth_element(first, middle, last);
  return count % 2 == 1 ? *middle : (*middle + *std::max_element(first, middle)) / 2;
}

}  // namespace

Rollback::Rollback(const RollbackSettings& settings) : settings_(settings) {
  require_setting(settings.k >= 0 && std::isfinite(settings.k), "k is not sound",
                  "give 0 or more sigmas");
  require_setting(settings.m >= 1 && settings.m <= RollbackSettings::most_in_a_row,
                  "the number of worse rollouts in a row is not from 1 to 16", "give one of those");
  require_setting(settings.window >= static_cast<int>(least_costs) &&
                      settings.window <= RollbackSettings::most_window,
                  "the window is not from 4 to 64 costs", "give one of those");
  require_setting(settings.least_sigma >= 0 && std::isfinite(settings.least_sigma),
                  "the least sigma is not sound", "give a part of the best cost, 0 or more");
}

RollbackAdvice Rollback::observe(std::uint64_t policy_version, double cost) {
  // Written so that a NaN is worse.
  if (!std::isfinite(cost) || !(cost <= threshold())) {
    suspects_[static_cast<std::size_t>(suspect_count_++)] = {policy_version, cost};
    return suspect_count_ < settings_.m ? RollbackAdvice::go_on : relapse();
  }
  // It was noise after all, so sigma should know of it.
  for (int i = 0; i < suspect_count_; ++i) {
    const Suspect& suspect = suspects_[static_cast<std::size_t>(i)];
    if (std::isfinite(suspect.cost)) admit(suspect.version, suspect.cost);
  }
  suspect_count_ = 0;
  on_trial_ = false;
  admit(policy_version, cost);
  return RollbackAdvice::go_on;
}

RollbackAdvice Rollback::relapse() {
  suspect_count_ = 0;
  if (!has_best() || on_trial_) return RollbackAdvice::halt;
  on_trial_ = true;
  return RollbackAdvice::roll_back;
}

void Rollback::admit(std::uint64_t policy_version, double cost) {
  if (known_ == static_cast<std::size_t>(settings_.window)) {
    std::copy(costs_.begin() + 1, costs_.begin() + settings_.window, costs_.begin());
    --known_;
  }
  costs_[known_++] = cost;

  if (current_.rollouts == 0 || current_.version != policy_version) {
    best_former_ = best();
    current_ = {policy_version, 0, 0};
  }
  ++current_.rollouts;
  current_.mean += (cost - current_.mean) / current_.rollouts;
}

const Rollback::Mean& Rollback::best() const noexcept {
  if (best_former_.rollouts == 0) return current_;
  return current_.rollouts > 0 && current_.mean < best_former_.mean ? current_ : best_former_;
}

double Rollback::sigma() const noexcept {
  if (known_ < least_costs) return std::numeric_limits<double>::quiet_NaN();
  std::array<double, RollbackSettings::most_window> bends{};
  const std::size_t count = known_ - 2;
  for (std::size_t i = 0; i < count; ++i) {
    bends[i] = std::abs(costs_[i] - 2 * costs_[i + 1] + costs_[i + 2]);
  }
  const double to_sigma = 1.4826 / std::sqrt(6.0);  // of normal noise: median |z| = sigma / 1.4826
  return std::max(to_sigma * median(bends.data(), count),
                  settings_.least_sigma * std::abs(best_cost()));
}

double Rollback::threshold() const noexcept {
  if (known_ < least_costs) return std::numeric_limits<double>::infinity();
  return best_cost() + settings_.k * sigma();
}

}  // namespace phigrad
