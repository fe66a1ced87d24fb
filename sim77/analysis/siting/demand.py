"""What one new telecentre alone would be worth to each commune, in closed form.

The choices of a week are a logit over its sequences of plans (`sim77.engine.choice.allowance`):
with ``a1`` and ``a2`` the odds of a half and of a full remote day, ``Z = sum of the coefficients up
to x**q of the product over days of (1 + a1 x + a2 x**2)``, the value of the week is ``log Z`` and
the expected remote days are its derivatives by ``log a1`` and ``log a2``. A new centre moves ``a1``
and ``a2`` and takes its share of each nest; nothing is simulated. Everybody counts by the chance to
consider a shared place of work, not only those who do in one run.

Who works at home on their own account has no office to compare with (`sim77.engine.home_based`): a
day is worth the logarithm of the sum of the nest, and no travel time is saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim77.analysis.siting.candidates import Candidates
from sim77.core import calendar
from sim77.core.units import MONTHS, Plan
from sim77.engine import home_based
from sim77.engine.arrays import Choosers, Coefficients, Markets, Workers
from sim77.engine.choice.utility import (
    at_centre,
    employer_part,
    of_journey,
    of_person,
    of_weekday,
)
from sim77.engine.columns import access_utility, attraction, cheapest, share_considering
from sim77.engine.model import CommuteModel
from sim77.engine.organisations.awareness_kernels import meet_centres
from sim77.engine.population.population import Population
from sim77.engine.supply.access_cache import legs_to_telecentres
from sim77.registry.parameters import ParameterSet

_DEGREE = 10
_WEEK_DAYS = 5


@dataclass(frozen=True)
class CandidateDemand:
    """What a candidate alone brings to a commune on a working day; (n_communes, n_candidates).

    Attributes
    ----------
    use : numpy.ndarray
        Expected worker-days there; half a day counts one half.
    surplus_eur : numpy.ndarray
        Gain in the value of the week to users.
    minutes : numpy.ndarray
        Travel time saved by commuters, against what they would do without it.
    paid_eur : numpy.ndarray
        What users pay there themselves; employers pay the rest.
    """

    use: np.ndarray
    surplus_eur: np.ndarray
    minutes: np.ndarray
    paid_eur: np.ndarray


class _Nest(NamedTuple):
    """A nest of remote plans of some workers: sums over the plans that are there already."""

    odds: np.ndarray  # sum of exp(V / mu) over places, (n_workers,)
    minutes: np.ndarray  # the same sum weighted by minutes travelled that day
    value: np.ndarray  # inclusive value of what is at each candidate's place, (n_workers, n)
    value_min: np.ndarray  # minutes travelled by who goes there

    def with_candidate(
        self, utility: np.ndarray, way_min: np.ndarray, mu: float, mu_place: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return odds, the candidates' share of them, and odds by minutes; (n_workers, n) each.

        Parameters
        ----------
        utility : numpy.ndarray, shape (n_workers, n)
            Of a plan at each candidate, which joins the centres of its place.
        way_min : numpy.ndarray, shape (n,)
        mu, mu_place : float
        """
        scale = mu * mu_place
        value = scale * np.logaddexp(self.value / scale, utility / scale)
        inside = np.exp((utility - value) / scale)
        before, here = np.exp(self.value / mu), np.exp(value / mu)
        odds = self.odds[:, None] - before + here
        minutes = self.minutes[:, None] - before * self.value_min
        minutes += here * (inside * way_min + (1.0 - inside) * self.value_min)
        return odds, here * inside / odds, minutes


