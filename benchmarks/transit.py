"""Check public transport, as it is built, against what is known of the region.

``python -m benchmarks.transit INPUTS POINTS ZONES``: a folder with the public files, the points of
the zones (zone, lat, lon, weight) and the zones (code, area_type). It prints door-to-door minutes,
how the minutes between stops agree with the timetable's earliest arrivals, and how the riders of
the census agree with counted boardings.
"""

import datetime as dt
import sys
import time
import unicodedata
from pathlib import Path

import numba as nb
import numpy as np
import pandas as pd

from sim77.registry.parameters import ParameterSet, resolve
from sim77.territory.build.gtfs import Gtfs, read_gtfs
from sim77.territory.build.transit_legs import StopToStop, connect, transfer_walks
from sim77.territory.build.transit_network import (
    PEAK_MIN,
    Network,
    add_hops,
    crow_fly_km,
    network_of_gtfs,
    read_hops,
    stop_names,
)
from sim77.territory.build.transit_paths import Choices, build_transit, choose

DAY = dt.date(2017, 3, 14)
"""A Tuesday outside the school holidays."""
YEAR = dt.date(2014, 1, 1)
PLACES = {
    "Fontainebleau": "77186", "Torcy": "77468", "Meaux": "77284", "Melun": "77288",
    "Provins": "77379", "Brie-Comte-Robert": "77053", "Coulommiers": "77131",
}  # fmt: skip
TARGETS = (("Fontainebleau", "75112"), *((name, "75101") for name in PLACES))
MORNING, WORKING_DAY = "De 6h à 10h", "JOB"
AT_WORK_6_TO_10 = 0.55
"""Boardings from 6 to 10 of a working day by rider of the census."""
CAR_AT_HAND = {
    "core": "car_available_urban_core", "inner": "car_available_urban_core",
    "outer-urban": "car_available_suburb", "outer-rural": "car_available_rural",
}  # fmt: skip
STEP_MIN = 10
"""Between the departures of which earliest arrivals are the mean."""
NEAR_KM = 4.0
"""Stations farther from every point serve residents of other regions, who are not in the flows."""
LONGEST_MIN = 90.0
"""Journeys between stops that are compared: few commute for longer."""


def door_to_door_min(pairs: pd.DataFrame) -> pd.Series:
    """Return the physical minutes of each row."""
    parts = ("walk_min", "bicycle_min", "bus_min", "bus_wait_min", "car_min", "wait_min", "ivt_min")
    return pairs[list(parts)].sum(axis=1)


# The timetable's earliest arrivals ------------------------------------------------------------


@nb.njit(cache=True)
def earliest(departure, arrival, start, end, trip, n_trips, first, to, walk, begin, origin):
    """Return the minutes from a stop to every other by connection scan, ``(n_stops,)``."""
    at = np.full(len(first) - 1, np.inf)
    ready = np.full(len(first) - 1, np.inf)
    aboard = np.zeros(n_trips, np.bool_)
    ready[origin] = begin
    for k in range(len(departure)):
        if departure[k] < begin:
            continue
        if aboard[trip[k]] or ready[start[k]] <= departure[k]:
            aboard[trip[k]] = True
            if arrival[k] < at[end[k]]:
                at[end[k]] = arrival[k]
                for each in range(first[end[k]], first[end[k] + 1]):
                    ready[to[each]] = min(ready[to[each]], arrival[k] + walk[each])
    return at - begin


