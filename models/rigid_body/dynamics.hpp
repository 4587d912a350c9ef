// One rigid body on four feet that stand on the ground. Frames, units, sources:
// models/rigid_body/README.md.
#pragma once

#include "kernels/dynamics/vjp.hpp"
#include "kernels/math/elementary.hpp"

namespace phigrad {
inline namespace PHI_ISA {

/// Newton's and Euler's equations with roll, pitch and yaw, R = Rz(yaw) Ry(pitch) Rx(roll); not
/// defined where cos(pitch) = 0.
struct RigidBodyDynamics {
  // position (m, world), angles (rad), velocity (m/s, world), angular velocity (rad/s, body)
  enum State { px, py, pz, roll, pitch, yaw, vx, vy, vz, wx, wy, wz, nx };
  // forces of the ground (N, world) on the feet front right, front left, rear right, rear left
  enum Input { fr_x, fr_y, fr_z, fl_x, fl_y, fl_z, rr_x, rr_y, rr_z, rl_x, rl_y, rl_z, nu };
  template <class Real>
  struct Params {
    Real mass;                             // kg
    Real inertia_x, inertia_y, inertia_z;  // kg m², principal, about the body's axes
    Real foot_x, foot_y;                   // m, the feet stand at (±foot_x, ±foot_y, 0)
    Real gravity;                          // m/s²
  };
  template <class Real>
  struct Constants : Params<Real> {
    Real per_mass;                    // 1/kg
    Vec<Real, 3> per_inertia;         // 1/(kg m²)
    Vec<Real, 3> inertia_difference;  // kg m², of the other two axes

    PHI_HD Constants(const Params<Real>& p) : Params<Real>(p) {
      per_mass = Real(1) / p.mass;
      per_inertia = {{Real(1) / p.inertia_x, Real(1) / p.inertia_y, Real(1) / p.inertia_z}};
      inertia_difference = {
          {p.inertia_y - p.inertia_z, p.inertia_z - p.inertia_x, p.inertia_x - p.inertia_y}};
    }
  };

  template <class Real>
  PHI_HD static Vec<Real, nx> derivative(const Vec<Real, nx>& s, const Vec<Real, nu>& f,
                                         const Constants<identity_t<Real>>& p) {
    const Wrench<Real> on(s, f, p);
    const Attitude<Real> a(s);
    const Vec<Real, 3> torque = a.roll.back(a.pitch.back(a.yaw.back(on.torque)));
    Vec<Real, nx> rate;
    rate[px] = s[vx];
    rate[py] = s[vy];
    rate[pz] = s[vz];
    rate[roll] = fma(a.yaw_rate, a.pitch.sine, s[wx]);
    rate[pitch] = a.pitch_rate;
    rate[yaw] = a.yaw_rate;
    rate[vx] = on.force[0] * p.per_mass;
    rate[vy] = on.force[1] * p.per_mass;
    rate[vz] = fma(on.force[2], p.per_mass, -p.gravity);
    rate[wx] = fma(p.inertia_difference[0] * s[wy], s[wz], torque[0]) * p.per_inertia[0];
    rate[wy] = fma(p.inertia_difference[1] * s[wz], s[wx], torque[1]) * p.per_inertia[1];
    rate[wz] = fma(p.inertia_difference[2] * s[wx], s[wy], torque[2]) * p.per_inertia[2];
    return rate;
  }

  /// (∂ẋ/∂x)ᵀw, (∂ẋ/∂u)ᵀw.
  template <class Real>
  PHI_HD static Cotangent<Real, nx, nu> vjp(const Vec<Real, nx>& s, const Vec<Real, nu>& f,
                                            const Constants<identity_t<Real>>& p,
                                            const Vec<Real, nx>& w) {
    const Wrench<Real> on(s, f, p);
    const Attitude<Real> a(s);
    const Vec<Real, 3> after_yaw = a.yaw.back(on.torque);
    const Vec<Real, 3> after_pitch = a.pitch.back(after_yaw);
    const Vec<Real, 3> torque = a.roll.back(after_pitch);

    const Vec<Real, 3> torque_bar = {
        {w[wx] * p.per_inertia[0], w[wy] * p.per_inertia[1], w[wz] * p.per_inertia[2]}};
    const Vec<Real, 3> pitch_bar = a.roll.forth(torque_bar);
    const Vec<Real, 3> yaw_bar = a.pitch.forth(pitch_bar);
    const Vec<Real, 3> world_bar = a.yaw.forth(yaw_bar);
    const Vec<Real, 3> gyro = {{torque_bar[0] * p.inertia_difference[0],
                                torque_bar[1] * p.inertia_difference[1],
                                torque_bar[2] * p.inertia_difference[2]}};
    const Real turn_bar = fma(w[roll], a.pitch.sine, w[yaw]);  // of yaw_rate
    const Real side_bar = turn_bar * a.per_cosine;             // of yaw_rate cos(pitch)

    Cotangent<Real, nx, nu> c;
    const Vec<Real, 3> position_bar = cross(world_bar, on.force);
    PHI_UNROLL
    for (int i = 0; i < 3; ++i) {
      c.x[px + i] = position_bar[i];
      c.x[vx + i] = w[px + i];
    }
    c.x[roll] = fma(torque_bar[1], torque[2], -(torque_bar[2] * torque[1])) +
                fma(side_bar, a.pitch_rate, -(w[pitch] * a.side));
    c.x[pitch] = fma(a.yaw_rate, fma(side_bar, a.pitch.sine, w[roll] * a.pitch.cosine),
                     fma(pitch_bar[2], after_pitch[0], -(pitch_bar[0] * after_pitch[2])));
    c.x[yaw] = fma(yaw_bar[0], after_yaw[1], -(yaw_bar[1] * after_yaw[0]));
    c.x[wx] = fma(gyro[1], s[wz], fma(gyro[2], s[wy], w[roll]));
    c.x[wy] = fma(side_bar, a.roll.sine,
                  fma(w[pitch], a.roll.cosine, fma(gyro[0], s[wz], gyro[2] * s[wx])));
    c.x[wz] = fma(side_bar, a.roll.cosine,
                  fma(-w[pitch], a.roll.sine, fma(gyro[0], s[wy], gyro[1] * s[wx])));

    const Vec<Real, 3> lever = cross(Vec<Real, 3>{{s[px], s[py], s[pz]}}, world_bar);
    const Vec<Real, 3> force_bar =
        lever + Vec<Real, 3>{{w[vx], w[vy], w[vz]}} * p.per_mass;  // of the sum of forces
    // (force_bar + world_bar × foot) for feet at (±foot_x, ±foot_y, 0).
    const Real turn_x = world_bar[2] * p.foot_y;
    const Real turn_y = world_bar[2] * p.foot_x;
    const Real tilt_x = world_bar[0] * p.foot_y;
    const Real tilt_y = world_bar[1] * p.foot_x;
    const Real right_x = force_bar[0] + turn_x;
    const Real left_x = force_bar[0] - turn_x;
    const Real front_y = force_bar[1] + turn_y;
    const Real rear_y = force_bar[1] - turn_y;
    const Real front_z = force_bar[2] - tilt_y;
    const Real rear_z = force_bar[2] + tilt_y;
    c.u = {{right_x, front_y, front_z - tilt_x, left_x, front_y, front_z + tilt_x, right_x, rear_y,
            rear_z - tilt_x, left_x, rear_y, rear_z + tilt_x}};
    return c;
  }

 private:
  template <class Real>
  PHI_HD static Vec<Real, 3> cross(const Vec<Real, 3>& a, const Vec<Real, 3>& b) {
    return {{fma(a[1], b[2], -(a[2] * b[1])), fma(a[2], b[0], -(a[0] * b[2])),
             fma(a[0], b[1], -(a[1] * b[0]))}};
  }

  /// The feet's forces as one force and one torque about the centre of mass, in the world frame.
  template <class Real>
  struct Wrench {
    Vec<Real, 3> force;   // N
    Vec<Real, 3> torque;  // N m

    PHI_HD Wrench(const Vec<Real, nx>& s, const Vec<Real, nu>& f, const Constants<Real>& p) {
      const Real front_y = f[fr_y] + f[fl_y];
      const Real rear_y = f[rr_y] + f[rl_y];
      const Real front_z = f[fr_z] + f[fl_z];
      const Real rear_z = f[rr_z] + f[rl_z];
      const Real right_x = f[fr_x] + f[rr_x];
      const Real left_x = f[fl_x] + f[rl_x];
      force = {{right_x + left_x, front_y + rear_y, front_z + rear_z}};
      const Vec<Real, 3> lever = cross(Vec<Real, 3>{{s[px], s[py], s[pz]}}, force);
      torque = {{p.foot_y * (f[fl_z] - f[fr_z] + f[rl_z] - f[rr_z]) - lever[0],
                 p.foot_x * (rear_z - front_z) - lever[1],
                 p.foot_x * (front_y - rear_y) + p.foot_y * (right_x - left_x) - lever[2]}};
    }
  };

  /// A turn by one angle about axis `Axis`: `forth` from the turned frame to the outer one.
  template <class Real, int Axis>
  struct Turn {
    Real sine, cosine;

    PHI_HD explicit Turn(Real angle) { sincos(angle, sine, cosine); }
    PHI_HD Vec<Real, 3> forth(const Vec<Real, 3>& v) const { return turned(v, sine); }
    PHI_HD Vec<Real, 3> back(const Vec<Real, 3>& v) const { return turned(v, -sine); }

   private:
    PHI_HD Vec<Real, 3> turned(const Vec<Real, 3>& v, Real s) const {
      constexpr int i = (Axis + 1) % 3;
      constexpr int j = (Axis + 2) % 3;
      Vec<Real, 3> to = v;
      to[i] = fma(cosine, v[i], -(s * v[j]));
      to[j] = fma(s, v[i], cosine * v[j]);
      return to;
    }
  };

  template <class Real>
  struct Attitude {
    Turn<Real, 0> roll;
    Turn<Real, 1> pitch;
    Turn<Real, 2> yaw;
    Real per_cosine;            // 1 / cos(pitch)
    Real side;                  // yaw_rate cos(pitch), rad/s
    Real pitch_rate, yaw_rate;  // rad/s

    PHI_HD explicit Attitude(const Vec<Real, nx>& s)
        : roll(s[State::roll]), pitch(s[State::pitch]), yaw(s[State::yaw]) {
      per_cosine = Real(1) / pitch.cosine;
      side = fma(roll.sine, s[wy], roll.cosine * s[wz]);
      pitch_rate = fma(roll.cosine, s[wy], -(roll.sine * s[wz]));
      yaw_rate = side * per_cosine;
    }
  };
};

}  // namespace PHI_ISA
}  // namespace phigrad
