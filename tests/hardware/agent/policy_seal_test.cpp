#include "hardware/agent/policy_seal.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/hardware/agent/expect_error.hpp"
#include "tests/hardware/agent/signed_policy.hpp"

namespace phigrad {
namespace {

using testing::PolicyKeys;

std::string hex(const PolicyHash& hash) {
  std::string text;
  for (const std::uint8_t byte : hash) {
    for (const int digit : {byte >> 4, byte & 15}) text += "0123456789abcdef"[digit];
  }
  return text;
}

std::vector<double> ramp(std::size_t count) {
  std::vector<double> parameters(count);
  for (std::size_t i = 0; i < count; ++i) parameters[i] = 0.25 * static_cast<double>(i) - 3;
  return parameters;
}

PolicySeal seal_of(const std::vector<double>& parameters) {
  PolicySeal seal;
  seal.robot_kind = "jetracer";
  seal.version = 0x0102030405060708;
  seal.parameter_count = parameters.size();
  seal.hash = hash_parameters(parameters.data(), parameters.size());
  return seal;
}

// Breaks when the hash is another one than BLAKE2b-256 of little-endian float64, which Python's
// hashlib.blake2b(struct.pack('<…d', …), digest_size=32) gives as well.
TEST(PolicySeal, TheHashIsThatOfOtherPrograms) {
  const std::vector<double> parameters = {1, -2.5, 0.1, 1e300};
  EXPECT_EQ(hex(hash_parameters(parameters.data(), parameters.size())),
            "04b21467ffefb11c18c29510be5b83cced8f2d56225bbb9dbd6c253a03d48ccb");
  EXPECT_EQ(hex(hash_parameters(nullptr, 0)),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(hex(hash_parameters(ramp(1000).data(), 1000)),
            "76a778d284684027671b7e3ae0faee0457ff595a52650f19b48c7eb137f1b365");
}

// Breaks when a single bit of a single parameter, at any place of a block, goes unnoticed.
TEST(PolicySeal, EveryParameterEntersTheHash) {
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, std::size_t{200}}) {
    const std::vector<double> parameters = ramp(count);
    const PolicyHash hash = hash_parameters(parameters.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<double> other = parameters;
      other[i] = std::nextafter(other[i], 1e9);
      EXPECT_NE(hash_parameters(other.data(), count), hash) << i << " of " << count;
    }
    EXPECT_NE(hash_parameters(parameters.data(), count - 1), hash);
  }
}

// Breaks when the signed bytes are not those the header documents: they are put together here
// again, by hand, and checked with the library itself.
TEST(PolicySeal, TheSignedBytesAreTheDocumentedOnes) {
  const PolicyKeys keys(1);
  const PolicySeal seal = seal_of(ramp(258));
  const PolicySignature signature = sign_seal(seal, keys.secret);
  std::string bytes = "phigrad policy 1";
  bytes += std::string("\x08\0\0\0", 4) + "jetracer";
  bytes += "\x08\x07\x06\x05\x04\x03\x02\x01";
  bytes += std::string("\x02\x01\0\0\0\0\0\0", 8);
  bytes.append(seal.hash.begin(), seal.hash.end());
  EXPECT_EQ(crypto_sign_verify_detached(signature.data(),
                                        reinterpret_cast<const unsigned char*>(bytes.data()),
                                        bytes.size(), keys.open.data()),
            0);
}

// Breaks when some part of the seal is not bound by the signature, or the key does not matter.
TEST(PolicySeal, ASignatureServesForItsSealAlone) {
  const PolicyKeys keys(1);
  const PolicySeal seal = seal_of(ramp(10));
  const PolicySignature signature = sign_seal(seal, keys.secret);
  EXPECT_TRUE(verify_seal(seal, signature, keys.open));
  EXPECT_FALSE(verify_seal(seal, signature, PolicyKeys(2).open));
  EXPECT_FALSE(verify_seal(seal, signature, VerifyingKey{}));
  EXPECT_FALSE(verify_seal(seal, PolicySignature{}, keys.open));

  PolicySeal other = seal;
  other.robot_kind = "jetracer2";
  EXPECT_FALSE(verify_seal(other, signature, keys.open));
  other = seal;
  ++other.version;
  EXPECT_FALSE(verify_seal(other, signature, keys.open));
  other = seal;
  ++other.parameter_count;
  EXPECT_FALSE(verify_seal(other, signature, keys.open));
  for (std::size_t i = 0; i < seal.hash.size(); ++i) {
    other = seal;
    other.hash[i] ^= 1;
    EXPECT_FALSE(verify_seal(other, signature, keys.open)) << "byte " << i << " of the hash";
  }
  for (std::size_t i = 0; i < signature.size(); ++i) {
    PolicySignature bent = signature;
    bent[i] ^= 1;
    EXPECT_FALSE(verify_seal(seal, bent, keys.open)) << "byte " << i << " of the signature";
  }
}

// Breaks when a robot kind of any length overruns the message (run under ASan), or is signed.
TEST(PolicySeal, BoundsTheRobotKind) {
  const PolicyKeys keys(1);
  PolicySeal seal = seal_of(ramp(3));
  const std::string longest(longest_robot_kind, 'r');
  seal.robot_kind = longest;
  EXPECT_TRUE(verify_seal(seal, sign_seal(seal, keys.secret), keys.open));
  for (const std::size_t size : {longest_robot_kind + 1, std::size_t{100'000}, std::size_t{0}}) {
    const std::string kind(size, 'r');
    seal.robot_kind = kind;
    EXPECT_FALSE(verify_seal(seal, PolicySignature{}, keys.open));
    testing::input_error_of([&] { sign_seal(seal, keys.secret); });
  }
}

}  // namespace
}  // namespace phigrad
