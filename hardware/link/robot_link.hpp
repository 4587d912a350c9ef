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
#include "hardware/link/policy_assembly.hpp"
#include "hardware/link/wire_seam.hpp"

namespace phigrad::link {

struct RobotLinkSettings {
  std::string endpoint;  // tcp://host:port, ipc:///path
  SecretKeys own;        // the CURVE keys are used, the signing key is not
  PublicKeys learner;
  bool insecure_loopback = false;  // no CURVE; only 127.0.0.1 and ipc
  std::size_t spool_blocks = 4096;
  std::size_t block_bytes = 16 << 10;  // at least max_control_bytes are taken
  double ping_s = 0.2;                 // between pings; silence of 5 pings is a lost link
  double reconnect_s = 0.25;           // between attempts
  double resend_s = 1;                 // without news of what was sent; doubled up to 8 times
  WireSeam seam;                       // tests alone
};

/// What comes in; called from poll().
class RobotLinkListener {
 public:
  virtual ~RobotLinkListener() = default;
  virtual void connected(const Welcome& welcome) = 0;
  virtual void lost() = 0;                                // once after each connected()
  virtual void policy(const ReceivedPolicy& policy) = 0;  // whole, each once
  virtual void control(Command command) = 0;              // of this session, each once
  virtual void pose(const Pose& pose) = 0;
};

struct RobotLinkCounts {
  // sent_blocks, resent_blocks, acknowledged_blocks: of the spool, begins and ends of rollouts
  // included. refused_full: calls of begin, samples and segments for which the spool had no room.
  // refused_frames: from the learner, that it should not have sent. reconnects: sessions after the
  // first. clock_steps: how often one of the two clocks was set.
  std::uint64_t sent_blocks = 0, resent_blocks = 0, acknowledged_blocks = 0, refused_full = 0,
                refused_frames = 0, reconnects = 0, stale_commands = 0, clock_steps = 0;
};

class RobotLink {
 public:
  /// Throws Error(Exit::robot) where the socket cannot be made, Error(Exit::usage) without keys or
  /// for an insecure endpoint that is not loopback.
  RobotLink(const RobotLinkSettings& settings, const Hello& hello, RobotLinkListener& listener);
  ~RobotLink();
  RobotLink(const RobotLink&) = delete;
  RobotLink& operator=(const RobotLink&) = delete;

  /// One rollout at a time. Rows are spooled until acknowledged and sent as credit allows. False
  /// where the spool is full: the rollout must be ended (end() always has room kept for it) and
  /// takes no more rows. Rows are numbered from 0 without a gap; `rows` is [count, columns], the
  /// columns as in messages.hpp. They touch no socket. A rollout's number must be above those of
  /// all rollouts before, those of an earlier process included: the learner knows them by it.
  bool begin(const RolloutBegin& begin);
  bool samples(std::uint64_t first, const double* rows, std::size_t count);
  bool segments(std::uint64_t first, const double* rows, std::size_t count);
  void end(EndReason reason, const std::vector<Event>& events);
  void event(const Event& event);  // at once, not spooled: lost while there is no session

  /// Sends, receives, resends, reconnects; returns after `longest` or earlier.
  void poll(std::chrono::milliseconds longest);

  bool is_connected() const;
  bool all_acknowledged() const;  // nothing left in the spool
  RobotLinkCounts counts() const;
  /// Learner's clock less this process's, ns, and its uncertainty; 0, 0 before the first ping.
  std::int64_t clock_offset_ns() const;
  std::int64_t clock_uncertainty_ns() const;
  /// Why there is no session, for people; empty where nothing is known or all is well.
  const std::string& obstacle() const;

  /// Says good-bye; poll() a little longer to let it out.
  void bye(const std::string& text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace phigrad::link
