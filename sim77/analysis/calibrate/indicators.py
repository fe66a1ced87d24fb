"""What the model says of a target: functions of the summaries and of who may work remotely.

Each function takes a `Summary`, the `Agreements` of its year and the options of a target, and
returns a number in the target's unit. Where a source is about all French employees, those of the
territory are weighed to be like them (``mix``): in occupation, and in the way to work of each
occupation, which is longer in 77.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from sim77.analysis.calibrate.observe import DISTANCES, EMPLOYEES, Summary
from sim77.engine.choice.allowance import ALLOWANCES, covered_by_size, with_odds
from sim77.registry.parameters import FrozenDict

PERCENT = 100.0
_KEPT = 2**15
"""Answers kept: solving agreements, and a test of ranks, ask the same of the same summaries."""


@dataclass(frozen=True, eq=False)
class Agreements:
    """Who may work remotely, and how often; known by their identity.

    Attributes
    ----------
    teleworkable : numpy.ndarray, shape (4, 2)
        Share of a group's employees whose work can be done remotely, elsewhere and in the core.
    covered : numpy.ndarray, shape (4,)
        Of these, share covered at a way to work of 10 km.
    allowances : numpy.ndarray, shape (4,)
        Share of agreements with 2, 4, 6 and 10 half-days a week.
    size_factors, size_weights : numpy.ndarray, shape (5,)
        Relative coverage and share of workers by employer size.
    """

    teleworkable: np.ndarray
    covered: np.ndarray
    allowances: np.ndarray
    size_factors: np.ndarray
    size_weights: np.ndarray

    def teleworkable_of(self, core: np.ndarray) -> np.ndarray:
        """Return the share whose work can be done remotely, (4, 3), some of them in the core.

        Parameters
        ----------
        core : numpy.ndarray, shape (4, 3)
            Share of the employees who work in the core of a city, by group and way to work.
        """
        elsewhere, there = self.teleworkable.T[:, :, None]
        return np.asarray((1.0 - core) * elsewhere + core * there)

    @cached_property
    def _covered_by_size(self) -> np.ndarray:
        return covered_by_size(self.covered, self.size_factors, self.size_weights)

    def covered_of(self, odds: np.ndarray) -> np.ndarray:
        """Return the share covered by group and way to work, (4, 3).

        Parameters
        ----------
        odds : numpy.ndarray, shape (4, 3)
            `Summary.covered_odds`.
        """
        by_size = with_odds(self._covered_by_size[:, None, :], odds[:, :, None])
        return np.asarray(by_size @ (self.size_weights / self.size_weights.sum()))

    def parameters(self) -> dict[str, float]:
        """Return the shares covered and the allowances by their names in the registry."""
        covered = {
            f"share_covered_{name}": x for name, x in zip(EMPLOYEES, self.covered, strict=True)
        }
        allowed = {
            f"share_allowance_{n}": x for n, x in zip(ALLOWANCES, self.allowances, strict=True)
        }
        return {name: float(x) for name, x in {**covered, **allowed}.items()}


@dataclass(frozen=True, eq=False)
class Mix:
    """Who the people of a source are; known by its identity.

    Attributes
    ----------
    occupations : numpy.ndarray, shape (4,)
        Shares of employees by occupation group.
    ways : numpy.ndarray, shape (4, 3), optional
        Of each group, shares by way to work (`sim77.analysis.calibrate.observe.DISTANCES`); None
        for those of the territory. With them the people are those of all France, where shares of
        work that can be done remotely are those of the registry, cores of cities included.
    """

    occupations: np.ndarray
    ways: np.ndarray | None = None


Options = Mapping[str, Any]
ALL: Options = FrozenDict()
"""No option: every group, every way to work."""


def factors(persons: np.ndarray, mix: Mix | None) -> np.ndarray:
    """Return the weight of each employee of a territory that makes them like those of a source.

    Where the source's ways to work are said, they are so by group: how far managers live from work
    is not a territory's to say. Shares of cells that a territory has nobody in go to the others.

    Parameters
    ----------
    persons : numpy.ndarray, shape (4, 3)
        Employees of the territory by group and way to work.
    mix : Mix or None
        None leaves them as they are.

    Returns
    -------
    numpy.ndarray, shape (4, 3)
        They add up to as many employees.
    """
    if mix is None:
        return np.ones(persons.shape)
    wanted, found = mix.occupations[:, None], persons.sum(axis=1, keepdims=True)
    if mix.ways is not None:
        wanted, found = wanted * mix.ways, persons
    each = np.divide(wanted, found, out=np.zeros(found.shape), where=found > 0.0)
    weight = np.broadcast_to(each, persons.shape)
    return np.asarray(weight * (persons.sum() / (weight * persons).sum()))


def people(summary: Summary, mix: Mix | None, options: Options = ALL) -> np.ndarray:
    """Return employees weighed to a mix, (4, 3): all, of one ``group``, or at one ``distance``."""
    return _people(summary, mix, options.get("group"), options.get("distance"))


@lru_cache(maxsize=_KEPT)
def _people(
    summary: Summary, mix: Mix | None, group: str | None, distance: str | None
) -> np.ndarray:
    found = summary.persons * factors(summary.persons, mix)
    here = np.ones(found.shape)
    if group is not None:
        here[np.arange(len(EMPLOYEES)) != EMPLOYEES.index(group)] = 0.0
    if distance is not None:
        here[:, np.arange(len(DISTANCES)) != DISTANCES.index(distance)] = 0.0
    found *= here
    found.setflags(write=False)
    return np.asarray(found)


def core_jobs(summary: Summary, mix: Mix | None) -> np.ndarray:
    """Return the share of a mix's employees who work in the core of a city, (4, 3).

    None of all French employees: the registry's shares are means of their jobs.
    """
    french = mix is not None and mix.ways is not None
    return np.zeros(summary.core.shape) if french else summary.core


@lru_cache(maxsize=64)  # each step of solving asks for one, several times in a row
def _allowed(summary: Summary, agreements: Agreements, mix: Mix | None) -> np.ndarray:
    """Return the share of employees by group and way to work who may work away, (4, 3)."""
    may = agreements.teleworkable_of(core_jobs(summary, mix))
    allowed = may * agreements.covered_of(summary.covered_odds)
    allowed.setflags(write=False)
    return np.asarray(allowed)


def by_allowance(
    summary: Summary, agreements: Agreements, quantity: str, mix: Mix | None,
    options: Options = ALL,
) -> np.ndarray:  # fmt: skip
    """Return the employees with a quantity among `people`, (4,), if all had one allowance."""
    may = people(summary, mix, options) * _allowed(summary, agreements, mix)
    each = may[:, None, :] * summary.share[quantity]
    return np.asarray(each.sum(axis=(0, 2)))


def sums(
    summary: Summary, agreements: Agreements, quantity: str, mix: Mix | None,
    options: Options = ALL,
) -> float:  # fmt: skip
    """Return the employees with a quantity among `people`."""
    each = by_allowance(summary, agreements, quantity, mix, options)
    return float((each * agreements.allowances).sum())


def regular_rate(
    summary: Summary, agreements: Agreements, mix: Mix | None, options: Options
) -> float:
    """Return the percentage of employees whose usual week has at least one remote day."""
    everybody = float(people(summary, mix, options).sum())
    return PERCENT * _ratio(sums(summary, agreements, "regular", mix, options), everybody)


def week_rate(summary: Summary, agreements: Agreements, mix: Mix | None, options: Options) -> float:
    """Return the percentage of employees at work in a week with at least one remote day in it."""
    everybody = float(people(summary, mix, options).sum())
    return PERCENT * _ratio(sums(summary, agreements, "week", mix, options), everybody)


def regular_days_share(
    summary: Summary, agreements: Agreements, mix: Mix | None, options: Options
) -> float:
    """Return the percentage of regular teleworkers with 1, 2, or 3 and more days in their week."""
    some = sums(summary, agreements, f"regular_{options['days']}", mix)
    return PERCENT * _ratio(some, sums(summary, agreements, "regular", mix))


def days_mean(summary: Summary, agreements: Agreements, mix: Mix | None, options: Options) -> float:
    """Return the remote days a week of those with at least one."""
    return _ratio(sums(summary, agreements, "days", mix), sums(summary, agreements, "week", mix))


def days_parts(
    summary: Summary, agreements: Agreements, mix: Mix | None, target: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums, `by_allowance`, whose ratio is a `regular_days_share` or `days_mean`."""
    if target.indicator == "days_mean":
        days, week = (by_allowance(summary, agreements, each, mix) for each in ("days", "week"))
        return days, week
    some = by_allowance(summary, agreements, f"regular_{target.options['days']}", mix)
    return PERCENT * some, by_allowance(summary, agreements, "regular", mix)


