"""Railways, roads and the access leg to a station or a centre, in dictionaries and loops.

Written from ``docs/conventions.md`` for clarity and never for speed; nothing of the engine is
used. A *station* here is a station-service (a row of ``stations.csv``); a *segment* is named by
its outer end. Minutes are one way.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

EARTH_RADIUS_KM = 6371.0088
PARIS = "paris"
RAIL, CAR, BICYCLE, WALK = 0, 1, 2, 3

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
    if point.commune_code != commune.code:
        return distance_km
    radius_km = math.sqrt(commune.area_km2 / math.pi)
    return math.sqrt(distance_km**2 + (radius_km / 2) ** 2)


@dataclass(frozen=True)
class Way:
    """The access leg to a station or a centre, one way."""

    mode: str
    minutes: float
    perceived_min: float
    eur: float


def walk(km: float, p: Any) -> Way:
    minutes = 60 * p.detour_factor * km / p.walk_speed_kmh
    return Way("walk", minutes, minutes * p.multiplier_walk, 0.0)


def drive_to_station(km: float, p: Any) -> Way:
    road_km = p.detour_factor * km
    minutes = 60 * road_km / p.station_car_speed_kmh + p.access_car_extra_min
    return Way("car", minutes, minutes * p.multiplier_access_car, road_km * p.car_cost_eur_per_km)


def take_bus(km: float, p: Any) -> Way:
    ride_min = 60 * p.detour_factor * km / p.bus_speed_kmh
    perceived_min = p.bus_wait_min * p.multiplier_wait + ride_min * p.multiplier_access_bus
    return Way("bus", ride_min + p.bus_wait_min, perceived_min, 0.0)


def leg_to_station(km: float, car_available: bool, p: Any) -> Way:
    """On foot if near, else by car if there is one, else by bus."""
    if km <= p.walk_max_km:
        return walk(km, p)
    return drive_to_station(km, p) if car_available else take_bus(km, p)


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


@dataclass
class Station:
    """A station-service and the segment from it to its parent, or to the terminus."""

    id: str
    line: str
    lat: float
    lon: float
    commune_code: str
    parent: str
    change_at_parent: bool
    minutes_to_terminus: float
    trains: float
    segment_min: float = 0.0
    segment_trains: float = 0.0


@dataclass
class Line:
    """What every train of a line offers."""

    is_rer: bool
    seats: float
    places: float
    target_load_factor: float


@dataclass(frozen=True)
class RailJourney:
    """From a commune to Paris by its best station, one way; minutes on board apart."""

    station: str
    access: Way
    wait_min: float
    egress_ride_min: float
    egress_walk_min: float
    transfers: float


@dataclass(frozen=True)
class RoadJourney:
    """From a commune to Paris by car, one way, without congestion."""

    corridor: str
    km: float
    free_flow_min: float
    section_min: float


class PlainNetwork:
    """Rail and road as they are under one day's policies (without any strike)."""

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
        self.lines = self._read_lines(capacity_factor or {})
        self.stations = self._read_stations(trains_factor or {})
        self._apply_rail_changes(day, trains_factor or {}, capacity_factor or {})
        for station in self.stations.values():
            station.segment_min = station.minutes_to_terminus
            if station.parent:
                station.segment_min -= self.stations[station.parent].minutes_to_terminus
        for station in self.stations.values():
            station.segment_trains = self.trains_through(station.id)
        self.corridors = {
            row.corridor: float(row.capacity_veh_per_hour)
            for row in territory.corridors.itertuples()
        }

    def _read_lines(self, capacity_factor: dict[str, float]) -> dict[str, Line]:
        return {
            row.line: Line(
                row.kind == "rer",
                row.seats_per_train * capacity_factor.get(row.line, 1.0),
                row.places_per_train * capacity_factor.get(row.line, 1.0),
                row.target_load_factor,
            )
            for row in self.territory.lines.itertuples()
        }

    def _read_stations(self, trains_factor: dict[str, float]) -> dict[str, Station]:
        return {
            row.station_service_id: Station(
                row.station_service_id,
                row.line,
                row.lat,
                row.lon,
                row.commune_code,
                row.parent,
                bool(row.change_at_parent),
                float(row.minutes),
                row.trains_peak_hour * trains_factor.get(row.line, 1.0),
            )
            for row in self.territory.stations.itertuples()
        }

    def _apply_rail_changes(
        self, day: dt.date, trains_factor: dict[str, float], capacity_factor: dict[str, float]
    ) -> None:
        """Apply the dated facts that hold in every scenario, oldest first."""
        changes = sorted(self.territory.rail_changes.itertuples(), key=lambda row: row.date)
        for change in changes:
            if dt.date.fromisoformat(change.date) > day:
                continue
            if change.field == "seats_per_train":
                factor = capacity_factor.get(change.line, 1.0)
                self.lines[change.line].seats = change.value * factor
            elif change.field == "places_per_train":
                factor = capacity_factor.get(change.line, 1.0)
                self.lines[change.line].places = change.value * factor
            else:
                for station in self.stations.values():
                    named = change.station_service_id or station.id
                    if station.line == change.line and station.id == named:
                        station.trains = change.value * trains_factor.get(change.line, 1.0)

    # ---- the tree ------------------------------------------------------------------------

    def path(self, station_id: str) -> list[str]:
        """Segments from a station to the terminus, the outermost first."""
        path = []
        while station_id:
            path.append(station_id)
            station_id = self.stations[station_id].parent
        return path

    def trains_through(self, station_id: str) -> float:
        """Trains an hour on the segment inward of a station: its stops or all that come in."""
        from_further_out = sum(
            self.trains_through(other.id)
            for other in self.stations.values()
            if other.parent == station_id and not other.change_at_parent
        )
        return max(self.stations[station_id].trains, from_further_out)

    def uncrowded_min(self, station_id: str) -> float:
        return sum(self.stations[segment].segment_min for segment in self.path(station_id))

    # ---- journeys ------------------------------------------------------------------------

    def rail_journey(self, commune: Any, station_id: str, car_available: bool) -> RailJourney:
        p = self.p
        station = self.stations[station_id]
        km = resident_km(commune, station)
        changes = sum(self.stations[segment].change_at_parent for segment in self.path(station_id))
        if self.lines[station.line].is_rer:
            ride, on_foot = p.egress_ride_rer_min, p.egress_walk_rer_min
            transfers = p.egress_transfers_rer
        else:
            ride, on_foot = p.egress_ride_other_min, p.egress_walk_other_min
            transfers = p.egress_transfers_other
        return RailJourney(
            station_id,
            leg_to_station(km, car_available, p),
            min(30 / station.trains, p.wait_max_min),
            ride,
            on_foot,
            transfers + changes,
        )

    def perceived_but_ride_and_access(self, journey: RailJourney, wait_factor: float) -> float:
        p = self.p
        return (
            journey.wait_min * wait_factor * p.multiplier_wait
            + journey.egress_ride_min
            + journey.egress_walk_min * p.multiplier_walk
            + journey.transfers * p.transfer_penalty_min
        )

    def ranking_min(self, commune: Any, station_id: str, car_available: bool) -> float:
        """Free-flow generalised minutes by which stations compete for a commune.

        Someone within walking range counts the lesser of walking and of the mode used beyond it.
        """
        p = self.p
        min_per_eur = p.beta_cost_per_eur / p.beta_time_per_min
        km = resident_km(commune, self.stations[station_id])
        ways = [drive_to_station(km, p) if car_available else take_bus(km, p)]
        if km <= p.walk_max_km:
            ways.append(walk(km, p))
        access_min = min(way.perceived_min + way.eur * min_per_eur for way in ways)
        journey = self.rail_journey(commune, station_id, car_available)
        rest_min = self.perceived_but_ride_and_access(journey, 1.0)
        return access_min + rest_min + self.uncrowded_min(station_id)

    def best_rail_journey(self, commune: Any, car_available: bool) -> RailJourney:
        """Return the journey by the best station within the radius, or else by the nearest."""
        km = {
            station.id: crow_fly_km(commune.lat, commune.lon, station.lat, station.lon)
            for station in self.stations.values()
        }
        near = sorted(name for name in km if km[name] <= self.p.station_radius_km)
        if not near:
            near = [min(sorted(km), key=km.__getitem__)]
        best = min(near, key=lambda name: self.ranking_min(commune, name, car_available))
        return self.rail_journey(commune, best, car_available)

    def road_journey(self, commune: Any) -> RoadJourney:
        p = self.p
        workplaces = self.territory.workplaces
        paris = next(workplaces[workplaces.zone == PARIS].itertuples())
        km = p.detour_factor * crow_fly_km(commune.lat, commune.lon, paris.lat, paris.lon)
        min_per_km = 60 / p.road_speed_kmh
        return RoadJourney(
            commune.corridor,
            km,
            km * min_per_km + p.a86_extra_min,
            min(km, p.congested_km) * min_per_km,
        )

    # ---- loads and times -----------------------------------------------------------------

    def crowding_multiplier(self, load_per_train: float, line: Line) -> float:
        return crowding_multiplier(load_per_train, line.seats, line.places, self.p)

    def segment_multiplier(self, segment: str, peak_load: float, share_trains: float) -> float:
        """Return a rider's mean multiplier: part of them ride in the peak, the others off it."""
        p = self.p
        station = self.stations[segment]
        line = self.lines[station.line]
        per_train = peak_load / (station.segment_trains * share_trains)
        in_peak = self.crowding_multiplier(per_train, line)
        off_peak = self.crowding_multiplier(p.off_peak_load_ratio * per_train, line)
        return p.share_peak_hour * in_peak + (1 - p.share_peak_hour) * off_peak

    def perceived_min(self, loads: dict[str, float], share_trains: float) -> dict[str, float]:
        """Perceived minutes on board from each station to the terminus, under given loads."""
        on_segment = {
            segment: station.segment_min
            * self.segment_multiplier(segment, loads[segment], share_trains)
            for segment, station in self.stations.items()
        }
        return {name: sum(on_segment[s] for s in self.path(name)) for name in self.stations}

    def start(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return the minutes and ratios from which the search for the first day begins."""
        ratio = self.bpr_ratio(self.p.base_volume_capacity)
        rail_min = {name: self.uncrowded_min(name) for name in self.stations}
        return rail_min, dict.fromkeys(self.corridors, ratio)

    def simulated(self, travellers: Travellers) -> tuple[dict[str, float], dict[str, float]]:
        """Return peak riders by segment and vehicles by corridor."""
        boarding: dict[str, float] = defaultdict(float)
        drivers: dict[str, float] = defaultdict(float)
        for worker, mode, weight in travellers:
            if mode == RAIL:
                boarding[worker.rail.station] += weight
            else:
                drivers[worker.road.corridor] += weight
        return self.simulated_loads(boarding), self.simulated_volumes(drivers)

    def simulated_loads(self, boarding: dict[str, float]) -> dict[str, float]:
        """Peak load of each segment by the simulated riders boarding at each station."""
        loads = dict.fromkeys(self.stations, 0.0)
        for station_id, riders in boarding.items():
            for segment in self.path(station_id):
                loads[segment] += self.p.share_peak_hour * riders
        return loads

    def simulated_volumes(self, drivers: dict[str, float]) -> dict[str, float]:
        """Peak volume of each corridor by the simulated drivers."""
        per_driver = self.p.share_peak_hour / self.p.car_occupancy
        return {name: per_driver * drivers.get(name, 0.0) for name in self.corridors}

    def rail_background(self, simulated: dict[str, float]) -> dict[str, float]:
        """Other riders that fill innermost segments to their target, further out in profile."""
        background = {}
        for name, station in self.stations.items():
            innermost = self.path(name)[-1]
            line = self.lines[station.line]
            trains = self.stations[innermost].segment_trains
            target = line.target_load_factor * line.places * trains
            gap = max(0.0, target - simulated[innermost])
            if simulated[innermost] > 0:
                background[name] = gap * simulated[name] / simulated[innermost]
            else:
                background[name] = gap if name == innermost else 0.0
        return background

    def road_background(self, simulated: dict[str, float]) -> dict[str, float]:
        vc = self.p.base_volume_capacity
        return {name: max(0.0, vc * self.corridors[name] - simulated[name]) for name in simulated}

    def bpr_ratio(self, volume_capacity: float) -> float:
        """Loaded over free-flow minutes of the congested section."""
        return float(1 + self.p.bpr_alpha * volume_capacity**self.p.bpr_beta)

    def travel_time_ratios(self, volumes: dict[str, float]) -> dict[str, float]:
        return {name: self.bpr_ratio(volumes[name] / self.corridors[name]) for name in volumes}


@dataclass
class Equilibrium:
    """The fixed point with everyone at the office: expected times and what other people load."""

    rail_min: dict[str, float]
    travel_time_ratio: dict[str, float]
    rail_load: dict[str, float]
    rail_background: dict[str, float]
    road_background: dict[str, float]


# Given expected times, the simulated riders by segment and vehicles by corridor.
Assignment = Callable[
    [dict[str, float], dict[str, float]], tuple[dict[str, float], dict[str, float]]
]


def settle(network: Any, assign: Assignment, held: Equilibrium | None = None) -> Equilibrium:
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
