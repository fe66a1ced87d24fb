"""What one new telecentre alone would be worth to each commune, in closed form.

The choices of a week are a logit over its sequences of plans (`sim77.engine.choice.allowance`):
with ``a1`` and ``a2`` the odds of a half and of a full remote day, ``Z = sum of the coefficients up
to x**q of the product over days of (1 + a1 x + a2 x**2)``, the value of the week is ``log Z`` and
the expected remote days are its derivatives by ``log a1`` and ``log a2``. A new centre moves ``a1``
and ``a2`` and takes its share of each nest; nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim77.analysis.siting.candidates import Candidates
from sim77.core import calendar
from sim77.core.units import MONTHS
from sim77.engine.columns import CENTRE_KINDS
from sim77.engine.model import CommuteModel
from sim77.engine.organisations.operators import Posted, posted
from sim77.engine.supply.access import WALK
from sim77.engine.supply.access_cache import ways_to_telecentres

_DEGREE = 10
_WEEK_DAYS = 5


@dataclass(frozen=True)
class Demand:
    """What a candidate alone brings to a commune on a working day; (n_communes, n_candidates).

    Attributes
    ----------
    use : numpy.ndarray
        Expected worker-days there; half a day counts one half.
    surplus_eur : numpy.ndarray
        Gain in the value of the week to workers.
    minutes : numpy.ndarray
        Minutes given back, against what they would do without it.
    paid_eur : numpy.ndarray
        What workers pay there themselves; their employers pay the rest.
    """

    use: np.ndarray
    surplus_eur: np.ndarray
    minutes: np.ndarray
    paid_eur: np.ndarray


class _Nest(NamedTuple):
    """A nest of remote plans of some workers: sums over the plans that are there already."""

    odds: np.ndarray  # sum of exp(V / mu), (n_workers,)
    minutes: np.ndarray  # the same sum weighted by minutes travelled that day


class _People(NamedTuple):
    """Choosers of a commune with and without a car alike; arrays (n_workers,) unless said."""

    rows: np.ndarray  # in Choosers
    weight: np.ndarray  # workers by day of the week at work, over five
    office: np.ndarray  # (n_workers, 5) utility of the office by weekday, presence included
    works: np.ndarray  # (n_workers, 5) bool, remote plans allowed
    left: np.ndarray  # half-days a week
    full: np.ndarray  # of a whole day at a centre, centre and price left out
    half: np.ndarray
    half_presence: np.ndarray  # (n_workers, 5)
    bonus: np.ndarray  # (5,)
    office_min: np.ndarray
    half_min: np.ndarray
    share_paid: np.ndarray


def expected_demand(model: CommuteModel, candidates: Candidates) -> Demand:
    """Compute what each candidate alone would bring to each commune.

    Parameters
    ----------
    model : CommuteModel
        A run of the base scenario after its last day. Its expectations, norms and teams are taken
        as they are, so that nothing moves but the choices of those who get the new centre.
    candidates : Candidates

    Returns
    -------
    Demand
    """
    p = model.parameters
    n = len(model.territory.communes)
    access = ways_to_telecentres(model.territory, candidates.sites.row, p)
    near = (access.mode == WALK) | (access.minutes <= p.max_access_min)
    way = 2.0 * p.theta * (
        p.beta_time_per_min * p.multiplier_access_telecentre * access.minutes
        + p.beta_cost_per_eur * access.cost_eur
    )  # fmt: skip
    services = candidates.sites.services - p.reference_services
    place = p.array("asc_tc", CENTRE_KINDS)[candidates.sites.kind]
    place = place + p.utility_per_service * services
    found = np.zeros((4, n, len(candidates.codes)))
    order = np.argsort(model._choosers.reach, kind="stable")
    rows = np.searchsorted(model._choosers.reach[order], np.arange(2 * n + 1))
    for row in range(2 * n):
        here = np.flatnonzero(near[row // 2, row % 2])
        who = order[rows[row] : rows[row + 1]]
        if here.size and who.size:
            travel = (way[row // 2, row % 2, here], 2.0 * access.minutes[row // 2, row % 2, here])
            found[:, row // 2, here] += _of_row(model, row, who, place[here], *travel)
    return Demand(*found)


def _of_row(
    model: CommuteModel,
    row: int,
    who: np.ndarray,
    place: np.ndarray,
    way: np.ndarray,
    way_min: np.ndarray,
) -> np.ndarray:
    """Sum over the people of a commune, with or without a car, in the order of `Demand`; (4, n)."""
    p = model.parameters
    people = _people(model, who)
    paid = p.theta * p.beta_cost_per_eur * people.share_paid[:, None]
    full = people.full[:, None] + place + way + paid * p.price_day_eur
    half = people.half[:, None] + 0.5 * place + way + paid * p.price_half_day_eur
    full_nest, half_nest = _nests_now(model, row, people)
    odds_full, odds_half = np.exp(full / p.mu_remote), np.exp(half / p.mu_remote)
    before = _week(people, full_nest.odds[:, None], half_nest.odds[:, None], p.mu_remote)
    after = _week(
        people, full_nest.odds[:, None] + odds_full, half_nest.odds[:, None] + odds_half,
        p.mu_remote,
    )  # fmt: skip
    share_full = odds_full / (full_nest.odds[:, None] + odds_full)
    share_half = odds_half / (half_nest.odds[:, None] + odds_half)
    days, halves = after.full_days * share_full, after.half_days * share_half
    spent = people.share_paid[:, None] * (days * p.price_day_eur + halves * p.price_half_day_eur)
    minutes = _minutes(people, after, full_nest, half_nest, odds_full, odds_half, way_min)
    nothing = np.zeros((who.size, 1))
    minutes -= _minutes(people, before, full_nest, half_nest, nothing, nothing, nothing)
    eur_per_util = 1.0 / abs(p.theta * p.beta_cost_per_eur)
    surplus = (after.value - before.value) * eur_per_util
    return np.stack(
        [people.weight @ each for each in (days + 0.5 * halves, surplus, minutes, spent)]
    )


def _people(model: CommuteModel, who: np.ndarray) -> _People:
    p, w, choosers, cells = model.parameters, model.columns, model._choosers, model._cells
    settings = model._settings
    i = choosers.worker[who]
    cell = w.cell[i]
    rail, car = cells.rail_valued[cell] + w.taste_rail[i], cells.car_valued[cell] + w.taste_car[i]
    calm_rail = cells.rail_off_peak_valued[cell] + w.taste_rail[i]
    calm_car = cells.car_off_peak[cell] + w.taste_car[i]
    presence = p.g_peer * choosers.presence[who]
    weekdays = np.arange(_WEEK_DAYS)
    at_work = (w.works[i, None] >> weekdays) & 1 == 1
    held = (choosers.anchor[who, None] >> weekdays) & 1 == 1
    norm = p.g_norm * choosers.norm[who]
    months = [MONTHS[calendar.monday_of(day).month - 1] for day in model.days]
    absence = np.mean([p[f"absence_{name}"] for name in months])
    journey = model.trips.journey[:, :, 0]
    return _People(
        rows=who,
        weight=w.weight[i] * (1.0 - absence) / _WEEK_DAYS,
        office=p.theta * np.maximum(rail, car)[:, None] + presence,
        works=at_work & ~held,
        left=w.allowance[i].astype(np.int64),
        full=choosers.centre[who] + norm,
        half=settings.asc_half
        + p.theta * np.maximum(calm_rail, calm_car)
        + 0.5 * (choosers.centre[who] + norm),
        half_presence=0.5 * presence,
        bonus=settings.b_weekday,
        office_min=np.where(rail >= car, journey[cell, 0], journey[cell, 1]),
        half_min=np.where(
            calm_rail >= calm_car, journey[cell, 0], model.trips.car_off_peak_min[cell]
        ),
        share_paid=choosers.share_paid[who],
    )


def _nests_now(model: CommuteModel, row: int, people: _People) -> tuple[_Nest, _Nest]:
    """Return the full-day and the half-day nest with home and the centres that are open already."""
    p, choosers, reach = model.parameters, model._choosers, model.reach
    isolation = p.g_isolation * model.columns.isolation[choosers.worker[people.rows]]
    norm = p.g_norm * choosers.norm[people.rows]
    full = np.exp((choosers.home[people.rows] - isolation + norm) / p.mu_remote)
    half = np.zeros_like(full)
    full_min, half_min = np.zeros_like(full), np.zeros_like(full)
    offer: Posted = posted(model.sites.ids, model.state.sites)
    paid = p.theta * p.beta_cost_per_eur * people.share_paid
    for entry in range(reach.start[row], reach.start[row + 1]):
        k = reach.centre[entry]
        if not offer.open[k]:
            continue
        place, minutes = model.centre_offer.attraction[k], 2.0 * reach.minutes[entry]
        there = people.full + place + reach.travel[entry] + paid * offer.price_day_eur[k]
        halfway = people.half + 0.5 * place + reach.travel[entry]
        halfway = halfway + paid * model.centre_offer.price_half[k]
        full_odds, half_odds = np.exp(there / p.mu_remote), np.exp(halfway / p.mu_remote)
        full, half = full + full_odds, half + half_odds
        full_min, half_min = full_min + minutes * full_odds, half_min + minutes * half_odds
    return _Nest(full, full_min), _Nest(half, half_min)


class _Week(NamedTuple):
    """A week of each worker under each candidate; (n_workers, n_candidates)."""

    value: np.ndarray  # log Z
    full_days: np.ndarray  # expected, in the week
    half_days: np.ndarray


def _week(people: _People, full_odds: np.ndarray, half_odds: np.ndarray, mu: float) -> _Week:
    """Return the value of a week and the expected remote days, from the sums of the two nests."""
    shape = full_odds.shape
    sums = np.zeros((3, _DEGREE + 1, *shape))  # of Z and its derivatives by log a2 and log a1
    sums[0, 0] = 1.0
    scale_full, scale_half = full_odds**mu, half_odds**mu
    for day in range(_WEEK_DAYS):
        allowed = people.works[:, day]
        relative = people.bonus[day] - people.office[:, day]
        a2 = np.where(allowed, np.exp(relative), 0.0)[:, None] * scale_full
        calm = 0.5 * people.bonus[day] + people.half_presence[:, day] - people.office[:, day]
        a1 = np.where(allowed, np.exp(calm), 0.0)[:, None] * scale_half
        for q in range(_DEGREE, 0, -1):
            two = sums[:, q - 2] if q > 1 else np.zeros((3, *shape))
            one = sums[:, q - 1]
            sums[:, q] += a1 * one + a2 * two
            sums[1, q] += a2 * two[0]
            sums[2, q] += a1 * one[0]
    z, by_full, by_half = _up_to(sums, people.left)
    return _Week(np.log(z), by_full / z, by_half / z)


def _up_to(sums: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Sum coefficients up to each worker's allowance, (3, n_workers, n_candidates)."""
    total = sums.cumsum(axis=1)
    return total[:, left, np.arange(left.size)]


def _minutes(
    people: _People,
    week: _Week,
    full: _Nest,
    half: _Nest,
    odds_full: np.ndarray,
    odds_half: np.ndarray,
    way_min: np.ndarray,
) -> np.ndarray:
    """Return the minutes given back in a week, (n_workers, n_candidates)."""
    to_full = (full.minutes[:, None] + odds_full * way_min) / (full.odds[:, None] + odds_full)
    all_half = np.maximum(half.odds[:, None] + odds_half, np.finfo(float).tiny)
    to_half = (half.minutes[:, None] + odds_half * way_min) / all_half
    office = people.office_min[:, None]
    return week.full_days * (office - to_full) + week.half_days * (
        office - people.half_min[:, None] - to_half
    )
