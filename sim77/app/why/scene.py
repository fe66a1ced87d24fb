"""A worker's day as plain values: plans, what weighed, and the day that a question is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sim77.analysis.explain.explain import ExplainedDay
from sim77.analysis.explain.parts import DayPlan, WorkerDay
from sim77.app.compute.jobs import Pair
from sim77.app.numbers import number
from sim77.core import calendar
from sim77.report.explain.format import ExplanationFormat, difference
from sim77.report.explain.text import rival_of


def working_day(pair: Pair, day: str) -> dt.date:
    """Return the simulated day nearest to the one asked for; the middle of the run for none."""
    days = calendar.working_days(pair.scope.start, pair.scope.end)
    if not day:
        return days[len(days) // 2]
    wanted = dt.date.fromisoformat(day)
    return min(days, key=lambda each: abs((each - wanted).days))


def scene_text(scene: ExplainedDay, formats: Mapping[str, ExplanationFormat]) -> dict[str, Any]:
    """Return one side of an explanation: rights, plans and what weighed, in every language."""
    day = scene.day
    found: dict[str, Any] = {
        "scenario": scene.scenario,
        "fr": scene.label_fr,
        "en": scene.label_en,
        "at_work": day.at_work,
        "minutes": {mode: number(minutes) for mode, minutes in scene.minutes.items()},
        "teleworkable": day.rights.teleworkable,
        "covered": day.rights.covered,
        "allowance_half_days": day.rights.allowance,
        "left_half_days": day.rights.left,
        "share_paid": day.rights.share_paid,
        "plans": [plan_text(day, plan, formats) for plan in day.offered],
        "waterfall": [],
        "rival": None,
    }
    rival = rival_of(day, day.chosen) if day.chosen is not None else None
    if day.chosen is not None and rival is not None:
        found["rival"] = plan_text(day, rival, formats)
        found["waterfall"] = _waterfall(day, day.chosen, rival, formats)
    return found


def plan_text(
    day: WorkerDay, plan: DayPlan, formats: Mapping[str, ExplanationFormat]
) -> dict[str, Any]:
    """Describe a plan; minutes are those of train, seated, by which it beats the reference."""
    reference = day.reference
    against = None if plan.obstacle or reference.obstacle else plan.utils - reference.utils
    return {
        "kind": plan.kind,
        "telecentre": plan.centre,
        "mode": plan.mode,
        **{language: fmt.plan(plan) for language, fmt in formats.items()},
        "obstacle": plan.obstacle,
        **{
            f"obstacle_{language}": fmt.words[f"obstacle_{plan.obstacle}"]
            for language, fmt in formats.items()
            if plan.obstacle
        },
        "refused": plan.refused,
        "share": number(plan.share),
        "minutes": None if against is None else number(day.minutes(against)),
        "wanted": plan is day.wanted,
        "chosen": plan is day.chosen,
        "reference": plan is reference,
    }


def _waterfall(
    day: WorkerDay, chosen: DayPlan, rival: DayPlan, formats: Mapping[str, ExplanationFormat]
) -> list[dict[str, Any]]:
    """Return by how many minutes each group of terms speaks for the plan chosen."""
    return [
        {
            "group": group,
            **{name: fmt.words[f"group_{group}"] for name, fmt in formats.items()},
            "minutes": number(minutes),
        }
        for group, minutes in difference(chosen.terms, rival.terms, day.utils_per_min).items()
    ]
