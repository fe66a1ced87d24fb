"""The figures that a story's texts may name, taken from the comparison of the scene."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sim77.analysis.claims.claims import register
from sim77.app.words import say
from sim77.registry.indicators import described
from sim77.report.compare.findings import Effect
from sim77.report.compare.text import interval_of, locale_of, places, signed
from sim77.report.locale import NOTHING, decimals_of

_BLANK = re.compile(r"\{([^{}]*)\}")
_OF_EFFECT = ("a", "b", "effect", "size", "low", "high", "interval", "noise")
_OF_CLAIM = ("verdict", "found")
_ALONE = (
    "changed", "stay", "workers", "days", "seeds",
    "gaining_commune", "losing_commune", "clear_communes",
)  # fmt: skip
_LEVEL_DIGITS = 3
PENDING = "…"
"""Stands for a figure that is being computed."""


def is_known(blank: str) -> bool:
    """Say whether a name in braces is one that `filled` can put a figure in the place of.

    ``a:NAME``, ``b:NAME``: the level of an indicator in A and in B, three digits, or as many as
    tell the two apart in a text that names both where the change is clear; ``effect:NAME``:
    the effect with its sign; ``size:NAME``: without it; ``low:``, ``high:``, ``interval:NAME``: its
    95 % interval; ``noise:NAME``: whether the change is clear. A ``%`` at the end writes a share in
    percent. ``verdict:CLAIM`` and ``found:CLAIM`` are of the claims; the others stand alone.
    """
    if blank in _ALONE:
        return True
    part, _, name = blank.removesuffix("%").partition(":")
    if part in _OF_CLAIM:
        return name in register().claims
    if part not in _OF_EFFECT:
        return False
    try:
        return described(name).only_in != "study"
    except KeyError:
        return False


def filled(text: str, compared: Mapping[str, Any], language: str) -> str:
    """Put the figures of a comparison in a text; an ellipsis stands for what is not there yet.

    Parameters
    ----------
    text : str
    compared : mapping
        As `sim77.app.compare.comparing.encode_comparison` returns it; may be empty.
    language : str
    """
    effects = {row["name"]: row for row in compared.get("effects", ())}
    claims = {row["name"]: row for row in compared.get("claims", ())}
    named = {match.group(1).removesuffix("%") for match in _BLANK.finditer(text)}

    def figure(match: re.Match[str]) -> str:
        blank = match.group(1)
        if blank in _ALONE:
            return _alone(blank, compared, language)
        part, _, name = blank.removesuffix("%").partition(":")
        if part in _OF_CLAIM:
            key = f"{'verdict' if part == 'verdict' else 'text'}_{language}"
            return str(claims[name][key]) if name in claims else NOTHING if claims else PENDING
        if name not in effects:
            return NOTHING if effects else PENDING
        factor = 100.0 if blank.endswith("%") else 1.0
        unit = ("%" if language == "en" else "\u202f%") if blank.endswith("%") else ""
        apart = {f"a:{name}", f"b:{name}"} <= named
        return _of_effect(part, effects[name], factor, language, unit, apart=apart)

    return _BLANK.sub(figure, text)


def _of_effect(
    part: str, row: Mapping[str, Any], factor: float, language: str, unit: str, *, apart: bool
) -> str:
    locale = locale_of(language)
    effect = effect_of_row(row).times(factor)
    if part in ("a", "b"):
        levels = (effect.a, effect.b)
        texts = [locale.numbers.rounded(each, _level_digits(each, row["name"])) for each in levels]
        if apart and texts[0] == texts[1] and effect.sure:
            texts = locale.numbers.apart(*levels, digits=_LEVEL_DIGITS)
        return texts["ab".index(part)] + unit
    if part in ("effect", "low", "high"):
        return signed(getattr(effect, part), places(effect), locale) + unit
    if part == "size":
        return locale.numbers.fixed(abs(effect.effect), max(places(effect), 0)) + unit
    if part == "interval":
        return interval_of(effect, locale) if effect.known else say(language, "story_pending")
    if not effect.known:
        return say(language, "story_pending")
    kinds = ("nothing", "noise", "tiny")
    key = next((kind for kind in kinds if getattr(effect, kind)), "sure")
    return say(language, f"story_{key}")


def _level_digits(level: float, name: str) -> int:
    """Return how many digits a level deserves; from ten persons on nobody is cut in parts."""
    if described(name).unit.startswith("persons") and 10.0 <= level < 100.0:
        return _LEVEL_DIGITS - 1
    return _LEVEL_DIGITS


def effect_of_row(row: Mapping[str, Any]) -> Effect:
    """Return the effect in a row of a comparison's payload."""
    nan = float("nan")
    values = (row["a"], row["b"], row["diff"], row["low"], row["high"])
    return Effect(*(nan if value is None else value for value in values))


def _alone(blank: str, compared: Mapping[str, Any], language: str) -> str:
    if not compared:
        return PENDING
    numbers = locale_of(language).numbers
    figures: Mapping[str, Callable[[], str]] = {
        "changed": lambda: numbers.rounded(compared["transitions"]["changed"], 2),
        "workers": lambda: numbers.count(_workers(compared)),
        "stay": lambda: numbers.rounded(compared["transitions"]["stay"], 3),
        "days": lambda: numbers.count(compared["days"]),
        "seeds": lambda: numbers.count(len(compared["seeds"])),
        "gaining_commune": lambda: _commune(compared, "gaining", language),
        "losing_commune": lambda: _commune(compared, "losing", language),
        "clear_communes": lambda: _clear_communes(compared, language),
    }
    return figures[blank]()


def _workers(compared: Mapping[str, Any]) -> float:
    """Return who is at work on a mean day, those of the transition matrix."""
    return float(compared["transitions"]["changed"] + compared["transitions"]["stay"])


def _commune(compared: Mapping[str, Any], end: str, language: str) -> str:
    """Name the commune that surely gains or loses most minutes a worker; or say none."""
    found = compared.get("surest", {}).get(end)
    if not found:
        return say(language, "story_nobody")
    gain = found["diff"]
    number = locale_of(language).numbers.fixed(abs(gain), max(1, decimals_of(gain, 1)))
    return say(language, "story_less" if gain > 0.0 else "story_more", name=found["name"], n=number)


def _clear_communes(compared: Mapping[str, Any], language: str) -> str:
    """Name the communes that surely gain and lose most, or say that none does."""
    told = [
        say(language, f"story_{end}", commune=_commune(compared, end, language))
        for end in ("gaining", "losing")
        if compared.get("surest", {}).get(end)
    ]
    return " ".join(told) or say(language, "cmp_no_loser_named")
