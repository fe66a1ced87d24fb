"""Journeys and networks of a built territory: four modes, by pair of home and workplace.

Written from ``docs/supply.md`` for clarity and never for speed; nothing of the engine is used. A
*segment* of the railway and a *section* of road are numbered as in their tables. Minutes are one
way.
"""

import datetime as dt
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from sim77.core.draws import Purpose

from .plain_model import Day, PlainModel
from .plain_network import (
    BICYCLE,
    CAR,
    RAIL,
    WALK,
    Travellers,
    crow_fly_km,
    crowding_multiplier,
)
from .plain_worker import Outlook, PlainWorker, uniform

MODE_NAMES = {RAIL: "public-transport", CAR: "car", BICYCLE: "bicycle", WALK: "walk"}
PHYSICAL_PARTS = (
    *("walk_min", "bicycle_min", "bus_min", "bus_wait_min", "car_min", "wait_min", "ivt_min"),
)


@dataclass(frozen=True)
class PairJourney:
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


class PairNetwork:
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
        lines = {row.line: row for row in transit.lines.itertuples()}
        self.segments = {
            row.Index: Segment(
                row.line,
                float(row.minutes),
                [int(number) for number in row.upstream],
                float(row.trains_per_hour) * self.trains_factor.get(row.line, 1.0),
                lines[row.line].seats_per_train * capacity.get(row.line, 1.0),
                lines[row.line].places_per_train * capacity.get(row.line, 1.0),
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
        self.journeys: dict[tuple[int, int, bool], PairJourney] = {}

    # ---- journeys ------------------------------------------------------------------------

    def journey(self, home: int, work: int, car_at_hand: bool) -> PairJourney:
        """Return the journey between two rows of the tables of communes and workplaces."""
        key = home, work, car_at_hand
        if key not in self.journeys:
            self.journeys[key] = self.read_journey(home, work, car_at_hand)
        return self.journeys[key]

    def read_journey(self, home: int, work: int, car_at_hand: bool) -> PairJourney:
        transit, road = self.territory.od.transit, self.territory.od.road
        pair = self.pair_numbers[home, work]
        row = 2 * pair + car_at_hand
        here, there = self.communes[home], self.workplaces[work]
        lines = list(transit.lines.line)
        homes_in_centre = {place.code for place in self.workplaces if place.zone == self.central}
        return PairJourney(
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
                    vehicles[number] += p.share_peak_hour / p.car_occupancy * share * persons
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


class PairWorker(PlainWorker):
    """A worker whose home and workplace are known, who may also cycle or walk."""

    def __init__(self, model: Any, row: Any, commune: Any) -> None:
        super().__init__(model, row, commune)
        self.home, self.work = int(row.commune), int(row.destination)
        self.journey: PairJourney

    def find_journeys(self) -> None:
        network = self.model.network
        self.journey = network.journey(self.home, self.work, self.car_available)
        self.of_occupation = {
            mode: network.fitted(mode, "occupation", self.group) for mode in MODE_NAMES
        }
        self.barred = self.is_barred()

    @property
    def may_drive(self) -> bool:
        return self.car_available and not self.barred

    def is_barred(self) -> bool:
        """Say whether a low-emission zone keeps this worker's car away from work."""
        model = self.model
        if model.state is None or model.network.workplaces[self.work].zone != model.network.central:
            return False
        return uniform(self.draw(Purpose.BARRED_CAR)[0]) < model.state.share_cars_barred

    @property
    def toll_eur(self) -> float:
        state = self.model.state
        return state.road_toll_eur if state is not None and self.journey.toll else 0.0

    def wait_min(self, wait_factor: float) -> float:
        """Minutes waited for trains: fewer trains of a line lengthen the wait for it."""
        factors = self.model.network.trains_factor
        waits = self.journey.waits.items()
        return sum(minutes / factors.get(line, 1.0) for line, minutes in waits) * wait_factor

    def delay_min(self, travel_time_ratio: dict[int, float]) -> float:
        drive = self.journey.drive_min.items()
        return sum(minutes * (travel_time_ratio[number] - 1) for number, minutes in drive)

    def public_transport_min(self, ride_min: dict[int, float], wait_factor: float) -> float:
        """Perceived minutes by public transport."""
        p, part = self.model.p, self.journey.transit
        return (
            p.multiplier_walk * part["walk_min"]
            + p.multiplier_bicycle * part["bicycle_min"]
            + p.multiplier_access_bus * part["bus_min"]
            + p.multiplier_access_car * part["car_min"]
            + p.multiplier_wait * (self.wait_min(wait_factor) + part["bus_wait_min"])
            + part["ivt_min"]
            + p.transfer_penalty_min * part["transfers"]
            - part["choice_min"]
            + sum(share * ride_min[number] for number, share in self.journey.rides.items())
        )

    def utilities(
        self, ride_min: dict[int, float], travel_time_ratio: dict[int, float], wait_factor: float
    ) -> dict[int, float]:
        p, journey = self.model.p, self.journey
        car_min = journey.free_flow_min + p.parking_min + self.delay_min(travel_time_ratio)
        perceived_min = {
            RAIL: self.public_transport_min(ride_min, wait_factor),
            CAR: p.multiplier_car * car_min,
            BICYCLE: p.multiplier_bicycle * 60 * journey.direct_km / p.bicycle_speed_kmh,
            WALK: p.multiplier_walk * 60 * journey.direct_km / p.walk_speed_kmh,
        }
        day_eur = {
            RAIL: 2 * p.car_cost_eur_per_km * journey.transit["car_km"],
            CAR: 2 * p.car_cost_eur_per_km * journey.road_km + self.toll_eur,
        }
        return {
            mode: 2 * p.beta_time_per_min * minutes
            + p.beta_cost_per_eur * day_eur.get(mode, 0.0)
            + journey.constants[mode]
            + self.of_occupation[mode]
            for mode, minutes in perceived_min.items()
        }

    def peak_utilities(self, outlook: Outlook) -> dict[int, float]:
        return self.utilities(outlook.rail_min, outlook.travel_time_ratio, outlook.wait_factor)

    def off_peak_utilities(self, outlook: Outlook) -> dict[int, float]:
        network = self.model.network
        empty = dict.fromkeys(network.segments, 0.0)
        return self.utilities(empty, network.off_peak_ratios, outlook.wait_factor)

    def office_min(self, queue_min: dict[int, float], ratios: dict[int, float]) -> float:
        """Physical minutes to the office and back at today's peak, by the best mode for it."""
        outlook, p, journey = self.model.outlook_today, self.model.p, self.journey
        _, mode = self.peak_journey(outlook)
        if mode == RAIL:
            parts = {name: journey.transit[name] for name in PHYSICAL_PARTS}
            parts["wait_min"] = self.wait_min(outlook.wait_factor)
            queue = sum(share * queue_min[n] for n, share in journey.rides.items())
            return 2 * (sum(parts.values()) + queue)
        if mode == CAR:
            return 2 * (journey.free_flow_min + p.parking_min + self.delay_min(ratios))
        speed = p.bicycle_speed_kmh if mode == BICYCLE else p.walk_speed_kmh
        return 2 * 60 * journey.direct_km / speed


@dataclass
class PairDay(Day):
    """What a day left behind, by segment and, minutes of an office day and back, by worker."""

    carried: list[float]
    queue_min: list[float]
    office_min: list[float]


class PairModel(PlainModel):
    """The plain model of a built territory."""

    worker_class = PairWorker
    network_class = PairNetwork

    @staticmethod
    def check(workers: pd.DataFrame) -> None:
        """Every workplace is in the tables."""

    def record(self) -> PairDay:
        network, share = self.network, self.state.share_trains
        added = network.added_wait_min(self.last_load, share)
        queue_min = {n: self.p.share_peak_hour * minutes for n, minutes in added.items()}
        ratios = network.travel_time_ratios(self.last_volume)
        return PairDay(
            **vars(super().record()),
            carried=[network.carried(n, wanted, share) for n, wanted in self.last_load.items()],
            queue_min=list(queue_min.values()),
            office_min=[worker.office_min(queue_min, ratios) for worker in self.workers],
        )
