// The learner's end of the link: a ROUTER socket under CURVE that many robots connect to. One
// thread.
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
#include "hardware/link/wire_seam.hpp"

namespace phigrad::link {

struct LearnerLinkSettings {
  std::string endpoint;  // tcp://*:port, tcp://127.0.0.1:*, ipc:///path
  SecretKeys own;
  std::vector<PublicKeys> allowed;     // empty: nobody, and the socket is not opened
  bool insecure_loopback = false;      // no CURVE; only 127.0.0.1 and ipc
  std::uint64_t credit_blocks = 4096;  // that a robot may send ahead of what was taken in
  ReassemblyCaps caps;
  double silence_s = 1.5;       // after which a robot counts as gone
  double offer_again_s = 0.25;  // after ended() was false
  WireSeam seam;                // tests alone
};

/// Who a robot is: the authenticated public key's name, never what a payload claims. Without keys
/// it is "insecure-" and the kind that the robot says it is of.
using RobotName = std::string;

/// What comes in; called from poll(). publish() and control() may be called from within.
class LearnerLinkListener {
 public:
  virtual ~LearnerLinkListener() = default;
  /// False refuses the robot ("why" goes to it): wrong kind or sizes.
  virtual bool joined(const RobotName& robot, const Hello& hello, std::string& why) = 0;
  virtual void left(const RobotName& robot) = 0;  // once after each joined() that was true
  /// Again where an unfinished rollout was forgotten (the robot's process is another one, or it was
  /// dropped) and comes anew.
  virtual void began(const RobotName& robot, const RolloutBegin& begin) = 0;
  /// More rows are contiguous than before.
  virtual void grew(const RobotName& robot, const Reassembly& rollout) = 0;
  /// Complete and sound, or faulty (rollout.fault()). True once it is stored for good: only then is
  /// it acknowledged. False (a full disk): it will be offered again.
  virtual bool ended(const RobotName& robot, const Reassembly& rollout, const RolloutEnd& end) = 0;
  /// Whether a rollout of this robot was stored before (it is then acknowledged at once).
  virtual bool knows(const RobotName& robot, std::uint64_t rollout) = 0;
  virtual void event(const RobotName& robot, const Event& event) = 0;
  /// A pose, from a robot or from any other listed peer: motion capture need not say Hello.
  virtual void pose(const RobotName& from, const Pose& pose) {
    static_cast<void>(from);
    static_cast<void>(pose);
  }
  /// Any line that a person should see, at most one a second of a kind: refused peers, bad frames.
  virtual void remark(const std::string& line) = 0;
};

struct LearnerLinkCounts {
  // frames: sound ones. refused_frames: all others, those of dropped peers included. refused_peers:
  // handshakes and Hellos refused, peers dropped for a bad frame. duplicates: rows that were there
  // already. rollouts: those for which ended() was true.
  std::uint64_t frames = 0, refused_frames = 0, refused_peers = 0, duplicates = 0, rollouts = 0;
};

class LearnerLink {
 public:
  /// Throws Error(Exit::robot) where it cannot listen, Error(Exit::usage) without keys or for an
  /// insecure endpoint that is not loopback, Error(Exit::input) for keys that are none.
  LearnerLink(const LearnerLinkSettings& settings, LearnerLinkListener& listener);

  /// Throws what the constructor would: to be asked before anything is made that a link is for.
  static void require_endpoint(const LearnerLinkSettings& settings);

  ~LearnerLink();
  LearnerLink(const LearnerLink&) = delete;
  LearnerLink& operator=(const LearnerLink&) = delete;

  /// Where it listens, with the port that was chosen for "*".
  std::string endpoint() const;

  /// Hands a policy (signed, in `announcement`) to every robot there, and to those that join later.
  /// Throws Error(Exit::robot) where `announcement` is not of these parameters.
  void publish(const Policy& announcement, const std::vector<double>& parameters);

  /// Nothing where the robot is not connected.
  void control(const RobotName& robot, Command command);
  void pose(const RobotName& robot, const Pose& pose);  // at once or not at all

  /// Receives, answers, acknowledges; returns after `longest` or earlier.
  void poll(std::chrono::milliseconds longest);

  std::vector<RobotName> robots() const;  // connected now
  LearnerLinkCounts counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace phigrad::link