def against_timetable(
    gtfs: Gtfs, network: Network, between: StopToStop, p: ParameterSet
) -> tuple[float, float, int]:
    """Return correlation and mean difference with mean earliest arrivals, and the stop pairs."""
    stop_of, _ = stop_names(gtfs.stations)
    number = {name: n for n, name in enumerate(between.names)}
    running = gtfs.trips[gtfs.trips["service_id"].isin(gtfs.services_on(DAY))]
    calls = gtfs.stop_times[gtfs.stop_times["trip_id"].isin(running["trip_id"])]
    stop = calls["station"].map(stop_of).map(number)
    following = calls["trip_id"] == calls["trip_id"].shift(-1)
    table = pd.DataFrame(
        {
            "departure": calls["departure_min"], "arrival": calls["arrival_min"].shift(-1),
            "start": stop, "end": stop.shift(-1), "trip": calls["trip_id"].factorize()[0],
        }
    )[following].dropna()  # fmt: skip
    near = (table["departure"] >= PEAK_MIN[0]) & (table["departure"] < PEAK_MIN[1] + 240)
    table = table[near].sort_values(["departure", "arrival", "trip"])
    first, to, walk = transfer_walks(between.lat, between.lon, p)
    columns = (
        table["departure"].to_numpy(), table["arrival"].to_numpy(),
        table["start"].to_numpy(np.int64), table["end"].to_numpy(np.int64),
        table["trip"].to_numpy(np.int64), int(table["trip"].max()) + 1, first, to, walk,
    )  # fmt: skip
    begins = np.arange(PEAK_MIN[0], PEAK_MIN[1], STEP_MIN)
    mean = np.stack(
        [
            np.mean([earliest(*columns, begin, origin) for begin in begins], axis=0)
            for origin in range(len(between.names))
        ]
    )
    ways = between.ways
    built = ways.wait_min + ways.ivt_min + ways.walk_min
    both = np.isfinite(mean) & np.isfinite(ways.cost)
    both &= mean <= LONGEST_MIN
    return (
        float(np.corrcoef(built[both], mean[both])[0, 1]),
        float((built[both] - mean[both]).mean()),
        int(both.sum()),
    )


# Counts ---------------------------------------------------------------------------------------


@nb.njit(cache=True)
def boardings(riders, picks, last_leg, before, legs, stops, n_lines):
    """Return boardings by line and stop, transfers too, of riders by row, ``(lines, stops)``."""
    found = np.zeros((n_lines, len(last_leg)))
    for row in range(len(riders)):
        total = picks.share[row].sum()
        for k in range(picks.share.shape[1]):
            if picks.share[row, k] <= 0.0:
                continue
            part = riders[row] * picks.share[row, k] / total
            origin, stop = picks.board[row, k], picks.alight[row, k]
            while stop >= 0:
                leg = last_leg[origin, stop]
                for each in range(legs.option_first[leg], legs.option_first[leg + 1]):
                    found[legs.line[each], stops[legs.board[each]]] += part * legs.part[each]
                stop = before[origin, legs.from_stop[leg]]
    return found


def public_transport_riders(inputs: Path, areas: pd.Series) -> pd.DataFrame:
    """Return riders by commune and workplace.

    Where the census file does not tell modes, the share of public transport is that of the same
    area of origin and département of work.
    """
    keys = ["origin", "destination"]
    modes = pd.read_parquet(inputs / "od_modes_2014.parquet").astype(dict.fromkeys(keys, str))
    every = pd.read_parquet(inputs / "od_2014.parquet").astype(dict.fromkeys(keys, str))
    every = every[every["at_home"] == 0].groupby(keys, as_index=False).agg({"workers": "sum"})
    riders = modes[modes["mode"] == "TC"].groupby(keys)["workers"].sum()
    every["riders"] = pd.MultiIndex.from_frame(every[keys]).map(riders.to_dict())
    known = every["origin"].isin(modes["origin"])
    every["riders"] = every["riders"].fillna(0.0)
    group = [every["origin"].map(areas), every["destination"].str[:2]]
    sums = every[known].groupby([each[known] for each in group])[["riders", "workers"]].sum()
    share = (sums["riders"] / sums["workers"]).rename("share")
    of_row = pd.MultiIndex.from_arrays(group).map(share.to_dict())
    every.loc[~known, "riders"] = (every["workers"] * np.asarray(of_row))[~known]
    return (
        every.fillna({"riders": 0.0})
        .rename(columns={"origin": "commune", "destination": "workplace"})
        .sort_values(["commune", "workplace"], ignore_index=True)
    )


def plain(name: str) -> str:
    """Return the letters and digits of a station's name."""
    folded = unicodedata.normalize("NFKD", name.upper()).encode("ascii", "ignore").decode()
    words = "".join(each if each.isalnum() else " " for each in folded).split()
    return "".join({"ST": "SAINT", "STE": "SAINTE"}.get(word, word) for word in words)


