"""The claims and their verdicts as a text for people, in English or French."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from sim77.analysis.claims.claims import LANGUAGES, OUTSIDE, SUPPORTED, UNDECIDED, Claims, register
from sim77.core.errors import ResultError, nearest
from sim77.report.locale import Numbers, decimals_apart, decimals_of, least_decimals

_WIDTH = 100
_DIGITS = 3
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "supported": "SUPPORTED",
        "not supported": "NOT SUPPORTED",
        "undecided": "UNCERTAIN",
        "outside the model": "OUTSIDE THE MODEL",
        "about": "claimed: about {number} {unit}; any value from {low} to {high} supports it",
        "at_least": "claimed: at least {number} {unit}",
        "at_most": "claimed: at most {number} {unit}",
        "above": "claimed: more than {number} {unit}",
        "below": "claimed: less than {number} {unit}",
        "more": "the model gives more",
        "less": "the model gives less",
        "overlap": "part of this interval supports the claim, part does not",
        "nothing": "no such day was simulated",
        "one": "one seed gives no interval",
        "range": "{mean} (95%: {low} to {high})",
        "against": "{b} compared with {a}",
        "model": "model",
        "source": "source",
        "assumes": "depends on the assumed values of",
        "rule": "Supported: the model's 95% interval over {seeds} paired seeds lies within the "
        "claim's interval. Not supported: they have nothing in common. Uncertain: they overlap in "
        "part. Assumed parameters are not varied.",
        "sample": "This is a sample of {scale}% of the workers: numbers on desks need all of them.",
        "count": "{n} verdicts: {counts}.",
        "colon": ": ",
    },
    "fr": {
        "supported": "CONFIRMÉE",
        "not supported": "NON CONFIRMÉE",
        "undecided": "INCERTAINE",
        "outside the model": "HORS DU MODÈLE",
        "about": "affirmé : environ {number} {unit} ; toute valeur de {low} à {high} le confirme",
        "at_least": "affirmé : au moins {number} {unit}",
        "at_most": "affirmé : au plus {number} {unit}",
        "above": "affirmé : plus de {number} {unit}",
        "below": "affirmé : moins de {number} {unit}",
        "more": "le modèle donne davantage",
        "less": "le modèle donne moins",
        "overlap": "une partie de cet intervalle confirme l'affirmation, l'autre non",
        "nothing": "aucune journée de ce genre n'a été simulée",
        "one": "une seule graine ne donne pas d'intervalle",
        "range": "{mean} (95 % : {low} à {high})",
        "against": "{b} comparé à {a}",
        "model": "modèle",
        "source": "source",
        "assumes": "dépend des valeurs supposées de",
        "rule": "Confirmée : l'intervalle à 95 % du modèle sur {seeds} graines appariées est tout "
        "entier dans celui de l'affirmation. Non confirmée : ils n'ont rien en commun. "
        "Incertaine : ils se recouvrent en partie. Les paramètres supposés ne varient pas.",
        "sample": "Échantillon de {scale} % des actifs : les postes se lisent à l'échelle 1.",
        "count": "{n} verdicts : {counts}.",
        "colon": " : ",
    },
}


def claims_text(claims: Claims, language: str = "en") -> str:
    """Return every claim with the model's range, the verdict and the source.

    Parameters
    ----------
    claims : Claims
    language : str
        ``en`` or ``fr``.
    """
    if language not in LANGUAGES:
        raise ResultError(f"Unknown language '{language}'.{nearest(language, LANGUAGES)}")
    words = _WORDS[language]
    table = claims.table
    by_claim: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_dict("records"):
        by_claim.setdefault(row["claim"], []).append({str(key): row[key] for key in row})
    blocks = [_block(rows, language) for rows in by_claim.values()]
    found = table["verdict"].value_counts()
    counts = ", ".join(f"{n} {words[str(each)].lower()}" for each, n in found.items())
    foot = [words["count"].format(n=len(table), counts=counts)]
    foot.append(words["rule"].format(seeds=int(table["seeds"].max())))
    if claims.scale < 1.0:
        foot.append(words["sample"].format(scale=_numbers(language, 100.0 * claims.scale)[0]))
    return "\n\n".join([*blocks, "\n".join(_wrapped(line, "") for line in foot)])


def _block(rows: list[dict[str, Any]], language: str) -> str:
    """Return one claim: what is claimed, a line a pair of scenarios, and who says so."""
    words, first = _WORDS[language], rows[0]
    columns = {"number": "number", "low": "claim_low", "high": "claim_high"}
    numbers = {key: _numbers(language, first[name])[0] for key, name in columns.items()}
    claimed = words[first["sense"]].format(**numbers, unit=first[f"unit_{language}"])
    lines = [f"{first[f'text_{language}']}  [{first['claim']}]", _wrapped(claimed)]
    if first[f"condition_{language}"]:
        lines.append(_wrapped(f"{words['model']}{words['colon']}{first[f'condition_{language}']}"))
    for row in rows:
        lines.append(_wrapped(_finding(row, language)))
    if first["assumes"]:
        lines.append(_wrapped(f"{words['assumes']} {first['assumes']}"))
    whose, source = (first[f"{part}_{language}"] for part in ("whose", "source"))
    year = "" if first["year"] in source else first["year"]
    cited = ", ".join(part for part in (whose, source, year) if part)
    lines.append(_wrapped(f"{words['source']}{words['colon']}{cited}"))
    if first["url"]:
        lines.append(f"    {first['url']}")
    return "\n".join(lines)


def _finding(row: dict[str, Any], language: str) -> str:
    """Return one verdict, with the runs and the range it comes from, or the reason for none."""
    words = _WORDS[language]
    said = words[row["verdict"]]
    if row["verdict"] == OUTSIDE:
        return f"{said}{words['colon']}{row[f'outside_{language}']}"
    a, b = register().pairs.get(row["pair"], ("", row["pair"]))
    where = words["against"].format(a=a, b=b) if a else b
    if math.isnan(row["mean"]):
        return f"{said}{words['colon']}{where}, {words['nothing']}"
    limits = (row[name] for name in ("number", "claim_low", "claim_high"))
    values = dict(
        zip(
            ("mean", "low", "high"),
            _numbers(language, *(row[key] for key in ("mean", "low", "high")), beside=limits),
            strict=False,
        )
    )
    if math.isnan(row["low"]):
        return f"{said}{words['colon']}{where}, {values['mean']}, {words['one']}"
    text = f"{said}{words['colon']}{where}, {words['range'].format(**values)}"
    if row["verdict"] == UNDECIDED:
        return f"{text}, {words['overlap']}"
    if row["verdict"] == SUPPORTED or row["sense"] in ("above", "below"):
        return text
    return f"{text}, {words['more' if row['mean'] > row['claim_high'] else 'less']}"


def _numbers(language: str, *values: float, beside: Iterable[float] = ()) -> list[str]:
    """Write numbers with three figures or more: as many as show those that differ as different.

    Parameters
    ----------
    language : str
    *values : float
        The first decides on the figures.
    beside : iterable of float
        Numbers that they are compared with.
    """
    decimals = decimals_apart((*values, *beside), decimals_of(values[0], _DIGITS))
    rounded = [round(each, decimals) for each in values if math.isfinite(each)]
    decimals = max((least_decimals(each) for each in rounded), default=0)
    return [Numbers(language).fixed(each, decimals) for each in values]


def _wrapped(text: str, indent: str = "    ") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
