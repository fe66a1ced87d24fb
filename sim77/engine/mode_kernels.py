"""The compiled loops that find everybody's best mode (`sim77.engine.modes`)."""

import math

import numpy as np

from sim77.core.units import MODES
from sim77.engine.loops import ROUNDING, entry, inner

_MOST_MODES = len(MODES)


@inner
def best_mode(utility, taste, market, i):
    """Return a worker's best mode, the first of equals, and its utility.

    Parameters
    ----------
    utility : float64 array, shape (n_markets, n_modes)
    taste : float64 array, shape (n_workers, n_modes)
    market, i : int
        Rows of the market segment and of the worker.
    """
    # Places are unsigned, which no check for negative ones slows down, and which mode is greater is
    # chosen by values and not by branches, of which a processor would guess half wrong.
    market, i = np.uint64(market), np.uint64(i)
    best, greatest = np.int8(0), utility[market, 0] + taste[i, 0]
    for mode in range(1, _MOST_MODES):
        if mode < utility.shape[1]:
            total = utility[market, mode] + taste[i, mode]
            best = np.int8(mode) if total > greatest else best
            greatest = total if total > greatest else greatest
    return best, greatest


@entry
def find_modes(
    utility, taste, groups, seen, margin, office_mode, office_taste, office_min, first, last
):  # fmt: skip
    """Find the best modes of the groups whose utilities have moved by as much as their margin.

    Parameters
    ----------
    utility : float64 array, shape (n_markets, n_modes)
    taste : float64 array, shape (n_workers, n_modes)
    groups : MarketGroups
    seen : float64 array, shape (n_groups, n_modes)
        Utilities with which each group's modes were found; set where they are found again.
    margin : float64 array, shape (n_groups,)
        The least by which a best mode of the group was better than the next one, likewise.
    office_mode : int8 array, shape (n_workers,)
        Set where modes are found again, as is `office_taste`.
    office_taste : float64 array, shape (n_workers,)
    office_min : OfficeMinutes
        Told of those who change their mode, unless it is empty.
    first, last : int
        Groups.
    """
    by_mode, of_worker = office_min
    for group in range(first, last):
        market = np.uint64(groups.market[group])
        if _greatest_move(utility[market], seen[group]) < margin[group] - ROUNDING:
            continue
        for mode in range(utility.shape[1]):
            seen[group, mode] = utility[market, mode]
        least = math.inf
        for place in range(groups.start[group], groups.start[group + 1]):
            i = groups.worker[place]
            best, greatest = best_mode(utility, taste, market, i)
            if of_worker.size > 0 and best != office_mode[i]:
                of_worker[i] += by_mode[market, office_mode[i]] - by_mode[market, best]
            office_mode[i], office_taste[i] = best, taste[i, best]
            for mode in range(utility.shape[1]):
                if mode != best:
                    least = min(least, greatest - (utility[market, mode] + taste[i, mode]))
        margin[group] = least


@inner
def _greatest_move(now, before):
    """Return the most by which the difference between any two modes may have changed."""
    down, up = 0.0, 0.0
    for mode in range(now.size):
        if now[mode] != before[mode]:  # both are minus infinity where a mode does not go
            down = min(down, now[mode] - before[mode])
            up = max(up, now[mode] - before[mode])
    return up - down
