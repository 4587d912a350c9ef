// Lays out the starts of an iteration of training, which lie ready for several.
#pragma once

#include "kernels/entry/update_arguments.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Real>
struct BeginIteration {
  using S = scalar_t<Real>;
  static constexpr int width = width_v<Real>;

  BeginIterationArgs<S> a;

  PHI_HD void operator()(std::int64_t block) const {
    const std::int32_t iteration = a.count->next;
    if (block == 0) a.count->current = iteration;
    for (int i = 0; i < a.nx; ++i) {
      store_row(a.initial, i, block,
                load_row<Real>(a.starts, std::int64_t{iteration} * a.nx + i, block));
    }
    if (a.times != nullptr) {
      const double* const times = a.times + iteration * a.slots + block * width;
      for (int segment = 0; segment < a.segments; ++segment) {
        S* const row = row_at<Real>(a.segment_time, segment, block);
        for (int lane = 0; lane < width; ++lane) {
          row[lane] = static_cast<S>(times[lane] + static_cast<double>(segment) * a.segment_s);
        }
      }
    }
    if (a.keys != nullptr) {
      for (int lane = 0; lane < width; ++lane) {
        a.keys[block * width + lane].iteration =
            a.count->noise + static_cast<std::uint32_t>(iteration);
      }
    }
  }
};

}  // namespace PHI_ISA
}  // namespace phigrad
