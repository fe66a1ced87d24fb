"""What can be read off a territory's supply, to be compared with a figure or a table observed.

The subject of a row (``of``) has parts, joined by ``/``, as each measure says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim77.analysis.modes.fit import by_answer, held_out, pair_numbers, sums_by
from sim77.analysis.modes.morning import Morning
from sim77.analysis.modes.other_riders import counted_boardings
from sim77.core.errors import TerritoryError, nearest
from sim77.core.geography import crow_fly_km
from sim77.core.units import AREA_TYPES, MODES, OCCUPATION_GROUPS, Mode
from sim77.engine.population.flows import GROUP_OF_CSP
from sim77.territory.observed import ANSWERS, Observed

PERCENT = 100.0
ALL, MEAN = "all", "mean"
COMMUNES = ("fitted", "left_out")


@dataclass(frozen=True)
class Asked:
    """What a measure is asked for.

    Attributes
    ----------
    morning : Morning
    observed : Observed
    parts : tuple of str
        Of the subject.
    """

    morning: Morning
    observed: Observed
    parts: tuple[str, ...]

    def pick(self, place: int, what: str, known: list[str] | tuple[str, ...]) -> int:
        """Return which of the known names a part is."""
        name, names = self.parts[place], list(known)
        if name not in names:
            raise TerritoryError(
                f"published.csv asks for the {what} '{name}', which "
                f"'{self.morning.territory.name}' does not have.{nearest(name, names)}"
            )
        return names.index(name)

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of observations that the measure needs."""
        table: pd.DataFrame = getattr(self.observed, name)
        if table.empty:
            raise TerritoryError(f"published.csv needs {name}.csv, which is missing or empty.")
        return table

    def pair(self, home: str, work: str) -> int:
        """Return the number of a pair of home and workplace."""
        number = pair_numbers(self.morning.territory).get((home, work))
        if number is None:
            raise TerritoryError(
                f"published.csv asks for the journey from '{home}' to '{work}', which nobody of "
                f"'{self.morning.territory.name}' makes."
            )
        return int(number)


# Modes and flows ---------------------------------------------------------------------------


def mode_error(asked: Asked) -> float:
    """Return the mean absolute error of a mode's share by commune, weighted by workers, in points.

    Of the communes of a fit, or of the third that it leaves out.
    """
    left_out = asked.pick(0, "communes", COMMUNES) == COMMUNES.index("left_out")
    answer = asked.pick(1, "mode", ANSWERS)
    counted, morning = asked.table("modes"), asked.morning
    table = counted[held_out(counted["commune"]) == left_out]
    at = pd.Index(morning.territory.communes["code"]).get_indexer(table["commune"])
    if (at < 0).any():
        raise TerritoryError(
            f"modes.csv has the commune '{table['commune'][at < 0].iloc[0]}', in which nobody of "
            f"'{morning.territory.name}' lives."
        )
    home = morning.territory.od.pairs["commune"].to_numpy(np.int64)
    of_modes = sums_by(home, morning.travellers.sum(axis=0), len(morning.territory.communes))
    seen, found = table[list(ANSWERS)].to_numpy(float), by_answer(of_modes)[at]
    workers = seen.sum(axis=1)
    used = (workers > 0) & (found.sum(axis=1) > 0)
    share, model = (each[used, answer] / each[used].sum(axis=1) for each in (seen, found))
    return PERCENT * float(np.average(np.abs(model - share), weights=workers[used]))


def _in_scope(asked: Asked) -> np.ndarray:
    """Return the workers of each flow, those who work outside a scope left out."""
    territory = asked.morning.territory
    asked.pick(0, "scope", territory.workplace_zones)
    zone = territory.workplaces["zone"].to_numpy(str)[territory.flows["workplace"]]
    return np.where(zone == asked.parts[0], territory.flows["workers"], 0)


