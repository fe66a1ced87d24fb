"""What explains a worker's day: terms, plans, journeys, rights, and how terms decide.

Plain values, rounded as they are printed. `decide` replays the day from them alone: the plan with
the greatest total is wanted, and who finds no desk takes the next.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim77.engine.choice.utility import nested_by_place, nested_logit_shares

DECIMALS = (6, 9, 12)
"""Decimals of printed terms: the first that tells the plans apart as the engine did."""
NO_OFFICE = "no-office"
"""Why the office is no plan of who works at home."""


@dataclass(frozen=True)
class Term:
    """One part of a plan's total.

    Attributes
    ----------
    name : str
        What it is (``explain_words.yaml`` has the words).
    utils : float
        Its value, rounded as printed.
    parameters : tuple of str
        The registry's parameters behind it.
    amount : float or None
        The quantity valued, both ways: minutes, euros, a share.
    unit : str
        Of the amount (`sim77.report.explain.format` writes it); empty if it has none.
    """

    name: str
    utils: float
    parameters: tuple[str, ...] = ()
    amount: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Journey:
    """The way to the office and back by one mode; its terms add up to ``theta (V_m + t_m)``.

    ``obstacle`` says why the mode is not there (``no-car``, ``barred``), else it is empty.
    """

    mode: str
    terms: tuple[Term, ...]
    obstacle: str = ""

    @property
    def utils(self) -> float:
        """Sum of the terms; minus infinity if the mode is not there."""
        return -math.inf if self.obstacle else math.fsum(term.utils for term in self.terms)


@dataclass(frozen=True)
class DayPlan:
    """One thing the worker could do that day.

    Attributes
    ----------
    kind : str
        One of `PLAN_KINDS`.
    centre : str
        Id of the telecentre, empty without one.
    centre_label : mapping of str to str
        What it is called, by language.
    mode : str
        Mode of the way to the office, empty if it is not gone to.
    terms : tuple of Term
    obstacle : str
        Why the plan is not available: ``allowance``, ``anchor``, ``closed``, ``not-considered``,
        ``unknown``, ``no-office``; else empty.
    refused : bool
        Wanted, but no desk was free.
    share : float
        How often it would be preferred on days alike but for the draws, 0 to 1.
    place : int
        Stable key of the place of the telecentre, 0 without one.
    price_eur, employer_eur : float
        Price of the desk, paid the cheapest way, and what the employer pays of it: its share, up to
        a ceiling a day and the worker's budget of the month; 0 with a subscription.
    """

    kind: str
    centre: str
    centre_label: Mapping[str, str]
    mode: str
    terms: tuple[Term, ...]
    obstacle: str = ""
    refused: bool = False
    share: float = 0.0
    place: int = 0
    price_eur: float = 0.0
    employer_eur: float = 0.0

    @property
    def key(self) -> tuple[str, str]:
        """What the plan is called in every scenario."""
        return self.kind, self.centre

    @property
    def utils(self) -> float:
        """Sum of the printed terms; minus infinity if the plan is not available."""
        return -math.inf if self.obstacle else math.fsum(term.utils for term in self.terms)


@dataclass(frozen=True)
class Rights:
    """What the employer's rules give the worker, and what is left of it.

    Half-days; ``share_paid`` is the share of a telecentre's price borne by the worker,
    ``subscriptions`` what the telecentres subscribed to are called, by language. Of jobs like the
    worker's, ``share_teleworkable`` can be done remotely; ``core_job`` says whether it is in the
    core of a city. Of employees of the same group and size of employer as far from work,
    ``road_km`` one way, ``share_covered`` are covered; None for the others. ``closed_by`` says what
    closes the office that day (``lockdown``, ``obligation``), ``anchored_by`` what makes it
    compulsory (``agreement``, ``policy``); empty where nothing does. ``days_wished`` are days a
    week at home (`sim77.analysis.wishes`), None for who has no allowance that binds.
    """

    teleworkable: bool
    share_teleworkable: float
    core_job: bool
    covered: bool
    share_covered: float | None
    road_km: float
    allowance: int
    used: int
    left: int
    share_paid: float
    subscriptions: tuple[Mapping[str, str], ...]
    closed_by: str
    anchored_by: str
    days_wished: float | None


@dataclass(frozen=True)
class WorkerDay:
    """All that explains what a worker did on a day under one scenario.

    Attributes
    ----------
    worker : int
        Row in the model's columns.
    at_work : str
        Empty at work; ``off`` on a weekday not worked, ``absent`` in a week away.
    rights : Rights
    peak, off_peak : tuple of Journey
        By each of `MODES`; the office plan and half-day plans take the best one.
    plans : tuple of DayPlan
        In the engine's order; ties go to the first. Empty if not at work.
    wanted, chosen : DayPlan or None
        Preferred before booking, and carried out.
    opportunity_cost : tuple of float
        Value in utils of the rest of the week with 0, 1 … ``left`` half-days.
    desk_half : str
        ``morning`` or ``afternoon``, when a half-day plan is at the centre.
    booking_draw : float
        Place in the order of service, 0 first; subscribers come before everybody.
    utils_per_min : float
        Utils of a minute less on the train, seated: ``theta |beta_time|``.
    decimals : int
        Decimals of the printed terms.
    """

    worker: int
    at_work: str
    rights: Rights
    peak: tuple[Journey, ...]
    off_peak: tuple[Journey, ...]
    plans: tuple[DayPlan, ...]
    wanted: DayPlan | None
    chosen: DayPlan | None
    opportunity_cost: tuple[float, ...]
    desk_half: str
    booking_draw: float
    utils_per_min: float
    decimals: int

    @property
    def office(self) -> DayPlan:
        """The day at the office."""
        return self.plans[0]

    @property
    def works_at_home(self) -> bool:
        """Whether there is no office to go to."""
        return bool(self.plans) and self.office.obstacle == NO_OFFICE

    @property
    def reference(self) -> DayPlan:
        """The plan that plans are measured against: the office, or home where there is none."""
        return self.plans[1] if self.works_at_home else self.office

    @property
    def offered(self) -> tuple[DayPlan, ...]:
        """The plans to be told of: all but an office that does not exist."""
        return self.plans[1:] if self.works_at_home else self.plans

    def plan(self, key: tuple[str, str]) -> DayPlan | None:
        """Return the plan of that kind and centre, if the worker had it."""
        return next((plan for plan in self.plans if plan.key == key), None)

    def minutes(self, utils: float) -> float:
        """Turn utils into minutes on the train, seated, that would be saved."""
        return utils / self.utils_per_min


def best(plans: Sequence[DayPlan]) -> DayPlan:
    """Return the plan with the greatest total that was not refused, the first of equals."""
    return max((plan for plan in plans if not plan.refused), key=lambda plan: plan.utils)


def best_journey(journeys: Sequence[Journey]) -> Journey:
    """Return the journey by the mode taken, the first of equals."""
    return max(journeys, key=lambda journey: journey.utils)


def with_shares(plans: tuple[DayPlan, ...], mu: float, mu_place: float) -> tuple[DayPlan, ...]:
    """Give each plan the probability that the draws make it the preferred one."""
    if len(plans) == 1:
        return (replace(plans[0], share=1.0),)
    known = np.array(
        [
            math.fsum(t.utils for t in plan.terms if not t.name.startswith("chance"))
            if not plan.obstacle
            else -math.inf
            for plan in plans
        ]
    )
    half = np.array([plan.kind == "half" for plan in plans])
    full = ~half & (np.arange(known.size) > 0)
    place = np.array([plan.place for plan in plans])
    share = np.zeros(known.size)
    share[0:1], share[full], share[half] = nested_logit_shares(
        float(known[0]),
        [nested_by_place(known[nest], place[nest], mu, mu_place) for nest in (full, half)],
        mu,
    )
    return tuple(replace(plan, share=float(each)) for plan, each in zip(plans, share, strict=True))


def rounded(found: WorkerDay, decimals: int) -> WorkerDay:
    """Round every term as it will be printed."""

    def cut(terms: tuple[Term, ...]) -> tuple[Term, ...]:
        # Adding zero makes a rounded minus zero a plain zero.
        return tuple(replace(t, utils=round(float(t.utils), decimals) + 0.0) for t in terms)

    def ways(journeys: tuple[Journey, ...]) -> tuple[Journey, ...]:
        return tuple(replace(each, terms=cut(each.terms)) for each in journeys)

    return replace(
        found,
        peak=ways(found.peak),
        off_peak=ways(found.off_peak),
        plans=tuple(replace(plan, terms=cut(plan.terms)) for plan in found.plans),
        decimals=decimals,
    )


def decide(found: WorkerDay, wanted: tuple[str, str], done: tuple[str, str]) -> WorkerDay | None:
    """Decide from printed terms only; None if that is not what the engine decided.

    Whatever is better than the plan carried out was tried in vain, so it must be at a centre.
    """
    preferred, last = best(found.plans), found.plan(done)
    if preferred.key != wanted or last is None:
        return None
    before = [
        plan
        for place, plan in enumerate(found.plans)
        if plan.utils > last.utils or (plan.utils == last.utils and place < found.plans.index(last))
    ]
    if any(not plan.centre for plan in before):
        return None
    plans = tuple(replace(plan, refused=plan in before) for plan in found.plans)
    same_modes = all(
        plan.mode == best_journey(found.peak if plan.kind == "office" else found.off_peak).mode
        for plan in plans
        if plan.mode
    )
    chosen = best(plans)
    if chosen.key != done or not same_modes:
        return None
    return replace(
        found, plans=plans, wanted=next(plan for plan in plans if plan.key == wanted), chosen=chosen
    )
