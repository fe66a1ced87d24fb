"""Stops, lines and runs of public transport in the morning peak, from a timetable or a table.

A *run* is a train, or trains that call alike, with its departures an hour.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from sim77.core.errors import TerritoryError
from sim77.core.units import DAYS_OF_WEEK
from sim77.territory.build.gtfs import Gtfs
from sim77.territory.build.transit_assumed import (
    HEADWAY_MIN,
    SAME_STATION_KM,
    SEATS_AND_PLACES,
)
from sim77.territory.check import checked_table
from sim77.territory.new_line import NewLine
from sim77.territory.schema import Column, Table
from sim77.territory.territory import Territory
from sim77.territory.transit_tables import read_parquet, write_parquet

PEAK_MIN = (420.0, 510.0)
"""7:00 to 8:30, minutes after midnight."""
_LAT = Column("lat", "number", low=-90, high=90)
_LON = Column("lon", "number", low=-180, high=180)
HOPS = Table(
    (
        Column("line"), Column("direction"), Column("from"), Column("to"),
        replace(_LAT, name="from_lat"), replace(_LON, name="from_lon"),
        replace(_LAT, name="to_lat"), replace(_LON, name="to_lon"),
        Column("seconds", "number", low=0, high=36_000),
    ),
    key=(), others=True, comments=True,
)  # fmt: skip
"""Minutes from station to station; the direction (any two names) tells branches from turns."""
HOP_COLUMNS = tuple(column.name for column in HOPS.columns)
_CAPACITY = Column("", "int", low=1, high=100_000)
TOLD_OF_LINES = Table(
    (
        Column("line"),
        *(replace(column, required=False, blank=True) for column in (
            Column("label_fr"), Column("label_en"),
            Column("kind", allowed=tuple(SEATS_AND_PLACES)), Column("colour"),
            replace(_CAPACITY, name="seats_per_train"), replace(_CAPACITY, name="places_per_train"),
            Column("capacity_estimated", allowed=("0", "1")), Column("source"),
        )),
    ),
    key=(), comments=True,
)  # fmt: skip
"""What is known of lines, with the columns of ``lines.csv``."""
STOPS, RUNS = "stops.parquet", "runs.parquet"
STOP_TYPES = {"stop": pa.string(), "lat": pa.float64(), "lon": pa.float64()}
RUN_TYPES = {
    "line": pa.string(),
    "stops": pa.list_(pa.int32()),
    **dict.fromkeys(("arrivals_min", "departures_min"), pa.list_(pa.float64())),
    **dict.fromkeys(("in_peak", "boards", "alights"), pa.list_(pa.bool_())),
    "per_hour": pa.float64(),
}
_EARTH_KM = 6371.0
_DAY_MIN = 1440.0


class Run(NamedTuple):
    """A train, or trains that call alike.

    Attributes
    ----------
    line
        Its line.
    stops
        In order.
    arrivals_min, departures_min
        After the departure from the first stop.
    in_peak
        Whether it leaves the stop within the peak.
    boards, alights
        Whether riders may.
    per_hour
        Departures an hour.
    """

    line: str
    stops: tuple[str, ...]
    arrivals_min: tuple[float, ...]
    departures_min: tuple[float, ...]
    in_peak: tuple[bool, ...]
    boards: tuple[bool, ...]
    alights: tuple[bool, ...]
    per_hour: float


class Line(NamedTuple):
    """What is known of a line; the fields are columns of ``lines.csv``.

    Attributes
    ----------
    line, label_fr, label_en
        Its name and labels.
    kind
        rer, train, metro or tram.
    colour
        #rrggbb or empty.
    seats_per_train, places_per_train
        Seated, and all.
    capacity_estimated
        Whether they are assumed.
    source
        Of the whole row.
    """

    line: str
    label_fr: str
    label_en: str
    kind: str
    colour: str
    seats_per_train: int
    places_per_train: int
    capacity_estimated: bool
    source: str


@dataclass(frozen=True)
class Network:
    """Public transport in the morning peak; equal networks are equal whatever they came from.

    Attributes
    ----------
    stops
        Name to latitude and longitude, sorted by name.
    lines
        Name to `Line`, sorted by name.
    runs
        Sorted.
    """

    stops: dict[str, tuple[float, float]]
    lines: dict[str, Line]
    runs: tuple[Run, ...]

    def __post_init__(self) -> None:
        served = {stop for run in self.runs for stop in run.stops}
        used = {run.line for run in self.runs}
        for name, kept in (("stops", served), ("lines", used)):
            table = getattr(self, name)
            object.__setattr__(self, name, {each: table[each] for each in sorted(kept)})
        object.__setattr__(self, "runs", tuple(sorted(self.runs)))

    @property
    def lines_of_stops(self) -> dict[str, set[str]]:
        """The lines that call at each stop."""
        found: dict[str, set[str]] = {stop: set() for stop in self.stops}
        for run in self.runs:
            for stop in run.stops:
                found[stop].add(run.line)
        return found


def crow_fly_km(
    lat: np.ndarray, lon: np.ndarray, other_lat: np.ndarray, other_lon: np.ndarray
) -> np.ndarray:
    """Return great-circle distances by the haversine formula; arrays broadcast, degrees."""
    lat, lon, other_lat, other_lon = map(np.radians, (lat, lon, other_lat, other_lon))
    chord = (
        np.sin((other_lat - lat) / 2) ** 2
        + np.cos(lat) * np.cos(other_lat) * np.sin((other_lon - lon) / 2) ** 2
    )
    return 2 * _EARTH_KM * np.arcsin(np.sqrt(chord))


def _apart_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(crow_fly_km(*np.array([*one, *other])))


# From a timetable ----------------------------------------------------------------------------


def network_of_gtfs(
    gtfs: Gtfs,
    day: dt.date,
    peak_min: tuple[float, float] = PEAK_MIN,
    source: str = "timetable",
) -> Network:
    """Return what runs in the peak of a day.

    Parameters
    ----------
    gtfs : Gtfs
    day : datetime.date
    peak_min : tuple of float
        First and last minute after midnight; the last one is outside.
    source : str
        What ``lines.csv`` gives as the source of the lines.

    Returns
    -------
    Network

    Raises
    ------
    TerritoryError
        If nothing runs then.
    """
    first, last = gtfs.dates()
    if gtfs.trips.empty and first <= day <= last:
        return Network({}, {}, ())
    stop_of, stops = stop_names(gtfs.stations)
    line_of = gtfs.routes.set_index("route_id")["line"]
    trips = gtfs.trips.assign(line=gtfs.trips["route_id"].map(line_of))
    found: dict[Run, float] = defaultdict(float)
    hours = (peak_min[1] - peak_min[0]) / 60
    for shift_days in (0, 1):  # trains of the day before that still run after midnight
        services = gtfs.services_on(day - dt.timedelta(days=shift_days))
        running = trips[trips["service_id"].isin(services)]
        for run in _runs(gtfs, running, stop_of, peak_min, shift_days * _DAY_MIN):
            found[run] += 1 / hours
    if not found:
        raise TerritoryError(
            f"the timetable has no train between {_clock(peak_min[0])} and {_clock(peak_min[1])} "
            f"on {DAYS_OF_WEEK[day.weekday()].capitalize()} {day}; its calendar runs from {first} "
            f"to {last}."
        )
    runs = tuple(run._replace(per_hour=round(n, 9)) for run, n in found.items())
    lines = {
        row["line"]: _line(row["line"], row["label"], row["kind"], row["colour"], source)
        for row in gtfs.routes.drop_duplicates("line").to_dict("records")
    }
    return Network(stops, lines, runs)


def _clock(minutes: float) -> str:
    return f"{int(minutes // 60)}:{int(minutes % 60):02}"


def stop_names(stations: pd.DataFrame) -> tuple[dict[str, str], dict[str, tuple[float, float]]]:
    """Return the stop of each station and the place of each stop.

    Stations of one name that are near are one stop; far ones are told apart by their identifier.
    """
    stops: dict[str, tuple[float, float]] = {}
    stop_of = {}
    for row in stations.sort_values(["name", "station"]).to_dict("records"):
        place, name = (row["lat"], row["lon"]), row["name"]
        if name in stops and _apart_km(stops[name], place) > SAME_STATION_KM:
            name = f"{name} ({row['station']})"
        stops.setdefault(name, place)
        stop_of[row["station"]] = name
    return stop_of, stops


def _runs(
    gtfs: Gtfs,
    running: pd.DataFrame,
    stop_of: Mapping[str, str],
    peak_min: tuple[float, float],
    shift_min: float,
) -> Iterable[Run]:
    """Yield each train of these trips that leaves a stop within the peak; ``per_hour`` is 0."""
    line_of = dict(zip(running["trip_id"], running["line"], strict=True))
    calls = gtfs.stop_times[gtfs.stop_times["trip_id"].isin(line_of)]
    repeated = {
        trip: list(rows[["start_min", "end_min", "headway_min"]].itertuples(index=False))
        for trip, rows in gtfs.frequencies.groupby("trip_id", sort=True)
    }
    bounds = calls.groupby("trip_id", sort=True)["departure_min"].agg(["min", "max"])
    near = (bounds["min"] - shift_min < peak_min[1]) & (bounds["max"] - shift_min >= peak_min[0])
    near |= bounds.index.isin(list(repeated))
    calls = calls[calls["trip_id"].isin(bounds.index[near])]
    for trip, rows in calls.groupby("trip_id", sort=True):
        if len(rows) < 2:
            continue
        departures = rows["departure_min"].to_numpy()
        start = departures[0]
        stops = tuple(stop_of[each] for each in rows["station"])
        offsets = [
            tuple(np.round(each - start, 4).tolist())
            for each in (rows["arrival_min"].to_numpy(), departures)
        ]
        boards, alights = (tuple(rows[each].tolist()) for each in ("board", "alight"))
        starts = (
            [
                first + k * headway
                for first, end, headway in repeated.get(trip, ())
                for k in range(math.ceil(round((end - first) / headway, 9)))
            ]
            if trip in repeated
            else [start]
        )
        for begin in starts:
            left = departures - start + begin - shift_min
            in_peak = (left >= peak_min[0]) & (left < peak_min[1])
            in_peak[-1] = False
            if in_peak.any():
                yield Run(
                    line_of[trip], stops, offsets[0], offsets[1], tuple(in_peak.tolist()),
                    boards, alights, 0.0,
                )  # fmt: skip


def _line(name: str, label: str, kind: str, colour: str, source: str) -> Line:
    seats, places = SEATS_AND_PLACES[kind]
    return Line(name, label, label, kind, colour, seats, places, True, source)


def describe_lines(network: Network, table: pd.DataFrame) -> Network:
    """Return a network with what a table tells of its lines.

    Parameters
    ----------
    network : Network
    table : DataFrame
        `TOLD_OF_LINES`; blank cells and other lines are passed over.

    Returns
    -------
    Network
    """
    lines = dict(network.lines)
    for row in table[table["line"].isin(lines)].to_dict("records"):
        name = row["line"]
        told = {str(each): value for each, value in row.items() if value != "" and value == value}
        for each in ("seats_per_train", "places_per_train"):
            if each in told:
                told[each] = int(told[each])
        if "capacity_estimated" in told:
            told["capacity_estimated"] = told["capacity_estimated"] == "1"
        found = lines[name] = lines[name]._replace(**told)
        if found.places_per_train < found.seats_per_train:
            raise TerritoryError(
                f"lines, line '{name}': places_per_train is {found.places_per_train}, but must be "
                f"at least seats_per_train, {found.seats_per_train}."
            )
    return Network(network.stops, lines, network.runs)


# From minutes between stations ---------------------------------------------------------------


def read_hops(path: str | Path) -> pd.DataFrame:
    """Read minutes from station to station, `HOPS`; `TerritoryError` if a cell is wrong."""
    return checked_table(Path(path), HOPS)


def add_hops(network: Network, hops: pd.DataFrame, kind: str, source: str = "") -> Network:
    """Return a network with lines known by their minutes between stations.

    Trains run from each end of a line to each other, at the assumed headway of the kind, shared by
    the branches. A hop that is given in one direction is used in both.

    Parameters
    ----------
    network : Network
    hops : DataFrame
        `HOPS`.
    kind : str
        metro or tram.
    source : str

    Returns
    -------
    Network
    """
    stops, runs, lines = dict(network.stops), list(network.runs), dict(network.lines)
    for key, rows in hops.sort_values(list(HOP_COLUMNS)).groupby("line", sort=True):
        name = str(key)
        for end in ("from", "to"):
            for row in rows[[end, f"{end}_lat", f"{end}_lon"]].itertuples(index=False):
                _check_place(stops, str(row[0]), (float(row[1]), float(row[2])))
        lines[name] = _line(name, name, kind, "", source)
        for minutes in _by_direction(rows):
            ways = list(_ways(minutes))
            ends: dict[str, int] = defaultdict(int)
            for way in ways:
                ends[way[0]] += 1
            starts = len(ends)
            for way in ways:
                at = np.cumsum([0.0, *(minutes[pair] for pair in itertools.pairwise(way))])
                per_hour = 60 / HEADWAY_MIN[kind] / starts / ends[way[0]]
                runs.append(_plain_run(name, way, tuple(at.tolist()), per_hour))
    return Network(stops, lines, tuple(runs))


def _check_place(
    stops: dict[str, tuple[float, float]], name: str, place: tuple[float, float]
) -> None:
    """Add a stop; one that is known must be near."""
    known = stops.setdefault(name, place)
    apart = _apart_km(known, place)
    if apart > SAME_STATION_KM:
        raise TerritoryError(
            f"stop '{name}' is {apart:.1f} km from the stop of that name that is there: two "
            "stations need two names."
        )


def _plain_run(
    line: str, stops: tuple[str, ...], at_min: tuple[float, ...], per_hour: float
) -> Run:
    n = len(stops)
    before_last = (True,) * (n - 1) + (False,)
    return Run(line, stops, at_min, at_min, before_last, (True,) * n, (True,) * n, per_hour)


def _by_direction(rows: pd.DataFrame) -> list[dict[tuple[str, str], float]]:
    """Return the minutes of each hop by direction, completed by the other one's hops turned."""
    names = sorted(rows["direction"].unique())
    given: list[dict[tuple[str, str], float]] = [
        {
            (str(a), str(b)): float(seconds) / 60
            for a, b, seconds in rows.loc[
                rows["direction"] == each, ["from", "to", "seconds"]
            ].itertuples(index=False)
        }
        for each in names
    ]
    if len(given) == 1:
        given.append({})
    if len(given) > 2:
        raise TerritoryError(
            f"line '{rows['line'].iloc[0]}' has {len(given)} directions where 2 were expected."
        )
    turned = [{(b, a): minutes for (a, b), minutes in each.items()} for each in given]
    known = set(given[0]) | set(given[1])
    return [
        each | {hop: minutes for hop, minutes in other.items() if hop not in known}
        for each, other in zip(given, reversed(turned), strict=True)
    ]


