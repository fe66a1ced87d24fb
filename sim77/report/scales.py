"""Round numbers for the axes and the classes of charts and maps."""

from __future__ import annotations

import math

import numpy as np

from sim77.report.locale import decimals_of

CLASSES = 6


def nice_step(value: float) -> float:
    """Return the smallest of 1, 2, 2.5 and 5 x 10^k that is not below a value; 1 for zero.

    Examples
    --------
    >>> nice_step(0.4), nice_step(2.2), nice_step(5200.0), nice_step(0.0)
    (0.5, 2.5, 10000.0, 1.0)
    """
    if not value > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1.0, 2.0, 2.5, 5.0, 10.0)
    return next(step * power for step in steps if step * power >= value * 0.999)


def nice_ceiling(value: float) -> float:
    """Return a round top for an axis: at most a quarter above the value where that is round."""
    return nice_step(value / 4.0) * math.ceil(value / nice_step(value / 4.0) - 1e-9) or 1.0


def round_breaks(values: np.ndarray) -> tuple[tuple[float, ...], int]:
    """Return five round breaks, evenly apart, for the six classes of values, and their decimals.

    Parameters
    ----------
    values : numpy.ndarray
        May be empty; a few extreme values do not stretch the classes.

    Returns
    -------
    breaks : tuple of float
    decimals : int
    """
    low, high = np.percentile(values, [5, 88]) if values.size else (0.0, 0.0)
    step = nice_step((high - low) / (CLASSES - 2)) if high > low else 1.0
    decimals = decimals_of(step, 2 if f"{step:.3e}".startswith("2.5") else 1)
    first = max(round(float(low) / step), 1) * step
    return tuple(round(first + k * step, decimals) for k in range(CLASSES - 1)), decimals
