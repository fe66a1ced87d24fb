"""The claims and their verdicts as a text for people, in English or French."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

from sim77.claims import LANGUAGES, OUTSIDE, SUPPORTED, UNDECIDED, Claims, register
from sim77.errors import ResultError, nearest

_WIDTH = 100
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "supported": "SUPPORTED",
        "not supported": "NOT SUPPORTED",
        "undecided": "UNDECIDED",
        "outside the model": "OUTSIDE THE MODEL",
        "about": "claimed: {number} (granted: {low} to {high}) {unit}",
        "at_least": "claimed: at least {number} {unit}",
        "at_most": "claimed: at most {number} {unit}",
        "above": "claimed: more than {number} {unit}",
        "below": "claimed: less than {number} {unit}",
        "more": "the model gives more",
        "less": "the model gives less",
        "overlap": "the model's range crosses the claim's limit",
        "nothing": "no such day was simulated",
        "one": "one seed has no range",
        "range": "{mean} ({low} to {high})",
        "against": "{b} against {a}",
        "model": "model",
        "source": "source",
        "assumes": "rests on assumed",
        "rule": "Supported: the model's 95 % interval over {seeds} paired seeds lies within the "
        "claim's interval. Not supported: they have nothing in common. Undecided: they overlap in "
        "part. Assumed parameters are not varied.",
        "sample": "This is a sample of {scale} % of the workers: numbers on desks need all.",
        "count": "{n} verdicts: {counts}.",
        "colon": ": ",
    },
    "fr": {
        "supported": "SOUTENUE",
        "not supported": "NON SOUTENUE",
        "undecided": "INDÉCISE",
        "outside the model": "HORS DU MODÈLE",
        "about": "affirmé : {number} (admis : {low} à {high}) {unit}",
        "at_least": "affirmé : au moins {number} {unit}",
        "at_most": "affirmé : au plus {number} {unit}",
        "above": "affirmé : plus de {number} {unit}",
        "below": "affirmé : moins de {number} {unit}",
        "more": "le modèle donne davantage",
        "less": "le modèle donne moins",
        "overlap": "l'intervalle du modèle franchit la limite de l'affirmation",
        "nothing": "aucune journée de ce genre n'a été simulée",
        "one": "une seule graine ne donne pas d'intervalle",
        "range": "{mean} ({low} à {high})",
        "against": "{b} face à {a}",
        "model": "modèle",
        "source": "source",
        "assumes": "repose sur des hypothèses",
        "rule": "Soutenue : l'intervalle à 95 % du modèle sur {seeds} graines appariées est tout "
        "entier dans celui de l'affirmation. Non soutenue : ils n'ont rien en commun. Indécise : "
        "ils se recouvrent en partie. Les paramètres supposés ne varient pas.",
        "sample": "Échantillon de {scale} % des actifs : les nombres de postes demandent le tout.",
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
        foot.append(words["sample"].format(scale=_number(100.0 * claims.scale, language)))
    return "\n\n".join([*blocks, "\n".join(_wrapped(line, "") for line in foot)])


def _block(rows: list[dict[str, Any]], language: str) -> str:
    """Return one claim: what is claimed, a line a pair of scenarios, and who says so."""
    words, first = _WORDS[language], rows[0]
    numbers = {
        key: _number(first[name], language)
        for key, name in (("number", "number"), ("low", "claim_low"), ("high", "claim_high"))
    }
    claimed = words[first["sense"]].format(**numbers, unit=first[f"unit_{language}"])
    lines = [f"{first[f'text_{language}']}  [{first['claim']}]", _wrapped(claimed)]
    if first[f"condition_{language}"]:
        lines.append(_wrapped(f"{words['model']}{words['colon']}{first[f'condition_{language}']}"))
    for row in rows:
        lines.append(_wrapped(_finding(row, language)))
    if first["assumes"]:
        lines.append(_wrapped(f"{words['assumes']} {first['assumes']}"))
    year = "" if first["year"] in first["source"] else first["year"]
    cited = ", ".join(part for part in (first["whose"], first["source"], year) if part)
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
    values = {key: _number(row[key], language) for key in ("mean", "low", "high")}
    if math.isnan(row["low"]):
        return f"{said}{words['colon']}{where}, {values['mean']}, {words['one']}"
    text = f"{said}{words['colon']}{where}, {words['range'].format(**values)}"
    if row["verdict"] == UNDECIDED:
        return f"{text}, {words['overlap']}"
    if row["verdict"] == SUPPORTED or row["sense"] in ("above", "below"):
        return text
    return f"{text}, {words['more' if row['mean'] > row['claim_high'] else 'less']}"


def _number(value: float, language: str) -> str:
    """Write a number with three figures, or all those of its whole part."""
    if math.isnan(value) or math.isinf(value):
        return str(value)
    digits = 0 if value == 0.0 else max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if language == "fr":
        text = text.replace(",", "\u202f").replace(".", ",")
    return text


def _wrapped(text: str, indent: str = "    ") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
