// A robot that differs from another in its plant or its model alone: phigrad_add_robot(… BASE …)
// compiles no more of it than that.
#pragma once

#include "kernels/math/scalar.hpp"

namespace phigrad {
inline namespace PHI_ISA {

template <class Robot, class OtherPlant>
struct OnPlant : Robot {
  using Base = Robot;
  using Plant = OtherPlant;
};

template <class Robot, class OtherModel>
struct WithModel : Robot {
  using Base = Robot;
  using Model = OtherModel;
};

}  // namespace PHI_ISA
}  // namespace phigrad
