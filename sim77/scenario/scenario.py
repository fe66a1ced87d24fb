"""Scenarios: a network of telecentres, parameters that differ, and dated changes of policy.

A `Scenario` never changes. What holds on a day is a pure function of the day, `state_on`, so that
any day can be looked at without simulating those before it.
"""

import datetime as dt
import hashlib
import json
import os
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from sim77.core.errors import ScenarioError, TerritoryError, nearest
from sim77.registry.levers import ALL, lever
from sim77.registry.parameters import FrozenDict, bounded_sums, change_dates, checked_values, on_top
from sim77.scenario.algebra import (
    Difference,
    check_clashes,
    differences,
    naming_both,
    sum_fields,
)
from sim77.scenario.file import located, read, shipped_names, to_text
from sim77.scenario.parts import (
    Change,
    MisplacedError,
    Place,
    SiteSpec,
    as_date,
    at,
    check_contradictions,
    check_timelines,
)
from sim77.scenario.policy import PolicyState, SiteState, parameters_held, policy_on
from sim77.territory.build.transit_network import network_with
from sim77.territory.new_line import NewLine
from sim77.territory.territory import Territory, load_territory

__all__ = [
    "Change",
    "Difference",
    "PolicyState",
    "Scenario",
    "SiteSpec",
    "SiteState",
    "lever_ends",
    "load_scenario",
    "scenario_names",
]

_ONE_DAY = dt.timedelta(days=1)
_LONGEST_NAME = 200
_NAME = re.compile(rf"[^\x00-\x1f\x7f/\\:*?\"<>|]{{1,{_LONGEST_NAME}}}")


