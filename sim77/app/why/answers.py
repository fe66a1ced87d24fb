"""Answers about single people: who lives there, what their week is, why a day went as it did.

People are workers who commute, and at telecentres also who works at home for themselves.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sim77.analysis.explain.explain import ExplainedDay, Explanation, scene_of
from sim77.analysis.explain.observer import Observer
from sim77.analysis.explain.person import Person
from sim77.app.compute.jobs import Pair, Progress
from sim77.app.compute.process import WorkerProcess
from sim77.app.explore.sides import Side
from sim77.app.explore.trace import ABSENT, RunTrace
from sim77.app.numbers import number
from sim77.app.why.people import Someone, days_that_differ, find_someone
from sim77.app.why.scene import scene_text, working_day
from sim77.app.why.what_if import what_if
from sim77.core import calendar
from sim77.core.units import MODES, PLAN_KINDS, WEEKDAYS
from sim77.engine.model import CommuteModel
from sim77.report.explain.format import ExplanationFormat
from sim77.report.explain.text import paragraphs
from sim77.report.locale import LANGUAGES
from sim77.runs.execute import finish, start_model
from sim77.runs.pair import N_KINDS
from sim77.scenario.scenario import Scenario

DRAWN = 8
"""Workers shown of a commune or of a telecentre's users."""

Given = Mapping[str, Any]


def workers_of_commune(
    worker_process: WorkerProcess, pair: Pair, given: Given, progress: Progress
) -> dict[str, Any]:
    """Draw a few workers of a commune: those whose days differ in A and B first, then others."""
    a, b = _sides(worker_process, pair, progress)
    people = a.model.population
    codes = a.model.territory.communes["code"].tolist()
    place = codes.index(given["commune"])
    first, end = people.commune_start[place : place + 2]
    rows = np.arange(first, end)
    return _drawn(a, b, [Someone(int(row)) for row in rows], given) | {
        "commune": given["commune"],
        "name": a.model.territory.communes["name"].iloc[place],
        "workers": number(float(people.weight[first:end].sum())),
    }


def users_of_telecentre(
    worker_process: WorkerProcess, pair: Pair, given: Given, progress: Progress
) -> dict[str, Any]:
    """Draw a few of those who were at a telecentre at least once in B."""
    a, b = _sides(worker_process, pair, progress)
    ids = list(b.model.sites.ids)
    if given["telecentre"] not in ids:
        return {"telecentre": given["telecentre"], "simulated": 0, "workers": 0, "rows": []}
    site = ids.index(given["telecentre"])
    visits = {
        Someone(row, at_home): count
        for at_home, trace in ((False, b.trace), (True, b.at_home))
        for row, count in _visits(trace, site).items()
    }
    drawn = _drawn(a, b, list(visits), given)
    for row in drawn["rows"]:
        row["visits"] = visits[Someone(row.pop("row"), row["at_home"])]
    return drawn | {
        "telecentre": given["telecentre"],
        "name": b.model.sites.names[site],
        "workers": number(float(sum(_weight(b.model, each) for each in visits))),
    }


def _visits(trace: RunTrace, site: int) -> Counter[int]:
    """Count the days of each row that was ever at a site, in the order of rows."""
    days = [trace.users(day)[centres == site] for day, centres in enumerate(trace.centres)]
    rows, counts = np.unique(np.concatenate(days), return_counts=True)
    return Counter(dict(zip(rows.tolist(), counts.tolist(), strict=True)))


def _weight(model: CommuteModel, someone: Someone) -> float:
    return float(someone.columns(model).weight[someone.row])


