"""Populations kept for the next run that wants the same people.

The two runs of a pair have the same people, and so have most runs of a sweep or of a viewer. The
cache is small, holds results of a pure function, and is asked only by who reads them.
"""

from __future__ import annotations

from functools import lru_cache

from sim77.core.units import AREA_TYPES, EMPLOYER_SIZES
from sim77.engine.population.population import Population, build_population
from sim77.registry.parameters import ParameterSet
from sim77.territory.territory import Territory

POPULATIONS_KEPT = 4


def _family(prefix: str, endings: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{prefix}_{ending.replace('-', '_')}" for ending in endings)


POPULATION_PARAMETERS = (
    "corr_taste", "team_size", "off_day_three_monday",
    *_family("off_day_four", ("wednesday", "friday", "monday")),
    *_family("share", ("five_days", "four_days", "three_days")),
    *_family("share_workers", EMPLOYER_SIZES),
    *_family("mean_heads", EMPLOYER_SIZES),
    *_family("car_at_hand", AREA_TYPES),
)  # fmt: skip
"""All that building a population reads of the parameters."""


class _Drawing:
    """What decides a population, as a key of the cache."""

    __slots__ = ("_key", "parameters", "territory")

    def __init__(
        self, territory: Territory, parameters: ParameterSet, scope: tuple[int, float, tuple]
    ) -> None:
        self.territory, self.parameters = territory, parameters
        read = tuple(parameters[name] for name in POPULATION_PARAMETERS)
        self._key = (territory.hash, read, scope)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Drawing) and self._key == other._key


def population_for(
    territory: Territory,
    parameters: ParameterSet,
    seed: int,
    scale: float,
    zones: tuple[str, ...],
) -> Population:
    """Return a population, built once a process while it is among the last few used.

    Parameters
    ----------
    territory : Territory
    parameters : ParameterSet
        Of the first day; only `POPULATION_PARAMETERS` decide whether two populations are the same.
    seed : int
    scale : float
    zones : tuple of str
        Workplace zones in scope.

    Returns
    -------
    Population
    """
    return _population(_Drawing(territory, parameters, (seed, scale, tuple(zones))), seed, scale,
                       tuple(zones))  # fmt: skip


@lru_cache(maxsize=POPULATIONS_KEPT)
def _population(drawing: _Drawing, seed: int, scale: float, zones: tuple[str, ...]) -> Population:
    return build_population(
        drawing.territory, drawing.parameters, seed=seed, scale=scale, zones=zones
    )
