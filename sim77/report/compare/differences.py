"""What differs between the scenarios of a comparison, in the words of a language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sim77.core.units import EMPLOYER_SIZES, OCCUPATION_GROUPS
from sim77.registry.levers import ALL, lever
from sim77.registry.parameters import load_parameters
from sim77.registry.units import unit_text
from sim77.report.locale import Numbers, least_decimals, words_by_language
from sim77.scenario.algebra import Difference
from sim77.territory.territory import Territory

_WHO = (*EMPLOYER_SIZES, *OCCUPATION_GROUPS)
_MOST_NAMES = 3
_ALWAYS = "9999-12-31"
"""After any date, as ISO texts are compared."""


class InWords(NamedTuple):
    """A difference in words: what it is, and what the one and the other scenario say."""

    name: str
    before: str
    after: str


def in_words(found: Difference, language: str, sites: Mapping[str, str] | None = None) -> InWords:
    """Return a difference in words.

    Parameters
    ----------
    found : Difference
    language : str
        One of `sim77.report.locale.LANGUAGES`.
    sites : mapping of str to str, optional
        Names of telecentres by id; the ids themselves stand for those that are not there.
    """
    words, numbers = _words(language), Numbers(language)
    target = str(found.target)
    if found.kind == "new_line":
        target = (found.after or found.before or {}).get(f"label_{language}", target)
    named = words[target] if target in _WHO else (sites or {}).get(target, target)
    if found.kind == "parameter":
        label = getattr(load_parameters()[found.name], f"label_{language}")
    elif found.kind == "change":
        label = getattr(lever(found.name), f"label_{language}")
        if found.target not in (None, ALL):
            label = f"{label} ({named})"
    else:
        label = words[found.kind].format(name=named)
    if found.date is not None:
        date = numbers.date(dt.date.fromisoformat(found.date))
        label = words["dated"].format(what=label, date=date)
    return InWords(label, *(_side(found, side, language) for side in (found.before, found.after)))


def what_differs(
    rows: Iterable[Mapping[str, Any]],
    territory: Territory,
    language: str,
    *,
    start: str = "",
    end: str = _ALWAYS,
) -> list[dict[str, str]]:
    """Return what differs as rows of a name, a value in A and a value in B.

    Parameters
    ----------
    rows : iterable of mapping
        The ``differences`` of a comparison's manifest.
    territory : Territory
        For the names of telecentres.
    language : str
    start, end : str, optional
        ISO dates of the first and the last day that are compared.

    Returns
    -------
    list of dict
        ``name``, ``a``, ``b``, and ``note``, which may be blank. Telecentres of one side alone
        are counted in one row, in which those that open after `end` are told apart. Changes and
        dates of opening that move nothing between `start` and `end` come last, with a note.
    """
    found = [Difference(**row) for row in rows]
    names = {site: label[language] for site, label in territory.site_labels.items()}
    alone = {
        side: [each for each in found if each.kind == "telecentre" and getattr(each, other) is None]
        for side, other in (("b", "before"), ("a", "after"))
    }
    in_time = {
        side: [each for each in of if not _too_late(each, end)] for side, of in alone.items()
    }
    listed = [names[str(each.target)] for of in in_time.values() for each in of]
    later = sum(map(len, alone.values())) - len(listed)
    text = []
    if listed or later:
        words, numbers = _words(language), Numbers(language)
        counts = {side: numbers.count(len(of)) for side, of in in_time.items()}
        notes = [_listed(listed)] if listed else []
        if later:
            notes.append(
                words["later" if later > 1 else "later_one"].format(n=numbers.count(later))
            )
        text.append({"name": words["telecentres"], **counts, "note": " · ".join(notes)})
    others = [each for each in found if each not in (*alone["a"], *alone["b"])]
    for each in sorted(others, key=lambda each: not _acts(each, start, end)):
        name, before, after = in_words(each, language, names)
        note = "" if _acts(each, start, end) else _words(language)["outside_period"]
        text.append({"name": name, "a": before, "b": after, "note": note})
    return text


def _acts(found: Difference, start: str, end: str) -> bool:
    """Say whether a difference can matter between two days; parameters may, whatever their date."""
    sides = [found.before or {}, found.after or {}]
    if found.kind == "change":
        return (found.date or "") <= end and any(
            (each.get("until") or _ALWAYS) >= start for each in sides if each
        )
    if found.kind == "telecentre":
        first, second = (
            {
                name: value
                for name, value in each.items()
                if not (name == "opening" and value <= start)
                and not (name == "closing" and value > end)
            }
            for each in sides
        )
        return first != second
    return True


def _too_late(found: Difference, end: str) -> bool:
    """Say whether a telecentre of one side alone opens after the last day."""
    opening = (found.before or found.after or {}).get("opening")
    return opening is not None and opening > end


def _listed(names: list[str]) -> str:
    shown = ", ".join(name.split(" (")[0] for name in names[:_MOST_NAMES])
    return shown + (", …" if len(names) > _MOST_NAMES else "")


def _side(found: Difference, side: Mapping[str, Any] | None, language: str) -> str:
    """Return what one scenario says."""
    words, numbers = _words(language), Numbers(language)
    if side is None:
        return _absent(found, language)
    dates = {
        name: numbers.date(dt.date.fromisoformat(side[name]))
        for name in ("start", "end", "opening", "closing", "until")
        if name in side
    }
    if found.kind == "period":
        return words["from_to"].format(**dates)
    if found.kind == "telecentre":
        given = [
            f"{words[name]} {dates[name]}"
            if name in dates
            else f"{words[name]} {value_text(value, lever(name).unit, language)}"
            for name, value in side.items()
        ]
        return ", ".join(given) or words["always_open"]
    if found.kind == "new_line":
        (first, *_, from_min), *_, (last, *_, to_min) = side["stops"]
        trains = numbers.fixed(side["trains_per_hour"], least_decimals(side["trains_per_hour"]))
        minutes = numbers.fixed(to_min - from_min, least_decimals(to_min - from_min))
        return words["runs"].format(first=first, last=last, minutes=minutes, trains=trains)
    value = value_text(side.get("value"), found.unit, language)
    return words["ends"].format(value=value, **dates) if dates else value


def _absent(found: Difference, language: str) -> str:
    """Return what a scenario says that leaves something as it is."""
    words = _words(language)
    if found.kind != "change":
        return words["as_registered" if found.kind == "parameter" else "nothing"]
    moved = lever(found.name)
    if moved.kind == "none":
        return words["no"]
    if moved.neutral is None:
        return words["unchanged"]
    return value_text(moved.neutral, moved.unit, language)


def value_text(value: Any, unit: str, language: str) -> str:
    """Write the value of a lever or parameter with its unit.

    A share is written in percent, weekdays by name, euros with two decimals or none.
    """
    words, numbers = _words(language), Numbers(language)
    if value is None:
        return words["done"]
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, list | tuple):
        return ", ".join(numbers.weekday(each) for each in value) or words["no_day"]
    if unit.startswith("share"):
        return numbers.percent(value)
    decimals = least_decimals(value)
    if "€" in unit and decimals == 1:
        decimals = 2
    return f"{numbers.fixed(value, decimals)} {unit_text(unit, language)}".rstrip()


def _words(language: str) -> Mapping[str, str]:
    return words_by_language("summary", "differences")[language]
