"""Trains, roads, journeys to the office and the access leg to a centre, in dictionaries and loops.

Written from ``docs/supply.md`` and ``docs/conventions.md`` for clarity and never for speed; nothing
of the engine is used. A *segment* of the railway and a *section* of road are numbered as in their
tables. Minutes are one way.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

EARTH_RADIUS_KM = 6371.0088
RAIL, CAR, BICYCLE, WALK = 0, 1, 2, 3
MODE_NAMES = {RAIL: "public-transport", CAR: "car", BICYCLE: "bicycle", WALK: "walk"}

# A worker, the mode, and the persons that the worker stands for.
Travellers = Iterable[tuple[Any, int, float]]


def crow_fly_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle kilometres by the haversine formula."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_dphi = (phi2 - phi1) / 2
    half_dlambda = math.radians(lon2 - lon1) / 2
    h = math.sin(half_dphi) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_dlambda) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(h))


def resident_km(commune: Any, point: Any) -> float:
    """Crow-fly kilometres from a commune's residents, who live all around its point."""
    distance_km = crow_fly_km(commune.lat, commune.lon, point.lat, point.lon)
    radius_km = math.sqrt(commune.area_km2 / math.pi)
    return math.sqrt(distance_km**2 + (radius_km / 2) ** 2)


def km_between(here: Any, there: Any) -> float:
    return crow_fly_km(here.lat, here.lon, there.lat, there.lon)


def joined(rows: list[Any], same_place_km: float) -> list[list[Any]]:
    """Group sites: the two nearest groups join while all of theirs are near."""
    apart = np.full((len(rows), len(rows)), np.inf)
    for i, here in enumerate(rows):
        for j in range(i):
            apart[i, j] = apart[j, i] = km_between(here, rows[j])
    groups = {i: [row] for i, row in enumerate(rows)}
    while apart.min(initial=np.inf) <= same_place_km:
        i, j = divmod(int(apart.argmin()), len(rows))
        groups[i] += groups.pop(j)
        apart[i] = apart[:, i] = np.maximum(apart[i], apart[j])
        apart[j] = apart[:, j] = np.inf
    return list(groups.values())


def places(sites: pd.DataFrame, n_known: int, same_place_km: float) -> dict[str, str]:
    """Name the place of each site: known ones join, new ones near one go to it, the others join."""
    rows = sorted(sites.itertuples(), key=lambda row: row.telecentre_id)
    known = [row for row in rows if row.Index < n_known]
    groups, others = joined(known, same_place_km), []
    for row in rows:
        if row.Index < n_known:
            continue
        near = min(known, key=lambda each: km_between(row, each), default=None)
        if near is not None and km_between(row, near) <= same_place_km:
            next(group for group in groups if near in group).append(row)
        else:
            others.append(row)
    groups += joined(others, same_place_km)
    named: Counter[str] = Counter()
    found = {}
    for group in sorted(groups, key=lambda group: min(row.Index for row in group)):
        code = min(group, key=lambda row: row.Index).commune_code
        name = f"{code}-{named[code]}" if named[code] else code
        named[code] += 1
        found |= {row.telecentre_id: name for row in group}
    return found


@dataclass(frozen=True)
class Way:
    """The access leg to a centre, one way."""

    mode: str
    minutes: float
    perceived_min: float
    eur: float


def walk(km: float, p: Any) -> Way:
    minutes = 60 * p.detour_factor * km / p.walk_speed_kmh
    return Way("walk", minutes, minutes * p.multiplier_walk, 0.0)


def take_bus(km: float, p: Any) -> Way:
    ride_min = 60 * p.detour_factor * km / p.bus_speed_kmh
    perceived_min = p.bus_wait_min * p.multiplier_wait + ride_min * p.multiplier_access_bus
    return Way("bus", ride_min + p.bus_wait_min, perceived_min, 0.0)


def ways_to_centre(km: float, car_available: bool, p: Any) -> list[Way]:
    """Every way that somebody has to a centre."""
    road_km = p.detour_factor * km
    cycling_min = p.bicycle_extra_min + 60 * road_km / p.bicycle_speed_kmh
    bus = take_bus(km, p)
    ways = [
        walk(km, p),
        Way("bicycle", cycling_min, cycling_min * p.multiplier_bicycle, 0.0),
        Way(
            "bus",
            bus.minutes + p.bus_stop_walk_min,
            bus.perceived_min + p.bus_stop_walk_min * p.multiplier_walk,
            0.0,
        ),
    ]
    if car_available:
        driving_min = p.access_car_extra_min + 60 * road_km / p.centre_car_speed_kmh
        eur = road_km * p.car_cost_eur_per_km
        ways.append(Way("car", driving_min, driving_min * p.multiplier_access_car, eur))
    return ways


