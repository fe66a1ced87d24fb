"""Journeys of a territory by four modes, and its networks under load.

Public transport and car come from the tables of the territory, bicycle and walk from the distance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim77.core.threads import even_runs, in_runs
from sim77.core.units import MODES, Mode
from sim77.engine.arrays import JOURNEY, Trips
from sim77.engine.supply import journey_kernels
from sim77.engine.supply.fatigue import fatigue
from sim77.engine.supply.loads import Trains, times
from sim77.engine.supply.network import Loads
from sim77.engine.supply.pairs import TRANSIT_PARTS, PairTables
from sim77.registry.parameters import ParameterSet
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
        utility = np.empty_like(self.fixed_utility)
        in_runs(
            journey_kernels.add_to_two, even_runs(len(utility)),
            self.fixed_utility, self.utility_per_min, self.tables.rides.along(ride_min),
            self.utility_per_drive_min, times(self.tables.drive_min, travel_time_ratio - 1.0),
            utility,
        )  # fmt: skip
        return utility

    def off_peak_utility(self, uncrowded_min: np.ndarray, parameters: ParameterSet) -> np.ndarray:
        """Return the utility of a day's journey outside the peak, (n_markets, n_modes)."""
        return self.utility(uncrowded_min, self._off_peak_ratio(parameters))

    def loaded_minutes(self, travel_time_ratio: np.ndarray) -> np.ndarray:
        """Return physical minutes both ways under traffic on the road, (n_markets, n_modes)."""
        minutes = self.journey[:, :, _MIN].copy()
        minutes[:, CAR] += 2.0 * (times(self.tables.drive_min, travel_time_ratio - 1.0))
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
        p = parameters
        journey[:, :, _FATIGUE] = fatigue(
            journey[:, :, _MIN], p.fatigue_midpoint_min, p.fatigue_scale_min
        )
        return Trips(journey, self.loaded_minutes(self._off_peak_ratio(parameters)))

    def load_trips(
        self, trips: Trips, loads: Loads, parameters: ParameterSet, office_min: np.ndarray
    ) -> None:
        """Set the minutes in `trips` to those of a day's traffic, and add them to `office_min`."""
        in_runs(
            journey_kernels.load, even_runs(len(office_min)),
            self._free_flow_min, self.tables.rides.along(loads.wait_min),
            times(self.tables.drive_min, loads.travel_time_ratio - 1.0),
            parameters.fatigue_midpoint_min, parameters.fatigue_scale_min, trips.journey,
            office_min,
        )  # fmt: skip

    @cached_property
    def _free_flow_min(self) -> np.ndarray:
        """Minutes both ways without traffic, (n_markets, n_modes)."""
        return np.ascontiguousarray(self.journey[:, :, _MIN])

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
