"""The levers as the page shows them: unit, bounds, source, targets, values in A and in B."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim77.registry.levers import EMPLOYEES, Lever, levers
from sim77.registry.parameters import load_parameters
from sim77.report.locale import LANGUAGES, words_by_language
from sim77.scenario.policy import PolicyState, value_in
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory


def lever_specs(a: Scenario, b: Scenario, territory: Territory) -> list[dict[str, Any]]:
    """Return every lever that the panel shows, with its value in A and in B as they are.

    Parameters
    ----------
    a, b : Scenario
        As chosen, before any lever is moved.
    territory : Territory

    Returns
    -------
    list of dict
    """
    states = [each.state_on(each.start, territory) for each in (a, b)]
    return [
        _spec(found, b, territory, states)
        for found in levers().values()
        if found.control.shown != "nowhere"
    ]


def _spec(
    found: Lever, b: Scenario, territory: Territory, states: Sequence[PolicyState]
) -> dict[str, Any]:
    in_a, in_b = (_plain(value_in(state, found)) for state in states)
    parameter = load_parameters()[found.parameter] if found.parameter else None
    return {
        "name": found.name,
        "group": found.group,
        "fr": found.label_fr,
        "en": found.label_en,
        "unit": found.unit,
        "kind": found.kind,
        "dated": found.control.shown == "dated",
        "share": found.is_share,
        "low": found.low,
        "high": found.high,
        "step": found.control.step,
        "decimals": found.control.decimals,
        "default": in_b,
        "value_in_a": in_a,
        "neutral": _plain(found.neutral),
        "source_fr": found.source_fr,
        "source_en": found.source_en,
        "confidence": parameter.confidence if parameter else "A",
        "targets": _targets(found, b, territory, states),
        "instances": [
            {"date": each.date, "fr": each.what_fr, "en": each.what_en} for each in found.instances
        ],
    }


def _plain(value: Any) -> Any:
    """Return a value that JSON has a word for."""
    return list(value) if isinstance(value, tuple) else value


def _targets(
    found: Lever, b: Scenario, territory: Territory, states: Sequence[PolicyState]
) -> list[dict[str, Any]]:
    """Return what may stand after ``@`` in the name of a lever, with its values in A and in B."""
    in_a, in_b = states
    return [
        {
            "name": name, **labels,
            "value_in_a": _plain(value_in(in_a, found, name)),
            "default": _plain(value_in(in_b, found, name)),
        }
        for name, labels in _named_targets(found, b, territory).items()
    ]  # fmt: skip


def _named_targets(found: Lever, b: Scenario, territory: Territory) -> dict[str, dict[str, str]]:
    """Return the targets of a lever with their names in every language."""
    if found.target.startswith("telecentre"):
        return {each.telecentre_id: territory.site_labels[each.telecentre_id] for each in b.network}
    if found.target.startswith("line"):
        lines = [str(line) for line in territory.lines["line"]]
        return {line: {"fr": f"ligne {line}", "en": f"line {line}"} for line in lines}
    if found.target.startswith("employer"):
        text = words_by_language()
        return {
            each: {language: text[language][each] for language in LANGUAGES} for each in EMPLOYEES
        }
    return {}