def worker(
    worker_process: WorkerProcess, pair: Pair, given: Given, progress: Progress
) -> dict[str, Any]:
    """Tell who a worker is, and their week in A and B; of a visitor that of a visit."""
    a, b = _sides(worker_process, pair, progress)
    who = find_someone(a.model, given["worker"])
    if given["day"]:
        day = _day_index(b, given["day"])
    else:
        visit = _first_visit(b, who, given["telecentre"])
        day = _telling_day(a, b, who) if visit is None else visit
    return {
        "worker": given["worker"],
        "person": _person(who.person(a.model)),
        "day": b.model.days[day].isoformat(),
        "week": [_week_day(a, b, index, who) for index in _same_week(b, day)],
        "year": {
            letter: {
                "days": dict(zip(PLAN_KINDS, _days_by_kind(side, who), strict=True)),
                "minutes_saved_per_day": number(_minutes_per_day(side, who)),
                "allowance_half_days": int(who.rights(side.model).half_days[who.row]),
            }
            for letter, side in (("a", a), ("b", b))
        },
        "differs": [
            b.model.days[index].isoformat()
            for index in np.flatnonzero(who.codes(a) != who.codes(b))
        ],
    }  # fmt: skip


def explain(
    worker_process: WorkerProcess, pair: Pair, given: Given, progress: Progress
) -> dict[str, Any]:
    """Explain a worker's day in B, and what A changes about it, in both languages."""
    progress.parts = 2
    date = working_day(pair, given["day"])
    persons, scenes = [], []
    for scenario in (pair.b, pair.a):
        model, who, scene = _explained(scenario, pair, given["worker"], date, progress)
        persons.append(who.person(model))
        scenes.append(scene)
    explanation = Explanation(persons[0], date, pair.scope.seed, scenes[0], scenes[1])
    formats = {language: ExplanationFormat(language) for language in LANGUAGES}
    return {
        "worker": given["worker"],
        "day": date.isoformat(),
        "person": _person(persons[0]),
        "text": {name: paragraphs(explanation, fmt) for name, fmt in formats.items()},
        "sides": {
            letter: scene_text(scene, formats)
            for letter, scene in zip("ba", scenes, strict=True)
        },
    }  # fmt: skip


ANSWERS: Mapping[str, Callable[[WorkerProcess, Pair, Given, Progress], dict[str, Any]]] = {
    "workers_of_commune": workers_of_commune,
    "users_of_telecentre": users_of_telecentre,
    "worker": worker,
    "explain": explain,
    "what_if": what_if,
}
"""What a browser may ask, by kind of question."""


# Workers drawn -----------------------------------------------------------------------------


def _sides(worker_process: WorkerProcess, pair: Pair, progress: Progress) -> tuple[Side, Side]:
    progress.parts = 2
    return (
        worker_process.side(pair.a, pair.scope, progress),
        worker_process.side(pair.b, pair.scope, progress),
    )


