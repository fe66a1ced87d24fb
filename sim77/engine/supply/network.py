"""Rail and road under load: riders by segment, crowding, congestion and the background.

Riders respond to expected times (`sim77.engine.learning`), so loads and choices settle day by day
to a stochastic user equilibrium; here is what one day's riders make of one day's trains and roads.
Arrays over station-services have shape (n,), over corridors (m,); a segment has the number of its
outer station-service (`sim77.engine.supply.rail_tree`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim77.core.units import Mode
from sim77.engine.supply.rail_tree import TO_TERMINUS, RailSupply, RailTree
from sim77.registry.parameters import ParameterSet


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
        Vehicles an hour on each corridor in the peak, background included.
    perceived_min : (n,) float64
        Perceived minutes on board from each station-service to the terminus.
    travel_time_ratio : (m,) float64
        Minutes of the congested section over its free-flow minutes.
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


@dataclass(frozen=True)
class Demand:
    """Office journeys of one day: boardings less alightings (n,), drivers by corridor (m,)."""

    boardings: np.ndarray
    drivers: np.ndarray


def on_path(tree: RailTree) -> np.ndarray:
    """Return which segments each rider's path holds: 1 at [segment, station boarded], (n, n)."""
    n = tree.parent.size
    matrix = np.zeros((n, n))
    for station in range(n):
        matrix[tree.path(station), station] = 1.0
    return matrix


def crowding_multiplier(
    riders_per_train: np.ndarray, seats: np.ndarray, places: np.ndarray, parameters: ParameterSet
) -> np.ndarray:
    """Return the mean multiplier on minutes on board over seated and standing riders.

    With ``rho = (riders - seats) / (places - seats)`` the standing riders over standing places
    (4 per square metre): seated ``min(1 + slope rho, cap)``, standing
    ``min(base + slope rho, cap)`` (Kroes et al. 2014 for the Paris maxima, Haywood and Koning 2013
    for the linear form); 1 when everybody sits.

    Parameters
    ----------
    riders_per_train, seats, places : numpy.ndarray, one shape
        Riders, seats, and seats and standing places of a train.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray
        Multiplier, 1 or more.
    """
    seated, standing = crowding_by_comfort(riders_per_train, seats, places, parameters)
    share_standing = np.clip(1.0 - seats / np.maximum(riders_per_train, 1e-9), 0.0, 1.0)
    return seated * (1.0 - share_standing) + standing * share_standing


def crowding_by_comfort(
    riders_per_train: np.ndarray, seats: np.ndarray, places: np.ndarray, parameters: ParameterSet
) -> tuple[np.ndarray, np.ndarray]:
    """Return the multipliers of a seated and of a standing rider (`crowding_multiplier`).

    With ``crowding_uk`` at 1 the steps of the UK meta-analysis instead (Wardman and Whelan 2010):
    by riders over seats, one value seated below the seats, another above, and one standing.
    """
    if parameters.crowding_uk >= 0.5:
        return _uk_crowding(riders_per_train / seats, parameters)
    # Where all places are seats nobody stands, whatever the last bit of a division says.
    rho = np.maximum(riders_per_train - seats, 0.0) / np.maximum(places - seats, 1e-9)
    seated = np.minimum(
        1.0 + parameters.crowding_seated_slope * rho, parameters.crowding_seated_cap
    )
    standing = np.minimum(
        parameters.crowding_standing_base + parameters.crowding_standing_slope * rho,
        parameters.crowding_standing_cap,
    )
    return seated, standing


def _uk_crowding(
    riders_per_seat: np.ndarray, parameters: ParameterSet
) -> tuple[np.ndarray, np.ndarray]:
    p = parameters
    busy = np.where(riders_per_seat >= p.crowding_uk_busy_from, p.crowding_uk_seated_busy, 1.0)
    seated = np.where(riders_per_seat > 1.0, p.crowding_uk_seated_full, busy)
    return seated, np.full_like(seated, p.crowding_uk_standing)