def _ways(minutes: Mapping[tuple[str, str], float]) -> Iterable[tuple[str, ...]]:
    """Yield the way with fewest hops from each first to each last station of a direction."""
    after: dict[str, list[str]] = defaultdict(list)
    for a, b in sorted(minutes):
        after[a].append(b)
    entered = {b for _, b in minutes}
    firsts = sorted(set(after) - entered) or [min(after)]
    for first in firsts:
        ways: dict[str, tuple[str, ...]] = {first: (first,)}
        queue = [first]
        for stop in queue:
            for following in after.get(stop, ()):
                if following not in ways:
                    ways[following] = (*ways[stop], following)
                    queue.append(following)
        lasts = [each for each in sorted(ways) if each not in after]
        for last in lasts or [queue[-1]]:
            yield ways[last]


# New lines -----------------------------------------------------------------------------------


def read_lines(path: str | Path) -> pd.DataFrame:
    """Read `TOLD_OF_LINES`; `TerritoryError` if a cell is wrong."""
    return checked_table(Path(path), TOLD_OF_LINES)


def add_lines(network: Network, new: Iterable[NewLine]) -> Network:
    """Return a network with new lines, in both directions.

    A stop with the name of one that is there is that stop.
    """
    stops, runs, lines = dict(network.stops), list(network.runs), dict(network.lines)
    for line in new:
        name = line.line
        if name in lines:
            raise TerritoryError(f"line '{name}' is there already: give the new line another name.")
        for stop in line.stops:
            _check_place(stops, stop.stop, (stop.lat, stop.lon))
        lines[name] = Line(
            name, line.label_fr, line.label_en, line.kind, "", int(line.seats_per_train),
            int(line.places_per_train), True, line.source,
        )  # fmt: skip
        way = tuple(stop.stop for stop in line.stops)
        at = np.array([stop.minutes for stop in line.stops])
        at -= at[0]
        for stops_of, offsets in ((way, at), (way[::-1], (at[-1] - at)[::-1])):
            at_min = tuple(np.round(offsets, 4).tolist())
            runs.append(_plain_run(name, stops_of, at_min, line.trains_per_hour))
    return Network(stops, lines, tuple(runs))


