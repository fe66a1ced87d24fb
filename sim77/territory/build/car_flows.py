"""Who drives to work, by pair of zones: as the census says, and estimated where it does not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim77.core.errors import TerritoryError
from sim77.territory.build.road_network import Places

BANDS_KM = (0.0, 5.0, 10.0, 15.0, 25.0, 40.0)
"""Lower ends of the bands of distance; pairs within a zone are a band of their own."""
PRIOR_WORKERS = 200.0
"""With so many workers observed, a cell weighs as much as all destinations of its band together."""
CAR = "VP"


def car_commuters(
    flows: pd.DataFrame, modes: pd.DataFrame, zones: pd.DataFrame, points: pd.DataFrame
) -> pd.DataFrame:
    """Return the workers of each pair who go by car.

    A pair whose origin is in ``modes`` takes what that says. Another takes the mean car share of
    the observed pairs of the same area types and distance, drawn towards that of all destinations
    of the band where few are observed.

    Parameters
    ----------
    flows : DataFrame
        origin, destination, at_home (0 or 1), workers.
    modes : DataFrame
        origin, destination, mode (VP: car), workers.
    zones, points : DataFrame
        As in `build_network`.

    Returns
    -------
    DataFrame
        commune, workplace, cars (workers who go by car), sorted by commune and workplace.

    Raises
    ------
    TerritoryError
        A flow names a zone that is not in ``zones``, nobody is known to go by car, or it is not
        known of anybody in the flows.
    """
    places = Places.of(zones, points)
    known = set(modes["origin"].astype(str))
    workers = _by_pair(flows[flows["at_home"].astype(int) == 0])
    by_car = _by_pair(modes[modes["mode"].astype(str) == CAR])
    if not len(by_car):
        raise TerritoryError(f"modes: no row has the mode {CAR}, so no car share can be told.")
    table = workers.rename("workers").to_frame().join(by_car.rename("cars")).fillna(0.0)
    table = table.reset_index()
    home, work = (places.numbers(table[each], "flows") for each in ("commune", "workplace"))
    km = np.hypot(*(places.centre[home] - places.centre[work]).T)
    table["band"] = np.where(home == work, 0, np.digitize(km, BANDS_KM))
    table["from"], table["to"] = places.area[home], places.area[work]
    observed = table["commune"].isin(known).to_numpy()
    total = workers[observed].sum()
    if not total > 0:
        raise TerritoryError(
            "modes: no origin is one from which somebody in the flows leaves home for work, so no "
            "car share can be told."
        )
    # A category nobody was observed in takes the mean of all.
    share = np.full(len(table), table.loc[observed, "cars"].sum() / total)
    for cell in (["from", "band"], ["from", "to", "band"]):
        sums = table[["cars", "workers"]].mul(observed, axis=0)
        seen = sums.groupby([table[each] for each in cell]).transform("sum")
        more = seen + PRIOR_WORKERS
        share = (seen["cars"].to_numpy() + PRIOR_WORKERS * share) / more["workers"].to_numpy()
    cars = np.where(observed, table["cars"], share * table["workers"])
    return table[["commune", "workplace"]].assign(cars=np.minimum(cars, table["workers"]))


def _by_pair(table: pd.DataFrame) -> pd.Series:
    """Return workers by commune and workplace, summed in an order of their own."""
    rows = pd.DataFrame(
        {
            "commune": table["origin"].astype(str),
            "workplace": table["destination"].astype(str),
            "workers": table["workers"].astype(float),
        }
    )
    rows = rows.sort_values(["commune", "workplace", "workers"])
    return rows.groupby(["commune", "workplace"])["workers"].sum()
