"""Journeys of a built territory by four modes, and its networks under load.

Public transport and car come from the tables of the territory, bicycle and walk from the distance.
`PairTravel` and `PairNetwork` stand where a territory of estimated flows has
`sim77.engine.travel.MarketTravel` and `sim77.engine.supply.network.Network`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim77.core.units import MODES, Mode
from sim77.engine.arrays import JOURNEY, Trips
from sim77.engine.supply.fatigue import fatigue
from sim77.engine.supply.loads import Trains, carried, loaded_ratio, rail_day
from sim77.engine.supply.mode_constants import area_constants, density_slopes
from sim77.engine.supply.network import Background, Demand, Loads, SettledNetwork
from sim77.engine.supply.pairs import TRANSIT_PARTS, PairTables
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory
from sim77.territory.transit_tables import perceived_min

PT, CAR, BICYCLE, WALK = Mode.PUBLIC_TRANSPORT, Mode.CAR, Mode.BICYCLE, Mode.WALK
_MIN, _FATIGUE = JOURNEY.index("travel_min"), JOURNEY.index("fatigue")


@dataclass(frozen=True)
class PairTravel:
    """A day's journey to the office and back by mode, by market segment, before the traffic.

    Attributes
    ----------
    fixed_utility : numpy.ndarray of float64, shape (n_markets, n_modes)
    journey : numpy.ndarray of float64, shape (n_markets, n_modes, len(JOURNEY))
        Physical minutes, kilometres and euros.
    wait_min : numpy.ndarray of float64, shape (n_markets,)
        Minutes waited for trains, one way.
    utility_per_min, utility_per_drive_min : float
        Utility of a perceived minute on board and of a minute of delay on the road, each way.
    tables : PairTables
        The same in every run of the territory.
    """

    fixed_utility: np.ndarray
    journey: np.ndarray
    wait_min: np.ndarray
    utility_per_min: float
    utility_per_drive_min: float
    tables: PairTables

    @property
    def n_modes(self) -> int:
        """Number of modes."""
        return self.fixed_utility.shape[1]

    @property
    def car_km(self) -> np.ndarray:
        """Kilometres by car both ways, (n_markets,)."""
        return self.journey[:, CAR, JOURNEY.index("car_km")]

    def utility(self, ride_min: np.ndarray, travel_time_ratio: np.ndarray) -> np.ndarray:
        """Return the utility of a day's journey, (n_markets, n_modes).

        Parameters
        ----------
        ride_min : numpy.ndarray, shape (n_segments,)
            Perceived minutes that crowding and full trains add, one way.
        travel_time_ratio : numpy.ndarray, shape (n_sections,)
            Loaded over free-flow minutes.
        """
        utility = self.fixed_utility.copy()
        utility[:, PT] += self.utility_per_min * self.tables.rides.along(ride_min)
        delay_min = self.tables.drive_min @ (travel_time_ratio - 1.0)
        utility[:, CAR] += self.utility_per_drive_min * delay_min
        return utility

    def off_peak_utility(self, uncrowded_min: np.ndarray, parameters: ParameterSet) -> np.ndarray:
        """Return the utility of a day's journey outside the peak, (n_markets, n_modes)."""
        return self.utility(uncrowded_min, self._off_peak_ratio(parameters))

    def loaded_minutes(self, travel_time_ratio: np.ndarray) -> np.ndarray:
        """Return physical minutes both ways under traffic on the road, (n_markets, n_modes)."""
        minutes = self.journey[:, :, _MIN].copy()
        minutes[:, CAR] += 2.0 * (self.tables.drive_min @ (travel_time_ratio - 1.0))
        return minutes

    def with_toll(self, toll_eur: float, parameters: ParameterSet) -> PairTravel:
        """Return the journeys when driving into the central zone costs a toll, once a day."""
        if toll_eur == 0.0:
            return self
        paid = np.where(self.tables.to_centre, toll_eur, 0.0)
        utility, journey = self.fixed_utility.copy(), self.journey.copy()
        utility[:, CAR] += parameters.beta_cost_per_eur * paid
        journey[:, CAR, JOURNEY.index("cost_eur")] += paid
        return replace(self, fixed_utility=utility, journey=journey)

    def on_strike(self, share_trains: float, parameters: ParameterSet) -> PairTravel:
        """Return the journeys of a day on which a share of the trains runs: waits are longer."""
        longer = self.wait_min * (1.0 / share_trains - 1.0)
        utility, journey = self.fixed_utility.copy(), self.journey.copy()
        utility[:, PT] += self.utility_per_min * parameters.multiplier_wait * longer
        journey[:, PT, _MIN] += 2.0 * longer
        return replace(self, fixed_utility=utility, journey=journey)

    def trips(self, parameters: ParameterSet) -> Trips:
        """Return the physical quantities of the journeys in free flow, for the outputs."""
        journey = self.journey.copy()
        journey[:, :, _FATIGUE] = fatigue(journey[:, :, _MIN], parameters)
        return Trips(journey, self.loaded_minutes(self._off_peak_ratio(parameters)))

    def load_trips(self, trips: Trips, loads: Loads, parameters: ParameterSet) -> None:
        """Set the minutes in `trips` to those of a day's traffic."""
        minutes = self.loaded_minutes(loads.travel_time_ratio)
        minutes[:, PT] += 2.0 * self.tables.rides.along(loads.wait_min)
        for mode in (PT, CAR):
            trips.journey[:, mode, _MIN] = minutes[:, mode]
            trips.journey[:, mode, _FATIGUE] = fatigue(minutes[:, mode], parameters)

    def _off_peak_ratio(self, parameters: ParameterSet) -> np.ndarray:
        roads = self.tables.roads
        share = parameters.off_peak_volume_capacity / parameters.base_volume_capacity
        return 1.0 + (roads.base_ratio - 1.0) * share**roads.exponent


