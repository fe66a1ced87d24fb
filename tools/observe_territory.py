r"""Make the tables of observations that `sim77 territory validate` compares a territory with.

    python tools/observe_territory.py seine-et-marne --modes od_modes_2014.parquet \\
        --boardings boardings_2014_2019.csv --gtfs gtfs-transilien-2016-12.zip --day 2017-03-14

They are written to the folder ``observed`` of the territory, beside ``published.csv`` and
``sources.csv``, which are written by hand.
"""

from __future__ import annotations

import argparse
import datetime as dt
import unicodedata
import zlib
from pathlib import Path

import numba as nb
import numpy as np
import pandas as pd
from shapely.geometry import Point, shape
from shapely.ops import unary_union
from shapely.prepared import prep

from sim77.core.files import csv_of, replace_text
from sim77.core.geography import crow_fly_km
from sim77.registry.parameters import resolve
from sim77.territory.build.gtfs import read_gtfs
from sim77.territory.observed import ANSWERS, FOLDER
from sim77.territory.territory import Territory, load_territory

ANSWER_OF = {"TC": "public_transport", "VP": "car", "NM": "walk_two_wheelers"}
ALIASES = {
    "VILLIERS SUR MARNE LE PLESSIS TREVISE": "VILLIERS SUR MARNE PLESSIS TREVISE",
    "BOUTIGNY": "BOUTIGNY SUR ESSONNE",
}  # fmt: skip
"""Stations that counts and timetable call differently, beyond words that are left out."""
DROPPED = ("GARE DE ", "PARIS ")
SAME = ("SAINT", "ST"), ("SAINTE", "STE")
FIRST_MIN, LAST_MIN = 420, 510
"""Departures from home, each minute from 7:00 to 8:29."""
MARGIN_MIN = 5.0
"""Who knows the timetable is on the platform so many minutes before the first train leaves."""
TRANSFER_MIN = 3.0
WALK_TO_STATION_KM, WALK_BETWEEN_KM = 1.5, 0.4
LEAST_KM, LEAST_KMH = 10.0, 20.0
"""Shorter and, as the crow flies, slower journeys are rather made by bus, which is not in the
timetable."""
CORE_KM = 5.0
"""Journeys that pass nearer to the middle of a core zone may take the metro, which is not in the
timetable either."""
MOST_PAIRS = 4000


def station_key(name: str) -> str:
    """Return a name of a station without what counts and timetable write differently."""
    plain = unicodedata.normalize("NFD", name.upper().partition(" - ")[0])
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = ALIASES.get(plain, plain).replace("-", " ").replace("'", " ")
    for each in DROPPED:
        plain = plain.removeprefix(each)
    words = plain.split()
    for long, short in SAME:
        words = [long if word == short else word for word in words]
    return "".join(words)


def modes_table(territory: Territory, path: Path) -> pd.DataFrame:
    """Return workers by commune of residence and main mode."""
    counted = pd.read_parquet(path)
    counted = counted[counted["origin"].astype(str).isin(territory.communes["code"])]
    answer = counted["mode"].astype(str).map(ANSWER_OF).rename("answer")
    table = counted.groupby([counted["origin"].astype(str), answer])["workers"].sum().unstack()
    table = table.reindex(columns=list(ANSWERS)).fillna(0.0).round().astype(int)
    return table.rename_axis("commune").reset_index().rename_axis(columns=None)


def boardings_table(territory: Territory, path: Path) -> pd.DataFrame:
    """Return boardings from 6 to 10 on a working day, of stations where residents live.

    Several dates of a station and line are parts of it and are summed.
    """
    counted = pd.read_csv(path)
    counted = counted[(counted["day_type"] == "JOB") & (counted["time_band"] == "De 6h à 10h")]
    segments = territory.od.transit.segments.astype({"line": str, "from_stop": str})
    stops = segments.drop_duplicates(["line", "from_stop"])
    shapes = territory.shapes()
    assert shapes is not None
    land = prep(unary_union([shape(each["geometry"]).buffer(0.001) for each in shapes["features"]]))
    stops = stops[
        [land.contains(Point(*each)) for each in stops[["from_lon", "from_lat"]].to_numpy()]
    ]
    keys = territory.od.transit.stop_keys
    name_of = {
        (station_key(keys.get(stop, stop)), line): stop
        for stop, line in stops[["from_stop", "line"]].to_numpy(str).tolist()
    }
    seen = zip(counted["station"].map(station_key), counted["line"], strict=True)
    found = counted.assign(station=[name_of.get(each, "") for each in seen])
    found = found[found["station"] != ""]
    return found.groupby(["station", "line"], as_index=False).agg({"boardings": "sum"})


@nb.njit
def earliest(connections, arrive, walks_start, walks_to, walks_min, boarded):
    """Scan connections in order of departure; `arrive` holds the first arrivals at stops."""
    for row in range(connections.shape[0]):
        trip, start, leaves, end, reaches = connections[row]
        if boarded[int(trip)] or arrive[int(start)] <= leaves:
            boarded[int(trip)] = True
            stop = int(end)
            if reaches + TRANSFER_MIN < arrive[stop]:
                arrive[stop] = reaches + TRANSFER_MIN
                for each in range(walks_start[stop], walks_start[stop + 1]):
                    there = walks_to[each]
                    arrive[there] = min(arrive[there], arrive[stop] + walks_min[each])


