"""A comparison as the browser reads it: effects, communes, transitions, claims and the finding."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.claims.claims import UNDECIDED, directed, is_tiny
from sim77.analysis.compare.comparison import Comparison, claims_of, manifest_of
from sim77.analysis.compare.tables import comparison_tables
from sim77.app.explore.sides import Scope, hash_key, side_key
from sim77.app.measures import measure_names
from sim77.app.numbers import number, plain
from sim77.core.units import PLAN_KINDS
from sim77.registry.indicators import described
from sim77.report.compare.differences import what_differs
from sim77.report.compare.findings import Effect, Findings
from sim77.report.compare.map import difference_breaks
from sim77.report.compare.text import (
    MARKS,
    caveat,
    found_of_claim,
    locale_of,
    measure_of_claim,
    title,
)
from sim77.report.geography import Geography
from sim77.report.locale import LANGUAGES, Locale
from sim77.report.scales import round_breaks
from sim77.report.tables import records
from sim77.runs.pair import PairOutcome
from sim77.scenario.scenario import Scenario

LEVEL_ENDS = ("a_low", "a_high", "b_low", "b_high")
"""Columns of ``effects``: 95 % intervals of the levels of A and B, beside those of the effect."""

_DIGITS = 5
_MOST_NAMED = 4
"""Communes that are named at most on either side of zero."""


def comparison_of(
    a: Scenario, b: Scenario, scope: Scope, outcomes: Sequence[PairOutcome], geography: Geography
) -> Comparison:
    """Return the comparison that the outcomes of paired seeds make, as `sim77.compare` does.

    Parameters
    ----------
    a, b : Scenario
    scope : Scope
        Its seed is the first.
    outcomes : sequence of PairOutcome
        One a seed.
    geography : Geography
    """
    found = list(outcomes)
    tables = comparison_tables(found, geography.territory)
    measured = [each for each in found if each.measures]
    # The first answer is there before the claims are measured.
    tables["claims"] = claims_of(b.name, measured) if measured else pd.DataFrame()
    return Comparison(tables, manifest_of(scope.pair(a, b), found, {}, 0.0))


def encode_comparison(comparison: Comparison, geography: Geography) -> dict[str, Any]:
    """Return a comparison as plain values for the browser."""
    findings, scope = Findings(comparison), scope_of_manifest(comparison.manifest)
    keys = [hash_key(comparison.manifest[side]["hash"], scope) for side in ("a", "b")]
    drawn = {name: _layer(findings, name) for name in measure_names()}
    return {
        "key": f"{keys[0]}|{comparison.manifest['b']['hash']}",
        "key_a": keys[0],
        "key_b": keys[1],
        "seeds": list(comparison.manifest["seeds"]),
        "days": comparison.manifest["days"],
        "effects": [
            _effect_row(row, findings.effects[row["indicator"]], findings)
            for row in records(comparison.effects)
        ],
        "communes": {name: layer for name, (layer, _) in drawn.items()},
        "breaks": {name: breaks for name, (_, breaks) in drawn.items()},
        "groups": list(_groups(findings)),
        "deciles": _frame(comparison.equity),
        "transitions": _transitions(findings),
        "telecentres": _frame(comparison.telecentres),
        "claims": [encode_claim(row) for row in records(comparison.claims)],
        "differs": _differs(findings, geography),
        "surest": {
            end: _surest(findings, sign) for end, sign in (("gaining", 1.0), ("losing", -1.0))
        },
        "identical": findings.identical,
        "times_wider": number(findings.times_wider),
        **_finding(findings),
    }


def pair_key(a: Scenario, b: Scenario, scope: Scope) -> str:
    """Name a comparison by all that decides its numbers."""
    return f"{side_key(a, scope)}|{b.hash}"


def scope_of_manifest(manifest: Mapping[str, Any]) -> Scope:
    """Return what both sides of a comparison had in common; the seed is the first."""
    return Scope(
        manifest["seeds"][0],
        dt.date.fromisoformat(manifest["start"]),
        dt.date.fromisoformat(manifest["end"]),
        manifest["scale"],
        tuple(manifest["workplaces"]),
        manifest["territory"]["folder"],
    )


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [number(each, _DIGITS) for each in values]


def _frame(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values."""
    return [
        {
            name: number(value) if isinstance(value, float) else getattr(value, "item", str)()
            if not isinstance(value, str | int) else value
            for name, value in row.items()
        }
        for row in records(table)
    ]  # fmt: skip


