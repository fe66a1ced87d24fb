"""What a viewer has chosen: all that is shared by the address, checked word by word."""

from __future__ import annotations

import datetime as dt
import math
import re
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from sim77.analysis.explain.person import IDENTITY
from sim77.app.levers.policies import with_levers
from sim77.app.measures import measure_names
from sim77.core.errors import ScenarioError, Sim77Error, nearest
from sim77.core.units import LANGUAGES
from sim77.registry.levers import Lever, lever
from sim77.scenario.parts import as_date
from sim77.scenario.scenario import Scenario, load_scenario, scenario_names
from sim77.territory.sites import NEW_DESKS, new_id
from sim77.territory.territory import Territory

VIEWS = ("compare", "explore", "why", "present", "studies")
THEMES = ("auto", "light", "dark")
GRAINS = ("day", "typical week", "year")
PLACES = ("commune", "telecentre", "line")
MOST_SITES, MOST_PERIODS, MOST_LEVERS = 40, 60, 40
MOST_DESKS = 2000
_LEFT_OUT = ("unknown_", "bad_")
"""How the words of a problem begin after which everything else has been taken over."""
_NAME = re.compile(r"[\w .+'\-]{1,80}")
_TEXT = re.compile(r"[^|\x00-\x1f\x7f]{1,120}")
_WHERE = re.compile(r"(<=|>=|<|>)-?\d{1,15}(\.\d{1,15})?(e[-+]?\d{1,2})?", re.ASCII)


@dataclass(frozen=True)
class Problem:
    """One thing that could not be taken over; the words are in ``words.yaml``.

    Attributes
    ----------
    key : str
        Of the words.
    word : str
        What was wrong, as it came, cut to a few letters.
    detail : str
        The sentence of an error, if there is one.
    """

    key: str
    word: str
    detail: str = ""

    def payload(self) -> dict[str, Any]:
        """Return it as the browser reads it."""
        return {
            "key": self.key,
            "args": {"word": self.word, "detail": self.detail},
            "also": "rest_loaded" if self.key.startswith(_LEFT_OUT) else "",
            "kind": "warning",
        }


def _part(default: Any, key: str, check: Callable[[Any], Any] | None = None) -> Any:
    """Declare a part of the state that an address holds as one plain word.

    Parameters
    ----------
    default : str, int or float
        An address leaves it out; numbers are read as such.
    key : str
        In the address.
    check : callable, optional
        Returns the value to take over, or raises `_BadError`; by default the method of `Checker`
        that is called as the part.
    """
    return field(default=default, metadata={"key": key, "check": check})


def _among(known: Callable[[], Sequence[str]], key: str) -> Callable[[Any], str]:
    """Return a check for one of some words; `key` is of the words that say it is none of them."""
    return lambda value: _one_of(value, known(), key)


def _within(low: float, high: float, key: str, *, whole: bool = False) -> Callable[[Any], Any]:
    kind = int if whole else float
    return lambda value: kind(_number(value, low, high, key, whole=whole))


def _blank_or(fits: Callable[[str], Any], key: str) -> Callable[[Any], str]:
    """Return a check for a text that fits, or for none."""

    def check(value: Any) -> str:
        if value in ("", None) or (isinstance(value, str) and fits(value)):
            return value or ""
        raise _BadError(key, value)

    return check


def is_condition(text: str) -> bool:
    """Say whether a text is a threshold such as ``<0`` or ``>=12.5``."""
    return _WHERE.fullmatch(text) is not None


def _day(value: Any) -> str:
    return "" if value in ("", None) else as_day(value).isoformat()