def flow(asked: Asked) -> float:
    """Return the workers of a scope."""
    return float(_in_scope(asked).sum())


def flow_share(asked: Asked) -> float:
    """Return the percentage of workers who work in a scope."""
    return PERCENT * flow(asked) / float(asked.morning.territory.flows["workers"].sum())


def own_commune_share(asked: Asked) -> float:
    """Return the percentage of workers who work in the commune where they live."""
    flows = asked.morning.territory.flows
    own = flows["commune_code"].astype(str) == flows["workplace_code"].astype(str)
    return PERCENT * float(flows["workers"][own].sum() / flows["workers"].sum())


# Distances ---------------------------------------------------------------------------------


def _of_group(asked: Asked, flows: pd.DataFrame) -> np.ndarray:
    """Return the workers of an occupation group, or of all, by row of the flows."""
    workers = flows["workers"].to_numpy(float)
    if asked.parts[0] == ALL:
        return workers
    asked.pick(0, "occupation group", (*OCCUPATION_GROUPS, ALL))
    group = flows["csp"].map(GROUP_OF_CSP).to_numpy(str)
    return np.where(group == asked.parts[0], workers, 0.0)


def _statistic(asked: Asked, km: np.ndarray, workers: np.ndarray) -> float:
    """Return the mean or a quantile of a distance, by row of the flows."""
    if asked.parts[1] == MEAN:
        return float(np.average(km, weights=workers))
    try:
        level = float(asked.parts[1])
    except ValueError:
        level = np.nan
    if not 0.0 < level < 1.0:
        raise TerritoryError(
            f"published.csv asks for '{asked.parts[1]}' of a distance; expected '{MEAN}' or a "
            "share like 0.5 for the median."
        )
    order = np.argsort(km, kind="stable")
    total = np.cumsum(workers[order])
    return float(km[order][np.searchsorted(total, level * total[-1])])


def crow_fly_distance(asked: Asked) -> float:
    """Return crow-fly kilometres between the points of home and workplace, 0 within a commune."""
    territory, flows = asked.morning.territory, asked.morning.territory.flows
    here = territory.communes.iloc[flows["commune"].to_numpy()]
    there = territory.workplaces.iloc[flows["workplace"].to_numpy()]
    km = crow_fly_km(*(each[name].to_numpy() for each in (here, there) for name in ("lat", "lon")))
    own = here["code"].to_numpy(str) == there["code"].to_numpy(str)
    return _statistic(asked, np.where(own, 0.0, km), _of_group(asked, flows))


def road_distance(asked: Asked) -> float:
    """Return kilometres by road of those who do not work at home."""
    km, flows = _by_road(asked)
    return _statistic(asked, km, _of_group(asked, flows))


def road_distance_from(asked: Asked) -> float:
    """Return the same of those who live in a département."""
    km, flows = _by_road(asked)
    home = asked.morning.territory.communes["department"].astype(str)
    asked.pick(0, "département", sorted(set(home)))
    here = home.to_numpy()[flows["commune"].to_numpy()] == asked.parts[0]
    return _statistic(asked, km, np.where(here, flows["workers"], 0.0))


def _by_road(asked: Asked) -> tuple[np.ndarray, pd.DataFrame]:
    """Return kilometres by road, and the flows of those who do not work at home."""
    territory = asked.morning.territory
    flows = territory.flows[~territory.flows["at_home"] & (territory.flows["workers"] > 0)]
    number = pair_numbers(territory)
    keys = pd.MultiIndex.from_frame(flows[["commune_code", "workplace_code"]].astype(str))
    km = territory.od.road.pairs["km"].to_numpy(float)[number.reindex(keys).to_numpy(np.int64)]
    return km, flows


# Boardings ---------------------------------------------------------------------------------


def _by_station(asked: Asked) -> pd.DataFrame:
    counted = counted_boardings(asked.morning, asked.table("boardings"))
    return counted.groupby("station")[["boardings", "model"]].sum()


