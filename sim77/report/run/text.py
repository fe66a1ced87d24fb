"""The headline figures of a run as a text that a person understands."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from sim77.report.locale import Locale, locale_of
from sim77.runs.results import Result

_GAP = 3
"""Spaces between the longest name of a figure and the figures."""


def run_text(result: Result, language: str = "en") -> str:
    """Return the headline figures as a text of a dozen lines for a terminal."""
    locale = locale_of(language, "run")
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
    rows = _rows({str(name): value for name, value in figures.items()}, locale)
    width = max(len(locale.words[f"row_{key}"]) for key in rows) + _GAP
    lines = [
        head,
        f"  {workers}",
        *(f"  {locale.words[f'row_{key}']:<{width}}{text}" for key, text in rows.items()),
        f"  {_parameters(result, locale)}",
    ]
    if cost := manifest.get("cost"):
        seconds, memory = (numbers.fixed(cost["seconds"], 1), numbers.count(cost["peak_memory_mb"]))
        lines.append(f"  {locale.say('cost', seconds=seconds, memory=memory)}")
    return "\n".join(lines)


def _rows(f: Mapping[str, float], locale: Locale) -> dict[str, str]:
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
    by_mode = f["share_office_by_public_transport"]
    if math.isfinite(by_mode):
        travel = locale.say("by_public_transport", share=percent(by_mode)) + travel
    loads = (
        f"{name.removeprefix('load_factor_')} {percent(value)}"
        for name, value in f.items()
        if name.startswith("load_factor_")
    )
    rows = {
        "remote": locale.say(
            "remote",
            days=some(f["remote_days_per_day"]), share=percent(f["share_remote"]),
            weekly=percent(f["share_remote_one_day_a_week"]),
        ),
        "home": locale.say("home", days=some(f["home_per_day"])),
        "centre": centre,
        "sites": locale.say(
            "sites", open=count(f["telecentres_open"]), refusals=some(f["refusals_per_day"])
        ),
        "travel": travel,
        "saved": locale.say(
            "saved",
            minutes=some(f["minutes_saved_per_remote_day"]),
            hours=some(f["minutes_saved_per_day"] / 60.0),
        ),
        "co2e": locale.say("co2e", tonnes=some(f["co2e_travel_kg_per_day"] / 1000.0)),
        "load": locale.say("load", loads="  ".join(loads)),
    }  # fmt: skip
    return rows if remote else {key: text for key, text in rows.items() if key != "saved"}


def _parameters(result: Result, locale: Locale) -> str:
    """Say where the behavioural parameters of a run come from."""
    drawn = result.manifest.get("posterior")
    if drawn is None:
        return locale.words["calibrated"]
    return locale.say("drawn", draw=drawn["draw"], name=drawn["name"])
