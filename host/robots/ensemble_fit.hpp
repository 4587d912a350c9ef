// How an ensemble (kernels/dynamics/learned_model.hpp) is fitted to rollouts: by Adam, each member
// from weights of its own, to minibatches of its own.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "host/robots/ensemble.hpp"
#include "host/robots/planar_settings.hpp"
#include "host/support/random.hpp"
#include "kernels/dynamics/learned_model.hpp"
#include "kernels/policy/parameters.hpp"

namespace phigrad {

/// Mean and standard deviation of each of N numbers, over samples as they come.
template <int N>
class RunningMoments {
 public:
  void add(const std::array<float, N>& sample) {
    ++count_;
    for (int i = 0; i < N; ++i) {
      const auto value = static_cast<double>(sample[i]);
      const double apart = value - mean_[i];
      mean_[i] += apart / count_;
      squares_[i] += apart * (value - mean_[i]);
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
  std::array<double, N> mean_{}, squares_{};
};

template <class Model, class Frame>
class EnsembleFit : public ModelFit {
 public:
  EnsembleFit(const EnsembleSettings& settings, std::uint64_t seed)
      : settings_(settings), seed_(seed) {
    for (int m = 0; m < Model::members; ++m) {
      RandomStream stream(seed_, Draw::model, static_cast<std::uint32_t>(m), 0);
      const std::vector<double> weights =
          initial_network(stream, {nf, Network::n_hidden, Network::n_hidden, nr});
      members_[m].weights.assign(weights.begin(), weights.end());
      members_[m].mean.assign(weights.size(), 0.0F);
      members_[m].square.assign(weights.size(), 0.0F);
    }
  }

  void add(const std::vector<double>& states, const std::vector<double>& inputs,
           double dt) override {
    const auto finite = [](double v) { return std::isfinite(v); };
    if (!std::all_of(states.begin(), states.end(), finite)) return;
    for (std::size_t k = 0; k < inputs.size() / nu; ++k) {
      Vec<double, nx> x, rate;
      Vec<double, nu> u;
      for (int i = 0; i < nx; ++i) {
        x[i] = states[k * nx + i];
        rate[i] = (states[(k + 1) * nx + i] - x[i]) / dt;
      }
      for (int i = 0; i < nu; ++i) u[i] = inputs[k * nu + i];
      Vec<double, nx> known{};
      const Vec<double, nr> learned = Frame::rates_vjp(rate, known);
      const Vec<double, nf> f = Frame::features(x, u);
      Sample s;
      for (int i = 0; i < nf; ++i) s.features[i] = static_cast<float>(f[i]);
      for (int i = 0; i < nr; ++i) s.rates[i] = static_cast<float>(learned[i]);
      of_features_.add(s.features);
      of_rates_.add(s.rates);
      samples_.push_back(s);
    }
  }

  std::vector<double> fit() override {
    if (!samples_.empty()) {
      for (int m = 0; m < Model::members; ++m) fit(m);
      ++fits_;
    }
    return pack();
  }

 private:
  static constexpr int nx = Model::nx, nu = Model::nu;
  static constexpr int nf = Model::n_features, nr = Model::n_rates;
  using Network = typename Model::Network;
  /// Outputs are within ±1: they reach three standard deviations.
  static constexpr double reach = 3;

  struct Sample {
    std::array<float, nf> features;
    std::array<float, nr> rates;
  };
  struct Member {
    std::vector<float> weights, mean, square;  // of Adam
    int updates = 0;
  };
  /// Where Network::pull_back adds a gradient.
  struct Gradient {
    float* bar;

    template <class Real>
    void add(std::int64_t i, Real v) const {
      bar[i] += v;
    }
    template <int n, class Real>
    void add_products(std::int64_t i, const Real (&a)[n], const Real (&b)[n]) const {
      for (int k = 0; k < n; ++k) bar[i] += a[k] * b[k];
    }
  };

  void fit(int member) {
    Member& m = members_[member];
    RandomStream stream(seed_, Draw::model, static_cast<std::uint32_t>(member), 1 + fits_);
    std::vector<float> gradient(m.weights.size());
    for (int s = 0; s < settings_.steps; ++s) {
      std::fill(gradient.begin(), gradient.end(), 0.0F);
      for (int b = 0; b < settings_.batch; ++b) {
        const auto drawn =
            static_cast<std::size_t>(stream.uniform(0, static_cast<double>(samples_.size())));
        add_gradient(m, samples_[drawn], Gradient{gradient.data()});
      }
      step(m, gradient);
    }
  }

  /// Of half the mean square of the scaled rates' errors.
  void add_gradient(const Member& m, const Sample& sample, const Gradient& gradient) const {
    Vec<float, nf> input[1];
    for (int i = 0; i < nf; ++i) {
      input[0][i] = scaled(sample.features[i], of_features_.mean(i), of_features_.deviation(i));
    }
    const SharedParameters<float> weights{m.weights.data()};
    typename Network::template Activations<float, 1> a;
    Network::template forward<1>(weights, input, a);
    Vec<float, nr> error[1];
    for (int i = 0; i < nr; ++i) {
      const float wanted =
          scaled(sample.rates[i], of_rates_.mean(i), reach * of_rates_.deviation(i));
      error[0][i] = (a.out[0][i] - wanted) / static_cast<float>(settings_.batch);
    }
    Network::pull_back(weights, input, a, error, gradient);
  }

  static float scaled(float value, double mean, double deviation) {
    return static_cast<float>((static_cast<double>(value) - mean) / deviation);
  }

  void step(Member& m, const std::vector<float>& gradient) const {
    constexpr float decay = 0.9F, square_decay = 0.999F, epsilon = 1e-8F;
    ++m.updates;
    const auto t = static_cast<float>(m.updates);
    const auto rate = static_cast<float>(settings_.step) *
                      std::sqrt(1 - std::pow(square_decay, t)) / (1 - std::pow(decay, t));
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      m.mean[i] += (1 - decay) * (gradient[i] - m.mean[i]);
      m.square[i] += (1 - square_decay) * (gradient[i] * gradient[i] - m.square[i]);
      m.weights[i] -= rate * m.mean[i] / (std::sqrt(m.square[i]) + epsilon);
    }
  }

  std::vector<double> pack() const {
    typename Model::template Params<double> p{};
    int at = 0;
    for (const Member& m : members_) {
      for (const float w : m.weights) p.weights[at++] = static_cast<double>(w);
    }
    for (int i = 0; i < nf; ++i) {
      p.feature_mean[i] = of_features_.mean(i);
      p.feature_scale[i] = 1 / of_features_.deviation(i);
    }
    for (int i = 0; i < nr; ++i) {
      p.rate_mean[i] = of_rates_.mean(i);
      p.rate_scale[i] = reach * of_rates_.deviation(i);
    }
    std::vector<double> numbers(pack_size_v<Model::template Params>);
    to_array(p, numbers.data());
    return numbers;
  }

  EnsembleSettings settings_;
  std::uint64_t seed_;
  std::uint32_t fits_ = 0;
  std::array<Member, Model::members> members_;
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
