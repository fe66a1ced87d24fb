"""Scenarios added to each other, and what two of them do differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sim77.core.errors import ScenarioError
from sim77.core.units import WEEKDAYS
from sim77.registry.levers import lever
from sim77.registry.parameters import load_parameters, on_top, split_date
from sim77.scenario.parts import (
    Change,
    MisplacedError,
    Place,
    SiteSpec,
    value_text,
    written,
)

if TYPE_CHECKING:
    from sim77.scenario.scenario import Scenario

_PLAIN = ("source", "note", "telecentre_id")


# Sums --------------------------------------------------------------------------------------


def sum_fields(first: Scenario, second: Scenario) -> dict[str, Any]:
    """Return the fields of a scenario with the second on top of the first, its period kept."""
    network, changes = _merged(first, second)
    return {
        "name": f"{first.name}+{second.name}",
        **{
            f"label_{language}": " + ".join(
                getattr(each, f"label_{language}") for each in (first, second)
            )
            for language in ("fr", "en")
        },
        **{
            f"description_{language}": " ".join(
                getattr(each, f"description_{language}") for each in (first, second)
            ).strip()
            for language in ("fr", "en")
        },
        "start": first.start,
        "end": first.end,
        "parameters": on_top(first.parameters, second.parameters),
        "network": tuple(site for site, _ in network),
        "changes": tuple(change for change, _ in changes),
        "outside_ranges": first.outside_ranges or second.outside_ranges,
    }


def check_clashes(first: Scenario, second: Scenario) -> None:
    """Raise `ScenarioError` if both set the same to two values from the same day."""
    mine = {change.sets: (index, change) for index, change in enumerate(first.changes)}
    for index, change in enumerate(second.changes):
        place, other = mine.get(change.sets, (index, change))
        if other.value != change.value:
            what = "" if change.target is None else f" for '{change.target}'"
            raise ScenarioError(
                f"'{first.name}' and '{second.name}' clash: '{change.lever}'{what} is "
                f"{value_text(other)} from {change.date} in '{first.name}' (changes[{place}]) "
                f"and {value_text(change)} in '{second.name}' (changes[{index}])."
            )


@contextmanager
def told_by(first: Scenario, second: Scenario) -> Iterator[None]:
    """Say, of a mistake in the sum found inside, in which of the two scenarios each place is."""
    network, changes = _merged(first, second)
    origins: dict[str | int, list[tuple[str, int]]] = {
        "network": [origin for _, origin in network],
        "changes": [origin for _, origin in changes],
    }

    def told(path: Place) -> str:
        part, index = path[0], path[1]
        scenario, own = origins[part][int(index)]
        return f"'{scenario}' {written((part, own, *path[2:]))}"

    try:
        yield
    except MisplacedError as error:
        message = error.message
        if error.other:
            message = message.replace("{other}", told(error.other))
        raise ScenarioError(
            f"'{first.name}' and '{second.name}' cannot be added: "
            f"{told(error.path) if len(error.path) > 1 else written(error.path)}: {message}"
        ) from None


_Sites = list[tuple[SiteSpec, tuple[str, int]]]
_Changes = list[tuple[Change, tuple[str, int]]]


def _merged(first: Scenario, second: Scenario) -> tuple[_Sites, _Changes]:
    """Return the telecentres and changes of a sum, each with its scenario and its place there."""
    sites = {
        site.telecentre_id: (site, (scenario.name, index))
        for scenario in (first, second)
        for index, site in enumerate(scenario.network)
    }
    changes: _Changes = []
    seen: set[tuple[Any, ...]] = set()
    for scenario in (first, second):
        for index, change in enumerate(scenario.changes):
            what = (*change.sets, change.value, change.until)
            if what not in seen:
                changes.append((change, (scenario.name, index)))
            seen.add(what)
    return list(sites.values()), changes


# Differences -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One thing that two scenarios do differently.

    Attributes
    ----------
    kind : str
        "period", "parameter", "telecentre" or "change".
    name : str
        Of the parameter, telecentre, or lever with target and date; empty for the period.
    mine, theirs : str
        What the one and the other say, in the words of scenario files; empty: nothing.
    label_fr, label_en : str
        What it is.
    """

    kind: str
    name: str
    mine: str
    theirs: str
    label_fr: str
    label_en: str

    def text(self, language: str = "en") -> str:
        """Return it as one line, its subject by its label."""
        if language != "fr":
            return f"{self.label_en}: {self._arrow}"
        arrow = self._arrow
        for english, french in _IN_FRENCH.items():
            arrow = arrow.replace(english, french)
        return f"{self.label_fr} : {arrow}"

    def __str__(self) -> str:
        return f"{self.name or self.kind}: {self._arrow}"

    @property
    def _arrow(self) -> str:
        nothing = "as in the registry" if self.kind == "parameter" else "none"
        return f"{self.mine or nothing} → {self.theirs or nothing}"


