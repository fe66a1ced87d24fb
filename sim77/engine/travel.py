"""Travel utilities and physical quantities of a day's journey to the office, by market segment.

A market is everybody who shares a level of service: home commune, workplace and car at hand. What
does not move with the day's traffic is computed once for a policy; the day adds the expected
minutes on board and the expected congestion (`sim77.engine.supply.network`).
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim77.core.units import ARRONDISSEMENTS, WORKPLACE_ZONES, Mode
from sim77.engine.arrays import JOURNEY, Trips
from sim77.engine.population.population import Population
from sim77.engine.supply.access import BUS, CAR, WALK
from sim77.engine.supply.access_cache import legs_to_stations
from sim77.engine.supply.fatigue import fatigue
from sim77.engine.supply.level_of_service import (
    RailLevelOfService,
    best_station,
    egress,
    km_to,
    rail_level_of_service,
    road_over,
)
from sim77.engine.supply.loads import Trains
from sim77.engine.supply.network import Loads, Network, bpr_ratio
from sim77.engine.supply.other_workplaces import OtherLevelOfService, other_level_of_service
from sim77.engine.supply.pair_travel import PairNetwork, PairTravel, pair_travel
from sim77.engine.supply.pairs import pair_tables, trains_of
from sim77.engine.supply.rail_tree import (
    TO_TERMINUS,
    RailSupply,
    RailTree,
    rail_supply,
    rail_tree,
    scale_supply,
)
from sim77.registry.parameters import ParameterSet
from sim77.scenario.policy import PolicyState
from sim77.territory.territory import Territory

PARIS = WORKPLACE_ZONES.index("paris")
_KM_OF_MODE = ("rail_km", "car_km", "active_km", "active_km")
"""The column of `JOURNEY` that each mode's kilometres add to."""
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
    fixed_utility : float64, shape (n_markets, n_modes)
        Utility of the day without minutes on board on the tree and without congestion; minus
        infinity where a mode does not go.
    utility_per_min : float64
        Utility of one perceived minute on board each way.
    congestion_utility : float64
        Utility of one unit of travel-time ratio above 1.
    wait_min : float64
        Minutes waited for a train on the tree, one way.
    minutes : float64, shape (n_markets, n_modes)
        Physical minutes both ways, in free flow.
    congestion_min : float64
        Minutes both ways that one unit of travel-time ratio above 1 adds.
    km : float64, shape (n_markets, n_modes)
        Kilometres both ways; by public transport those by rail.
    station_car_km, bus_km, active_km : float64
        Kilometres both ways on the access leg to the station.
    eur : float64, shape (n_markets, n_modes)
        Marginal euros both ways.
    """

    board: np.ndarray
    alight: np.ndarray
    corridor: np.ndarray
    fixed_utility: np.ndarray
    utility_per_min: float
    congestion_utility: np.ndarray
    wait_min: np.ndarray
    minutes: np.ndarray
    congestion_min: np.ndarray
    km: np.ndarray
    station_car_km: np.ndarray
    bus_km: np.ndarray
    active_km: np.ndarray
    eur: np.ndarray

    @property
    def n_modes(self) -> int:
        """Number of modes, the first of `MODES`."""
        return self.fixed_utility.shape[1]

    def utility(self, perceived_min: np.ndarray, travel_time_ratio: np.ndarray) -> np.ndarray:
        """Return the utility of a day's journey, (n_markets, n_modes).

        Parameters
        ----------
        perceived_min : numpy.ndarray, shape (n,)
            Perceived minutes to the terminus by station-service.
        travel_time_ratio : numpy.ndarray, shape (m,)
            By corridor.
        """
        utility = self.fixed_utility.copy()
        utility[:, Mode.PUBLIC_TRANSPORT] += self.utility_per_min * self._on_board(perceived_min)
        utility[:, Mode.CAR] += self.congestion_utility * (self._ratio(travel_time_ratio) - 1.0)
        return utility

    def off_peak_utility(self, uncrowded_min: np.ndarray, parameters: ParameterSet) -> np.ndarray:
        """Return the utility of a day's journey outside the peak, (n_markets, n_modes)."""
        return self.utility(uncrowded_min, self._off_peak_ratio(parameters))

    def loaded_minutes(self, travel_time_ratio: np.ndarray) -> np.ndarray:
        """Return physical minutes both ways from the travel-time ratio by corridor (m,)."""
        minutes = self.minutes.copy()
        minutes[:, Mode.CAR] += self.congestion_min * (self._ratio(travel_time_ratio) - 1.0)
        return minutes

    def with_toll(self, toll_eur: float, parameters: ParameterSet) -> MarketTravel:
        """Return the journeys when driving to Paris costs a toll, once a day."""
        if toll_eur == 0.0:
            return self
        toll = np.where(self.corridor != NO_CORRIDOR, toll_eur, 0.0)
        by_car = np.arange(self.n_modes) == Mode.CAR
        paid = np.where(by_car, toll[:, None], 0.0)
        return replace(
            self,
            fixed_utility=self.fixed_utility + parameters.beta_cost_per_eur * paid,
            eur=self.eur + paid,
        )

    def on_strike(self, share_trains: float, parameters: ParameterSet) -> MarketTravel:
        """Return the journeys of a day on which a share of the trains runs.

        Missing trains lengthen the wait in proportion, also at stations whose riders otherwise
        come for a train they know.
        """
        by_train = np.arange(self.n_modes) == Mode.PUBLIC_TRANSPORT
        longer = np.where(by_train, (self.wait_min * (1.0 / share_trains - 1.0))[:, None], 0.0)
        per_min = self.utility_per_min * parameters.multiplier_wait
        return replace(
            self,
            fixed_utility=self.fixed_utility + per_min * longer,
            minutes=self.minutes + 2.0 * longer,
        )

    def _on_board(self, minutes: np.ndarray) -> np.ndarray:
        # A last entry of 0 stands for "not on the tree" and "to the terminus" (index -1).
        padded = np.append(minutes, 0.0)
        return padded[self.board] - padded[self.alight]

    def _ratio(self, travel_time_ratio: np.ndarray) -> np.ndarray:
        return np.append(travel_time_ratio, 1.0)[self.corridor]

    def _off_peak_ratio(self, parameters: ParameterSet) -> np.ndarray:
        return np.full(self.corridor.max() + 1, off_peak_ratio(parameters))

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

        Minutes by car are set again each day by `load_trips`.
        """
        journey = np.zeros((*self.minutes.shape, len(JOURNEY)))
        columns = {name: journey[:, :, place] for place, name in enumerate(JOURNEY)}
        columns["travel_min"][:] = self.minutes
        for mode in range(self.n_modes):
            columns[_KM_OF_MODE[mode]][:, mode] = self.km[:, mode]
        for name in ("station_car_km", "bus_km", "active_km"):
            columns[name][:, Mode.PUBLIC_TRANSPORT] = getattr(self, name)
        columns["cost_eur"][:] = self.eur
        columns["fatigue"][:] = fatigue(self.minutes, parameters)
        return Trips(journey, self.loaded_minutes(self._off_peak_ratio(parameters)))

    def load_trips(self, trips: Trips, loads: Loads, parameters: ParameterSet) -> None:
        """Set the minutes by car in `trips` to those of a day's traffic."""
        here = np.flatnonzero(self.corridor != NO_CORRIDOR)
        minutes = self.loaded_minutes(loads.travel_time_ratio)[here, Mode.CAR]
        trips.journey[here, Mode.CAR, JOURNEY.index("travel_min")] = minutes
        trips.journey[here, Mode.CAR, JOURNEY.index("fatigue")] = fatigue(minutes, parameters)


