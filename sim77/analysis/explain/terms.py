"""One worker's day taken apart in plain Python: every plan's total, term by term.

A plan's total is ``V + error + W(left - h) - W(left)`` (`sim77.engine.choice.utility`,
`sim77.engine.choice.allowance`); here V is taken apart into terms, each with the parameters behind
it, from the declared terms, columns, tables and draws and not from the compiled kernels;
`sim77.analysis.explain.observer` makes sure that they say what the engine did.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim77.analysis.explain.pair_terms import pair_journeys
from sim77.analysis.explain.parts import (
    NO_OFFICE,
    DayPlan,
    Journey,
    Term,
    best_journey,
)
from sim77.core.draws import Purpose, block
from sim77.core.units import (
    ACCESS_MODES,
    CENTRE_KINDS,
    OCCUPATION_GROUPS,
    PLAN_KINDS,
    WEEKDAYS,
    AccessMode,
    Plan,
)
from sim77.engine import home_based
from sim77.engine.choice.allowance import NEVER_BINDS, days_of_agreement, value_of_week
from sim77.engine.choice.terms import TERMS
from sim77.engine.choice.utility import employer_part
from sim77.engine.columns import sum_by_place, taste_for_home
from sim77.engine.model import CommuteModel
from sim77.engine.supply.access_cache import legs_to_telecentres

_UNIT = 2.0**-32
_ALSO = {"services": ("reference_services",), "isolation": ("isolation_retention",)}
"""Parameters behind an attribute, to be named beside those of the coefficient."""

_ACCESS_MULTIPLIER = {
    "walk": "multiplier_walk",
    "bicycle": "multiplier_bicycle",
    "car": "multiplier_access_car",
    "bus": "multiplier_access_bus",
}


class Attribute(NamedTuple):
    """What a coefficient multiplies, and the amount to show with its unit."""

    value: float
    amount: float | None = None
    unit: str = ""


def shown(value: float, unit: str) -> Attribute:
    """Return an attribute that is shown as it is."""
    return Attribute(float(value), float(value), unit)


def gumbel(word: int) -> float:
    """Turn a 32-bit word into a standard Gumbel draw, ``-log(-log u)``."""
    return -math.log(-math.log((word + 0.5) * _UNIT))


def log_stable(word_angle: int, word_exponential: int, mu: float) -> float:
    """Return the logarithm of a positive stable draw of index `mu` (Kanter 1975)."""
    if mu >= 1.0:
        return 0.0
    angle = math.pi * (word_angle + 0.5) * _UNIT
    exponential = -math.log((word_exponential + 0.5) * _UNIT)
    part = (1.0 - mu) / mu * math.log(math.sin((1.0 - mu) * angle) / exponential)
    return math.log(math.sin(mu * angle)) + part - math.log(math.sin(angle)) / mu


class Day:
    """A model between booking and learning, asked for single workers.

    Parameters
    ----------
    model : CommuteModel
        Stopped by an observer in the phase ``book``; nothing of it is changed.
    at_home : bool
        Whether it is asked for those who work at home for themselves, not for commuters.
    """

    def __init__(self, model: CommuteModel, at_home: bool = False):
        self.model, self.at_home = model, at_home
        m = model.memory
        self.w, self.choosers = (
            (m.home_based, m.effects.home_based) if at_home else (m.columns, m.choosers)
        )
        self.people = model.world.home_based if at_home else model.population
        self.rights = (
            home_based.rights_of(self.people, model.parameters) if at_home else model.rights
        )
        self.p = model.parameters
        self.markets = m.markets
        self.settings = m.settings
        self.today = model.effects.travel_today
        self.weekday = WEEKDAYS[model.day.weekday()]

    # The office journey ----------------------------------------------------------------------

    def journeys(self, i: int, *, peak: bool) -> tuple[Journey, ...]:
        """Return the way to the office and back by each mode; none for who works at home."""
        return () if self.at_home else pair_journeys(self.model, i, peak=peak)

    # The plans -------------------------------------------------------------------------------

    def plans(self, i: int) -> tuple[list[DayPlan], list[DayPlan]]:
        """Return the plans that need no centre, and those that do, in the engine's order."""
        j = int(self.w.chooser[i])
        office = self._office(i, j)
        if j < 0:
            return [office], []
        home = DayPlan("home", "", {}, "", tuple(self._home(i, j)), self._obstacle(i, j, 2))
        first, end = self.model.choice_sets.start[self.choosers.choice_set[j] + np.arange(2)]
        alternatives = [
            (int(entry), int(entry - first))
            for entry in range(first, end)
            if self.model.memory.centres.offer.open[self.model.choice_sets.centre[entry]]
        ]
        whole = [self._at_centre(i, j, *each, half=False) for each in alternatives]
        # Half a day at a centre is half a day at the office.
        halves = () if self.at_home else alternatives
        return [office, home], whole + [self._at_centre(i, j, *each, half=True) for each in halves]

    def _obstacle(self, i: int, j: int, half_days: int) -> str:
        if self.choosers.anchor[j] >> self.settings.weekday & 1:
            return "anchor"
        if half_days < 2 and self._closed(j):
            return "closed"
        return "" if self._half_days_today(i, j) >= half_days else "allowance"

    def closed_by(self, i: int) -> str:
        """Return what closes the office to a worker today; empty if nothing does, or there is none.

        Under a lockdown no obligation counts, as in `sim77.engine.choice.allowance`.
        """
        j = int(self.w.chooser[i])
        if self.at_home or j < 0 or not self._closed(j):
            return ""
        return "lockdown" if self.model.state.lockdown else "obligation"

    def anchored_by(self, i: int) -> str:
        """Return what makes the office compulsory today; the agreement if it would by itself."""
        j = int(self.w.chooser[i])
        if j < 0 or not self.choosers.anchor[j] >> self.settings.weekday & 1:
            return ""
        named = days_of_agreement(self.people.u_anchor[i : i + 1], self.p)[0]
        return "agreement" if named >> self.settings.weekday & 1 else "policy"

    def _closed(self, j: int) -> bool:
        return bool(self.choosers.closed[j] >> self.settings.weekday & 1)

    def _half_days_today(self, i: int, j: int) -> int:
        """Return the half-days to choose from: coming days with a closed office need theirs."""
        if self._closed(j):
            return NEVER_BINDS
        needed = int(self.w.present[i]) & self.settings.coming & int(self.choosers.closed[j])
        return max(0, self.half_days_left(i) - 2 * needed.bit_count())

    def half_days_left(self, i: int) -> int:
        """Return the remote half-days left before today."""
        w = self.w
        return max(0, int(w.allowance[i]) - int(w.used[i]))

    def _office(self, i: int, j: int) -> DayPlan:
        if self.at_home:
            return DayPlan("office", "", {}, "", (), NO_OFFICE)
        journey = best_journey(self.journeys(i, peak=True))
        terms = self._terms(i, j, Plan.OFFICE, journey) if j >= 0 else list(journey.terms)
        if j >= 0:
            word = self.draw(i, Purpose.ERROR_DAY)[0]
            terms.append(Term("chance_office", gumbel(word)))
        obstacle = "closed" if j >= 0 and self._closed(j) else ""
        return DayPlan("office", "", {}, journey.mode, tuple(terms), obstacle)

    def _home(self, i: int, j: int) -> list[Term]:
        words = self.draw(i, Purpose.ERROR_DAY)
        return [
            *self._terms(i, j, Plan.HOME),
            *self._chance(log_stable(words[2], words[3], self.p.mu_remote), gumbel(words[1])),
            *self._opportunity_cost(i, j, 2),
        ]

    def _at_centre(self, i: int, j: int, entry: int, alternative: int, *, half: bool) -> DayPlan:
        """Return the plan of a day at a centre, or of half a day there, half at the office."""
        model, p = self.model, self.p
        k = int(model.choice_sets.centre[entry])
        kind = Plan.HALF if half else Plan.TELECENTRE
        journey = best_journey(self.journeys(i, peak=False)) if half else None
        stable = self.draw(i, Purpose.ERROR_HALF if half else Purpose.ERROR_DAY)
        angle, exponential = stable[0:2] if half else stable[2:4]
        log_s = log_stable(angle, exponential, p.mu_remote)
        lasting = not model.memory.centres.offer.alone[k]
        own = self.draw(i, Purpose.ERROR_CENTRE, int(model.sites.key[k]), lasting=lasting)
        word = own[1 if half else 0]
        place = int(model.sites.place_key[k])
        of_place = self.draw(i, Purpose.ERROR_PLACE, place)
        log_place = log_stable(of_place[2 * half], of_place[2 * half + 1], p.mu_place)
        terms = [
            *self._terms(i, j, kind, journey, entry, alternative),
            *self._chance(log_s, p.mu_place * (log_place + gumbel(word)), "mu_place"),
            *self._opportunity_cost(i, j, 1 if half else 2),
        ]
        mode = journey.mode if journey else ""
        known = self.w.familiar[i] >> alternative & 1
        strange = "unknown" if self.choosers.considers[j] else "not-considered"
        obstacle = self._obstacle(i, j, 1 if half else 2) if known else strange
        site = model.sites.ids[k]
        label = model.territory.site_labels[site]
        price, employer = self._prices(i, j, k, alternative, kind)
        return DayPlan(
            PLAN_KINDS[kind], site, label, mode, tuple(terms), obstacle, place=place,
            price_eur=price, employer_eur=employer,
        )  # fmt: skip

    def _prices(self, i: int, j: int, k: int, alternative: int, kind: Plan) -> tuple[float, float]:
        """Return the price of a desk, and the employer's part of it; none with a subscription."""
        offer = self.model.memory.centres.offer
        if self.w.subscribed[i] >> alternative & 1:
            return 0.0, 0.0
        price = float((offer.price_half if kind is Plan.HALF else offer.price_day)[k])
        return price, self.employer_part(i, j, kind, price)

    # Their terms -----------------------------------------------------------------------------

    def draw(
        self, i: int, purpose: Purpose, sub: int = 0, *, lasting: bool = False
    ) -> tuple[int, ...]:
        """Return the words of one of a worker's draws of the day (`sim77.core.draws.block`)."""
        w, s = self.w, self.settings
        day = 0 if lasting else s.day
        return block(s.seed, purpose, int(w.low[i]), int(w.high[i]), day, sub)

    def _chance(self, log_s: float, error: float, *also: str) -> list[Term]:
        mu = self.p.mu_remote
        return [
            Term("chance_away", mu * log_s, ("mu_remote",)),
            Term("chance_place", mu * error, ("mu_remote", *also)),
        ]

    def _terms(
        self, i: int, j: int, kind: Plan, journey: Journey | None = None,
        entry: int | None = None, alternative: int = 0,
    ) -> list[Term]:  # fmt: skip
        """Return the terms of `TERMS` that a kind of plan has, each with sign and weight."""
        attributes = self._of_worker(i, j, kind)
        members = {"weekday": self.weekday}
        members["occupation"] = OCCUPATION_GROUPS[self.people.group[i]]
        if entry is not None:
            attributes |= self._of_centre(i, j, entry, alternative, kind)
            place = self.model.sites.kind[self.model.choice_sets.centre[entry]]
            members["centre_kind"] = CENTRE_KINDS[place]
        found = []
        for term in TERMS.values():
            weight = term.signed_weight(kind)
            if weight == 0.0:
                continue
            if term.name == "journey" and journey is not None:
                found += [replace(each, utils=weight * each.utils) for each in journey.terms]
            elif term.name in attributes:
                names = term.parameter_names(**members)
                value, amount, unit = attributes[term.name]
                utils = weight * math.prod(self.p[each] for each in names) * value
                name, also = term.name, _ALSO.get(term.name, ())
                if name == "centre_access" and entry is not None:
                    mode = ACCESS_MODES[self.model.choice_sets.mode[entry]]
                    name, also = f"{name}_{mode}", (_ACCESS_MULTIPLIER[mode],)
                found.append(Term(name, utils, (*names, *also), amount, unit))
        return found

    def _of_worker(self, i: int, j: int, kind: Plan) -> dict[str, Attribute]:
        people, w, choosers = self.people, self.w, self.choosers
        return {
            **dict.fromkeys(("half_constant", "home_constant", "weekday"), Attribute(1.0)),
            "presence": shown(choosers.presence[self.settings.weekday, j], "share"),
            "taste_home": Attribute(float(taste_for_home(people, i, self.p))),
            "taste_telecentre": Attribute(float(people.z_telecentre[i])),
            "fibre": shown(choosers.fibre[j], "share"),
            "isolation": Attribute(float(w.isolation[i])),
            "norm": shown(choosers.norm[j], "share"),
            "habit": Attribute(float(w.last_kind[i] == kind)),
            **({"own_account": Attribute(1.0)} if self.at_home else {}),
        }

    def _of_centre(
        self, i: int, j: int, entry: int, alternative: int, kind: Plan
    ) -> dict[str, Attribute]:
        model, choice_sets = self.model, self.model.choice_sets
        k = int(choice_sets.centre[entry])
        people, offer = self.people, model.memory.centres.offer
        access = legs_to_telecentres(model.territory, model.sites.row, self.p)
        perceived_min = access.perceived_min[people.commune[i], int(people.car_available[i]), k]
        here = sum_by_place(model.sites, np.where(offer.open, model.memory.centres.colocation, 0.0))
        desks, services = float(here[k]), float(model.sites.services[k])
        driven_km = (
            2.0 * float(choice_sets.km[entry]) if choice_sets.mode[entry] == AccessMode.CAR else 0.0
        )
        price, employer = self._prices(i, j, k, alternative, kind)
        return {
            "centre_constant": Attribute(1.0),
            "services": Attribute(services - self.p.reference_services, services, "services"),
            "colocation": Attribute(math.log1p(desks), desks, "desks"),
            "centre_access": Attribute(
                2.0 * float(perceived_min), 2.0 * float(choice_sets.minutes[entry]), "min"
            ),
            "centre_access_cost": shown(driven_km * self.p.car_cost_eur_per_km, "eur"),
            "price": shown(price - employer, "eur"),
        }

    def employer_part(self, i: int, j: int, kind: Plan, price_eur: float) -> float:
        """Return what the employer pays of a price at a centre (EUR)."""
        s, paid = self.settings, self.w.employer_paid_eur[i]
        ceiling = s.employer_ceiling_eur * (0.5 if kind is Plan.HALF else 1.0)
        share = 1.0 - float(self.choosers.share_paid[j])
        return float(employer_part(share, price_eur, ceiling, s.employer_budget_eur - paid))

    def opportunity_cost(self, i: int, j: int) -> np.ndarray:
        """Return the value of the rest of the week with 0, 1 … half-days left, in utils."""
        left, s = self._half_days_today(i, j), self.settings
        coming = int(self.w.present[i]) & s.coming & ~int(self.choosers.closed[j])
        days = [d for d in range(s.weekday + 1, 5) if coming >> d & 1]
        odds = self.choosers.odds[days][:, :, j]
        return value_of_week(left, odds[:, 0], odds[:, 1])

    def _opportunity_cost(self, i: int, j: int, half_days: int) -> list[Term]:
        if self.at_home:
            return []
        value = self.opportunity_cost(i, j)
        left = value.size - 1
        lost = float(value[left - half_days] - value[left]) if left >= half_days else 0.0
        return [Term("saving", lost, (), float(left), "half-days")]
