// What comes between a policy and its plant in a simulation, and what pushes the plant beside it.
// The model that gradients are taken with knows nothing of either.
#pragma once

#include "kernels/gradient/access.hpp"
#include "kernels/math/noise.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Nothing: the policy sees the plant, and the plant gets its commands.
template <class Real, int NX, int NU>
struct Undisturbed {
  using S = scalar_t<Real>;

  PHI_HD Undisturbed(const RolloutArgs<S>& /*args*/, std::int64_t /*block*/) {}
  PHI_HD void sense(int /*slot*/, Vec<Real, NX>& /*x*/) const {}
  PHI_HD void draw(int /*slot*/) const {}
  PHI_HD void explore(Vec<Real, NU>& /*u*/) const {}
  PHI_HD Vec<Real, NU> deliver(int /*slot*/, const Vec<Real, NU>& u) const { return u; }
  PHI_HD void push(Vec<Real, NX>& /*x*/) const {}
};

/// Gaussian noise of states and inputs; sensors with a bias and noise; inputs with a bias; commands
/// that arrive late, or never: the plant then holds the last that did, at first none (zero).
template <class Real, int NX, int NU>
class Disturbed {
 public:
  using S = scalar_t<Real>;

  PHI_HD Disturbed(const RolloutArgs<S>& args, std::int64_t block)
      : d_(args.disturbance),
        inputs_(args.batch.inputs),
        keys_(d_.keys + block * width_v<Real>),
        block_(block),
        is_faulty_(d_.faults.data != nullptr) {}

  /// What the policy sees of the state x of a slot.
  PHI_HD void sense(int slot, Vec<Real, NX>& x) const {
    if (!is_faulty_) return;
    Vec<Real, NX> z{};
    if (d_.drawn.sensor_noise) z = normals<Real, NX>(keys_, sensor_draw, slot);
    PHI_UNROLL
    for (int i = 0; i < NX; ++i) x[i] = x[i] + fma(z[i], fault(NX + i), fault(i));
  }

  /// Draws a slot's noise, for explore() and push().
  PHI_HD void draw(int slot) {
    if (!d_.drawn.noise) return;
    noise_ = normals<Real, NX + NU>(keys_, noise_draw, slot);
    PHI_UNROLL
    for (int i = 0; i < NX + NU; ++i) {
      noise_[i] = noise_[i] * load_row<Real>(d_.deviation, i, block_);
    }
  }
  PHI_HD void explore(Vec<Real, NU>& u) const {
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) u[i] = u[i] + noise_[NX + i];
  }
  PHI_HD void push(Vec<Real, NX>& x) const {
    PHI_UNROLL
    for (int i = 0; i < NX; ++i) x[i] = x[i] + noise_[i];
  }

  /// What reaches the plant at a slot, whose command u is stored.
  PHI_HD Vec<Real, NU> deliver(int slot, const Vec<Real, NU>& u) {
    if (!is_faulty_) return u;
    Vec<Real, NU> arrived = u;
    if (d_.delay > 0) {
      arrived = {};
      if (slot >= d_.delay) {
        arrived = load_rows<Real, NU>(inputs_, std::int64_t{slot - d_.delay} * NU, block_);
      }
    }
    if (d_.drawn.losses) {
      const mask_t<Real> lost = uniform<Real>(keys_, loss_draw, slot) < fault(2 * NX + NU);
      arrived = select_rows(lost, held_, arrived);
    }
    held_ = arrived;
    Vec<Real, NU> delivered;
    PHI_UNROLL
    for (int i = 0; i < NU; ++i) delivered[i] = held_[i] + fault(2 * NX + i);
    return delivered;
  }

 private:
  PHI_HD Real fault(int i) const { return load_row<Real>(d_.faults, i, block_); }

  const DisturbanceView<S>& d_;
  const Rows<S>& inputs_;
  const NoiseKey* keys_;
  std::int64_t block_;
  bool is_faulty_;
  Vec<Real, NX + NU> noise_{};
  Vec<Real, NU> held_{};
};

}  // namespace PHI_ISA
}  // namespace phigrad
