"""The closed loop's functions as casadi's expressions and its derivatives, written as C in fp32."""

from types import SimpleNamespace

import casadi as ca
import loops
from loops.pendulum_network import SHAPES, NetworkLoop


def namespace():
    return SimpleNamespace(
        real=float,
        sin=ca.sin,
        cos=ca.cos,
        sqrt=ca.sqrt,
        tanh=ca.tanh,
        atan2=ca.atan2,
        floor=ca.floor,
        where=ca.if_else,
        compiled=lambda f: f,
        stack=lambda parts: ca.vertcat(*parts),
        sum_columns=lambda a: a,
    )


def pieces(column, count):
    return tuple(column[i] for i in range(count))


def slope(value, of):
    """The gradient with all its zeros: the loops of the driver know no sparse arrays."""
    return ca.densify(ca.gradient(value, of))


def functions(case):
    """(loop, [Function]): advance, back, decide, decide_back, finish; of one trajectory.

    advance(x, plan, since, t) -> (x+, cost)       back(x, plan, since, t, lam) -> (lam, plan_bar)
    decide(theta…, x, t, carried) -> plan
    decide_back(theta…, x, t, carried, plan_bar) -> (x_bar, theta_bar…)
    finish(x) -> (cost, lam)                       theta… is theta, or the matrices of a network
    """
    loop = loops.of(case, namespace())
    network = isinstance(loop, NetworkLoop)
    n_plan = 8 if network else loop.n_plan
    sym = ca.SX.sym
    x, plan, lam = sym("x", loop.nx), sym("plan", n_plan), sym("lam", loop.nx)
    since, t = sym("since"), sym("t")
    after, cost = loop.advance(pieces(x, loop.nx), pieces(plan, n_plan), since, t)
    after = ca.vertcat(*after)
    pulled = ca.dot(lam, after) + cost
    end = ca.SX.zeros(1) if network else loop.terminal(pieces(x, loop.nx))
    made = [
        ca.Function("advance", [x, plan, since, t], [after, cost], {"cse": True}),
        ca.Function(
            "back", [x, plan, since, t, lam], [slope(pulled, x), slope(pulled, plan)], {"cse": True}
        ),
        ca.Function("finish", [x], [end, slope(end, x)]),
    ]
    # A network's matrices stay matrices: its C has loops over them.
    sym = ca.MX.sym if network else ca.SX.sym
    x, plan_bar, t, carried = sym("x", loop.nx), sym("plan_bar", n_plan), sym("t"), sym("carried")
    if network:
        theta = [sym(f"w{i}", *shape) for i, shape in enumerate(SHAPES)]
        decided = ca.vertcat(*loop.decide(theta, pieces(x, loop.nx)))
    else:
        theta = [sym("theta", len(case.theta))]
        decided = ca.vertcat(*loop.decide(pieces(theta[0], len(case.theta)), t, carried))
    bars = [slope(ca.dot(plan_bar, decided), v) for v in (x, *theta)]
    made += [
        ca.Function("decide", [*theta, x, t, carried], [decided], {"cse": True}),
        ca.Function("decide_back", [*theta, x, t, carried, plan_bar], bars, {"cse": True}),
    ]
    return loop, made


def write_c(made, path):
    """All functions into one C file; casadi_real is float, its functions those of <tgmath.h>."""
    generator = ca.CodeGenerator(path.name, {"casadi_real": "float", "include_math": False})
    for function in made:
        generator.add(function)
    generator.generate(f"{path.parent}/")
