"""Travel utilities and physical quantities of a day's journey to the office, by market segment.

A market is everybody who shares a level of service: home commune, workplace and car at hand. What
does not move with the day's traffic is computed once for a policy; the day adds the expected
minutes on board and the expected congestion (`sim77.engine.supply.network`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim77.core.units import ARRONDISSEMENTS, WORKPLACE_ZONES, Mode
from sim77.engine.arrays import JOURNEY, Trips
from sim77.engine.population.population import Population
from sim77.engine.supply.access import BUS, CAR, WALK
from sim77.engine.supply.access_cache import legs_to_stations
from sim77.engine.supply.level_of_service import (
    RailLevelOfService,
    best_station,
    egress,
    km_to,
    rail_level_of_service,
    road_over,
)
from sim77.engine.supply.network import bpr_ratio
from sim77.engine.supply.other_workplaces import OtherLevelOfService, other_level_of_service
from sim77.engine.supply.rail_tree import TO_TERMINUS, RailSupply, RailTree
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

PARIS = WORKPLACE_ZONES.index("paris")
NO_CORRIDOR = -1
NOT_ON_TREE = -1


@dataclass(frozen=True)
class MarketTravel:
    """A day's journey to the office and back, by market segment; shape (n_markets,) each.

    Attributes
    ----------
    board, alight : int32
        Station-services that bound the ride on the modelled tree; `NOT_ON_TREE` for `board` if the
        journey does not use it, for `alight` if the ride goes on to the terminus.
    corridor : int32
        Road corridor, `NO_CORRIDOR` if congestion there does not bear on the journey.
    rail_utility, car_utility : float64
        Utility of the day by each mode without minutes on board on the tree and without congestion.
    utility_per_min : float64
        Utility of one perceived minute on board each way.
    congestion_utility : float64
        Utility of one unit of travel-time ratio above 1.
    wait_min : float64
        Minutes waited for a train on the tree, one way.
    rail_min, car_min : float64
        Physical minutes both ways, the latter in free flow.
    congestion_min : float64
        Minutes both ways that one unit of travel-time ratio above 1 adds.
    rail_km, car_km, station_car_km, bus_km, active_km : float64
        Kilometres both ways, the last three on the access leg to the station.
    rail_eur, car_eur : float64
        Marginal euros both ways.
    """

    board: np.ndarray
    alight: np.ndarray
    corridor: np.ndarray
    rail_utility: np.ndarray
    car_utility: np.ndarray
    utility_per_min: float
    congestion_utility: np.ndarray
    wait_min: np.ndarray
    rail_min: np.ndarray
    car_min: np.ndarray
    congestion_min: np.ndarray
    rail_km: np.ndarray
    car_km: np.ndarray
    station_car_km: np.ndarray
    bus_km: np.ndarray
    active_km: np.ndarray
    rail_eur: np.ndarray
    car_eur: np.ndarray

    def rail(self, perceived_min: np.ndarray) -> np.ndarray:
        """Return V_rail of a day from perceived minutes to the terminus by station-service (n,)."""
        return self.rail_utility + self.utility_per_min * self._on_board(perceived_min)

    def car(self, travel_time_ratio: np.ndarray) -> np.ndarray:
        """Return V_car of a day from the travel-time ratio by corridor (m,)."""
        return self.car_utility + self.congestion_utility * (self._ratio(travel_time_ratio) - 1.0)

    def car_minutes(self, travel_time_ratio: np.ndarray) -> np.ndarray:
        """Return physical minutes by car both ways from the travel-time ratio by corridor (m,)."""
        return self.car_min + self.congestion_min * (self._ratio(travel_time_ratio) - 1.0)

    def car_off_peak(self, parameters: ParameterSet) -> np.ndarray:
        """Return V_car of a day driven off-peak."""
        return self.car(np.full(self.corridor.max() + 1, off_peak_ratio(parameters)))

    def with_toll(self, toll_eur: float, parameters: ParameterSet) -> MarketTravel:
        """Return the journeys when driving to Paris costs a toll, once a day."""
        if toll_eur == 0.0:
            return self
        toll = np.where(self.corridor != NO_CORRIDOR, toll_eur, 0.0)
        return replace(
            self,
            car_utility=self.car_utility + parameters.beta_cost_per_eur * toll,
            car_eur=self.car_eur + toll,
        )

    def on_strike(self, share_trains: float, parameters: ParameterSet) -> MarketTravel:
        """Return the journeys of a day on which a share of the trains runs.

        Missing trains lengthen the wait in proportion, also at stations whose riders otherwise
        come for a train they know.
        """
        longer = self.wait_min * (1.0 / share_trains - 1.0)
        per_min = self.utility_per_min * parameters.multiplier_wait
        return replace(
            self,
            rail_utility=self.rail_utility + per_min * longer,
            rail_min=self.rail_min + 2.0 * longer,
        )

    def _on_board(self, minutes: np.ndarray) -> np.ndarray:
        # A last entry of 0 stands for "not on the tree" and "to the terminus" (index -1).
        padded = np.append(minutes, 0.0)
        return padded[self.board] - padded[self.alight]

    def _ratio(self, travel_time_ratio: np.ndarray) -> np.ndarray:
        return np.append(travel_time_ratio, 1.0)[self.corridor]

    def boardings(self, riders: np.ndarray, n_stations: int) -> np.ndarray:
        """Sum riders by market to boardings less alightings by station-service, (n_stations,)."""
        net = np.bincount(self.board + 1, weights=riders, minlength=n_stations + 1)
        net -= np.bincount(self.alight + 1, weights=riders, minlength=n_stations + 1)
        return net[1:]

    def drivers(self, drivers: np.ndarray, n_corridors: int) -> np.ndarray:
        """Sum drivers by market segment to drivers by corridor, (n_corridors,)."""
        return np.bincount(self.corridor + 1, weights=drivers, minlength=n_corridors + 1)[1:]

    def trips(self, parameters: ParameterSet) -> Trips:
        """Return the physical quantities of the journeys in free flow, for the outputs.

        Minutes by car are set again each day by `load_roads`.
        """
        off_peak = np.full(self.corridor.max() + 1, off_peak_ratio(parameters))
        zero = np.zeros(self.board.size)
        by_rail = (
            self.rail_min, self.rail_km, zero, self.station_car_km, self.bus_km, self.active_km,
            self.rail_eur, fatigue(self.rail_min, parameters),
        )  # fmt: skip
        by_car = (
            self.car_min, zero, self.car_km, zero, zero, zero,
            self.car_eur, fatigue(self.car_min, parameters),
        )  # fmt: skip
        journey = np.ascontiguousarray(
            np.stack((np.column_stack(by_rail), np.column_stack(by_car)), axis=1)
        )
        return Trips(journey, self.car_minutes(off_peak))

    def load_roads(
        self, trips: Trips, travel_time_ratio: np.ndarray, parameters: ParameterSet
    ) -> None:
        """Set the minutes by car in `trips` to a day's travel-time ratios by corridor (m,)."""
        here = np.flatnonzero(self.corridor != NO_CORRIDOR)
        minutes = self.car_minutes(travel_time_ratio)[here]
        trips.journey[here, Mode.CAR, JOURNEY.index("travel_min")] = minutes
        trips.journey[here, Mode.CAR, JOURNEY.index("fatigue")] = fatigue(minutes, parameters)


