// The single-track car under a linear feedback whose gains are learned.
#pragma once

#include "kernels/objective/quadratic.hpp"
#include "kernels/policy/policy.hpp"
#include "models/dynamic_car/dynamics.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// u = u_ff − θ (x − x_ref(t))
struct DynamicCar {
  using Plant = DynamicCarDynamics;
  using Model = DynamicCarDynamics;
  using Policy = phigrad::Policy<ConstantHead<6, 12>, ReferenceFeedback<6, 2>>;
  using Objective = Quadratic<6, 2>;
};

}  // namespace PHI_ISA
}  // namespace phigrad
