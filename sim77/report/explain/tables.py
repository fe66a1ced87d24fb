"""The tables of an explanation: plans from best to worst, then every term of every plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from sim77.analysis.explain.explain import ExplainedDay, Explanation
from sim77.analysis.explain.parts import DayPlan, Journey, Term, WorkerDay
from sim77.report.explain.format import JOURNEY_TERMS, ExplanationFormat
from sim77.report.locale import NOTHING

_GAP = "  "
_INDENT = "  "
Terms = Sequence[Term]


def tables(explanation: Explanation, fmt: ExplanationFormat) -> list[str]:
    """Return the tables as blocks of text; none for who is not at work."""
    labels = zip(explanation.scenes, fmt.labels(explanation), strict=True)
    labelled = [(scene, label) for scene, label in labels if scene.day.plans]
    if not labelled:
        return []
    rankings = [_ranking(scene.day, label, fmt) for scene, label in labelled]
    return [*rankings, *_terms([scene for scene, _ in labelled], fmt)]


def _ranking(day: WorkerDay, label: str, fmt: ExplanationFormat) -> str:
    words = fmt.words
    head = [words[key] for key in ("plan", "total_utils", "versus_office", "of_hundred", "state")]
    # Without an office there is nothing to compare with.
    told = [each for each in range(len(head)) if each != 2 or not day.works_at_home]
    ranked = sorted(day.offered, key=lambda plan: -plan.utils)
    rows = [
        [
            fmt.plan(plan),
            NOTHING if plan.obstacle else fmt.numbers.fixed(plan.utils, day.decimals),
            _against_office(day, plan, fmt),
            fmt.numbers.fixed(100.0 * plan.share),
            _state(day, plan, fmt),
        ]
        for plan in ranked
    ]
    alignment = "".join("<>>><"[each] for each in told)
    lines = _aligned([[row[each] for each in told] for row in (head, *rows)], alignment)
    return "\n".join([fmt.say("ranking", label=label), *lines])


def _against_office(day: WorkerDay, plan: DayPlan, fmt: ExplanationFormat) -> str:
    if plan.obstacle or day.office.obstacle:
        return NOTHING
    minutes = day.minutes(plan.utils - day.office.utils)
    return ("+" if round(minutes, 1) > 0 else "") + fmt.numbers.fixed(minutes, 1)


def _state(day: WorkerDay, plan: DayPlan, fmt: ExplanationFormat) -> str:
    if plan is day.chosen or (day.chosen is not None and plan.key == day.chosen.key):
        return fmt.words["state_chosen"]
    if plan.obstacle:
        return fmt.words[f"obstacle_{plan.obstacle}"]
    return fmt.words["state_refused" if plan.refused else "state_possible"]


# Terms -------------------------------------------------------------------------------------


def _terms(scenes: Sequence[ExplainedDay], fmt: ExplanationFormat) -> list[str]:
    """Return the block of all terms, a column of utils for each scenario."""
    words, days = fmt.words, [scene.day for scene in scenes]
    names = [words["column_utils"], words["column_minutes"]]
    if len(scenes) > 1:
        names = [*(f"utils, {scene.scenario}" for scene in scenes), words["column_difference"]]
    rows = [["", words["column_amount"], *names, words["column_parameters"]]]
    half = any(plan.kind == "half" for day in days for plan in day.plans)
    for key, ways in _ways(days, half):
        for n in range(len(ways[0])):
            rows += _way(key, [each[n] for each in ways], days, fmt)
    for plan_key in dict.fromkeys(plan.key for day in days for plan in day.offered):
        rows += _plan([day.plan(plan_key) for day in days], days, fmt)
    lines = _aligned(rows, "<" + ">" * (1 + len(names)) + "<")
    closing = [
        fmt.say("keeping", values=_values(day, fmt))
        for day in days
        if len(day.opportunity_cost) > 1
    ]
    minutes = fmt.numbers.significant(days[0].minutes(1.0), 3)
    return ["\n".join([words["all_terms"], *lines]), "\n".join(
        [*dict.fromkeys(closing), fmt.say("note", minutes=minutes)]
    )]  # fmt: skip


def _values(day: WorkerDay, fmt: ExplanationFormat) -> str:
    return " / ".join(fmt.numbers.fixed(value, day.decimals) for value in day.opportunity_cost)


def _ways(days: Sequence[WorkerDay], half: bool) -> list[tuple[str, list[tuple[Journey, ...]]]]:
    ways = [("way_peak", [day.peak for day in days])]
    return [*ways, ("way_off_peak", [day.off_peak for day in days])] if half else ways


def _way(
    key: str, journeys: Sequence[Journey], days: Sequence[WorkerDay], fmt: ExplanationFormat
) -> list[list[str]]:
    title = fmt.say(key, mode=fmt.words[f"by_{journeys[0].mode}"])
    states = [fmt.words[f"obstacle_{j.obstacle}"] if j.obstacle else "" for j in journeys]
    return _block(title, states, [each.terms for each in journeys], days, fmt)


def _plan(
    plans: Sequence[DayPlan | None], days: Sequence[WorkerDay], fmt: ExplanationFormat
) -> list[list[str]]:
    """Rows of one plan; its journey to the office, told above, is one term."""
    known = next(plan for plan in plans if plan is not None)
    states = [
        fmt.words["not_there"] if plan is None else _state(day, plan, fmt)
        for plan, day in zip(plans, days, strict=True)
    ]
    terms = [_with_one_journey(plan.terms) if plan is not None else () for plan in plans]
    return _block(fmt.plan(known), states, terms, days, fmt)


def _with_one_journey(terms: Terms) -> Terms:
    travel = math.fsum(term.utils for term in terms if term.name in JOURNEY_TERMS)
    rest = [term for term in terms if term.name not in JOURNEY_TERMS]
    return rest if len(rest) == len(terms) else [Term("journey_above", travel), *rest]


def _block(
    title: str,
    states: Sequence[str],
    columns: Sequence[Terms],
    days: Sequence[WorkerDay],
    fmt: ExplanationFormat,
) -> list[list[str]]:
    """Rows of one plan or way in all scenarios: title, terms, total."""
    shown = " / ".join(dict.fromkeys(state for state in states if state))
    rows = [[], [f"{title} ({shown})" if shown else title]]
    by_name = [{term.name: term for term in terms} for terms in columns]
    for name in dict.fromkeys(name for terms in by_name for name in terms):
        found = [terms.get(name) for terms in by_name]
        first = next(term for term in found if term is not None)
        title = fmt.words[name if name == "journey_above" else f"term_{name}"]
        parameters = " ".join(first.parameters)
        rows.append([_INDENT + title, fmt.amount(first), *_figures(found, days, fmt), parameters])
    if len(rows) == 2:
        return rows
    totals = [
        Term("total", math.fsum(term.utils for term in terms)) if terms else None
        for terms in columns
    ]
    return [*rows, [_INDENT + fmt.words["total"], "", *_figures(totals, days, fmt)]]


def _figures(
    terms: Sequence[Term | None], days: Sequence[WorkerDay], fmt: ExplanationFormat
) -> list[str]:
    """Write a term's utils and minutes, or its utils in two scenarios and the difference."""
    write = fmt.numbers.fixed
    utils = [
        NOTHING if term is None else write(term.utils, day.decimals)
        for term, day in zip(terms, days, strict=True)
    ]
    known = [term.utils for term in terms if term is not None]
    if len(known) < len(terms):
        return [*utils, NOTHING]
    value = known[0] - known[1] if len(known) > 1 else known[0]
    return [*utils, write(days[0].minutes(value), 1)]


def _aligned(rows: Iterable[Sequence[str]], sides: str) -> list[str]:
    """Align cells in columns, ``<`` left or ``>`` right; a row of one cell is a title."""
    table = list(rows)
    full = [row for row in table if len(row) > 1]
    widths = [max(len(row[n]) for row in full if n < len(row)) for n in range(len(sides))]
    place: dict[str, Callable[[str, int], str]] = {"<": str.ljust, ">": str.rjust}
    return [
        row[0]
        if len(row) == 1
        else _GAP.join(place[sides[n]](cell, widths[n]) for n, cell in enumerate(row)).rstrip()
        for row in table
    ]
