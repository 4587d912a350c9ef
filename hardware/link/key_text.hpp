// Keys as text: Z85 (ZeroMQ's RFC 32) for CURVE, base64 (RFC 4648) for Ed25519.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace phigrad::link {

/// The 32 bytes of a CURVE key; none where the text is not 40 characters of Z85.
std::optional<std::array<std::uint8_t, 32>> z85_key(const std::string& text);

/// The public key that belongs to a secret one that z85_key can read.
std::string curve_public_of(const std::string& curve_secret);

std::string to_base64(const std::uint8_t* data, std::size_t size);

/// False where the text is not the base64 of exactly `size` bytes.
bool from_base64(const std::string& text, std::uint8_t* data, std::size_t size);

/// Whether an Ed25519 secret key's second half is the public key of its first, the seed.
bool is_sound_sign_secret(const std::array<std::uint8_t, 64>& secret);

/// Starts libsodium once. Throws Error(Exit::robot).
void require_crypto();

}  // namespace phigrad::link
