// The robot's end of the link: a DEALER socket under CURVE towards one learner. Used by the agent's
// link thread alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hardware/link/keys.hpp"
#include "hardware/link/messages.hpp"

namespace phigrad::link {

struct RobotLinkSettings {
  std::string endpoint;           // tcp://host:port, ipc:///path
  SecretKeys own;
  PublicKeys learner;
  bool insecure_loopback = false;  // no CURVE; only 127.0.0.1 and ipc
  std::size_t spool_blocks = 4096;
  std::size_t block_bytes = 64 << 10;
  double ping_s = 0.2;             // between pings; silence of 5 pings is a lost link
  double reconnect_s = 0.25;       // between attempts
};

/// A whole policy as it came: parameters joined, nothing of it believed yet (PolicySlot does that).
struct ReceivedPolicy {
  Policy announcement;
  std::vector<double> parameters;
};

/// What comes in; called from poll().
class RobotLinkListener {
 public:
  virtual ~RobotLinkListener() = default;
  virtual void connected(const Welcome& welcome) = 0;
  virtual void lost() = 0;
  virtual void policy(const ReceivedPolicy& policy) = 0;
  virtual void control(Command command) = 0;  // of this session, each once
  virtual void pose(const Pose& pose) = 0;
};

struct RobotLinkCounts {
  std::uint64_t sent_blocks = 0, resent_blocks = 0, acknowledged_blocks = 0, refused_full = 0,
                refused_frames = 0, reconnects = 0, stale_commands = 0;
};

class RobotLink {
 public:
  /// Throws Error(Exit::robot) where the socket cannot be made, Error(Exit::usage) for an insecure
  /// endpoint that is not loopback.
  RobotLink(const RobotLinkSettings& settings, const Hello& hello, RobotLinkListener& listener);
  ~RobotLink();
  RobotLink(const RobotLink&) = delete;
  RobotLink& operator=(const RobotLink&) = delete;

  /// One rollout at a time. Rows are spooled until acknowledged and sent as credit allows. False
  /// where the spool is full: the rollout must be ended (end() always has room kept for it).
  bool begin(const RolloutBegin& begin);
  bool samples(std::uint64_t first, const double* rows, std::size_t count);
  bool segments(std::uint64_t first, const double* rows, std::size_t count);
  void end(EndReason reason, const std::vector<Event>& events);
  void event(const Event& event);  // at once, not spooled

  /// Sends, receives, resends, reconnects; returns after `longest` or earlier.
  void poll(std::chrono::milliseconds longest);

  bool is_connected() const;
  bool all_acknowledged() const;  // nothing left in the spool
  RobotLinkCounts counts() const;
  /// Learner's clock less this process's, ns, and its uncertainty; 0, 0 before the first ping.
  std::int64_t clock_offset_ns() const;

  /// Says good-bye; poll() a little longer to let it out.
  void bye(const std::string& text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace phigrad::link
