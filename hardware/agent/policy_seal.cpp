#include "hardware/agent/policy_seal.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

static_assert(sizeof(double) == 8);
static_assert(std::tuple_size_v<PolicyHash> == crypto_generichash_BYTES);
static_assert(std::tuple_size_v<PolicySignature> == crypto_sign_BYTES);
static_assert(std::tuple_size_v<SigningKey> == crypto_sign_SECRETKEYBYTES);
static_assert(std::tuple_size_v<VerifyingKey> == crypto_sign_PUBLICKEYBYTES);

constexpr std::string_view purpose = "phigrad policy 1";

void require(bool done, const char* problem) {
  if (!done) {
    throw Error(Exit::robot, problem, "libsodium", "check that the installed libsodium is sound");
  }
}

void require_sodium() {
  static const bool started = sodium_init() >= 0;
  require(started, "the crypto library does not start");
}

void put(std::uint8_t* at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// The bytes that are signed.
struct Message {
  std::array<std::uint8_t, purpose.size() + 4 + longest_robot_kind + 8 + 8 + 32> bytes{};
  std::size_t size = 0;

  explicit Message(const PolicySeal& seal) {
    append(purpose.data(), purpose.size());
    append(seal.robot_kind.size(), 4);
    append(seal.robot_kind.data(), seal.robot_kind.size());
    append(seal.version, 8);
    append(seal.parameter_count, 8);
    append(seal.hash.data(), seal.hash.size());
  }

 private:
  void append(const void* data, std::size_t count) {
    std::memcpy(bytes.data() + size, data, count);
    size += count;
  }
  void append(std::uint64_t value, std::size_t count) {
    put(bytes.data() + size, value, count);
    size += count;
  }
};

bool has_sound_kind(const PolicySeal& seal) {
  return !seal.robot_kind.empty() && seal.robot_kind.size() <= longest_robot_kind;
}

}  // namespace

PolicyHash hash_parameters(const double* parameters, std::size_t count) {
  require_sodium();
  constexpr std::size_t block = 64;  // parameters hashed at a time
  std::array<std::uint8_t, 8 * block> bytes{};
  PolicyHash hash{};
  crypto_generichash_state state;
  bool done = crypto_generichash_init(&state, nullptr, 0, hash.size()) == 0;
  for (std::size_t first = 0; first < count; first += block) {
    const std::size_t n = std::min(block, count - first);
    for (std::size_t i = 0; i < n; ++i) {
      std::uint64_t bits = 0;
      std::memcpy(&bits, parameters + first + i, sizeof bits);
      put(bytes.data() + 8 * i, bits, 8);
    }
    done = crypto_generichash_update(&state, bytes.data(), 8 * n) == 0 && done;
  }
  require(crypto_generichash_final(&state, hash.data(), hash.size()) == 0 && done,
          "the hash of a policy cannot be computed");
  return hash;
}

PolicySignature sign_seal(const PolicySeal& seal, const SigningKey& key) {
  require_sodium();
  if (!has_sound_kind(seal)) {
    throw Error(Exit::input, "a robot kind has 1 to 64 bytes", "policy to be signed",
                "sign with the name that the config's \"robot\" gives");
  }
  const Message message(seal);
  PolicySignature signature{};
  require(crypto_sign_detached(signature.data(), nullptr, message.bytes.data(), message.size,
                               key.data()) == 0,
          "a policy cannot be signed");
  return signature;
}

bool verify_seal(const PolicySeal& seal, const PolicySignature& signature,
                 const VerifyingKey& key) {
  require_sodium();
  if (!has_sound_kind(seal)) return false;
  const Message message(seal);
  return crypto_sign_verify_detached(signature.data(), message.bytes.data(), message.size,
                                     key.data()) == 0;
}

}  // namespace phigrad
