// `phigrad report DIR` and `phigrad report --compare A B`.
#include <cstdio>
#include <memory>

#include "host/cli/command_line.hpp"
#include "host/cli/options.hpp"
#include "host/experiment/run_report.hpp"
#include "host/report/compared_report.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

struct ReportOptions {
  std::string run;
  std::vector<std::string> compare;
  std::string out;
};

/// A finished or running run, looked at only.
struct Run {
  RunStore store;
  Experiment experiment;

  explicit Run(const std::string& directory)
      : store(RunStore::open_readonly(directory)),
        experiment(load_experiment(store.config_text(),
                                   (store.directory() / "config.json").string(), {})) {}

  ReportData report() const {
    return run_report(experiment, store, curve_of(store), before_after(experiment, store));
  }
};

int write(const std::string& file, const ReportData& data) {
  write_report(file, data);
  std::printf("view     xdg-open %s\n", file.c_str());
  return 0;
}

int run_report_command(const ReportOptions& o) {
  if (o.run.empty() == o.compare.empty()) {
    throw Error(Exit::usage, "a run, or two to compare", "command line",
                "say phigrad report DIR, or phigrad report --compare A B");
  }
  if (o.compare.empty()) {
    const Run run(o.run);
    return write(o.out.empty() ? (run.store.directory() / "report.html").string() : o.out,
                 run.report());
  }
  const Run a(o.compare[0]), b(o.compare[1]);
  return write(o.out.empty() ? "compare.html" : o.out,
               compared_report({o.compare[0], a.report()}, {o.compare[1], b.report()}));
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("report", "write a run's report.html anew, or two runs side by side");
  auto options = std::make_shared<ReportOptions>();
  command->add_option("DIR", options->run, "run directory");
  command->add_option("--compare", options->compare, "two run directories")->expected(2);
  command->add_option("--out", options->out,
                      "the page (default: DIR/report.html; compare.html of two)");
  command->callback([options, &exit_code] { exit_code = run_report_command(*options); });
}

}  // namespace phigrad