class _People(NamedTuple):
    """Choosers of a commune with and without a car alike; arrays (n_workers,) unless said."""

    b: list[Coefficients]  # by kind of plan
    person: list[np.ndarray]  # by kind of plan: utility, weekday and centre left out
    weekday: list[np.ndarray]  # by kind of plan: terms of the weekday, (n_workers, 5)
    weight: np.ndarray  # workers who consider a centre by day of the week at work, over five
    works: np.ndarray  # (n_workers, 5) bool, remote plans allowed
    left: np.ndarray  # half-days a week
    office_min: np.ndarray
    half_min: np.ndarray
    share_paid: np.ndarray
    ceiling_eur: float
    familiar: np.ndarray  # alternatives that each knows, as bits
    commute: bool

    def at_centre(
        self, kind: Plan, place: np.ndarray, way: np.ndarray, price_eur: float
    ) -> np.ndarray:
        """Return the utility of a kind of plan at centres, (n_workers, n_centres).

        `place` and `way` have a row a kind of plan and a column a centre.
        """
        person, borne = self.person[kind][:, None], self.price_borne(kind, price_eur)[:, None]
        return np.asarray(at_centre(self.b[kind], person, place[kind], way[kind], borne))

    def price_borne(self, kind: Plan, price_eur: float) -> np.ndarray:
        """Return what each pays of a price, without looking at the employer's monthly budget."""
        ceiling = self.ceiling_eur * (0.5 if kind is Plan.HALF else 1.0)
        part = employer_part(1.0 - self.share_paid, price_eur, ceiling, np.inf)
        return np.asarray(price_eur - part)

    def relative(self, kind: Plan, day: int) -> np.ndarray:
        """Return the weekday's terms of a kind of plan less the utility of the office."""
        office = self.person[Plan.OFFICE] + self.weekday[Plan.OFFICE][:, day]
        return np.asarray(self.weekday[kind][:, day] - office)


