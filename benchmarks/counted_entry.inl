// The body of a generated unit: one robot's kernels over numbers that count (as
// kernels/entry/cpu_entry.inl, whose numbers are lanes).
#include "host/engine/kernel_registry.hpp"
#include "kernels/entry/make_robot_kernels.hpp"

namespace phigrad {
inline namespace PHI_ISA {

struct CountingLauncher {
  static constexpr bool has_teams = false;

  template <class Kernel>
  static void launch(const Kernel& kernel, LaunchRange range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) kernel(i);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad

extern "C" const void* PHI_ENTRY();
extern "C" const void* PHI_ENTRY() {
  using namespace phigrad;
  static const RobotKernels<float> table =
      make_robot_kernels<PHI_ROBOT, Counted, CountingLauncher>();
  return &table;
}
