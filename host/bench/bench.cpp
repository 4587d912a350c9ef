#include "host/bench/bench.hpp"

#include <algorithm>
#include <cmath>

#include "host/bench/operations.hpp"
#include "host/bench/resident.hpp"
#include "host/bench/traffic.hpp"
#include "host/bench/workload.hpp"
#include "host/engine/device.hpp"
#include "host/experiment/rollout_source.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

/// null where it is not known.
ordered_json known(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

void require_numbers(const Workload& work, const BenchCase& c) {
  const std::vector<int>& status = work.gradient().status;
  const auto lost = std::find_if(status.begin(), status.end(), [](int s) { return s >= 0; });
  if (lost == status.end()) return;
  throw Error(Exit::numeric,
              "trajectory " + std::to_string(lost - status.begin()) +
                  " leaves the numbers at step " + std::to_string(*lost),
              c.experiment.name, "use fewer --steps, or a controller that holds the plant");
}

}  // namespace

double BenchRow::ceiling_steps_per_s() const {
  if (!std::isfinite(memory_steps_per_s) || !std::isfinite(issue_steps_per_s)) return std::nan("");
  return std::min(memory_steps_per_s, issue_steps_per_s);
}

const char* BenchRow::ceiling() const {
  if (!std::isfinite(ceiling_steps_per_s())) return "";
  return memory_steps_per_s < issue_steps_per_s ? "memory" : "issue";
}

ordered_json to_json(const BenchRow& r) {
  const std::string ceiling = r.ceiling();
  ordered_json j;
  j["case"] = r.name;
  j["what"] = r.what;
  j["batch"] = r.batch;
  j["steps"] = r.steps;
  j["precision"] = r.precision;
  j["backend"] = r.runs_on.flavour == "cuda" ? "cuda" : "cpu " + r.runs_on.flavour;
  j["lanes"] = r.runs_on.lanes;
  j["threads"] = r.runs_on.threads;
  j["seconds"] = r.timing.median();
  j["seconds_min"] = r.timing.least();
  j["seconds_max"] = r.timing.most();
  j["repetitions"] = r.timing.seconds.size();
  j["calls_a_repetition"] = r.timing.calls;
  j["steps_per_s"] = r.steps_per_s();
  j["ns_per_step"] = 1e9 / r.steps_per_s();
  j["percent_of_peak"] = known(r.percent_of_peak());
  j["ceiling"] = ceiling.empty() ? ordered_json(nullptr) : ordered_json(ceiling);
  j["ceiling_steps_per_s"] = known(r.ceiling_steps_per_s());
  j["memory_steps_per_s"] = known(r.memory_steps_per_s);
  j["issue_steps_per_s"] = known(r.issue_steps_per_s);
  j["bytes_per_step"] = known(r.bytes_per_step);
  j["instructions_per_step"] = known(r.instructions_per_step);
  j["flops_per_step"] = known(r.flops_per_step);
  j["allocations"] = r.allocations < 0 ? ordered_json(nullptr) : ordered_json(r.allocations);
  j["peak_resident_bytes"] = r.peak_resident;
  j["joules_per_million_steps"] = known(1e6 * r.joules_per_step);
  return j;
}

BenchRow Bench::measure(const BenchCase& c, const std::string& what) {
  forget_peak_resident();
  const std::unique_ptr<Workload> work = make_workload(what, c);
  BenchRow row;
  row.name = c.experiment.name;
  row.what = what;
  row.precision = precision_name(c.experiment.common.precision);
  row.batch = c.batch;
  row.steps = c.steps();
  row.iterations = work->iterations();
  row.runs_on = work->engine().runs_on();
  std::int64_t calls = 0;
  const auto call = [&](std::size_t set) {
    work->run(set);
    ++calls;
  };
  energy_.begin(row.runs_on.flavour == "cuda" ? cuda_address() : "");
  row.timing = time_calls(row.name + "/" + what, repetitions_, c.sets.size(), call);
  for (std::size_t set = 0; !energy_.long_enough(); set = (set + 1) % c.sets.size()) call(set);
  row.joules_per_step = energy_.end_joules() / (static_cast<double>(calls) * row.steps_a_call());
  require_numbers(*work, c);
  if (count_allocations_ != nullptr) {
    const std::int64_t before = count_allocations_();
    work->run(0);
    row.allocations = count_allocations_() - before;
  }
  row.peak_resident = peak_resident();
  hold_against_ceilings(c, work->engine(), row);
  return row;
}

void Bench::hold_against_ceilings(const BenchCase& c, const Engine& engine, BenchRow& row) {
  row.bytes_per_step = row.instructions_per_step = row.flops_per_step = std::nan("");
  row.memory_steps_per_s = row.issue_steps_per_s = std::nan("");
  Ceilings* ceilings = ceilings_of(row.runs_on);
  const bool single = c.experiment.common.precision == Precision::single_;
  const Traffic traffic = traffic_of(c, row.what, engine);
  if (traffic.bytes_per_step > 0) {
    row.bytes_per_step = traffic.bytes_per_step;
    if (ceilings != nullptr) {
      const auto through = [&](double bytes, double per_step) {
        return ceilings->bandwidth(static_cast<std::int64_t>(bytes)) / per_step;
      };
      row.memory_steps_per_s = std::min(through(traffic.bytes_near, traffic.bytes_per_step),
                                        through(traffic.bytes_held, traffic.stored_per_step));
    }
  }
  if (const auto operations = counted_operations(c, row.what)) {
    row.instructions_per_step = operations->instructions();
    row.flops_per_step = operations->flops();
    if (ceilings != nullptr) {
      // A multiply-add is one instruction and two floating-point operations. The ceiling is the
      // whole machine's: a batch that fills no lanes or threads stays far below it.
      row.issue_steps_per_s = ceilings->lane_instructions(single) / row.instructions_per_step;
    }
  }
}

Ceilings* Bench::ceilings_of(const RunsOn& runs_on) {
  if (runs_on.flavour == "cuda") return nullptr;  // not measured there
  auto& known_ceilings = ceilings_[{runs_on.flavour, runs_on.threads}];
  if (!known_ceilings) {
    known_ceilings = std::make_unique<Ceilings>(runs_on.flavour, runs_on.threads);
  }
  return known_ceilings.get();
}

ordered_json Bench::ceilings_json() {
  ordered_json all = ordered_json::array();
  for (const auto& [of, ceilings] : ceilings_) {
    all.push_back({{"flavour", of.first},
                   {"threads", of.second},
                   {"float_lanes", ceilings->lanes(true)},
                   {"double_lanes", ceilings->lanes(false)},
                   {"float_flops_one_thread", ceilings->flops(true, false)},
                   {"float_flops", ceilings->flops(true, true)},
                   {"double_flops_one_thread", ceilings->flops(false, false)},
                   {"double_flops", ceilings->flops(false, true)},
                   {"float_lane_instructions_per_s", ceilings->lane_instructions(true)},
                   {"double_lane_instructions_per_s", ceilings->lane_instructions(false)},
                   {"memory_bytes_per_s", ceilings->memory_bandwidth()}});
  }
  return all;
}

}  // namespace phigrad