@dataclass(frozen=True)
class State:
    """Everything a viewer can choose; a copy of it is what the browser holds."""

    view: str = _part("compare", "view", _among(lambda: VIEWS, "unknown_view"))
    lang: str = _part("fr", "lang", _among(lambda: LANGUAGES, "unknown_language"))
    theme: str = _part("auto", "theme", _among(lambda: THEMES, "unknown_theme"))
    scenario_a: str = _part("no-telecentres", "a")
    scenario_b: str = _part("network-2014", "b")
    levers: Mapping[str, Any] = field(default_factory=dict)
    sites: Mapping[str, Any] = field(default_factory=lambda: {"opened": [], "closed": []})
    seed: int = _part(1, "seed", _within(0, 2**32 - 1 - 100, "bad_seed", whole=True))
    indicator: str = _part(
        "travel_min_per_worker", "show", _among(measure_names, "unknown_indicator")
    )
    by: str = _part("year", "by", _among(lambda: GRAINS, "unknown_grain"))
    day: str = _part("", "day", _day)
    speed: float = _part(5.0, "speed", _within(0.1, 200.0, "bad_speed"))
    place: Mapping[str, str] | None = None
    worker: str = _part("", "worker", _blank_or(IDENTITY.fullmatch, "unknown_worker"))
    study: str = _part("", "study", _blank_or(_NAME.fullmatch, "unknown_study"))
    outcome: str = _part("", "outcome", _blank_or(_NAME.fullmatch, "unknown_outcome"))
    factor: str = _part("", "factor", _blank_or(_NAME.fullmatch, "unknown_factor"))
    filters: Mapping[str, Any] = field(default_factory=dict)
    where: str = _part("", "where", _blank_or(is_condition, "bad_where"))
    story: str = _part("", "story", _blank_or(_NAME.fullmatch, "unknown_story"))
    scene: int = _part(0, "scene", _within(0, 999, "bad_scene", whole=True))

    def payload(self) -> dict[str, Any]:
        """Return it as the browser reads it."""
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "levers": dict(self.levers),
            "filters": dict(self.filters),
            "sites": {key: list(value) for key, value in self.sites.items()},
            "place": dict(self.place) if self.place else None,
        }

    def scenarios(self, territory: Territory | None = None) -> tuple[Scenario, Scenario]:
        """Return A, and B with its levers moved and its sites opened and closed.

        Parameters
        ----------
        territory : Territory, optional
            Where the scenarios are looked up; Seine-et-Marne by default.
        """
        a, b = (load_scenario(name, territory) for name in (self.scenario_a, self.scenario_b))
        # B is run over A's period, so a lever without a date holds from A's first day on.
        moved = with_levers(
            b.with_(start=a.start, end=a.end) if (a.start, a.end) != (b.start, b.end) else b,
            self.levers, self.sites["opened"], self.sites["closed"],
        )  # fmt: skip
        return a, moved


@lru_cache(maxsize=4)
def scenarios_on(territory: Territory) -> Mapping[str, Scenario]:
    """Return the scenarios that run on a territory, by name."""
    return {name: load_scenario(name, territory) for name in scenario_names(territory)}


def has_shipped_places(territory: Territory) -> bool:
    """Say whether a territory has the places that the shipped stories and studies name."""
    return State().scenario_b in scenarios_on(territory)


def default_state(territory: Territory) -> State:
    """Return what is shown when nothing is chosen: a network of telecentres against none.

    The territory's own network, if it has one.
    """
    default, known = State(), scenarios_on(territory)
    own = (name for name in territory.scenarios if known[name].network)
    usual = (default.scenario_b,) if has_shipped_places(territory) else known
    networks = (name for name in (*own, *usual) if known[name].network)
    return replace(default, scenario_b=next(networks, default.scenario_a))


