"""Who may work away from the office, how often, and what half-days kept for later are worth.

A worker with q half-days left and d working days still to come this week values the rest of the
week, relative to the office, by the logit inclusive value of a finite-horizon dynamic discrete
choice (Rust 1987): ``W(q, 0) = 0`` and, for d >= 1,

``W(q, d) = log(exp W(q, d-1) + [q >= 1] a1 exp W(q-1, d-1) + [q >= 2] a2 exp W(q-2, d-1))``

with ``a1 = exp(I_half - V_office)`` and ``a2 = exp(I_full - V_office)`` of that day. Unrolled,
``exp W(q, d)`` is the sum of the coefficients up to x**q of the product over the days of
``1 + a1 x + a2 x**2``, which is how `sim77.engine.choice.allowance_kernels` computes it: no
logarithm inside.

Employers grant remote work sooner to those who live far away: the odds of being covered are
``odds_covered_per_10_km`` times as great for each 10 km more of the way to work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim77.core import draws
from sim77.core.draws import Purpose
from sim77.core.threads import columns_in_blocks
from sim77.core.units import ALL_WEEKDAYS, EMPLOYER_SIZES, OCCUPATION_GROUPS, WEEKDAYS
from sim77.engine.population.population import INDEPENDENTS, Population
from sim77.registry.parameters import ParameterSet
from sim77.scenario.policy import PolicyState

ALLOWANCES = (2, 4, 6, 10)
NEVER_BINDS = 2 * len(WEEKDAYS)

COVERED_AT_KM = 10.0
"""Way to work, one way by road, of those to whom the registry's shares covered apply."""

SIZE_NAMES = [name.replace("-", "_") for name in EMPLOYER_SIZES]
"""Of employer sizes, as the names of parameters end."""


@dataclass(frozen=True)
class Entitlements:
    """What employers' rules give each worker; shape (n_workers,) each.

    Attributes
    ----------
    teleworkable : bool
        The job can be done away from the office.
    covered : bool
        An agreement (an independent's own decision) covers the worker.
    half_days : int8
        Remote half-days a week, 0 to 10.
    share_paid : float64
        Share of a telecentre's posted price that the worker bears: 0 where the agreement pays.
    anchor : uint8
        Weekdays on which the office is compulsory, as bits: anchor days of covered employees, by
        agreement and by policy.
    closed : uint8
        Weekdays on which the office is closed to the worker, as bits: all under a lockdown, some
        under an obligation to telework.
    """

    teleworkable: np.ndarray
    covered: np.ndarray
    half_days: np.ndarray
    share_paid: np.ndarray
    anchor: np.ndarray
    closed: np.ndarray


def entitlements(population: Population, state: PolicyState) -> Entitlements:
    """Turn the draws of a lifetime into entitlements under the policies of a day.

    Coverage only grows with the dated share, and an employer keeps its rank among allowances, so
    that between two policies only those change whom the policy reaches.

    Parameters
    ----------
    population : Population
    state : PolicyState
        ``allowance_half_days`` replaces the allowance of every covered, teleworkable employee;
        under a lockdown every teleworkable worker may, and must, stay away from the office, under
        an obligation to telework those whose employer follows it, on so many days.

    Returns
    -------
    Entitlements
    """
    odds = covered_odds(population.market_road_km, state.parameters)

    def of_rows(rows: slice) -> tuple[np.ndarray, ...]:
        mine = {name: getattr(population, name)[rows] for name in _READ_OF_PEOPLE}
        return _entitled(replace(population, **mine), odds, state)

    return Entitlements(*columns_in_blocks(of_rows, population.low.size))


_READ_OF_PEOPLE = (
    "low", "high", "group", "size", "core_job", "market", "u_teleworkable", "u_covered",
    "u_allowance", "u_pays", "u_anchor",
)  # fmt: skip


def _entitled(
    people: Population, odds_of_market: np.ndarray, state: PolicyState
) -> tuple[np.ndarray, ...]:
    """Return the columns of `Entitlements` of some people."""
    parameters = state.parameters
    group = people.group
    employee = group != INDEPENDENTS
    teleworkable = (
        people.u_teleworkable
        < teleworkable_shares(parameters)[group, (people.core_job & employee).astype(np.int8)]
    )
    odds = np.where(employee, odds_of_market[people.market], 1.0)
    covered = people.u_covered < with_odds(coverage_bounds(state)[group, people.size], odds)
    half_days = np.where(employee, _allowance_of_rank(people.u_allowance, parameters), NEVER_BINDS)
    if state.allowance_half_days is not None:
        half_days = np.where(employee, state.allowance_half_days, half_days)
    half_days = np.where(teleworkable & covered, half_days, 0)
    closed = _closed_days(people, state, teleworkable)
    pays = covered & employee & (people.u_pays < parameters.share_agreements_paying)
    return (
        teleworkable,
        covered,
        half_days.astype(np.int8),
        np.where(pays, 1.0 - parameters.share_price_paid_by_agreement, 1.0),
        np.where(covered & employee & (closed == 0), _anchor_days(people, state), 0).astype(
            np.uint8
        ),
        closed,
    )