def network_with(territory: Territory, new: Iterable[NewLine]) -> Network:
    """Return what runs in a territory, with new lines.

    Its stops have the timetable's names, those of the new lines the proper ones.

    Raises
    ------
    TerritoryError
        If the territory cannot have new lines, or one of them does not fit in.
    """
    if "made_of" in territory.od.settings:
        raise TerritoryError(
            f"'{territory.name}' cannot have new lines: the riders of its trains who live "
            "elsewhere are fixed numbers, and would not change to them; take the territory that it "
            "was cut out of."
        )
    folder = territory.folder / "transit"
    if not (folder / RUNS).is_file():
        raise TerritoryError(
            f"'{territory.name}' cannot have new lines: {folder / RUNS} is missing; build the "
            "territory again (sim77 territory build)."
        )
    keys = territory.od.transit.stop_keys
    return add_lines(read_network(folder, territory.lines), [each.renamed(keys) for each in new])


# Files ---------------------------------------------------------------------------------------


def write_network(network: Network, folder: Path) -> None:
    """Write stops and runs into a folder; what is known of lines is in ``lines.csv`` there."""
    number = {name: n for n, name in enumerate(network.stops)}
    places = np.reshape(list(network.stops.values()), (-1, 2))
    write_parquet(
        folder / STOPS,
        pa.table([list(number), *places.T], schema=pa.schema(STOP_TYPES.items())),
    )
    columns = {name: [getattr(run, name) for run in network.runs] for name in RUN_TYPES}
    columns["stops"] = [[number[stop] for stop in stops] for stops in columns["stops"]]
    write_parquet(
        folder / RUNS, pa.table(list(columns.values()), schema=pa.schema(RUN_TYPES.items()))
    )


