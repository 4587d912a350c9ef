// The way of a policy to the control thread: whole and verified, at a segment boundary, or not.
#pragma once

#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hardware/agent/policy_seal.hpp"

namespace phigrad {

/// A policy as the control thread sees it. Version 0: none has come yet.
struct PolicyInUse {
  std::uint64_t version = 0;
  PolicyHash hash{};
  std::vector<double> parameters;  // [np]
};

/// Three buffers between one writer and one reader: the writer's own, the reader's own, and one
/// that they exchange for theirs in a single atomic step. Neither ever waits or sees the other's;
/// what is published twice before the reader looks is replaced by the newer.
class PolicyBuffers {
 public:
  explicit PolicyBuffers(std::size_t parameter_count) {
    for (PolicyInUse& buffer : buffers_) buffer.parameters.resize(parameter_count);
  }

  /// Writer only: to be filled, then published. Its former content means nothing.
  PolicyInUse& spare() noexcept { return buffers_[spare_]; }

  /// Writer only: hands the spare over.
  void publish() noexcept {
    spare_ = exchange_.exchange(spare_ | fresh, std::memory_order_acq_rel) & ~fresh;
  }

  /// Reader only: what it holds. Nothing but take() changes it.
  const PolicyInUse& held() const noexcept { return buffers_[held_]; }

  /// Reader only: takes the newest published policy. False where there is no new one.
  bool take() noexcept {
    if ((exchange_.load(std::memory_order_relaxed) & fresh) == 0) return false;
    held_ = exchange_.exchange(held_, std::memory_order_acq_rel) & ~fresh;
    return true;
  }

 private:
  static constexpr unsigned fresh = 4;  // a flag beside the index of a buffer
  static_assert(std::atomic<unsigned>::is_always_lock_free);

  std::array<PolicyInUse, 3> buffers_;
  unsigned spare_ = 0;                 // the writer's
  std::atomic<unsigned> exchange_{1};  // in between
  unsigned held_ = 2;                  // the reader's
};

/// Why a policy was refused.
enum class PolicyRefusal : std::uint8_t {
  none,
  wrong_robot,
  wrong_count,
  stale_version,
  bad_signature,
  wrong_hash,
  not_finite,
};

constexpr const char* text(PolicyRefusal refusal) noexcept {
  switch (refusal) {
    case PolicyRefusal::none:
      return "accepted";
    case PolicyRefusal::wrong_robot:
      return "the policy is for another kind of robot";
    case PolicyRefusal::wrong_count:
      return "the policy has another number of parameters than this robot's";
    case PolicyRefusal::stale_version:
      return "the policy is not newer than the last one accepted";
    case PolicyRefusal::bad_signature:
      return "the policy's signature is not the learner's";
    case PolicyRefusal::wrong_hash:
      return "the policy's parameters are not those that were signed";
    case PolicyRefusal::not_finite:
      return "a parameter of the policy is not a finite number";
  }
  return "refused for an unknown reason";
}

/// A policy as it came over the link or from a file; nothing in it is trusted.
struct OfferedPolicy {
  PolicySeal seal;
  PolicySignature signature{};
  const double* parameters = nullptr;
  std::size_t count = 0;  // of the parameters that are really there
};

/// Buffers that only verified policies enter. The link thread offers, the control thread takes.
/// Allocates at construction only.
class PolicySlot {
 public:
  /// newest_version: the last one this robot accepted, also before a restart, so that an old policy
  /// cannot be played back; one less where that policy itself is to be offered again from its file.
  /// A rollback is old parameters under a new version.
  PolicySlot(std::string robot_kind, std::size_t parameter_count, const VerifyingKey& key,
             std::uint64_t newest_version = 0)
      : robot_kind_(std::move(robot_kind)),
        key_(key),
        newest_version_(newest_version),
        buffers_(parameter_count) {}

  /// Link thread only. Verifies the policy and leaves it for the control thread; refused, it
  /// changes nothing. Throws as verify_seal() does.
  PolicyRefusal offer(const OfferedPolicy& offered) {
    const PolicySeal& seal = offered.seal;
    PolicyInUse& spare = buffers_.spare();
    if (seal.robot_kind != robot_kind_) return PolicyRefusal::wrong_robot;
    if (offered.count != spare.parameters.size() || seal.parameter_count != offered.count)
      return PolicyRefusal::wrong_count;
    if (seal.version <= newest_version_) return PolicyRefusal::stale_version;
    if (!verify_seal(seal, offered.signature, key_)) return PolicyRefusal::bad_signature;
    // Copied before it is hashed: what was checked is what will run.
    spare.parameters.assign(offered.parameters, offered.parameters + offered.count);
    if (hash_parameters(spare.parameters.data(), spare.parameters.size()) != seal.hash)
      return PolicyRefusal::wrong_hash;
    for (const double parameter : spare.parameters) {
      if (!std::isfinite(parameter)) return PolicyRefusal::not_finite;
    }
    spare.version = seal.version;
    spare.hash = seal.hash;
    newest_version_ = seal.version;
    buffers_.publish();
    return PolicyRefusal::none;
  }

  /// Link thread only: the newest version accepted, to be kept over a restart.
  std::uint64_t newest_version() const noexcept { return newest_version_; }

  /// Control thread only, at a segment boundary: takes the newest policy if there is one, true
  /// then.
  bool at_boundary() noexcept { return buffers_.take(); }

  /// Control thread only: the policy of this segment; it changes in at_boundary() alone.
  const PolicyInUse& in_use() const noexcept { return buffers_.held(); }

 private:
  std::string robot_kind_;
  VerifyingKey key_;
  std::uint64_t newest_version_;
  PolicyBuffers buffers_;
};

}  // namespace phigrad