@dataclass(frozen=True)
class Scenario:
    """What is simulated: a period, a network, parameters and dated changes.

    Attributes
    ----------
    name, label_fr, label_en, description_fr, description_en : str
        Texts; they change no number and are not part of `hash`.
    start, end : datetime.date
        First and last day.
    parameters : mapping of str to float
        Values that replace the registry's: ``name`` on all dates, ``name@2022-01-01`` from one of
        the registry's dates to the next.
    network : tuple of SiteSpec
        The telecentres; an id alone will do for one that is open from the start.
    changes : tuple of Change
        Of those that hold on a day the later date wins, then the one with a target of its own.
    new_lines : tuple of NewLine
        Lines of public transport that the territory does not have, from the first day on.
    outside_ranges : bool
        True admits parameters outside their plausible interval, for thought experiments.
    """

    name: str
    label_fr: str
    label_en: str
    description_fr: str
    description_en: str
    start: dt.date
    end: dt.date
    parameters: Mapping[str, float] = field(default_factory=FrozenDict)
    network: tuple[SiteSpec, ...] = ()
    changes: tuple[Change, ...] = ()
    new_lines: tuple[NewLine, ...] = ()
    outside_ranges: bool = False

    def __post_init__(self) -> None:
        with at("name"):
            _check_name(self.name)
        for key, written_key in (("start", "from"), ("end", "to")):
            with at("period", written_key):
                object.__setattr__(self, key, as_date(getattr(self, key)))
        if self.end < self.start:
            raise MisplacedError(
                f"the last day, {self.end}, is before the first, {self.start}.", ("period",)
            )
        with at("parameters"):
            checked = checked_values(self.parameters, not self.outside_ranges)
        object.__setattr__(self, "parameters", FrozenDict(checked))
        sites = (SiteSpec(site) if isinstance(site, str) else site for site in self.network)
        object.__setattr__(self, "network", tuple(sites))
        object.__setattr__(self, "changes", tuple(self.changes))
        object.__setattr__(self, "new_lines", tuple(self.new_lines))
        for index, change in enumerate(self.changes):
            if lever(change.lever).parameter and not self.outside_ranges:
                with at("changes", index, "value"):
                    lever(change.lever).checked(change.value)
                    self._check_sums(change)
        check_contradictions(self.changes)
        check_timelines(self.network, self.changes)

    def _check_sums(self, change: Change) -> None:
        """Raise `ParameterError` if a change, or its end, takes a sum above its bound."""
        days = [change.date, *([change.until + _ONE_DAY] if change.until else [])]
        for day in days:
            holding = [each for each in self._dated if each.holds_on(day)]
            values = parameters_held(self.parameters, holding)
            for bounded in bounded_sums():
                if lever(change.lever).parameter in bounded.names:
                    bounded.check(values)

    def __hash__(self) -> int:
        return hash(self.hash)

    @cached_property
    def hash(self) -> str:
        """The sha256, in hexadecimal, of all that changes numbers."""
        content = {
            "start": str(self.start),
            "end": str(self.end),
            "parameters": dict(self.parameters),
            "network": sorted(
                (_plain(site) for site in self.network), key=lambda site: str(site["telecentre_id"])
            ),
            "changes": [_plain(change) for change in self._dated],
        }
        if self.new_lines:
            content["new_lines"] = [line.to_csv() for line in self.new_lines]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def with_(self, **values: Any) -> "Scenario":
        """Return a copy with other values; `parameters` are added to those there are.

        >>> load_scenario("network-2014").with_(parameters={"theta": 0.5}).parameters["theta"]
        0.5
        """
        known = [each.name for each in fields(self)]
        for name in values:
            if name not in known:
                raise ScenarioError(f"a scenario has no '{name}'.{nearest(name, known)}")
        if "parameters" in values:
            values["parameters"] = on_top(self.parameters, values["parameters"])
        return replace(self, **values)

    def state_on(self, day: dt.date, territory: Territory) -> PolicyState:
        """Return what holds on a day, before the first and after the last day too."""
        breaks = self.breaks
        index = bisect_right(breaks, day)
        since = breaks[index - 1] if index else dt.date.min
        return _state(self, since, _Known(territory))

    def check(self, territory: Territory) -> None:
        """Raise `ScenarioError` if the scenario names a telecentre or a line that is not there."""
        if self.new_lines:
            self._check_new_lines(territory.as_read)
        sites, lines = _tables(_Known(territory), self.new_lines)
        communes = tuple(territory.communes["code"]) if self._names_communes else ()
        named: list[tuple[Place, str]] = [
            (("network", index), site.telecentre_id) for index, site in enumerate(self.network)
        ]
        for index, change in enumerate(self.changes):
            if change.target in (None, ALL):
                continue
            place: Place = ("changes", index, "target")
            target, kind = str(change.target), lever(change.lever).target
            if kind.startswith("telecentre"):
                named.append((place, target))
            elif kind.startswith("line") and target not in lines:
                raise MisplacedError(f"unknown line '{target}'.{nearest(target, lines)}", place)
            elif kind == "commune" and target not in communes:
                raise MisplacedError(
                    f"unknown commune '{target}'.{nearest(target, communes)}", place
                )
        for place, name in named:
            if name not in sites:
                raise MisplacedError(f"unknown telecentre '{name}'.{nearest(name, sites)}", place)

    def _check_new_lines(self, territory: Territory) -> None:
        with at("new_lines"):
            try:
                network_with(territory, self.new_lines)
            except TerritoryError as error:
                raise MisplacedError(str(error), ()) from None

    def to_yaml(self) -> str:
        """Write the scenario as a file that `load_scenario` reads back to the same hash."""
        return to_text({each.name: getattr(self, each.name) for each in fields(self)})

    def __add__(self, other: "Scenario") -> "Scenario":
        """Return this scenario with the network, parameters and changes of another on top.

        The period stays. A telecentre or a parameter that both have is as in the other one; a
        lever that both move on the same day must be moved to the same value.

        >>> (load_scenario("hybrid-2022") + load_scenario("toll-5-euros")).name
        'hybrid-2022+toll-5-euros'
        """
        if not isinstance(other, Scenario):
            return NotImplemented
        check_clashes(self, other)
        with naming_both(self, other):
            return Scenario(**sum_fields(self, other))

    def diff(self, other: "Scenario") -> tuple[Difference, ...]:
        """Return what another scenario does differently.

        >>> (found,) = load_scenario("hybrid-2022").diff(load_scenario("toll-5-euros"))
        >>> found.name, found.date, found.before, found.after, found.unit
        ('road_toll', '2022-01-01', None, {'value': 5.0}, '€/day')
        """
        return differences(self, other)

    @property
    def _names_communes(self) -> bool:
        return any(lever(change.lever).target == "commune" for change in self.changes)

    @cached_property
    def _dated(self) -> tuple[Change, ...]:
        return tuple(sorted(self.changes, key=lambda change: (change.date, change.target != ALL)))

    @cached_property
    def breaks(self) -> tuple[dt.date, ...]:
        """Dates on which `state_on` may change, in order."""
        days = set(change_dates())
        days.update(day for site in self.network for day in (site.opening, site.closing) if day)
        days.update(change.date for change in self.changes)
        days.update(change.until + _ONE_DAY for change in self.changes if change.until)
        return tuple(sorted(days))


