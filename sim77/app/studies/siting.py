"""A stored search for sites as the browser reads it: the map, the plans compared, the sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.siting.evaluate import GAINS
from sim77.analysis.siting.result import PLAN, Siting
from sim77.app.numbers import number
from sim77.app.words import say
from sim77.report.geography import Geography
from sim77.report.locale import LANGUAGES, Locale
from sim77.report.siting import text
from sim77.report.siting.page import command_of
from sim77.report.siting.text import Facts, locale_of, plan_name
from sim77.report.tables import records

SHOWN = ("surplus_eur", "use", "minutes")
"""Columns of the candidates that the map may show."""

_SITE_NUMBERS = (
    "desks", "users", "refusals", "share_occupied", "margin_eur_per_year", "years_to_closing",
)  # fmt: skip


def siting_payload(siting: Siting, geography: Geography) -> dict[str, Any]:
    """Return what the browser draws of a search for sites.

    Parameters
    ----------
    siting : Siting
    geography : Geography
        Of the app's territory: places of the map; what it does not know is not drawn.

    Returns
    -------
    dict
        ``plans``, the recommended one first, each with its gain, interval and sites; ``sites``, all
        telecentres under the recommended plan; ``candidates``, columns over communes; ``gains`` of
        the recommended plan; ``regret``; sentences by language; ``files`` and ``command``.
    """
    facts = Facts(siting)
    return {
        "title": _each(lambda locale: text.title(facts, locale)),
        "question": _each(lambda locale: text.base_name(facts, locale)),
        "caveat": _each(lambda locale: text.caveat(facts, locale)),
        "unit": _words(f"u_{facts.column}"),
        "measure": _words(f"g_{facts.column}"),
        "sentences": _sentences(facts),
        "gains": _gains(facts),
        "plans": [_plan(facts, row) for row in records(siting.plans)],
        "sites": _sites(facts, geography),
        "candidates": _candidates(siting.candidates),
        "regret": _regret(facts),
        "command": command_of(siting.manifest),
        "files": {PLAN: siting.manifest["scenario"]["yaml"]},
    }


def _sentences(facts: Facts) -> dict[str, list[str]]:
    """Return what is to be said of the plan, a sentence each, by language."""

    def texts_in(locale: Locale) -> list[str]:
        found = [text.over_static(facts, locale), text.gap(facts, locale)]
        if len(facts.of_kind("random")):
            line = text.random_line(facts, locale)
            found.append(say(locale.language, "stu_random_line", text=line.rstrip(".")))
        return [*found, text.accounts_line(facts, locale)]

    return {language: texts_in(locale_of(language)) for language in LANGUAGES}


def _gains(facts: Facts) -> list[dict[str, Any]]:
    found = facts.found
    return [
        {
            "name": name,
            **_words(f"g_{name}"),
            "unit": _words(f"u_{name}"),
            **_interval(found, name),
        }
        for name in GAINS
    ]


def _plan(facts: Facts, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan: its gain, what it lacks to the recommended one, its sites."""
    sites = facts.siting.plan_sites
    own = sites[sites["plan"] == row["plan"]]

    def named(locale: Locale) -> str:
        if row["kind"] == "random":
            return say(locale.language, "stu_random", n=int(row["plan"].rpartition("-")[2]))
        return plan_name(facts, dict(row), locale)

    return {
        "plan": row["plan"],
        "kind": row["kind"],
        **_each(named),
        **_interval(row, facts.column),
        "behind": _interval(row, "behind"),
        "cost": number(row["cost_eur_per_year"]),
        "desks": number(row["desks"]),
        "sites": [
            {"commune": code, "name": name, "desks": int(desks)}
            for code, name, desks in zip(
                own["commune_code"], own["name"], own["desks"], strict=True
            )
        ],
    }


def _sites(facts: Facts, geography: Geography) -> list[dict[str, Any]]:
    """Return the new sites, those with the most users first, then the others."""
    table = facts.siting.sites
    rows = [*facts.new_sites, *records(table[~table["is_new"]])]
    known = geography.territory.sites
    assumed = set(known.loc[known["assumed"] == 1, "telecentre_id"])
    places = geography.place(np.array([(row["lon"], row["lat"]) for row in rows], dtype=float))
    return [
        {
            "rank": rank if row["is_new"] else None,
            "id": row["telecentre_id"],
            "name": row["name"],
            "assumed": row["telecentre_id"] in assumed,
            "commune": row["commune_code"],
            "new": bool(row["is_new"]),
            "x": float(x),
            "y": float(y),
            **{name: number(float(row[name])) for name in _SITE_NUMBERS},
        }
        for rank, (row, (x, y)) in enumerate(zip(rows, places.tolist(), strict=True), start=1)
    ]


def _candidates(table: pd.DataFrame) -> dict[str, list[Any]]:
    costs = [name for name in map(str, table) if name.startswith("cost_")]
    return {
        "code": table["commune_code"].tolist(),
        "name": table["name"].tolist(),
        **{name: [number(float(each), 5) for each in table[name]] for name in SHOWN},
        "cost_least": [number(float(each), 6) for each in table[costs].min(axis=1)],
    }


def _regret(facts: Facts) -> list[dict[str, Any]]:
    """Return the greatest and the mean regret of the main plans; empty unless it was asked for."""
    table = facts.siting.regret
    if table.empty:
        return []
    rows = []
    for plan, part in table.groupby("plan", sort=False):
        kind = str(plan).split("-")[0]
        key = "x_random_name" if kind == "random" else f"plan_{kind}"
        rows.append(
            {
                "plan": plan,
                **_words(key),
                "most": number(float(part["regret"].max())),
                "mean": number(float(part["regret"].mean())),
                "best": int((part["regret"] <= 0.0).sum()),
                "draws": int(part["draw"].nunique()),
            }
        )
    return rows


def _interval(row: Any, name: str) -> dict[str, Any]:
    return {
        key: number(float(row[f"{name}{end}"]))
        for key, end in (("value", ""), ("low", "_low"), ("high", "_high"))
    }


def _words(key: str) -> dict[str, str]:
    """Return a word in each language, blank where there is none."""
    return _each(lambda locale: locale.words.get(key, ""))


def _each(tell: Callable[[Locale], str]) -> dict[str, str]:
    return {language: tell(locale_of(language)) for language in LANGUAGES}
