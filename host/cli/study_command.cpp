// `phigrad study CONFIG` and `phigrad study --resume DIR`.
#include <cmath>
#include <cstdio>
#include <iostream>

#include "host/cli/command_line.hpp"
#include "host/cli/interruption.hpp"
#include "host/cli/options.hpp"
#include "host/cli/policy_file.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/run_outcome.hpp"
#include "host/cli/training_output.hpp"
#include "host/config/json_document.hpp"
#include "host/config/overrides.hpp"
#include "host/engine/device.hpp"
#include "host/store/atomic_file.hpp"
#include "host/study/launches.hpp"
#include "host/study/study.hpp"
#include "host/study/study_report.hpp"
#include "host/study/training_study.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

struct StudyCommand {
  ConfigOptions config;
  std::string out, resume;
  bool plan = false;
};

void check_options(const StudyCommand& o) {
  if (o.resume.empty() == o.config.config.empty()) {
    throw Error(Exit::usage, o.resume.empty() ? "nothing to study" : "a CONFIG beside --resume",
                "command line", "give either CONFIG or --resume DIR");
  }
  if (!o.resume.empty() && (!o.config.set.empty() || o.config.seed || !o.out.empty() || o.plan)) {
    throw Error(Exit::usage, "--set, --seed, --out and --plan change what a study is",
                "command line", "with --resume, leave them out, or start a new study");
  }
  if (o.config.backend == "cuda" && !cuda_obstacle().empty()) {
    throw Error(Exit::device, "no CUDA: " + cuda_obstacle(), "--backend cuda", "use --backend cpu");
  }
}

void check_ranks(const StudyPlan& plan, const Ranks& ranks) {
  if (!plan.settings.training || ranks.size() == 1) return;
  throw Error(Exit::usage, "a study that trains runs in one process", "mpirun",
              "run it with `phigrad study`");
}

StudyPlan plan_of(const StudyCommand& o) {
  ordered_json document = read_json(o.config.config);
  for (const std::string& assignment : o.config.set) apply_override(document, assignment);
  if (o.config.seed) document["seed"] = *o.config.seed;
  return read_study(document, o.config.config);
}

void print_plan(const StudyPlan& plan, const std::string& backend) {
  if (plan.settings.training) {
    std::fprintf(stderr, "%zu cells in %zu batches, %d policies trained in each cell\n",
                 plan.cells.size(), training_batches(plan, backend).size(),
                 plan.settings.training->seeds);
    return;
  }
  const std::vector<Launch> launches = plan_launches(plan, backend);
  std::int64_t most = 0;
  for (const Launch& l : launches) most = std::max(most, l.bytes);
  std::fprintf(
      stderr,
      "%zu cells in %zu launches, %d trajectories each; trajectories take %lld MiB at most "
      "(study.memory_mib %d)\n",
      plan.cells.size(), launches.size(), plan.settings.trajectories,
      static_cast<long long>((most >> 20) + 1), plan.settings.memory_mib);
}

/// Progress on stderr: a line that is rewritten on a terminal, plain lines otherwise.
class StudyMonitor {
 public:
  void show(const StudyProgress& p) {
    const double seconds = clock_.seconds();
    const double left =
        seconds / static_cast<double>(p.done - p.at_start) * static_cast<double>(p.all - p.done);
    if (!told_ && p.done < p.all) {
      std::fprintf(stderr, "on %s; it will take about %s\n", p.backend.c_str(),
                   duration_text(seconds + left).c_str());
    }
    told_ = true;
    clock_.line(p.done == p.all, [&] {
      char text[128];
      std::snprintf(text, sizeof text, "%lld of %lld trajectories (%.0f %%)   %s left",
                    static_cast<long long>(p.done), static_cast<long long>(p.all),
                    100.0 * static_cast<double>(p.done) / static_cast<double>(p.all),
                    duration_text(left).c_str());
      return std::string(text);
    });
  }
  ProgressLine& line() { return clock_; }

 private:
  ProgressLine clock_;
  bool told_ = false;
};

std::string interval_text(const Estimate& e) {
  char text[96];
  if (std::isfinite(e.low)) {
    std::snprintf(text, sizeof text, "%.5g  [%.5g, %.5g]", e.value, e.low, e.high);
  } else {
    std::snprintf(text, sizeof text, "%.5g", e.value);
  }
  return text;
}

void print_rows(const StudyPlan& plan, const std::vector<ordered_json>& rows,
                const std::vector<StudyFit>& fits) {
  for (const Cell& cell : plan.cells) {
    const CellResult r = result_of(rows[static_cast<std::size_t>(cell.index)]);
    std::printf("cell %d: %s\n", cell.index, cell_name(cell).c_str());
    for (const Quantity& q : r.quantities) {
      std::printf("  %-34s %s\n", q.name.c_str(), interval_text(q.estimate).c_str());
    }
    for (const std::string& remark : r.remarks) std::printf("  ! %s\n", remark.c_str());
  }
  for (const StudyFit& f : fits) {
    if (!f.better) continue;
    std::printf(
        "%s ~ %s, slope %s   R^2 %.4f%s\n", f.quantity.c_str(),
        f.exponential ? ("exp(slope * " + f.key + ")").c_str() : ("(" + f.key + ")^slope").c_str(),
        interval_text(f.slope).c_str(), f.r_squared,
        f.held.empty() ? "" : ("   at " + f.held.dump()).c_str());
  }
}

