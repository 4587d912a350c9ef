// The body of a generated CUDA unit: one robot, one precision. A thread is a trajectory, or, where
// a kernel is made for one, a team of threads.
#include "kernels/entry/make_robot_kernels.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Kernel>
__global__ void __launch_bounds__(128)
    run_kernel(Kernel kernel, std::int64_t begin, std::int64_t end) {
  const std::int64_t i = begin + std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < end) kernel(i);
}

/// A block is the team of one index.
template <class Kernel>
__global__ void __launch_bounds__(Kernel::threads, Kernel::teams_at_once)
    run_team_kernel(Kernel kernel, std::int64_t begin) {
  __shared__ typename Kernel::Shared shared;
  if (team_is_threads || threadIdx.x == 0) kernel(begin + std::int64_t{blockIdx.x}, shared);
}

/// Launches a kernel over a range on a stream. Errors stay in cudaGetLastError, which the host
/// reads.
struct CudaLauncher {
  static constexpr bool has_teams = true;

  template <class Kernel>
  static void launch_teams(Kernel kernel, LaunchRange range) {
    const std::int64_t blocks = range.end - range.begin;
    void* arguments[] = {&kernel, &range.begin};
    static_cast<void>(cudaLaunchKernel(&run_team_kernel<Kernel>,
                                       dim3(static_cast<unsigned>(blocks)), dim3(Kernel::threads),
                                       arguments, 0, static_cast<cudaStream_t>(range.stream)));
  }

  /// The architecture (80: compute_80) that the code was made for which the GPU runs of a team's
  /// kernel; 0 where it has none.
  template <class Kernel>
  static int made_for() {
    cudaFuncAttributes attributes{};
    if (cudaFuncGetAttributes(&attributes, &run_team_kernel<Kernel>) == cudaSuccess) {
      return attributes.ptxVersion;
    }
    static_cast<void>(cudaGetLastError());
    return 0;
  }

  template <class Kernel>
  static void launch(Kernel kernel, LaunchRange range) {
    constexpr int threads = 128;
    const std::int64_t blocks = (range.end - range.begin + threads - 1) / threads;
    void* arguments[] = {&kernel, &range.begin, &range.end};
    // As <<<…>>>, in words that g++ knows: tests compile this unit without nvcc.
    static_cast<void>(cudaLaunchKernel(&run_kernel<Kernel>, dim3(static_cast<unsigned>(blocks)),
                                       dim3(threads), arguments, 0,
                                       static_cast<cudaStream_t>(range.stream)));
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad

#if defined(PHI_BASE_ENTRY)
extern "C" const void* PHI_BASE_ENTRY();
#endif
extern "C" const void* PHI_ENTRY() {
  using namespace phigrad;
#if defined(PHI_BASE_ENTRY)
  static const RobotKernels<PHI_REAL> table =
      make_variant_kernels<PHI_ROBOT, PHI_REAL, CudaLauncher>(
          *static_cast<const RobotKernels<PHI_REAL>*>(PHI_BASE_ENTRY()));
#else
  static const RobotKernels<PHI_REAL> table =
      make_robot_kernels<PHI_ROBOT, PHI_REAL, CudaLauncher>();
#endif
  return &table;
}
