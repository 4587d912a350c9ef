// The learner's end of the link: a ROUTER socket under CURVE that many robots connect to. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "hardware/link/keys.hpp"
#include "hardware/link/messages.hpp"
#include "hardware/link/reassembly.hpp"

namespace phigrad::link {

struct LearnerLinkSettings {
  std::string endpoint;             // tcp://*:port, tcp://127.0.0.1:*, ipc:///path
  SecretKeys own;
  std::vector<PublicKeys> allowed;  // empty: nobody, and the socket is not opened
  bool insecure_loopback = false;   // no CURVE; only 127.0.0.1 and ipc
  std::uint64_t credit_blocks = 4096;
  ReassemblyCaps caps;
  double silence_s = 1.5;  // after which a robot counts as gone
};

/// Who a robot is: the authenticated public key's name, never what a payload claims.
using RobotName = std::string;

/// What comes in; called from poll().
class LearnerLinkListener {
 public:
  virtual ~LearnerLinkListener() = default;
  /// False refuses the robot ("why" goes to it): wrong kind or sizes.
  virtual bool joined(const RobotName& robot, const Hello& hello, std::string& why) = 0;
  virtual void left(const RobotName& robot) = 0;
  virtual void began(const RobotName& robot, const RolloutBegin& begin) = 0;
  /// More rows are contiguous than before.
  virtual void grew(const RobotName& robot, const Reassembly& rollout) = 0;
  /// Complete and sound, or faulty (rollout.fault()). True once it is stored for good: only then is
  /// it acknowledged. False (a full disk): it will be offered again.
  virtual bool ended(const RobotName& robot, const Reassembly& rollout, const RolloutEnd& end) = 0;
  /// Whether a rollout of this robot was stored before (it is then acknowledged at once).
  virtual bool knows(const RobotName& robot, std::uint64_t rollout) = 0;
  virtual void event(const RobotName& robot, const Event& event) = 0;
  /// Any line that a person should see, at most one a second of a kind: refused peers, bad frames.
  virtual void remark(const std::string& line) = 0;
};

struct LearnerLinkCounts {
  std::uint64_t frames = 0, refused_frames = 0, refused_peers = 0, duplicates = 0, rollouts = 0;
};

class LearnerLink {
 public:
  /// Throws Error(Exit::robot) where it cannot listen, Error(Exit::usage) without keys.
  LearnerLink(const LearnerLinkSettings& settings, LearnerLinkListener& listener);
  ~LearnerLink();
  LearnerLink(const LearnerLink&) = delete;
  LearnerLink& operator=(const LearnerLink&) = delete;

  /// Where it listens, with the port that was chosen for "*".
  std::string endpoint() const;

  /// Hands a policy (signed, in `announcement`) to every robot there, and to those that join later.
  void publish(const Policy& announcement, const std::vector<double>& parameters);

  void control(const RobotName& robot, Command command);

  /// Receives, answers, acknowledges; returns after `longest` or earlier.
  void poll(std::chrono::milliseconds longest);

  std::vector<RobotName> robots() const;  // connected now
  LearnerLinkCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace phigrad::link
