"""Constants of the modes, fitted to the census for a territory.

``V_m = beta (times, euros) + c[m, area of home, area of work] + c[m, occupation]
+ s[m, home] log density of home + s[m, work] log density of work``

What the census says of a mode besides its times differs by density and occupation; all parts are
read from the territory's ``mode_choice.csv`` (``sim77 territory fit``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from sim77.core.units import AREA_TYPES, MODES, OCCUPATION_GROUPS


def area_constants(mode_choice: pd.DataFrame) -> np.ndarray:
    """Return the constants by mode, area type of home and of work, (n_modes, 4, 4)."""
    out = np.zeros((len(MODES), len(AREA_TYPES), len(AREA_TYPES)))
    for mode, value, origin, destination in _rows(mode_choice, "area", "origin", "destination"):
        out[mode, AREA_TYPES.index(origin), AREA_TYPES.index(destination)] = value
    return out


def log_density(places: pd.DataFrame) -> np.ndarray:
    """Return log of residents (homes) or jobs (workplaces) per km² over 1,000, (n_zones,).

    At least 50 per km², so that forests do not count for more than fields.
    """
    count = places["population" if "population" in places else "jobs"]
    per_km2 = count.to_numpy(float) / places["area_km2"].to_numpy(float)
    return np.log(np.maximum(per_km2, 50.0) / 1000.0)


def density_slopes(mode_choice: pd.DataFrame) -> np.ndarray:
    """Return the slopes in the densities of home and of work by mode, (n_modes, 2)."""
    out = np.zeros((len(MODES), 2))
    for place, term in enumerate(("density_home", "density_work")):
        for mode, value in _rows(mode_choice, term):
            out[mode, place] = value
    return out


def occupation_constants(mode_choice: pd.DataFrame) -> np.ndarray:
    """Return the constants by mode and occupation group, (n_modes, n_groups)."""
    out = np.zeros((len(MODES), len(OCCUPATION_GROUPS)))
    for mode, value, occupation in _rows(mode_choice, "occupation", "occupation"):
        out[mode, OCCUPATION_GROUPS.index(occupation)] = value
    return out


def _rows(mode_choice: pd.DataFrame, term: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    """Return row of the mode, value and some columns of all that is said of a term."""
    said = mode_choice[mode_choice["term"] == term]
    modes = (MODES.index(mode) for mode in said["mode"])
    return zip(modes, said["value"].astype(float), *(said[each] for each in columns), strict=True)
