#include "host/bench/dump.hpp"

#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "host/bench/workload.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/store/atomic_file.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

void write_numbers(const std::filesystem::path& file, const std::vector<double>& values) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  write_file_atomically(
      file, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)});
}

}  // namespace

void dump_case(const BenchCase& c, const std::filesystem::path& directory) {
  if (c.experiment.common.rollout.noise.any()) {
    throw Error(Exit::input, "noise cannot be dumped", c.experiment.name + ": rollout.noise",
                "leave rollout.noise out");
  }
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    throw Error(Exit::input, "cannot make this folder: " + error.message(), directory.string(),
                "choose a writable place for --dump");
  }
  const std::unique_ptr<Workload> work = make_workload("gradient", c);
  const Engine& engine = work->engine();
  nlohmann::ordered_json j;
  j["name"] = c.experiment.name;
  j["robot"] = c.experiment.robot;
  j["nx"] = engine.nx();
  j["nu"] = engine.nu();
  j["np"] = engine.parameters();
  j["dt_s"] = c.experiment.common.rollout.dt_s;
  j["steps"] = c.steps();
  j["steps_per_segment"] = c.experiment.setup.steps_per_segment;
  j["batch"] = c.batch;
  j["precision"] = precision_name(c.experiment.common.precision);
  j["config"] = c.experiment.resolved;
  j["policy"] = "policy.f64";
  j["sets"] = nlohmann::ordered_json::array();
  write_numbers(directory / "policy.f64", c.theta);
  for (std::size_t set = 0; set < c.sets.size(); ++set) {
    work->run(set);
    const std::vector<double>& loss = work->scores().loss;
    const std::string name = "set" + std::to_string(set);
    const std::string states = name + "_states.f64", times = name + "_times.f64",
                      gradient = name + "_gradient.f64";
    write_numbers(directory / states, c.sets[set].states);
    write_numbers(directory / times, c.sets[set].times);
    write_numbers(directory / gradient, work->gradient().mean);
    j["sets"].push_back({{"states", states},
                         {"times", times},
                         {"mean_cost", std::accumulate(loss.begin(), loss.end(), 0.0) / c.batch},
                         {"gradient", gradient}});
  }
  write_file_atomically(directory / "case.json", j.dump(2) + "\n");
}

}  // namespace phigrad
