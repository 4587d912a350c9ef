// The registry of robots: a name, the settings struct that describes its config sections, and the
// way from settings to the engine's numbers.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "host/config/fields.hpp"
#include "host/experiment/settings.hpp"
#include "host/robots/robot_setup.hpp"
#include "host/study/study_settings.hpp"

namespace phigrad {

/// A config read, checked and resolved.
struct Experiment {
  std::string name;
  std::string robot;
  CommonSettings common;
  RobotSetup setup;
  nlohmann::ordered_json agent;  // section of `phigrad agent`, as written; null where there is none
  nlohmann::ordered_json resolved;

  /// Segments of the windows' reach in a rollout of `segments`, and the windows' length.
  int window_end(int segments) const { return segments - common.gradient.drop_last_segments; }
  int window_length(int segments) const {
    const int all = window_end(segments) - common.gradient.drop_segments;
    return common.gradient.window_segments == 0 ? all : common.gradient.window_segments;
  }
};

/// Throws Error(Exit::input) where the model is learned: it has numbers while a run learns them
/// alone.
void require_known_model(const Experiment& experiment);

/// A robot that configs can name.
class RobotType {
 public:
  virtual ~RobotType() = default;
  virtual const std::string& name() const = 0;
  virtual const std::string& summary() const = 0;  // one line
  /// Throws Error(Exit::input) naming the place and the key.
  virtual Experiment read(const nlohmann::ordered_json& document,
                          const std::string& place) const = 0;
  virtual nlohmann::ordered_json schema() const = 0;
};

/// All robots by name. Throws std::logic_error where two have one name.
void register_robot(std::unique_ptr<RobotType> robot);
std::vector<const RobotType*> robots();

/// The experiment that a config document describes, by the robot it names.
/// Throws Error(Exit::input); an unknown robot lists the known ones.
Experiment read_experiment(const nlohmann::ordered_json& document, const std::string& place);

/// JSON Schema of all robots' configs.
nlohmann::ordered_json experiment_schema();

namespace detail {

/// A whole config of one robot: the shared sections around the robot's own.
template <class RobotSettings>
struct ConfigOf {
  static std::string& robot_name() {
    static std::string name;
    return name;
  }

  std::string schema;
  std::string name = "unnamed";
  std::string description;
  CommonSettings common;
  RobotSettings robot;

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("$schema", schema, v.optional, "for editors: configs/schema.json");
    v.field("name", name, v.optional, "what the run is called", v.nonempty());
    v.tag("robot", robot_name(), "which robot");
    v.field("description", description, v.optional, "what the experiment is for");
    v.field("seed", common.seed, v.optional, "seed of all random numbers");
    v.choice("precision", common.precision,
             {{"float", Precision::single_}, {"double", Precision::double_}}, v.optional,
             "of states and adjoints while training");
    v.choice(
        "tensor_cores", common.tensor_cores,
        {{"off", TensorCores::off}, {"tf32x3", TensorCores::tf32x3}, {"bf16", TensorCores::bf16}},
        v.optional,
        "whether a GPU (compute capability 8.0 or later) has the policy's network on its tensor "
        "cores while training, in rollouts and gradients: to nearly all of a float's bits, or "
        "with operands of 8 bits");
    robot.describe(v);
    v.section("rollout", common.rollout, "trajectories of the plant");
    v.section("gradient", common.gradient, "which gradient is taken");
    v.section("optimiser", common.optimiser, "what is done with it");
    v.section("evaluation", common.evaluation, "the rollout that a policy is judged by");
    v.section("store", common.store, "what a run keeps");
    v.section("live", common.live, "learning from robots that drive: phigrad learn");
  }
};

/// Checks that concern several sections of any robot's config.
void check_common(const CommonSettings& common, const RobotSetup& setup, const Place& at);

template <class RobotSettings>
class RegisteredRobot : public RobotType {
 public:
  RegisteredRobot(std::string name, std::string summary)
      : name_(std::move(name)), summary_(std::move(summary)) {
    ConfigOf<RobotSettings>::robot_name() = name_;
  }
  const std::string& name() const override { return name_; }
  const std::string& summary() const override { return summary_; }

  Experiment read(const nlohmann::ordered_json& document, const std::string& place) const override {
    Experiment e;
    nlohmann::ordered_json own = document;
    if (own.contains("agent")) {
      e.agent = own["agent"];
      own.erase("agent");
    }
    auto config = read_settings<ConfigOf<RobotSettings>>(own, place);
    // The resolved copy is read again from other folders, by a resumed run for one.
    for (std::string& log : config.common.rollout.logs) {
      log = std::filesystem::absolute(log).lexically_normal().string();
    }
    e.name = config.name;
    e.robot = name_;
    e.common = config.common;
    e.setup = config.robot.setup(config.common, Place(place));
    check_common(e.common, e.setup, Place(place));
    e.resolved = write_settings(config);
    if (!e.agent.is_null()) e.resolved["agent"] = e.agent;
    return e;
  }
  nlohmann::ordered_json schema() const override {
    nlohmann::ordered_json schema = schema_of<ConfigOf<RobotSettings>>(name_);
    schema["properties"]["agent"] = {
        {"type", "object"},
        {"description", "what drives the robot, and within which bounds: read by phigrad agent"}};
    schema["properties"]["sweep"] = sweep_schema();
    schema["properties"]["study"] = schema_of<StudySettings>("study");
    schema["properties"]["study"].erase("$schema");
    return schema;
  }

 private:
  std::string name_, summary_;
};

}  // namespace detail

/// `static const Registered<CarSettings> car{"car", "…"};` hooks a robot up. RobotSettings has
/// describe(visitor) for its own sections and
/// setup(common, place) const -> RobotSetup, which throws through `place` what does not fit.
template <class RobotSettings>
struct Registered {
  Registered(const char* name, const char* summary) {
    register_robot(std::make_unique<detail::RegisteredRobot<RobotSettings>>(name, summary));
  }
};

}  // namespace phigrad
