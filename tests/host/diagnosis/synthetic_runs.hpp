// Runs with a known trouble, made by simulating and training small robots. Nothing in them comes of
// the diagnosis: what is wrong is set in the config, the policy, or the record.
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "host/diagnosis/evidence.hpp"
#include "host/experiment/cohort.hpp"
#include "host/experiment/evaluation.hpp"
#include "host/experiment/simulated_source.hpp"
#include "host/support/random.hpp"
#include "host/train/optimiser.hpp"
#include "tests/support/shipped_config.hpp"

namespace phigrad {

enum class Planted { stream_fault, exploding_gradient, high_bias, slow_convergence, nothing };
inline constexpr int n_planted = 5;

struct SyntheticRun {
  Planted planted;
  std::string how;  // "model loop", "clock", …
  Experiment experiment;
  Material material;
};

class SyntheticRuns {
 public:
  explicit SyntheticRuns(std::uint64_t seed) : seed_(seed) {}

  /// Run `index` of a class.
  SyntheticRun make(Planted planted, int index) {
    RandomStream draw(seed_, Draw::test, static_cast<std::uint32_t>(index),
                      static_cast<std::uint32_t>(planted));
    draw_ = &draw;
    index_ = index;
    switch (planted) {
      case Planted::stream_fault:
        return broken_stream();
      case Planted::exploding_gradient:
        return exploding();
      case Planted::high_bias:
        return biased();
      case Planted::slow_convergence:
        return slow();
      case Planted::nothing:
        return healthy();
    }
    return {};
  }

 private:
  using Set = std::vector<std::string>;

  double uniform(double low, double high) { return draw_->uniform(low, high); }
  /// Even in the logarithm.
  double spread(double low, double high) {
    return std::exp(uniform(std::log(low), std::log(high)));
  }
  int whole(int low, int high) { return low + static_cast<int>(uniform(0, high - low + 1)); }
  static std::string text(double v) {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.17g", v);
    return digits;
  }

  /// x+ = a x + b u under u = k (theta - x): closed loops p of the plant and of the model. The step
  /// is `pace` over the curvature of the cost, Σ (∂x_t/∂θ)².
  struct Scalar {
    double p, p_model, b, b_model, pace;
    int steps;
  };
  Experiment scalar(const Scalar& s) {
    const double k = uniform(0.3, 0.8) / s.b;
    const double a = s.p + s.b * k, a_model = s.p_model + s.b_model * k;
    double curvature = 0, slope = 0;
    for (int t = 0; t < s.steps; ++t) {
      slope = s.p * slope + s.b * k;
      curvature += slope * slope;
    }
    return experiment_of(
        "scalar",
        {"plant.a=" + text(a), "plant.b=" + text(s.b), "model.a_error=" + text(a_model - a),
         "model.b_error=" + text(s.b_model - s.b), "controller.gain=" + text(k),
         "policy.setpoint=" + text(uniform(1, 3)), "rollout.segments=" + std::to_string(s.steps),
         "rollout.per_update=4", "rollout.start.half_width=[0.5]", "rollout.noise.state=[0.05]",
         "optimiser.step=" + text(s.pace / curvature), "optimiser.iterations=10",
         "seed=" + std::to_string(whole(1, 1000000))});
  }
  /// Right up to 15 %, its loop and that of the plant stable.
  Scalar sound_scalar() {
    const double p = uniform(0.3, 0.93), b = uniform(0.5, 1.5);
    return {
        p, p * uniform(0.9, 1.04), b, b * uniform(0.85, 1.15), uniform(0.15, 0.9), whole(30, 60)};
  }

  Experiment car(const Set& set) {
    Set all = {"rollout.segments=16",
               "gradient.drop_segments=4",
               "gradient.window_segments=12",
               "rollout.per_update=2",
               "optimiser.step=" + text(spread(0.02, 0.05)),
               "optimiser.iterations=10",
               "model.scale=" + text(uniform(0.7, 1.2)),
               "rollout.start.half_width=[0.1, 0.1, 0.1, 0.1]",
               "seed=" + std::to_string(whole(1, 1000000))};
    all.insert(all.end(), set.begin(), set.end());
    return experiment_of("car", all);
  }

  SyntheticRun healthy() {
    if (index_ % 3 == 0) return trained(Planted::nothing, "car", car({}));
    return trained(Planted::nothing, "scalar", scalar(sound_scalar()));
  }

  SyntheticRun exploding() {
    const Planted planted = Planted::exploding_gradient;
    Scalar s = sound_scalar();
    s.steps = whole(40, 60);
    const double p = uniform(1.08, 1.3);
    switch (index_ % 10 == 9 ? 3 : index_ % 3) {
      case 0:
        s.p = p;
        return trained(planted, "the real loop", scalar(s));
      case 1:
        s.p_model = p;
        return trained(planted, "the model's loop", scalar(s));
      case 2:
        s.p = p;
        s.p_model = p * uniform(0.97, 1.03);
        return trained(planted, "both loops", scalar(s));
      default:
        // The continuous design at 10 ms on a lighter, shorter model: 2.2 a step.
        return trained(
            planted, "the model's loop",
            experiment_of("double_pendulum_mismatch",
                          {"rollout.segments=12", "rollout.per_update=2",
                           "model.mass_scale=" + text(uniform(0.65, 0.75)),
                           "model.length_scale=" + text(uniform(0.85, 0.95)), "optimiser.step=1e-7",
                           "optimiser.iterations=3", "seed=" + std::to_string(whole(1, 1000000))}));
    }
  }

