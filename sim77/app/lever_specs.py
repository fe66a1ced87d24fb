"""The levers as the page shows them: unit, bounds, source, targets, values in A and in B."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim77.core.units import EMPLOYER_SIZES, OCCUPATION_GROUPS
from sim77.registry.levers import ALL, Lever, lever, levers
from sim77.registry.parameters import load_parameters
from sim77.report.numbers import LANGUAGES, nice_step
from sim77.report.words import words_by_language
from sim77.scenario.scenario import Scenario
from sim77.territory.sites import NEW_DESKS
from sim77.territory.territory import Territory

_KINDS = {"number": "number", "integer": "number", "flag": "flag", "weekdays": "weekdays"}
_PERIODS = ("strike", "lockdown")
_HIDDEN = ("open_telecentre", "close_telecentre", "fibre_start")
_STEPS = {"integer": 1.0}
_OF_SITES = {
    "desks": "desks", "price_day": "price_day_eur", "price_half_day": "price_half_day_eur",
    "price_hour": "price_hour_eur", "price_month": "price_month_eur",
    "subsidy_desk": "subsidy_desk_month_eur", "subsidy_day": "subsidy_day_eur",
}  # fmt: skip


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
    specs = []
    for name, found in levers().items():
        if name in _HIDDEN:
            continue
        parameter = load_parameters()[found.parameter] if found.parameter else None
        in_a, in_b = (_holds(found, state) for state in states)
        specs.append(
            {
                "name": name,
                "group": found.group,
                "fr": found.label_fr,
                "en": found.label_en,
                "unit": found.unit,
                "kind": "period" if name in _PERIODS else _KINDS.get(found.kind, "number"),
                "value_kind": "integer" if found.kind == "integer" else found.kind,
                "low": found.low,
                "high": found.high,
                "step": _step(found),
                "default": in_b,
                "value_in_a": in_a,
                "neutral": _plain(found.neutral),
                "source": found.source,
                "confidence": parameter.confidence if parameter else "A",
                "targets": _targets(found, b, territory, states),
                "instances": [
                    {"date": each.date, "fr": each.what_fr, "en": each.what_en}
                    for each in found.instances
                ],
            }
        )  # fmt: skip
    specs.append(_sites_spec())
    return specs


def _sites_spec() -> dict[str, Any]:
    """Return the lever that opens and closes telecentres, which `state.sites` holds."""
    opening = lever("open_telecentre")
    return {
        "name": "sites", "group": opening.group, "kind": "sites", "unit": opening.unit,
        "fr": "sites ouverts et fermés", "en": "sites opened and closed",
        "low": opening.low, "high": 200, "step": 1, "default": None, "value_in_a": None,
        "new_desks": NEW_DESKS, "source": opening.source, "confidence": "A", "targets": [],
        "instances": [],
    }  # fmt: skip


def _step(found: Lever) -> float:
    """Return a step of about a hundredth of the range, round; whole for whole numbers."""
    if found.kind in _STEPS or found.low is None or found.high is None:
        return 1.0
    return nice_step((found.high - found.low) / 100.0)


def _holds(found: Lever, state: Any, target: str = "") -> Any:
    """Return the value of a lever in a state; None where sites or lines differ in it.

    With a target it is the value there, None where the target is not part of the state.
    """
    if found.parameter:
        return state.parameters[found.parameter]
    name = found.name
    simple = {
        "strike": state.share_trains, "anchor_weekdays": list(state.anchor_weekdays),
        "staggered_days": state.staggered_days, "lockdown": state.lockdown,
        "allowance_half_days": state.allowance_half_days, "road_toll": state.road_toll_eur,
        "low_emission_zone": state.share_cars_barred, "fibre_advance": state.fibre_advance_days,
        "employer_adapts": state.employer_adapts, "agreements_spread": state.agreements_spread,
        "operator_exit": state.operator_exit, "operator_growth": state.operator_growth,
        "operator_pricing": state.operator_pricing,
    }  # fmt: skip
    if name in simple:
        return simple[name]
    if name == "fuel_price":
        return state.parameters["fuel_price_in_cost_eur_per_litre"]
    if name in _OF_SITES:
        values = {
            getattr(site, _OF_SITES[name])
            for site in state.sites
            if target in ("", site.telecentre_id)
        }
        return values.pop() if len(values) == 1 else None
    factors = {
        "train_frequency": state.trains_factor, "train_capacity": state.capacity_factor,
        "agreements": state.agreements_factor,
    }.get(name)  # fmt: skip
    if factors is None:
        return found.neutral
    if target:
        return factors.get(target, factors.get(ALL, found.neutral))
    values = set(factors.values())
    return values.pop() if len(values) == 1 else found.neutral if not values else None


def _plain(value: Any) -> Any:
    """Return a value that JSON has a word for."""
    return list(value) if isinstance(value, tuple) else value


def _targets(
    found: Lever, b: Scenario, territory: Territory, states: Sequence[Any]
) -> list[dict[str, Any]]:
    """Return what may stand after ``@`` in the name of a lever, with its values in A and in B."""
    in_a, in_b = states
    return [
        {
            "name": name, **labels,
            "value_in_a": _plain(_holds(found, in_a, name)),
            "default": _plain(_holds(found, in_b, name)),
        }
        for name, labels in _named_targets(found, b, territory).items()
    ]  # fmt: skip


def _named_targets(found: Lever, b: Scenario, territory: Territory) -> dict[str, dict[str, str]]:
    """Return the targets of a lever with their names in every language."""
    if found.target.startswith("telecentre"):
        table = territory.sites
        names = dict(zip(table["telecentre_id"], table["name"].astype(str), strict=True))
        ids = [site.telecentre_id for site in b.network]
        return {each: {language: names[each] for language in LANGUAGES} for each in ids}
    if found.target.startswith("line"):
        lines = [str(line) for line in territory.lines["line"]]
        return {line: {"fr": f"ligne {line}", "en": f"line {line}"} for line in lines}
    if found.target.startswith("employer"):
        told = words_by_language()
        return {
            each: {language: told[language][each] for language in LANGUAGES}
            for each in (*EMPLOYER_SIZES, *OCCUPATION_GROUPS)
        }
    return {}