def boardings_correlation(asked: Asked) -> float:
    """Return the correlation of the logarithms of boardings by station, those without left out."""
    table = _by_station(asked)
    table = table[(table > 0).all(axis=1)]
    return float(np.corrcoef(np.log(table["boardings"]), np.log(table["model"]))[0, 1])


def boardings_ratio(asked: Asked) -> float:
    """Return all boardings that the territory says over those counted."""
    table = _by_station(asked)
    return float(table["model"].sum() / table["boardings"].sum())


# Times -------------------------------------------------------------------------------------


def _timetable(asked: Asked) -> tuple[np.ndarray, np.ndarray]:
    """Return minutes by the timetable, and those of the territory without a car at hand."""
    table = asked.table("timetable")
    pairs = [asked.pair(*each) for each in table[["commune", "workplace"]].to_numpy(str).tolist()]
    return table["minutes"].to_numpy(float), asked.morning.minutes[0, pairs, Mode.PUBLIC_TRANSPORT]


def timetable_correlation(asked: Asked) -> float:
    """Return the correlation of door-to-door minutes with earliest arrivals of the timetable."""
    return float(np.corrcoef(*_timetable(asked))[0, 1])


def timetable_difference(asked: Asked) -> float:
    """Return how many minutes the territory says more than the earliest arrivals, on average."""
    seen, model = _timetable(asked)
    return float((model - seen).mean())


def door_to_door(asked: Asked) -> float:
    """Return the mean minutes, one way, of those who go from a commune to another by a mode."""
    home, work, _ = asked.parts
    pair, mode = asked.pair(home, work), asked.pick(2, "mode", MODES)
    travellers = asked.morning.travellers[:, pair, mode]
    return float(np.average(asked.morning.minutes[:, pair, mode], weights=travellers))


def ride(asked: Asked) -> float:
    """Return the fewest minutes on board from a station of a line to another."""
    segments = asked.morning.territory.od.transit.segments
    asked.pick(0, "line", sorted(set(segments["line"].astype(str))))
    mine = segments[segments["line"] == asked.parts[0]]
    stops = sorted({*mine["from_stop"].astype(str), *mine["to_stop"].astype(str)})
    first, last = (asked.pick(place, "station", stops) for place in (1, 2))
    best = np.full(len(stops), np.inf)
    best[first] = 0.0
    start, end = (
        mine[each].astype(str).map(stops.index).to_numpy(np.int64)
        for each in ("from_stop", "to_stop")
    )
    for _ in stops:  # a shortest way passes each stop once at most
        np.minimum.at(best, end, best[start] + mine["minutes"].to_numpy(float))
    return float(best[last])


# Roads -------------------------------------------------------------------------------------