def teleworkable_shares(parameters: ParameterSet) -> np.ndarray:
    """Return the share whose work can be done remotely, by group and workplace, (n_groups, 2).

    First elsewhere, then in the core of a city, where the odds are ``odds_teleworkable_core`` times
    as great.
    """
    share = parameters.array("share_teleworkable", OCCUPATION_GROUPS)
    return np.stack((share, with_odds(share, parameters.odds_teleworkable_core)), axis=1)


def covered_odds(road_km: np.ndarray, parameters: ParameterSet) -> np.ndarray:
    """Return how many times as great the odds of being covered are as at `COVERED_AT_KM`.

    Parameters
    ----------
    road_km : numpy.ndarray
        Ways to work of employees, one way by road.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray
        In the shape of `road_km`.
    """
    return np.asarray(parameters.odds_covered_per_10_km ** ((road_km - COVERED_AT_KM) / 10.0))


def with_odds(share: np.ndarray, odds: np.ndarray | float) -> np.ndarray:
    """Return the shares whose odds are `odds` times as great; 0 and 1 stay.

    Examples
    --------
    >>> with_odds(np.array([0.0, 0.5, 1.0]), 3.0)
    array([0.  , 0.75, 1.  ])
    """
    return np.asarray(odds * share / (1.0 - share + odds * share))


def same_rights(state: PolicyState, other: PolicyState) -> bool:
    """Say whether `entitlements` are the same under two states: all that they read is."""
    return all(getattr(state, name) == getattr(other, name) for name in _READ)


_READ = (
    "parameters", "allowance_half_days", "lockdown", "anchor_weekdays", "staggered_days",
    "agreements_factor", "coverage_floor", "obligation_days",
)  # fmt: skip


def _anchor_days(population: Population, state: PolicyState) -> np.ndarray:
    """Compulsory weekdays as bits: the same for all, an employer's own, staggered ones by worker.

    An agreement that names a day of its own names Tuesday or Thursday: where the shares move, only
    the employers at the bounds of their draw change.
    """
    common = sum(1 << weekday for weekday in state.anchor_weekdays)
    days = common | days_of_agreement(population.u_anchor, state.parameters)
    if state.staggered_days > 0:
        days |= _days_drawn(population, state.staggered_days)
    return days


def days_of_agreement(u_anchor: np.ndarray, parameters: ParameterSet) -> np.ndarray:
    """Return the compulsory weekdays that an agreement names itself, as bits.

    Parameters
    ----------
    u_anchor : numpy.ndarray
        Draws of `sim77.engine.population.population.Population`, one a worker.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray of int64
        In the shape of `u_anchor`.
    """
    days = np.zeros(u_anchor.shape, dtype=np.int64)
    days[u_anchor < parameters.share_agreements_anchor_tuesday] |= 1 << WEEKDAYS.index("tuesday")
    thursday = u_anchor >= 1.0 - parameters.share_agreements_anchor_thursday
    days[thursday] |= 1 << WEEKDAYS.index("thursday")
    return days


def _closed_days(
    population: Population, state: PolicyState, teleworkable: np.ndarray
) -> np.ndarray:
    """Return the weekdays on which the office is closed to each worker, as bits.

    The employers that follow an obligation are those that sign agreements first; which days these
    are differs from one employee to the next.
    """
    if state.lockdown:
        return np.where(teleworkable, ALL_WEEKDAYS, 0).astype(np.uint8)
    if state.obligation_days == 0:
        return np.zeros(population.low.size, dtype=np.uint8)
    employee = population.group != INDEPENDENTS
    follows = population.u_covered < state.parameters.share_following_obligation
    days = _days_drawn(population, state.obligation_days)
    return np.where(teleworkable & employee & follows, days, 0).astype(np.uint8)


