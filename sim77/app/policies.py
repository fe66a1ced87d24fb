"""Policies as the app tells them: dated flags on the year, and levers applied to a scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim77.levers import ALL, Lever, lever
from sim77.report_numbers import Numbers
from sim77.scenario import Change, Scenario, SiteSpec
from sim77.territory import Territory
from sim77.territory_sites import NEW_DESKS, new_id


def dated_policies(
    scenario: Scenario, start: dt.date, end: dt.date, territory: Territory
) -> list[dict[str, str]]:
    """Return what changes during a run, in order of date, in both languages."""
    table = territory.sites
    names = dict(zip(table["telecentre_id"], table["name"], strict=True))
    told = []
    for site in scenario.network:
        for day, word in ((site.opening, "opens"), (site.closing, "closes")):
            if day is not None and start < day <= end:
                told.append(
                    (day, *_of_site(names.get(site.telecentre_id, site.telecentre_id), word))
                )
    for change in scenario.changes:
        if change.lever in ("open_telecentre", "close_telecentre"):
            word = "opens" if change.lever == "open_telecentre" else "closes"
            told.append(
                (change.date, *_of_site(names.get(str(change.target), str(change.target)), word))
            )
        else:
            told.append((change.date, *_of_change(change)))
            if change.until is not None:
                labels = (lever(change.lever).label_fr, lever(change.lever).label_en)
                told.append((change.until, f"fin : {labels[0]}", f"end: {labels[1]}"))
    dated = sorted((each for each in told if start <= each[0] <= end), key=lambda each: each[0])
    return [{"date": day.isoformat(), "fr": fr, "en": en} for day, fr, en in dated]


def _of_site(name: str, word: str) -> tuple[str, str]:
    short = name.split(" (")[0]
    return {
        "opens": (f"{short} ouvre", f"{short} opens"),
        "closes": (f"{short} ferme", f"{short} closes"),
    }[word]


def _of_change(change: Change) -> tuple[str, str]:
    found = lever(change.lever)
    texts = []
    for language, label in (("fr", found.label_fr), ("en", found.label_en)):
        value = _value(change.value, language)
        texts.append(f"{label}{' : ' if language == 'fr' else ': '}{value} {found.unit}".strip()
                     if value else label)  # fmt: skip
    return texts[0], texts[1]


def _value(value: Any, language: str) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, tuple):
        return ", ".join(Numbers(language).weekday(each) for each in value)
    return "" if value is None else Numbers(language).significant(float(value))


# Levers ------------------------------------------------------------------------------------


def with_levers(
    scenario: Scenario,
    moved: Mapping[str, Any],
    opened: Sequence[Mapping[str, Any]] = (),
    closed: Sequence[str] = (),
) -> Scenario:
    """Return a scenario with levers moved, each a dated policy, and sites opened and closed.

    A lever holds from its date, by default the scenario's first day, to the end of the run: what
    the scenario itself planned for that lever from then on gives way.

    Parameters
    ----------
    scenario : Scenario
    moved : mapping of str to value or list of dict
        By name of the lever, ``name@target`` for a target other than all; periods are dicts with
        ``from``, ``until`` (may be None) and ``value``.
    opened : sequence of dict
        Sites: ``id`` of a known telecentre, or ``commune`` of a new one, and ``desks``.
    closed : sequence of str
        Ids of telecentres without which B is run.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        In one sentence, if a lever, a value, a date or a site is unknown or contradicts another.
    """
    changes = list(scenario.changes)
    added: list[Change] = []
    # In order of names: the same levers make the same scenario, in whatever order they were moved.
    for name, value in sorted(moved.items()):
        plain, _, target = name.partition("@")
        found = lever(plain)
        for period in periods_of(value, scenario.start):
            added.append(
                Change(
                    period["from"], plain, period["value"], until=period["until"],
                    target=_target(found, target),
                )
            )  # fmt: skip
    for change in added:
        changes = [each for each in changes if not _gives_way(each, change)]
    network = _network(scenario.network, opened, closed)
    ids = {site.telecentre_id for site in network}
    gone = set(closed)
    kept = [
        each for each in (*changes, *added)
        if each.target not in gone and not (each.lever == "open_telecentre" and each.target in ids)
    ]  # fmt: skip
    if not (moved or opened or closed):
        return scenario
    return scenario.with_(network=network, changes=tuple(kept))


def periods_of(value: Any, start: dt.date) -> list[dict[str, Any]]:
    """Return a lever's value as periods; a plain value holds from the first day on."""
    dated = isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
    if not dated:
        return [{"from": start, "until": None, "value": value}]
    return [
        {"from": each.get("from") or start, "until": each.get("until"), "value": each.get("value")}
        for each in value
    ]


