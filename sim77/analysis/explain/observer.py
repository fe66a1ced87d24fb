"""An observer that explains some workers on one day, and makes sure of what it says.

Nothing is read from the compiled kernels but which plan was preferred and which was carried out;
the terms, rounded as they are printed, must lead to both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim77.analysis.explain.parts import DECIMALS, Rights, WorkerDay, decide, rounded, with_shares
from sim77.analysis.explain.terms import Day
from sim77.analysis.wishes import days_wished
from sim77.core.draws import Purpose, unit
from sim77.core.errors import ResultError
from sim77.core.units import PLAN_KINDS
from sim77.engine.choice.allowance import (
    NEVER_BINDS,
    coverage_bounds,
    covered_odds,
    teleworkable_shares,
    with_odds,
)
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import INDEPENDENTS


class Observer:
    """An observer that explains some workers on one day of a run.

    Parameters
    ----------
    date : datetime.date
    rows : sequence of int
        Rows of the workers in the model's columns.
    at_home : bool
        Whether they are those who work at home for themselves.

    Attributes
    ----------
    found : list of WorkerDay
        Filled once the day's desks are booked, in the order of `rows`.
    """

    def __init__(self, date: dt.date, rows: Sequence[int], at_home: bool = False):
        self.date, self.rows, self.at_home = date, list(rows), at_home
        self.found: list[WorkerDay] = []
        self._wanted: list[tuple[int, int]] = []

    def __call__(self, model: CommuteModel, phase: str) -> None:
        """Note what is preferred, then explain what became of it."""
        if model.day != self.date:
            return
        columns = model.memory.home_based if self.at_home else model.columns
        if phase == "choose":
            self._wanted = [(int(columns.kind[i]), int(columns.alternative[i])) for i in self.rows]
        elif phase == "book":
            day = Day(model, self.at_home)
            self.found = [
                worker_day(day, row, wanted)
                for row, wanted in zip(self.rows, self._wanted, strict=True)
            ]


def worker_day(day: Day, i: int, wanted: tuple[int, int]) -> WorkerDay:
    """Explain what one worker did.

    Parameters
    ----------
    day : Day
    i : int
        Row of the worker in the model's columns.
    wanted : tuple of int
        Kind of plan and alternative of the centre after choosing, before booking.

    Returns
    -------
    WorkerDay

    Raises
    ------
    ResultError
        If the terms do not lead to what the engine did.
    """
    w = day.w
    there = bool(w.present[i] >> day.settings.weekday & 1)
    off = not w.works[i] >> day.settings.weekday & 1
    j = int(w.chooser[i])
    journeys = [day.journeys(i, peak=peak) for peak in (True, False)]
    plans = [plan for part in day.plans(i) for plan in part] if there else []
    away = bool(w.afternoon[i] >> day.settings.weekday & 1)
    found = WorkerDay(
        worker=int(i),
        at_work="" if there else "off" if off else "absent",
        rights=_rights(day, i),
        peak=journeys[0],
        off_peak=journeys[1],
        plans=tuple(plans),
        wanted=None,
        chosen=None,
        opportunity_cost=tuple(float(value) for value in day.opportunity_cost(i, j))
        if j >= 0 and not day.at_home
        else (),
        desk_half="afternoon" if away else "morning",
        booking_draw=float(unit(day.draw(i, Purpose.BOOKING_ORDER)[0])),
        utils_per_min=-day.p.theta * day.p.beta_time_per_min,
        decimals=DECIMALS[-1],
    )
    if not there:
        return rounded(found, DECIMALS[0])
    found = replace(found, plans=with_shares(found.plans, day.p.mu_remote, day.p.mu_place))
    keys = [_key_of(day, i, *each) for each in (wanted, (int(w.kind[i]), int(w.alternative[i])))]
    for decimals in DECIMALS:
        decided = decide(rounded(found, decimals), *keys)
        if decided is not None:
            return decided
    raise ResultError(
        f"The terms of worker {i} on {day.model.day} do not lead to what the engine chose, "
        f"'{keys[0][0]}'; please report this scenario."
    )


def _key_of(day: Day, i: int, kind: int, alternative: int) -> tuple[str, str]:
    if alternative < 0:
        return PLAN_KINDS[kind], ""
    model = day.model
    row = day.people.commune[i] * 2 + day.people.car_available[i]
    return PLAN_KINDS[kind], model.sites.ids[
        model.choice_sets.centre[model.choice_sets.start[row] + alternative]
    ]


def _rights(day: Day, i: int) -> Rights:
    model, w, people = day.model, day.w, day.people
    employee = people.group[i] != INDEPENDENTS
    road_km = people.market_road_km[people.market[i]]
    share_at_10_km = coverage_bounds(model.state)[people.group[i], people.size[i]]
    first = model.choice_sets.start[day.people.commune[i] * 2 + day.people.car_available[i]]
    labels = model.territory.site_labels
    held = [
        alternative
        for alternative in range(day.model.world.alternatives)
        if w.subscribed[i] >> alternative & 1
    ]
    return Rights(
        teleworkable=bool(day.rights.teleworkable[i]),
        share_teleworkable=float(
            teleworkable_shares(day.p)[people.group[i], int(people.core_job[i] and employee)]
        ),
        core_job=bool(people.core_job[i]),
        covered=bool(day.rights.covered[i]),
        share_covered=float(with_odds(share_at_10_km, covered_odds(road_km, day.p)))
        if employee
        else None,
        road_km=float(road_km),
        allowance=int(w.allowance[i]),
        used=int(w.used[i]),
        left=day.half_days_left(i),
        share_paid=float(day.rights.share_paid[i]),
        subscriptions=tuple(
            labels[model.sites.ids[model.choice_sets.centre[first + alternative]]]
            for alternative in held
        ),
        closed_by=day.closed_by(i),
        anchored_by=day.anchored_by(i),
        days_wished=float(days_wished(model, np.array([i]))[0])
        if 0 < w.allowance[i] < NEVER_BINDS and not day.at_home
        else None,
    )
