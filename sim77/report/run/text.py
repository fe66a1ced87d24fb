"""The headline figures of a run as a text that a person understands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim77.report.locale import Numbers, only_english
from sim77.runs.results import Result


def _parameters_text(manifest: Mapping[str, Any]) -> str:
    """Say where the behavioural parameters of a run come from."""
    drawn = manifest.get("posterior")
    if drawn is None:
        return "Behaviour is calibrated on remote work in 2017 and 2022; use of telecentres assumed"
    return f"Behavioural parameters are draw {drawn['draw']} of the posterior '{drawn['name']}'"


def run_text(result: Result, language: str = "en") -> str:
    """Return the headline figures as a text of a dozen lines for a terminal, in English only."""
    only_english("run", language)
    f, manifest, numbers = result.summary(), result.manifest, Numbers("en")
    count, some, percent = numbers.count, numbers.significant, numbers.percent
    remote, office = f["remote_days_per_day"] > 0.0, math.isfinite(f["share_office_by_rail"])
    lines = [
        f"{manifest['scenario']['label_en']} ({manifest['scenario']['name']}), "
        f"{manifest['start']} to {manifest['end']}: {int(f['days'])} working days",
        f"  {count(f['workers'])} workers, {count(f['workers_at_work_per_day'])} at work "
        f"on an average day; {count(f['choosing_per_day'])} of them may work away from the office",
        f"  away from the office   {some(f['remote_days_per_day'])} a day, "
        f"{percent(f['share_remote'])} of days worked; {percent(f['share_remote_one_day_a_week'])} "
        "of workers at least one day a week",
        f"    at home              {some(f['home_per_day'])} a day",
        f"    in a telecentre      {some(f['telecentre_per_day'])} whole days and "
        f"{some(f['half_plans_per_day'])} half days a day"
        + (f", {percent(f['share_of_remote_in_telecentre'])} of remote days" if remote else ""),
        f"  telecentres            {int(f['telecentres_open'])} open; on an average day "
        f"{some(f['refusals_per_day'])} bookings are refused",
        "  travel                 "
        + (f"{percent(f['share_office_by_rail'])} of office days by rail; " if office else "")
        + f"{count(f['travel_min_per_worker'])} minutes per worker and day, both ways",
        *(
            [
                f"  travel time saved      {some(f['minutes_saved_per_remote_day'])} minutes per "
                f"remote day ({some(f['minutes_saved_per_day'] / 60)} hours a day in all)"
            ]
            if remote
            else []
        ),
        f"  CO2e of travel         {some(f['co2e_travel_kg_per_day'] / 1000)} t a day",
        "  peak load of trains    "
        + "  ".join(
            f"{name[12:]} {percent(f[name])}" for name in f.index if name.startswith("load_factor_")
        )
        + " of places",
        f"  {_parameters_text(manifest)}; flows and many capacities are estimates.",
    ]
    cost = manifest.get("cost")
    if cost:
        lines.append(
            f"  computed in {cost['seconds']:.1f} s, peak memory {cost['peak_memory_mb']:.0f} MB"
        )
    return "\n".join(lines)
