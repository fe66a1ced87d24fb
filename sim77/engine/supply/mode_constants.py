"""Constants of the modes, fitted to the census for a territory.

``V_m = beta (times, euros) + c[m, area of home, area of work] + c[m, occupation]
+ s[m, home] log density of home + s[m, work] log density of work``

What the census says of a mode besides its times differs by density and occupation; all parts are
read from the territory's ``mode_choice.csv`` (``sim77 territory fit``).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim77.core.units import AREA_TYPES, MODES, OCCUPATION_GROUPS


def area_constants(mode_choice: pd.DataFrame) -> np.ndarray:
    """Return the constants by mode, area type of home and of work, (n_modes, 4, 4)."""
    out = np.zeros((len(MODES), len(AREA_TYPES), len(AREA_TYPES)))
    for row in mode_choice[mode_choice["term"] == "area"].itertuples():
        place = (AREA_TYPES.index(str(row.origin)), AREA_TYPES.index(str(row.destination)))
        out[(MODES.index(str(row.mode)), *place)] = float(str(row.value))
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
        for row in mode_choice[mode_choice["term"] == term].itertuples():
            out[MODES.index(str(row.mode)), place] = float(str(row.value))
    return out


def occupation_constants(mode_choice: pd.DataFrame) -> np.ndarray:
    """Return the constants by mode and occupation group, (n_modes, n_groups)."""
    out = np.zeros((len(MODES), len(OCCUPATION_GROUPS)))
    for row in mode_choice[mode_choice["term"] == "occupation"].itertuples():
        out[MODES.index(str(row.mode)), OCCUPATION_GROUPS.index(str(row.occupation))] = float(
            str(row.value)
        )
    return out
