#include "host/bench/operations.hpp"

#include <map>
#include <vector>

#include "host/bench/bench_data.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

ordered_json to_json(const Operations& o) {
  return {{"add", o.add},       {"multiply", o.multiply}, {"multiply_add", o.multiply_add},
          {"divide", o.divide}, {"root", o.root},         {"other", o.other}};
}

Operations operations_of(const ordered_json& j) {
  return {j.at("add").get<double>(),          j.at("multiply").get<double>(),
          j.at("multiply_add").get<double>(), j.at("divide").get<double>(),
          j.at("root").get<double>(),         j.at("other").get<double>()};
}

const char* name_of(Integrator i) {
  switch (i) {
    case Integrator::euler:
      return "euler";
    case Integrator::semi_implicit_euler:
      return "semi_implicit";
    case Integrator::runge_kutta_4:
      return "rk4";
    case Integrator::discrete:
      return "discrete";
  }
  return "";
}

/// Calls of the engine that work is made of.
const std::vector<std::string>& calls_of(const std::string& what) {
  static const std::vector<std::string> gradient = {"rollout", "score", "gradient"};
  static const std::map<std::string, std::vector<std::string>> calls = {
      {"rollout", {"rollout"}}, {"adjoint", {"adjoint"}}, {"gradient", gradient},
      {"iteration", gradient},  {"population", gradient},
  };
  static const std::vector<std::string> none;
  const auto found = calls.find(what);
  return found == calls.end() ? none : found->second;
}

}  // namespace

Operations& Operations::operator+=(const Operations& b) {
  add += b.add;
  multiply += b.multiply;
  multiply_add += b.multiply_add;
  divide += b.divide;
  root += b.root;
  other += b.other;
  return *this;
}

Operations operator*(double s, const Operations& a) {
  return {s * a.add, s * a.multiply, s * a.multiply_add, s * a.divide, s * a.root, s * a.other};
}

Operations CountedCall::per_step(int segments, int steps_per_segment) const {
  Operations sum = segment;
  sum += (1.0 / segments) * trajectory;
  return (1.0 / steps_per_segment) * sum;
}

ordered_json to_json(const CountedCall& call) {
  return {{"trajectory", to_json(call.trajectory)}, {"segment", to_json(call.segment)}};
}

ordered_json figure_key(const BenchCase& c) {
  const GradientSettings& g = c.experiment.common.gradient;
  if (g.chain == Chain::window || g.truncate_steps != 0) return nullptr;
  if (c.experiment.common.rollout.tape == Tape::recompute) return nullptr;
  const RobotSetup& s = c.experiment.setup;
  return {{"kernels", s.kernels},
          {"plant_integrator", name_of(s.plant_integrator)},
          {"model_integrator", name_of(s.model_integrator)},
          {"chain", g.chain == Chain::segment ? "segment" : "rollout"},
          {"steps_per_segment", s.steps_per_segment},
          {"noise", c.experiment.common.rollout.noise.any()}};
}

std::optional<Operations> counted_operations(const BenchCase& c, const std::string& what) {
  const ordered_json key = figure_key(c);
  const std::vector<std::string>& calls = calls_of(what);
  if (key.is_null() || calls.empty()) return std::nullopt;
  static const ordered_json all = ordered_json::parse(counted_operations_text());
  for (const ordered_json& figure : all.at("figures")) {
    if (figure.at("of") != key) continue;
    Operations sum;
    for (const std::string& call : calls) {
      const ordered_json& j = figure.at(call);
      const CountedCall counted{operations_of(j.at("trajectory")), operations_of(j.at("segment"))};
      sum += counted.per_step(c.experiment.common.rollout.segments,
                              c.experiment.setup.steps_per_segment);
    }
    return sum;
  }
  return std::nullopt;
}

}  // namespace phigrad