def off_peak_ratio(parameters: ParameterSet) -> float:
    """Return loaded over free-flow minutes on the congested section outside the peak."""
    p = parameters
    return float(bpr_ratio(p.off_peak_volume_capacity, p.bpr_alpha, p.bpr_beta))


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
        fixed_utility=np.column_stack(
            (
                both_ways * rail.fixed_perceived_min[here] + per_eur * rail.access_eur[here],
                asc_car + per_car_min * free_flow + per_eur * road.cost_eur[commune],
            )
        ),
        utility_per_min=both_ways,
        congestion_utility=per_car_min * road.congested_section_min[commune],
        wait_min=rail.wait_min[here],
        minutes=np.column_stack((2.0 * rail.physical_min[here], 2.0 * free_flow)),
        congestion_min=2.0 * road.congested_section_min[commune],
        km=np.column_stack(
            (
                2.0 * parameters.detour_factor * places.station_km[station],
                2.0 * road.distance_km[commune],
            )
        ),
        station_car_km=np.where(mode == CAR, access_km, 0.0),
        bus_km=np.where(mode == BUS, access_km, 0.0),
        active_km=np.where((mode != CAR) & (mode != BUS), access_km, 0.0),
        eur=np.column_stack((2.0 * rail.access_eur[here], 2.0 * road.cost_eur[commune])),
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
        "fixed_utility": np.column_stack(
            (
                both_ways * other.pt_fixed_perceived_min + per_eur * other.access_eur,
                parameters.asc_car_other
                + both_ways * parameters.multiplier_car * other.car_min
                + per_eur * car_eur,
            )
        ),
        "congestion_utility": 0.0,
        "wait_min": np.where(other.is_rail, travel.wait_min[mine], 0.0),
        "minutes": 2.0 * np.column_stack((other.pt_min, other.car_min)),
        "congestion_min": 0.0,
        "km": 2.0 * np.column_stack((other.pt_km, other.car_km)),
        "station_car_km": np.where(other.access_mode == CAR, 2.0 * other.access_km, 0.0),
        "bus_km": np.where(other.access_mode == BUS, 2.0 * other.access_km, 0.0),
        "active_km": np.where(other.access_mode == WALK, 2.0 * other.access_km, 0.0),
        "eur": 2.0 * np.column_stack((other.access_eur, car_eur)),
    }
    for name, values in replacements.items():
        columns[name][mine] = values
    return MarketTravel(utility_per_min=travel.utility_per_min, **columns)


