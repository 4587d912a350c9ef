// Keys of the two ends of a link: CURVE keys for the transport, Ed25519 keys for policies. Made by
// `phigrad keygen`, kept in files that their owner alone can read.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace phigrad::link {

/// Secret keys of one end. The file is JSON: {"curve_secret": Z85, "sign_secret": base64}, mode
/// 0600.
struct SecretKeys {
  std::string curve_public, curve_secret;      // Z85, 40 characters
  std::array<std::uint8_t, 64> sign_secret{};  // Ed25519, seed and public key
};

/// What the other end knows. The file is JSON: {"name": …, "curve_public": Z85, "sign_public":
/// base64}.
struct PublicKeys {
  std::string name;                            // that of the link's messages: max_name_bytes
  std::string curve_public;                    // Z85, 40 characters
  std::array<std::uint8_t, 32> sign_public{};  // Ed25519
};

/// New keys, from the operating system's random numbers. Throws Error(Exit::robot) where the crypto
/// library does not start.
SecretKeys make_keys();
PublicKeys public_part(const SecretKeys& keys, const std::string& name);

/// Writes NAME.secret.json (0600) and NAME.public.json, neither over one that is already there.
/// Throws Error(Exit::input); then neither file is left.
void write_keys(const std::filesystem::path& directory, const std::string& name,
                const SecretKeys& keys);

/// Throws Error(Exit::input) with the remedy; a secret file that others can read is refused.
SecretKeys read_secret_keys(const std::filesystem::path& file);
PublicKeys read_public_keys(const std::filesystem::path& file);

/// All *.public.json of a directory, in order of their file names: who may connect. Throws
/// Error(Exit::input) where there is none, or where two share a name or a key.
std::vector<PublicKeys> read_allowed(const std::filesystem::path& directory);

}  // namespace phigrad::link