ordered_json number(double v) { return json_number(v); }

ordered_json fits_json(const std::vector<StudyFit>& fits) {
  ordered_json all = ordered_json::array();
  for (const StudyFit& f : fits) {
    all.push_back({{"quantity", f.quantity},
                   {"key", f.key},
                   {"held", f.held},
                   {"law", f.exponential ? "exponential" : "power"},
                   {"slope",
                    {{"value", number(f.slope.value)},
                     {"low", number(f.slope.low)},
                     {"high", number(f.slope.high)}}},
                   {"r_squared", number(f.r_squared)},
                   {"better", f.better}});
  }
  return all;
}

int finish(const StudyPlan& plan, const StudyStore& store, double wall_s, bool json) {
  const std::vector<ordered_json> rows = study_rows(plan, store);
  const std::vector<StudyFit> fits = study_fits(plan, rows);
  const std::filesystem::path& out = store.directory();
  write_file_atomically(out / "study.csv", study_csv(plan, rows));
  const std::string growth = growth_csv(plan, rows);
  if (!growth.empty()) write_file_atomically(out / "growth.csv", growth);
  const std::string training = training_csv(plan, rows);
  if (!training.empty()) write_file_atomically(out / "training.csv", training);
  ordered_json summary;
  summary["rows"] = rows;
  summary["fits"] = fits_json(fits);
  if (plan.settings.training) summary["reference"] = agreement_json(plan, rows);
  summary["confidence"] = plan.settings.confidence;
  summary["wall_s"] = wall_s;
  summary["out"] = out.string();
  write_file_atomically(out / "summary.json", summary.dump(2) + "\n");
  write_file_atomically(out / "report.html", study_report_html(plan, rows, fits, wall_s));
  if (json) {
    std::cout << summary.dump() << '\n';
  } else {
    print_rows(plan, rows, fits);
    if (plan.settings.training) print_training(plan, rows);
    std::printf(
        "intervals of %g %%; %zu cells in %s\nstudy    %s (study.csv, summary.json)\n"
        "view     xdg-open %s\n",
        100 * plan.settings.confidence, rows.size(), duration_text(wall_s).c_str(), out.c_str(),
        (out / "report.html").c_str());
  }
  return 0;
}

StudyStore open_store(const StudyCommand& o, const StudyPlan& plan) {
  if (!o.resume.empty()) {
    StudyStore store = StudyStore::resume(o.resume);
    if (store.config_text() == plan.document.dump(2) + "\n") return store;
    throw Error(Exit::input, "config.json is not what the study was begun with", o.resume,
                "restore it from study.db (table study), or start a new study");
  }
  return StudyStore::create(o.out.empty() ? fresh_run_directory(plan.name) : o.out,
                            plan.document.dump(2) + "\n");
}

/// The plan, the same on every rank: of a study that is taken up again, from its directory.
StudyPlan read_plan(const StudyCommand& o) {
  if (o.resume.empty()) return plan_of(o);
  const std::string config = (std::filesystem::path(o.resume) / "config.json").string();
  return read_study(read_json(config), config);
}

int run(const StudyCommand& o, Ranks& ranks) {
  check_options(o);
  const StudyPlan plan = read_plan(o);
  const bool first = ranks.rank() == 0;
  check_ranks(plan, ranks);
  if (first) print_plan(plan, o.config.backend);
  if (o.plan) return 0;
  std::optional<StudyStore> store;
  if (first) store.emplace(open_store(o, plan));
  StudyMonitor monitor;
  StudyOptions options;
  options.backend = o.config.backend;
  options.read_policy = &load_policy;
  options.stop = &stop_on_interruption();
  options.on_part = [&](const StudyProgress& p) { monitor.show(p); };
  const bool whole = run_study(plan, options, ranks, store ? &*store : nullptr);
  if (!first) return 0;
  monitor.line().finish();
  if (ranks.size() > 1) {
    std::fprintf(stderr, "%d ranks, %.3f MB of sums gathered\n", ranks.size(),
                 static_cast<double>(ranks.gathered()) / 1e6);
  }
  if (whole) return finish(plan, *store, monitor.line().seconds(), o.config.json);
  std::fprintf(stderr, "interrupted; go on with: phigrad study --resume %s\n",
               store->directory().c_str());
  return interrupted_code;
}

}  // namespace

void add_study(CLI::App& app, int& exit_code, std::unique_ptr<Ranks> (*make_ranks)()) {
  CLI::App* command = app.add_subcommand(
      "study", "measure gradients over a sweep of experiments, or train and compare its cells");
  auto options = std::make_shared<StudyCommand>();
  command->add_option("CONFIG", options->config.config,
                      "experiment with the sections \"sweep\" and \"study\", a JSON file");
  add_config_options(*command, options->config, false);
  command->add_option("--out", options->out,
                      "directory of the study (default: runs/<name>-<time>)");
  command->add_option("--resume", options->resume, "go on with the study in this directory");
  command->add_flag("--plan", options->plan, "say what would run, and its memory; run nothing");
  command->callback([options, make_ranks, &exit_code] {
    const std::unique_ptr<Ranks> ranks = make_ranks();
    exit_code = run(*options, *ranks);
  });
}

}  // namespace phigrad