def weekday_ratio(
    summary: Summary, agreements: Agreements, mix: Mix | None, options: Options
) -> float:
    """Return the teleworkers remote on a weekday over those remote on another, means of several.

    Levels do not compare: asked for their days, teleworkers name fewer than they do.
    """
    ending = "_rail" if options.get("mode") == "rail" else ""
    on, over = (
        float(np.mean([sums(summary, agreements, f"on_{each}{ending}", mix) for each in days]))
        for days in (options["weekdays"], options["over"])
    )
    return _ratio(on, over)


def wish_rate(summary: Summary, agreements: Agreements, mix: Mix | None, options: Options) -> float:
    """Return the percentage of regular teleworkers who wish for ``more`` days, or ``fewer``.

    With ``days``, of those whose usual week has so many: 1, or 3 and more.
    """
    ending = f"_{options['days']}" if "days" in options else ""
    wishing = sums(summary, agreements, f"wish_{options['wish']}{ending}", mix)
    return PERCENT * _ratio(wishing, sums(summary, agreements, f"regular{ending}", mix))


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0.0 else 0.0


TELEWORK_INDICATORS: Mapping[str, Callable[..., float]] = {
    each.__name__: each
    for each in (regular_rate, week_rate, regular_days_share, days_mean, weekday_ratio, wish_rate)
}