class TreeSide:
    """The supply of a territory of estimated flows: a tree of stations and road corridors.

    Parameters
    ----------
    territory : Territory
    population : Population
    """

    def __init__(self, territory: Territory, population: Population):
        self.territory, self.population = territory, population
        self.network = _network(territory)
        self.change_days = _rail_change_days(territory)

    def trains(self, day: dt.date, state: PolicyState | None, share: float = 1.0) -> RailSupply:
        """Return the trains of a day under policies, and under none; a strike leaves a share."""
        changed = bisect_right(self.change_days, day)
        facts = _rail_facts(self.territory, self.change_days[changed - 1] if changed else None)
        if state is None:
            return facts
        factors = (state.trains_factor, state.capacity_factor)
        return scale_supply(self.network.tree, facts, self.territory.lines, *factors, share)

    def stations(
        self,
        supply: RailSupply,
        parameters: ParameterSet,
        before: tuple[RailSupply, np.ndarray] | None = None,
    ) -> np.ndarray:
        """Return the best station by commune and car at hand, those before if no train changed."""
        if before is not None and np.array_equal(
            supply.trains_peak_hour, before[0].trains_peak_hour
        ):
            return before[1]
        return home_stations(self.territory, self.network.tree, supply, parameters)

    def travel(
        self, supply: RailSupply, stations: np.ndarray, parameters: ParameterSet
    ) -> MarketTravel:
        """Return the journeys of every market segment."""
        return market_travel(
            self.territory, self.population, self.network.tree, supply, stations, parameters
        )


class PairSide:
    """The supply of a built territory, for the market segments of a population.

    Parameters
    ----------
    territory : Territory
    population : Population
    """

    change_days: tuple[dt.date, ...] = ()

    def __init__(self, territory: Territory, population: Population):
        self.tables = pair_tables(territory, population.market_pair, population.market_car)
        self.network = PairNetwork(territory, self.tables)

    def trains(self, day: dt.date, state: PolicyState | None, share: float = 1.0) -> Trains:
        """Return the trains of a day under policies, and under none; a strike leaves a share."""
        lines = self.network.lines
        one = np.ones(len(lines))
        if state is None:
            return trains_of(self.tables, one, one)
        trains, capacity = (
            np.array([factor.get(name, 1.0) for name in lines])
            for factor in (state.trains_factor, state.capacity_factor)
        )
        return trains_of(self.tables, share * trains, capacity)

    def stations(
        self, supply: Trains, parameters: ParameterSet, before: object = None
    ) -> np.ndarray:
        """Return no station: they are chosen within a journey."""
        return np.empty((0, 2), dtype=np.int32)

    def travel(self, supply: Trains, stations: np.ndarray, parameters: ParameterSet) -> PairTravel:
        """Return the journeys of every market segment."""
        return pair_travel(self.tables, supply, self.network.constants, parameters)


# What a territory's tables say to every run: worked out once and kept for the next, because
# reading tables takes longer than ten simulated days. Nobody changes what is kept.


@lru_cache(maxsize=4)
def _network(territory: Territory) -> Network:
    return Network(
        rail_tree(territory.stations, territory.lines),
        territory.corridors["capacity_veh_per_hour"].to_numpy(dtype=np.float64),
        territory.lines["target_load_factor"].to_numpy(dtype=np.float64),
    )


@lru_cache(maxsize=4)
def _rail_change_days(territory: Territory) -> tuple[dt.date, ...]:
    """Return the days with a dated fact of the railway, in order."""
    days = {dt.date.fromisoformat(text) for text in territory.rail_changes["date"]}
    return tuple(sorted(days))


@lru_cache(maxsize=32)
def _rail_facts(territory: Territory, changed: dt.date | None) -> RailSupply:
    """Return the trains after the changes up to a day, None for those before any."""
    return rail_supply(
        _network(territory).tree, territory.stations, territory.lines, territory.rail_changes,
        changed or dt.date.min,
    )  # fmt: skip