def worth_of_way(way: Way, p: Any) -> float:
    """Return the utility of a way to a centre, one way, before theta."""
    felt_min = p.multiplier_access_telecentre * way.perceived_min
    return float(p.beta_time_per_min * felt_min + p.beta_cost_per_eur * way.eur)


def crowding_multiplier(load_per_train: float, seats: float, places: float, p: Any) -> float:
    """Mean multiplier on in-vehicle minutes over the seated and the standing."""
    if load_per_train <= seats:
        return 1.0
    standing = load_per_train - seats
    density = standing / (places - seats)
    for_seated = min(1 + p.crowding_seated_slope * density, p.crowding_seated_cap)
    for_standing = p.crowding_standing_base + p.crowding_standing_slope * density
    for_standing = min(for_standing, p.crowding_standing_cap)
    return (seats * for_seated + standing * for_standing) / load_per_train


@dataclass(frozen=True)
class Journey:
    """From a home to a workplace, one way, with or without a car at hand.

    Attributes
    ----------
    transit : dict
        The row of public transport: minutes, kilometres, transfers.
    waits : dict of str to float
        Minutes waited by line, under the timetable.
    rides : dict of int to float
        Probability of riding each segment.
    drive_min : dict of int to float
        Free-flow minutes on each section of road.
    """

    transit: dict[str, float]
    waits: dict[str, float]
    rides: dict[int, float]
    drive_min: dict[int, float]
    free_flow_min: float
    road_km: float
    direct_km: float
    toll: bool
    constants: dict[int, float]


@dataclass
class Segment:
    """A stretch of a line between two stops."""

    line: str
    minutes: float
    upstream: list[int]
    trains: float
    seats: float
    places: float


@dataclass(frozen=True)
class Section:
    """A section of road: its free flow, and the peak hour of the base year."""

    free_flow_min: float
    base_ratio: float
    base_vehicles: float
    exponent: float


