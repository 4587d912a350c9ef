// The cart-pole's config sections, and what they mean for the engine.
#include "cart_pole.hpp"
#include "host/robots/registered.hpp"

namespace phigrad {
namespace {

struct CartPoleParameters {
  CartPoleDynamics::Params<double> p{1.0, 0.1, 0.5, 9.81};

  template <class Visitor>
  void describe(Visitor& v) {
    v.field("cart_mass_kg", p.cart_mass, v.optional, "mass of the cart, kg", v.above(0));
    v.field("pole_mass_kg", p.pole_mass, v.optional, "mass of the pole, kg", v.above(0));
    v.field("half_length_m", p.half_length, v.optional, "half the pole, m", v.above(0));
    v.field("gravity_m_per_s2", p.gravity, v.optional, "gravity, m/s^2");
  }
};

struct CartPoleSettings {
  CartPoleParameters plant, model;
  std::vector<double> gains = {-1, -2, -30, -6};

  template <class Visitor>
  void describe(Visitor& v) {
    v.section("plant", plant, "the cart that is driven");
    v.section("model", model, "the cart that gradients are taken with");
    v.field("gains", gains, v.optional, "K of u = -K x before learning", v.size(4));
  }

  RobotSetup setup(const CommonSettings& /*common*/, const Place& /*at*/) const {
    const auto pack = [](const CartPoleDynamics::Params<double>& p) {
      return std::vector<double>{p.cart_mass, p.pole_mass, p.half_length, p.gravity};
    };
    RobotSetup s;
    s.kernels = "cart_pole";
    s.states = {"position", "velocity", "angle", "rate"};
    s.inputs = {"force"};
    s.plant = pack(plant.p);
    s.model = pack(model.p);
    s.objective = {0, 0, 0, 0, 1, 0.1, 10, 0.1, 0.001, 0, 0, 0, 0};  // goal, q, r, q at the end
    s.initial_policy = [g = gains](RandomStream&, int) { return g; };
    return s;
  }
};

const Registered<CartPoleSettings> cart_pole{"cart_pole", "a cart that balances a pole"};

}  // namespace
}  // namespace phigrad
