#include "hardware/learner/inbox.hpp"

#include "host/records/bson_document.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

/// A robot that has no end of things to say fills no disk.
constexpr int most_events = 50;             // of one robot in one iteration
constexpr std::size_t longest_event = 400;  // bytes
constexpr std::size_t most_news = 200;      // lines

std::string rollout_name(const std::string& robot, std::uint64_t rollout) {
  return "rollout " + std::to_string(rollout) + " of " + robot;
}

}  // namespace

std::optional<std::vector<double>> policies_of_iteration(const RunStore& store, int iteration) {
  const std::optional<Array> stored =
      iteration == 0 ? store.policy("initial") : store.policies(iteration - 1);
  if (!stored) return std::nullopt;
  return stored->values<double>();
}

Inbox::Inbox(const Experiment& experiment, RunStore& store, LiveStatus& status)
    : experiment_(experiment), store_(store), status_(status), rollouts_(experiment) {
  status_.wanted = experiment.common.rollout.per_update;
  status_.segments = experiment.common.rollout.segments;
  const int next = store.next_iteration();
  for (int i = 0; i <= next; ++i) {
    for (const StoredRollout& stored : store.rollouts(i)) {
      stored_[i] = std::max(stored_[i], stored.rollout + 1);
      if (const auto id = identity_of(stored)) settled_.emplace(id->robot, id->rollout);
    }
  }
}

void Inbox::expect(int iteration, const PolicyHash& hash) {
  iteration_ = iteration;
  hash_ = hash;
  sound_.clear();
  events_.clear();
  for (const StoredRollout& stored : store_.rollouts(iteration)) {
    if (const auto live = live_from(stored)) take(live->logged);
  }
  status_.iteration = iteration;
  status_.collected = static_cast<int>(sound_.size());
}

void Inbox::take(const LoggedRollout& rollout) {
  if (rollout.quarantined.empty() && wants_more()) sound_.push_back(rollout);
  status_.collected = static_cast<int>(sound_.size());
}

bool Inbox::joined(const link::RobotName& robot, const link::Hello& hello, std::string& why) {
  if (hello.robot_kind != experiment_.robot) {
    why =
        "it is a \"" + hello.robot_kind + "\", this run learns for a \"" + experiment_.robot + "\"";
  } else {
    why = rollouts_.misfit(hello.nx, hello.nu, hello.nz);
  }
  if (!why.empty()) {
    tell(robot + " refused: " + why);
    return false;
  }
  status_.robots[robot].connected = true;
  tell(robot + " joined");
  return true;
}

void Inbox::left(const link::RobotName& robot) {
  status_.robots[robot].connected = false;
  if (ahead_ != nullptr && wants_more()) ahead_->dropped(robot);
  tell(robot + " is gone");
}

void Inbox::began(const link::RobotName& robot, const link::RolloutBegin& begin) {
  RobotStatus& r = status_.robots[robot];
  r.driving = true;
  r.rollout = begin.rollout;
  r.policy_version = begin.policy_version;
  r.samples = r.segments = 0;
  if (ahead_ != nullptr && wants_more()) ahead_->dropped(robot);
}

void Inbox::grew(const link::RobotName& robot, const link::Reassembly& rollout) {
  const link::RolloutBegin& begin = rollout.begin();
  RobotStatus& r = status_.robots[robot];
  if (begin.rollout != r.rollout) return;
  r.samples = rollout.contiguous_samples();
  r.segments = rollout.contiguous_segments();
  if (ahead_ != nullptr && begin.policy_hash == hash_ && wants_more() &&
      iteration_of(begin.policy_version) == iteration_) {
    ahead_->grew(robot, rollout);
  }
}

bool Inbox::knows(const link::RobotName& robot, std::uint64_t rollout) {
  return settled_.count({robot, rollout}) != 0;
}

bool Inbox::ended(const link::RobotName& robot, const link::Reassembly& rollout,
                  const link::RolloutEnd& end) {
  const link::RolloutBegin& begin = rollout.begin();
  RobotStatus& r = status_.robots[robot];
  if (r.rollout == begin.rollout) r.driving = false;
  if (knows(robot, begin.rollout)) return true;
  try {
    std::string why;
    std::optional<LiveRollout> live = rollouts_.make(robot, rollout, end, why);
    if (live) {
      keep(*live, begin.policy_hash);
    } else {
      const std::string line = rollout_name(robot, begin.rollout) + " is not kept: " + why;
      store_.record_event(line);
      tell(line);
    }
  } catch (const Error& e) {
    // Not on the disk, so not acknowledged: the robot keeps it, the link offers it again.
    tell(rollout_name(robot, begin.rollout) + " cannot be stored yet: " + e.what());
    return false;
  }
  settled_.emplace(robot, begin.rollout);
  return true;
}

std::optional<int> Inbox::iteration_of(std::uint64_t version) const {
  const std::uint64_t first = experiment_.common.live.first_version;
  if (version < first || iteration_ < 0 ||
      version - first > static_cast<std::uint64_t>(iteration_)) {
    return std::nullopt;
  }
  return static_cast<int>(version - first);
}

std::optional<int> Inbox::iteration_of(std::uint64_t version, const PolicyHash& hash) const {
  const std::optional<int> iteration = iteration_of(version);
  if (!iteration) return std::nullopt;
  if (*iteration == iteration_) return hash == hash_ ? iteration : std::nullopt;
  const auto theta = policies_of_iteration(store_, *iteration);
  if (!theta || hash_parameters(theta->data(), theta->size()) != hash) return std::nullopt;
  return iteration;
}

void Inbox::keep(LiveRollout& live, const PolicyHash& hash) {
  const std::uint64_t version = live.identity.policy_version;
  const std::optional<int> own = iteration_of(version, hash);
  const int iteration = own.value_or(std::max(iteration_, store_.next_iteration()));
  if (!own) {
    live.logged.quarantined.push_back("driven under a policy, version " + std::to_string(version) +
                                      ", that this run did not publish");
  }
  // Counted only once it is stored: a number that a full disk refused is used again.
  const int number = stored_[iteration];
  store_.record_rollout(stored_live(live, iteration, number));
  stored_[iteration] = number + 1;

  std::string line = rollout_name(live.identity.robot, live.identity.rollout) + ": ";
  if (!live.logged.quarantined.empty()) {
    line += "quarantined, " + live.logged.quarantined.front();
  } else if (iteration != iteration_) {
    line += "stored, not used: of policy version " + std::to_string(version);
  } else if (!wants_more()) {
    line += "stored, not used: there were enough";
  } else {
    take(live.logged);
    line += std::to_string(status_.collected) + "/" + std::to_string(status_.wanted) +
            " of iteration " + std::to_string(iteration + 1);
  }
  tell(line);
}

void Inbox::event(const link::RobotName& robot, const link::Event& event) {
  const std::string line = robot + ": " + printable(event.kind + " " + event.text, longest_event);
  tell(line);
  int& stored = events_[robot];
  if (++stored > most_events) return;
  try {
    store_.record_event(line);
    if (stored == most_events)
      store_.record_event(robot + ": no more of its events are kept in this iteration");
  } catch (const Error& e) {
    tell(std::string("an event cannot be stored: ") + e.what());
  }
}

void Inbox::remark(const std::string& line) { tell(printable(line, longest_event)); }

void Inbox::tell(const std::string& line) {
  if (status_.news.size() < most_news) status_.news.push_back(line);
}

}  // namespace phigrad
