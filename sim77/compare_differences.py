"""What differs between two scenarios, as plain rows that a manifest can hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sim77.parameters import resolve
from sim77.scenario import Scenario
from sim77.units import WEEKDAYS

PARAMETER, SITE, CHANGE = "parameter", "site", "change"


def differences(a: Scenario, b: Scenario, day: dt.date) -> list[dict[str, Any]]:
    """Return what differs from A to B.

    Parameters
    ----------
    a, b : Scenario
    day : datetime.date
        The date of the registry's values that a scenario leaves as they are.

    Returns
    -------
    list of dict
        ``what`` is one of `PARAMETER`, `SITE` and `CHANGE`, ``name`` the parameter, the telecentre
        or the lever; ``a`` and ``b`` are the values, None where there is none.
    """
    return [*_parameters(a, b, day), *_sites(a, b), *_changes(a, b)]


def _parameters(a: Scenario, b: Scenario, day: dt.date) -> list[dict[str, Any]]:
    sides = [resolve(day, each.parameters, check_ranges=False) for each in (a, b)]
    names = sorted({*a.parameters, *b.parameters})
    pairs = [(name, sides[0][name], sides[1][name]) for name in names]
    return [
        {"what": PARAMETER, "name": name, "a": before, "b": after}
        for name, before, after in pairs
        if before != after
    ]


def _sites(a: Scenario, b: Scenario) -> list[dict[str, Any]]:
    before, after = (
        {site.telecentre_id: _plain(site, "telecentre_id") for site in each.network}
        for each in (a, b)
    )
    return [
        {"what": SITE, "name": name, "a": before.get(name), "b": after.get(name)}
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _changes(a: Scenario, b: Scenario) -> list[dict[str, Any]]:
    before, after = ([_plain(change) for change in each.changes] for each in (a, b))
    rows = [{"a": each, "b": None} for each in before if each not in after]
    rows += [{"a": None, "b": each} for each in after if each not in before]
    return [{"what": CHANGE, "name": (row["a"] or row["b"] or {})["lever"], **row} for row in rows]


def _plain(part: Any, *without: str) -> dict[str, Any]:
    """Return what of a part changes numbers, for JSON; what it leaves open is left out."""
    left_out = {"source", "note", *without}
    return {
        name: _value(name, value)
        for name, value in asdict(part).items()
        if name not in left_out and value is not None
    }


def _value(name: str, value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if name == "value" and isinstance(value, Sequence) and not isinstance(value, str):
        return [WEEKDAYS[each] for each in value]
    return value