class Checker:
    """Turns anything that claims to be a state into one, and says what it left out.

    Parameters
    ----------
    territory : Territory
        For the names of communes, telecentres and lines.
    territories : collection of str
        The names of all that an address may ask for.
    """

    def __init__(self, territory: Territory, territories: Collection[str] = ()):
        self.territory = territory
        self.territories = territories or (territory.name,)
        self.default = default_state(territory)
        self._communes = dict.fromkeys(str(code) for code in territory.communes["code"])
        self._site_ids = dict.fromkeys(str(each) for each in territory.telecentres["telecentre_id"])
        segments = territory.od.transit.segments.drop_duplicates(["line", "to_stop"])
        ends = zip(segments["line"], segments["to_stop"], strict=True)
        self._lines = dict.fromkeys(str(each) for each in territory.lines["line"])
        # A direction of a line is named by the stop at its end.
        self._lines |= dict.fromkeys(f"{line}/{stop}" for line, stop in ends)
        for each in {
            line for known in scenarios_on(territory).values() for line in known.new_lines
        }:
            ends_of = (each.stops[0].stop, each.stops[-1].stop)
            self._lines |= dict.fromkeys([each.line, *(f"{each.line}/{end}" for end in ends_of)])

    def check(self, given: Any, base: State | None = None) -> tuple[State, list[Problem]]:
        """Return the state that `given` describes, on top of `base`, and what is wrong in it.

        Parameters
        ----------
        given : mapping
            From a browser or an address; nothing in it is trusted.
        base : State, optional
            What holds where `given` says nothing.
        """
        base = base or self.default
        if not isinstance(given, Mapping):
            return base, [Problem("bad_state", cut(given))]
        problems: list[Problem] = []
        values: dict[str, Any] = {}
        for name, value in given.items():
            if name not in State.__dataclass_fields__:
                # `rev` counts messages and is echoed, not kept (`sim77.app.session`).
                if name != "rev":
                    problems.append(Problem("unknown_key", cut(name)))
                continue
            try:
                check = State.__dataclass_fields__[name].metadata.get("check")
                values[name] = (check or getattr(self, f"_{name}"))(value)
            except _BadError as error:
                problems.append(Problem(error.key, error.word, error.detail))
                if error.instead is not None:
                    values[name] = error.instead
        state = replace(base, **values)
        return self._consistent(state, problems)

    def _consistent(self, state: State, problems: list[Problem]) -> tuple[State, list[Problem]]:
        """Leave out the levers, or the sites, that together make no scenario."""
        last = replace(self.default, lang=state.lang, view=state.view)
        for attempt in (state, replace(state, levers={}), last):
            try:
                a, b = attempt.scenarios(self.territory)
                for each in (a, b):
                    each.check(self.territory)
                return attempt, problems
            except Sim77Error as error:
                problems = [*problems, Problem("bad_policy", "", str(error)[:300])]
        raise AssertionError("the default state makes a scenario")

    # The parts that need the territory, or hold parts of their own ---------------------------

    def _scenario_a(self, value: Any) -> str:
        return _one_of(value, tuple(scenarios_on(self.territory)), "unknown_scenario")

    _scenario_b = _scenario_a

    def _filters(self, value: Any) -> dict[str, Any]:
        """Take over the filters that can be read: two ends of a range, or the texts kept."""
        if not isinstance(value, Mapping) or len(value) > MOST_LEVERS:
            raise _BadError("bad_filter", value)
        kept = {str(name): _filter(name, given) for name, given in value.items()}
        wrong = next((name for name, given in kept.items() if given is None), None)
        if wrong is not None:
            found = {name: given for name, given in kept.items() if given is not None}
            raise _BadError("bad_filter", wrong, instead=found)
        return kept

    def _place(self, value: Any) -> dict[str, str] | None:
        if not value:
            return None
        if not isinstance(value, Mapping):
            raise _BadError("unknown_place", value)
        kind, key = value.get("kind"), value.get("id")
        known = {"commune": self._communes, "telecentre": self._site_ids, "line": self._lines}
        new = kind == "telecentre" and str(key) in map(new_id, self._communes)
        if kind not in PLACES or not isinstance(key, str) or not (new or key in known[str(kind)]):
            raise _BadError("unknown_place", key)
        return {"kind": str(kind), "id": key}

    def _levers(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or len(value) > MOST_LEVERS:
            raise _BadError("unknown_lever", value)
        kept: dict[str, Any] = {}
        wrong: _BadError | None = None
        for name, moved in value.items():
            try:
                kept[str(name)] = self._lever(name, moved)
            except _BadError as error:
                wrong = error
                if error.instead is not None:
                    kept[str(name)] = error.instead
        if wrong is not None:
            raise _BadError(wrong.key, wrong.word, wrong.detail, kept)
        return kept

    def _lever(self, name: Any, value: Any) -> Any:
        plain, _, target = str(name).partition("@")
        try:
            found = lever(plain)
            found.target_or_all(target)
        except Sim77Error as error:
            raise _BadError("unknown_lever", name, str(error)) from None
        if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            if len(value) > MOST_PERIODS:
                raise _BadError("bad_lever", name)
            return [self._period(found, name, each) for each in value]
        return _lever_value(found, name, value)

    def _period(self, found: Lever, name: Any, given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise _BadError("bad_lever", name)
        days = {
            key: as_day(given[key]).isoformat() if given.get(key) else None
            for key in ("from", "until")
        }
        if days["from"] and days["until"] and days["until"] < days["from"]:
            raise _BadError("bad_period", name)
        return {**days, "value": _lever_value(found, name, given.get("value"))}

    def _sites(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _BadError("bad_sites", value)
        opened, closed = value.get("opened") or [], value.get("closed") or []
        if not all(isinstance(each, Sequence) and not isinstance(each, str)
                   and len(each) <= MOST_SITES for each in (opened, closed)):  # fmt: skip
            raise _BadError("bad_sites", value)
        return {
            "opened": [self._opened(each) for each in opened],
            "closed": [self._known_site(each) for each in closed],
        }

    def _known_site(self, value: Any) -> str:
        if isinstance(value, str) and value in self._site_ids:
            return value
        raise _BadError("unknown_site", value)

    def _opened(self, given: Any) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise _BadError("unknown_site", given)
        desks = given.get("desks")
        if desks is None:
            desks = None if given.get("id") else NEW_DESKS
        else:
            desks = int(_number(desks, 1, MOST_DESKS, "bad_desks", whole=True))
        opening = as_day(given["from"]).isoformat() if given.get("from") else None
        if given.get("id"):
            return {"id": self._known_site(given["id"]), "desks": desks, "from": opening}
        code = given.get("commune")
        if not isinstance(code, str) or code not in self._communes:
            raise _BadError("unknown_commune", code)
        return {"commune": code, "desks": desks, "from": opening}


class _BadError(Exception):
    """A part of a state that cannot be taken over; `instead` is what to put in its place."""

    def __init__(self, key: str, word: Any, detail: str = "", instead: Any = None):
        super().__init__(key)
        self.key, self.word, self.detail, self.instead = key, cut(word), detail, instead


def cut(value: Any) -> str:
    """Return the beginning of whatever came, to be named in a message."""
    text = re.sub(r"[\x00-\x1f\x7f<>]", " ", str(value))
    return text if len(text) <= 40 else f"{text[:39]}…"


def as_day(value: Any) -> dt.date:
    """Return a day given as YYYY-MM-DD."""
    try:
        return as_date(value)
    except ScenarioError:
        raise _BadError("bad_day", value) from None


def _one_of(value: Any, known: Sequence[str], key: str) -> str:
    if isinstance(value, str) and value in known:
        return value
    raise _BadError(key, value, nearest(cut(value), known).strip())


def _number(value: Any, low: float, high: float, key: str, *, whole: bool = False) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _BadError(key, value)
    if whole and not float(value).is_integer():
        raise _BadError(key, value)
    return value


def _filter(name: Any, given: Any) -> list[Any] | None:
    """Return a filter of a study as plain values, or None if it is none."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(given, list):
        return None
    if given and len(given) <= MOST_SITES and all(
        isinstance(each, str) and _TEXT.fullmatch(each) for each in given
    ):  # fmt: skip
        return given
    numbers = [each for each in given if isinstance(each, int | float)
               and not isinstance(each, bool) and abs(each) <= sys.float_info.max]  # fmt: skip
    if len(given) == 2 == len(numbers) and numbers[0] <= numbers[1]:
        return [float(each) for each in numbers]
    return None


def _lever_value(found: Lever, name: Any, value: Any) -> Any:
    """Return the value of a lever; one out of range is brought back to its nearest bound."""
    if isinstance(value, float) and not math.isfinite(value):
        raise _BadError("bad_lever", name)
    try:
        checked = found.checked(value)
    except Sim77Error as error:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and found.low is not None and found.high is not None:
            inside: Any = min(max(value, found.low), found.high)
            if found.kind == "integer":
                inside = int(inside)
            raise _BadError("lever_bounded", name, str(error), inside) from None
        raise _BadError("bad_lever", name, str(error)) from None
    return list(checked) if isinstance(checked, tuple) else checked
