"""Desks: how many there are today, who else sits at them, and in which order workers are served.

Workers who prefer a centre are served in one order for all centres, subscribers of any centre
first, then by a draw of worker and day; each takes the best plan still feasible. That is serial
dictatorship, computed directly in `sim77.engine.booking_kernels.book`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim77.core import draws
from sim77.core.draws import Purpose
from sim77.engine import booking_kernels
from sim77.engine.arrays import ChoiceSets, Choosers, Subscriptions, Workers
from sim77.engine.choice.utility import employer_part
from sim77.engine.organisations.operators import Posted
from sim77.engine.population.population import Population
from sim77.registry.parameters import ParameterSet


def desks_today(
    seed: int, keys: np.ndarray, desks: np.ndarray, day: int, scale: float
) -> np.ndarray:
    """Return the desks of each centre on a day, ``floor(scale * desks + u)``; all at scale 1.

    Parameters
    ----------
    seed : int
    keys : numpy.ndarray of uint32, shape (n_centres,)
        Stable keys of the centres.
    desks : numpy.ndarray, shape (n_centres,)
        Desks at full scale.
    day : int
        Ordinal of the day.
    scale : float
        Share of workers simulated.

    Returns
    -------
    numpy.ndarray of int64, shape (n_centres,)
    """
    if scale >= 1.0:
        return desks.astype(np.int64)
    u = draws.units(seed, Purpose.SAMPLED_DESKS, keys, np.zeros_like(keys), day=day)[:, 0]
    return np.floor(scale * desks + u).astype(np.int64)


def exogenous_users(
    seed: int, keys: np.ndarray, desks: np.ndarray, share: np.ndarray, day: int
) -> np.ndarray:
    """Return desks taken all day by users who are not simulated, binomial by centre and day.

    Parameters
    ----------
    seed : int
    keys : numpy.ndarray of uint32, shape (n_centres,)
    desks : numpy.ndarray of int64, shape (n_centres,)
        Desks that exist that day.
    share : numpy.ndarray, shape (n_centres,)
        Probability that such a user takes a given desk.
    day : int

    Returns
    -------
    numpy.ndarray of int64, shape (n_centres,)
    """
    taken = np.zeros(desks.size, dtype=np.int64)
    booking_kernels.count_taken(np.uint32(seed), np.uint32(day), keys, desks, share, taken)
    return taken


def service_order(
    seed: int,
    day: int,
    seekers: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    subscriber: np.ndarray,
) -> np.ndarray:
    """Return the seekers in the order of service: subscribers, then by draw, then by identity.

    Parameters
    ----------
    seed, day : int
    seekers : numpy.ndarray of int64, shape (n_seekers,)
        Rows of workers who prefer a centre today.
    low, high : numpy.ndarray of uint32, shape (n_seekers,)
        Their identities.
    subscriber : numpy.ndarray of bool, shape (n_seekers,)
        Holds a subscription at any centre.

    Returns
    -------
    numpy.ndarray of int64, shape (n_seekers,)
    """
    u = draws.units(seed, Purpose.BOOKING_ORDER, low, high, day=day)[:, 0]
    return seekers[np.lexsort((low, high, u, ~subscriber))]


def share_at_price(
    share: np.ndarray, price_day_eur: np.ndarray, parameters: ParameterSet
) -> np.ndarray:
    """Return the share of desks that users who are not simulated take at a price, at most 1.

    Parameters
    ----------
    share : numpy.ndarray, shape (n_centres,)
        At the price of reference.
    price_day_eur : numpy.ndarray, shape (n_centres,)
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_centres,)
    """
    reference_eur = parameters.reference_price_day_eur
    return np.minimum(share * demand_at_price(price_day_eur, reference_eur, parameters), 1.0)


def demand_at_price(
    price_eur: np.ndarray, reference_eur: float, parameters: ParameterSet
) -> np.ndarray:
    """Return the demand of users who are not simulated, over that at the price of reference.

    It falls exponentially, ``exp(e (price / reference - 1))``, so that the elasticity is `e` at the
    price of reference and that a free desk has a demand.
    """
    relative = price_eur / reference_eur - 1.0
    return np.exp(parameters.exogenous_price_elasticity * relative)


def visitor_hours(
    desks: np.ndarray, known: np.ndarray, price_hour_eur: np.ndarray, parameters: ParameterSet
) -> np.ndarray:
    """Return the hours a day sold to visitors, who take no desk and mind the price of an hour.

    Parameters
    ----------
    desks, known, price_hour_eur : numpy.ndarray, shape (n_centres,)
        Desks, share of the people around who know the centre, and price of an hour.
    parameters : ParameterSet

    Returns
    -------
    numpy.ndarray, shape (n_centres,)
    """
    hours = known * parameters.visitor_hours_per_desk_day
    reference_eur = parameters.reference_price_hour_eur
    return desks * hours * demand_at_price(price_hour_eur, reference_eur, parameters)


def subscriptions_earned(
    asked_eur: np.ndarray,
    commune: np.ndarray,
    car_available: np.ndarray,
    choice_sets: ChoiceSets,
    posted: Posted,
) -> np.ndarray:
    """Return who takes a subscription for a month, as bits by alternative, (n_workers,).

    Whoever asked for so many days at a centre last month that a month's price is no dearer. Days
    for which no desk was free count: who would come often wants a subscription most where desks
    are short.

    Parameters
    ----------
    asked_eur : numpy.ndarray, shape (n_workers, max_alternatives)
        What the days and half-days asked for last month cost, paid the cheapest way, by place in
        the list of centres in reach, whether a desk was free or not; with a subscription, what they
        would have cost.
    commune, car_available : numpy.ndarray, shape (n_workers,)
        They make the row in `choice_sets`.
    choice_sets : ChoiceSets
    posted : Posted
        Prices of today; a centre that has closed has no subscribers.
    """
    bits = np.zeros(len(asked_eur), dtype=np.uint32)
    worker, alternative = np.nonzero(asked_eur)
    row = commune[worker].astype(np.int64) * 2 + car_available[worker]
    centre = choice_sets.centre[choice_sets.start[row] + alternative]
    # In whole cents: how a sum of prices was rounded must not decide.
    asked, month = (
        np.rint(100.0 * eur)
        for eur in (asked_eur[worker, alternative], posted.price_month_eur[centre])
    )
    cheaper = posted.open[centre] & (asked >= month)
    mine = np.left_shift(np.uint32(1), alternative[cheaper].astype(np.uint32))
    np.bitwise_or.at(bits, worker[cheaper], mine)
    return bits


def settle_subscriptions(
    w: Workers,
    choosers: Choosers,
    people: Population,
    choice_sets: ChoiceSets,
    posted: Posted,
    alternatives: int,
    parameters: ParameterSet,
    at_home: bool,
) -> Subscriptions:
    """Return the subscriptions of a month; employers pay their part of them out of their budget.

    Parameters
    ----------
    w : Workers
        With their subscriptions; what the employer has paid this month is added to.
    choosers : Choosers
        Whoever has no allowance now pays alone.
    people : Population
    choice_sets : ChoiceSets
    posted : Posted
        Prices of today.
    alternatives : int
        Greatest number of centres in reach of anybody.
    parameters : ParameterSet
    at_home : bool
        Whether these are those who work at home.
    """
    holders, parts = np.flatnonzero(w.subscribed), []
    for alternative in range(alternatives):
        mine = holders[(w.subscribed[holders] >> alternative) & 1 == 1]
        row = people.commune[mine].astype(np.int64) * 2 + people.car_available[mine]
        centre = choice_sets.centre[choice_sets.start[row] + alternative]
        price, chooser = posted.price_month_eur[centre], w.chooser[mine]
        share = np.zeros(mine.size)
        share[chooser >= 0] = 1.0 - choosers.share_paid[chooser[chooser >= 0]]
        left = parameters.employer_budget_eur_per_month - w.employer_paid_eur[mine]
        paid = employer_part(share, price, np.inf, left)
        w.employer_paid_eur[mine] += paid
        own = 1.0 - np.divide(paid, price, out=np.zeros(mine.size), where=price > 0.0)
        parts.append(
            (
                people.commune[mine], w.kind_of_worker[mine], np.full(mine.size, at_home), centre,
                w.weight[mine], w.weight[mine] * own,
            )
        )  # fmt: skip
    return joined(Subscriptions(*part) for part in parts)


def joined(parts: Iterable[Subscriptions]) -> Subscriptions:
    """Return the subscriptions of several tables in one."""
    return Subscriptions(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def no_subscriptions() -> Subscriptions:
    """Return an empty table."""
    none = np.empty(0, dtype=np.int64)
    weight = none.astype(np.float64)
    return Subscriptions(none, none, none.astype(np.bool_), none, weight, weight)


def subscriptions_today_eur(
    held: Subscriptions, posted: Posted, working_days_of_month: int
) -> np.ndarray:
    """Return what each subscription costs its holder today, (n,): the month in equal parts."""
    return held.own_weight * posted.price_month_eur[held.centre] / working_days_of_month