def pair_travel(
    tables: PairTables, trains: Trains, constants: np.ndarray, parameters: ParameterSet
) -> PairTravel:
    """Return the journeys under a supply of trains.

    Parameters
    ----------
    tables : PairTables
    trains : Trains
    constants : numpy.ndarray, shape (n_markets, n_modes)
        Of the modes, by area of home and of work (`sim77.engine.supply.mode_constants`).
    parameters : ParameterSet
    """
    p = parameters
    both_ways, per_eur = 2.0 * p.beta_time_per_min, 2.0 * p.beta_cost_per_eur
    # Fewer trains lengthen the wait in proportion; paths and the choice among them stay.
    longer = tables.wait_by_line @ (1.0 / np.maximum(trains.line_factor, 1e-6) - 1.0)
    wait_min = tables.transit["wait_min"].to_numpy() + longer
    part = tables.transit.assign(wait_min=wait_min)
    ride_perceived_min = perceived_min(part, p) - part["choice_min"].to_numpy()
    station_eur = p.car_cost_eur_per_km * part["car_km"].to_numpy()
    car_eur = p.car_cost_eur_per_km * tables.road_km
    car_min = tables.free_flow_min + p.parking_min
    km = p.detour_factor * tables.direct_km
    bicycle_min, walk_min = (
        60.0 * km / speed_kmh for speed_kmh in (p.bicycle_speed_kmh, p.walk_speed_kmh)
    )
    utility = constants.copy()
    utility[:, PT] += both_ways * ride_perceived_min + per_eur * station_eur
    utility[:, CAR] += both_ways * p.multiplier_car * car_min + per_eur * car_eur
    utility[:, BICYCLE] += both_ways * p.multiplier_bicycle * bicycle_min
    utility[:, WALK] += both_ways * p.multiplier_walk * walk_min
    journey = np.zeros((km.size, len(MODES), len(JOURNEY)))
    column = {name: journey[:, :, place] for place, name in enumerate(JOURNEY)}
    column["travel_min"][:, PT] = part[list(TRANSIT_PARTS)].to_numpy().sum(axis=1)
    column["travel_min"][:, CAR] = car_min
    column["travel_min"][:, BICYCLE], column["travel_min"][:, WALK] = bicycle_min, walk_min
    column["rail_km"][:, PT] = part["km"]
    column["station_car_km"][:, PT] = part["car_km"]
    column["bus_km"][:, PT] = part["bus_km"]
    column["active_km"][:, PT] = part["walk_km"] + part["bicycle_km"]
    column["car_km"][:, CAR] = tables.road_km
    column["active_km"][:, [BICYCLE, WALK]] = km[:, None]
    column["cost_eur"][:, PT], column["cost_eur"][:, CAR] = station_eur, car_eur
    journey *= 2.0
    return PairTravel(utility, journey, wait_min, both_ways, both_ways * p.multiplier_car, tables)


