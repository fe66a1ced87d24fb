"""Policies as the app tells them: dated flags on the year, and levers applied to a scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim77.registry.levers import ALL, lever
from sim77.report.compare.differences import value_text
from sim77.report.locale import NARROW_SPACE
from sim77.scenario.parts import restated
from sim77.scenario.scenario import Change, Scenario, SiteSpec
from sim77.territory.sites import NEW_DESKS, new_id
from sim77.territory.territory import Territory


def dated_policies(
    scenario: Scenario, start: dt.date, end: dt.date, territory: Territory
) -> list[dict[str, str]]:
    """Return what changes during a run, in order of date, in both languages."""
    names = territory.site_labels
    dated = []
    for site in scenario.network:
        for day, word in ((site.opening, "opens"), (site.closing, "closes")):
            if day is not None and start < day <= end:
                dated.append((day, *_of_site(names, site.telecentre_id, word)))
    for change in scenario.changes:
        if change.lever in ("open_telecentre", "close_telecentre"):
            word = "opens" if change.lever == "open_telecentre" else "closes"
            dated.append((change.date, *_of_site(names, str(change.target), word)))
        else:
            dated.append((change.date, *_of_change(change)))
            if change.until is not None:
                labels = (lever(change.lever).label_fr, lever(change.lever).label_en)
                dated.append((change.until, f"fin{NARROW_SPACE}: {labels[0]}", f"end: {labels[1]}"))
    within = sorted((each for each in dated if start <= each[0] <= end), key=lambda each: each[0])
    return [{"date": day.isoformat(), "fr": fr, "en": en} for day, fr, en in within]


def _of_site(names: Mapping[str, Mapping[str, str]], site: str, word: str) -> tuple[str, str]:
    label = names.get(site, {"fr": site, "en": site})
    fr, en = (label[language].split(" (")[0] for language in ("fr", "en"))
    return {
        "opens": (f"{fr} ouvre", f"{en} opens"),
        "closes": (f"{fr} ferme", f"{en} closes"),
    }[word]


def _of_change(change: Change) -> tuple[str, str]:
    found = lever(change.lever)
    texts = []
    for language, label in (("fr", found.label_fr), ("en", found.label_en)):
        if change.value is None or isinstance(change.value, bool):
            texts.append(label)
            continue
        colon = f"{NARROW_SPACE}: " if language == "fr" else ": "
        texts.append(f"{label}{colon}{value_text(change.value, found.unit, language)}")
    return texts[0], texts[1]


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
                    target=found.target_or_all(target),
                )
            )  # fmt: skip
    for change in added:
        changes = [each for each in changes if not _gives_way(each, change)]
    for change in tuple(added):
        same = (each for each in added if each.target == change.target)
        added.extend(restated(change, [*changes, *same]))
    network = _network(scenario.network, opened, closed)
    ids = {site.telecentre_id for site in network}
    gone = set(closed)
    kept = [
        each for each in (*changes, *added)
        if each.target not in gone and not (each.lever == "open_telecentre" and each.target in ids)
    ]  # fmt: skip
    by_hand = len(moved) + len(opened) + len(closed)
    if not by_hand:
        return scenario
    made = scenario.with_(network=network, changes=tuple(kept))
    return made if made.hash == scenario.hash else _named(made, by_hand)


def _named(scenario: Scenario, by_hand: int) -> Scenario:
    """Say in the name how much was changed: what it does must not be taken for the scenario's."""
    fr = "avec 1 changement" if by_hand == 1 else f"avec {by_hand} changements"
    en = "with 1 change" if by_hand == 1 else f"with {by_hand} changes"
    return replace(
        scenario,
        label_fr=f"{scenario.label_fr or scenario.name}, {fr}",
        label_en=f"{scenario.label_en or scenario.name}, {en}",
    )


def periods_of(value: Any, start: dt.date) -> list[dict[str, Any]]:
    """Return a lever's value as periods; a plain value holds from the first day on."""
    dated = isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
    if not dated:
        return [{"from": start, "until": None, "value": value}]
    return [
        {"from": each.get("from") or start, "until": each.get("until"), "value": each.get("value")}
        for each in value
    ]


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
