// The Go1's high-level datagrams as bytes: HighCmd out, HighState in.
//
// Layout: the packed structs of unitree_legged_sdk 3.8 (comm.h); two open clients, free-dog-sdk and
// altehex's sbk, agree in every offset used here, but for the IMU, which sbk does not read. The
// IMU's roll, pitch and yaw stand at 62, 66 and 70: comm.h, free-dog-sdk, and a published decoder
// of captured LowStates, which begin alike.
//
// Checksum: over the whole words before the last four bytes, so 31 words of a command (both
// clients) and 270 of a state. For the state that is the rule which captured LowStates meet; of a
// HighState no capture is published that would settle its checksum or its head, hence
// Go1Settings::state_checksum.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

namespace phigrad {

inline constexpr std::size_t go1_command_size = 129;  // bytes
inline constexpr std::size_t go1_state_size = 1087;   // bytes

enum class Go1Mode : std::uint8_t { idle = 0, stand = 1, walk = 2 };
enum class Go1Gait : std::uint8_t { idle = 0, trot = 1, run = 2, stairs = 3, obstacle = 4 };

/// What a command asks for; fields that are not here are sent as zero.
struct Go1Command {
  Go1Mode mode = Go1Mode::idle;
  Go1Gait gait = Go1Gait::idle;
  float foot_raise_m = 0;        // added to the robot's own 0.09 m
  float body_height_m = 0;       // added to the robot's own 0.31 m
  float speed_m_per_s = 0;       // forward
  float yaw_rate_rad_per_s = 0;  // counter-clockwise
};

/// The datagram of `command`, checksum included.
std::array<std::uint8_t, go1_command_size> encode(const Go1Command& command) noexcept;

/// What is read of a state. Every float is finite.
struct Go1State {
  std::uint8_t mode;
  std::uint8_t gait;
  float roll, pitch, yaw;    // rad, of the IMU
  float position[3];         // m, the robot's own odometry in a fixed frame; drifts
  float velocity[3];         // m/s, in the body's frame: forward, sideways; the third is not used
  float yaw_rate_rad_per_s;  // rad/s
};

/// Why a datagram is not a state: the first check that it fails, in this order.
enum class Go1Refusal { length, head, checksum, not_finite };

/// Reads a state from untrusted bytes. Without `with_checksum` the checksum may be anything.
std::variant<Go1State, Go1Refusal> decode_go1_state(const std::uint8_t* data, std::size_t size,
                                                    bool with_checksum = true) noexcept;

/// CRC of `words` little-endian 32-bit words: polynomial 0x04C11DB7, most significant bit first,
/// initial value 0xFFFFFFFF, no final xor. Reads 4·words bytes.
std::uint32_t go1_checksum(const std::uint8_t* data, std::size_t words) noexcept;

}  // namespace phigrad
