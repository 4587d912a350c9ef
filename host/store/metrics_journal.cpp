#include "host/store/metrics_journal.hpp"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "host/store/atomic_file.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

// SQLite keeps no sign of zero; dropping it here too makes both ways to a line agree.
double unsigned_zero(double value) { return value + 0.0; }

std::string all_lines(const std::vector<std::vector<Metric>>& history) {
  std::string lines;
  for (std::size_t i = 0; i < history.size(); ++i)
    lines += metrics_lines(static_cast<int>(i), history[i]);
  return lines;
}

}  // namespace

std::string metrics_lines(int iteration, const std::vector<Metric>& metrics) {
  std::vector<Metric> ordered = metrics;  // as run.db gives them back
  std::sort(ordered.begin(), ordered.end(),
            [](const Metric& a, const Metric& b) { return a.policy < b.policy; });
  std::string lines;
  for (const Metric& metric : ordered) {
    const nlohmann::ordered_json line = {{"iteration", iteration},
                                         {"policy", metric.policy},
                                         {"cost", unsigned_zero(metric.cost)},
                                         {"path_error", unsigned_zero(metric.path_error)},
                                         {"gradient_norm", unsigned_zero(metric.gradient_norm)},
                                         {"step", unsigned_zero(metric.step)}};
    (lines += line.dump()) += '\n';
  }
  return lines;
}

MetricsJournal::MetricsJournal(const std::filesystem::path& file,
                               const std::vector<std::vector<Metric>>& history)
    : path_(file),
      file_((write_file_atomically(file, all_lines(history)), file.string()), O_WRONLY | O_APPEND) {
  if (!file_.valid())
    throw Error(Exit::input,
                "metrics.jsonl cannot be opened: " + std::generic_category().message(errno),
                file.string(), "make the run directory writable");
}

void MetricsJournal::append(int iteration, const std::vector<Metric>& metrics) {
  if (file_.write_all(metrics_lines(iteration, metrics))) return;
  const std::string directory = path_.parent_path().string();
  throw Error(Exit::input,
              "metrics.jsonl cannot be written: " + std::generic_category().message(errno),
              path_.string(), "free some space and resume with --resume " + directory);
}

}  // namespace phigrad
