"""How the loops of a day are compiled, and what they share.

Compiled loops stand in the modules ``…_kernels``, beside those that call them, and what they
compute is documented where the science is. Loops over communes, choosers or workers end with
``first, last``, the rows to do: several threads may do some each (`sim77.core.threads`). They write
only these rows and share no floating-point sum, so the number of threads cannot show in a result.
"""

import math
from typing import Any

import numba as nb

from sim77.core.units import Plan

OFFICE, HALF, HOME, TELECENTRE = (
    int(plan) for plan in (Plan.OFFICE, Plan.HALF, Plan.HOME, Plan.TELECENTRE)
)
MINUS_INFINITY = -math.inf
ROUNDING = 1e-9
"""More than rounding can do to a difference of utilities."""

# Numba counts references to an array each time it is taken out of a named tuple, which costs more
# than the arithmetic. These functions allocate nothing, so they are compiled without.
_UNCOUNTED: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
# What only compiled code calls needs no wrapper that takes Python's named tuples apart: that took a
# fifth of the time to compile. Called from Python such a function crashes.
_UNWRAPPED: dict[str, Any] = {**_UNCOUNTED, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
inner = nb.njit(forceinline=True, **_UNWRAPPED)
loop = nb.njit(**_UNWRAPPED)
entry = nb.njit(**_UNCOUNTED)
with_room = nb.njit(cache=True, nogil=True)
"""Of a loop that needs arrays of its own."""


@inner
def bit(bits, place):
    """Say whether a bit is set."""
    return (bits >> place) & 1 == 1


@inner
def days_in(weekdays):
    """Return the number of weekdays that are set as bits."""
    days = 0
    for weekday in range(5):
        if bit(weekdays, weekday):
            days += 1
    return days


@inner
def first_of(workers, i):
    """Return the place of the first of `workers`, in order, who is worker `i` or comes after."""
    low, high = 0, workers.size
    while low < high:
        middle = (low + high) // 2
        if workers[middle] < i:
            low = middle + 1
        else:
            high = middle
    return low
