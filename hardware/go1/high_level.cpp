#include "hardware/go1/high_level.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace phigrad {
namespace {

static_assert(sizeof(float) == 4 && std::numeric_limits<float>::is_iec559,
              "the wire holds IEEE 754 floats");

constexpr std::uint8_t head[2] = {0xFE, 0xEF};
constexpr std::uint8_t high_level = 0xEE;

// Offsets in bytes.
namespace command_at {
constexpr std::size_t level = 2, mode = 22, gait = 23, foot_raise = 25, body_height = 29;
constexpr std::size_t forward_speed = 53, yaw_rate = 61, checksum = 125;
}  // namespace command_at
namespace state_at {
constexpr std::size_t roll = 62, pitch = 66, yaw = 70, mode = 885, gait = 890;
constexpr std::size_t position = 895, velocity = 911, yaw_rate = 923, checksum = 1083;
}  // namespace state_at

// The words are counted from the start, where the fields are not aligned: the last bytes before
// the checksum (1 of a command, 3 of a state) are not covered.
constexpr std::size_t command_words = command_at::checksum / 4;
constexpr std::size_t state_words = state_at::checksum / 4;

void put(std::uint32_t value, std::uint8_t* at) {
  for (int byte = 0; byte < 4; ++byte) at[byte] = static_cast<std::uint8_t>(value >> (8 * byte));
}

void put(float value, std::uint8_t* at) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  put(bits, at);
}

std::uint32_t word(const std::uint8_t* at) {
  return std::uint32_t{at[0]} | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 |
         std::uint32_t{at[3]} << 24;
}

float real(const std::uint8_t* at) {
  const std::uint32_t bits = word(at);
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// What four bits shifted out of the remainder put back into it.
constexpr std::array<std::uint32_t, 16> nibble_table() {
  std::array<std::uint32_t, 16> table{};
  for (std::uint32_t nibble = 0; nibble < 16; ++nibble) {
    std::uint32_t rest = nibble << 28;
    for (int bit = 0; bit < 4; ++bit) {
      rest = rest << 1 ^ ((rest & 0x80000000u) != 0 ? 0x04C11DB7u : 0u);
    }
    table[nibble] = rest;
  }
  return table;
}

bool finite(const Go1State& s) {
  const float values[] = {
      s.roll,        s.pitch,       s.yaw,         s.position[0], s.position[1],
      s.position[2], s.velocity[0], s.velocity[1], s.velocity[2], s.yaw_rate_rad_per_s};
  return std::all_of(std::begin(values), std::end(values),
                     [](float value) { return std::isfinite(value); });
}

}  // namespace

std::uint32_t go1_checksum(const std::uint8_t* data, std::size_t words) noexcept {
  static constexpr std::array<std::uint32_t, 16> table = nibble_table();
  std::uint32_t rest = 0xFFFFFFFFu;
  for (std::size_t i = 0; i < words; ++i) {
    rest ^= word(data + 4 * i);
    for (int nibble = 0; nibble < 8; ++nibble) rest = rest << 4 ^ table[rest >> 28];
  }
  return rest;
}

std::array<std::uint8_t, go1_command_size> encode(const Go1Command& command) noexcept {
  std::array<std::uint8_t, go1_command_size> bytes{};
  std::uint8_t* const out = bytes.data();
  out[0] = head[0];
  out[1] = head[1];
  out[command_at::level] = high_level;
  out[command_at::mode] = static_cast<std::uint8_t>(command.mode);
  out[command_at::gait] = static_cast<std::uint8_t>(command.gait);
  put(command.foot_raise_m, out + command_at::foot_raise);
  put(command.body_height_m, out + command_at::body_height);
  put(command.speed_m_per_s, out + command_at::forward_speed);
  put(command.yaw_rate_rad_per_s, out + command_at::yaw_rate);
  put(go1_checksum(out, command_words), out + command_at::checksum);
  return bytes;
}

std::variant<Go1State, Go1Refusal> decode_go1_state(const std::uint8_t* data, std::size_t size,
                                                    bool with_checksum) noexcept {
  if (size != go1_state_size) return Go1Refusal::length;
  if (data[0] != head[0] || data[1] != head[1]) return Go1Refusal::head;
  if (with_checksum && go1_checksum(data, state_words) != word(data + state_at::checksum)) {
    return Go1Refusal::checksum;
  }
  Go1State state{};
  state.mode = data[state_at::mode];
  state.gait = data[state_at::gait];
  state.roll = real(data + state_at::roll);
  state.pitch = real(data + state_at::pitch);
  state.yaw = real(data + state_at::yaw);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    state.position[axis] = real(data + state_at::position + 4 * axis);
    state.velocity[axis] = real(data + state_at::velocity + 4 * axis);
  }
  state.yaw_rate_rad_per_s = real(data + state_at::yaw_rate);
  if (!finite(state)) return Go1Refusal::not_finite;
  return state;
}

}  // namespace phigrad
