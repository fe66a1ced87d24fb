"""Riders of trains whom no census of commuters has: pupils, students, visitors.

Counts of boardings hold all riders. Where a line's counts ask for more riders in the peak hour than
commuters make, the others are added to it: a background that is the same in all scenarios. They are
taken to ride along a line as commuters do, but never beyond its places, for whoever was counted had
found one.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from sim77.analysis.modes.morning import BOARD_6_TO_10, Morning, morning_of
from sim77.core.errors import TerritoryError, nearest
from sim77.core.files import replacing
from sim77.core.units import Mode
from sim77.territory.built import BASE_LOADS
from sim77.territory.check import checked_table
from sim77.territory.observed import OBSERVED
from sim77.territory.territory import Territory

PEAK_OF_MORNING = 0.4
"""Share of the boardings from 6 to 10 that are in the peak hour. Assumed: of a day's riders of the
RER A 24 % ride from 7:30 to 9:30 (RATP), and of a day's boardings that were counted in the region a
third are from 6 to 10, so that the mean hour of these two has 0.36."""


def read_counts(territory: Territory, path: Path) -> pd.DataFrame:
    """Read counts of boardings that are to add riders to a territory.

    Parameters
    ----------
    territory : Territory
        Built from public files.
    path : Path
        A table of the form of ``boardings.csv`` (`sim77.territory.observed.OBSERVED`): station,
        line, and boardings from 6 to 10 on a working day.

    Raises
    ------
    TerritoryError
        If the table has a mistake, a station is not on its line, or the territory was cut out of a
        larger one, whose riders its trains have.
    """
    if "made_of" in territory.od.settings:
        raise TerritoryError(
            f"The trains of '{territory.name}' have the riders of the territory that it was cut "
            "out of: give the counts to that one, and cut again."
        )
    counted = checked_table(path, OBSERVED["boardings"])
    check_stations(territory, counted, path.name)
    return counted


def check_stations(territory: Territory, counted: pd.DataFrame, file: str) -> None:
    """Raise a `TerritoryError` if a station that was counted is not on its line."""
    stops_of: dict[str, set[str]] = {}
    ends = territory.od.transit.segments[["line", "from_stop", "to_stop"]]
    for line, *stops in ends.to_numpy(str).tolist():
        stops_of.setdefault(line, set()).update(stops)
    for line, station in counted[["line", "station"]].to_numpy(str).tolist():
        known = sorted(stops_of.get(line, ()))
        if station not in known:
            raise TerritoryError(
                f"{file} has station '{station}' of line '{line}', which '{territory.name}' does "
                f"not have.{nearest(station, known) if known else nearest(line, sorted(stops_of))}"
            )


def counted_boardings(morning: Morning, counted: pd.DataFrame) -> pd.DataFrame:
    """Return counts with what the territory says: station, line, boardings, model.

    Raises
    ------
    TerritoryError
        If a station is not on its line.
    """
    check_stations(morning.territory, counted, "boardings.csv")
    keys = pd.MultiIndex.from_frame(counted[["line", "station"]])
    return counted.assign(model=morning.boardings.reindex(keys).to_numpy())


def riders_over_commuters(morning: Morning, counted: pd.DataFrame) -> pd.Series:
    """Return all riders of the peak hour over those who commute, by line with counts."""
    by_line = counted_boardings(morning, counted).groupby("line")[["boardings", "model"]].sum()
    peak_of_commuters = morning.attendance * morning.parameters.share_peak_hour / BOARD_6_TO_10
    ratio = PEAK_OF_MORNING * by_line["boardings"] / (peak_of_commuters * by_line["model"])
    return ratio.where(by_line["model"] > 0.0, 1.0)


def riders_counted(morning: Morning, counted: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``base_loads.parquet``: all riders of lines whose counts ask for others.

    Parameters
    ----------
    morning : Morning
        Of a territory whose modes are fitted.
    counted : pandas.DataFrame
        As of `read_counts`.
    """
    transit = morning.territory.od.transit
    line = transit.segments["line"].astype(str)
    commuters = morning.attendance * morning.parameters.share_peak_hour * (
        transit.paths.astype(np.float64).T
        @ morning.travellers[:, :, Mode.PUBLIC_TRANSPORT].T.ravel()
    )  # fmt: skip
    ratio = line.map(riders_over_commuters(morning, counted)).fillna(1.0).to_numpy(float)
    places = transit.lines.set_index("line")["places_per_train"][line].to_numpy(float)
    offered = transit.segments["trains_per_hour"].to_numpy(float) * places
    riders = np.minimum(ratio * commuters, np.maximum(offered, commuters))
    asked = np.flatnonzero(ratio > 1.0)
    return pd.DataFrame({"kind": "segment", "number": asked, "load": riders[asked]})


def add_riders(territory: Territory, counted: pd.DataFrame) -> pd.Series:
    """Write the riders that counts ask for into the folder of a territory.

    Parameters
    ----------
    territory : Territory
        Its modes fitted.
    counted : pandas.DataFrame
        As of `read_counts`.

    Returns
    -------
    pandas.Series
        `riders_over_commuters`.
    """
    od = territory.od
    of_roads = od.base_loads[od.base_loads["kind"] != "segment"]
    morning = morning_of(replace(territory, od=replace(od, base_loads=of_roads)))
    loads = pd.concat([riders_counted(morning, counted), of_roads], ignore_index=True)
    with replacing(territory.folder / BASE_LOADS) as path:
        loads.to_parquet(path, index=False)
    return riders_over_commuters(morning, counted)
