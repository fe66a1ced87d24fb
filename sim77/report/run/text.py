"""The headline figures of a run as a text that a person understands."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from sim77.core.yaml_file import load_yaml
from sim77.report.locale import Locale, locale_of
from sim77.report.names import line_labels, place_of_run, territory_of
from sim77.report.run.about import calibrated_elsewhere, sample
from sim77.report.run.facts import mode_shares, new_lines_of
from sim77.runs.results import Result
from sim77.territory.territory import Territory

_GAP = 3
"""Spaces between the longest name of a figure and the figures."""


_LINES, _REPLACED = 8, 6
"""Lines whose load is told, those with most of these workers, and values that are named."""


def run_text(result: Result, language: str = "en") -> str:
    """Return the headline figures as a text of a dozen lines for a terminal."""
    locale = locale_of(language, "summary", "run")
    manifest, numbers = result.manifest, locale.numbers
    scenario, figures = manifest["scenario"], result.summary()
    head = locale.say(
        "head",
        label=scenario[f"label_{language}"] or scenario["name"],
        name=scenario["name"],
        start=numbers.date(dt.date.fromisoformat(manifest["start"])),
        end=numbers.date(dt.date.fromisoformat(manifest["end"])),
        days=numbers.count(figures["days"]),
    )
    workers = locale.say(
        "workers",
        workers=numbers.count(figures["workers"]),
        at_work=numbers.count(figures["workers_at_work_per_day"]),
        choosing=numbers.count(figures["choosing_per_day"]),
    )
    modes = mode_shares(result.days.sum(numeric_only=True))
    territory = territory_of(manifest)
    names = line_labels(territory, locale) if territory else {}
    rows = _rows({str(name): value for name, value in figures.items()}, modes, names, locale)
    width = max(len(locale.words[f"row_{key}"]) for key in rows) + _GAP
    lines = [
        head,
        f"  {place_of_run(manifest, locale)}",
        f"  {workers}",
        *(f"  {locale.words[f'row_{key}']:<{width}}{text}" for key, text in rows.items()),
        *(
            f"  {note}"
            for note in (
                *scope_notes(result.manifest, locale),
                *scenario_notes(scenario, territory, locale),
                *sample(manifest, locale),
            )
        ),
        f"  {_parameters(result, locale)}",
        *(
            f"  {note}"
            for note in calibrated_elsewhere(territory, manifest.get("posterior"), locale)
        ),
        *(f"  {note}" for note in _replaced(scenario, locale)),
        *(f"  {note}" for note in _not_fitted(territory, locale)),
    ]
    if cost := manifest.get("cost"):
        seconds, memory = (numbers.fixed(cost["seconds"], 1), numbers.count(cost["peak_memory_mb"]))
        lines.append(f"  {locale.say('cost', seconds=seconds, memory=memory)}")
    return "\n".join(lines)


def _rows(
    f: Mapping[str, float], modes: Mapping[str, float], lines: Mapping[str, str], locale: Locale
) -> dict[str, str]:
    """Return what is said of each subject, by its key."""
    numbers = locale.numbers
    count, some, percent = numbers.count, numbers.significant, numbers.percent
    remote = f["remote_days_per_day"] > 0.0
    centre = locale.say(
        "centre", whole=some(f["telecentre_per_day"]), half=some(f["half_plans_per_day"])
    )
    if remote:
        share = percent(f["share_of_remote_in_telecentre"])
        centre += locale.say("centre_share", share=share)
    travel = locale.say("travel", minutes=count(f["travel_min_per_worker"]))
    if modes:
        said = ", ".join(
            locale.say(f"by_{mode}", share=percent(share)) for mode, share in modes.items()
        )
        travel = locale.say("by_modes", modes=said) + travel
    stem = "load_factor_"
    loads = {name.removeprefix(stem): f[name] for name in f if name.startswith(stem)}
    shown = list(loads)[:_LINES]
    said = ", ".join(f"{lines.get(line, line)} ({percent(loads[line])})" for line in shown)
    load = locale.say("load", loads=said)
    if len(loads) > len(shown):
        load += locale.say("load_others", number=count(len(loads) - len(shown)))
    a_week = f["share_remote_one_day_a_week"]
    weekly = locale.say("weekly", share=percent(a_week)) if math.isfinite(a_week) else ""
    rows = {
        "remote": locale.say(
            "remote",
            days=some(f["remote_days_per_day"]), share=percent(f["share_remote"]),
            weekly=weekly,
        ),
        "home": locale.say("home", days=some(f["home_per_day"])),
        "centre": centre,
        "sites": locale.say(
            "sites",
            open=count(f["telecentres_open"]), own=some(f["home_based_per_day"]),
            refusals=some(f["refusals_per_day"]),
        ),
        "travel": travel,
        "saved": locale.say(
            "saved",
            minutes=some(f["minutes_saved_per_remote_day"]),
            hours=some(f["minutes_saved_per_day"] / 60.0),
        ),
        "co2e": locale.say("co2e", tonnes=some(f["co2e_travel_kg_per_day"] / 1000.0)),
        "load": load,
    }  # fmt: skip
    said_of = {"saved": remote, "load": bool(loads)}
    return {key: text for key, text in rows.items() if said_of.get(key, True)}


def scope_notes(manifest: Mapping[str, Any], locale: Locale) -> list[str]:
    """Say who is left out and might want a desk, if not all commuters are simulated."""
    share = manifest.get("share_of_commuters_in_scope", 1.0)  # results saved earlier do not say
    return left_out(share, locale)


def left_out(share_in_scope: float, locale: Locale) -> list[str]:
    """Say that some who are not simulated might want a desk, if not all commuters are."""
    if share_in_scope >= 1.0:
        return []
    return [locale.say("scope_note", share=locale.numbers.percent(share_in_scope, 0))]


def scenario_notes(
    scenario: Mapping[str, Any], territory: Territory | None, locale: Locale
) -> list[str]:
    """Say what of a scenario does nothing, whether its days are others, and which stops are new."""
    outside = scenario.get("outside_its_period")  # results saved earlier do not say
    other = [locale.words["other_period"]] if outside else []
    return [*other, *_idle(scenario, locale), *_new_stops(scenario, territory, locale)]


def _new_stops(
    scenario: Mapping[str, Any], territory: Territory | None, locale: Locale
) -> list[str]:
    """Name the stops that new lines add: one that is misspelled is another stop, not that one."""
    lines = new_lines_of(scenario)
    if territory is None or not lines:
        return []
    known = set(territory.as_read.od.transit.segments[["from_stop", "to_stop"]].to_numpy().flat)
    notes = []
    for line in lines:
        new = [stop.stop for stop in line.stops if stop.stop not in known]
        label = {"fr": line.label_fr, "en": line.label_en}[locale.language]
        said = ", ".join(new) or locale.words["no_new_stop"]
        count = locale.numbers.count(len(line.stops) - len(new))
        notes.append(locale.say("new_stops", line=label, known=count, new=said))
    return notes


def _idle(scenario: Mapping[str, Any], locale: Locale) -> list[str]:
    idle = scenario.get("idle_changes")  # results saved earlier do not say
    if not idle:
        return []
    first = locale.numbers.date(dt.date.fromisoformat(idle[0]["date"]))
    number = locale.numbers.count(len(idle))
    return [locale.say("idle_note", number=number, lever=idle[0]["lever"], first=first)]


def _replaced(scenario: Mapping[str, Any], locale: Locale) -> list[str]:
    """Name the values of a scenario that are not those of the registry, those set last first."""
    given = load_yaml(scenario["yaml"]).get("parameters") or {}
    if not given:
        return []
    said = [f"{name} {value:g}" for name, value in [*reversed(given.items())][:_REPLACED]]
    if len(given) > len(said):
        said.append("…")
    return [locale.say("replaced", values=", ".join(said))]


def _not_fitted(territory: Territory | None, locale: Locale) -> list[str]:
    """Say that shares of modes mean nothing yet on a territory without fitted constants."""
    if territory is None or territory.od.scale is not None:
        return []
    return [locale.words["not_fitted"]]


def _parameters(result: Result, locale: Locale) -> str:
    """Say where the behavioural parameters of a run come from."""
    drawn = result.manifest.get("posterior")
    territory = territory_of(result.manifest)
    data = locale.words["observed" if territory is None or territory.ships else "given"]
    if drawn is None:
        return locale.say("calibrated", data=data)
    return locale.say("drawn", draw=drawn["draw"], name=drawn["name"], data=data)