class PairNetwork(SettledNetwork):
    """The railway and the roads of a built territory, for the market segments of a run.

    Parameters
    ----------
    territory : Territory
    tables : PairTables
    """

    def __init__(self, territory: Territory, tables: PairTables):
        assert territory.od is not None
        self.tables = tables
        self.lines = tuple(str(name) for name in territory.lines["line"])
        self.line = tables.line
        fitted = territory.od.mode_choice
        self.constants = (
            area_constants(fitted)[:, tables.area[0], tables.area[1]].T
            + tables.log_density @ density_slopes(fitted).T
        )
        self.capacity = tables.roads.base_vehicles
        self.n_segments, self.n_sections = tables.line.size, self.capacity.size

    def uncrowded(self, parameters: ParameterSet) -> tuple[np.ndarray, np.ndarray]:
        """Return minutes by segment and ratios by section from which the search starts."""
        return np.zeros(self.n_segments), self.tables.roads.base_ratio.copy()

    @property
    def uncrowded_min(self) -> np.ndarray:
        """Minutes that an empty train adds to the ride: none."""
        return np.zeros(self.n_segments)

    def demand(self, travel: PairTravel, travellers: np.ndarray) -> Demand:
        """Return the office travellers by public transport and by car, by market segment."""
        return Demand(travellers[:, PT], travellers[:, CAR])

    def segment_riders(self, demand: Demand, parameters: ParameterSet) -> np.ndarray:
        """Return the simulated riders who want each segment in the peak hour, (n_segments,)."""
        return parameters.share_peak_hour * self.tables.rides.loads(demand.boardings)

    def simulated_vehicles(self, demand: Demand, parameters: ParameterSet) -> np.ndarray:
        """Return the simulated vehicles on each section in the peak hour, (n_sections,)."""
        drivers = self.tables.drives.loads(demand.drivers)
        return parameters.share_peak_hour * drivers / parameters.car_occupancy

    def background(self, demand: Demand, supply: Trains, parameters: ParameterSet) -> Background:
        """Return the riders and vehicles of the base year who are not simulated, 0 or more."""
        riders = self.tables.base_riders - self.segment_riders(demand, parameters)
        vehicles = self.tables.base_volume - self.simulated_vehicles(demand, parameters)
        return Background(np.maximum(riders, 0.0), np.maximum(vehicles, 0.0))

    def perceived_min(
        self, riders: np.ndarray, supply: Trains, parameters: ParameterSet
    ) -> np.ndarray:
        """Return the perceived minutes that riders who want each segment add to it."""
        tables = self.tables
        return rail_day(
            riders, supply, tables.segment_min, tables.upstream, parameters
        ).perceived_min

    def loads(
        self, demand: Demand, background: Background, supply: Trains, parameters: ParameterSet
    ) -> Loads:
        """Return the peak hour that one day's office journeys make."""
        tables = self.tables
        simulated = self.segment_riders(demand, parameters)
        rail = rail_day(
            simulated + background.riders, supply, tables.segment_min, tables.upstream, parameters
        )
        volume = self.simulated_vehicles(demand, parameters) + background.vehicles
        return Loads(
            riders=rail.demand,
            simulated=simulated,
            volume=volume,
            perceived_min=rail.perceived_min,
            travel_time_ratio=loaded_ratio(volume, tables.roads),
            wait_min=rail.wait_min,
        )

    def segment_columns(self, loads: Loads, supply: Trains) -> np.ndarray:
        """Return the day on each segment, (n_segments, len(SEGMENT_COLUMNS))."""
        on_board = carried(loads.riders, supply)
        return np.column_stack((
            on_board,
            np.minimum(loads.simulated, on_board),
            supply.per_hour,
            supply.capacity_per_hour,
            supply.per_hour * supply.seats,
            loads.perceived_min,
        ))  # fmt: skip

    def peak_segments(self, riders: np.ndarray) -> list[np.ndarray]:
        """Return the fullest segment of each line, given riders (n_segments,).

        Trains and their places change by line, so the fullest follows from the timetable's.
        """
        load = riders / (self.tables.trains_per_hour * self.tables.places)
        found = []
        for line in range(len(self.lines)):
            mine = np.flatnonzero(self.line == line)
            found.append(mine[np.argmax(load[mine])][None] if mine.size else mine)
        return found