def _effect_row(row: dict[str, Any], effect: Effect, findings: Findings) -> dict[str, Any]:
    indicator = described(row["indicator"])
    return {
        "name": row["indicator"],
        "fr": indicator.label_fr,
        "en": indicator.label_en,
        "unit": indicator.daily_unit,
        "a": plain(effect.a),
        "b": plain(effect.b),
        # Comparisons stored by an earlier version have no intervals of the levels.
        **{key: plain(row.get(key, math.nan)) for key in LEVEL_ENDS},
        "diff": plain(effect.effect),
        "low": plain(effect.low),
        "high": plain(effect.high),
        "unpaired_low": number(effect.unpaired_low),
        "unpaired_high": number(effect.unpaired_high),
        "noise": bool(effect.noise),
        "nothing": bool(effect.nothing),
        "sure": bool(effect.sure),
        "n": findings.seeds,
    }


def _layer(findings: Findings, measure: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one indicator by commune, and the classes of its colours."""
    effects = findings.communes(measure)
    levels = np.array([(each.a, each.b) for each in effects])
    few, diff = findings.few, np.array([each.effect for each in effects])
    somebody = findings.simulated > 0
    noise = np.array([each.known and not each.sure and not each.nothing for each in effects])
    shown = ~(few | noise)
    breaks, decimals = level_breaks(levels[~few].ravel())
    above, decimals_diff = difference_breaks(np.abs(diff[shown] if shown.any() else diff), breaks)
    class_width = 2.0 * min(abs(each) for each in above)
    half = np.array([each.half if each.known else 0.0 for each in effects])
    layer = {
        "a": _numbers(np.where(somebody, levels[:, 0], np.nan)),
        "b": _numbers(np.where(somebody, levels[:, 1], np.nan)),
        "diff": _numbers(diff),
        "low": _numbers(each.low for each in effects),
        "high": _numbers(each.high for each in effects),
        "veil": (few | noise | (half > class_width)).astype(int).tolist(),
        "few": few.astype(int).tolist(),
        # What may be named: the map and the list of winners and losers say the same.
        **{
            side: [row for row, _ in findings.surest(measure, sign, _MOST_NAMED)]
            for side, sign in (("above", 1.0), ("below", -1.0))
        },
    }
    return layer, {
        "breaks": list(breaks),
        "decimals": decimals,
        "breaks_diff": list(above),
        "decimals_diff": decimals_diff,
    }


def level_breaks(levels: np.ndarray) -> tuple[tuple[float, ...], int]:
    """Return classes of levels and their decimals: of those above zero where most are zero."""
    breaks, decimals = round_breaks(levels)
    if (levels < breaks[0]).all() and (levels > 0.0).any():
        return round_breaks(levels[levels > 0.0])
    return breaks, decimals


def _surest(findings: Findings, sign: float) -> dict[str, Any] | None:
    """Return the commune whose workers surely gain, or lose, most minutes; None if none does."""
    found = findings.surest_gains(sign, 1)
    if not found:
        return None
    row, effect = found[0]
    code = findings.comparison.communes["commune_code"].iloc[row]
    return {"code": str(code), "name": findings.names[row], "diff": number(effect.effect)}


def _groups(findings: Findings) -> Iterable[dict[str, Any]]:
    """Yield effects by occupation group of every indicator of the map."""
    words = {language: locale_of(language).words for language in LANGUAGES}
    for measure in measure_names():
        for name, effect in findings.groups(measure).items():
            yield {
                "group": name,
                **{language: words[language][name] for language in LANGUAGES},
                "indicator": measure,
                "a": number(effect.a),
                "b": number(effect.b),
                "diff": number(effect.effect),
                "low": number(effect.low),
                "high": number(effect.high),
                "noise": bool(effect.noise),
            }


def _transitions(findings: Findings) -> dict[str, Any]:
    table = findings.comparison.transitions
    size = len(PLAN_KINDS)
    matrix = table["worker_days_per_day"].to_numpy().reshape(size, size)
    half = 0.5 * (table["high"] - table["low"]).to_numpy().reshape(size, size)
    minutes = table["minutes_saved_per_day"].to_numpy().reshape(size, size)
    return {
        "kinds": list(PLAN_KINDS),
        "matrix": [_numbers(row) for row in matrix],
        "half_width": [_numbers(row) for row in half],
        "minutes": [_numbers(row) for row in minutes],
        "stay": number(float(np.trace(matrix))),
        "changed": number(findings.changed),
        "home_based": number(findings.home_based),
    }


def encode_claim(row: dict[str, Any]) -> dict[str, Any]:
    """Return a claim with its verdict in words."""
    tiny = is_tiny(row)
    mark, key = MARKS[UNDECIDED if tiny else row["verdict"]]
    verdict = "v_tiny" if tiny else f"v_{key}"
    # The verdict says it, not the number once more.
    told = {**directed(row), "claim_least": 0.0}
    spoken = {language: locale_of(language) for language in LANGUAGES}
    return {
        "name": row["claim"],
        "fr": row["text_fr"],
        "en": row["text_en"],
        "verdict": key,
        "mark": mark,
        **{
            f"{part}_{language}": text
            for language, locale in spoken.items()
            for part, text in _claim_texts(row, told, locale.words[verdict], locale).items()
        },
        "number": number(row["number"]),
        "mean": number(row["mean"]),
        "low": number(row["low"]),
        "high": number(row["high"]),
        "unit_fr": row["unit_fr"],
        "unit_en": row["unit_en"],
        "url": row["url"],
        "year": row["year"],
    }


def _claim_texts(
    row: dict[str, Any], told: dict[str, Any], verdict: str, locale: Locale
) -> dict[str, str]:
    """Return what is said of a claim in one language; ``found`` in short, on what it is measured.

    A claim outside of what the model covers says so, and has no short form.
    """
    language = locale.language
    outside = row[f"outside_{language}"]
    return {
        "verdict": verdict,
        "text": outside or found_of_claim(told, locale),
        "found": "" if outside else measure_of_claim(told, locale),
        "whose": row[f"whose_{language}"],
        "source": row[f"source_{language}"],
    }


def _differs(findings: Findings, geography: Geography) -> list[dict[str, str]]:
    """Return what B does differently, a row with both languages each."""
    manifest = findings.manifest
    rows = {
        language: what_differs(
            manifest["differences"],
            geography.territory,
            language,
            start=manifest["start"],
            end=manifest["end"],
        )
        for language in LANGUAGES
    }
    return [
        {
            "fr": fr["name"], "en": en["name"], "a": fr["a"], "b": fr["b"],
            "a_en": en["a"], "b_en": en["b"], "note": fr["note"], "note_en": en["note"],
        }
        for fr, en in zip(rows["fr"], rows["en"], strict=True)
    ]  # fmt: skip


def _finding(findings: Findings) -> dict[str, str]:
    """Return the sentence that the page opens with, and what to think of it."""
    message = {}
    for language in LANGUAGES:
        locale = locale_of(language)
        message[f"finding_{language}"] = title(findings, locale)
        message[f"caveat_{language}"] = caveat(findings, locale)
    return message