def _target(found: Lever, target: str) -> str | None:
    """Return what a lever is about: all, unless it says something else or is about nothing."""
    return None if found.target == "nothing" else target or ALL


def _gives_way(old: Change, new: Change) -> bool:
    """Say whether a planned change is replaced by one that the viewer made."""
    same = lever(old.lever).parameter or old.lever
    if same != (lever(new.lever).parameter or new.lever) or old.date < new.date:
        return False
    if new.until is not None and old.date > new.until:
        return False
    return new.target in (None, ALL, old.target)


def _network(
    network: Iterable[SiteSpec], opened: Sequence[Mapping[str, Any]], closed: Sequence[str]
) -> tuple[SiteSpec, ...]:
    sites = {site.telecentre_id: site for site in network if site.telecentre_id not in set(closed)}
    for site in opened:
        key = site.get("id") or new_id(str(site.get("commune")))
        desks = site.get("desks")
        if key in sites:
            sites[key] = replace(sites[key], desks=desks, opening=site.get("from"))
        else:
            given = desks if desks is not None or site.get("id") else NEW_DESKS
            sites[key] = SiteSpec(key, opening=site.get("from"), desks=given)
    return tuple(sites.values())


# Specifications ----------------------------------------------------------------------------

_KINDS = {"number": "number", "integer": "number", "flag": "flag", "weekdays": "weekdays"}
_PERIODS = ("strike", "lockdown")
_HIDDEN = ("open_telecentre", "close_telecentre", "fibre_start")
_STEPS = {"integer": 1.0}


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
    from sim77.levers import levers
    from sim77.parameters import registry

    states = [each.state_on(each.start, territory) for each in (a, b)]
    specs = []
    for name, found in levers().items():
        if name in _HIDDEN:
            continue
        parameter = registry()[found.parameter] if found.parameter else None
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
                "targets": _targets(found, b, territory),
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
    from sim77.report_numbers import nice_step

    if found.kind in _STEPS or found.low is None or found.high is None:
        return 1.0
    return nice_step((found.high - found.low) / 100.0)


def _holds(found: Lever, state: Any) -> Any:
    """Return the value of a lever in a state; None where sites or lines differ in it."""
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
    of_sites = {
        "desks": "desks", "price_day": "price_day_eur", "price_half_day": "price_half_day_eur",
        "price_hour": "price_hour_eur", "price_month": "price_month_eur",
        "subsidy_desk": "subsidy_desk_month_eur", "subsidy_day": "subsidy_day_eur",
    }  # fmt: skip
    if name in of_sites:
        values = {getattr(site, of_sites[name]) for site in state.sites}
        return values.pop() if len(values) == 1 else None
    factors = {
        "train_frequency": state.trains_factor, "train_capacity": state.capacity_factor,
        "agreements": state.agreements_factor,
    }.get(name)  # fmt: skip
    if factors is None:
        return found.neutral
    values = set(factors.values())
    return values.pop() if len(values) == 1 else found.neutral if not values else None


def _plain(value: Any) -> Any:
    """Return a value that JSON has a word for."""
    return list(value) if isinstance(value, tuple) else value


def _targets(found: Lever, b: Scenario, territory: Territory) -> list[str]:
    """Return the targets that may stand after ``@`` in the name of a lever."""
    from sim77.units import EMPLOYER_SIZES, OCCUPATION_GROUPS

    if found.target.startswith("telecentre"):
        return [site.telecentre_id for site in b.network]
    if found.target.startswith("line"):
        return [str(line) for line in territory.lines["line"]]
    if found.target.startswith("employer"):
        return [*EMPLOYER_SIZES, *OCCUPATION_GROUPS]
    return []
