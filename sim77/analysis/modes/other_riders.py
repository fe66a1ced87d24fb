"""Riders of trains whom no census of commuters has: pupils, students, visitors.

Counts of boardings hold all riders. Where a line's counts ask for more riders in the peak hour than
commuters make, the others are added to it: a background that is the same on all days and in all
scenarios. They are taken to ride along a line as commuters do, but never beyond its places, for
whoever was counted had found one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sim77.analysis.modes.said import BOARD_6_TO_10, Said, what_is_said
from sim77.core.errors import TerritoryError, nearest
from sim77.core.units import Mode
from sim77.territory.built import BASE_LOADS
from sim77.territory.territory import Territory

PEAK_OF_MORNING = 0.4
"""Share of the boardings from 6 to 10 that are in the peak hour. Assumed: of a day's riders of the
RER A 24 % ride from 7:30 to 9:30 (RATP), and of a day's boardings that were counted in the region a
third are from 6 to 10, so that the mean hour of these two has 0.37."""


def counted_boardings(said: Said, counted: pd.DataFrame) -> pd.DataFrame:
    """Return counts with what the territory says: station, line, boardings, model.

    Parameters
    ----------
    said : Said
    counted : pandas.DataFrame
        ``boardings.csv`` (`sim77.territory.observed.OBSERVED`): station, line and boardings.

    Raises
    ------
    TerritoryError
        If a station is not on its line.
    """
    keys = pd.MultiIndex.from_frame(counted[["line", "station"]])
    model = said.boardings.reindex(keys)
    if model.isna().any():
        missing = counted[model.isna().to_numpy()].iloc[0]
        line, station = str(missing["line"]), str(missing["station"])
        stops = [str(stop) for each, stop in said.boardings.index if each == line]
        lines = sorted({str(each) for each, _ in said.boardings.index})
        raise TerritoryError(
            f"boardings.csv has station '{station}' of line '{line}', which "
            f"'{said.territory.name}' does not have."
            f"{nearest(station, stops) if stops else nearest(line, lines)}"
        )
    return counted.assign(model=model.to_numpy())


def riders_over_commuters(said: Said, counted: pd.DataFrame) -> pd.Series:
    """Return all riders of the peak hour over those who commute, by line with counts."""
    by_line = counted_boardings(said, counted).groupby("line")[["boardings", "model"]].sum()
    peak_of_commuters = said.attendance * said.parameters.share_peak_hour / BOARD_6_TO_10
    ratio = PEAK_OF_MORNING * by_line["boardings"] / (peak_of_commuters * by_line["model"])
    return ratio.where(by_line["model"] > 0.0, 1.0)


def riders_counted(said: Said, counted: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``base_loads.parquet``: all riders of lines whose counts ask for others.

    Parameters
    ----------
    said : Said
        Of a territory whose modes are fitted.
    counted : pandas.DataFrame
        As in `counted_boardings`.
    """
    transit = said.territory.od.transit
    line = transit.segments["line"].astype(str)
    commuters = said.attendance * said.parameters.share_peak_hour * (
        transit.paths.astype(np.float64).T
        @ said.travellers[:, :, Mode.PUBLIC_TRANSPORT].T.ravel()
    )  # fmt: skip
    ratio = line.map(riders_over_commuters(said, counted)).fillna(1.0).to_numpy(float)
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
        As in `counted_boardings`.

    Returns
    -------
    pandas.Series
        `riders_over_commuters`.

    Raises
    ------
    TerritoryError
        If a station is not on its line, or the territory was cut out of a larger one, whose riders
        its trains have.
    """
    od = territory.od
    if "made_of" in od.settings:
        raise TerritoryError(
            f"The trains of '{territory.name}' have the riders of the territory that it was cut "
            "out of: give the counts to that one, and cut again."
        )
    of_roads = od.base_loads[od.base_loads["kind"] != "segment"]
    said = what_is_said(replace(territory, od=replace(od, base_loads=of_roads)))
    loads = pd.concat([riders_counted(said, counted), of_roads], ignore_index=True)
    loads.to_parquet(territory.folder / BASE_LOADS, index=False)
    return riders_over_commuters(said, counted)
