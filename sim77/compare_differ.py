"""What differs between the scenarios of a comparison, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sim77.compare_differences import CHANGE, PARAMETER, SITE
from sim77.compare_findings import Findings
from sim77.errors import Sim77Error
from sim77.levers import ALL, lever
from sim77.parameters import registry
from sim77.report_numbers import NOTHING, least_decimals
from sim77.report_words import Voice
from sim77.territory import Territory
from sim77.units import WEEKDAYS

_SITE_NAMES = 3


def what_differs(findings: Findings, territory: Territory, voice: Voice) -> list[dict[str, str]]:
    """Return what differs as rows of a name, a value in A and a value in B.

    Parameters
    ----------
    findings : Findings
    territory : Territory
        For the names of telecentres.
    voice : Voice

    Returns
    -------
    list of dict
        ``name``, ``a``, ``b``, and ``note``, which may be blank.
    """
    rows = findings.manifest["differences"]
    table = territory.telecentres
    site_names = dict(zip(table["telecentre_id"], table["name"], strict=True))
    return [
        *_sites([row for row in rows if row["what"] == SITE], site_names, voice),
        *(_parameter(row, voice) for row in rows if row["what"] == PARAMETER),
        *(_change(row, site_names, voice) for row in rows if row["what"] == CHANGE),
    ]


def _sites(
    rows: list[dict[str, Any]], names: Mapping[str, str], voice: Voice
) -> list[dict[str, str]]:
    """Count the telecentres that only one side has, and name those that both have otherwise."""
    added = [row for row in rows if row["a"] is None]
    removed = [row for row in rows if row["b"] is None]
    other = [row for row in rows if row["a"] is not None and row["b"] is not None]
    said = []
    if added or removed:
        said.append(
            {
                "name": voice.words["differs_sites"],
                "a": voice.numbers.count(len(removed)),
                "b": voice.numbers.count(len(added)),
                "note": _listed([names[row["name"]] for row in (*added, *removed)]),
            }
        )
    for row in other:
        keys = [key for key in {**row["a"], **row["b"]} if row["a"].get(key) != row["b"].get(key)]
        sides = {
            side: ", ".join(
                f"{_label(key, voice)} {_said(row[side].get(key), voice)}" for key in keys
            )
            for side in ("a", "b")
        }
        said.append({"name": names[row["name"]], **sides, "note": ""})
    return said


def _listed(names: list[str]) -> str:
    shown = ", ".join(name.split(" (")[0] for name in names[:_SITE_NAMES])
    return shown + (", …" if len(names) > _SITE_NAMES else "")


def _parameter(row: dict[str, Any], voice: Voice) -> dict[str, str]:
    known = registry().get(row["name"])
    unit = f" {known.unit}" if known and known.unit not in ("", "share", "0 or 1") else ""
    return {
        "name": _label(f"parameter:{row['name']}", voice),
        "a": _said(row["a"], voice) + unit,
        "b": _said(row["b"], voice) + unit,
        "note": row["name"],
    }


def _change(row: dict[str, Any], names: Mapping[str, str], voice: Voice) -> dict[str, str]:
    """Say a dated change that only one side has."""
    change = row["a"] or row["b"]
    value = _said(change.get("value"), voice) + _unit(row["name"])
    target = change.get("target")
    about = "" if target in (None, ALL) else f", {names.get(target, target)}"
    return {
        "name": _label(row["name"], voice) + about,
        "a": value if row["a"] else NOTHING,
        "b": value if row["b"] else NOTHING,
        "note": _when(change, voice),
    }


def _when(change: Mapping[str, Any], voice: Voice) -> str:
    date = voice.numbers.date(dt.date.fromisoformat(change["date"]))
    if "until" not in change:
        return voice.say("from_date", date=date)
    until = voice.numbers.date(dt.date.fromisoformat(change["until"]))
    return voice.say("until_date", date=date, until=until)


def _label(name: str, voice: Voice) -> str:
    try:
        found = lever(name)
    except Sim77Error:
        return name
    return found.label_fr if voice.language == "fr" else found.label_en


def _unit(name: str) -> str:
    unit = lever(name).unit
    return f" {unit}" if unit and unit not in ("share", "0 or 1", "date") else ""


def _said(value: Any, voice: Voice) -> str:
    """Write a value of a lever or a parameter."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return voice.words["yes" if value else "no"]
    if isinstance(value, int | float):
        return voice.numbers.fixed(value, least_decimals(value))
    if isinstance(value, list):
        return ", ".join(voice.numbers.weekday(WEEKDAYS.index(day)) for day in value)
    return str(value)
