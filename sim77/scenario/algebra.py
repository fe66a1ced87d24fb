"""Scenarios added to each other, and what two of them do differently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, Protocol

from sim77.core.errors import ScenarioError
from sim77.registry.levers import lever
from sim77.registry.parameters import load_parameters, on_top, split_date
from sim77.scenario.parts import (
    Change,
    MisplacedError,
    Place,
    SiteSpec,
    idle_changes,
    value_text,
    written,
)
from sim77.territory.new_line import NewLine

_PLAIN = ("source", "note", "telecentre_id")


class _Scenario(Protocol):
    """What sums and differences read of a scenario, which is made of them."""

    @property
    def name(self) -> str: ...

    @property
    def label_fr(self) -> str: ...

    @property
    def label_en(self) -> str: ...

    @property
    def description_fr(self) -> str: ...

    @property
    def description_en(self) -> str: ...

    @property
    def start(self) -> dt.date: ...

    @property
    def end(self) -> dt.date: ...

    @property
    def parameters(self) -> Mapping[str, float]: ...

    @property
    def network(self) -> tuple[SiteSpec, ...]: ...

    @property
    def changes(self) -> tuple[Change, ...]: ...

    @property
    def new_lines(self) -> tuple[NewLine, ...]: ...

    @property
    def outside_ranges(self) -> bool: ...


# Sums --------------------------------------------------------------------------------------


def sum_fields(first: _Scenario, second: _Scenario) -> dict[str, Any]:
    """Return the fields of a scenario with the second on top of the first, its period kept.

    Raises
    ------
    ScenarioError
        If a change of the second holds on no simulated day of the first: the sum would be named
        after what never happens.
    """
    for change in idle_changes(second.changes, first.start, first.end):
        until = f" to {change.until}" if change.until else ""
        raise ScenarioError(
            f"'{first.name}' and '{second.name}' cannot be added: '{change.lever}' of "
            f"'{second.name}' holds from {change.date}{until}, on no working day of "
            f"'{first.name}', which lasts from {first.start} to {first.end}."
        )
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
        "new_lines": tuple(
            {line.line: line for each in (first, second) for line in each.new_lines}.values()
        ),
        "outside_ranges": first.outside_ranges or second.outside_ranges,
    }


def check_clashes(first: _Scenario, second: _Scenario) -> None:
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
def naming_both(first: _Scenario, second: _Scenario) -> Iterator[None]:
    """Say, of a mistake in the sum found inside, in which of the two scenarios each place is."""
    network, changes = _merged(first, second)
    origins: dict[str | int, list[tuple[str, int]]] = {
        "network": [origin for _, origin in network],
        "changes": [origin for _, origin in changes],
    }

    def place_text(path: Place) -> str:
        part, index = path[0], path[1]
        scenario, own = origins[part][int(index)]
        return f"'{scenario}' {written((part, own, *path[2:]))}"

    try:
        yield
    except MisplacedError as error:
        message = error.message
        if error.other:
            message = message.replace("{other}", place_text(error.other))
        raise ScenarioError(
            f"'{first.name}' and '{second.name}' cannot be added: "
            f"{place_text(error.path) if len(error.path) > 1 else written(error.path)}: {message}"
        ) from None


_Sites = list[tuple[SiteSpec, tuple[str, int]]]
_Changes = list[tuple[Change, tuple[str, int]]]


def _merged(first: _Scenario, second: _Scenario) -> tuple[_Sites, _Changes]:
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

    ``Difference(**row)`` makes it again of ``dataclasses.asdict``, also after a way through JSON.

    Attributes
    ----------
    kind : str
        "period", "parameter", "telecentre", "new_line" or "change".
    name : str
        Of the parameter or the lever; else empty.
    target : str or None
        The telecentre or the new line; of a change, what the lever moves.
    date : str or None
        The ISO date from which the parameter or the change holds; None: on all dates.
    before, after : mapping of str to value, or None
        What the one and the other scenario say, by name: ``value`` and ``until`` of a change,
        ``value`` of a parameter, ``start`` and ``end`` of the period, and of a telecentre what
        its `SiteSpec` gives, of a new line its trains and stops. Dates are ISO texts.
        None: the scenario says nothing.
    unit : str
        Of ``value``.
    """

    kind: str
    name: str = ""
    target: str | None = None
    date: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    unit: str = ""


def differences(first: _Scenario, second: _Scenario) -> tuple[Difference, ...]:
    """Return what the second scenario does differently: period, parameters, sites, changes."""
    found = []
    periods = [_said(each, ("start", "end")) for each in (first, second)]
    if periods[0] != periods[1]:
        found.append(Difference("period", before=periods[0], after=periods[1]))
    for key, *values in _unlike(*(dict(each.parameters) for each in (first, second))):
        name, since = split_date(key)
        before, after = (None if value is None else {"value": value} for value in values)
        unit = load_parameters()[name].unit
        found.append(Difference("parameter", name, None, since or None, before, after, unit))
    for site, before, after in _unlike(*(_sites(each) for each in (first, second))):
        found.append(Difference("telecentre", target=site, before=before, after=after))
    for name, before, after in _unlike(*(_new_lines(each) for each in (first, second))):
        found.append(Difference("new_line", target=name, before=before, after=after))
    levers = {each.sets: each.lever for each in (*second.changes, *first.changes)}
    for sets, before, after in _unlike(*(_changes(each) for each in (first, second))):
        name, (_, target, date) = levers[sets], sets
        unit = lever(name).unit
        found.append(Difference("change", name, target, date.isoformat(), before, after, unit))
    return tuple(found)


def _unlike(first: Mapping[Any, Any], second: Mapping[Any, Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield keys and both values, None where there is none, where these differ."""
    for key in {**first, **second}:
        if first.get(key) != second.get(key):
            yield key, first.get(key), second.get(key)


def _sites(scenario: _Scenario) -> dict[str, dict[str, Any]]:
    names = [each.name for each in fields(SiteSpec) if each.name not in _PLAIN]
    return {site.telecentre_id: _said(site, names) for site in scenario.network}


def _new_lines(scenario: _Scenario) -> dict[str, dict[str, Any]]:
    names = (
        "label_fr", "label_en", "kind", "seats_per_train", "places_per_train", "trains_per_hour",
    )  # fmt: skip
    return {
        line.line: {name: getattr(line, name) for name in names}
        | {"stops": [[each.stop, each.lat, each.lon, each.minutes] for each in line.stops]}
        for line in scenario.new_lines
    }


def _changes(scenario: _Scenario) -> dict[tuple[str, str | None, dt.date], dict[str, Any]]:
    return {
        change.sets: {"value": change.value} | _said(change, ("until",))
        for change in scenario.changes
    }


def _said(part: Any, names: Iterable[str]) -> dict[str, Any]:
    """Return the attributes that are not None, dates as ISO texts."""
    found = {name: getattr(part, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in found.items()
        if value is not None
    }
