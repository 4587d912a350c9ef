#include "hardware/link/key_text.hpp"

#include <sodium.h>
#include <zmq.h>

#include <cstring>

#include "host/support/error.hpp"

namespace phigrad::link {
namespace {

constexpr std::size_t z85_characters = 40;  // of a key of 32 bytes

}  // namespace

std::optional<std::array<std::uint8_t, 32>> z85_key(const std::string& text) {
  if (text.size() != z85_characters) return std::nullopt;
  std::array<std::uint8_t, 32> key{};
  if (zmq_z85_decode(key.data(), text.c_str()) == nullptr) return std::nullopt;
  return key;
}

std::string curve_public_of(const std::string& curve_secret) {
  char text[z85_characters + 1] = {};
  if (zmq_curve_public(text, curve_secret.c_str()) != 0) {
    throw Error(Exit::robot, "ZeroMQ cannot derive a CURVE key", "libzmq",
                "install a libzmq that was built with CURVE");
  }
  return text;
}

std::string to_base64(const std::uint8_t* data, std::size_t size) {
  std::string text(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), data, size, sodium_base64_VARIANT_ORIGINAL);
  text.resize(std::strlen(text.c_str()));
  return text;
}

bool from_base64(const std::string& text, std::uint8_t* data, std::size_t size) {
  std::size_t read = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(data, size, text.data(), text.size(), nullptr, &read, &end,
                                       sodium_base64_VARIANT_ORIGINAL);
  return failed == 0 && read == size && end == text.data() + text.size();
}

bool is_sound_sign_secret(const std::array<std::uint8_t, 64>& secret) {
  unsigned char of_seed[crypto_sign_PUBLICKEYBYTES];
  unsigned char again[crypto_sign_SECRETKEYBYTES];
  crypto_sign_seed_keypair(of_seed, again, secret.data());
  const bool sound = sodium_memcmp(again, secret.data(), secret.size()) == 0;
  sodium_memzero(again, sizeof again);
  return sound;
}

void require_crypto() {
  static const bool started = sodium_init() >= 0;
  if (!started) {
    throw Error(Exit::robot, "the crypto library does not start", "libsodium",
                "check that the installed libsodium is sound");
  }
}

}  // namespace phigrad::link