def _road(asked: Asked) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the sections of a road, and their minutes in the peak hour over free flow."""
    sections = asked.morning.territory.od.road.sections
    asked.pick(0, "road", sorted(set(sections["road"].astype(str))))
    mine = (sections["road"] == asked.parts[0]).to_numpy()
    return sections[mine], asked.morning.ratio[mine]


def road_ratio(asked: Asked) -> float:
    """Return minutes in the peak hour over free flow on a road, weighted by vehicles."""
    sections, ratio = _road(asked)
    driven = sections["base_vehicles"] * sections["free_flow_min"]
    return float((driven * ratio).sum() / driven.sum())


def road_speed(asked: Asked) -> float:
    """Return kilometres an hour on a road in the peak hour, weighted by vehicles."""
    sections, ratio = _road(asked)
    vehicles = sections["base_vehicles"]
    minutes = (vehicles * sections["free_flow_min"] * ratio).sum()
    return 60.0 * float((vehicles * sections["km"]).sum() / minutes)


def drive_ratio(asked: Asked) -> float:
    """Return minutes in the peak hour over free flow of those who drive from an area to a scope."""
    morning, territory = asked.morning, asked.morning.territory
    pairs, road = territory.od.pairs, territory.od.road
    asked.pick(0, "area type", AREA_TYPES)
    asked.pick(1, "scope", territory.workplace_zones)
    mine = territory.communes["area_type"].to_numpy(str)[pairs["commune"]] == asked.parts[0]
    mine = mine & (territory.workplaces["zone"].to_numpy(str)[pairs["workplace"]] == asked.parts[1])
    free = road.pairs["free_flow_min"].to_numpy(float)
    peak = free + road.paths @ (morning.ratio - 1.0)
    drivers = np.where(mine, morning.travellers[:, :, Mode.CAR].sum(axis=0), 0.0)
    return float((peak @ drivers) / (free @ drivers))


def drive_delay(asked: Asked) -> float:
    """Return the minutes that traffic adds to a drive in the peak hour, one way."""
    pair = asked.pair(*asked.parts)
    return float((asked.morning.territory.od.road.paths[[pair]] @ (asked.morning.ratio - 1.0))[0])


# Trains ------------------------------------------------------------------------------------


def riders_per_seat(asked: Asked) -> float:
    """Return riders in the peak hour over seats, where a line has most, or leaving a station."""
    return _load(asked, "seats_per_train")


def riders_per_place(asked: Asked) -> float:
    """Return riders in the peak hour over all places, standing ones included, likewise."""
    return _load(asked, "places_per_train")


def _load(asked: Asked, column: str) -> float:
    transit = asked.morning.territory.od.transit
    segments, lines = transit.segments, transit.lines
    asked.pick(0, "line", list(lines["line"].astype(str)))
    mine = (segments["line"] == asked.parts[0]).to_numpy()
    if asked.parts[1] != ALL:
        asked.pick(1, "station", [*sorted(set(segments["from_stop"][mine].astype(str))), ALL])
        mine = mine & (segments["from_stop"] == asked.parts[1]).to_numpy()
    size = float(lines.set_index("line")[column][asked.parts[0]])
    offered = segments["trains_per_hour"].to_numpy(float)[mine] * size
    return float((asked.morning.loads.riders[mine] / offered).max())


@dataclass(frozen=True)
class Measure:
    """How a figure is found.

    Attributes
    ----------
    find : callable
    parts : tuple of str
        What the parts of the subject are.
    unit : str
        Of the figure; its words are those of the report.
    """

    find: Callable[[Asked], float]
    parts: tuple[str, ...]
    unit: str


_JOURNEY = ("commune", "workplace")
MEASURES: Mapping[str, Measure] = {
    each.find.__name__: each
    for each in (
        Measure(mode_error, ("communes", "answer"), "points"),
        Measure(flow, ("scope",), "workers"),
        Measure(flow_share, ("scope",), "percent"),
        Measure(own_commune_share, (), "percent"),
        Measure(crow_fly_distance, ("group", "statistic"), "km"),
        Measure(road_distance, ("group", "statistic"), "km"),
        Measure(road_distance_from, ("department", "statistic"), "km"),
        Measure(boardings_correlation, (), "number"),
        Measure(boardings_ratio, (), "number"),
        Measure(timetable_correlation, (), "number"),
        Measure(timetable_difference, (), "minutes"),
        Measure(door_to_door, (*_JOURNEY, "mode"), "minutes"),
        Measure(ride, ("line", "station", "station"), "minutes"),
        Measure(road_ratio, ("road",), "number"),
        Measure(road_speed, ("road",), "km_per_hour"),
        Measure(drive_ratio, ("area", "scope"), "number"),
        Measure(drive_delay, _JOURNEY, "minutes"),
        Measure(riders_per_seat, ("line", "stop_or_all"), "number"),
        Measure(riders_per_place, ("line", "stop_or_all"), "number"),
    )
}
LINE, STATION = "line_boardings", "station_boardings"
"""The measures of the rows that are made from ``boardings.csv``."""
