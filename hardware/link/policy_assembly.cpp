#include "hardware/link/policy_assembly.hpp"

#include <utility>

#include "hardware/link/little_endian.hpp"

namespace phigrad::link {
namespace {

bool same(const Policy& a, const Policy& b) {
  return a.version == b.version && a.hash == b.hash && a.signature == b.signature &&
         a.parameters == b.parameters && a.robot_kind == b.robot_kind;
}

}  // namespace

void PolicyAssembly::announce(const Policy& policy) {
  if (last_ && same(*last_, policy)) return;
  if (is_open_) {
    const Policy& open = open_.announcement;
    if (policy.version < open.version || same(open, policy)) return;
  }
  // At most max_parameters: from_cbor has seen to it.
  const auto count = static_cast<std::size_t>(policy.parameters);
  open_.announcement = policy;
  open_.parameters.assign(count, 0);
  have_.assign(count, false);
  missing_ = count;
  is_open_ = true;
}

bool PolicyAssembly::take(const Frame& chunk) {
  if (!is_open_ || chunk.policy_version != open_.announcement.version) return true;
  const std::uint64_t count = open_.announcement.parameters;
  if (chunk.first_sequence > count || chunk.count > count - chunk.first_sequence) return false;
  const auto first = static_cast<std::size_t>(chunk.first_sequence);
  load_doubles(chunk.payload.data, chunk.count, open_.parameters.data() + first);
  for (std::size_t i = first; i < first + chunk.count; ++i) {
    if (!have_[i]) --missing_;
    have_[i] = true;
  }
  return true;
}

std::optional<ReceivedPolicy> PolicyAssembly::finished() {
  if (!is_open_ || missing_ > 0) return std::nullopt;
  is_open_ = false;
  last_ = open_.announcement;
  return std::move(open_);
}

}  // namespace phigrad::link
