"""What would have changed a worker's day: its week run again, each time with one lever moved.

All runs share the past: the model is run once to the eve of that week's Monday, and each change is
a fork of it (`sim77.runs.fork`) in which one lever is moved from that Monday on. People, tastes and
chance are the same, so that a different day is the lever's doing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim77.analysis.explain.observer import Observer
from sim77.analysis.explain.parts import WorkerDay
from sim77.app.compute.jobs import Pair, Progress
from sim77.app.compute.process import WorkerProcess, free_ended_models
from sim77.app.explore.sides import Scope
from sim77.app.levers.policies import with_levers
from sim77.app.numbers import number
from sim77.app.why.people import Someone, find_someone
from sim77.app.why.scene import plan_text, working_day
from sim77.app.words import words
from sim77.core import calendar
from sim77.core.units import OCCUPATION_GROUPS
from sim77.engine.model import CommuteModel
from sim77.registry.levers import lever
from sim77.report.explain.format import ExplanationFormat
from sim77.report.locale import LANGUAGES, Numbers, least_decimals
from sim77.runs import fork
from sim77.runs.execute import each_day, finish, start_model
from sim77.scenario.scenario import Scenario
from sim77.territory.sites import NEW_DESKS, new_id

_HALF_DAYS_A_WEEK = 10
_INDEPENDENTS = "independents"


@dataclass(frozen=True)
class Change:
    """One thing that could have been otherwise.

    Attributes
    ----------
    name : str
        Its words are ``what_if_NAME``.
    levers : mapping
        What is moved, by name.
    shown : float or None
        The number that the words name.
    opens : str
        Code of the commune in which a telecentre opens; empty for none.
    """

    name: str
    levers: Mapping[str, Any]
    shown: float | None = None
    opens: str = ""


@dataclass(frozen=True)
class Situation:
    """What a worker's day was like, and so what could have been otherwise about it."""

    day: WorkerDay
    date: dt.date
    model: CommuteModel

    @property
    def commune(self) -> str:
        """Code of the commune where the worker lives."""
        at_home = self.day.works_at_home
        people = self.model.world.home_based if at_home else self.model.population
        row = int(people.commune[self.day.worker])
        return str(self.model.territory.communes["code"].iloc[row])

    @property
    def employed(self) -> bool:
        """Whether there is an employer who decides."""
        if self.day.works_at_home:
            return False
        group = int(self.model.population.group[self.day.worker])
        return OCCUPATION_GROUPS[group] != _INDEPENDENTS

    @property
    def centres(self) -> bool:
        """Whether a telecentre is in reach."""
        return any(plan.centre for plan in self.day.plans)


