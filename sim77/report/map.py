"""What the maps of pages show, as data: the script of the page draws them like the app's.

``web/src/page/maps.js`` reads this, and shows of a place what the page's table says of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim77.report.geography import Geography
from sim77.report.scales import CLASSES, nice_ceiling, round_breaks
from sim77.report.tables import records

INDICATORS = (
    ("m_share_remote", "share_remote", 100.0),
    ("m_minutes_saved_per_worker", "minutes_saved_per_worker", 1.0),
    ("m_workers", "workers", 1.0),
    ("m_travel_min_per_worker", "travel_min_per_worker", 1.0),
)
"""Key of the words, column of the table of communes, factor to the unit shown."""


@dataclass(frozen=True)
class Scale:
    """The colour classes of one indicator: five breaks make six classes."""

    key: str
    breaks: tuple[float, ...]
    decimals: int


@dataclass(frozen=True)
class MapView:
    """The map of a run and what its legend needs.

    Attributes
    ----------
    data : mapping
        For `sim77.report.page.write_page`.
    scales : tuple of Scale
        One an indicator, in the order of `INDICATORS`.
    rail_top : float
        Riders an hour of the widest lines; zero without trains.
    veiled : int
        Communes with too few workers.
    """

    data: Mapping[str, Any]
    scales: tuple[Scale, ...]
    rail_top: float
    veiled: int


def map_of(
    communes: pd.DataFrame,
    segments: pd.DataFrame,
    telecentres: pd.DataFrame,
    geography: Geography,
    few: np.ndarray,
) -> MapView:
    """Return the map of a run.

    Parameters
    ----------
    communes, segments, telecentres : pandas.DataFrame
        The tables of a result; rows of segments as in the territory's stations.
    geography : Geography
    few : numpy.ndarray of bool, shape (n_communes,)
        Communes with too few workers to be coloured.
    """
    shown = {key: communes[column].to_numpy() * factor for key, column, factor in INDICATORS}
    scales = tuple(Scale(key, *_breaks(shown[key][~few], column)) for key, column, _ in INDICATORS)
    trains = {name: segments[column].to_numpy(float) for name, column in
              (("riders", "peak_riders"), ("seats", "seats"))}  # fmt: skip
    top = nice_ceiling(float(trains["riders"].max())) if len(segments) else 0.0
    data = {
        "context": True,
        "layers": [layer(np.where(few, np.nan, shown[scale.key]), scale.breaks, np.flatnonzero(few))
                   for scale in scales],
        "rails": {**trains, "most": top} if top else None,
        "sites": [
            site_of(row, site, geography, site["desks"], site["share_occupied"], site["refusals"],
                    "open" if site["days_open"] > 0 else "closed")
            for row, site in enumerate(records(telecentres))
        ],
    }  # fmt: skip
    return MapView(maps_data(geography, {"d": data}), scales, top, int(few.sum()))


def _breaks(shown: np.ndarray, column: str) -> tuple[tuple[float, ...], int]:
    """Return five round breaks for the values of an indicator, and their decimals."""
    if column == "workers":
        series = [step * 10.0**power for power in range(1, 6) for step in (1, 2, 5)]
        high = np.percentile(shown, 97) if shown.size else 0.0
        last = max(int(np.searchsorted(series, high, side="right")), CLASSES - 1)
        return tuple(series[last - CLASSES + 1 : last]), 0
    return round_breaks(shown)


def maps_data(geography: Geography, maps: Mapping[str, Any]) -> dict[str, Any]:
    """Return maps by name with the geography that all of them are drawn on."""
    return {"geography": geography.payload(), "maps": maps}


def layer(
    values: Sequence[float] | np.ndarray,
    breaks: Sequence[float],
    veil: Iterable[int],
    prefix: str = "q",
) -> dict[str, Any]:
    """Return what colours the communes.

    Parameters
    ----------
    values : sequence of float, shape (n_communes,)
        In the order of the territory; NaN where nothing is shown.
    breaks : sequence of float
        Between the classes of colour.
    veil : iterable of int
        Rows of communes that are hatched.
    prefix : str
        Of the colours: ``q`` from little to much, ``v`` around zero.
    """
    return {"values": values, "breaks": breaks, "veil": list(veil), "prefix": prefix}


def site_of(
    row: int,
    site: Mapping[str, Any],
    geography: Geography,
    desks: float,
    share: float,
    refusals: float,
    status: str,
    number: str = "",
) -> dict[str, Any]:
    """Return a telecentre as a ring.

    Parameters
    ----------
    row : int
        Its row in the table of telecentres.
    site : mapping
        Its ``telecentre_id``, ``name``, ``lon`` and ``lat``.
    geography : Geography
    desks, share, refusals : float
        Size of the ring, share of desks in use, mark of refusals.
    status : str
        ``open``, ``closed`` or ``planned``.
    number : str
        Written in the ring.
    """
    ((x, y),) = geography.place(np.array([site["lon"], site["lat"]]))
    return {
        "row": row, "id": site["telecentre_id"], "name": site["name"], "x": x, "y": y,
        "desks": desks, "share": share, "refusals": refusals, "status": status, "number": number,
    }  # fmt: skip
