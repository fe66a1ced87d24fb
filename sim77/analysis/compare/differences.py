"""What differs between the scenarios of a comparison, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim77.report.locale import LANGUAGES, Voice
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory

_PERIOD, _SITE = "period", "telecentre"
_MOST_NAMES = 3


def differences(a: Scenario, b: Scenario) -> list[dict[str, str]]:
    """Return what B does differently from A, as rows that a manifest can hold.

    Parameters
    ----------
    a, b : Scenario

    Returns
    -------
    list of dict
        ``kind`` and ``name`` as in `sim77.scenario.algebra.Difference`; ``label``, ``a`` and ``b``
        in each language, such as ``label_fr``. The period is left out: both are run on one.
    """
    rows = []
    for each in a.diff(b):
        row = {"kind": each.kind, "name": each.name}
        for language in LANGUAGES:
            label = each.label_fr if language == "fr" else each.label_en
            before, after = each.text(language).removeprefix(label).lstrip(" :").split(" → ")
            row |= {f"label_{language}": label, f"a_{language}": before, f"b_{language}": after}
        row |= {"only": "b" if not each.mine else "a" if not each.theirs else ""}
        if each.kind != _PERIOD:
            rows.append(row)
    return rows


def what_differs(
    rows: list[Mapping[str, Any]], territory: Territory, voice: Voice
) -> list[dict[str, str]]:
    """Return what differs as rows of a name, a value in A and a value in B.

    Parameters
    ----------
    rows : list of mapping
        From `differences`.
    territory : Territory
        For the names of telecentres.
    voice : Voice

    Returns
    -------
    list of dict
        ``name``, ``a``, ``b``, and ``note``, which may be blank.
    """
    table, language = territory.sites, voice.language
    names = dict(zip(table["telecentre_id"], table["name"], strict=True))
    said = []
    only = {side: [row for row in rows if _alone(row, side)] for side in ("a", "b")}
    if only["a"] or only["b"]:
        counts = {side: voice.numbers.count(len(found)) for side, found in only.items()}
        note = _listed([names[row["name"]] for row in (*only["b"], *only["a"])])
        said.append({"name": voice.words["differs_sites"], **counts, "note": note})
    for row in rows:
        if not (_alone(row, "a") or _alone(row, "b")):
            name = names[row["name"]] if row["kind"] == _SITE else row[f"label_{language}"]
            sides = {side: row[f"{side}_{language}"] for side in ("a", "b")}
            said.append({"name": name, **sides, "note": ""})
    return said


def _alone(row: Mapping[str, Any], side: str) -> bool:
    """Say whether a row is a telecentre of one side only."""
    return row["kind"] == _SITE and row["only"] == side


def _listed(names: list[str]) -> str:
    shown = ", ".join(name.split(" (")[0] for name in names[:_MOST_NAMES])
    return shown + (", …" if len(names) > _MOST_NAMES else "")