def _drawn(a: Side, b: Side, people: Sequence[Someone], given: Given) -> dict[str, Any]:
    """Draw at most `DRAWN` people, half of them among those whose days differ."""
    differs = days_that_differ(a, b, people) > 0
    draws = np.random.default_rng(len(people))
    changing, same = np.flatnonzero(differs), np.flatnonzero(~differs)
    room = max(DRAWN // 2, DRAWN - same.size)
    first = np.sort(draws.permutation(changing)[:room])
    others = np.sort(draws.permutation(same)[: DRAWN - first.size])
    day = _day_index(b, given["day"])
    rows = [_row(a, b, people[place], day, "differs") for place in first]
    rows += [_row(a, b, people[place], day, "same") for place in others]
    return {
        "simulated": len(people),
        "differing": int(changing.size),
        "day": b.model.days[day].isoformat(),
        "rows": rows,
    }


def _row(a: Side, b: Side, who: Someone, day: int, why: str) -> dict[str, Any]:
    rights = who.rights(b.model)
    return {
        "row": who.row,
        **_person(who.person(a.model)),
        "why": why,
        "days_that_differ": int((who.codes(a) != who.codes(b)).sum()),
        "teleworkable": bool(rights.teleworkable[who.row]),
        "allowance_half_days_a": int(who.rights(a.model).half_days[who.row]),
        "allowance_half_days_b": int(rights.half_days[who.row]),
        "week": [_week_day(a, b, index, who) for index in _same_week(b, day)],
    }


def _person(person: Person) -> dict[str, Any]:
    """Describe a worker in both languages."""
    words = {language: ExplanationFormat(language).words for language in LANGUAGES}
    size = {} if person.size == "none" else {
        f"size_{language}": message[person.size] for language, message in words.items()
    }  # fmt: skip
    return {
        "number": person.number,
        "identity": person.identity,
        "commune": person.commune,
        "zone": person.zone,
        "group": person.group,
        **{f"group_{language}": message[person.group] for language, message in words.items()},
        "size": person.size,
        **size,
        "works": [WEEKDAYS.index(each) for each in person.works],
        "car": person.car,
        "at_home": person.at_home,
    }


# Days --------------------------------------------------------------------------------------


def _day_index(side: Side, day: str) -> int:
    """Return the simulated day asked for, or the nearest one; the middle of the run for none."""
    days = side.model.days
    if not day:
        return len(days) // 2
    wanted = dt.date.fromisoformat(day)
    return min(range(len(days)), key=lambda index: abs((days[index] - wanted).days))


def _first_visit(side: Side, who: Someone, telecentre: str) -> int | None:
    """Return the first day at a telecentre; None if there is none, or none is given."""
    ids, trace = list(side.model.sites.ids), who.trace(side)
    days = range(len(side.model.days)) if telecentre in ids else ()
    visits = (day for day in days if trace.centre_of(day, who.row) == ids.index(telecentre))
    return next(visits, None)


def _telling_day(a: Side, b: Side, who: Someone) -> int:
    """Return the first day on which A and B differ, else one at work near the middle of the run."""
    differs = np.flatnonzero(who.codes(a) != who.codes(b))
    if differs.size:
        return int(differs[0])
    days = np.flatnonzero(who.codes(b) != ABSENT)
    middle = len(b.model.days) // 2
    return int(days[np.abs(days - middle).argmin()]) if days.size else middle


def _same_week(side: Side, day: int) -> Iterable[int]:
    monday = calendar.monday_of(side.model.days[day])
    return [
        index for index, each in enumerate(side.model.days) if calendar.monday_of(each) == monday
    ]


def _week_day(a: Side, b: Side, day: int, who: Someone) -> dict[str, Any]:
    return {
        "day": b.model.days[day].isoformat(),
        "a": _plan(a, day, who),
        "b": _plan(b, day, who),
    }


def _plan(side: Side, day: int, who: Someone) -> dict[str, Any] | None:
    """Return what somebody did on a day; None if they were not at work."""
    code = int(who.codes(side)[day])
    if code == ABSENT:
        return None
    kind = PLAN_KINDS[code % N_KINDS]
    site = who.trace(side).centre_of(day, who.row)
    travels = kind in ("office", "half")
    return {
        "kind": kind,
        "mode": MODES[code // N_KINDS] if travels else "",
        "telecentre": side.model.sites.ids[site] if site >= 0 else "",
        "telecentre_name": side.model.sites.names[site] if site >= 0 else "",
    }


def _days_by_kind(side: Side, who: Someone) -> list[int]:
    codes = who.codes(side)
    return np.bincount(codes[codes != ABSENT] % N_KINDS, minlength=len(PLAN_KINDS)).tolist()


def _minutes_per_day(side: Side, who: Someone) -> float:
    saved = float(who.columns(side.model).minutes_saved[who.row])
    return saved / max(sum(_days_by_kind(side, who)), 1)


# Explanations ------------------------------------------------------------------------------


def _explained(
    scenario: Scenario, pair: Pair, identity: str, date: dt.date, progress: Progress
) -> tuple[CommuteModel, Someone, ExplainedDay]:
    """Run a scenario to a day and explain what somebody does on it."""
    model = start_model(pair.scope.run(scenario, date))
    who = find_someone(model, identity)
    observer = Observer(date, [who.row], who.at_home)
    model.observers.append(observer)
    finish(model, progress)
    return model, who, scene_of(model, observer.found[0])
