"""The railway as a tree of segments towards Paris, and the trains that run on it.

A *station-service* is one station on one branch of one line (a row of ``stations.csv``). Services
share segments where branches join, so each station-service points to its *parent*, the next one
inward; the innermost points to nobody and its segment runs to the Paris terminus. A segment is
named by its outer end: segment s leads from s to its parent. A load or a time summed along a path
is therefore one pass over the tree, outermost first for loads, innermost first for times.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim77.core.errors import TerritoryError, nearest

TO_TERMINUS = -1
"""The parent of an innermost station-service."""


@dataclass(frozen=True, eq=False)
class RailTree:
    """The shape of the railway, which no policy changes; n station-services in table order.

    Attributes
    ----------
    parent : (n,) int32
        Next station-service inward, `TO_TERMINUS` for the innermost.
    segment_min : (n,) float64
        Minutes on board from the station to its parent, or to the terminus.
    ivt_min : (n,) float64
        Minutes on board from the station to the terminus, the sum of the segments on the way.
    line : (n,) int32
        Row of the line in ``lines.csv``.
    change_at_parent : (n,) bool
        Riders leave the train at the parent: its trains do not run through.
    changes : (n,) int32
        Changes of train between the station and the terminus.
    outermost_first : (n,) int32
        Order in which every station comes before its parent.
    """

    parent: NDArray[np.int32]
    segment_min: NDArray[np.float64]
    ivt_min: NDArray[np.float64]
    line: NDArray[np.int32]
    change_at_parent: NDArray[np.bool_]
    changes: NDArray[np.int32]
    outermost_first: NDArray[np.int32]

    def path(self, station: int) -> list[int]:
        """Return the station-services from a station inward, itself first."""
        path = []
        while station != TO_TERMINUS:
            path.append(station)
            station = int(self.parent[station])
        return path


@dataclass(frozen=True)
class RailSupply:
    """The trains of one day, n station-services and m lines in table order.

    Attributes
    ----------
    trains_peak_hour : (n,) float64
        Trains that stop at the station in the peak hour, one direction.
    segment_trains : (n,) float64
        Trains that run from the station to its parent in the peak hour, one direction.
    seats_per_train, places_per_train : (m,) float64
        Seats; seats and standing places.
    """

    trains_peak_hour: NDArray[np.float64]
    segment_trains: NDArray[np.float64]
    seats_per_train: NDArray[np.float64]
    places_per_train: NDArray[np.float64]


def rail_tree(stations: pd.DataFrame, lines: pd.DataFrame) -> RailTree:
    """Build the tree of segments.

    Parameters
    ----------
    stations, lines : DataFrame
        ``stations.csv`` and ``lines.csv`` of a territory.

    Returns
    -------
    RailTree
    """
    minutes = stations["minutes"].to_numpy(float)
    parent = _positions(stations["parent"], stations["station_service_id"], "parent")
    line = _positions(stations["line"], lines["line"], "line")
    # A station's parent is nearer to Paris in minutes, so sorting by minutes is a topological
    # order; it is checked because every pass over the tree relies on it.
    inner_min = np.where(parent == TO_TERMINUS, 0.0, minutes[parent])
    segment_min = minutes - inner_min
    if (segment_min <= 0).any():
        row = int(np.argmin(segment_min))
        raise TerritoryError(
            f"stations.csv, row {row + 2}: '{stations['station_service_id'].iloc[row]}' must be "
            f"more minutes from the terminus than its parent, not {segment_min[row]:g} minutes."
        )
    outermost_first = np.argsort(-minutes, kind="stable").astype(np.int32)
    change_at_parent = stations["change_at_parent"].to_numpy(float) > 0
    changes = change_at_parent.astype(np.int32)
    for station in outermost_first[::-1]:
        if parent[station] != TO_TERMINUS:
            changes[station] += changes[parent[station]]
    return RailTree(parent, segment_min, minutes, line, change_at_parent, changes, outermost_first)


def _positions(wanted: pd.Series, names: pd.Series, column: str) -> NDArray[np.int32]:
    """Return the row of each wanted name among `names`, shape (n,); empty gives `TO_TERMINUS`."""
    row_of = {name: row for row, name in enumerate(names)}
    positions = np.full(len(wanted), TO_TERMINUS, dtype=np.int32)
    for row, name in enumerate(wanted):
        if name == "":
            continue
        if name not in row_of:
            raise TerritoryError(
                f"stations.csv, row {row + 2}, column {column}: '{name}' is not known."
                + nearest(str(name), row_of)
            )
        positions[row] = row_of[name]
    return positions


def segment_trains(tree: RailTree, trains_peak_hour: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the trains on each segment in the peak hour.

    ``T(s) = max(stops at s, sum of T over the stations whose parent is s)``: trains that skip a
    station still run through it, those of joined branches add up, and there are never fewer than
    further out. A branch whose riders change at s brings no train through.

    Parameters
    ----------
    tree : RailTree
    trains_peak_hour : (n,) float64
        Trains that stop at each station.

    Returns
    -------
    (n,) float64
    """
    from_further_out = np.zeros(len(trains_peak_hour))
    trains = np.zeros(len(trains_peak_hour))
    for station in tree.outermost_first:
        trains[station] = max(trains_peak_hour[station], from_further_out[station])
        parent = tree.parent[station]
        if parent != TO_TERMINUS and not tree.change_at_parent[station]:
            from_further_out[parent] += trains[station]
    return trains