def timetable_table(territory: Territory, path: Path, day: dt.date) -> pd.DataFrame:
    """Return minutes from door to door by train and on foot, where both ends are near a station.

    Zones that stand for one point only: where the territory averages over many, a station near
    the middle says little.
    """
    gtfs = read_gtfs(path)
    parameters = resolve(day)
    per_km = parameters.detour_factor * 60.0 / parameters.walk_speed_kmh
    services = gtfs.services_on(day)
    trips = gtfs.trips[gtfs.trips["service_id"].isin(services)]["trip_id"]
    calls = gtfs.stop_times[gtfs.stop_times["trip_id"].isin(trips)]
    number = {name: place for place, name in enumerate(gtfs.stations["station"])}
    trip = calls["trip_id"].factorize()[0]
    stop = calls["station"].map(number).to_numpy()
    same = trip[1:] == trip[:-1]
    connections = np.column_stack(
        (trip[:-1], stop[:-1], calls["departure_min"].to_numpy()[:-1], stop[1:],
         calls["arrival_min"].to_numpy()[1:])
    ).astype(float)[same]  # fmt: skip
    connections = connections[np.argsort(connections[:, 2], kind="stable")]
    connections = connections[connections[:, 2] >= FIRST_MIN]
    place = gtfs.stations[["lat", "lon"]].to_numpy(float)
    between = crow_fly_km(place[:, None, 0], place[:, None, 1], place[:, 0], place[:, 1])
    near = (between <= WALK_BETWEEN_KM) & ~np.eye(len(place), dtype=bool)
    walks_start = np.concatenate(([0], np.cumsum(near.sum(axis=1))))
    walks_to = np.nonzero(near)[1]
    walks_min = per_km * between[near]

    def to_stations(zones: pd.DataFrame) -> np.ndarray:
        at = zones[["lat", "lon"]].to_numpy(float)
        km = crow_fly_km(at[:, None, 0], at[:, None, 1], place[:, 0], place[:, 1])
        km[km > WALK_TO_STATION_KM] = np.inf
        km[zones["area_type"].isin(["core", "inner"]).to_numpy()] = np.inf
        return per_km * km

    homes, works = to_stations(territory.communes), to_stations(territory.workplaces)
    pairs = territory.od.pairs.to_numpy(np.int64)
    pairs = pairs[np.isfinite(homes[pairs[:, 0]]).any(1) & np.isfinite(works[pairs[:, 1]]).any(1)]
    here, there = territory.communes.iloc[pairs[:, 0]], territory.workplaces.iloc[pairs[:, 1]]
    km = crow_fly_km(*(each[name].to_numpy() for each in (here, there) for name in ("lat", "lon")))
    codes = (here["code"].to_numpy(str) + there["code"].to_numpy(str)).tolist()
    order = np.argsort([zlib.crc32(each.encode()) for each in codes], kind="stable")
    apart = (km >= LEAST_KM) & _off_the_core(territory, here, there)
    chosen = np.sort([each for each in order if apart[each]][:MOST_PAIRS])
    minutes = np.zeros(len(chosen))
    starts = np.arange(FIRST_MIN, LAST_MIN)
    for home in np.unique(pairs[chosen, 0]):
        mine = pairs[chosen, 0] == home
        reached = np.empty((len(starts), mine.sum()))
        for row, start in enumerate(starts):
            arrive = start + homes[home] + MARGIN_MIN
            earliest(
                connections, arrive, walks_start, walks_to, walks_min,
                np.zeros(trip.max() + 1, dtype=bool),
            )  # fmt: skip
            there_min = arrive - TRANSFER_MIN + works[pairs[chosen[mine], 1]]
            reached[row] = there_min.min(axis=1)
        minutes[mine] = [_planned(each, starts) for each in reached.T]
    kept = 60.0 * km[chosen] / minutes >= LEAST_KMH
    table = pd.DataFrame(
        {
            "commune": here["code"].to_numpy(str)[chosen],
            "workplace": there["code"].to_numpy(str)[chosen],
            "minutes": minutes.round(1),
        }
    )
    return table[kept]


def _off_the_core(territory: Territory, here: pd.DataFrame, there: pd.DataFrame) -> np.ndarray:
    """Return which straight ways keep away from the points of all core zones."""
    places = territory.workplaces
    core = places[places["area_type"] == "core"][["lat", "lon"]].to_numpy(float)
    start, end = (each[["lat", "lon"]].to_numpy(float) for each in (here, there))
    away = np.ones(len(start), dtype=bool)
    for part in np.linspace(0.0, 1.0, 21):
        at = (1.0 - part) * start + part * end
        km = crow_fly_km(at[:, None, 0], at[:, None, 1], core[:, 0], core[:, 1])
        away &= (km > CORE_KM).all(axis=1)
    return away


def _planned(reached: np.ndarray, starts: np.ndarray) -> float:
    """Return the mean minutes of the journeys that leave home as late as their arrival allows."""
    _, last = np.unique(reached[::-1], return_index=True)
    return float((reached[::-1] - starts[::-1])[last].mean())


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("territory")
    for name in ("modes", "boardings", "gtfs"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--day", type=dt.date.fromisoformat, required=True)
    given = parser.parse_args()
    territory = load_territory(given.territory)
    for name, table in (
        ("modes", modes_table(territory, given.modes)),
        ("boardings", boardings_table(territory, given.boardings)),
        ("timetable", timetable_table(territory, given.gtfs, given.day)),
    ):
        path = territory.folder / FOLDER / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        replace_text(path, csv_of(table))
        print(f"{path}: {len(table):,} rows")


if __name__ == "__main__":
    main()
