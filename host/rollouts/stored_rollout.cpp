#include "host/rollouts/stored_rollout.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "host/store/run_store.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

bool all_finite(const std::vector<double>& v) {
  return std::all_of(v.begin(), v.end(), [](double x) { return std::isfinite(x); });
}

/// An array of a stored rollout, [rows, columns] or [rows]; rows < 0: any.
struct StoredArray {
  const StoredRollout& stored;
  const std::string& place;

  std::vector<double> operator()(const char* name, std::int64_t rows, int* columns) const {
    const auto at = stored.arrays.find(name);
    if (at == stored.arrays.end()) fail(std::string("has no \"") + name + "\"");
    const Array& a = at->second;
    const std::size_t rank = columns == nullptr ? 1 : 2;
    const bool fits =
        a.dtype == DType::float64 && a.shape.size() == rank && (rows < 0 || a.shape[0] == rows) &&
        (columns == nullptr ||
         (a.shape[1] > 0 && a.shape[1] <= 1000 && (*columns == 0 || a.shape[1] == *columns)));
    if (!fits) fail(std::string("has \"") + name + "\" as " + layout_text(a));
    if (columns != nullptr) *columns = static_cast<int>(a.shape[1]);
    return a.values<double>();
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Exit::input, "the rollout " + what, place,
                "replay a run of this version of phigrad");
  }
};

LoggedRollout read_stored(const StoredRollout& stored, const std::string& log, int index) {
  LoggedRollout r;
  r.log = log;
  r.index = index;
  const std::string place = r.place();
  const StoredArray get{stored, place};
  r.sample_time = get("sample_times", -1, nullptr);
  r.segment_time = get("segment_times", -1, nullptr);
  const std::int64_t samples = r.samples();
  const std::int64_t segments = r.segments();
  if (samples < 1 || segments < 1) get.fail("is empty");
  r.states = get("states", samples + 1, &r.nx);
  r.inputs = get("inputs", samples, &r.nu);
  r.decided_at = get("decided_at", segments, &r.nx);
  r.decisions = get("decisions", segments + 1, &r.nz);
  const std::vector<double> begins = get("segment_begins", -1, nullptr);
  if (begins.empty()) get.fail("has no segment that begins");
  for (const double begin : begins) {  // recordings have others than they have times
    if (!(begin >= 0 && begin <= static_cast<double>(samples))) {
      get.fail("has a segment that begins at no sample");
    }
    r.segment_begin.push_back(static_cast<int>(begin));
  }
  if (stored.arrays.count("setpoints") != 0) {
    int columns = 6;
    r.setpoints = get("setpoints", samples, &columns);
  }
  r.recorded_loss = get("loss", 1, nullptr).front();
  r.command_noise = get("command_noise", 1, nullptr).front();
  const auto reasons = stored.arrays.find("quarantined");
  if (reasons != stored.arrays.end() && reasons->second.dtype == DType::uint8) {
    const std::vector<std::uint8_t> text = reasons->second.values<std::uint8_t>();
    std::istringstream lines(std::string(text.begin(), text.end()));
    for (std::string line; std::getline(lines, line);) r.quarantined.push_back(line);
  }
  const bool finite = all_finite(r.states) && all_finite(r.inputs) && all_finite(r.decisions);
  if (!finite && r.quarantined.empty()) {
    r.quarantined.emplace_back("holds numbers that are not finite");
  }
  return r;
}

std::vector<LoggedRollout> read_run(const std::filesystem::path& directory) {
  const RunStore store = RunStore::open_readonly(directory);
  std::vector<LoggedRollout> rollouts;
  const int next = store.next_iteration();
  for (int i = 0; i <= next; ++i) {
    for (const StoredRollout& stored : store.rollouts(i)) {
      rollouts.push_back(
          logged_rollout(stored, directory.string(), static_cast<int>(rollouts.size())));
    }
  }
  if (rollouts.empty()) {
    throw Error(Exit::input, "the run keeps no rollouts", directory.string(),
                "train with store.rollouts \"ends\" or \"all\"");
  }
  return rollouts;
}

}  // namespace

std::vector<LoggedRollout> read_rollouts(const std::filesystem::path& log,
                                         const RobotSetup& setup) {
  if (!std::filesystem::is_directory(log)) return read_recordings(log, setup);
  std::vector<LoggedRollout> rollouts = read_run(log);
  require_robot(rollouts, setup);
  return rollouts;
}

std::map<std::string, Array> arrays_of(const LoggedRollout& r) {
  const auto table = [](const std::vector<double>& v, int columns) {
    return Array::of(v.data(), {static_cast<std::int64_t>(v.size()) / columns, columns});
  };
  const auto column = [](const std::vector<double>& v) {
    return Array::of(v.data(), {static_cast<std::int64_t>(v.size())});
  };
  std::map<std::string, Array> arrays = {
      {"states", table(r.states, r.nx)},
      {"inputs", table(r.inputs, r.nu)},
      {"sample_times", column(r.sample_time)},
      {"segment_begins", column({r.segment_begin.begin(), r.segment_begin.end()})},
      {"segment_times", column(r.segment_time)},
      {"decided_at", table(r.decided_at, r.nx)},
      {"decisions", table(r.decisions, r.nz)},
      {"loss", column({r.recorded_loss})},
      {"command_noise", column({r.command_noise})}};
  if (!r.setpoints.empty()) arrays["setpoints"] = table(r.setpoints, 6);
  if (!r.quarantined.empty()) {
    std::vector<std::uint8_t> lines;
    for (const std::string& why : r.quarantined) {
      lines.insert(lines.end(), why.begin(), why.end());
      lines.push_back('\n');
    }
    arrays["quarantined"] = Array::of(lines.data(), {static_cast<std::int64_t>(lines.size())});
  }
  return arrays;
}

LoggedRollout logged_rollout(const StoredRollout& stored, const std::string& log, int index) {
  return read_stored(stored, log, index);
}

}  // namespace phigrad
