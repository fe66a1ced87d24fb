"""What a trip to Paris takes by rail and by car: minutes, kilometres and euros, uncongested.

Pure functions over arrays. All minutes are one way and physical unless their name says
*perceived*: minutes of a seated, uncrowded train ride worth the same. Distances are crow-fly
kilometres times ``detour_factor``. The axis *car* is 0 for a worker without a car at hand, 1 for
one with it. Crowding and congestion are added elsewhere: in-vehicle minutes of rail and the
congested section of the road are therefore kept apart from the rest.

The way to stations and telecentres is in `sim77.engine.supply.access`, the choice of a workplace in
`sim77.engine.supply.gravity`, from where names are taken over; the trips to workplaces outside
Paris are in `sim77.engine.supply.other_workplaces`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sim77.engine.supply.access import (
    ACCESS_MODES,
    BICYCLE,
    BUS,
    CAR,
    WALK,
    Access,
    Floats,
    crow_fly_km,
    minutes_per_eur,
    station_access,
    telecentre_access,
    wait_min,
    within_commune_km,
)
from sim77.engine.supply.gravity import destination_probabilities, workplace_km
from sim77.engine.supply.rail_tree import RailSupply, RailTree
from sim77.registry.parameters import ParameterSet

__all__ = [
    "ACCESS_MODES",
    "BICYCLE",
    "BUS",
    "CAR",
    "WALK",
    "Access",
    "Egress",
    "RailLevelOfService",
    "RoadLevelOfService",
    "best_station",
    "car_min",
    "crow_fly_km",
    "destination_probabilities",
    "egress",
    "km_to",
    "rail_level_of_service",
    "road_level_of_service",
    "road_over",
    "station_access",
    "telecentre_access",
    "wait_min",
    "within_commune_km",
    "workplace_km",
]


@dataclass(frozen=True)
class Egress:
    """From the Paris terminus to the workplace, (n_lines,) float64 each."""

    minutes: Floats
    perceived_min: Floats
    transfers: Floats


def egress(lines: pd.DataFrame, parameters: ParameterSet) -> Egress:
    """Return what follows the train, by line: an RER crosses Paris, other trains end at its edge.

    ``perceived_min`` leaves out the penalty of the transfers, which `rail_level_of_service` adds.
    """
    kinds = ["rer" if kind == "rer" else "other" for kind in lines["kind"]]
    ride, walk, transfers = (
        np.array([parameters[f"egress_{part}_{kind}{unit}"] for kind in kinds])
        for part, unit in (("ride", "_min"), ("walk", "_min"), ("transfers", ""))
    )
    return Egress(ride + walk, ride + walk * parameters.multiplier_walk, transfers)


@dataclass(frozen=True)
class RailLevelOfService:
    """Door to door to Paris by rail; (n_communes, 2) each, the second axis is *car*.

    Attributes
    ----------
    station : int32
        Station-service, row of ``stations.csv``.
    access_mode : int8
        Index into `ACCESS_MODES`.
    access_min, access_km, access_eur, access_perceived_min : float64
        The access leg to the station.
    ivt_min : float64
        Minutes on board to the terminus, uncrowded.
    wait_min, egress_min : float64
        Waiting for the train; ride and walk after it.
    transfers : float64
        Transfers after the terminus and changes of train before it.
    fixed_perceived_min : float64
        Perceived minutes of everything but the minutes on board, money left out.
    physical_min : float64
        Minutes door to door.
    free_flow_generalised_min : float64
        Perceived minutes door to door without crowding, access euros included.
    """

    station: NDArray[np.int32]
    access_mode: NDArray[np.int8]
    access_min: Floats
    access_km: Floats
    access_eur: Floats
    access_perceived_min: Floats
    ivt_min: Floats
    wait_min: Floats
    egress_min: Floats
    transfers: Floats
    fixed_perceived_min: Floats
    physical_min: Floats
    free_flow_generalised_min: Floats


def rail_level_of_service(
    access: Access,
    tree: RailTree,
    supply: RailSupply,
    after: Egress,
    parameters: ParameterSet,
    station: NDArray[np.int32],
) -> RailLevelOfService:
    """Return the journey to Paris from given stations.

    A change of train within the tree costs ``transfer_penalty_min`` perceived minutes; its
    physical minutes are in the timetable already. A transfer after the terminus costs both the
    penalty and ``transfer_min``.

    Parameters
    ----------
    access : Access
        From `station_access`.
    tree : RailTree
    supply : RailSupply
    after : Egress
    parameters : ParameterSet
    station : (n_communes, 2) int32
        Station-service used.

    Returns
    -------
    RailLevelOfService
    """
    p = parameters
    rows = np.arange(len(station))[:, None]
    chosen = (rows, np.arange(2)[None, :], station)
    line = tree.line[station]
    transfers = after.transfers[line] + tree.changes[station]
    waiting = wait_min(supply.trains_peak_hour[station], p)
    fixed_perceived_min = (
        access.perceived_min[chosen]
        + p.multiplier_wait * waiting
        + after.perceived_min[line]
        + p.transfer_penalty_min * transfers
    )
    ivt_min = tree.ivt_min[station]
    return RailLevelOfService(
        station=station.astype(np.int32),
        access_mode=access.mode[chosen],
        access_min=access.minutes[chosen],
        access_km=access.distance_km[chosen],
        access_eur=access.cost_eur[chosen],
        access_perceived_min=access.perceived_min[chosen],
        ivt_min=ivt_min,
        wait_min=waiting,
        egress_min=after.minutes[line],
        transfers=transfers,
        fixed_perceived_min=fixed_perceived_min,
        physical_min=access.minutes[chosen]
        + waiting
        + ivt_min
        + after.minutes[line]
        + p.transfer_min * after.transfers[line],
        free_flow_generalised_min=fixed_perceived_min
        + ivt_min
        + minutes_per_eur(p) * access.cost_eur[chosen],
    )


def best_station(
    access: Access,
    tree: RailTree,
    supply: RailSupply,
    stations: pd.DataFrame,
    lines: pd.DataFrame,
    parameters: ParameterSet,
) -> RailLevelOfService:
    """Return the journey to Paris from each commune's best station-service.

    Best is the least free-flow generalised cost, with access as `station_access` ranks it, among
    the station-services within ``station_radius_km`` of the commune's point; a tie goes to the
    first id in the alphabet. A commune with none in the radius takes its nearest.

    Parameters
    ----------
    access : Access
        From `station_access`.
    tree : RailTree
    supply : RailSupply
    stations, lines : DataFrame
        Tables of a territory.
    parameters : ParameterSet

    Returns
    -------
    RailLevelOfService
    """
    p = parameters
    after = egress(lines, p)
    onward_min = (
        p.multiplier_wait * wait_min(supply.trains_peak_hour, p)
        + tree.ivt_min
        + after.perceived_min[tree.line]
        + p.transfer_penalty_min * (after.transfers[tree.line] + tree.changes)
    )
    generalised_min = access.ranking_min + onward_min
    km = access.crow_fly_km
    radius_km = np.maximum(p.station_radius_km, km.min(axis=1, keepdims=True))
    generalised_min = np.where((km <= radius_km)[:, None, :], generalised_min, np.inf)
    by_id = np.argsort(stations["station_service_id"].to_numpy(str), kind="stable")
    station = by_id[np.argmin(generalised_min[:, :, by_id], axis=2)]
    return rail_level_of_service(access, tree, supply, after, p, station.astype(np.int32))


@dataclass(frozen=True)
class RoadLevelOfService:
    """To Paris by car, (n_communes,) float64 each.

    Attributes
    ----------
    distance_km : kilometres driven one way.
    free_flow_min : minutes without congestion, parking left out.
    congested_section_min : the free-flow minutes of the last kilometres, which congestion scales.
    parking_min : minutes to park and walk on.
    cost_eur : fuel and wear, one way.
    """

    distance_km: Floats
    free_flow_min: Floats
    congested_section_min: Floats
    parking_min: Floats
    cost_eur: Floats


def road_level_of_service(
    communes: pd.DataFrame, paris: Mapping[str, Any] | pd.Series, parameters: ParameterSet
) -> RoadLevelOfService:
    """Return the journey to Paris by car.

    Free flow is ``detour_factor`` times the crow-fly distance at ``road_speed_kmh``, plus
    ``a86_extra_min`` inside the A86. The last ``congested_km`` are road kilometres, of which the
    minutes at ``road_speed_kmh`` congest; the minutes inside the A86 do not, and parking is
    counted. With base volumes this gives Torcy 52, Meaux 72 and Fontainebleau 88 minutes, against
    53, 74 and 86 expected. The other readings (crow-fly kilometres, congestion inside the A86,
    parking left out) are farther off.

    Parameters
    ----------
    communes : DataFrame
        Table of a territory.
    paris : mapping with lat and lon
        The point that stands for Paris.
    parameters : ParameterSet

    Returns
    -------
    RoadLevelOfService
    """
    return road_over(km_to(paris, communes), parameters)


def km_to(paris: Mapping[str, Any] | pd.Series, points: pd.DataFrame) -> Floats:
    """Return crow-fly kilometres to Paris of a table with lat and lon, (n_points,)."""
    return crow_fly_km(
        points["lat"].to_numpy(float), points["lon"].to_numpy(float), paris["lat"], paris["lon"]
    )


def road_over(direct_km: Floats, parameters: ParameterSet) -> RoadLevelOfService:
    """Return `road_level_of_service` over known crow-fly kilometres to Paris."""
    p = parameters
    road_km = p.detour_factor * direct_km
    return RoadLevelOfService(
        distance_km=road_km,
        free_flow_min=road_km / p.road_speed_kmh * 60 + p.a86_extra_min,
        congested_section_min=np.minimum(road_km, p.congested_km) / p.road_speed_kmh * 60,
        parking_min=np.full(len(road_km), float(p.parking_min)),
        cost_eur=road_km * p.car_cost_eur_per_km,
    )


def car_min(road: RoadLevelOfService, ratio: ArrayLike) -> Floats:
    """Return minutes by car door to door, (n_communes,).

    ``t = t0 + (ratio - 1) t_last + parking``, where the ratio is the loaded over the free-flow
    minutes of the congested section (`sim77.engine.supply.network.bpr_ratio`), one number or one a
    commune.
    """
    delay = np.asarray(ratio, float) - 1.0
    return road.free_flow_min + delay * road.congested_section_min + road.parking_min
