#include "host/study/measurement.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/experiment/rollout_source.hpp"
#include "host/rollouts/rollout_grid.hpp"
#include "host/support/trace.hpp"
#include "kernels/gradient/growth_bins.hpp"

namespace phigrad {

Measurement::Measurement(const StudyPlan& plan, const Launch& launch,
                         std::vector<std::vector<double>> theta, std::string backend)
    : plan_(plan), launch_(launch), theta_(std::move(theta)), backend_(std::move(backend)) {}

std::size_t Measurement::cell_of(std::int64_t trajectory) const {
  return static_cast<std::size_t>(trajectory / engine_->shape().rollouts / plan_.settings.groups);
}

void Measurement::prepare(int count) {
  if (engine_ && engine_->shape().rollouts == count) return;
  engine_.reset();  // before the next one takes its memory
  const Cell& first = plan_.cells[static_cast<std::size_t>(launch_.cells.front())];
  const int groups = plan_.settings.groups;
  const auto policies = static_cast<int>(launch_.cells.size()) * groups;
  EngineSpec spec = cell_spec(first, backend_);
  spec.memory_bytes = std::int64_t{plan_.settings.memory_mib} << 20;  // which the part fits
  engine_ = Engine::create(spec, cell_shape(first, policies, count));
  description_ = engine_->description();
  model_is_plant_ = true;
  std::vector<double> theta, plant, model;
  for (std::size_t c = 0; c < launch_.cells.size(); ++c) {
    const RobotSetup& setup =
        plan_.cells[static_cast<std::size_t>(launch_.cells[c])].experiment.setup;
    model_is_plant_ = model_is_plant_ && setup.plant == setup.model &&
                      setup.plant_integrator == setup.model_integrator;
    for (int g = 0; g < groups; ++g) theta.insert(theta.end(), theta_[c].begin(), theta_[c].end());
    for (int b = 0; b < groups * count; ++b) {
      plant.insert(plant.end(), setup.plant.begin(), setup.plant.end());
      model.insert(model.end(), setup.model.begin(), setup.model.end());
    }
  }
  engine_->set_policies(theta);
  engine_->set_plant(plant);
  engine_->set_model(model);
}

void Measurement::add(int begin, int count, StudySums& sums) {
  prepare(count);
  starts_.clear();
  for (const int c : launch_.cells) {
    const Experiment& e = plan_.cells[static_cast<std::size_t>(c)].experiment;
    for (int g = 0; g < plan_.settings.groups; ++g) {
      for (int r = begin; r < begin + count; ++r) {
        starts_.add(e,
                    {e.common.seed, static_cast<std::uint32_t>(r * plan_.settings.groups + g), 0});
      }
    }
  }
  const Experiment& e = plan_.cells[static_cast<std::size_t>(launch_.cells.front())].experiment;
  const Windows windows = windows_over(e.common.rollout.segments, e);
  GradientOptions options = gradient_options(e);
  options.variance = true;
  {
    const TraceRange range("simulate");
    engine_->differentiate(Derivatives::model);
    engine_->expect(Expectation{windows, options});
    engine_->disturb(starts_.disturbance);
    engine_->simulate(starts_.states, starts_.times);
    engine_->score(windows, scores_);
    add_costs(sums);
  }
  const StudySettings& study = plan_.settings;
  {
    const TraceRange range("gradient");
    engine_->add_gradient(windows, options, sums.model);
    if (study.likelihood_ratio) {
      GradientOptions zeroth;
      zeroth.estimator = Estimator::likelihood_ratio;
      engine_->add_gradient(windows, zeroth, sums.ratio);
    }
  }
  if (study.growth || study.bounds) {
    measure_growth();
    add_growth(Derivatives::model, sums);
    if (model_is_plant_) add_growth(Derivatives::plant, sums);
  }
  if (study.bias || study.growth || study.bounds) engine_->differentiate(Derivatives::plant);
  if ((study.growth || study.bounds) && !model_is_plant_) {
    measure_growth();
    add_growth(Derivatives::plant, sums);
  }
  if (study.bias || study.bounds) {
    // The truth is the whole derivative of what a rollout costs.
    GradientOptions whole;
    whole.chain = Chain::rollout;
    engine_->add_gradient(windows, whole, sums.plant);
  }
  if (study.bounds) add_suprema(sums);
  sums.trajectories += count;
}

void Measurement::add_costs(StudySums& sums) {
  const std::size_t policies =
      launch_.cells.size() * static_cast<std::size_t>(plan_.settings.groups);
  sums.cost.resize(policies);
  sums.costs.resize(policies);
  const auto rollouts = static_cast<std::size_t>(engine_->shape().rollouts);
  for (std::size_t b = 0; b < scores_.loss.size(); ++b) {
    if (!std::isfinite(scores_.loss[b])) continue;
    phigrad::add(sums.cost[b / rollouts], scores_.loss[b]);
    ++sums.costs[b / rollouts];
  }
}

void Measurement::measure_growth() {
  const TraceRange range("growth");
  counts_.policies = plan_.settings.groups;
  curves_ = engine_->growth(engine_->shape().slots(), &counts_);
}

void Measurement::add_growth(Derivatives of, StudySums& sums) {
  const auto loop = static_cast<std::size_t>(of == Derivatives::plant);
  const auto rollouts = static_cast<std::size_t>(engine_->shape().rollouts);
  sums.growth[loop].resize(launch_.cells.size() * static_cast<std::size_t>(plan_.settings.groups));
  sums.spread[loop].resize(launch_.cells.size());
  for (std::size_t b = 0; b < curves_.size(); ++b) {
    // A trajectory that left the numbers has no loop.
    if (!std::isfinite(curves_[b].log_mean.back())) continue;
    sums.growth[loop][b / rollouts].add(curves_[b]);
  }
  const std::size_t lags = counts_.counts.size() / launch_.cells.size() / growth_bins;
  for (std::size_t c = 0; c < launch_.cells.size(); ++c) {
    sums.spread[loop][c].add(&counts_.counts[c * lags * growth_bins], lags);
  }
}

void Measurement::add_suprema(StudySums& sums) {
  const TraceRange range("suprema");
  const Experiment& e = plan_.cells[static_cast<std::size_t>(launch_.cells.front())].experiment;
  const auto all = engine_->suprema(windows_over(e.common.rollout.segments, e));
  sums.suprema.resize(launch_.cells.size());
  for (std::size_t b = 0; b < all.size(); ++b) {
    auto& sup = sums.suprema[cell_of(static_cast<std::int64_t>(b))];
    for (std::size_t i = 0; i < n_suprema; ++i) sup[i] = std::max(sup[i], all[b][i]);
  }
}

}  // namespace phigrad
