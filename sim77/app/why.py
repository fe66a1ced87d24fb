"""Answers about single workers: who lives there, what their week is, why a day went as it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from sim77.analysis.explain.explain import Explanation, Scene, scene_of
from sim77.analysis.explain.observer import Observer
from sim77.analysis.explain.person import Person, find_worker, person_of
from sim77.app.comparing import number
from sim77.app.jobs import Pair, Progress
from sim77.app.sides import Side
from sim77.app.trace import ABSENT
from sim77.app.what_if import what_if
from sim77.app.why_scene import scene_text, working_day
from sim77.app.worker_process import WorkerProcess
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

_HALF, _TELECENTRE = PLAN_KINDS.index("half"), PLAN_KINDS.index("telecentre")

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
    return _drawn(a, b, rows, given) | {
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
    visits = np.zeros(b.model.population.low.size, dtype=np.int64)
    for day, centres in enumerate(b.trace.centres):
        codes = b.trace.codes[day]
        kinds = codes % N_KINDS
        users = np.flatnonzero((codes != ABSENT) & ((kinds == _HALF) | (kinds == _TELECENTRE)))
        visits[users[centres == site]] += 1
    rows = np.flatnonzero(visits)
    found = _drawn(a, b, rows, given)
    for row in found["rows"]:
        row["visits"] = int(visits[row.pop("row")])
    return found | {
        "telecentre": given["telecentre"],
        "name": b.model.sites.names[site],
        "workers": number(float(b.model.population.weight[rows].sum())),
    }


def worker(
    worker_process: WorkerProcess, pair: Pair, given: Given, progress: Progress
) -> dict[str, Any]:
    """Tell who a worker is, and their week in A and B."""
    a, b = _sides(worker_process, pair, progress)
    row = find_worker(a.model, given["worker"])
    day = _day_index(b, given["day"]) if given["day"] else _telling_day(a, b, row)
    return {
        "worker": given["worker"],
        "person": _person(person_of(a.model, row)),
        "day": b.model.days[day].isoformat(),
        "week": [_week_day(a, b, index, row) for index in _same_week(b, day)],
        "year": {
            letter: {
                "days": dict(zip(PLAN_KINDS, _days_by_kind(side, row), strict=True)),
                "minutes_saved_per_day": number(_minutes_per_day(side, row)),
                "allowance_half_days": int(side.model.rights.half_days[row]),
            }
            for letter, side in (("a", a), ("b", b))
        },
        "differs": [
            b.model.days[index].isoformat()
            for index in np.flatnonzero(a.trace.codes[:, row] != b.trace.codes[:, row])
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
        model, row, scene = _explained(scenario, pair, given["worker"], date, progress)
        persons.append(person_of(model, row))
        scenes.append(scene)
    message = Explanation(persons[0], date, pair.scope.seed, scenes[0], scenes[1])
    formats = {language: ExplanationFormat(language) for language in LANGUAGES}
    return {
        "worker": given["worker"],
        "day": date.isoformat(),
        "person": _person(persons[0]),
        "text": {name: paragraphs(message, fmt) for name, fmt in formats.items()},
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


def _drawn(a: Side, b: Side, rows: np.ndarray, given: Given) -> dict[str, Any]:
    """Draw at most `DRAWN` workers, half of them among those whose days differ."""
    differs = (a.trace.codes[:, rows] != b.trace.codes[:, rows]).sum(axis=0)
    draws = np.random.default_rng(rows.size)
    changing, same = rows[differs > 0], rows[differs == 0]
    room = max(DRAWN // 2, DRAWN - same.size)
    first = np.sort(draws.permutation(changing)[:room])
    others = np.sort(draws.permutation(same)[: DRAWN - first.size])
    day = _day_index(b, given["day"])
    found = [_row(a, b, int(row), day, "differs") for row in first]
    found += [_row(a, b, int(row), day, "same") for row in others]
    return {
        "simulated": int(rows.size),
        "differing": int(changing.size),
        "day": b.model.days[day].isoformat(),
        "rows": found,
    }


def _row(a: Side, b: Side, row: int, day: int, why: str) -> dict[str, Any]:
    person = person_of(a.model, row)
    changed = int((a.trace.codes[:, row] != b.trace.codes[:, row]).sum())
    return {
        "row": row,
        "identity": person.identity,
        **_person(person),
        "why": why,
        "days_that_differ": changed,
        "teleworkable": bool(b.model.rights.teleworkable[row]),
        "allowance_half_days_a": int(a.model.rights.half_days[row]),
        "allowance_half_days_b": int(b.model.rights.half_days[row]),
        "week": [_week_day(a, b, index, row) for index in _same_week(b, day)],
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
    }


# Days --------------------------------------------------------------------------------------


def _day_index(side: Side, day: str) -> int:
    """Return the simulated day asked for, or the nearest one; the middle of the run for none."""
    days = side.model.days
    if not day:
        return len(days) // 2
    wanted = dt.date.fromisoformat(day)
    return min(range(len(days)), key=lambda index: abs((days[index] - wanted).days))


def _telling_day(a: Side, b: Side, row: int) -> int:
    """Return the first day on which A and B differ, else one at work near the middle of the run."""
    differs = np.flatnonzero(a.trace.codes[:, row] != b.trace.codes[:, row])
    if differs.size:
        return int(differs[0])
    days = np.flatnonzero(b.trace.codes[:, row] != ABSENT)
    middle = len(b.model.days) // 2
    return int(days[np.abs(days - middle).argmin()]) if days.size else middle


def _same_week(side: Side, day: int) -> Iterable[int]:
    monday = calendar.monday_of(side.model.days[day])
    return [
        index for index, each in enumerate(side.model.days) if calendar.monday_of(each) == monday
    ]


def _week_day(a: Side, b: Side, day: int, row: int) -> dict[str, Any]:
    return {
        "day": b.model.days[day].isoformat(),
        "a": _plan(a, day, row),
        "b": _plan(b, day, row),
    }


def _plan(side: Side, day: int, row: int) -> dict[str, Any] | None:
    """Return what a worker did on a day; None if they were not at work."""
    code = int(side.trace.codes[day, row])
    if code == ABSENT:
        return None
    kind = PLAN_KINDS[code % N_KINDS]
    site = side.trace.centre_of(day, row)
    travels = kind in ("office", "half")
    return {
        "kind": kind,
        "mode": MODES[code // N_KINDS] if travels else "",
        "telecentre": side.model.sites.ids[site] if site >= 0 else "",
        "telecentre_name": side.model.sites.names[site] if site >= 0 else "",
    }


def _days_by_kind(side: Side, row: int) -> list[int]:
    codes = side.trace.codes[:, row]
    return np.bincount(codes[codes != ABSENT] % N_KINDS, minlength=len(PLAN_KINDS)).tolist()


def _minutes_per_day(side: Side, row: int) -> float:
    columns = side.model.columns
    return float(columns.minutes_saved[row] / max(int(columns.days_by_kind[row].sum()), 1))


# Explanations ------------------------------------------------------------------------------


def _explained(
    scenario: Scenario, pair: Pair, identity: str, date: dt.date, progress: Progress
) -> tuple[CommuteModel, int, Scene]:
    """Run a scenario to a day and explain what a worker does on it."""
    model = start_model(pair.scope.run(scenario, date))
    row = find_worker(model, identity)
    observer = Observer(date, [row])
    model.observers.append(observer)
    finish(model, progress)
    return model, row, scene_of(model, observer.found[0])