def _days_drawn(population: Population, number: int) -> np.ndarray:
    """Return so many weekdays of each worker, as bits; more of them hold those before."""
    workers_drawn = (population.seed, Purpose.STAGGERED_DAYS, population.low, population.high)
    u = np.hstack([draws.units(*workers_drawn, lanes=4), draws.units(*workers_drawn, sub=1)])
    return np.asarray((1 << np.argsort(u, axis=1)[:, :number]).sum(axis=1))


def coverage_bounds(state: PolicyState) -> np.ndarray:
    """Return the share covered by group and size class; the last column is no employer.

    Of employees, those whose way to work is `COVERED_AT_KM` (`covered_odds` tells of the others).

    Parameters
    ----------
    state : PolicyState
        Dated shares, and the floor to which agreements have spread
        (`sim77.engine.organisations.employers`).

    Returns
    -------
    numpy.ndarray, shape (n_groups, n_sizes + 1)
    """
    parameters = state.parameters
    factors = parameters.array("coverage_factor", SIZE_NAMES)
    weights = parameters.array("share_workers", SIZE_NAMES)
    shares = parameters.array("share_covered", OCCUPATION_GROUPS)
    bounds = np.column_stack((covered_by_size(shares, factors, weights), shares))
    employees = bounds[:INDEPENDENTS, :-1]
    factor = state.agreements_factor
    of_group = np.array([factor.get(name, 1.0) for name in OCCUPATION_GROUPS[:INDEPENDENTS]])
    of_size = np.array([factor.get(name, 1.0) for name in EMPLOYER_SIZES])
    employees[:] = np.minimum(1.0, employees * of_group[:, None] * of_size)
    if state.coverage_floor:
        np.maximum(employees, np.array(state.coverage_floor), out=employees)
    return bounds


def covered_by_size(
    share: float | np.ndarray, factors: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the share covered in each size class so that the mean over workers is `share`.

    Each class has ``min(1, c * factor)``; c is found exactly by letting the classes with the
    greatest factors fill up one after the other, so every class grows with `share`.

    Parameters
    ----------
    share : float or numpy.ndarray, shape (...)
        Share of a group's workers who are covered, 0 to 1.
    factors : numpy.ndarray, shape (n_sizes,)
        Relative coverage by employer size.
    weights : numpy.ndarray, shape (n_sizes,)
        Share of the workers by employer size.

    Returns
    -------
    numpy.ndarray, shape (..., n_sizes)

    Examples
    --------
    >>> covered_by_size(0.5, np.array([0.5, 1.5]), np.array([0.5, 0.5]))
    array([0.25, 0.75])
    >>> covered_by_size(0.9, np.array([0.5, 1.5]), np.array([0.5, 0.5]))
    array([0.8, 1. ])
    """
    order = np.argsort(-factors, kind="stable")
    factor, weight = factors[order], weights[order] / weights.sum()
    # One c for each number of full classes, of which the first that fills no other one holds.
    missing = np.asarray(share)[..., None] - (weight.cumsum() - weight)
    mass = (weight * factor)[::-1].cumsum()[::-1]
    c = missing / np.where(mass > 0.0, mass, np.inf)
    fits = (c * factor <= 1.0) & (mass > 0.0)
    first = fits.argmax(axis=-1)[..., None]
    found = np.minimum(1.0, np.take_along_axis(c, first, axis=-1) * factors)
    return np.where(fits.any(axis=-1)[..., None], found, 1.0)


def _allowance_of_rank(u: np.ndarray, parameters: ParameterSet) -> np.ndarray:
    shares = parameters.array("share_allowance", [str(half_days) for half_days in ALLOWANCES])
    bounds = shares.cumsum()[:-1] / shares.sum()
    return np.array(ALLOWANCES)[np.searchsorted(bounds, u, side="right")]


def value_of_week(half_days: int, a1: np.ndarray, a2: np.ndarray) -> np.ndarray:
    """Return ``W(q, d)`` for q from 0 to `half_days`, d the length of `a1`, from the recursion.

    Parameters
    ----------
    half_days : int
    a1, a2 : numpy.ndarray, shape (d,)
        ``exp(I_half - V_office)`` and ``exp(I_full - V_office)`` of the coming days; 0 on an
        anchor day.

    Returns
    -------
    numpy.ndarray, shape (half_days + 1,)
    """
    value = np.zeros(half_days + 1)
    for half_odds, full_odds in zip(a1, a2, strict=True):
        exponential = np.exp(value)
        total = exponential.copy()
        total[1:] += half_odds * exponential[:-1]
        total[2:] += full_odds * exponential[:-2]
        value = np.log(total)
    return value
