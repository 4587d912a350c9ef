// Live rollouts into a run's store, and out of it.
#include <algorithm>

#include "hardware/learner/live_rollout.hpp"
#include "host/rollouts/stored_rollout.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

Array text_array(const std::string& text) {
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  return Array::of(bytes.data(), {static_cast<std::int64_t>(bytes.size())});
}

std::string text_of(const StoredRollout& stored, const char* name) {
  const auto at = stored.arrays.find(name);
  if (at == stored.arrays.end() || at->second.dtype != DType::uint8) return "";
  const std::vector<std::uint8_t> bytes = at->second.values<std::uint8_t>();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

StoredRollout stored_live(const LiveRollout& live, int iteration, int number) {
  StoredRollout stored;
  stored.iteration = iteration;
  stored.rollout = number;
  stored.provenance = live.logged.log;
  stored.arrays = arrays_of(live.logged);
  const std::int64_t ids[] = {static_cast<std::int64_t>(live.identity.rollout),
                              static_cast<std::int64_t>(live.identity.policy_version),
                              static_cast<std::int64_t>(live.identity.reason)};
  stored.arrays["live_ids"] = Array::of(ids, {3});
  stored.arrays["live_robot"] = text_array(live.identity.robot);
  stored.arrays["live_text"] = text_array(live.identity.text);
  return stored;
}

std::optional<LiveIdentity> identity_of(const StoredRollout& stored) {
  const auto at = stored.arrays.find("live_ids");
  if (at == stored.arrays.end()) return std::nullopt;
  const Array& a = at->second;
  if (a.dtype != DType::int64 || a.shape != std::vector<std::int64_t>{3}) return std::nullopt;
  const std::vector<std::int64_t> ids = a.values<std::int64_t>();
  const auto known = {link::EndReason::complete, link::EndReason::tripped,
                      link::EndReason::aborted};
  const auto reason = std::find_if(known.begin(), known.end(), [&](link::EndReason r) {
    return static_cast<std::int64_t>(r) == ids[2];
  });
  if (reason == known.end()) return std::nullopt;
  return LiveIdentity{text_of(stored, "live_robot"), static_cast<std::uint64_t>(ids[0]),
                      static_cast<std::uint64_t>(ids[1]), *reason, text_of(stored, "live_text")};
}

std::optional<LiveRollout> live_from(const StoredRollout& stored) {
  std::optional<LiveIdentity> identity = identity_of(stored);
  if (!identity) return std::nullopt;
  LiveRollout live;
  live.identity = *std::move(identity);
  live.logged = logged_rollout(stored, stored.provenance, 0);
  return live;
}

}  // namespace phigrad
