"""JAX on the CPU or a GPU: every variant jitted whole, the batch's mean included.

theta's buffer is donated to the gradient; nothing else has the shape of an output. On a CPU of
several cores each variant also runs with the batch sharded over as many devices.
"""

import os

CORES = os.cpu_count() or 1
if "--xla_force_host_platform_device_count" not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = (
        f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={CORES}"
    )

import jax  # noqa: E402  the flags are read when JAX starts
import jax_loops  # noqa: E402
import loops  # noqa: E402
import numpy as np  # noqa: E402
from jax.sharding import Mesh, NamedSharding, PartitionSpec  # noqa: E402
from variant import Runner, Variant, single  # noqa: E402

UNROLLS = (1, 2, 4, 8, 16)
SMALL_BATCH = 1024  # up to here the associative scan is tried


class JaxRunner(Runner):
    def __init__(self, case, gradient, batch_last, shards):
        devices = jax.devices()[:shards]
        spread = NamedSharding(Mesh(np.array(devices), ("batch",)), PartitionSpec("batch"))
        self.whole = NamedSharding(spread.mesh, PartitionSpec())
        self.theta = single(case.theta)
        self.sets = []
        for one in case.sets:
            times = jax.device_put(single(one.times), spread)
            if batch_last:
                states = tuple(jax.device_put(single(s), spread) for s in one.states)
            else:
                states = jax.device_put(single(one.states.T), spread)
            self.sets.append((states, times))
        self.gradient = jax.jit(gradient, donate_argnums=0)

    def load(self, i):
        self.arguments = (jax.device_put(self.theta.copy(), self.whole), *self.sets[i])
        jax.block_until_ready(self.arguments)

    def run(self):
        self.output = jax.block_until_ready(self.gradient(*self.arguments))

    def result(self):
        return float(self.output[0]), np.asarray(self.output[1], float)


def versions():
    return {"jax": jax.__version__, "jaxlib": jax.lib.__version__}


def variants(case, device):
    loop = loops.of(case, jax_loops.namespace())
    found = []

    def add(family, unroll, gradient, shards=1, row="tuned", batch_last=True):
        name = f"{family}, unroll {unroll}" if unroll else family
        if shards > 1:
            name += f", {shards} shards"
        found.append(
            Variant(
                name,
                row,
                f"{family}, {shards}",
                lambda: JaxRunner(case, gradient, batch_last, shards),
            )
        )

    sharded = device == "cpu" and case.batch % CORES == 0
    for unroll in UNROLLS:
        for shards in sorted({1, CORES}) if sharded else [1]:
            add("autodiff", unroll, jax_loops.autodiff_gradient(case, loop, unroll, False), shards)
            add(
                "autodiff, remat",
                unroll,
                jax_loops.autodiff_gradient(case, loop, unroll, True),
                shards,
            )
            add("hand adjoint", unroll, jax_loops.hand_gradient(case, loop, unroll), shards)
    if not jax_loops.is_network(loop) and case.batch <= SMALL_BATCH:
        add("hand adjoint, associative scan", 0, jax_loops.associative_gradient(case, loop, 1))
    add("vmap, autodiff", 0, jax_loops.usual_gradient(case, loop), row="usual", batch_last=False)
    return found