def off_peak_ratio(parameters: ParameterSet) -> float:
    """Return loaded over free-flow minutes on the congested section outside the peak."""
    p = parameters
    return float(bpr_ratio(p.off_peak_volume_capacity, p.bpr_alpha, p.bpr_beta))


def fatigue(minutes: np.ndarray, parameters: ParameterSet) -> np.ndarray:
    """Return a day's assumed fatigue, ``1 / (1 + exp((midpoint - minutes) / scale))``.

    Assumed dose and response (no numbers in the literature obtained): one half at 120 minutes.
    """
    exponent = (parameters.fatigue_midpoint_min - minutes) / parameters.fatigue_scale_min
    return 1.0 / (1.0 + np.exp(exponent))


def home_stations(
    territory: Territory, tree: RailTree, supply: RailSupply, parameters: ParameterSet
) -> np.ndarray:
    """Return the best station-service by commune and car at hand, (n_communes, 2) int32."""
    access = legs_to_stations(territory, parameters)
    return best_station(
        access, tree, supply, territory.stations, territory.lines, parameters
    ).station


def market_travel(
    territory: Territory,
    population: Population,
    tree: RailTree,
    supply: RailSupply,
    stations: np.ndarray,
    parameters: ParameterSet,
) -> MarketTravel:
    """Assemble the journeys of a population's market segments.

    Parameters
    ----------
    territory : Territory
    population : Population
    tree : RailTree
    supply : RailSupply
        The day's trains (stops an hour set the wait).
    stations : numpy.ndarray, shape (n_communes, 2)
        Station-service of each commune and car at hand.
    parameters : ParameterSet

    Returns
    -------
    MarketTravel
    """
    commune, car = population.market_commune, population.market_car
    to_paris = population.market_zone == PARIS
    rail = _rail_to_paris(territory, tree, supply, stations, parameters)
    places = _places(territory)
    road = road_over(places.commune_km, parameters)
    asc_car = parameters.array("asc_car", ARRONDISSEMENTS)[places.arrondissement][commune]
    both_ways = 2.0 * parameters.beta_time_per_min
    per_car_min = both_ways * parameters.multiplier_car
    per_eur = 2.0 * parameters.beta_cost_per_eur
    here = (commune, car)
    mode = rail.access_mode[here]
    access_km = 2.0 * rail.access_km[here]
    station = rail.station[here]
    free_flow = road.free_flow_min[commune] + road.parking_min[commune]
    travel = MarketTravel(
        board=station.astype(np.int32),
        alight=np.full(station.size, TO_TERMINUS, dtype=np.int32),
        corridor=places.corridor[commune],
        rail_utility=both_ways * rail.fixed_perceived_min[here] + per_eur * rail.access_eur[here],
        car_utility=asc_car + per_car_min * free_flow + per_eur * road.cost_eur[commune],
        utility_per_min=both_ways,
        congestion_utility=per_car_min * road.congested_section_min[commune],
        wait_min=rail.wait_min[here],
        rail_min=2.0 * rail.physical_min[here],
        car_min=2.0 * free_flow,
        congestion_min=2.0 * road.congested_section_min[commune],
        rail_km=2.0 * parameters.detour_factor * places.station_km[station],
        car_km=2.0 * road.distance_km[commune],
        station_car_km=np.where(mode == CAR, access_km, 0.0),
        bus_km=np.where(mode == BUS, access_km, 0.0),
        active_km=np.where((mode != CAR) & (mode != BUS), access_km, 0.0),
        rail_eur=2.0 * rail.access_eur[here],
        car_eur=2.0 * road.cost_eur[commune],
    )
    if to_paris.all():
        return travel
    elsewhere = other_level_of_service(
        territory, parameters, tree, stations, commune[~to_paris],
        population.market_destination[~to_paris], car[~to_paris],
    )  # fmt: skip
    return _with_other_workplaces(travel, elsewhere, ~to_paris, parameters)


