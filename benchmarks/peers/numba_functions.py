"""sin, cos, atan2 and tanh in arithmetic alone, fp32, which LLVM vectorises: numba from PyPI has an
LLVM without Intel's vector library, and would call the C library for each trajectory.

Coefficients: Cephes (sinf.c, atanf.c), Eigen (tanh); a few ulp. IEEE arithmetic but for fused
multiply-adds, as in every peer: with more the range reduction would lose its digits.
"""

import math
from types import SimpleNamespace

import numba
import numpy as np

FUSED = {"contract"}
real = np.float32


def jit(function):
    """Inlined whatever its size, and no branch for a division by zero: a call or an exception in a
    loop would keep it from becoming SIMD."""
    return numba.njit(function, fastmath=FUSED, forceinline=True, error_model="numpy")


@jit
def where(condition, yes, no):
    return yes if condition else no


PER_QUARTER = real(2 / math.pi)
QUARTER_1, QUARTER_2, QUARTER_3 = (
    real(1.5703125),
    real(4.837512969970703e-4),
    real(7.549789948768648e-8),
)
S0, S1, S2 = real(-1.9515295891e-4), real(8.3321608736e-3), real(-1.6666654611e-1)
C0, C1, C2 = real(2.443315711809948e-5), real(-1.388731625493765e-3), real(4.166664568298827e-2)
HALF, ONE, ZERO = real(0.5), real(1), real(0)


ROUNDER, TWO = real(12582912), real(2)  # 1.5 * 2^23: what is added and taken away again rounds


@jit
def rounded(x):
    """To the nearest integer, for |x| < 2^22, without leaving fp32 (math.floor makes an int64)."""
    return (x + ROUNDER) - ROUNDER


@jit
def floor(x):
    n = rounded(x)
    return where(n > x, n - ONE, n)


@jit
def in_quarter(x, turned):
    """sin(x + turned quarter turns)."""
    n = rounded(x * PER_QUARTER)
    r = ((x - n * QUARTER_1) - n * QUARTER_2) - n * QUARTER_3
    z = r * r
    sine = ((S0 * z + S1) * z + S2) * z * r + r
    cosine = ((C0 * z + C1) * z + C2) * z * z - HALF * z + ONE
    quarter = n + turned
    half = floor(quarter * HALF)
    value = where(quarter - TWO * half > HALF, cosine, sine)
    return where(half - TWO * floor(half * HALF) > HALF, -value, value)


@jit
def sin(x):
    return in_quarter(x, ZERO)


@jit
def cos(x):
    return in_quarter(x, ONE)


A0, A1, A2, A3 = (
    real(8.05374449538e-2),
    real(-1.38776856032e-1),
    real(1.99777106478e-1),
    real(-3.33329491539e-1),
)
TAN_EIGHTH, PI_4, PI_2, PI = (
    real(0.4142135623730950),
    real(math.pi / 4),
    real(math.pi / 2),
    real(math.pi),
)


@jit
def atan2(y, x):
    across, along = abs(y), abs(x)
    small, large = where(across < along, across, along), where(across < along, along, across)
    folded = small > TAN_EIGHTH * large
    r = where(folded, small - large, small) / where(folded, small + large, large)
    z = r * r
    angle = (((A0 * z + A1) * z + A2) * z + A3) * z * r + r + where(folded, PI_4, ZERO)
    angle = where(across > along, PI_2 - angle, angle)
    angle = where(x < ZERO, PI - angle, angle)
    return where(y < ZERO, -angle, angle)


T13, T11, T9, T7 = (
    real(-2.76076847742355e-16),
    real(2.00018790482477e-13),
    real(-8.60467152213735e-11),
    real(5.12229709037114e-8),
)
T5, T3, T1 = real(1.48572235717979e-5), real(6.37261928875436e-4), real(4.89352455891786e-3)
U6, U4, U2, U0 = (
    real(1.19825839466702e-6),
    real(1.18534705686654e-4),
    real(2.26843463243900e-3),
    real(4.89352518554385e-3),
)
SATURATED = real(7.9)


@jit
def tanh(x):
    x = where(x > SATURATED, SATURATED, where(x < -SATURATED, -SATURATED, x))
    z = x * x
    above = x * ((((((T13 * z + T11) * z + T9) * z + T7) * z + T5) * z + T3) * z + T1)
    return above / (((U6 * z + U4) * z + U2) * z + U0)


@jit
def sqrt(x):
    return math.sqrt(x)


def namespace():
    return SimpleNamespace(
        real=real,
        sin=sin,
        cos=cos,
        sqrt=sqrt,
        tanh=tanh,
        atan2=atan2,
        floor=floor,
        where=where,
        compiled=jit,
    )
