"""A made-up timetable: two lines that cross, an express, a bus in place of trains."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

Tables = dict[str, list[dict[str, object]]]

STOPS = {
    "a": ("Ablon", 48.60, 2.50), "b": ("Brunoy", 48.64, 2.48), "c": ("Cesson", 48.68, 2.46),
    "d": ("Draveil", 48.75, 2.42), "e": ("Est", 48.75, 2.60), "f": ("Fort", 48.75, 2.51),
    "g": ("Gare", 48.85, 2.37),
}  # fmt: skip


def clock(minutes: float) -> str:
    """Return minutes after midnight as GTFS writes them."""
    seconds = round(minutes * 60)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def add_trip(
    tables: Tables, trip: str, route: str, calls: Iterable[tuple[str, float]], service: str = "week"
) -> None:
    """Add a trip: stops and minutes after midnight."""
    tables["trips"].append({"trip_id": trip, "route_id": route, "service_id": service})
    for order, (stop, minutes) in enumerate(calls):
        tables["stop_times"].append(
            {
                "trip_id": trip, "arrival_time": clock(minutes), "departure_time": clock(minutes),
                "stop_id": stop, "stop_sequence": order * 10,
            }
        )  # fmt: skip


def small(trains: int = 6) -> Tables:
    """Return the tables; ``trains`` of line R in the 90 minutes of the peak, every second fast."""
    tables: Tables = {
        "stops": [
            {"stop_id": each, "stop_name": name, "stop_lat": lat, "stop_lon": lon}
            for each, (name, lat, lon) in STOPS.items()
        ],
        "routes": [
            {"route_id": "r1", "route_short_name": "R", "route_long_name": "Sud", "route_type": 2},
            {"route_id": "s1", "route_short_name": "S", "route_long_name": "Est", "route_type": 2},
            {"route_id": "r9", "route_short_name": "R", "route_long_name": "Bus", "route_type": 3},
        ],
        "calendar": [
            {
                "service_id": "week", "monday": 1, "tuesday": 1, "wednesday": 1, "thursday": 1,
                "friday": 1, "saturday": 0, "sunday": 0, "start_date": 20170101,
                "end_date": 20171231,
            }
        ],
        "trips": [],
        "stop_times": [],
    }  # fmt: skip
    for k in range(trains):
        start = 420 + 90 * k / trains
        fast = [("a", start), ("d", start + 18), ("g", start + 30)]
        slow = [
            ("a", start), ("b", start + 5), ("c", start + 11), ("d", start + 22), ("g", start + 35),
        ]  # fmt: skip
        add_trip(tables, f"R{k}", "r1", fast if k % 2 else slow)
    for k in range(9):
        start = 420 + 10 * k
        add_trip(tables, f"S{k}", "s1", [("e", start), ("f", start + 6), ("d", start + 12)])
    add_trip(tables, "bus", "r9", [("a", 430), ("g", 500)])
    return tables


def write(
    path: Path, tables: Mapping[str, list[dict[str, object]]], encoding: str = "utf-8"
) -> Path:
    """Write a GTFS zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, rows in tables.items():
            text = pd.DataFrame(rows).to_csv(index=False)
            archive.writestr(f"{name}.txt", text.encode(encoding))
    return path


POINTS = pd.DataFrame(
    [
        ("1", 48.605, 2.505, 1.0), ("2", 48.682, 2.462, 0.5), ("2", 48.676, 2.470, 0.5),
        ("3", 48.752, 2.598, 1.0), ("9", 48.848, 2.372, 0.25), ("9", 48.853, 2.365, 0.75),
    ],
    columns=["zone", "lat", "lon", "weight"],
)  # fmt: skip
AREAS = pd.Series({"1": "outer-rural", "2": "outer-urban", "3": "inner", "9": "core"})
PAIRS = pd.DataFrame(
    [("1", "1"), ("1", "9"), ("2", "9"), ("3", "1"), ("3", "9"), ("9", "2")],
    columns=["commune", "workplace"],
)
