"""The access leg to a station or a telecentre: on foot, by car, by bicycle or by bus.

Pure functions over arrays. Minutes are one way and physical unless their name says *perceived*:
minutes of a seated, uncrowded train ride worth the same. The axis *car* is 0 for a worker without
a car at hand, 1 for one with it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sim77.core.geography import crow_fly_km
from sim77.core.units import ACCESS_MODES, AccessMode
from sim77.registry.parameters import ParameterSet

Floats = NDArray[np.float64]


def resident_km(distance_km: ArrayLike, area_km2: ArrayLike) -> Floats:
    """Return mean distances of residents, who live all around a commune's point.

    ``sqrt(d² + (R/2)²)`` with d the distance from the point and R the radius of a circle of the
    commune's area: half the radius to the point itself, and far away ``d + R² / (8 d)``, as for
    people spread evenly over the circle. It grows with d, whatever commune a place lies in.

    Examples
    --------
    >>> float(resident_km(0.0, 4 * 3.141592653589793).round(6))
    1.0
    """
    radius_km = np.sqrt(np.asarray(area_km2, float) / np.pi)
    return np.asarray(np.hypot(distance_km, radius_km / 2))


def table_km(origins: pd.DataFrame, destinations: pd.DataFrame) -> Floats:
    """Return crow-fly kilometres, (n_origins, n_destinations), of tables with lat and lon."""
    return crow_fly_km(
        origins["lat"].to_numpy(float)[:, None],
        origins["lon"].to_numpy(float)[:, None],
        destinations["lat"].to_numpy(float)[None, :],
        destinations["lon"].to_numpy(float)[None, :],
    )


@dataclass(frozen=True)
class TelecentreAccess:
    """The access leg to a telecentre, by whether a car is at hand; (n_communes, 2, n_centres) each.

    Attributes
    ----------
    mode : int8
        Index into `ACCESS_MODES`.
    minutes, distance_km, cost_eur : float64
        Physical minutes, kilometres travelled and euros spent, one way, by that mode.
    perceived_min : float64
        Minutes times the multipliers of the mode, as the choice of the day values them.
    fastest_min : float64
        Physical minutes by the fastest mode at hand, by which a centre is in reach.
    """

    mode: NDArray[np.int8]
    minutes: Floats
    distance_km: Floats
    cost_eur: Floats
    perceived_min: Floats
    fastest_min: Floats


def telecentre_access(resident_km: Floats, parameters: ParameterSet) -> TelecentreAccess:
    """Return the way from every commune to every telecentre, by the mode of the best utility.

    On foot, by bicycle, by bus or with a car at hand by car, whichever has the highest
    ``b_time m_access perceived minutes + b_cost euros``. The utility of a day plan counts the same
    perceived minutes and euros, so a centre that moves nearer never loses anybody and the mode
    changes where two are worth the same. A bicycle is taken out and locked, a car started and
    parked, a bus walked to and waited for. A centre is in reach when
    ``fastest_min <= max_access_min``.

    Parameters
    ----------
    resident_km : numpy.ndarray, shape (n_communes, n_centres)
        From residents to centres, see `resident_km`.
    parameters : ParameterSet

    Returns
    -------
    TelecentreAccess
    """
    p = parameters
    road_km = p.detour_factor * resident_km
    on_foot_min = walk_min(resident_km, p)
    drive_min = road_km / p.centre_car_speed_kmh * 60 + p.access_car_extra_min
    cycle_min = road_km / p.bicycle_speed_kmh * 60 + p.bicycle_extra_min
    ride_min = road_km / p.bus_speed_kmh * 60
    # By mode in the order of `ACCESS_MODES`: (n_modes, n_communes, n_points).
    minutes = np.stack(
        [on_foot_min, drive_min, cycle_min, ride_min + p.bus_wait_min + p.bus_stop_walk_min]
    )
    perceived_min = np.stack(
        [
            on_foot_min * p.multiplier_walk,
            drive_min * p.multiplier_access_car,
            cycle_min * p.multiplier_bicycle,
            ride_min * p.multiplier_access_bus
            + p.bus_wait_min * p.multiplier_wait
            + p.bus_stop_walk_min * p.multiplier_walk,
        ]
    )
    cost_eur = np.zeros_like(minutes)
    cost_eur[AccessMode.CAR] = road_km * p.car_cost_eur_per_km
    per_min = p.beta_time_per_min * p.multiplier_access_telecentre
    utility = per_min * perceived_min + p.beta_cost_per_eur * cost_eur
    modes = np.arange(len(ACCESS_MODES))
    # (2, n_modes): without and with a car
    at_hand = np.array([modes != AccessMode.CAR, modes >= 0])
    allowed = at_hand.T[:, None, :, None]
    mode = np.where(allowed, utility[:, :, None, :], -np.inf).argmax(axis=0)

    def of_mode(values: Floats) -> Floats:
        return np.take_along_axis(values[:, :, None, :], mode[None], axis=0)[0]

    return TelecentreAccess(
        mode=mode.astype(np.int8),
        minutes=of_mode(minutes),
        distance_km=np.broadcast_to(road_km[:, None, :], mode.shape),
        cost_eur=of_mode(cost_eur),
        perceived_min=of_mode(perceived_min),
        fastest_min=np.where(allowed, minutes[:, :, None, :], np.inf).min(axis=0),
    )


def walk_min(distance_km: ArrayLike, parameters: ParameterSet) -> Floats:
    """Return minutes on foot for a crow-fly distance."""
    road_km = parameters.detour_factor * np.asarray(distance_km, float)
    return np.asarray(road_km / parameters.walk_speed_kmh * 60)
