// Keys from a fixed seed and policies signed with them.
#pragma once

#include <sodium.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "hardware/agent/policy_slot.hpp"

namespace phigrad::testing {

struct PolicyKeys {
  SigningKey secret{};
  VerifyingKey open{};

  explicit PolicyKeys(std::uint8_t seed) {
    unsigned char bytes[crypto_sign_SEEDBYTES] = {seed, 1, 2, 3};
    crypto_sign_seed_keypair(open.data(), secret.data(), bytes);
  }
};

/// A policy as a learner would send it; the members may then be spoilt.
inline OfferedPolicy signed_policy(const PolicyKeys& keys, std::string_view robot_kind,
                                   std::uint64_t version, const std::vector<double>& parameters) {
  OfferedPolicy policy;
  policy.seal.robot_kind = robot_kind;
  policy.seal.version = version;
  policy.seal.parameter_count = parameters.size();
  policy.seal.hash = hash_parameters(parameters.data(), parameters.size());
  policy.signature = sign_seal(policy.seal, keys.secret);
  policy.parameters = parameters.data();
  policy.count = parameters.size();
  return policy;
}

}  // namespace phigrad::testing
