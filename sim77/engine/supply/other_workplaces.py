"""Trips to workplaces outside Paris: what they take, estimated.

Journeys to Paris have a timetable and roads of their own (`sim77.engine.supply.level_of_service`);
these have a rule of thumb, and rail only where the workplace lies on the way of the trains that the
worker would take to Paris.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim77.engine.supply.access import Floats, resident_km, table_km, wait_min, walk_min
from sim77.engine.supply.access_cache import legs_to_stations, only
from sim77.engine.supply.gravity import workplace_km
from sim77.engine.supply.rail_tree import RailTree
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

NOWHERE = -1
"""The station-service of those who board no train of the model."""

_RAIL_PARAMETERS = (
    "bus_speed_kmh", "bus_wait_min", "detour_factor", "walk_max_km", "walk_speed_kmh",
)  # fmt: skip
"""All that `rail_to_workplaces` reads of the parameters; the last results are kept by them."""


@dataclass(frozen=True)
class RailToWorkplaces:
    """Where the trains towards Paris stop on the way; the tables behind `other_level_of_service`.

    Attributes
    ----------
    alight : (n_stations, n_workplaces) int32
        From each station-service boarded, the station-service inward of it in the workplace's
        commune with the least minutes on board and on foot; `NOWHERE` if there is none.
    ivt_min, egress_min : (n_stations, n_workplaces) float64
        Minutes on board, uncrowded, and from the station to the workplace; infinite if none.
    egress_on_foot : (n_stations, n_workplaces) bool
        Whether that last way is walked; by bus otherwise.
    """

    alight: NDArray[np.int32]
    ivt_min: Floats
    egress_min: Floats
    egress_on_foot: NDArray[np.bool_]


def rail_to_workplaces(
    territory: Territory, tree: RailTree, parameters: ParameterSet
) -> RailToWorkplaces:
    """Find where to leave the train, for every station boarded and every workplace.

    Parameters
    ----------
    territory : Territory
    tree : RailTree
    parameters : ParameterSet

    Returns
    -------
    RailToWorkplaces
    """
    return _rail_to_workplaces(territory, tree, only(parameters, _RAIL_PARAMETERS))


@lru_cache(maxsize=4)
def _rail_to_workplaces(
    territory: Territory, tree: RailTree, parameters: ParameterSet
) -> RailToWorkplaces:
    p = parameters
    stations, workplaces = territory.stations, territory.workplaces
    communes = territory.communes
    egress_min, on_foot = np.empty((2, len(stations), len(workplaces)))
    egress_min[:], on_foot[:] = np.inf, False
    row_of = {code: row for row, code in enumerate(workplaces["code"])}
    # Residents' distances to a station are also those of a commune's jobs.
    km = resident_km(table_km(communes, stations), communes, stations)
    commune_of_station = stations["commune_code"].to_numpy(str)
    for code, commune_km in zip(communes["code"], km, strict=True):
        here = np.flatnonzero(commune_of_station == code)
        if here.size == 0 or code not in row_of:
            continue
        station_km = commune_km[here]
        walked = station_km <= p.walk_max_km
        by_bus = p.detour_factor * station_km / p.bus_speed_kmh * 60 + p.bus_wait_min
        egress_min[here, row_of[code]] = np.where(walked, walk_min(station_km, p), by_bus)
        on_foot[here, row_of[code]] = walked
    return _alightings(tree, egress_min, on_foot.astype(bool))


def _alightings(tree: RailTree, egress_min: Floats, on_foot: NDArray[np.bool_]) -> RailToWorkplaces:
    """Choose among the stations inward of each one boarded; arrays as in `RailToWorkplaces`."""
    alight = np.full(egress_min.shape, NOWHERE, dtype=np.int32)
    total_min = np.full(egress_min.shape, np.inf)
    for station in range(len(egress_min)):
        for inward in tree.path(station)[1:]:
            trip_min = tree.ivt_min[station] - tree.ivt_min[inward] + egress_min[inward]
            better = trip_min < total_min[station]
            total_min[station, better] = trip_min[better]
            alight[station, better] = inward
    columns = np.arange(egress_min.shape[1])[None, :]
    reached = alight != NOWHERE
    last_min = np.where(reached, egress_min[alight, columns], np.inf)
    return RailToWorkplaces(
        alight=alight,
        ivt_min=total_min - np.where(reached, last_min, 0.0),
        egress_min=last_min,
        egress_on_foot=reached & on_foot[alight, columns],
    )


@dataclass(frozen=True)
class OtherLevelOfService:
    """Trips one way to workplaces outside Paris, estimated; (n_trips,) each.

    Attributes
    ----------
    car_min, car_km : float64
        By car, door to door.
    pt_min, pt_km : float64
        By public transport, door to door.
    is_rail : bool
        Public transport is a train of the model, from `board` to `alight`.
    board, alight : int32
        Station-services, `NOWHERE` without such a train.
    ivt_min : float64
        Minutes on board of that train, uncrowded; 0 without.
    pt_fixed_perceived_min : float64
        Perceived minutes of everything else; without a train all the minutes, as they are.
    access_mode : int8
        Index into `sim77.engine.supply.access.ACCESS_MODES`; only means something with a train.
    access_km, access_eur : float64
        Kilometres and euros to the station; 0 without a train.
    """

    car_min: Floats
    car_km: Floats
    pt_min: Floats
    pt_km: Floats
    is_rail: NDArray[np.bool_]
    board: NDArray[np.int32]
    alight: NDArray[np.int32]
    ivt_min: Floats
    pt_fixed_perceived_min: Floats
    access_mode: NDArray[np.int8]
    access_km: Floats
    access_eur: Floats


def other_car_min(crow_fly_km: Floats, parameters: ParameterSet) -> Floats:
    """Return minutes by car: ``detour km`` at ``min(base + slope km, max)`` km/h, any shape."""
    p = parameters
    speed_kmh = np.minimum(
        p.other_car_speed_base_kmh + p.other_car_speed_per_km * crow_fly_km,
        p.other_car_speed_max_kmh,
    )
    return p.detour_factor * crow_fly_km / speed_kmh * 60


@lru_cache(maxsize=4)
def _workplace_km(territory: Territory) -> Floats:
    return workplace_km(territory.communes, territory.workplaces)


def other_level_of_service(
    territory: Territory,
    parameters: ParameterSet,
    tree: RailTree,
    stations: NDArray[np.int32],
    commune: NDArray[np.integer],
    destination: NDArray[np.integer],
    car: NDArray[np.integer],
) -> OtherLevelOfService:
    """Return the trips to workplaces outside Paris.

    By train from the station used for Paris where the workplace's commune has a station inward on
    the same tree and that is faster than the rule of thumb, ``other_pt_factor`` times the minutes
    by car plus ``other_pt_extra_min``. Riders of outward or cross-country trains are among the
    latter and load no segment of the model. Waiting is that of the table's trains: no policy
    changes these trips but through crowding.

    Parameters
    ----------
    territory : Territory
    parameters : ParameterSet
    tree : RailTree
    stations : (n_communes, 2) int32
        Station-service used for Paris, by commune and car at hand.
    commune, destination, car : (n_trips,) integers
        Row of the commune, row of the workplace, and 1 if a car is at hand.

    Returns
    -------
    OtherLevelOfService
    """
    p = parameters
    access = legs_to_stations(territory, p)
    trains = rail_to_workplaces(territory, tree, p)
    km = _workplace_km(territory)[commune, destination]
    by_car_min = other_car_min(km, p)
    thumb_min = p.other_pt_factor * by_car_min + p.other_pt_extra_min
    at_hand = np.asarray(car, dtype=np.intp)
    board = stations[commune, at_hand]
    way = (commune, at_hand, board)
    ride = (board, destination)
    waiting_min = wait_min(territory.stations["trains_peak_hour"].to_numpy(float)[board], p)
    last_min = trains.egress_min[ride]
    rail_min = access.minutes[way] + waiting_min + trains.ivt_min[ride] + last_min
    is_rail = rail_min < thumb_min
    last_multiplier = np.where(
        trains.egress_on_foot[ride], p.multiplier_walk, p.multiplier_access_bus
    )
    changes = tree.changes[board] - tree.changes[trains.alight[ride]]
    rail_fixed_min = (
        access.perceived_min[way]
        + p.multiplier_wait * waiting_min
        + p.transfer_penalty_min * changes
        + last_multiplier * np.where(is_rail, last_min, 0.0)
    )
    return OtherLevelOfService(
        car_min=by_car_min,
        car_km=p.detour_factor * km,
        pt_min=np.where(is_rail, rail_min, thumb_min),
        pt_km=p.detour_factor * km,
        is_rail=is_rail,
        board=np.where(is_rail, board, NOWHERE).astype(np.int32),
        alight=np.where(is_rail, trains.alight[ride], NOWHERE).astype(np.int32),
        ivt_min=np.where(is_rail, trains.ivt_min[ride], 0.0),
        pt_fixed_perceived_min=np.where(is_rail, rail_fixed_min, thumb_min),
        access_mode=access.mode[way],
        access_km=np.where(is_rail, access.distance_km[way], 0.0),
        access_eur=np.where(is_rail, access.cost_eur[way], 0.0),
    )
