#include "host/robots/planar_settings.hpp"

namespace phigrad {

std::vector<double> initial_network(RandomStream& stream, const std::vector<int>& layers) {
  std::vector<double> theta;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
    const int in = layers[l];
    const int out = layers[l + 1];
    const bool last = l + 2 == layers.size();
    // Glorot and Bengio, 2010: the variance of activations and gradients stays level.
    const double bound = std::sqrt(6.0 / (in + out));
    for (int i = 0; i < in * out; ++i) theta.push_back(last ? 0.0 : stream.uniform(-bound, bound));
    theta.insert(theta.end(), static_cast<std::size_t>(out), 0.0);
  }
  return theta;
}

std::vector<std::string> planar_decisions(const std::vector<std::string>& gains) {
  std::vector<std::string> names = {"setpoint x", "setpoint y", "setpoint vx", "setpoint vy"};
  for (const std::string& gain : gains) names.push_back("gain " + gain);
  return names;
}

void set_planar(RobotSetup& setup, const PlanarTask& task, const SplineSettings& policy, double dt,
                const std::vector<double>& gains, const std::vector<double>& limits,
                const Place& config) {
  const bool simulated = policy.timing == SplineTiming::simulated;
  if (simulated && policy.segment_s <= dt) {
    config.key("policy")
        .key("segment_s")
        .fail("a segment no longer than a step", "make it longer than rollout.dt_s");
  }
  const double lead = simulated ? dt : 0.0;
  const double span = policy.segment_s - lead;
  const auto fit = spline_fit<double>(span);

  setup.objective = task.pack;
  setup.policy = task.pack;
  setup.policy.push_back(span);  // the setpoint is the task where the spline ends
  setup.policy.insert(setup.policy.end(), policy.scales.begin(), policy.scales.end());
  for (int r = 0; r < 3; ++r) {
    for (int c = 0; c < 4; ++c) setup.policy.push_back(fit(r, c));
  }
  setup.policy.push_back(lead);
  setup.policy.insert(setup.policy.end(), gains.begin(), gains.end());
  setup.policy.insert(setup.policy.end(), limits.begin(), limits.end());

  setup.steps_per_segment = policy.steps_per_segment;
  setup.lap_s = task.lap_s;
  setup.on_task = task.state_at;
  setup.path_error = task.path_error;
  setup.position = [](const double* s) { return std::array<double, 2>{s[0], s[1]}; };
  setup.reads_recordings = true;
}

void start_planar(RobotSetup& setup, const SplineNetworkSettings& policy) {
  setup.network = {6, policy.hidden[0], policy.hidden[1], static_cast<int>(setup.decisions.size())};
  setup.initial_policy = [layers = setup.network](RandomStream& stream, int) {
    return initial_network(stream, layers);
  };
}

namespace {

void start_at_zeros(RobotSetup& setup) {
  setup.initial_policy = [](RandomStream& /*stream*/, int parameters) {
    return std::vector<double>(static_cast<std::size_t>(parameters), 0.0);
  };
}

}  // namespace

void start_planar(RobotSetup& setup, const CorrectionsSettings& /*policy*/) {
  start_at_zeros(setup);
  setup.is_constant_correction = true;
}

void start_planar(RobotSetup& setup, const LapTableSettings& policy) {
  start_at_zeros(setup);
  setup.lap_table_scales.assign(policy.scales.begin(), policy.scales.begin() + 4);
}

}  // namespace phigrad
