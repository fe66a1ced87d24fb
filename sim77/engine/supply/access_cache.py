"""Ways to telecentres, kept for the next run that wants the same.

A sweep makes thousands of runs in one territory. Distances are measured once for each, and a way is
worked out again only when a parameter that it reads has changed. The caches are small and hold
results of pure functions; a territory is known by its identity, because its tables never change.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from sim77.engine.supply.access import (
    TelecentreAccess,
    resident_km,
    table_km,
    telecentre_access,
)
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

TELECENTRE_PARAMETERS = (
    "access_car_extra_min", "beta_cost_per_eur", "beta_time_per_min", "bicycle_extra_min",
    "bicycle_speed_kmh", "bus_speed_kmh", "bus_stop_walk_min", "bus_wait_min",
    "car_cost_eur_per_km", "centre_car_speed_kmh", "detour_factor", "multiplier_access_bus",
    "multiplier_access_car", "multiplier_access_telecentre", "multiplier_bicycle",
    "multiplier_wait", "multiplier_walk", "walk_speed_kmh",
)  # fmt: skip
"""All that the access leg to a telecentre reads of the parameters; it is given no others."""


def only(parameters: ParameterSet, names: Iterable[str]) -> ParameterSet:
    """Return some of the parameters, as the key of a cache and all that its function may read."""
    return ParameterSet({name: parameters[name] for name in names})


def legs_to_telecentres(
    territory: Territory, rows: Iterable[int], parameters: ParameterSet
) -> TelecentreAccess:
    """Return `supply.access.telecentre_access` to rows of ``territory.sites``, read-only."""
    key = tuple(int(row) for row in rows)
    return _to_telecentres(territory, key, only(parameters, TELECENTRE_PARAMETERS))


@lru_cache(maxsize=8)
def _to_telecentres(
    territory: Territory, rows: tuple[int, ...], parameters: ParameterSet
) -> TelecentreAccess:
    return _read_only(telecentre_access(_telecentre_km(territory, rows), parameters))


@lru_cache(maxsize=32)
def _telecentre_km(territory: Territory, rows: tuple[int, ...]) -> np.ndarray:
    communes, chosen = territory.communes, territory.sites.iloc[np.array(rows, dtype=np.int64)]
    area_km2 = communes["area_km2"].to_numpy(float)[:, None]
    return resident_km(table_km(communes, chosen), area_km2)


def _read_only(access: TelecentreAccess) -> TelecentreAccess:
    for array in vars(access).values():
        array.setflags(write=False)
    return access
