"""The address of a page: the whole state of a viewer in its query, and back, strictly.

An address holds plain words only, one part a key; what differs from the default is written, the
rest is left out. Whatever cannot be read is named and left out, and the rest is loaded.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from sim77.app.state.state import LANGUAGES, Checker, Problem, State, cut
from sim77.core.errors import Sim77Error
from sim77.core.units import WEEKDAYS
from sim77.core.version import __version__
from sim77.registry.levers import lever
from sim77.registry.parameters import load_parameters
from sim77.territory.territory import Territory

LONGEST = 6000
MOST_PARTS = 120
FORMAT = "1"

_PARTS = {part.metadata["key"]: part for part in fields(State) if part.metadata}
"""The parts of the state that are one plain word, by their keys in the address."""
_LEVER, _FILTER = "l.", "f."
_OPEN, _CLOSE, _PLACE, _VERSIONS, _FORMAT = "open", "close", "place", "made", "v"
_TERRITORY = "territory"
_NONE = "none"


@lru_cache(maxsize=1)
def parameters_hash() -> str:
    """Return the sha256, in hexadecimal, of every value of the registry with its dates."""
    content = {
        name: [each.value, dict(each.values), dict(each.path)]
        for name, each in load_parameters().items()
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def versions(territory: Territory) -> dict[str, str]:
    """Return what decides numbers besides the state: program, data, parameters."""
    return {
        "sim77": __version__,
        "data_hash": territory.hash[:12],
        "parameters_hash": parameters_hash()[:12],
    }


# Writing -----------------------------------------------------------------------------------


def encode(state: State, territory: Territory) -> str:
    """Return the query of a state, without the question mark."""
    parts: list[tuple[str, str]] = [(_FORMAT, FORMAT), (_TERRITORY, territory.name)]
    parts += [("a", state.scenario_a), ("b", state.scenario_b)]
    parts.append(("seed", str(state.seed)))
    for name, value in sorted(state.levers.items()):
        parts.append((f"{_LEVER}{name}", _written(name.partition("@")[0], value)))
    for name, kept in sorted(state.filters.items()):
        parts.append((f"{_FILTER}{name}", _written_filter(kept)))
    if state.sites["opened"]:
        parts.append((_OPEN, ",".join(_written_site(each) for each in state.sites["opened"])))
    if state.sites["closed"]:
        parts.append((_CLOSE, ",".join(state.sites["closed"])))
    for key, part in _PARTS.items():
        value = getattr(state, part.name)
        if key not in ("a", "b", "seed") and value != part.default:
            parts.append((key, f"{value:g}" if isinstance(value, float) else str(value)))
    if state.place:
        parts.append((_PLACE, f"{state.place['kind']}:{state.place['id']}"))
    parts.append((_VERSIONS, "~".join(versions(territory).values())))
    return urlencode(parts, quote_via=quote, safe=":,;~@.=")


def _written(name: str, value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return ";".join(
            f"{each['from'] or ''}..{each['until'] or ''}={_written(name, each['value'])}"
            for each in value
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ".".join(WEEKDAYS[each] for each in value) or _NONE
    return _NONE if value is None else repr(value)


def _written_filter(kept: list[Any]) -> str:
    if isinstance(kept[0], str):
        return "|".join(kept)
    return "..".join(f"{each:.12g}" for each in kept)


def _written_site(site: dict[str, Any]) -> str:
    desks = "" if site["desks"] is None else str(site["desks"])
    opening = f":{site['from']}" if site.get("from") else ""
    return f"{site.get('id') or site['commune']}:{desks}{opening}"


# Reading -----------------------------------------------------------------------------------


def decode(query: str, checker: Checker) -> tuple[State, list[Problem]]:
    """Return the state that an address describes, and what could not be taken over.

    Parameters
    ----------
    query : str
        With or without the question mark; nothing in it is trusted.
    checker : Checker

    Returns
    -------
    state : State
    problems : list of Problem
        Never an exception: an address that says nothing usable gives the default state.
    """
    text = query.removeprefix("?")
    if len(text) > LONGEST:
        return _default(text, checker), [Problem("address_too_long", str(len(text)))]
    try:
        parts = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARTS, errors="strict")
    except ValueError:
        return _default(text, checker), [Problem("address_damaged", cut(text))]
    given: dict[str, Any] = {"levers": {}, "sites": {"opened": [], "closed": []}}
    problems: list[Problem] = []
    seen: set[str] = set()
    for key, value in parts:
        if key in seen:
            problems.append(Problem("address_twice", cut(key)))
            continue
        seen.add(key)
        problems += _read(key, value, given, checker)
    state, found = checker.check(given)
    return state, problems + found


def territory_in(query: str) -> str:
    """Return the territory that an address names, unchecked; empty if it names none."""
    with suppress(ValueError):
        parts = parse_qsl(query.removeprefix("?")[:LONGEST], max_num_fields=MOST_PARTS)
        return dict(reversed(parts)).get(_TERRITORY, "")
    return ""


def _default(text: str, checker: Checker) -> State:
    """Return the default state in the language of an address, however damaged that is."""
    found = re.search(rf"(?:^|&)lang=({'|'.join(LANGUAGES)})(?:&|$)", text)
    return replace(checker.default, lang=found.group(1)) if found else checker.default


def _read(key: str, value: str, given: dict[str, Any], checker: Checker) -> list[Problem]:
    """Put one part of an address where it belongs; return what is wrong with it."""
    if key == _FORMAT:
        return [] if value == FORMAT else [Problem("address_format", cut(value))]
    if key == _TERRITORY:
        if value == checker.territory.name:
            return []
        return [Problem("unknown_territory", cut(value), ", ".join(checker.territories))]
    if key == _VERSIONS:
        mine = "~".join(versions(checker.territory).values())
        return [] if value == mine else [Problem("version_differs", cut(value), mine)]
    if key.startswith(_LEVER):
        name = key.removeprefix(_LEVER)
        try:
            given["levers"][name] = _lever_from(name.partition("@")[0], value)
        except (ValueError, LookupError, Sim77Error):
            return [Problem("unknown_lever", cut(name))]
    elif key.startswith(_FILTER):
        given.setdefault("filters", {})[key.removeprefix(_FILTER)] = _filter_from(value)
    elif key == _OPEN:
        given["sites"]["opened"] = [_site_from(each) for each in value.split(",") if each]
    elif key == _CLOSE:
        given["sites"]["closed"] = [each for each in value.split(",") if each]
    elif key == _PLACE:
        kind, _, name = value.partition(":")
        given["place"] = {"kind": kind, "id": name}
    elif key in _PARTS:
        given[_PARTS[key].name] = _plain(_PARTS[key].default, value)
    else:
        return [Problem("unknown_key", cut(key))]
    return []


def _plain(default: Any, value: str) -> Any:
    """Return a number where the default is one; what is none is left for the checker to refuse."""
    if isinstance(default, int) and value.isascii() and value.isdecimal() and len(value) < 16:
        return int(value)
    return _real(value) if isinstance(default, float) else value


def _real(text: str) -> Any:
    """Return a number, or the text itself for the checker to refuse."""
    try:
        return float(text) if len(text) < 32 else text
    except ValueError:
        return text


def _lever_from(name: str, text: str) -> Any:
    kind = lever(name).kind
    if ".." in text:
        return [_period_from(kind, each) for each in text.split(";")]
    return _value_from(kind, text)


def _period_from(kind: str, text: str) -> dict[str, Any]:
    days, _, value = text.partition("=")
    first, _, last = days.partition("..")
    return {"from": first or None, "until": last or None, "value": _value_from(kind, value)}


def _value_from(kind: str, text: str) -> Any:
    if kind == "weekdays":
        return [] if text == _NONE else [WEEKDAYS.index(each) for each in text.split(".")]
    if text == _NONE:
        return None
    if kind == "flag":
        return {"true": True, "false": False}[text]
    value = float(text) if len(text) < 32 else float("nan")
    return int(value) if kind == "integer" and value.is_integer() else value


def _filter_from(text: str) -> list[Any]:
    low, dots, high = text.partition("..")
    if dots:
        ends = [_real(low), _real(high)]
        if all(isinstance(each, float) for each in ends):
            return ends
    return text.split("|")


def _site_from(text: str) -> dict[str, Any]:
    key, _, rest = text.partition(":")
    desks, _, opening = rest.partition(":")
    number: Any = int(desks) if desks.isascii() and desks.isdecimal() and len(desks) < 8 else desks
    site: dict[str, Any] = {"desks": number or None, "from": opening or None}
    # The codes of communes are digits (and 2A, 2B); ids of telecentres begin with a letter.
    return site | ({"commune": key} if key[:1].isdecimal() else {"id": key})
