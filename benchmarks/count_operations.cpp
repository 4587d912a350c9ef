// Counts what the kernels do, by running them with numbers that count:
//   count_operations --write F  writes the figures of every config of benchmarks/cases and of those
//                               that `phigrad bench --robot` has built in (./dev operations)
//   count_operations --check F  compares them to F, for the kernels that this program has; says
//   what
//                               differs and exits with 1
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <string>

#include "benchmarks/counted.hpp"
#include "host/bench/bench_data.hpp"
#include "host/bench/operations.hpp"
#include "host/bench/workload.hpp"
#include "host/config/json_document.hpp"
#include "host/engine/engine_of.hpp"
#include "host/engine/kernel_registry.hpp"
#include "host/store/atomic_file.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr int batch = 2;

const KernelEntry* counted_kernels(const std::string& kernels) {
  for (const KernelEntry& e : kernel_entries()) {
    if (e.kernels == kernels && e.flavour == "counted") return &e;
  }
  return nullptr;
}

/// An engine of one thread with the counting kernels.
std::unique_ptr<Engine> make_counting(const EngineSpec& spec, const BatchShape& shape) {
  const KernelEntry* entry = counted_kernels(spec.kernels);
  if (entry == nullptr) return nullptr;
  Placement<float> placement;
  placement.device = make_cpu_device(1);
  placement.kernels = static_cast<const RobotKernels<float>*>(entry->entry());
  placement.description = "counting";
  placement.runs_on = {"counted", 1, 1};
  return std::make_unique<EngineOf<float>>(spec, shape, std::move(placement));
}

template <class F>
Operations count(const F& f) {
  operation_counts = {};
  f();
  const OperationCounts& n = operation_counts;
  const auto each = [](std::int64_t v) { return static_cast<double>(v) / batch; };
  return {each(n.add),    each(n.multiply), each(n.multiply_add),
          each(n.divide), each(n.root),     each(n.other)};
}

using Calls = std::map<std::string, Operations>;

/// What the engine's calls do for one trajectory of so many segments.
Calls count_calls(const BenchConfig& config, int segments, int steps_per_segment) {
  const BenchCase c = make_bench_case(config, {"cpu", 1, &make_counting}, batch,
                                      segments * steps_per_segment, "float", 1);
  const std::unique_ptr<Engine> engine = c.engine();
  engine->set_policies(c.theta);
  engine->disturb(c.sets[0].disturbance);
  const Expectation asked = c.expectation();
  Scores scores;
  Gradient gradient;
  Calls calls;
  calls["rollout"] = count([&] { engine->simulate(c.sets[0].states, c.sets[0].times); });
  calls["score"] = count([&] { engine->score(asked.windows, scores); });
  calls["adjoint"] = count([&] { engine->adjoint(asked.windows, asked.options, gradient); });
  calls["gradient"] = count([&] { engine->gradient(asked.windows, asked.options, gradient); });
  return calls;
}

/// trajectory + segments · segment, from counts at two lengths; a third must agree.
CountedCall call_of(const std::string& name, const std::vector<int>& segments,
                    const std::vector<Calls>& counts) {
  const Operations& a = counts[0].at(name);
  const Operations& b = counts[1].at(name);
  Operations segment = b;
  segment += -1.0 * a;
  segment = (1.0 / (segments[1] - segments[0])) * segment;
  CountedCall call{a, segment};
  call.trajectory += -1.0 * segments[0] * segment;
  Operations expected = call.trajectory;
  expected += 1.0 * segments[2] * segment;
  expected += -1.0 * counts[2].at(name);
  if (to_json({expected, {}}) != to_json(CountedCall{})) {
    throw Error(Exit::numeric, name + " is no sum over segments", "count_operations",
                "count it by what it depends on");
  }
  return call;
}

std::vector<BenchConfig> all_configs() {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path source = PHIGRAD_SOURCE_DIR;
  for (const auto& file : std::filesystem::directory_iterator(source / "benchmarks/cases")) {
    files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& [robot, text] : default_configs()) {
    files.push_back(source / "configs" / (robot + ".json"));
  }
  std::vector<BenchConfig> configs;
  configs.reserve(files.size());
  for (const std::filesystem::path& file : files) {
    configs.push_back({read_json(file.string()).dump(), file.string(), {}});
  }
  return configs;
}

ordered_json figures() {
  ordered_json all = ordered_json::array();
  for (const BenchConfig& config : all_configs()) {
    const Experiment e = read_experiment(parse_json(config.text, config.place), config.place);
    if (counted_kernels(e.setup.kernels) == nullptr) continue;
    const int steps = e.setup.steps_per_segment;
    const GradientSettings& g = e.common.gradient;
    const int least = g.drop_segments + g.drop_last_segments + std::max(g.window_segments, 1);
    const std::vector<int> segments = {least + 1, least + 2, least + 4};
    std::vector<Calls> counts;
    counts.reserve(segments.size());
    for (const int s : segments) counts.push_back(count_calls(config, s, steps));
    ordered_json figure;
    figure["of"] = figure_key(make_bench_case(config, {"cpu", 1, &make_counting}, batch,
                                              segments[0] * steps, "float", 1));
    if (figure["of"].is_null()) continue;
    const bool known = std::any_of(
        all.begin(), all.end(), [&](const ordered_json& f) { return f.at("of") == figure["of"]; });
    if (known) continue;
    for (const auto& [name, counted] : counts[0]) {
      figure[name] = to_json(call_of(name, segments, counts));
    }
    all.push_back(figure);
  }
  return all;
}

int check(const std::string& file, const ordered_json& counted) {
  int differing = counted.empty() ? 1 : 0;
  const ordered_json recorded = read_json(file).at("figures");
  for (const ordered_json& figure : counted) {
    const bool same = std::find(recorded.begin(), recorded.end(), figure) != recorded.end();
    if (same) continue;
    ++differing;
    std::fprintf(stderr, "counted otherwise than in %s: %s\n", file.c_str(), figure.dump().c_str());
  }
  std::printf("%zu figures counted, %d differ\n", counted.size(), differing);
  return differing == 0 ? 0 : 1;
}

}  // namespace
}  // namespace phigrad

int main(int argc, char** argv) {
  using namespace phigrad;
  const std::string how = argc == 3 ? argv[1] : "";
  if (how != "--write" && how != "--check") {
    std::fprintf(stderr, "count_operations: --write FILE or --check FILE\n");
    return 2;
  }
  try {
    const nlohmann::ordered_json counted = figures();
    if (how == "--check") return check(argv[2], counted);
    std::string text = "{\"figures\": [\n";
    for (std::size_t i = 0; i < counted.size(); ++i) {
      text += "  " + counted[i].dump() + (i + 1 < counted.size() ? ",\n" : "\n");
    }
    write_file_atomically(argv[2], text + "]}\n");
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "count_operations: %s\n", e.what());
    return 1;
  }
}