def _check_name(name: Any) -> None:
    """Refuse what cannot be part of a file's name on every system."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ScenarioError(
            f"{name!r} is not the name of a scenario, expected up to {_LONGEST_NAME} letters, "
            "digits and signs that a file's name may hold, so no '/'."
        )


def scenario_names(territory: Territory | str | None = None) -> tuple[str, ...]:
    """Return the names of the scenarios.

    Parameters
    ----------
    territory : Territory or path, optional
        Its own scenarios, and of the shipped ones those that name nothing it lacks; all the
        shipped ones if left out.

    Raises
    ------
    ScenarioError
        If one of the territory's own cannot be read, or names what it lacks.
    """
    if territory is None:
        return shipped_names()
    territory = load_territory(territory)
    for name in territory.scenarios:
        load_scenario(name, territory)
    others = (name for name in shipped_names() if name not in territory.scenarios)
    return (*territory.scenarios, *(name for name in others if _fits(name, territory)))


def _fits(name: str, territory: Territory) -> bool:
    try:
        load_scenario(name, territory)
    except ScenarioError:
        return False
    return True


def load_scenario(
    name_or_path: "str | Path | Scenario", territory: Territory | None = None
) -> Scenario:
    """Return a scenario by its name, or one from a YAML file by its path.

    Names with a plus sign between them are added: ``"toll-5-euros+anchor-tuesday"``.

    Parameters
    ----------
    name_or_path : str, Path or Scenario
    territory : Territory, optional
        Its own scenarios stand before the shipped ones, and what the scenario names must be there.

    Raises
    ------
    ScenarioError
        In one sentence, with the file and the line.
    """
    if isinstance(name_or_path, Scenario):
        return name_or_path
    parts = str(name_or_path).split("+")
    if len(parts) > 1 and not os.path.exists(name_or_path):
        first, *others = (load_scenario(part.strip(), territory) for part in parts)
        return sum(others, first)
    draft = read(name_or_path, own={} if territory is None else territory.scenarios)
    with located(draft):
        scenario = Scenario(**draft.fields)
        if territory is not None:
            _check_fit(scenario, territory, str(name_or_path))
        return scenario


def _check_fit(scenario: Scenario, territory: Territory, name: str) -> None:
    """Check a scenario; one that ships may name what another territory lacks: say what is there."""
    try:
        scenario.check(territory)
    except MisplacedError as error:
        own = territory.scenarios
        if name not in shipped_names() or name in own or not own:
            raise
        raise MisplacedError(
            f"{error.message} Scenarios of '{territory.name}' itself: {', '.join(own)}.", error.path
        ) from None


def lever_ends(name: str) -> tuple[Scenario, Scenario]:
    """Return the scenario in which a lever's signs are tested, with it at one end and the other.

    The lever holds from the first day. One without a value is absent from the first scenario.

    Raises
    ------
    ScenarioError
        If there is no such lever, or it says no sign.
    """
    found = lever(name)
    if found.test_case is None:
        raise ScenarioError(f"'{name}' says no sign to test.")
    base = load_scenario(found.test_case.scenario).with_(parameters=found.test_case.parameters)

    def moved(value: Any) -> Scenario:
        change = Change(
            base.start, name, value, target=found.test_case.target if found.test_case else None
        )
        return base.with_(changes=(*base.changes, change))

    low, high = found.bounds
    return (base if found.kind == "none" else moved(low)), moved(high)


# The state of a day ------------------------------------------------------------------------


class _Known:
    """A territory as a key of caches: two with the same tables are the same."""

    __slots__ = ("territory",)

    def __init__(self, territory: Territory) -> None:
        self.territory = territory

    def __hash__(self) -> int:
        return hash(self.territory.hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.territory.hash == other.territory.hash


@lru_cache(maxsize=16)
def _tables(
    known: _Known, new_lines: tuple[NewLine, ...]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the desks of each telecentre, and the lines, new ones included."""
    table = known.territory.sites
    desks = {
        str(name): int(desks)
        for name, desks in zip(table["telecentre_id"], table["desks"], strict=True)
    }
    lines = (*(str(line) for line in known.territory.lines["line"]),
             *(line.line for line in new_lines))  # fmt: skip
    return desks, tuple(dict.fromkeys(lines))


@lru_cache(maxsize=64)
def _check(scenario: Scenario, known: _Known) -> None:
    scenario.check(known.territory)


@lru_cache(maxsize=1024)
def _state(scenario: Scenario, day: dt.date, known: _Known) -> PolicyState:
    _check(scenario, known)
    return policy_on(
        day,
        on_top(known.territory.parameters, scenario.parameters),
        scenario.network,
        [change for change in scenario._dated if change.holds_on(day)],
        *_tables(known, scenario.new_lines),
        check_ranges=not scenario.outside_ranges,
    )


def _plain(part: SiteSpec | Change) -> dict[str, Any]:
    """Return what of a part changes numbers, for `json`."""
    values = {each.name: getattr(part, each.name) for each in fields(part)}
    for text in ("source", "note"):
        values.pop(text)
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in values.items()
    }
