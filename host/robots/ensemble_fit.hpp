// How an ensemble (kernels/dynamics/learned_model.hpp) is fitted to rollouts: by Adam, each member
// from weights of its own, to minibatches of its own.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "host/robots/ensemble.hpp"
#include "host/robots/planar_settings.hpp"
#include "host/support/random.hpp"
#include "host/train/optimiser.hpp"
#include "kernels/dynamics/learned_model.hpp"
#include "kernels/policy/parameters.hpp"

namespace phigrad {

/// Mean and standard deviation of each of N numbers, over samples as they come.
template <int N>
class RunningMoments {
 public:
  void add(const Vec<double, N>& sample) {
    ++count_;
    for (int i = 0; i < N; ++i) {
      const double apart = sample[i] - mean_[i];
      mean_[i] += apart / count_;
      squares_[i] += apart * (sample[i] - mean_[i]);
    }
  }
  double mean(int i) const { return mean_[i]; }
  /// Above 0: what does not vary keeps its scale.
  double deviation(int i) const {
    const double d = std::sqrt(squares_[i] / std::max(count_, 1.0));
    return d > 1e-9 ? d : 1.0;
  }

 private:
  double count_ = 0;
  Vec<double, N> mean_{}, squares_{};
};

template <class Model, class Frame>
class EnsembleFit : public ModelFit {
 public:
  EnsembleFit(const EnsembleSettings& settings, std::uint64_t seed)
      : settings_(settings),
        seed_(seed),
        optimiser_(make_optimiser(adam(settings), Model::members, Network::np)),
        gradient_(Model::members * Network::np) {
    for (int m = 0; m < Model::members; ++m) {
      RandomStream stream(seed_, Draw::model, static_cast<std::uint32_t>(m), 0);
      const std::vector<double> weights =
          initial_network(stream, {nf, Network::n_hidden, Network::n_hidden, nr});
      std::copy(weights.begin(), weights.end(), pack_.weights + m * Network::np);
    }
    set_scales();
  }

  void add(const std::vector<double>& states, const std::vector<double>& inputs,
           double dt) override {
    const auto finite = [](double v) { return std::isfinite(v); };
    if (!std::all_of(states.begin(), states.end(), finite)) return;
    for (std::size_t k = 0; k < inputs.size() / nu; ++k) {
      const double* now = states.data() + k * nx;
      const double* input = inputs.data() + k * nu;
      Vec<double, nx> x, rate;
      Vec<double, nu> u;
      for (int i = 0; i < nx; ++i) {
        x[i] = now[i];
        rate[i] = (now[nx + i] - x[i]) / dt;
      }
      for (int i = 0; i < nu; ++i) u[i] = input[i];
      Vec<double, nx> known{};
      const Sample s{Frame::features(x, u), Frame::rates_vjp(rate, known)};
      of_features_.add(s.features);
      of_rates_.add(s.rates);
      samples_.push_back(s);
    }
  }

  std::vector<double> fit() override {
    if (!samples_.empty()) {
      ++fits_;
      set_scales();
      std::vector<RandomStream> draws;
      draws.reserve(Model::members);
      for (int m = 0; m < Model::members; ++m) {
        draws.emplace_back(seed_, Draw::model, static_cast<std::uint32_t>(m), fits_);
      }
      const std::vector<int> all(Model::members, 1);
      for (int s = 0; s < settings_.steps; ++s) {
        std::fill(gradient_.begin(), gradient_.end(), 0.0);
        for (int m = 0; m < Model::members; ++m) {
          add_gradient(m, draws[static_cast<std::size_t>(m)]);
        }
        optimiser_->step(pack_.weights, gradient_.data(), all.data());
      }
    }
    std::vector<double> numbers(pack_size_v<Model::template Params>);
    to_array(pack_, numbers.data());
    return numbers;
  }

 private:
  static constexpr int nx = Model::nx, nu = Model::nu;
  static constexpr int nf = Model::n_features, nr = Model::n_rates;
  using Network = typename Model::Network;
  /// Outputs are within ±1: they reach three standard deviations.
  static constexpr double reach = 3;

  struct Sample {
    Vec<double, nf> features;
    Vec<double, nr> rates;
  };

  static OptimiserSettings adam(const EnsembleSettings& settings) {
    OptimiserSettings o;
    o.type = OptimiserKind::adam;
    o.step = settings.step;
    return o;
  }

  /// Of half the mean square of the scaled rates' errors, over a minibatch of the member's own.
  void add_gradient(int member, RandomStream& draws) {
    const std::ptrdiff_t first = std::ptrdiff_t{member} * Network::np;
    const SharedParameters<double> weights{pack_.weights + first};
    const ParameterGradient<double> gradient{{gradient_.data() + first, {1, 0, 1}}, 0};
    for (int b = 0; b < settings_.batch; ++b) {
      const double drawn = draws.uniform(0, static_cast<double>(samples_.size()));
      const Sample& sample = samples_[static_cast<std::size_t>(drawn)];
      const Vec<double, nf> input[1] = {Model::scaled(sample.features, pack_)};
      typename Network::template Activations<double, 1> a;
      Network::template forward<1>(weights, input, a);
      Vec<double, nr> error[1];
      for (int i = 0; i < nr; ++i) {
        const double wanted = (sample.rates[i] - pack_.rate_mean[i]) / pack_.rate_scale[i];
        error[0][i] = (a.out[0][i] - wanted) / settings_.batch;
      }
      Network::pull_back(weights, input, a, error, gradient);
    }
  }

  /// By the samples so far; the weights go on from there.
  void set_scales() {
    for (int i = 0; i < nf; ++i) {
      pack_.feature_mean[i] = of_features_.mean(i);
      pack_.feature_scale[i] = 1 / of_features_.deviation(i);
    }
    for (int i = 0; i < nr; ++i) {
      pack_.rate_mean[i] = of_rates_.mean(i);
      pack_.rate_scale[i] = reach * of_rates_.deviation(i);
    }
  }

  EnsembleSettings settings_;
  std::uint64_t seed_;
  std::uint32_t fits_ = 0;
  std::unique_ptr<Optimiser> optimiser_;  // a member is a policy of it
  typename Model::template Params<double> pack_{};
  std::vector<double> gradient_;  // [members, np]
  std::vector<Sample> samples_;
  RunningMoments<nf> of_features_;
  RunningMoments<nr> of_rates_;
};

template <class Model, class Frame>
MakeModelFit ensemble_fit(const EnsembleSettings& settings) {
  return [settings](std::uint64_t seed) {
    return std::make_unique<EnsembleFit<Model, Frame>>(settings, seed);
  };
}

}  // namespace phigrad
