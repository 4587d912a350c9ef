// `phigrad bench [CONFIG…]`.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "host/bench/bench.hpp"
#include "host/bench/bench_data.hpp"
#include "host/bench/cost_growth.hpp"
#include "host/bench/dump.hpp"
#include "host/bench/workload.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/options.hpp"
#include "host/engine/device.hpp"
#include "host/store/atomic_file.hpp"
#include "host/support/build_info.hpp"
#include "host/support/error.hpp"
#include "host/support/machine.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

struct BenchCommand {
  ConfigOptions config;
  std::vector<std::string> configs;
  std::string robot;
  std::vector<std::string> what = {"rollout", "gradient", "adjoint"};
  std::vector<int> batch = {0}, steps = {0};  // 0: the config's own
  std::string precision;
  int threads = 0, repetitions = 20, sets = 4;
  std::string out, dump;
  bool growth = false;
  double seconds = CostSweep{}.seconds;
};

std::vector<std::string> names_of_work() {
  std::vector<std::string> names;
  for (const WorkloadKind& kind : workload_kinds()) names.emplace_back(kind.name);
  return names;
}

std::string text_of(const std::string& file) {
  const std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) {
    throw Error(Exit::input, "cannot read this config", file, "give the path of a JSON file");
  }
  return text.str();
}

BenchConfig default_config(const std::string& robot) {
  const auto& all = default_configs();
  const auto found = all.find(robot);
  if (found != all.end()) return {found->second, "configs/" + robot + ".json", {}};
  std::string known;
  for (const auto& [name, text] : all) known += (known.empty() ? "" : ", ") + name;
  throw Error(Exit::usage, "no config of robot '" + robot + "' is built in", "--robot",
              "use one of " + known + ", or give a CONFIG");
}

std::vector<BenchConfig> configs_of(const BenchCommand& o) {
  if (o.configs.empty() == o.robot.empty()) {
    throw Error(Exit::usage, o.robot.empty() ? "nothing to measure" : "a CONFIG beside --robot",
                "command line", "give either CONFIG or --robot NAME");
  }
  std::vector<BenchConfig> configs;
  if (!o.robot.empty()) configs.push_back(default_config(o.robot));
  for (const std::string& file : o.configs) configs.push_back({text_of(file), file, {}});
  for (BenchConfig& c : configs) {
    c.assignments = o.config.set;
    if (o.config.seed) c.assignments.push_back("seed=" + std::to_string(*o.config.seed));
  }
  return configs;
}

void check_options(const BenchCommand& o) {
  if (o.growth && !o.dump.empty()) {
    throw Error(Exit::usage, "many cases in one folder", "--dump", "leave --growth out");
  }
  if (!o.dump.empty() && (o.configs.size() > 1 || o.batch.size() > 1 || o.steps.size() > 1)) {
    throw Error(Exit::usage, "several cases in one folder", "--dump",
                "give one CONFIG, one --batch and one --steps");
  }
  if (o.config.backend == "cuda" && !cuda_obstacle().empty()) {
    throw Error(Exit::device, "no CUDA: " + cuda_obstacle(), "--backend cuda", "use --backend cpu");
  }
}