class PlainNetwork:
    """Trains and roads as they are under one day's policies (without any strike)."""

    def __init__(
        self,
        territory: Any,
        day: dt.date,
        parameters: Any,
        trains_factor: dict[str, float] | None = None,
        capacity_factor: dict[str, float] | None = None,
    ) -> None:
        self.territory = territory
        self.p = parameters
        self.trains_factor = trains_factor or {}
        capacity = capacity_factor or {}
        transit, road = territory.od.transit, territory.od.road
        sizes = self.train_sizes(day)
        self.segments = {
            row.Index: Segment(
                row.line,
                float(row.minutes),
                [int(number) for number in row.upstream],
                float(row.trains_per_hour) * self.trains_factor.get(row.line, 1.0),
                sizes[row.line]["seats_per_train"] * capacity.get(row.line, 1.0),
                sizes[row.line]["places_per_train"] * capacity.get(row.line, 1.0),
            )
            for row in transit.segments.itertuples()
        }
        self.sections = {
            row.Index: Section(row.free_flow_min, row.base_ratio, row.base_vehicles, row.exponent)
            for row in road.sections.itertuples()
        }
        self.communes = list(territory.communes.itertuples(index=False))
        self.workplaces = list(territory.workplaces.itertuples(index=False))
        self.central = next(iter(territory.od.settings["scopes"]))
        self.pair_numbers = {
            (row.commune, row.workplace): row.Index for row in territory.od.pairs.itertuples()
        }
        self.coefficients = {
            (row.mode, row.term, *filter(None, (row.origin, row.destination, row.occupation))): (
                float(row.value)
            )
            for row in territory.od.mode_choice.itertuples()
        }
        self.journeys: dict[tuple[int, int, bool], Journey] = {}

    def train_sizes(self, day: dt.date) -> dict[str, dict[str, float]]:
        """Return seats and places by line, with the dated facts that hold in every scenario."""
        sizes = {
            row.line: {
                "seats_per_train": float(row.seats_per_train),
                "places_per_train": float(row.places_per_train),
            }
            for row in self.territory.od.transit.lines.itertuples()
        }
        for change in sorted(self.territory.rail_changes.itertuples(), key=lambda row: row.date):
            if dt.date.fromisoformat(change.date) <= day:
                sizes[change.line][change.field] = float(change.value)
        return sizes

    # ---- journeys ------------------------------------------------------------------------

    def journey(self, home: int, work: int, car_at_hand: bool) -> Journey:
        """Return the journey between two rows of the tables of communes and workplaces."""
        key = home, work, car_at_hand
        if key not in self.journeys:
            self.journeys[key] = self.read_journey(home, work, car_at_hand)
        return self.journeys[key]

    def read_journey(self, home: int, work: int, car_at_hand: bool) -> Journey:
        transit, road = self.territory.od.transit, self.territory.od.road
        pair = self.pair_numbers[home, work]
        row = 2 * pair + car_at_hand
        here, there = self.communes[home], self.workplaces[work]
        lines = list(transit.lines.line)
        homes_in_centre = {place.code for place in self.workplaces if place.zone == self.central}
        return Journey(
            transit={name: float(value) for name, value in transit.pairs.iloc[row].items()},
            waits={lines[n]: minutes for n, minutes in entries(transit.waits, row).items()},
            rides=entries(transit.paths, row),
            drive_min=entries(road.paths, pair),
            free_flow_min=float(road.pairs.free_flow_min[pair]),
            road_km=float(road.pairs.km[pair]),
            direct_km=self.direct_km(here, there),
            toll=there.zone == self.central and here.code not in homes_in_centre,
            constants=self.constants(here, there),
        )

    def direct_km(self, here: Any, there: Any) -> float:
        if here.code == there.code:
            km = math.sqrt(here.area_km2 / math.pi) / 2
        else:
            km = crow_fly_km(here.lat, here.lon, there.lat, there.lon)
        return self.p.detour_factor * km

    def fitted(self, mode: int, term: str, *where: str) -> float:
        """Return a fitted coefficient of a mode, 0 where the table has none."""
        return self.coefficients.get((MODE_NAMES[mode], term, *where), 0.0)

    def constants(self, here: Any, there: Any) -> dict[int, float]:
        """Return what a mode is worth besides its times, by places; occupation apart."""
        return {
            mode: self.fitted(mode, "area", here.area_type, there.area_type)
            + self.fitted(mode, "density_home") * log_density(here.population, here.area_km2)
            + self.fitted(mode, "density_work") * log_density(there.jobs, there.area_km2)
            for mode in MODE_NAMES
        }

    # ---- loads and times -----------------------------------------------------------------

    def start(self) -> tuple[dict[int, float], dict[int, float]]:
        ratios = {number: section.base_ratio for number, section in self.sections.items()}
        return dict.fromkeys(self.segments, 0.0), ratios

    def simulated(self, travellers: Travellers) -> tuple[dict[int, float], dict[int, float]]:
        """Return who wants each segment, and the vehicles on each section, in the peak hour."""
        p = self.p
        riders = dict.fromkeys(self.segments, 0.0)
        vehicles = dict.fromkeys(self.sections, 0.0)
        for worker, mode, persons in travellers:
            if mode == RAIL:
                for number, share in worker.journey.rides.items():
                    riders[number] += p.share_peak_hour * share * persons
            elif mode == CAR:
                for number, minutes in worker.journey.drive_min.items():
                    share = minutes / self.sections[number].free_flow_min
                    vehicles[number] += p.share_peak_hour_road / p.car_occupancy * share * persons
        return riders, vehicles

    def base_loads(self, kind: str) -> dict[int, float]:
        table = self.territory.od.base_loads
        return {int(row.number): row.load for row in table.itertuples() if row.kind == kind}

    def missing(self, kind: str, simulated: dict[int, float]) -> dict[int, float]:
        base = self.base_loads(kind)
        return {n: max(0.0, base.get(n, 0.0) - load) for n, load in simulated.items()}

    def rail_background(self, simulated: dict[int, float]) -> dict[int, float]:
        return self.missing("segment", simulated)

    def road_background(self, simulated: dict[int, float]) -> dict[int, float]:
        return self.missing("section", simulated)

    def places_an_hour(self, number: int, share_trains: float) -> float:
        segment = self.segments[number]
        return segment.places * segment.trains * share_trains

    def carried(self, number: int, wanted: float, share_trains: float) -> float:
        return min(wanted, self.places_an_hour(number, share_trains))

    def full_wait_min(self, number: int, wanted: float, share_trains: float) -> float:
        """Minutes until a train has room, for who wants a segment."""
        return 30 * max(0.0, wanted / self.places_an_hour(number, share_trains) - 1)

    def added_wait_min(self, loads: dict[int, float], share_trains: float) -> dict[int, float]:
        """What each segment adds to the wait of those who come from further up the line."""
        wait = {n: self.full_wait_min(n, loads[n], share_trains) for n in self.segments}
        return {
            n: max(0.0, wait[n] - max((wait[before] for before in segment.upstream), default=0.0))
            for n, segment in self.segments.items()
        }

    def crowding(self, number: int, wanted: float, share_trains: float) -> float:
        """A rider's mean multiplier: part of them ride in the peak, the others off it."""
        p, segment = self.p, self.segments[number]
        trains = segment.trains * share_trains
        carried = self.carried(number, wanted, share_trains)
        in_peak, off_peak = (
            crowding_multiplier(riders / trains, segment.seats, segment.places, p)
            for riders in (carried, p.off_peak_load_ratio * carried)
        )
        return p.share_peak_hour * in_peak + (1 - p.share_peak_hour) * off_peak

    def perceived_min(self, loads: dict[int, float], share_trains: float) -> dict[int, float]:
        """Perceived minutes that each segment adds, given who wants it."""
        p = self.p
        queue = self.added_wait_min(loads, share_trains)
        return {
            n: segment.minutes * (self.crowding(n, loads[n], share_trains) - 1)
            + p.multiplier_wait * p.share_peak_hour * queue[n]
            for n, segment in self.segments.items()
        }

    def travel_time_ratios(self, vehicles: dict[int, float]) -> dict[int, float]:
        return {
            n: 1 + (road.base_ratio - 1) * (vehicles[n] / road.base_vehicles) ** road.exponent
            for n, road in self.sections.items()
        }

    @cached_property
    def off_peak_ratios(self) -> dict[int, float]:
        share = self.p.off_peak_volume_capacity / self.p.base_volume_capacity
        return self.travel_time_ratios(
            {n: share * road.base_vehicles for n, road in self.sections.items()}
        )


