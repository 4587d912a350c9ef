// Where a test puts its hands between a link and its socket: another clock, faults on the way out.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hardware/link/frame.hpp"

namespace phigrad::link {

/// A frame on its way out.
struct OutgoingFrame {
  std::string to;  // the ROUTER's routing id of the peer; empty at a DEALER
  MessageType type = MessageType::hello;
  std::array<std::uint8_t, header_bytes> header{};
  std::vector<std::uint8_t> payload;
};

/// Loses, repeats, holds back: a network that TCP would hide.
class WireFaults {
 public:
  virtual ~WireFaults() = default;
  /// Appends to `out` what goes out now: this frame or not, several times, after others held back.
  virtual void pass(const OutgoingFrame& frame, std::vector<OutgoingFrame>& out) = 0;
};

/// Both empty on a robot and on a learner.
struct WireSeam {
  WireFaults* faults = nullptr;
  std::function<std::int64_t()> monotonic_ns;  // the clock of the frames' headers
};

}  // namespace phigrad::link