def bpr_ratio(volume_capacity: ArrayLike, alpha: float, beta: float) -> np.ndarray:
    """Return loaded over free-flow minutes, ``1 + alpha (v/c)**beta`` (Bureau of Public Roads)."""
    return 1.0 + alpha * np.asarray(volume_capacity) ** beta


class SettledNetwork:
    """A network whose expected times settle; what loads and times are is for those who inherit."""

    def uncrowded(self, parameters: ParameterSet) -> tuple[np.ndarray, np.ndarray]:
        """Return minutes (n,) and travel-time ratios (m,) from which the search starts."""
        raise NotImplementedError

    def background(self, demand: Demand, supply: Any, parameters: ParameterSet) -> Background:
        """Return the traffic of the base year that is not simulated."""
        raise NotImplementedError

    def loads(
        self, demand: Demand, background: Background, supply: Any, parameters: ParameterSet
    ) -> Loads:
        """Return the peak hour that one day's office journeys make."""
        raise NotImplementedError

    def fixed_point(
        self,
        demand_of: Callable[[np.ndarray, np.ndarray], Demand],
        supply: Any,
        parameters: ParameterSet,
        background: Background | None = None,
    ) -> tuple[np.ndarray, np.ndarray, Background]:
        """Find expected times that reproduce themselves with everybody at work in the office.

        Parameters
        ----------
        demand_of : callable
            Turns expected perceived minutes (n,) and travel-time ratios (m,) into a `Demand`.
        supply : RailSupply
        parameters : ParameterSet
        background : Background, optional
            Held if given; otherwise filled up again in each iteration (the base year).

        Returns
        -------
        tuple of numpy.ndarray (n,), numpy.ndarray (m,), Background
            Perceived minutes, travel-time ratios, and the background of the last iteration.
        """
        expected, ratio = self.uncrowded(parameters)
        found = background
        for _ in range(int(parameters.start_iterations)):
            demand = demand_of(expected, ratio)
            found = background or self.background(demand, supply, parameters)
            today = self.loads(demand, found, supply, parameters)
            expected += parameters.start_damping * (today.perceived_min - expected)
            ratio += parameters.start_damping * (today.travel_time_ratio - ratio)
        assert found is not None
        return expected, ratio, found