  SyntheticRun biased() {
    const Planted planted = Planted::high_bias;
    if (index_ % 3 != 0) {
      // The input works the other way round, in a loop that is stable all the same.
      Scalar s = sound_scalar();
      s.b_model = -s.b * uniform(0.3, 1.2);
      s.pace *= 0.1;  // uphill
      return trained(planted, "the model", scalar(s));
    }
    // The throttle works backwards, weakly, and the steering hardly at all.
    return trained(planted, "the model",
                   car({"model.parameters.accel_gain=" + text(uniform(-0.6, -0.2)),
                        "model.parameters.turn_gain_per_m=" + text(uniform(0.001, 0.02)),
                        "model.parameters.drag_per_m=0.55", "model.parameters.turn_bias_per_m=0.1",
                        "model.scale=1", "optimiser.step=0.002"}));
  }

  SyntheticRun slow() {
    const Planted planted = Planted::slow_convergence;
    Scalar s = sound_scalar();
    switch (index_ % 4) {
      case 0:
        s.pace = spread(1e-5, 5e-3);
        return trained(planted, "the step is too small", scalar(s));
      case 1:
        return trained(planted, "the step is too small",
                       car({"optimiser.step=" + text(spread(1e-7, 1e-5))}));
      case 2:
        return trained(planted, "saturated",
                       car({"controller.limits.throttle=" + text(uniform(0.02, 0.05)),
                            "controller.limits.steer=" + text(uniform(0.02, 0.06))}));
      default: {
        // Outputs far out on their tanh.
        const Experiment e = car({"policy.scales=[0.1,0.1,0.1,0.1,0.05,0.05,0.05,0.02,0.02,0.02]"});
        std::vector<double> theta = initial_policies({{&e}, 1}, policy_parameters(e));
        const auto dead = static_cast<std::size_t>(whole(5, 10));
        for (std::size_t c = 1; c <= dead; ++c) {
          theta[theta.size() - c] = uniform(3.5, 6) * (uniform(-1, 1) < 0 ? -1 : 1);
        }
        return trained(planted, "dead outputs", e, theta);
      }
    }
  }

  SyntheticRun broken_stream() {
    SyntheticRun run = healthy();
    run.planted = Planted::stream_fault;
    // Any other trouble may be in there as well: the fault comes first.
    std::vector<LoggedRollout>& all = run.material.rollouts;
    LoggedRollout& r = all[static_cast<std::size_t>(whole(0, static_cast<int>(all.size()) - 1))];
    const int at = whole(r.samples() / 4, r.samples() / 2);
    switch (index_ % 4) {
      case 0: {
        run.how = "jumps of the clock";
        const double period = r.sample_time[1] - r.sample_time[0];
        const double jump = period * (uniform(-1, 1) < 0 ? -uniform(2, 20) : uniform(6, 40));
        for (std::size_t k = static_cast<std::size_t>(at); k < r.sample_time.size(); ++k) {
          r.sample_time[k] += jump;
        }
        return run;
      }
      case 1: {
        run.how = "segments disagree";
        const int j = whole(1, r.segments() - 3);
        const double segment = r.segment_time[1] - r.segment_time[0];
        if (uniform(-1, 1) < 0) {
          r.segment_begin.erase(r.segment_begin.begin() + j, r.segment_begin.begin() + j + 2);
        } else {
          r.segment_time[static_cast<std::size_t>(j)] += segment * uniform(1.2, 3);
        }
        return run;
      }
      case 2: {
        // A stuck actuator, or another policy than the one on record.
        run.how = "commands differ from recomputed ones";
        const auto nu = static_cast<std::size_t>(r.nu);
        for (int k = at; k < at + r.samples() / 4; ++k) {
          r.inputs[static_cast<std::size_t>(k) * nu] += uniform(0.01, 0.1);
        }
        return run;
      }
      default: {
        run.how = "numbers that are not finite";
        const double bad = uniform(-1, 1) < 0 ? std::numeric_limits<double>::quiet_NaN()
                                              : std::numeric_limits<double>::infinity();
        std::vector<double>& table = uniform(-1, 1) < 0 ? r.states : r.inputs;
        table[static_cast<std::size_t>(at * (&table == &r.states ? r.nx : r.nu))] = bad;
        return run;
      }
    }
  }

  /// Three updates by the plain loop; what a run directory would hold.
  SyntheticRun trained(Planted planted, const std::string& how, const Experiment& e,
                       std::vector<double> theta = {}) {
    SyntheticRun run{planted, how, e, {}};
    SimulatedSource source({{&e}, 1});
    const auto engine = Engine::create(
        engine_spec(e, "cpu", precision_name(e.common.precision), source.shape().segments),
        source.shape());
    engine->set_plant(e.setup.plant);
    engine->set_model(e.setup.model);
    if (theta.empty()) theta = initial_policies({{&e}, 1}, engine->parameters());
    const auto optimiser = make_optimiser(e.common.optimiser, 1, engine->parameters());
    for (int i = 0; i < 3; ++i) {
      engine->set_policies(theta);
      const Windows windows = source.next(i, theta, *engine).value();
      Scores scores;
      engine->score(windows, scores);
      Gradient gradient;
      engine->gradient(windows, {e.common.gradient.chain, e.common.gradient.truncate_steps},
                       gradient);
      double cost = 0;
      for (const double loss : scores.loss) cost += loss / static_cast<double>(scores.loss.size());
      run.material.iterations.push_back(
          {i, cost, gradient_norms(gradient.mean, 1).front(), std::nan("")});
      run.material.rollouts.push_back(source.logged(*engine, 0));
      run.material.rollouts.back().index = i;
      if (gradient.used.front() > 0)
        optimiser->step(theta.data(), gradient.mean.data(), gradient.used.data());
    }
    run.material.theta = theta;
    return run;
  }

  std::uint64_t seed_;
  RandomStream* draw_ = nullptr;
  int index_ = 0;
};

}  // namespace phigrad