def rail_supply(
    tree: RailTree,
    stations: pd.DataFrame,
    lines: pd.DataFrame,
    rail_changes: pd.DataFrame,
    day: date,
) -> RailSupply:
    """Return the trains of a date: the tables, and the dated facts true in every scenario.

    Parameters
    ----------
    tree : RailTree
    stations, lines, rail_changes : DataFrame
        ``stations.csv``, ``lines.csv`` and ``rail_changes.csv`` of a territory.
    day : date
        Changes dated that day or earlier have happened.

    Returns
    -------
    RailSupply
    """
    by_station = stations["trains_peak_hour"].to_numpy(float).copy()
    by_line = {
        field: lines[field].to_numpy(float).copy()
        for field in ("seats_per_train", "places_per_train")
    }
    dated = rail_changes.sort_values("date", kind="stable")
    for change in dated.to_dict("records"):
        if date.fromisoformat(str(change["date"])) > day:
            break
        line, value = change["line"], float(change["value"])
        if change["field"] != "trains_peak_hour":
            by_line[str(change["field"])][(lines["line"] == line).to_numpy()] = value
        elif change["station_service_id"] == "":
            by_station[(stations["line"] == line).to_numpy()] = value
        else:
            changed = stations["station_service_id"] == change["station_service_id"]
            by_station[changed.to_numpy()] = value
    return RailSupply(
        trains_peak_hour=by_station,
        segment_trains=segment_trains(tree, by_station),
        **by_line,
    )


def scale_supply(
    tree: RailTree,
    supply: RailSupply,
    lines: pd.DataFrame,
    trains_factor: Mapping[str, float],
    capacity_factor: Mapping[str, float],
    share_trains: float = 1.0,
) -> RailSupply:
    """Return the supply under policies and strikes, by factors on the trains of whole lines.

    Parameters
    ----------
    tree : RailTree
    supply : RailSupply
        What runs without them.
    lines : DataFrame
        ``lines.csv``.
    trains_factor, capacity_factor : mapping of line to float
        On trains an hour, and on the seats and places of a train; a line not named keeps 1.
    share_trains : float
        Share of all trains that run; 1 on a normal day.

    Returns
    -------
    RailSupply
    """
    names = [str(line) for line in lines["line"]]
    trains = share_trains * np.array([trains_factor.get(name, 1.0) for name in names])
    capacity = np.array([capacity_factor.get(name, 1.0) for name in names])
    # Branches that join are of one line, so a line's factor passes through the maximum and the
    # sum of `segment_trains`.
    return replace(
        supply,
        trains_peak_hour=supply.trains_peak_hour * trains[tree.line],
        segment_trains=supply.segment_trains * trains[tree.line],
        seats_per_train=supply.seats_per_train * capacity,
        places_per_train=supply.places_per_train * capacity,
    )