class Network(SettledNetwork):
    """The rail tree and the corridors with what never changes in a run; its methods are pure.

    Parameters
    ----------
    tree : RailTree
    capacity_veh_per_hour : (m,) float64
        Capacity of each corridor in one direction.
    target_load_factor : (lines,) float64
        Peak riders over places on a line's innermost segments on an all-office day.
    """

    def __init__(
        self, tree: RailTree, capacity_veh_per_hour: np.ndarray, target_load_factor: np.ndarray
    ):
        self.tree = tree
        self.capacity = capacity_veh_per_hour
        self.target = target_load_factor
        self.on_path = on_path(tree)
        self.innermost = np.array([tree.path(station)[-1] for station in range(tree.parent.size)])
        self.line = tree.line
        self.n_segments, self.n_sections = tree.parent.size, capacity_veh_per_hour.size

    @property
    def uncrowded_min(self) -> np.ndarray:
        """Minutes on board to the terminus of an empty train, (n,)."""
        return self.tree.ivt_min

    def uncrowded(self, parameters: ParameterSet) -> tuple[np.ndarray, np.ndarray]:
        """Return minutes (n,) and travel-time ratios (m,) from which the search starts."""
        p = parameters
        ratio = bpr_ratio(p.base_volume_capacity, p.bpr_alpha, p.bpr_beta)
        return self.tree.ivt_min.copy(), np.full(self.capacity.size, ratio)

    def demand(self, travel: Any, travellers: np.ndarray) -> Demand:
        """Sum office travellers (n_markets, n_modes) to boardings and to drivers by corridor."""
        return Demand(
            travel.boardings(travellers[:, Mode.PUBLIC_TRANSPORT], self.n_segments),
            travel.drivers(travellers[:, Mode.CAR], self.n_sections),
        )

    def segment_columns(self, loads: Loads, supply: RailSupply) -> np.ndarray:
        """Return the day on each segment, (n, len(SEGMENT_COLUMNS))."""
        trains = supply.segment_trains
        return np.column_stack((
            loads.riders,
            loads.simulated,
            trains,
            trains * supply.places_per_train[self.line],
            trains * supply.seats_per_train[self.line],
            loads.perceived_min,
        ))  # fmt: skip

    def peak_segments(self, riders: np.ndarray) -> list[np.ndarray]:
        """Return the segments that tell of each line: its innermost ones."""
        innermost = np.flatnonzero(self.tree.parent == TO_TERMINUS)
        return [innermost[self.line[innermost] == line] for line in range(self.target.size)]

    def segment_riders(self, demand: Demand, parameters: ParameterSet) -> np.ndarray:
        """Return the simulated riders on each segment in the peak hour, (n,)."""
        return parameters.share_peak_hour * (self.on_path @ demand.boardings)

    def crowding(
        self, riders: np.ndarray, supply: RailSupply, parameters: ParameterSet
    ) -> np.ndarray:
        """Return a rider's mean multiplier on each segment over peak and off-peak, (n,)."""
        seats = supply.seats_per_train[self.tree.line]
        places = supply.places_per_train[self.tree.line]
        trains = np.maximum(supply.segment_trains, 1e-9)
        by_train = np.stack((riders, parameters.off_peak_load_ratio * riders)) / trains
        peak, off_peak = crowding_multiplier(by_train, seats, places, parameters)
        return parameters.share_peak_hour * peak + (1.0 - parameters.share_peak_hour) * off_peak

    def perceived_min(
        self, riders: np.ndarray, supply: RailSupply, parameters: ParameterSet
    ) -> np.ndarray:
        """Return perceived minutes on board to the terminus under these riders, (n,)."""
        multiplier = self.crowding(riders, supply, parameters)
        return self.on_path.T @ (self.tree.segment_min * multiplier)

    def loads(
        self, demand: Demand, background: Background, supply: RailSupply, parameters: ParameterSet
    ) -> Loads:
        """Return the peak hour that one day's office journeys make."""
        simulated = self.segment_riders(demand, parameters)
        riders = simulated + background.riders
        volume = self.simulated_vehicles(demand, parameters) + background.vehicles
        ratio = bpr_ratio(volume / self.capacity, parameters.bpr_alpha, parameters.bpr_beta)
        perceived = self.perceived_min(riders, supply, parameters)
        return Loads(riders, simulated, volume, perceived, ratio, np.zeros_like(riders))

    def simulated_vehicles(self, demand: Demand, parameters: ParameterSet) -> np.ndarray:
        """Return the simulated vehicles on each corridor in the peak hour, (m,)."""
        return parameters.share_peak_hour * demand.drivers / parameters.car_occupancy

    def background(
        self, demand: Demand, supply: RailSupply, parameters: ParameterSet
    ) -> Background:
        """Return what fills the network up to its base loads, never below 0.

        On a service's innermost segment the difference between the target load factor and the
        simulated riders, further out in the simulated profile; on a corridor the difference to the
        base volume over capacity.
        """
        simulated = self.segment_riders(demand, parameters)
        line = self.tree.line
        target = self.target[line] * supply.places_per_train[line] * supply.segment_trains
        missing = np.maximum(target - simulated, 0.0)
        at_innermost = simulated[self.innermost]
        profile = np.divide(
            simulated, at_innermost, out=np.zeros_like(simulated), where=at_innermost > 0
        )
        profile[self.tree.parent == TO_TERMINUS] = 1.0
        vehicles = np.maximum(
            parameters.base_volume_capacity * self.capacity
            - self.simulated_vehicles(demand, parameters),
            0.0,
        )
        return Background(missing[self.innermost] * profile, vehicles)