class _Places(NamedTuple):
    """What the tables say of the way to Paris: by commune, and `station_km` by station-service."""

    arrondissement: np.ndarray
    corridor: np.ndarray
    commune_km: np.ndarray
    station_km: np.ndarray


@lru_cache(maxsize=4)
def _places(territory: Territory) -> _Places:
    communes, workplaces = territory.communes, territory.workplaces
    paris = workplaces.loc[workplaces["zone"] == "paris"].iloc[0]
    corridor_of = {name: index for index, name in enumerate(territory.corridors["corridor"])}
    return _Places(
        arrondissement=communes["arrondissement"].map(ARRONDISSEMENTS.index).to_numpy(),
        corridor=communes["corridor"].map(corridor_of).to_numpy(dtype=np.int32),
        commune_km=km_to(paris, communes),
        station_km=km_to(paris, territory.stations),
    )


def _rail_to_paris(
    territory: Territory,
    tree: RailTree,
    supply: RailSupply,
    stations: np.ndarray,
    parameters: ParameterSet,
) -> RailLevelOfService:
    access = legs_to_stations(territory, parameters)
    after = egress(territory.lines, parameters)
    return rail_level_of_service(access, tree, supply, after, parameters, stations)


def _with_other_workplaces(
    travel: MarketTravel,
    other: OtherLevelOfService,
    mine: np.ndarray,
    parameters: ParameterSet,
) -> MarketTravel:
    """Replace the rows of markets whose workplace is not in Paris (`supply.other_workplaces`)."""
    columns = {
        name: np.array(column) for name, column in vars(travel).items() if name != "utility_per_min"
    }
    both_ways = 2.0 * parameters.beta_time_per_min
    per_eur = 2.0 * parameters.beta_cost_per_eur
    car_eur = other.car_km * parameters.car_cost_eur_per_km
    replacements = {
        "board": other.board,
        "alight": other.alight,
        "corridor": NO_CORRIDOR,
        "rail_utility": both_ways * other.pt_fixed_perceived_min + per_eur * other.access_eur,
        "car_utility": parameters.asc_car_other
        + both_ways * parameters.multiplier_car * other.car_min
        + per_eur * car_eur,
        "congestion_utility": 0.0,
        "wait_min": np.where(other.is_rail, travel.wait_min[mine], 0.0),
        "rail_min": 2.0 * other.pt_min,
        "car_min": 2.0 * other.car_min,
        "congestion_min": 0.0,
        "rail_km": 2.0 * other.pt_km,
        "car_km": 2.0 * other.car_km,
        "station_car_km": np.where(other.access_mode == CAR, 2.0 * other.access_km, 0.0),
        "bus_km": np.where(other.access_mode == BUS, 2.0 * other.access_km, 0.0),
        "active_km": np.where(other.access_mode == WALK, 2.0 * other.access_km, 0.0),
        "rail_eur": 2.0 * other.access_eur,
        "car_eur": 2.0 * car_eur,
    }
    for name, values in replacements.items():
        columns[name][mine] = values
    return MarketTravel(utility_per_min=travel.utility_per_min, **columns)