def what_if(
    worker_process: WorkerProcess, pair: Pair, given: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Run a worker's week again with one lever moved at a time, and tell what that day becomes.

    Parameters
    ----------
    worker_process : WorkerProcess
    pair : Pair
    given : mapping
        ``worker``, ``day``, and ``side`` (``a`` or ``b``) whose scenario is changed.
    progress : Progress

    Returns
    -------
    dict
        ``plan`` of the day as it was and ``rows``: a change in words, the plan with it, whether it
        is the same, and how often the first plan's kind would win on a hundred such days.
    """
    date = working_day(pair, given["day"])
    scenario = pair.a if given["side"] == "a" else pair.b
    formats = {language: ExplanationFormat(language) for language in LANGUAGES}
    past, model = _base(scenario, pair.scope, date, progress)
    who = find_someone(model, given["worker"])
    day = _day_of(model, date, who, progress)
    answer: dict[str, Any] = {
        "worker": given["worker"], "day": date.isoformat(), "side": given["side"],
        "monday": calendar.monday_of(date).isoformat(), "plan": None, "rows": [],
    }  # fmt: skip
    if day.chosen is None:
        return answer
    changes = list(changes_of(Situation(day, date, model)))
    progress.parts = 2 + len(changes)
    rows = []
    for change in changes:
        other = _changed(past, scenario, change, pair.scope, date)
        then = _day_of(other, date, who, progress)
        rows.append(_row(change, day, then, formats))
        del other
        free_ended_models()
    # What makes a difference first; each keeps its place among its like.
    rows.sort(key=lambda each: each["same"])
    return answer | {
        "plan": plan_text(day, day.chosen, formats),
        "share": number(_share(day, day.chosen.kind)),
        "rows": rows,
    }


# Changes -----------------------------------------------------------------------------------


def changes_of(now: Situation) -> Iterator[Change]:
    """Yield what could have been otherwise for a worker: only what is not so already."""
    yield from _of_rights(now)
    yield from _of_centres(now)
    if now.day.works_at_home:
        return
    yield Change("roomy_trains", {"train_capacity": 1.5}, 1.5)
    if any(journey.mode == "car" and not journey.obstacle for journey in now.day.peak):
        dearest = lever("fuel_price").high or 0.0
        yield Change("dear_fuel", {"fuel_price": dearest}, dearest)


def _of_rights(now: Situation) -> Iterator[Change]:
    rights = now.day.rights
    if not rights.teleworkable or not now.employed:
        return
    if not rights.covered:
        yield Change("agreements", {"agreements": lever("agreements").high})
        return
    more = min(rights.allowance + 2, _HALF_DAYS_A_WEEK)
    if more > rights.allowance:
        yield Change("more_days", {"allowance_half_days": more}, more / 2)
    if rights.allowance > 2:
        yield Change("fewer_days", {"allowance_half_days": rights.allowance - 2},
                     (rights.allowance - 2) / 2)  # fmt: skip
    if any(plan.obstacle == "anchor" for plan in now.day.plans):
        yield Change("no_anchor", {"anchor_weekdays": []})


def _of_centres(now: Situation) -> Iterator[Change]:
    rights = now.day.rights
    if now.centres:
        free = {"price_day": 0, "price_half_day": 0}
        if rights.share_paid > 0.0:
            yield Change("free_desk", free)
        elif now.employed:
            yield Change("pays_alone", {"desk_paid_part": 0.0})
        if any(plan.refused for plan in now.day.plans):
            yield Change("more_desks", {"desks": 200}, 200)
    key = new_id(now.commune)
    if rights.covered and not any(plan.centre == key for plan in now.day.plans):
        # Everybody is told of it: the question is what a centre that one knows would change.
        yield Change("centre_at_home", {"promotion": 1.0}, float(NEW_DESKS), opens=now.commune)


# Runs --------------------------------------------------------------------------------------


def _base(
    scenario: Scenario, scope: Scope, date: dt.date, progress: Progress
) -> tuple[CommuteModel | None, CommuteModel]:
    """Return the model on the eve of the week, None if the run begins with it, and one to go on."""
    model = start_model(scope.run(scenario, date))
    for done in each_day(model, before=calendar.monday_of(date)):
        progress(done, len(model.days))
    return (fork.copy(model), model) if model.recorder.days else (None, model)


def _changed(
    past: CommuteModel | None, scenario: Scenario, change: Change, scope: Scope, date: dt.date
) -> CommuteModel:
    """Return a model of the same past in which a lever moves on the week's Monday."""
    since = None if past is None else calendar.monday_of(date).isoformat()
    moved = {
        name: [{"from": since, "until": None, "value": value}] if since else value
        for name, value in change.levers.items()
    }
    opened = [{"commune": change.opens, "desks": NEW_DESKS, "from": since}] if change.opens else []
    other = with_levers(scenario, moved, opened)
    return start_model(scope.run(other, date)) if past is None else fork.copy(past, other)


def _day_of(model: CommuteModel, date: dt.date, who: Someone, progress: Progress) -> WorkerDay:
    """Run a model to a day and return what somebody did on it, and why."""
    observer = Observer(date, [who.row], who.at_home)
    model.observers.append(observer)
    finish(model, progress)
    return observer.found[0]


# Words -------------------------------------------------------------------------------------


def _share(day: WorkerDay, kind: str) -> float:
    """Return how often a kind of plan would be preferred on days alike but for the draws."""
    return sum(plan.share for plan in day.plans if plan.kind == kind)


def _row(
    change: Change, before: WorkerDay, after: WorkerDay, formats: Mapping[str, ExplanationFormat]
) -> dict[str, Any]:
    assert before.chosen is not None and after.chosen is not None
    return {
        "name": change.name,
        **{language: _change_text(change, language) for language in LANGUAGES},
        "plan": plan_text(after, after.chosen, formats),
        "same": after.chosen.key == before.chosen.key,
        "share": number(_share(after, before.chosen.kind)),
    }


def _change_text(change: Change, language: str) -> str:
    text, key = words()[language], f"what_if_{change.name}"
    if change.shown is None:
        return text[key]
    numbers = Numbers(language)
    one = f"{key}_1"
    shown = numbers.fixed(change.shown, least_decimals(change.shown))
    return text[one if numbers.is_one(change.shown) and one in text else key].format(n=shown)
