"""Ways to telecentres, kept for the next run that wants the same.

A sweep makes thousands of runs in one territory. Distances are measured once for each, and a way is
worked out again only when a parameter that it reads has changed. The caches are small and hold
results of pure functions; a territory is known by its identity, because its tables never change.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from sim77.engine.supply.access import (
    Access,
    Distances,
    distances,
    legs_to_telecentres_from_tables,
)
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

TELECENTRE_PARAMETERS = (
    "bicycle_max_km", "bicycle_speed_kmh", "bus_speed_kmh", "bus_wait_min", "car_cost_eur_per_km",
    "centre_car_speed_kmh", "detour_factor", "walk_max_km", "walk_speed_kmh",
)  # fmt: skip
"""All that the access leg to a telecentre reads of the parameters; it is given no others."""


def only(parameters: ParameterSet, names: Iterable[str]) -> ParameterSet:
    """Return some of the parameters, as the key of a cache and all that its function may read."""
    return ParameterSet({name: parameters[name] for name in names})


def legs_to_telecentres(
    territory: Territory, rows: Iterable[int], parameters: ParameterSet
) -> Access:
    """Return `supply.access.telecentre_access` to rows of ``territory.sites``, read-only."""
    key = tuple(int(row) for row in rows)
    return _to_telecentres(territory, key, only(parameters, TELECENTRE_PARAMETERS))


@lru_cache(maxsize=8)
def _to_telecentres(
    territory: Territory, rows: tuple[int, ...], parameters: ParameterSet
) -> Access:
    return _read_only(
        legs_to_telecentres_from_tables(_telecentre_distances(territory, rows), parameters)
    )


@lru_cache(maxsize=32)
def _telecentre_distances(territory: Territory, rows: tuple[int, ...]) -> Distances:
    chosen = territory.sites.iloc[np.array(rows, dtype=np.int64)]
    return distances(territory.communes, chosen)


def _read_only(access: Access) -> Access:
    for array in vars(access).values():
        array.setflags(write=False)
    return access
