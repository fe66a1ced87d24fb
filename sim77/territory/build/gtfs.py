"""Read a timetable in the General Transit Feed Specification (GTFS), and say what is wrong in it.

Only scheduled rail is read (trains, metros, trams): a bus that replaces trains runs under the name
of their line and is told by the type of its route. Every table is sorted by its identifiers, so
that the order of rows in the files changes nothing.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from sim77.core.errors import TerritoryError, nearest, why
from sim77.core.units import DAYS_OF_WEEK

_REQUIRED = {
    "stops": ("stop_id", "stop_name", "stop_lat", "stop_lon"),
    "routes": ("route_id", "route_type"),
    "trips": ("trip_id", "route_id", "service_id"),
    "stop_times": ("trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time"),
    "calendar": ("service_id", *DAYS_OF_WEEK, "start_date", "end_date"),
    "calendar_dates": ("service_id", "date", "exception_type"),
    "frequencies": ("trip_id", "start_time", "end_time", "headway_secs"),
}  # fmt: skip
_OPTIONAL = {
    "stops": ("location_type", "parent_station"),
    "routes": ("route_short_name", "route_long_name", "route_color"),
    "stop_times": ("pickup_type", "drop_off_type"),
}
_MAY_BE_ABSENT = ("calendar", "calendar_dates", "frequencies")
_KEYS = {
    "stops": ["stop_id"], "routes": ["route_id"], "trips": ["trip_id"],
    "stop_times": ["trip_id", "stop_sequence"], "calendar": ["service_id"],
    "calendar_dates": ["service_id", "date"], "frequencies": ["trip_id", "start_time"],
}  # fmt: skip
_TIME = re.compile(r"(\d{1,3}):([0-5]?\d):([0-5]?\d)")
_BASIC_KINDS = {0: "tram", 1: "metro", 2: "train", 5: "tram", 7: "tram", 12: "metro"}


NO_TRAINS = (
    "The timetable has no train, metro or tram (route_type 0, 1, 2, 5, 7, 12 or their extended "
    "types): all public transport is by bus, whose minutes are estimated from distances as those "
    "of a town's buses, with a change every few kilometres; nothing else of the timetable is read, "
    "and coaches between towns are far faster."
)


@dataclass(frozen=True)
class Gtfs:
    """A timetable.

    Attributes
    ----------
    stations
        station (identifier), name, lat, lon: where trains stop; platforms are put together.
    routes
        route_id, line, label, kind (train, metro, tram), colour (#rrggbb or empty).
    trips
        trip_id, route_id, service_id, of those routes.
    stop_times
        trip_id, order (from 0), station, arrival_min, departure_min (after midnight of the day of
        service; above 1,440 on the next day), board, alight (bool).
    calendar
        service_id, monday to sunday (bool), start_date, end_date (datetime64).
    calendar_dates
        service_id, date (datetime64), added (bool).
    frequencies
        trip_id, start_min, end_min, headway_min: trips that stand for one each headway.
    remarks
        What was left out or assumed, a sentence each.
    """

    stations: pd.DataFrame
    routes: pd.DataFrame
    trips: pd.DataFrame
    stop_times: pd.DataFrame
    calendar: pd.DataFrame
    calendar_dates: pd.DataFrame
    frequencies: pd.DataFrame
    remarks: tuple[str, ...]

    def services_on(self, day: dt.date) -> frozenset[str]:
        """Return the services that run on a date; none outside the calendar."""
        date = pd.Timestamp(day)
        weekly = self.calendar
        running = weekly[DAYS_OF_WEEK[day.weekday()]] if len(weekly) else np.zeros(0, dtype=bool)
        within = (weekly["start_date"] <= date) & (weekly["end_date"] >= date)
        changes = self.calendar_dates[self.calendar_dates["date"] == date]
        found = set(weekly.loc[within & running, "service_id"])
        found |= set(changes.loc[changes["added"], "service_id"])
        return frozenset(found - set(changes.loc[~changes["added"], "service_id"]))

    def dates(self) -> tuple[dt.date, dt.date]:
        """Return the first and the last date of the calendar."""
        added = self.calendar_dates.loc[self.calendar_dates["added"], "date"]
        every = pd.concat([self.calendar["start_date"], self.calendar["end_date"], added])
        return every.min().date(), every.max().date()


def read_gtfs(path: str | Path) -> Gtfs:
    """Read a GTFS zip.

    Parameters
    ----------
    path : str or Path
        The zip; its tables may stand in a folder of it.

    Returns
    -------
    Gtfs

    Raises
    ------
    TerritoryError
        One sentence: the file and line, what was expected and what came.
    """
    tables, remarks = _tables(Path(path))
    for name, table in tables.items():
        tables[name] = _without_repeats(name, table)
    routes, bus_routes = _rail_routes(tables["routes"])
    trips = tables["trips"]
    _check_known(trips, "trips", "route_id", tables["routes"]["route_id"], "routes")
    on_rail = trips["route_id"].isin(routes["route_id"])
    if not on_rail.any():
        remarks.append(NO_TRAINS)
    if (~on_rail).any():
        remarks.append(
            f"{int((~on_rail).sum()):,} trips of {bus_routes} routes that are no trains, metros or "
            "trams by their route_type (substitution buses among them) were left out."
        )
    times = tables["stop_times"]
    _check_known(times, "stop_times", "trip_id", trips["trip_id"], "trips")
    _check_known(times, "stop_times", "stop_id", tables["stops"]["stop_id"], "stops")
    kept = trips.loc[on_rail, ["trip_id", "route_id", "service_id"]]
    times = times[times["trip_id"].isin(kept["trip_id"])]
    stations, station_of = _stations(tables["stops"], times["stop_id"])
    calls = _calls(times, station_of)
    frequencies = tables["frequencies"]
    _check_known(frequencies, "frequencies", "trip_id", trips["trip_id"], "trips")
    calendar, changes = _calendars(tables["calendar"], tables["calendar_dates"])
    return Gtfs(
        stations=stations,
        routes=routes.sort_values("route_id", ignore_index=True),
        trips=kept.sort_values("trip_id", ignore_index=True),
        stop_times=calls,
        calendar=calendar,
        calendar_dates=changes,
        frequencies=_frequencies(frequencies[frequencies["trip_id"].isin(kept["trip_id"])]),
        remarks=tuple(remarks),
    )


# Files ---------------------------------------------------------------------------------------


def _tables(path: Path) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return every table as trimmed texts, with the line of each row as its index."""
    remarks: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = {
                PurePosixPath(each).name: each
                for each in sorted(archive.namelist(), key=lambda name: (-name.count("/"), name))
                if not each.startswith("__MACOSX")
            }
            tables = {}
            for name in _REQUIRED:
                file = f"{name}.txt"
                if file in members:
                    tables[name] = _table(name, archive.read(members[file]), remarks)
                elif name in _MAY_BE_ABSENT:
                    tables[name] = pd.DataFrame(columns=list(_REQUIRED[name]), dtype=str)
                else:
                    raise TerritoryError(
                        f"{path.name} has no {file}, which a GTFS must have."
                        f"{nearest(file, sorted(members))}"
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise TerritoryError(f"{path.name} is not a readable zip of a GTFS: {error}.") from error
    except OSError as error:
        raise TerritoryError(f"{path} cannot be read: {why(error)}.") from error
    if not len(tables["calendar"]) and not len(tables["calendar_dates"]):
        raise TerritoryError(
            f"{path.name} says on no day what runs: calendar.txt or calendar_dates.txt must have "
            "rows."
        )
    return tables, remarks


def _table(name: str, content: bytes, remarks: list[str]) -> pd.DataFrame:
    file = f"{name}.txt"
    text = _text(file, content, remarks)
    try:
        table = pd.read_csv(
            io.StringIO(text), dtype=str, keep_default_na=False, skipinitialspace=True,
            index_col=False, skip_blank_lines=False,
        )  # fmt: skip
    except pd.errors.EmptyDataError:
        raise TerritoryError(f"{file} is empty: a row of column names was expected.") from None
    except pd.errors.ParserError as error:
        said = re.sub(r"^.*C error: ", "", str(error)).strip().rstrip(".")
        raise TerritoryError(f"{file} is no table of comma-separated values: {said}.") from None
    table.columns = table.columns.str.strip()
    for column in _REQUIRED[name]:
        if column not in table:
            raise TerritoryError(f"{file} has no column {column}.{nearest(column, table.columns)}")
    table.index = pd.RangeIndex(2, 2 + len(table))
    for column in _OPTIONAL.get(name, ()):
        if column not in table:
            table[column] = ""
    table = table[[*_REQUIRED[name], *_OPTIONAL.get(name, ())]].fillna("")
    table = table.apply(lambda cells: cells.str.strip())
    return table[(table != "").any(axis=1)]


def _text(file: str, content: bytes, remarks: list[str]) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "utf-8-sig":
            remarks.append(f"{file} is not in UTF-8 and was read as {encoding}.")
        return text
    raise TerritoryError(f"{file} is not readable text: UTF-8 was expected.")


def _without_repeats(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table sorted by its key; rows given twice alike count once."""
    key = _KEYS[name]
    for column in key:
        blank = table.index[table[column] == ""]
        if len(blank):
            raise TerritoryError(f"{name}.txt, line {blank.min()}: {column} is blank.")
    table = table[~table.duplicated()]
    if name != "stop_times":  # 1 and 01 are one sequence: `_calls` looks at the numbers
        twice = table[table.duplicated(key, keep=False)]
        if len(twice):
            first = twice.sort_values(key, kind="stable").iloc[:2]
            told = ", ".join(f"{column} '{first[column].iloc[0]}'" for column in key)
            lines = " and ".join(map(str, sorted(first.index)))
            raise TerritoryError(
                f"{name}.txt, lines {lines}: {told} stands for two different rows."
            )
    return table.sort_values(key, kind="stable")


def _check_known(
    table: pd.DataFrame, name: str, column: str, known: Iterable[str], where: str
) -> None:
    unknown = table.index[~table[column].isin(known)]
    if len(unknown):
        value = str(table.at[unknown.min(), column])
        raise TerritoryError(
            f"{name}.txt, line {unknown.min()}: {column} '{value}' is not in {where}.txt."
            f"{nearest(value, sorted(known))}"
        )


def _numbers(
    table: pd.DataFrame, file: str, column: str, low: float, high: float, whole: bool = False
) -> pd.Series:
    numbers = pd.to_numeric(table[column], errors="coerce")
    wrong = ~numbers.between(low, high)
    if whole:
        wrong |= numbers % 1 != 0
    if wrong.any():
        line = table.index[wrong].min()
        what = "a whole number" if whole else "a number"
        raise TerritoryError(
            f"{file}.txt, line {line}: {column} must be {what} from {low:g} to {high:g}, not "
            f"'{table[column][line]}'."
        )
    return numbers


def _minutes(table: pd.DataFrame, file: str, column: str) -> pd.Series:
    """Return minutes after midnight, which may pass 1,440; nan where blank."""
    known: dict[str, float] = {"": np.nan}
    for text in table[column].unique():
        found = _TIME.fullmatch(text)
        if found:
            hours, minutes, seconds = map(int, found.groups())
            known[text] = hours * 60 + minutes + seconds / 60
        elif text:
            line = table.index[table[column] == text].min()
            raise TerritoryError(
                f"{file}.txt, line {line}: {column} must be a time as HH:MM:SS, not '{text}'."
            )
    return table[column].map(known).astype(float)


def _dates(table: pd.DataFrame, file: str, column: str) -> pd.Series:
    dates = pd.to_datetime(table[column], format="%Y%m%d", errors="coerce")
    wrong = dates.isna() | ~table[column].str.fullmatch(r"\d{8}")
    if wrong.any():
        line = table.index[wrong].min()
        raise TerritoryError(
            f"{file}.txt, line {line}: {column} must be a date as YYYYMMDD, not "
            f"'{table[column][line]}'."
        )
    return dates


# Tables --------------------------------------------------------------------------------------


def _rail_kind(route_type: int) -> str:
    """Return train, metro or tram by a basic or extended GTFS route type; empty for others."""
    if route_type in _BASIC_KINDS:
        return _BASIC_KINDS[route_type]
    groups = {1: "train", 4: "metro", 9: "tram"}
    return groups.get(route_type // 100, "") if route_type >= 100 else ""


def _rail_routes(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    kinds = _numbers(table, "routes", "route_type", 0, 1799, whole=True).astype(int).map(_rail_kind)
    line = table["route_short_name"].where(table["route_short_name"] != "", table["route_id"])
    colour = table["route_color"].str.lstrip("#")
    routes = pd.DataFrame(
        {
            "route_id": table["route_id"],
            "line": line,
            "label": table["route_long_name"].where(table["route_long_name"] != "", line),
            "kind": kinds,
            "colour": ("#" + colour.str.lower()).where(colour.str.fullmatch("[0-9A-Fa-f]{6}"), ""),
        }
    )
    on_rail = routes["kind"] != ""
    return routes[on_rail], int((~on_rail).sum())


def _stations(stops: pd.DataFrame, used: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Return the stations in use, and the station of each stop that trips call at."""
    stops = stops.assign(line=stops.index).set_index("stop_id")
    called = stops.loc[sorted(set(used))]
    parents = called["parent_station"]
    wrong = called[(parents != "") & ~parents.isin(stops.index)]
    if len(wrong):
        first = wrong.sort_values("line").iloc[0]
        raise TerritoryError(
            f"stops.txt, line {first['line']}: parent_station '{first['parent_station']}' is not "
            f"in stops.txt.{nearest(first['parent_station'], stops.index)}"
        )
    station_of = parents.where(parents != "", parents.index.to_series())
    found = stops.loc[sorted(set(station_of))]
    # A station without a place of its own has that of its first platform.
    platform = called.assign(station=station_of).groupby("station").first()
    for column in ("stop_lat", "stop_lon", "stop_name"):
        found[column] = found[column].where(found[column] != "", platform[column])
    by_line = found.assign(station=found.index).set_index("line")
    unnamed = by_line.index[by_line["stop_name"] == ""]
    if len(unnamed):
        raise TerritoryError(f"stops.txt, line {unnamed.min()}: stop_name is blank.")
    lat = _numbers(by_line, "stops", "stop_lat", -90, 90)
    lon = _numbers(by_line, "stops", "stop_lon", -180, 180)
    stations = pd.DataFrame(
        {"station": by_line["station"], "name": by_line["stop_name"], "lat": lat, "lon": lon}
    )
    return stations.sort_values("station", ignore_index=True), station_of


def _calls(times: pd.DataFrame, station_of: pd.Series) -> pd.DataFrame:
    sequence = _numbers(times, "stop_times", "stop_sequence", 0, 1e9, whole=True).astype(int)
    arrival = _minutes(times, "stop_times", "arrival_time")
    departure = _minutes(times, "stop_times", "departure_time")
    calls = pd.DataFrame(
        {
            "trip_id": times["trip_id"],
            "order": sequence,
            "station": times["stop_id"].map(station_of),
            "arrival_min": arrival.fillna(departure),
            "departure_min": departure.fillna(arrival),
            "board": times["pickup_type"] != "1",
            "alight": times["drop_off_type"] != "1",
            "line": times.index,
        }
    ).sort_values(["trip_id", "order", "line"])
    twice = calls.duplicated(["trip_id", "order"])
    if twice.any():
        row = calls[twice].sort_values("line").iloc[0]
        raise TerritoryError(
            f"stop_times.txt, line {row['line']}: trip '{row['trip_id']}' has stop_sequence "
            f"{row['order']} twice."
        )
    trip = calls["trip_id"]
    first, last = trip != trip.shift(), trip != trip.shift(-1)
    untimed = calls[(first | last) & calls["arrival_min"].isna()]
    if len(untimed):
        raise TerritoryError(
            f"stop_times.txt, line {untimed['line'].min()}: a time is blank at the first or last "
            "stop of a trip, where GTFS wants one."
        )
    # GTFS lets times between be blank; they are spread evenly over the stops.
    calls["arrival_min"] = calls["arrival_min"].interpolate()
    calls["departure_min"] = calls["departure_min"].fillna(calls["arrival_min"])
    back = (calls["departure_min"] < calls["arrival_min"]) | (
        ~first & (calls["arrival_min"] < calls["departure_min"].shift())
    )
    if back.any():
        row = calls[back].sort_values("line").iloc[0]
        raise TerritoryError(
            f"stop_times.txt, line {row['line']}: trip '{row['trip_id']}' goes back in time "
            "(after midnight the hours go on: 25:10:00)."
        )
    calls["order"] = calls.groupby("trip_id").cumcount()
    return calls.drop(columns="line").reset_index(drop=True)


def _calendars(weekly: pd.DataFrame, changes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    calendar = weekly[["service_id"]].copy()
    for day in _REQUIRED["calendar"][1:8]:
        calendar[day] = _numbers(weekly, "calendar", day, 0, 1, whole=True) == 1
    for edge in ("start_date", "end_date"):
        calendar[edge] = _dates(weekly, "calendar", edge)
    kind = _numbers(changes, "calendar_dates", "exception_type", 1, 2, whole=True)
    found = pd.DataFrame(
        {
            "service_id": changes["service_id"],
            "date": _dates(changes, "calendar_dates", "date"),
            "added": kind == 1,
        }
    )
    return calendar.reset_index(drop=True), found.reset_index(drop=True)


def _frequencies(table: pd.DataFrame) -> pd.DataFrame:
    found = pd.DataFrame(
        {
            "trip_id": table["trip_id"],
            "start_min": _minutes(table, "frequencies", "start_time"),
            "end_min": _minutes(table, "frequencies", "end_time"),
            "headway_min": _numbers(table, "frequencies", "headway_secs", 1, 86_400) / 60,
        }
    )
    wrong = found.index[~(found["end_min"] > found["start_min"])]
    if len(wrong):
        raise TerritoryError(
            f"frequencies.txt, line {wrong.min()}: end_time must be later than start_time."
        )
    return found.sort_values(["trip_id", "start_min"], ignore_index=True)
