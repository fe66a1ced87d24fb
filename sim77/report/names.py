"""What the places and lines of a territory are called in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim77.core.errors import Sim77Error, TerritoryError
from sim77.report.locale import Locale
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import Territory, load_territory

_STRAIGHT = re.compile(r"(?<=\w)'(?=\w)")
_LONGEST = 24
"""Letters of a name of a line, at most."""


def line_labels(territory: Territory, locale: Locale) -> dict[str, str]:
    """Return the names of lines: what they are called, or their kind and number.

    A timetable often calls a line only by its number, or by all its ends.
    """
    lines, language = territory.lines, locale.language
    labels = dict(zip(lines["line"], lines[f"label_{language}"].astype(str), strict=True))
    kinds = dict(zip(lines["line"], lines["kind"], strict=True))
    return {
        line: label
        if label != line and len(label) <= _LONGEST
        else locale.say(f"line_{kinds[line]}", line=line)
        for line, label in labels.items()
    }


def scenario_label(name: str, locale: Locale, territory: Territory | None = None) -> str:
    """Return what a scenario is called, or its name where it is not there any more."""
    try:
        scenario = load_scenario(name, territory)
    except Sim77Error:
        return name
    return {"fr": scenario.label_fr, "en": scenario.label_en}[locale.language]


def labels_apart(scenarios: Sequence[tuple[str, str]]) -> list[str]:
    """Return the labels of scenarios side by side, with their names where labels are the same.

    Parameters
    ----------
    scenarios : sequence of (str, str)
        Label and name of each.
    """
    return [
        f"{label} ({name})"
        if any(label == other and name != its_name for other, its_name in scenarios)
        else label
        for label, name in scenarios
    ]


def telecentre_names(territory: Territory, locale: Locale) -> dict[str, str]:
    """Return the names of telecentres by id; where a site is assumed, the name says so."""
    mark = f" ({locale.words['assumed_mark']})"
    assumed = territory.sites["telecentre_id"][territory.sites["assumed"] == 1]
    names = {site: label[locale.language] for site, label in territory.site_labels.items()}
    return names | {site: names[site] + mark for site in assumed}


def place_named(territory: Territory, manifest: Mapping[str, Any], locale: Locale) -> str:
    """Name a territory, and the workplaces of a run if not all, as a sentence before another."""
    place, everywhere = territory.labels[locale.language], territory.workplace_zones
    zones = manifest.get("workplaces", everywhere)
    if set(zones) == set(everywhere):
        return f"{place}. "
    return locale.say(
        "place_and_workplaces", place=place, zones=zone_names(territory, zones, locale)
    )


def territory_of(manifest: Mapping[str, Any]) -> Territory | None:
    """Return the territory of a manifest, None if it is not on this machine."""
    try:
        return load_territory(manifest["territory"]["folder"])
    except TerritoryError:
        return None


def place_of_run(manifest: Mapping[str, Any], locale: Locale) -> str:
    """Name the territory and the workplaces of a manifest; its name alone if it is not here."""
    territory = territory_of(manifest)
    if territory is None:
        return f"{manifest['territory']['name']}."
    return place_named(territory, manifest, locale).strip()


def zone_names(territory: Territory, zones: Iterable[str], locale: Locale) -> str:
    """Name workplace zones as the territory labels them."""
    scopes = territory.od.settings["scopes"]
    return listed([str(scopes[zone][locale.language]) for zone in zones], locale)


def printed(names: Iterable[str]) -> list[str]:
    """Give names the apostrophes of print, which tables do not have."""
    return [_STRAIGHT.sub("’", name) for name in names]


def listed(names: list[str], locale: Locale) -> str:
    """Join names as a sentence does."""
    head = ", ".join(names[:-1])
    return f"{head} {locale.words['and']} {names[-1]}" if head else names[-1]
