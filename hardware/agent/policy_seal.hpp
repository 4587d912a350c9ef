// What makes a policy trustworthy: a hash of its parameters and a signature over what it is for.
// The keys belong to the caller.
//
// Hash: BLAKE2b-256 (crypto_generichash, no key) of the parameters as little-endian float64.
// Signature: Ed25519 (crypto_sign, detached) over these bytes, integers little-endian, no padding:
//
//   16  "phigrad policy 1"        so that a signature serves for nothing else
//    4  length of the robot kind  uint32, at most 64
//    n  robot kind                as in a config's "robot": "jetracer"
//    8  version                   uint64, from 1, rising with every policy that is published
//    8  parameter count           uint64
//   32  hash of the parameters
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace phigrad {

inline constexpr std::size_t longest_robot_kind = 64;  // bytes

using PolicyHash = std::array<std::uint8_t, 32>;
using PolicySignature = std::array<std::uint8_t, 64>;
using SigningKey = std::array<std::uint8_t, 64>;    // secret: never on the robot
using VerifyingKey = std::array<std::uint8_t, 32>;  // public: all a robot needs

/// What the signature binds together.
struct PolicySeal {
  std::string_view robot_kind;  // 1 … longest_robot_kind bytes, that outlive the seal
  std::uint64_t version = 0;
  std::uint64_t parameter_count = 0;  // np
  PolicyHash hash{};
};

/// The hash of parameters [np]. Throws Error(Exit::robot) when the crypto library does not start.
PolicyHash hash_parameters(const double* parameters, std::size_t count);

/// Signs a seal. Throws Error(Exit::input) for a robot kind that is empty or too long,
/// Error(Exit::robot) when the crypto library does not start or cannot sign.
PolicySignature sign_seal(const PolicySeal& seal, const SigningKey& key);

/// Whether `signature` was made over exactly this seal with the key's secret half. Throws
/// Error(Exit::robot) when the crypto library does not start; bad input is only false.
bool verify_seal(const PolicySeal& seal, const PolicySignature& signature, const VerifyingKey& key);

}  // namespace phigrad
