// A single-track car with slipping tyres. Frames, units, sources: models/dynamic_car/README.md.
#pragma once

#include "kernels/dynamics/vjp.hpp"
#include "kernels/math/elementary.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Single track with longitudinal load transfer (Althoff and Würsching, "CommonRoad: Vehicle
/// Models"); tyres by Pacejka's magic formula with C = 1, E = 0: sin(arctan(C_S s)) =
/// C_S s / √(1 + C_S² s²) of the slip s = tan α.
struct DynamicCarDynamics {
  // m, m, rad (world); m/s, m/s, rad/s (along and across the car, left and counter-clockwise > 0)
  enum State { x, y, heading, vx, vy, yaw_rate, nx };
  enum Input { drive, steer, nu };  // m/s² that the drive adds, rad of the front wheel
  template <class Real>
  struct Params {
    Real front_length;     // m, from the centre of mass to the front axle
    Real rear_length;      // m, to the rear axle
    Real height;           // m, of the centre of mass
    Real gyration;         // m², yaw inertia over mass
    Real friction;         // μ
    Real front_stiffness;  // 1/rad, cornering stiffness over μ and load
    Real rear_stiffness;   // 1/rad
    Real drag_per_m;       // 1/m, v̇ loses drag_per_m |v| v
    Real slow_speed;       // m/s, joins the wheel's speed in the slip's denominator
    Real gravity;          // m/s²
  };
  template <class Real>
  struct Constants : Params<Real> {
    Real per_gyration;           // 1/m²
    Real transfer;               // grip that the rear gains and the front loses a unit of drive
    Real front_grip, rear_grip;  // m/s², without drive
    Real slow_square;            // m²/s²

    PHI_HD Constants(const Params<Real>& p) : Params<Real>(p) {
      const Real grip_per_m = p.friction / (p.front_length + p.rear_length);
      per_gyration = Real(1) / p.gyration;
      transfer = grip_per_m * p.height;
      front_grip = grip_per_m * p.rear_length * p.gravity;
      rear_grip = grip_per_m * p.front_length * p.gravity;
      slow_square = p.slow_speed * p.slow_speed;
    }
  };

  template <class Real>
  PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                         const Constants<identity_t<Real>>& p) {
    const Terms<Real> t(s, u, p);
    const Real across = t.front.force * t.cos_steer;
    const Real lost = fma(t.front.force, t.sin_steer, p.drag_per_m * s[vx] * abs(s[vx]));
    return {{fma(t.cos_heading, s[vx], -(t.sin_heading * s[vy])),
             fma(t.sin_heading, s[vx], t.cos_heading * s[vy]), s[yaw_rate],
             fma(s[vy], s[yaw_rate], u[drive] - lost),
             fma(-s[vx], s[yaw_rate], across + t.rear.force),
             fma(p.front_length, across, -(p.rear_length * t.rear.force)) * p.per_gyration}};
  }

  /// (∂ẋ/∂x)ᵀw, (∂ẋ/∂u)ᵀw.
  template <class Real>
  PHI_HD static Cotangent<Real, nx, nu> vjp(const Vec<Real, nx>& s, const Vec<Real, nu>& u,
                                            const Constants<identity_t<Real>>& p,
                                            const Vec<Real, nx>& w) {
    const Terms<Real> t(s, u, p);
    const Real turn = w[yaw_rate] * p.per_gyration;
    const Real across = fma(p.front_length, turn, w[vy]);
    const auto front = t.front.pull_back(fma(t.cos_steer, across, -(t.sin_steer * w[vx])));
    const auto rear = t.rear.pull_back(fma(-p.rear_length, turn, w[vy]));
    // Of the axles' lateral velocities, vy + front_length r and vy − rear_length r.
    const Real front_vy = fma(t.sin_steer, front.along, t.cos_steer * front.across);

    Cotangent<Real, nx, nu> c;
    c.x[x] = Real(0);
    c.x[y] = Real(0);
    // w of the position, in the car's frame.
    const Real ahead = fma(t.cos_heading, w[x], t.sin_heading * w[y]);
    const Real left = fma(t.cos_heading, w[y], -(t.sin_heading * w[x]));
    const Real of_drag = -((p.drag_per_m + p.drag_per_m) * abs(s[vx]));
    c.x[heading] = fma(left, s[vx], -(ahead * s[vy]));
    c.x[vx] = fma(t.cos_steer, front.along,
                  fma(-t.sin_steer, front.across,
                      fma(of_drag, w[vx], fma(-s[yaw_rate], w[vy], ahead + rear.along))));
    c.x[vy] = fma(s[yaw_rate], w[vx], left + front_vy + rear.across);
    c.x[yaw_rate] =
        fma(s[vy], w[vx],
            fma(-s[vx], w[vy],
                fma(p.front_length, front_vy, fma(-p.rear_length, rear.across, w[heading]))));
    c.u[drive] = fma(p.transfer, rear.grip - front.grip, w[vx]);
    c.u[steer] = fma(front.along, t.front.across,
                     fma(-front.across, t.front.along,
                         -(t.front.force * fma(t.cos_steer, w[vx], t.sin_steer * across))));
    return c;
  }

 private:
  /// One axle's tyre: its velocity along and across the wheel (m/s), its greatest and its present
  /// lateral force over the car's mass (m/s²).
  template <class Real>
  struct Tyre {
    Real along, across, grip, stiffness;
    Real per_speed;  // s/m
    Real used;       // share of the grip, in (−1, 1)
    Real force;

    Tyre() = default;
    PHI_HD Tyre(Real along_, Real across_, Real grip_, Real stiffness_, Real slow_square)
        : along(along_), across(across_), grip(grip_), stiffness(stiffness_) {
      const Real stretched = stiffness * across;
      per_speed = Real(1) / sqrt(fma(along, along, fma(stretched, stretched, slow_square)));
      used = stretched * per_speed;
      force = -grip * used;
    }

    struct Bar {
      Real along, across, grip;
    };
    PHI_HD Bar pull_back(Real force_bar) const {
      const Real pulled = force_bar * grip * per_speed;
      return {pulled * used * along * per_speed, fma(used, used, Real(-1)) * pulled * stiffness,
              -force_bar * used};
    }
  };

  template <class Real>
  struct Terms {
    Real sin_heading, cos_heading, sin_steer, cos_steer;
    Tyre<Real> front, rear;

    PHI_HD Terms(const Vec<Real, nx>& s, const Vec<Real, nu>& u, const Constants<Real>& p) {
      sincos(s[heading], sin_heading, cos_heading);
      sincos(u[steer], sin_steer, cos_steer);
      const Real shifted = p.transfer * u[drive];
      const Real front_vy = fma(p.front_length, s[yaw_rate], s[vy]);
      front = Tyre<Real>(fma(cos_steer, s[vx], sin_steer * front_vy),
                         fma(cos_steer, front_vy, -(sin_steer * s[vx])), p.front_grip - shifted,
                         p.front_stiffness, p.slow_square);
      rear = Tyre<Real>(s[vx], fma(-p.rear_length, s[yaw_rate], s[vy]), p.rear_grip + shifted,
                        p.rear_stiffness, p.slow_square);
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