def entries(matrix: Any, row: int) -> dict[int, float]:
    """Return a row of a sparse table by column."""
    found = matrix[[row]]
    return dict(zip(map(int, found.indices), map(float, found.data), strict=True))


def log_density(number: float, area_km2: float) -> float:
    """Log of residents or jobs a square kilometre, in thousands."""
    return math.log(max(number / area_km2, 50) / 1000)


@dataclass
class Equilibrium:
    """The fixed point with everyone at the office: expected times and what other people load."""

    rail_min: dict[int, float]
    travel_time_ratio: dict[int, float]
    rail_load: dict[int, float]
    rail_background: dict[int, float]
    road_background: dict[int, float]


# Given expected times, the simulated riders by segment and vehicles by corridor.
Assignment = Callable[
    [dict[int, float], dict[int, float]], tuple[dict[int, float], dict[int, float]]
]


def settle(
    network: PlainNetwork, assign: Assignment, held: Equilibrium | None = None
) -> Equilibrium:
    """Iterate expected times to the fixed point; the background is found, or `held`."""
    rail_min, travel_time_ratio = network.start()
    for _ in range(20):
        riders, cars = assign(rail_min, travel_time_ratio)
        other_riders = held.rail_background if held else network.rail_background(riders)
        other_cars = held.road_background if held else network.road_background(cars)
        load = {name: riders[name] + other_riders[name] for name in riders}
        volume = {name: cars[name] + other_cars[name] for name in cars}
        today_rail = network.perceived_min(load, share_trains=1.0)
        today_road = network.travel_time_ratios(volume)
        for name in rail_min:
            rail_min[name] += 0.5 * (today_rail[name] - rail_min[name])
        for name in travel_time_ratio:
            travel_time_ratio[name] += 0.5 * (today_road[name] - travel_time_ratio[name])
    return Equilibrium(rail_min, travel_time_ratio, load, other_riders, other_cars)
