// What the agent drives: commands out, measurements in. One robot behind one interface, whether it
// is wired to a bus, reached over a network, simulated or recorded.
#pragma once

#include <string>

namespace phigrad {

/// A state that the robot measured.
struct Measurement {
  static constexpr int most_states = 16;
  double state[most_states];  // [nx], units of the robot's model
  double at_s;                // monotonic clock of this process, s
};

/// Called by the control thread alone, once a period; no call may block longer than a bus transfer.
class Driver {
 public:
  virtual ~Driver() = default;

  /// Takes hold of the actuators and holds them neutral. Throws Error(Exit::robot).
  virtual void start() = 0;

  /// Sends a command [nu] that has passed every limit. False where the robot did not take it.
  virtual bool command(const double* u) noexcept = 0;

  /// Holds the actuators neutral: called every period while there is no command, and at the end.
  /// False where the robot did not take it.
  virtual bool neutral() noexcept = 0;

  /// The newest measurement, where one came since the last call. False where none did, and always
  /// for robots that do not measure themselves (their pose comes over the link).
  virtual bool measure(Measurement& into) noexcept = 0;

  /// One line for people: what is driven, where.
  virtual std::string description() const = 0;
};

}  // namespace phigrad