_IN_FRENCH = {
    "as in the registry": "comme au registre",
    "open from the start": "ouvert dès le début",
    "opening": "ouverture",
    "closing": "fermeture",
    "desks": "postes",
    "price_half_day": "prix demi-journée",
    "price_": "prix ",
    "until": "jusqu'au",
    " to ": " au ",
    "none": "rien",
    "done": "fait",
    "true": "oui",
    "false": "non",
    **dict(zip(WEEKDAYS, ("lundi", "mardi", "mercredi", "jeudi", "vendredi"), strict=True)),
}


def differences(first: Scenario, second: Scenario) -> tuple[Difference, ...]:
    """Return what the second scenario does differently: period, parameters, sites, changes."""
    found = []
    mine, theirs = (f"{each.start} to {each.end}" for each in (first, second))
    if mine != theirs:
        found.append(Difference("period", "", mine, theirs, "période", "period"))
    for key, before, after in _unlike(first.parameters, second.parameters):
        found.append(_parameter_difference(key, before, after))
    for name, before, after in _unlike(*(_sites(each) for each in (first, second))):
        labels = (f"télécentre {name}", f"telecentre {name}")
        found.append(Difference("telecentre", name, before or "", after or "", *labels))
    for _, before, after in _unlike(*(_changes(each) for each in (first, second))):
        if _said(before) != _said(after):
            found.append(_change_difference(before, after))
    return tuple(found)


def _parameter_difference(key: str, mine: float | None, theirs: float | None) -> Difference:
    name, since = split_date(key)
    entry = load_parameters()[name]
    before, after = ("" if each is None else f"{each:g} {entry.unit}" for each in (mine, theirs))
    since_fr, since_en = (f", à partir du {since}", f", from {since}") if since else ("", "")
    labels = (entry.label_fr + since_fr, entry.label_en + since_en)
    return Difference("parameter", key, before, after, *labels)


def _unlike(first: Mapping[Any, Any], second: Mapping[Any, Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield keys and both values, None where there is none, where these differ."""
    for key in {**first, **second}:
        if first.get(key) != second.get(key):
            yield key, first.get(key), second.get(key)


def _sites(scenario: Scenario) -> dict[str, str]:
    return {site.telecentre_id: _site_text(site) for site in scenario.network}


def _changes(scenario: Scenario) -> dict[Any, Change]:
    return {change.sets: change for change in scenario.changes}


def _said(change: Change | None) -> tuple[Any, ...] | None:
    """Return what of a change is no text about it."""
    return None if change is None else (change.value, change.until)


def _site_text(site: SiteSpec) -> str:
    said = [
        f"{each.name} {getattr(site, each.name)}"
        for each in fields(site)
        if each.name not in _PLAIN and getattr(site, each.name) is not None
    ]
    return ", ".join(said) or "open from the start"


def _change_difference(mine: Change | None, theirs: Change | None) -> Difference:
    either = mine or theirs
    assert either is not None
    found = lever(either.lever)
    target = "" if either.target is None else f" ({either.target})"
    return Difference(
        "change",
        f"{either.lever}{target} from {either.date}",
        _change_text(mine),
        _change_text(theirs),
        f"{found.label_fr}{target}, à partir du {either.date}",
        f"{found.label_en}{target}, from {either.date}",
    )


def _change_text(change: Change | None) -> str:
    if change is None:
        return ""
    euros = " €" if lever(change.lever).unit.startswith("€") else ""
    value = f"{value_text(change)}{euros}" if value_text(change) else "done"
    return value if change.until is None else f"{value} until {change.until}"
