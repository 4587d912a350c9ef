// CRC-32C (Castagnoli): the checksum of frames and of a rollout's rows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace phigrad::link {

/// CRC-32C of `size` bytes (RFC 3720, appendix B.4: reflected polynomial 0x82F63B78, all ones
/// before and after). It chains: crc32c(b, nb, crc32c(a, na)) is that of a followed by b; of no
/// bytes it is 0. It finds damage (any burst up to 32 bits), not forgery.
std::uint32_t crc32c(const std::uint8_t* data, std::size_t size, std::uint32_t before = 0) noexcept;

}  // namespace phigrad::link
