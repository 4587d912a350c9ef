#include "hardware/link/crc32c.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace phigrad::link {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::uint32_t crc_of(const Bytes& bytes) { return crc32c(bytes.data(), bytes.size()); }

// Breaks when polynomial, bit order, initial value or final inversion is another: RFC 3720, B.4.
TEST(Crc32c, MeetsTheVectorsOfRfc3720) {
  Bytes counting(32);
  std::iota(counting.begin(), counting.end(), std::uint8_t{0});
  const Bytes read_command = {0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                              0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00,
                              0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00,
                              0x00, 0x18, 0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                              0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  EXPECT_EQ(crc_of(Bytes(32, 0x00)), 0x8A9136AAU);
  EXPECT_EQ(crc_of(Bytes(32, 0xFF)), 0x62A8AB43U);
  EXPECT_EQ(crc_of(counting), 0x46DD794EU);
  std::reverse(counting.begin(), counting.end());
  EXPECT_EQ(crc_of(counting), 0x113FDB5CU);
  EXPECT_EQ(crc_of(read_command), 0xD9963A56U);
}

// Breaks when the bytes that are not a multiple of 8 are wrong: the check value of "123456789".
TEST(Crc32c, MeetsTheCheckValue) {
  const Bytes digits = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  EXPECT_EQ(crc_of(digits), 0xE3069283U);
  EXPECT_EQ(crc_of({}), 0U);
}

// Breaks when the tables of eight differ from the definition, bit after bit, at any length or
// alignment.
TEST(Crc32c, EqualsTheDefinition) {
  std::mt19937 random(3720);
  Bytes bytes(200);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  for (std::size_t start = 0; start < 8; ++start) {
    for (std::size_t size = 0; start + size <= 100; ++size) {
      std::uint32_t crc = 0xFFFFFFFF;
      for (std::size_t bit = 8 * start; bit < 8 * (start + size); ++bit) {
        const std::uint32_t next = static_cast<std::uint32_t>(bytes[bit / 8] >> (bit % 8)) & 1U;
        crc = (crc >> 1) ^ (((crc ^ next) & 1U) != 0 ? 0x82F63B78U : 0U);
      }
      ASSERT_EQ(crc32c(bytes.data() + start, size), ~crc) << start << ", " << size;
    }
  }
}

// Breaks when a checksum cannot be continued from where it stood.
TEST(Crc32c, Chains) {
  Bytes bytes(64);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{7});
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const std::uint32_t first = crc32c(bytes.data(), cut);
    EXPECT_EQ(crc32c(bytes.data() + cut, bytes.size() - cut, first), crc_of(bytes)) << cut;
  }
}

}  // namespace
}  // namespace phigrad::link
