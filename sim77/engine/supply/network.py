"""Rail and road under load: riders by segment, crowding, congestion and the background.

Riders respond to expected times (`sim77.engine.learning`), so loads and choices settle day by day
to a stochastic user equilibrium; here is what one day's riders make of one day's trains and roads.
Arrays over the segments of the railway have shape (n,), over the sections of road (m,).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim77.core.units import WEEKDAYS, Mode
from sim77.engine.supply.loads import Trains, carried, loaded_ratio, rail_day
from sim77.engine.supply.mode_constants import (
    area_constants,
    density_slopes,
    occupation_constants,
)
from sim77.engine.supply.pairs import PairTables
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory


@dataclass(frozen=True)
class Loads:
    """What runs on the network in the peak hour of one day, and what riders and drivers feel.

    Attributes
    ----------
    riders : (n,) float64
        Riders on each segment in the peak hour, background included.
    simulated : (n,) float64
        Those of them who are simulated.
    volume : (m,) float64
        Vehicles an hour on each section in the peak, background included.
    perceived_min : (n,) float64
        Perceived minutes that crowding and full trains add to a ride of each segment.
    travel_time_ratio : (m,) float64
        Minutes of each section over its free-flow minutes.
    wait_min : (n,) float64
        Minutes that riders of each segment wait for a train with room.
    """

    riders: np.ndarray
    simulated: np.ndarray
    volume: np.ndarray
    perceived_min: np.ndarray
    travel_time_ratio: np.ndarray
    wait_min: np.ndarray


@dataclass(frozen=True)
class Background:
    """Peak-hour traffic of people who are not simulated, the same in all scenarios."""

    riders: np.ndarray
    vehicles: np.ndarray

    def of_day(self, weekday: int, parameters: ParameterSet) -> Background:
        """Return that of a weekday: other riders telework too; on roads traffic came back."""
        share = parameters.array("others_riding", WEEKDAYS)[weekday]
        return Background(share * self.riders, self.vehicles)


@dataclass(frozen=True)
class Demand:
    """Office journeys of one day, by market segment: public transport and car."""

    riders: np.ndarray
    drivers: np.ndarray


class Network:
    """The railway and the roads of a territory, for the market segments of a run.

    Parameters
    ----------
    territory : Territory
    tables : PairTables
    """

    def __init__(self, territory: Territory, tables: PairTables):
        self.tables = tables
        self.lines = tuple(str(name) for name in territory.lines["line"])
        self.line = tables.line
        fitted = territory.od.mode_choice
        self.constants = (
            area_constants(fitted)[:, tables.area[0], tables.area[1]].T
            + tables.log_density @ density_slopes(fitted).T
        )
        self.of_occupation = occupation_constants(fitted)
        self.n_segments, self.n_sections = tables.line.size, tables.roads.base_ratio.size

    def uncrowded(self) -> tuple[np.ndarray, np.ndarray]:
        """Return minutes by segment and ratios by section from which the search starts."""
        return np.zeros(self.n_segments), self.tables.roads.base_ratio.copy()

    @property
    def uncrowded_min(self) -> np.ndarray:
        """Minutes that an empty train adds to the ride: none."""
        return np.zeros(self.n_segments)

    def demand(self, travellers: np.ndarray) -> Demand:
        """Return the office travellers by public transport and by car, by market segment."""
        return Demand(travellers[Mode.PUBLIC_TRANSPORT], travellers[Mode.CAR])

    def segment_riders(self, demand: Demand, parameters: ParameterSet) -> np.ndarray:
        """Return the simulated riders who want each segment in the peak hour, (n_segments,)."""
        return parameters.share_peak_hour * self.tables.rides.loads(demand.riders)

    def simulated_vehicles(self, demand: Demand, parameters: ParameterSet) -> np.ndarray:
        """Return the simulated vehicles on each section in the peak hour, (n_sections,)."""
        drivers = self.tables.drives.loads(demand.drivers)
        return parameters.share_peak_hour_road * drivers / parameters.car_occupancy

    def background(self, demand: Demand, parameters: ParameterSet) -> Background:
        """Return the riders and vehicles of the base year who are not simulated, 0 or more."""
        riders = self.tables.base_riders - self.segment_riders(demand, parameters)
        vehicles = self.tables.base_volume - self.simulated_vehicles(demand, parameters)
        return Background(np.maximum(riders, 0.0), np.maximum(vehicles, 0.0))

    def perceived_min(
        self, riders: np.ndarray, trains: Trains, parameters: ParameterSet
    ) -> np.ndarray:
        """Return the perceived minutes that riders who want each segment add to it."""
        tables = self.tables
        return rail_day(
            riders, trains, tables.segment_min, tables.upstream, parameters
        ).perceived_min

    def loads(
        self, demand: Demand, background: Background, trains: Trains, parameters: ParameterSet
    ) -> Loads:
        """Return the peak hour that one day's office journeys make."""
        tables = self.tables
        simulated = self.segment_riders(demand, parameters)
        rail = rail_day(
            simulated + background.riders, trains, tables.segment_min, tables.upstream, parameters
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

    def segment_columns(self, loads: Loads, trains: Trains) -> np.ndarray:
        """Return the day on each segment, (n_segments, len(SEGMENT_COLUMNS))."""
        on_board = carried(loads.riders, trains)
        # Full trains leave the simulated behind like the others.
        held = np.divide(
            on_board, loads.riders, out=np.zeros_like(on_board), where=loads.riders > 0.0
        )
        return np.column_stack((
            on_board,
            loads.simulated * held,
            trains.per_hour,
            trains.capacity_per_hour,
            trains.per_hour * trains.seats,
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

    def fixed_point(
        self,
        demand_of: Callable[[np.ndarray, np.ndarray], Demand],
        trains: Trains,
        parameters: ParameterSet,
        background: Background | None = None,
    ) -> tuple[np.ndarray, np.ndarray, Background]:
        """Find expected times that reproduce themselves with everybody at work in the office.

        Parameters
        ----------
        demand_of : callable
            Turns expected perceived minutes (n,) and travel-time ratios (m,) into a `Demand`.
        trains : Trains
        parameters : ParameterSet
        background : Background, optional
            Held if given; otherwise filled up again in each iteration (the base year).

        Returns
        -------
        tuple of numpy.ndarray (n,), numpy.ndarray (m,), Background
            Perceived minutes, travel-time ratios, and the background of the last iteration.
        """
        expected, ratio = self.uncrowded()
        found = background
        for _ in range(int(parameters.start_iterations)):
            demand = demand_of(expected, ratio)
            found = background or self.background(demand, parameters)
            today = self.loads(demand, found, trains, parameters)
            expected += parameters.start_damping * (today.perceived_min - expected)
            ratio += parameters.start_damping * (today.travel_time_ratio - ratio)
        assert found is not None
        return expected, ratio, found
