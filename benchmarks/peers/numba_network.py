"""The pendulum under its network for numba on the CPU: blocks of trajectories in parallel, matrix
products by BLAS on a block, one thread each; activations computed again on the way back."""

import loops.pendulum_network as network
import numba
import numba_functions
import numpy as np
from numba_functions import FUSED, jit, tanh
from numba_loops import reader, writer


@jit
def layer(W, b, h, y):
    """y = tanh(W h + b), [units, width]."""
    np.dot(W, h, y)
    for i in range(y.shape[0]):
        for n in range(y.shape[1]):
            y[i, n] = tanh(y[i, n] + b[i, 0])


@jit
def layer_back(W_bar, b_bar, product, delta, h, y):
    """delta becomes delta (1 - y^2); adds delta h^T and delta's sums; `product` is scratch."""
    for i in range(y.shape[0]):
        total = np.float32(0)
        for n in range(y.shape[1]):
            delta[i, n] *= np.float32(1) - y[i, n] * y[i, n]
            total += delta[i, n]
        b_bar[i, 0] += total
    np.dot(delta, h.T, product)
    W_bar += product


def gradient(case, width):
    """f(theta [np], states [4, B], times [B], costs [B / width], bars [B / width, np]), all of
    float32: sums of each block. `width` divides B."""
    m = numba_functions.namespace()
    scale, K = network.scales(case)
    scale = np.array(scale, np.float32)
    nominal = np.array(list(case.config["policy"]["setpoint"]) + [0, 0, 0, 0], np.float32)
    advance, back = network.steps(m, case, K)
    read_x, write_x = reader(jit, 4, width), writer(jit, 4, width)
    read_plan, add_plan = reader(jit, 8, width), writer(jit, 8, width, True)
    sin, cos = m.sin, m.cos
    S, steps = case.steps // case.steps_per_segment, case.steps_per_segment
    H, N, Z = network.HIDDEN, network.INPUTS, network.OUTPUTS
    at1, at2, at3 = H * N, H * N + H, H * N + H + H * H
    at4, at5 = at3 + H, at3 + H + Z * H
    single = np.float32

    @jit
    def inputs_of(x, inputs):
        for n in range(width):
            inputs[0, n], inputs[1, n] = cos(x[n]), sin(x[n])
            inputs[2, n], inputs[3, n] = cos(x[width + n]), sin(x[width + n])

    @numba.njit(parallel=True, fastmath=FUSED, error_model="numpy")
    def run(theta, states, times, costs, bars):
        W1, b1 = theta[:at1].reshape(H, N), theta[at1:at2].reshape(H, 1)
        W2, b2 = theta[at2:at3].reshape(H, H), theta[at3:at4].reshape(H, 1)
        W3, b3 = theta[at4:at5].reshape(Z, H), theta[at5:].reshape(Z, 1)
        for block in numba.prange(len(times) // width):
            path = np.empty((S * steps + 1) * 4 * width, single)
            plan = np.empty(S * Z * width, single)
            inputs, first = np.empty((N, width), single), np.empty((H, width), single)
            second, out = np.empty((H, width), single), np.empty((Z, width), single)
            delta1, delta2 = np.empty((H, width), single), np.empty((H, width), single)
            input_bar = np.empty((N, width), single)
            product1, product2, product3 = (
                np.empty((H, N), single),
                np.empty((H, H), single),
                np.empty((Z, H), single),
            )
            bar = bars[block]
            bar[:] = single(0)
            V1, c1 = bar[:at1].reshape(H, N), bar[at1:at2].reshape(H, 1)
            V2, c2 = bar[at2:at3].reshape(H, H), bar[at3:at4].reshape(H, 1)
            V3, c3 = bar[at4:at5].reshape(Z, H), bar[at5:].reshape(Z, 1)
            start = block * width
            for i in range(4):
                path[i * width : (i + 1) * width] = states[i, start : start + width]
            cost = np.zeros(width, single)
            for j in range(S):
                inputs_of(path[j * steps * 4 * width :], inputs)
                layer(W1, b1, inputs, first)
                layer(W2, b2, first, second)
                layer(W3, b3, second, out)
                at_plan = j * Z * width
                for i in range(Z):
                    for n in range(width):
                        plan[at_plan + i * width + n] = nominal[i] + scale[i] * out[i, n]
                for k in range(steps):
                    at = (j * steps + k) * 4 * width
                    for n in range(width):
                        x, stage = advance(
                            read_x(path, at + n), read_plan(plan, at_plan + n), single(0), single(0)
                        )
                        write_x(path, at + 4 * width + n, x)
                        cost[n] += stage
            lam = np.zeros(4 * width, single)
            for j in range(S - 1, -1, -1):
                at_plan = j * Z * width
                plan_bar = np.zeros((Z, width), single)
                flat = plan_bar.reshape(-1)
                for k in range(steps - 1, -1, -1):
                    at = (j * steps + k) * 4 * width
                    for n in range(width):
                        before, pulled = back(
                            read_x(path, at + n),
                            read_plan(plan, at_plan + n),
                            single(0),
                            single(0),
                            read_x(lam, n),
                        )
                        write_x(lam, n, before)
                        add_plan(flat, n, pulled)
                inputs_of(path[j * steps * 4 * width :], inputs)
                layer(W1, b1, inputs, first)
                layer(W2, b2, first, second)
                layer(W3, b3, second, out)
                for i in range(Z):
                    for n in range(width):
                        plan_bar[i, n] *= scale[i]
                layer_back(V3, c3, product3, plan_bar, second, out)
                np.dot(W3.T, plan_bar, delta2)
                layer_back(V2, c2, product2, delta2, first, second)
                np.dot(W2.T, delta2, delta1)
                layer_back(V1, c1, product1, delta1, inputs, first)
                np.dot(W1.T, delta1, input_bar)
                for n in range(width):
                    lam[n] += input_bar[1, n] * inputs[0, n] - input_bar[0, n] * inputs[1, n]
                    lam[width + n] += (
                        input_bar[3, n] * inputs[2, n] - input_bar[2, n] * inputs[3, n]
                    )
            costs[block] = np.sum(cost)

    return run