def expected_demand(model: CommuteModel, candidates: Candidates) -> CandidateDemand:
    """Compute what each candidate alone would bring to each commune.

    Parameters
    ----------
    model : CommuteModel
        A run of the base scenario after its last day. Its expectations, norms and teams are taken
        as they are, so that nothing moves but the choices of those who get the new centre.
    candidates : Candidates

    Returns
    -------
    CandidateDemand
    """
    p = model.parameters
    n = len(model.territory.communes)
    access = legs_to_telecentres(model.territory, candidates.sites.row, p)
    near = access.fastest_min <= p.max_access_min
    way = access_utility(access, p)
    sites = candidates.sites
    place = attraction(sites.kind, sites.services, np.zeros(len(candidates.codes)), p)
    found = np.zeros((4, n, len(candidates.codes)))
    for group in _groups(model):
        choice_set = group.choosers.choice_set
        order = np.argsort(choice_set, kind="stable")
        rows = np.searchsorted(choice_set[order], np.arange(2 * n + 1))
        familiar = _familiar_to_all(model, group)
        for row in range(2 * n):
            here = np.flatnonzero(near[row // 2, row % 2])
            ids = order[rows[row] : rows[row + 1]]
            if here.size and ids.size:
                travel = (
                    way[:, row // 2, row % 2, here],
                    2.0 * access.minutes[row // 2, row % 2, here],
                )
                keys = sites.place_key[here]
                people = _people(model, group, ids, familiar)
                found[:, row // 2, here] += _of_row(
                    model, row, people, keys, place[:, here], *travel
                )
    return CandidateDemand(*found)


class _Group(NamedTuple):
    """Commuters, or those who work at home on their own account."""

    population: Population
    w: Workers
    choosers: Choosers
    markets: Markets
    commute: bool


def _groups(model: CommuteModel) -> tuple[_Group, _Group]:
    m = model.memory
    (w, choosers), (at_home, own) = m.seekers_of_desks
    staying = home_based.markets_of(m.effects.travel.n_modes)
    return (
        _Group(model.population, w, choosers, m.markets, commute=True),
        _Group(model.world.home_based, at_home, own, staying, commute=False),
    )


def _familiar_to_all(model: CommuteModel, group: _Group) -> np.ndarray:
    """Return the centres that each worker would know if all considered them, as bits."""
    w = group.w._replace(familiar=np.zeros_like(group.w.familiar))
    everybody = group.choosers._replace(considers=np.ones_like(group.choosers.considers))
    known = model.memory.centres.known
    meet_centres(
        w, everybody, model.choice_sets, model.sites.known_key, known, model.draw_seed,
        0, everybody.worker.size,
    )  # fmt: skip
    return w.familiar


def _of_row(
    model: CommuteModel,
    row: int,
    people: _People,
    keys: np.ndarray,
    place: np.ndarray,
    way: np.ndarray,
    way_min: np.ndarray,
) -> np.ndarray:
    """Sum over a commune's people, with or without a car, by field of `CandidateDemand`; (4, n)."""
    p = model.parameters
    day_eur, half_day_eur = cheapest(p.price_day_eur, p.price_half_day_eur, p.price_hour_eur, p)
    full = people.at_centre(Plan.TELECENTRE, place, way, day_eur)
    half = people.at_centre(Plan.HALF, place, way, half_day_eur)
    full_nest, half_nest = _nests_now(model, row, people, keys)
    scales = p.mu_remote, p.mu_place
    full_odds, share_full, full_min = full_nest.with_candidate(full, way_min, *scales)
    half_odds, share_half, half_min = half_nest.with_candidate(half, way_min, *scales)
    now = full_nest.odds[:, None], half_nest.odds[:, None]
    week_of = _week if people.commute else _week_at_home
    before = week_of(people, *now, p.mu_remote)
    after = week_of(people, full_odds, half_odds, p.mu_remote)
    days, halves = after.full_days * share_full, after.half_days * share_half
    spent = days * people.price_borne(Plan.TELECENTRE, day_eur)[:, None]
    spent += halves * people.price_borne(Plan.HALF, half_day_eur)[:, None]
    minutes = _minutes(people, after, full_min / full_odds, half_min / half_odds)
    now_min = full_nest.minutes[:, None], half_nest.minutes[:, None]
    # Without a centre there is no half day, and no minute of one.
    now = now[0], np.maximum(now[1], np.finfo(float).tiny)
    minutes -= _minutes(people, before, now_min[0] / now[0], now_min[1] / now[1])
    eur_per_util = 1.0 / abs(p.theta * p.beta_cost_per_eur)
    surplus = (after.value - before.value) * eur_per_util
    # Added up in one order, on however many processors.
    return np.stack([
        np.einsum("i,ij->j", people.weight, each)
        for each in (days + 0.5 * halves, surplus, minutes, spent)
    ])  # fmt: skip


def _people(model: CommuteModel, group: _Group, ids: np.ndarray, familiar: np.ndarray) -> _People:
    population, w, choosers, markets, commute = group
    p, settings = model.parameters, model.memory.settings
    i = choosers.worker[ids]
    considering = share_considering(population, i, p, for_themselves=not commute)
    market = w.market[i]
    to_office, to_half = (
        utility[market] + w.taste[i] for utility in (markets.office_valued, markets.half_valued)
    )
    weekdays = np.arange(_WEEK_DAYS)
    at_work = (w.works[i, None] >> weekdays) & 1 == 1
    held = (choosers.anchor[ids, None] >> weekdays) & 1 == 1
    months = [MONTHS[calendar.monday_of(day).month - 1] for day in model.days]
    absence = np.mean([p[f"absence_{name}"] for name in months])
    trips = model.memory.trips
    b = [Coefficients(*row) for row in settings.coefficients]
    journeys = {Plan.OFFICE: to_office.max(axis=1), Plan.HALF: to_half.max(axis=1)}
    return _People(
        b=b,
        person=[
            of_person(
                each, choosers.lasting[kind, ids], choosers.fibre[ids], w.isolation[i],
                choosers.norm[ids],
            )
            + (of_journey(each, journeys[Plan(kind)]) if Plan(kind) in journeys else 0.0)
            for kind, each in enumerate(b)
        ],
        weekday=[of_weekday(each, choosers.presence[:, ids].T, settings.b_weekday) for each in b],
        weight=w.weight[i] * considering * (1.0 - absence) / _WEEK_DAYS,
        works=at_work & ~held,
        left=w.allowance[i].astype(np.int64),
        office_min=trips.journey[market, to_office.argmax(axis=1), 0],
        half_min=trips.off_peak_min[market, to_half.argmax(axis=1)],
        share_paid=choosers.share_paid[ids],
        ceiling_eur=p.employer_ceiling_eur_per_day,
        familiar=familiar[i].astype(np.int64),
        commute=commute,
    )  # fmt: skip


def _nests_now(
    model: CommuteModel, row: int, people: _People, keys: np.ndarray
) -> tuple[_Nest, _Nest]:
    """Return the full-day and the half-day nest with home and the centres that are open already.

    `keys` are those of the candidates' places.
    """
    p, choice_sets, there = model.parameters, model.choice_sets, model.memory.centres.offer
    scale = p.mu_remote * p.mu_place
    # By place: inclusive value over its scale, and minutes weighted by the odds within.
    places: dict[Plan, dict[int, list[np.ndarray]]] = {Plan.TELECENTRE: {}, Plan.HALF: {}}
    nobody = np.full(people.left.size, -np.inf)
    for entry in range(choice_sets.start[row], choice_sets.start[row + 1]):
        k = choice_sets.centre[entry]
        if not there.open[k]:
            continue
        minutes = 2.0 * choice_sets.minutes[entry]
        here = there.attraction[:, [k]], choice_sets.travel[:, [entry]]
        prices = {Plan.TELECENTRE: there.price_day[k], Plan.HALF: there.price_half[k]}
        for kind, price in prices.items():
            of_kind = places[kind]
            value, mean_min = of_kind.get(int(there.place_key[k]), [nobody, 0.0 * people.weight])
            mine = people.at_centre(kind, *here, price)[:, 0] / scale
            mine = np.where(people.familiar >> (entry - choice_sets.start[row]) & 1, mine, -np.inf)
            both = np.logaddexp(value, mine)
            # Nothing less nothing is no number: who does not know a centre has no share of it.
            known = ~np.isneginf(mine)
            share = np.exp(np.subtract(mine, both, out=np.full_like(mine, -np.inf), where=known))
            of_kind[int(there.place_key[k])] = [both, (1.0 - share) * mean_min + share * minutes]
    at_home = np.exp(people.person[Plan.HOME] / p.mu_remote)
    return (
        _nest(at_home, places[Plan.TELECENTRE], keys, p),
        _nest(np.zeros_like(at_home), places[Plan.HALF], keys, p),
    )


def _nest(
    odds: np.ndarray, places: dict[int, list[np.ndarray]], keys: np.ndarray, p: ParameterSet
) -> _Nest:
    minutes, scale = np.zeros_like(odds), p.mu_remote * p.mu_place
    for value, mean_min in places.values():
        of_place = np.exp(p.mu_place * value)
        odds, minutes = odds + of_place, minutes + of_place * mean_min
    nothing = [np.full(odds.size, -np.inf), np.zeros(odds.size)]
    here = [places.get(int(key), nothing) for key in keys]
    value, value_min = (np.column_stack([each[n] for each in here]) for n in range(2))
    return _Nest(odds, minutes, scale * value, value_min)


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
        full, half = (people.relative(kind, day) for kind in (Plan.TELECENTRE, Plan.HALF))
        a2 = np.where(allowed, np.exp(full), 0.0)[:, None] * scale_full
        a1 = np.where(allowed, np.exp(half), 0.0)[:, None] * scale_half
        for q in range(_DEGREE, 0, -1):
            two = sums[:, q - 2] if q > 1 else np.zeros((3, *shape))
            one = sums[:, q - 1]
            sums[:, q] += a1 * one + a2 * two
            sums[1, q] += a2 * two[0]
            sums[2, q] += a1 * one[0]
    z, by_full, by_half = _up_to(sums, people.left)
    return _Week(np.log(z), by_full / z, by_half / z)


def _week_at_home(
    people: _People, full_odds: np.ndarray, half_odds: np.ndarray, mu: float
) -> _Week:
    """Return the same of who has no office, up to a constant: whole days at home or at centres."""
    days = np.broadcast_to(people.works.sum(axis=1, keepdims=True), full_odds.shape)
    return _Week(days * mu * np.log(full_odds), days.astype(float), np.zeros_like(half_odds))


def _up_to(sums: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Sum coefficients up to each worker's allowance, (3, n_workers, n_candidates)."""
    total = sums.cumsum(axis=1)
    return total[:, left, np.arange(left.size)]


def _minutes(
    people: _People, week: _Week, full_min: np.ndarray, half_min: np.ndarray
) -> np.ndarray:
    """Return the travel time saved in a week, (n_workers, n_candidates).

    From the minutes travelled on a full and on a half remote day, to the office apart.
    """
    if not people.commute:
        return np.zeros_like(week.full_days)
    office = people.office_min[:, None]
    return week.full_days * (office - full_min) + week.half_days * (
        office - people.half_min[:, None] - half_min
    )
