"""The claims and their verdicts as a text for people, in English or French."""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sim77.analysis.claims.claims import (
    OUTSIDE,
    SUPPORTED,
    UNDECIDED,
    Claims,
    is_tiny,
    register,
)
from sim77.core.variance import SEEDS_THAT_TELL
from sim77.registry.parameters import load_parameters
from sim77.report.locale import Locale, decimals_apart, decimals_of, least_decimals, locale_of
from sim77.report.names import scenario_label, zone_names
from sim77.report.run.text import left_out
from sim77.runs.execute import share_in_scope

_WIDTH = 100
_DIGITS = 3


def claims_text(claims: Claims, language: str = "en") -> str:
    """Return every claim with the model's range, the verdict and the source.

    Parameters
    ----------
    claims : Claims
    language : str
        ``en`` or ``fr``.
    """
    locale, table = locale_of(language, "summary", "claims"), claims.table
    words = locale.words
    by_claim: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_dict("records"):
        by_claim.setdefault(row["claim"], []).append({str(key): row[key] for key in row})
    seeds = int(table["seeds"].max())
    blocks = [_block(rows, seeds, locale) for rows in by_claim.values()]
    found = Counter(_verdict(row) for rows in by_claim.values() for row in rows)
    counts = f"{words['semicolon']}".join(
        f"{words[each]}{words['colon']}{n}" for each, n in found.most_common()
    )
    foot = [words["count"].format(n=len(table), counts=counts)]
    zones = claims.territory.default_zones
    scopes = zone_names(claims.territory, zones, locale)
    place = claims.territory.labels[language]
    foot.append(words["scope"].format(place=place, scopes=scopes))
    foot += left_out(share_in_scope(claims.territory, zones), locale)
    if seeds > 1:
        foot.append(words["rule"].format(seeds=seeds))
    if seeds < SEEDS_THAT_TELL:
        foot.append(words["few_seeds"])
    if claims.scale < 1.0:
        foot.append(words["sample"].format(scale=_numbers(locale, 100.0 * claims.scale)[0]))
    return "\n\n".join([*blocks, "\n".join(_wrapped(line, "") for line in foot)])


def _block(rows: list[dict[str, Any]], seeds: int, locale: Locale) -> str:
    """Return one claim: what is claimed, a line a pair of scenarios, and who says so."""
    words, language, first = locale.words, locale.language, rows[0]
    columns = {"number": "number", "low": "claim_low", "high": "claim_high"}
    numbers = {key: _numbers(locale, first[name])[0] for key, name in columns.items()}
    claim = register().claims.get(first["claim"])
    # More or less than nothing needs a unit that says of what.
    way = claim.positive if claim is not None and claim.number == 0.0 else {}
    unit = way.get(language, first[f"unit_{language}"])
    claimed = words[first["sense"]].format(**numbers, unit=unit)
    lines = [f"{first[f'text_{language}']}  [{first['claim']}]", _wrapped(claimed)]
    if first[f"condition_{language}"]:
        lines.append(_wrapped(f"{words['model']}{words['colon']}{first[f'condition_{language}']}"))
    for row in rows:
        lines.append(_wrapped(_finding(row, seeds, locale)))
    if first["assumes"]:
        known = load_parameters()
        labels = (
            getattr(known[name], f"label_{language}") for name in first["assumes"].split(", ")
        )
        lines.append(
            _wrapped(f"{words['assumes']}{words['colon']}{words['semicolon'].join(labels)}")
        )
    whose, source = (first[f"{part}_{language}"] for part in ("whose", "source"))
    year = "" if first["year"] in source else first["year"]
    cited = ", ".join(part for part in (whose, source, year) if part)
    lines.append(_wrapped(f"{words['source']}{words['colon']}{cited}"))
    if first["url"]:
        lines.append(f"    {first['url']}")
    return "\n".join(lines)


def _verdict(row: dict[str, Any]) -> str:
    """Return the verdict by its word; that nothing was measured is one of its own."""
    return (
        "not_measured"
        if row["verdict"] == UNDECIDED and math.isnan(row["mean"])
        else row["verdict"]
    )


def _finding(row: dict[str, Any], seeds: int, locale: Locale) -> str:
    """Return one verdict, with the runs and the range it comes from, or the reason for none."""
    words, language = locale.words, locale.language
    message = words[_verdict(row)]
    if row["verdict"] == OUTSIDE:
        return f"{message}{words['colon']}{row[f'outside_{language}']}"
    a, b = register().pairs.get(row["pair"], ("", row["pair"]))
    where = words["against"].format(a=_named(a, locale), b=_named(b, locale)) if a else b
    if math.isnan(row["mean"]):
        return f"{message}{words['colon']}{where}"
    limits = (row[name] for name in ("number", "claim_low", "claim_high"))
    values = dict(
        zip(
            ("mean", "low", "high"),
            _numbers(locale, *(row[key] for key in ("mean", "low", "high")), beside=limits),
            strict=False,
        )
    )
    if math.isnan(row["low"]):
        one = words["one" if seeds == 1 else "one_of"].format(seeds=seeds)
        return f"{message}{words['colon']}{where}, {values['mean']}, {one}"
    text = f"{message}{words['colon']}{where}, {words['range'].format(**values)}"
    if row["seeds"] < seeds:
        text = f"{text}, {words['fewer'].format(used=row['seeds'], seeds=seeds)}"
    if is_tiny(row):
        text = f"{text}, {words['tiny']}"
    if row["verdict"] == UNDECIDED:
        return f"{text}, {words['overlap']}"
    if row["verdict"] == SUPPORTED or row["sense"] in ("above", "below"):
        return text
    more = row["mean"] > row["claim_high"]
    parts = [text, words["more" if more else "less"], row[f"caution_{language}"] if more else ""]
    return ", ".join(part for part in parts if part)


def _named(scenario: str, locale: Locale) -> str:
    """Return what a shipped scenario is called."""
    return locale.words["quoted"].format(text=scenario_label(scenario, locale))


def _numbers(locale: Locale, *values: float, beside: Iterable[float] = ()) -> list[str]:
    """Write numbers with three figures or more: as many as show those that differ as different.

    Parameters
    ----------
    locale : Locale
    *values : float
        The first decides on the figures.
    beside : iterable of float
        Numbers that they are compared with.
    """
    decimals = decimals_apart((*values, *beside), decimals_of(values[0], _DIGITS))
    rounded = [round(each, decimals) for each in values if math.isfinite(each)]
    decimals = max((least_decimals(each) for each in rounded), default=0)
    return [locale.numbers.fixed(each, decimals) for each in values]


def _wrapped(text: str, indent: str = "    ") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
