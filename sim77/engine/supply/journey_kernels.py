"""The compiled loops over journeys: what a day's loads do to utilities, minutes and fatigue."""

import numba as nb
import numpy as np

from sim77.core.units import Mode
from sim77.engine.arrays import JOURNEY
from sim77.engine.supply.fatigue import fatigue

_PT, _CAR = int(Mode.PUBLIC_TRANSPORT), int(Mode.CAR)
_MIN, _FATIGUE = JOURNEY.index("travel_min"), JOURNEY.index("fatigue")
compiled_fatigue = nb.njit(fatigue, cache=True)


@nb.njit(cache=True, nogil=True)
def add_to_two(
    fixed: np.ndarray,
    per_ride_min: float,
    ride_min: np.ndarray,
    per_drive_min: float,
    drive_min: np.ndarray,
    out: np.ndarray,
    first: int,
    last: int,
) -> None:
    """Set `out` to `fixed` and what minutes add to it; a market's modes lie together in memory.

    Parameters
    ----------
    fixed, out : float64 arrays, shape (n_markets, n_modes)
        Utilities.
    per_ride_min, per_drive_min : float
        Utility of a minute.
    ride_min, drive_min : float64 arrays, shape (n_markets,)
        Minutes by public transport and by car.
    first, last : int
        Markets.
    """
    for market in range(first, last):
        for mode in range(out.shape[1]):
            out[market, mode] = fixed[market, mode]
        out[market, _PT] += per_ride_min * ride_min[market]
        out[market, _CAR] += per_drive_min * drive_min[market]


@nb.njit(cache=True, nogil=True)
def load(
    free_flow_min: np.ndarray,
    wait_min: np.ndarray,
    delay_min: np.ndarray,
    midpoint_min: float,
    scale_min: float,
    journey: np.ndarray,
    office_min: np.ndarray,
    first: int,
    last: int,
) -> None:
    """Set minutes and fatigue of the two modes that loads slow down, both ways; sum up minutes.

    Parameters
    ----------
    free_flow_min : float64 array, shape (n_markets, n_modes)
        Both ways.
    wait_min, delay_min : float64 arrays, shape (n_markets,)
        What full trains and slow roads add, one way.
    midpoint_min, scale_min : float
        Of the fatigue.
    journey : float64 array, shape (n_markets, n_modes, len(JOURNEY))
    office_min : float64 array, shape (n_markets, n_modes)
        Added to: the minutes of every mode.
    first, last : int
        Markets.
    """
    for market in range(first, last):
        for mode in range(office_min.shape[1]):
            office_min[market, mode] += free_flow_min[market, mode]
        for mode, one_way_min in ((_PT, wait_min[market]), (_CAR, delay_min[market])):
            minutes = free_flow_min[market, mode] + 2.0 * one_way_min
            office_min[market, mode] += 2.0 * one_way_min
            # Most trains have room on most days: minutes and fatigue are yesterday's.
            if minutes != journey[market, mode, _MIN]:
                journey[market, mode, _MIN] = minutes
                journey[market, mode, _FATIGUE] = compiled_fatigue(minutes, midpoint_min, scale_min)