std::string number_or_dash(const char* format, double value) {
  if (!std::isfinite(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

void print_head(std::FILE* to) {
  std::fprintf(to, "%-20s %-10s %6s %5s  %-10s %10s %9s %9s %6s %-6s %6s %8s\n", "case", "work",
               "batch", "steps", "on", "seconds", "Msteps/s", "ns/step", "% peak", "of", "allocs",
               "J/Mstep");
}

void print_row(std::FILE* to, const BenchRow& r) {
  const std::string on = r.runs_on.flavour + (r.precision == "float" ? " fp32" : " fp64");
  std::fprintf(to, "%-20s %-10s %6d %5d  %-10s %10.3g %9.2f %9s %6s %-6s %6s %8s\n", r.name.c_str(),
               r.what.c_str(), r.batch, r.steps, on.c_str(), r.timing.median(),
               r.steps_per_s() / 1e6, number_or_dash("%.3g", 1e9 / r.steps_per_s()).c_str(),
               number_or_dash("%.1f", r.percent_of_peak()).c_str(), r.ceiling(),
               r.allocations < 0 ? "-" : std::to_string(r.allocations).c_str(),
               number_or_dash("%.3g", 1e6 * r.joules_per_step).c_str());
}

/// What figures come from.
ordered_json facts() {
  const BuildInfo& build = build_info();
  ordered_json j;
  j["machine"] = machine_name();
  j["version"] = build.version;
  j["commit"] = build.commit;
  j["compiler"] = build.compiler;
  j["flags"] = build.flags;
  j["cuda_toolkit"] = build.cuda;
  j["gpu"] = cuda_obstacle().empty() ? ordered_json(make_cuda_device()->description())
                                     : ordered_json(nullptr);
  return j;
}

ordered_json summary_of(const BenchCommand& o, const std::vector<BenchRow>& rows, Bench& bench) {
  ordered_json j;
  j["rows"] = ordered_json::array();
  for (const BenchRow& row : rows) j["rows"].push_back(to_json(row));
  j["ceilings"] = bench.ceilings_json();
  j["energy_from"] =
      bench.energy_source().empty() ? ordered_json(nullptr) : ordered_json(bench.energy_source());
  j.update(facts());
  j["repetitions"] = o.repetitions;
  j["sets"] = o.sets;
  return j;
}

void print_ceilings(const ordered_json& summary) {
  for (const ordered_json& c : summary.at("ceilings")) {
    std::printf(
        "%s: %s, %d lanes of fp32: %.1f Gflop/s on one thread, %.1f on %d; fp64 %.1f and %.1f; "
        "memory %.1f GB/s\n",
        summary.at("machine").get<std::string>().c_str(),
        c.at("flavour").get<std::string>().c_str(), c.at("float_lanes").get<int>(),
        c.at("float_flops_one_thread").get<double>() / 1e9, c.at("float_flops").get<double>() / 1e9,
        c.at("threads").get<int>(), c.at("double_flops_one_thread").get<double>() / 1e9,
        c.at("double_flops").get<double>() / 1e9, c.at("memory_bytes_per_s").get<double>() / 1e9);
  }
}

void print_cost(std::FILE* to, const CostCurve& curve) {
  const std::size_t i = curve.points.size() - 1;
  const CostPoint& p = curve.points[i];
  std::fprintf(to, "%-20s %c  B %8d  T %5d  P %5d  %10.3g s  %9.4g ns/step%s\n", curve.name.c_str(),
               curve.varies, p.batch, p.steps, p.policies, p.timing.least(), p.ns_per_step(),
               p.parts > 1 ? ("  in " + std::to_string(p.parts) + " parts").c_str() : "");
  std::fflush(to);
}

/// FILE.json and, beside it, FILE.html.
void write_growth(const std::string& out, const ordered_json& summary,
                  const std::vector<CostCurve>& curves) {
  write_file_atomically(out, summary.dump(2) + "\n");
  std::filesystem::path page = out;
  page.replace_extension(".html");
  write_file_atomically(page, cost_growth_html(curves, facts()));
  std::fprintf(stderr, "figures      %s\n", page.c_str());
}

int run_growth(const BenchCommand& o) {
  std::FILE* table = o.config.json ? stderr : stdout;
  CostSweep sweep;
  sweep.seconds = o.seconds;
  const std::vector<CostCurve> curves =
      measure_cost_growth(configs_of(o), {o.config.backend, o.threads, {}}, o.precision, sweep,
                          [&](const CostCurve& curve) { print_cost(table, curve); });
  for (const CostCurve& c : curves) std::fprintf(table, "%s\n", verdict_of(c).c_str());
  ordered_json summary = to_json(curves);
  summary.update(facts());
  if (!o.out.empty()) write_growth(o.out, summary, curves);
  if (o.config.json) std::cout << summary.dump() << '\n';
  return 0;
}

int run(const BenchCommand& o, CountAllocations count_allocations) {
  check_options(o);
  if (o.growth) return run_growth(o);
  const std::vector<BenchConfig> configs = configs_of(o);
  Bench bench(o.repetitions, count_allocations);
  std::vector<BenchRow> rows;
  std::FILE* table = o.config.json ? stderr : stdout;
  for (const BenchConfig& config : configs) {
    for (const int steps : o.steps) {
      for (const int batch : o.batch) {
        const BenchCase c = make_bench_case(config, {o.config.backend, o.threads, {}}, batch, steps,
                                            o.precision, o.sets);
        if (!o.dump.empty()) dump_case(c, o.dump);
        for (const std::string& what : o.what) {
          if (rows.empty()) print_head(table);
          rows.push_back(bench.measure(c, what));
          print_row(table, rows.back());
          std::fflush(table);
        }
      }
    }
  }
  const ordered_json summary = summary_of(o, rows, bench);
  if (!o.out.empty()) write_file_atomically(o.out, summary.dump(2) + "\n");
  if (o.config.json) {
    std::cout << summary.dump() << '\n';
  } else {
    print_ceilings(summary);
  }
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code, CountAllocations count_allocations) {
  CLI::App* command = app.add_subcommand(
      "bench", "throughput of the kernels, against what this machine can do at most");
  auto options = std::make_shared<BenchCommand>();
  BenchCommand& o = *options;
  command->add_option("CONFIG", o.configs, "experiments, JSON files (benchmarks/cases)");
  command->add_option("--robot", o.robot,
                      "in place of CONFIG: the config of this robot that is built in");
  add_config_options(*command, o.config, false);
  std::string work = "work, comma separated (default: rollout,gradient,adjoint):";
  for (const WorkloadKind& kind : workload_kinds()) {
    work += std::string("\n") + kind.name + ": " + kind.what;
  }
  command->add_option("--what", o.what, work)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(names_of_work()))
      ->type_name("LIST");
  command
      ->add_option("--batch", o.batch,
                   "trajectories a call, comma separated (default: "
                   "rollout.per_update)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 10000000))
      ->type_name("LIST");
  command
      ->add_option("--steps", o.steps,
                   "steps of a trajectory, whole segments, comma separated (default: the config's)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 10000000))
      ->type_name("LIST");
  command->add_option("--precision", o.precision, "float or double (default: the config's)")
      ->check(CLI::IsMember({"float", "double"}));
  command->add_option("--threads", o.threads, "threads on the CPU (default: all)")
      ->check(CLI::Range(1, 1024));
  command->add_option("--repetitions", o.repetitions, "timings, of which the median counts")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--sets", o.sets, "sets of random starts that calls rotate over")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--out", o.out, "write the JSON object to this file too");
  CLI::Option* growth = command->add_flag(
      "--growth", o.growth,
      "instead: how the cost of a gradient grows with the batch (1 to 4 million), the steps (10 to "
      "5000) and the policies (1 to 4096), and whether there is a cliff; with --out FILE.json the "
      "figures go into FILE.html");
  for (const char* other : {"--what", "--batch", "--steps", "--repetitions", "--sets"}) {
    growth->excludes(command->get_option(other));
  }
  command->add_option("--seconds", o.seconds, "that --growth may take, about")
      ->needs(growth)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command->add_option("--dump", o.dump,
                      "first write policy, starts, costs and gradients of the case to this folder, "
                      "for a peer that does the same work");
  command->callback(
      [options, count_allocations, &exit_code] { exit_code = run(*options, count_allocations); });
}

}  // namespace phigrad