def read_network(folder: Path, lines: pd.DataFrame) -> Network:
    """Read what `write_network` wrote.

    Parameters
    ----------
    folder : Path
    lines : DataFrame
        ``lines.csv`` of the folder.

    Raises
    ------
    TerritoryError
        If a file is missing or wrong.
    """
    stops = read_parquet(folder / STOPS, STOP_TYPES).to_pydict()
    lines = lines.astype(
        {"seats_per_train": int, "places_per_train": int, "capacity_estimated": bool}
    )
    known = {
        line.line: line for line in map(Line._make, lines[list(Line._fields)].to_numpy().tolist())
    }
    names, runs = stops["stop"], []
    for row, cells in enumerate(read_parquet(folder / RUNS, RUN_TYPES).to_pylist()):
        calls = len(cells["stops"])
        lists = [cells[name] for name in RUN_TYPES if name not in ("line", "per_hour")]
        if (
            cells["line"] not in known
            or any(len(each) != calls or None in each for each in lists)
            or not all(0 <= each < len(names) for each in cells["stops"])
        ):
            raise TerritoryError(
                f"{folder / RUNS}, row {row}: expected a line of lines.csv, and lists of one "
                f"length whose stops are rows of {STOPS}."
            )
        cells["stops"] = [names[each] for each in cells["stops"]]
        runs.append(
            Run._make(tuple(x) if isinstance(x, list) else x for x in map(cells.get, Run._fields))
        )
    places = zip(stops["lat"], stops["lon"], strict=True)
    return Network(dict(zip(names, places, strict=True)), known, tuple(runs))