def against_counts(
    inputs: Path, chosen: Choices, riders: np.ndarray, lines: tuple[str, ...]
) -> pd.DataFrame:
    """Return modelled and counted boardings by station and line."""
    between = chosen.between
    found = boardings(
        riders, chosen.picks, between.ways.last_leg, between.ways.before, between.legs,
        between.calls.stop, len(lines),
    )  # fmt: skip
    line, stop = np.nonzero(found)
    built = (
        pd.DataFrame(
            {
                "line": np.array(lines)[line],
                "name": [plain(between.names[each]) for each in stop],
                "built": found[line, stop],
            }
        )
        .groupby(["line", "name"], as_index=False)
        .agg({"built": "sum"})
    )
    counts = pd.read_csv(inputs / "boardings_2014_2019.csv")
    counts = counts[(counts["day_type"] == WORKING_DAY) & (counts["time_band"] == MORNING)]
    counts["name"] = counts["station"].map(plain)
    counts = counts.groupby(["line", "name"], as_index=False).agg({"boardings": "sum"})
    merged = counts.merge(built, on=["line", "name"], how="left", indicator=True)
    return merged[merged["boardings"] > 0]


def within(network: Network, points: pd.DataFrame) -> set[str]:
    """Return the stations that residents live around, by their plain names."""
    lat, lon = points["lat"].to_numpy(), points["lon"].to_numpy()
    return {
        plain(name)
        for name, (stop_lat, stop_lon) in network.stops.items()
        if crow_fly_km(np.array(stop_lat), np.array(stop_lon), lat, lon).min() < NEAR_KM
    }


def main(inputs: Path, points_file: Path, zones_file: Path) -> None:
    """Print the checks."""
    p = resolve(YEAR)
    gtfs = read_gtfs(next(inputs.glob("gtfs-*.zip")))
    trains = network_of_gtfs(gtfs, DAY)
    r, difference, n = against_timetable(gtfs, trains, connect(trains, p), p)
    print(f"earliest arrivals: r {r:.3f}, mean difference {difference:+.1f} min, {n:,} stop pairs")
    network = add_hops(trains, read_hops(inputs / "metro_edges_2026.csv"), "metro")
    points = pd.read_csv(points_file, dtype={"zone": str})
    areas = pd.read_csv(zones_file, dtype={"code": str}).set_index("code")["area_type"]
    riders = public_transport_riders(inputs, areas)
    chosen = choose(points, riders, areas, network, p)
    pairs = chosen.pairs.assign(minutes=door_to_door_min(chosen.pairs))
    row = {
        pair: n for n, pair in enumerate(zip(riders["commune"], riders["workplace"], strict=True))
    }
    told = []
    for name, work in TARGETS:
        at = row[PLACES[name], work]
        each = pairs.iloc[2 * at : 2 * at + 2].assign(place=name, work=work, car=[0, 1])
        told.append(each)
    columns = ["place", "work", "car", "minutes", *chosen.pairs.columns]
    print(pd.concat(told)[columns].round(2).to_string(index=False))
    car = riders["commune"].map(areas).map(CAR_AT_HAND).map(p).to_numpy(dtype=float)
    by_row = (riders["riders"].to_numpy()[:, None] * np.stack([1 - car, car], axis=1)).ravel()
    rail = by_row * chosen.pairs["rail_share"].to_numpy()
    print(f"riders {by_row.sum():,.0f}, of whom by rail {rail.sum():,.0f}")
    merged = against_counts(inputs, chosen, AT_WORK_6_TO_10 * rail, chosen.between.lines)
    told_by_both = merged["_merge"] == "both"
    unmatched = merged.loc[~told_by_both, "boardings"].sum()
    print(f"counted boardings {merged['boardings'].sum():,}, of whom without a name: {unmatched:,}")
    both = merged[told_by_both & merged["name"].isin(within(network, points))]
    station = both.groupby("name")[["boardings", "built"]].sum()
    inner = station.index.isin(within(network, points[points["zone"].str[:2] == "77"]))
    for what, rows in (("region", station), ("Seine-et-Marne", station[inner])):
        r = float(np.corrcoef(np.log(rows.clip(lower=1).to_numpy().T))[0, 1])
        print(f"by station, {what}: log correlation {r:.3f} ({len(rows)} stations)")
    sums = both.groupby("line")[["boardings", "built"]].sum()
    print(sums.assign(ratio=sums["built"] / sums["boardings"]).round(2).to_string())
    started = time.perf_counter()
    build_transit(points, riders, areas, network, p)
    print(f"built in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main(*(Path(each) for each in sys.argv[1:4]))
