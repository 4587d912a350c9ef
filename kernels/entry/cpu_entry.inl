// The body of a generated CPU unit: one robot, one precision, one instruction set. No standard
// library beyond headers of constants: what is compiled here must not leak into other flavours.
#include "kernels/entry/make_robot_kernels.hpp"
#include "kernels/math/lanes.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Runs a kernel over a range on the calling thread; the host divides ranges among threads.
struct CpuLauncher {
  static constexpr bool has_teams = false;

  template <class Kernel>
  static void launch(const Kernel& kernel, LaunchRange range) {
    for (std::int64_t i = range.begin; i < range.end; ++i) kernel(i);
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad

#if defined(PHI_BASE_ENTRY)
extern "C" const void* PHI_BASE_ENTRY();
#endif
extern "C" const void* PHI_ENTRY();
extern "C" const void* PHI_ENTRY() {
  using namespace phigrad;
#if defined(PHI_BASE_ENTRY)
  static const RobotKernels<PHI_REAL> table =
      make_variant_kernels<PHI_ROBOT, lanes_t<PHI_REAL>, CpuLauncher>(
          *static_cast<const RobotKernels<PHI_REAL>*>(PHI_BASE_ENTRY()));
#else
  static const RobotKernels<PHI_REAL> table =
      make_robot_kernels<PHI_ROBOT, lanes_t<PHI_REAL>, CpuLauncher>();
#endif
  return &table;
}
