// EngineInParts: what it is given, and its parts in memory.
#include "host/engine/engine_in_parts.hpp"

#include <stdexcept>

#include "host/engine/require_size.hpp"

namespace phigrad {
namespace {

/// Rows `first` … of an array of `all` rows.
template <class T>
std::vector<T> slice(const std::vector<T>& rows, std::int64_t first, std::int64_t count,
                     std::int64_t all) {
  const auto each = static_cast<std::int64_t>(rows.size()) / all;
  const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(first * each);
  return {begin, begin + static_cast<std::ptrdiff_t>(count * each)};
}

}  // namespace

EngineInParts::EngineInParts(
    const EnginePlan& plan,
    const std::function<std::unique_ptr<Engine>(const BatchShape& shape)>& make)
    : cut_(plan.cut),
      plant_size_(static_cast<std::size_t>(plan.sizes.plant.value())),
      model_size_(static_cast<std::size_t>(plan.sizes.model.value())),
      engine_(make(cut_.part(0).shape)),
      last_engine_(cut_.ragged() ? make(cut_.last().shape) : nullptr) {}

std::string EngineInParts::description() const {
  return engine_->description() + ", in " + std::to_string(parts()) + " parts that fit in memory";
}

std::int64_t EngineInParts::memory() const {
  return engine_->memory() + (last_engine_ ? last_engine_->memory() : 0);
}

void EngineInParts::forget() {
  gathered_ = {};
  resident_ = -1;
}

void EngineInParts::set_policies(const std::vector<double>& theta) {
  require_size(
      "the policies",
      static_cast<std::size_t>(cut_.whole.policies) * static_cast<std::size_t>(parameters()),
      theta.size());
  numbers_.theta = std::make_shared<const std::vector<double>>(theta);
  forget();
}

void EngineInParts::set_plant(const std::vector<double>& packs) {
  if (packs.size() != plant_size_) {
    require_size("a parameter pack",
                 static_cast<std::size_t>(cut_.whole.trajectories()) * plant_size_, packs.size());
  }
  numbers_.plant = std::make_shared<const std::vector<double>>(packs);
  forget();
}

void EngineInParts::set_model(const std::vector<double>& packs) {
  if (packs.size() != model_size_) {
    require_size("a parameter pack",
                 static_cast<std::size_t>(cut_.whole.trajectories()) * model_size_, packs.size());
  }
  numbers_.model = std::make_shared<const std::vector<double>>(packs);
  forget();
}

void EngineInParts::set_settings(const std::vector<double>& policy) {
  numbers_.settings = std::make_shared<const std::vector<double>>(policy);
  forget();
}

void EngineInParts::disturb(const Disturbance& disturbance) {
  if (!disturbance.keys.empty()) {
    require_size("the noise keys", static_cast<std::size_t>(cut_.whole.trajectories()),
                 disturbance.keys.size());
  }
  numbers_.disturbance = std::make_shared<const Disturbance>(disturbance);
  forget();
}

void EngineInParts::set_baseline(const std::vector<double>& cost) {
  if (cost.size() != 1) {
    require_size("the baseline", static_cast<std::size_t>(cut_.whole.trajectories()), cost.size());
  }
  numbers_.baseline = std::make_shared<const std::vector<double>>(cost);
  forget();
}

void EngineInParts::differentiate(Derivatives of) {
  engine_->differentiate(of);  // refuses what there is not
  of_ = of;
  forget();
}

void EngineInParts::expect(const std::optional<Expectation>& expectation) {
  engine_->expect(expectation);  // refuses what cannot be expected
  expectation_ = expectation;
}

void EngineInParts::simulate(const std::vector<double>& states, const std::vector<double>& times) {
  const auto trajectories = static_cast<std::size_t>(cut_.whole.trajectories());
  require_size("the start states", trajectories * static_cast<std::size_t>(nx()), states.size());
  require_size("the start times", trajectories, times.size());
  forget();
  recorded_.clear();
  decided_with_.reset();
  states_ = states;
  times_ = times;
  simulated_with_ = numbers_;
  if (expectation_) {
    gathered_.windows = expectation_->windows;
    gathered_.options = taken(expectation_->options);
    gathered_.scored = gathered_.differentiated = true;
  }
  for (std::int64_t i = 0; i < parts(); ++i) {
    Engine& engine = in_memory(i, true);
    if (!expectation_) continue;
    add_scores(cut_.part(i), engine);
    add_gradient_of(cut_.part(i), engine);
  }
}

void EngineInParts::load(const std::vector<GridTrajectory>& recorded) {
  require_size("the recorded batch", static_cast<std::size_t>(cut_.whole.trajectories()),
               recorded.size());
  forget();
  states_.clear();
  decided_with_.reset();
  recorded_ = recorded;
}

void EngineInParts::load_segments(int /*first*/, const GridTrajectory& /*part*/) {
  throw Error(Exit::input, "segments of a batch of several trajectories", "engine",
              "load what fits a ragged batch of one trajectory");
}

void EngineInParts::decide() {
  decided_with_ = numbers_;
  forget();
}

Engine& EngineInParts::in_memory(std::int64_t i, bool expected) const {
  const BatchPart part = cut_.part(i);
  const std::int64_t count = part.shape.trajectories();
  Engine& engine = count == engine_->shape().trajectories() ? *engine_ : *last_engine_;
  if (resident_ == i) return engine;
  resident_ = -1;
  engine.differentiate(of_);
  const std::int64_t all = cut_.whole.trajectories();
  Numbers given = recorded_.empty() ? simulated_with_ : numbers_;
  give(given, {}, part, engine);
  if (!recorded_.empty()) {
    engine.load(slice(recorded_, part.first, count, all));
  } else if (states_.empty()) {
    throw std::logic_error("a batch in parts that was neither simulated nor loaded");
  } else {
    std::optional<Expectation> asked;
    if (expected && expectation_) {
      asked = {windows_of(part, expectation_->windows), taken(expectation_->options)};
    }
    engine.expect(asked);
    engine.simulate(slice(states_, part.first, count, all), slice(times_, part.first, count, all));
  }
  if (decided_with_) {
    give(*decided_with_, given, part, engine);
    given = *decided_with_;
    engine.decide();
  }
  give(numbers_, given, part, engine);
  resident_ = i;
  return engine;
}

void EngineInParts::give(const Numbers& numbers, const Numbers& has, const BatchPart& part,
                         Engine& engine) const {
  const std::int64_t all = cut_.whole.trajectories(), count = part.shape.trajectories();
  const auto packs = [&](const std::vector<double>& given, std::size_t size) {
    return given.size() == size ? given : slice(given, part.first, count, all);
  };
  const auto is_new = [&](auto Numbers::*which) {
    return numbers.*which && numbers.*which != has.*which;
  };
  if (is_new(&Numbers::theta)) {
    engine.set_policies(
        slice(*numbers.theta, part.first_policy, part.shape.policies, cut_.whole.policies));
  }
  if (is_new(&Numbers::plant)) engine.set_plant(packs(*numbers.plant, plant_size_));
  if (is_new(&Numbers::model)) engine.set_model(packs(*numbers.model, model_size_));
  if (is_new(&Numbers::settings)) engine.set_settings(*numbers.settings);
  const bool disturbed = numbers.disturbance && !numbers.disturbance->keys.empty();
  const bool other_noise = is_new(&Numbers::disturbance);
  if (other_noise) disturb_part(*numbers.disturbance, part, engine);
  if (disturbed && numbers.baseline && (other_noise || is_new(&Numbers::baseline))) {
    engine.set_baseline(packs(*numbers.baseline, 1));
  }
}

void EngineInParts::disturb_part(const Disturbance& whole, const BatchPart& part,
                                 Engine& engine) const {
  const std::int64_t all = cut_.whole.trajectories(), count = part.shape.trajectories();
  const auto rows = [&](const std::vector<double>& given, int size) {
    return given.size() == static_cast<std::size_t>(size) ? given
                                                          : slice(given, part.first, count, all);
  };
  Disturbance part_of;
  if (!whole.keys.empty()) {
    part_of.keys = slice(whole.keys, part.first, count, all);
    part_of.deviation = rows(whole.deviation, nx() + nu());
    part_of.delay = whole.delay;
    if (!whole.faults.empty()) part_of.faults = rows(whole.faults, fault_numbers(nx(), nu()));
  }
  engine.disturb(part_of);
}

Windows EngineInParts::windows_of(const BatchPart& part, const Windows& windows) const {
  if (windows.end.size() == 1) return windows;
  require_size("windows.end", static_cast<std::size_t>(cut_.whole.trajectories()),
               windows.end.size());
  return {windows.drop, windows.length,
          slice(windows.end, part.first, part.shape.trajectories(), cut_.whole.trajectories())};
}

}  // namespace phigrad
