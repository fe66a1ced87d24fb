"""What no text for users may hold: jargon, false equality and numbers that nobody can read."""

import re
from collections.abc import Mapping

BANNED = {
    "fr": [
        r"\bminutes rendues", r"\brend(?:ent)? (?:en tout )?[\d{]", r"dans le bruit", r"du bruit\b",
        r"quoi qu['’]on", r"\beût\b", r"\bde qui serait\b", r"restent? les siens", r"En hauteur :",
        r"aucun point du plan\s*:", r"\(au carré\)", r"[Hh]asard des graines", r"\bmêmes aléas\b",
        r"\bn['’]expliquerait pas\b", r"points de places", r"\butils?\b", r"au hasard près",
        r"\(admis :", r"franchit la limite",
    ],
    "en": [
        r"[Gg]iv(?:es|en|ing|e) back", r"\bgives? or takes? time", r"\b(?:within|beyond) noise",
        r"leaves the noise", r"[Cc]hance of the seeds", r"\bsame chance\b", r"^Upright\b",
        r"Holds? at no\b", r"of squares", r"chance would not explain", r"points of places",
        r"[Tt]hey say little", r"\(granted:", r"crosses the claim", r"\butils?\b(?!/)",
        r"chance aside", r"stay its own", r"\bis no [a-z]+ \(", r"\bhang on\b",
        r"\b(?:at_least|at_most)\b", r"\bweighed (?:to|as)\b", r"\bways? to work\b",
    ],
}  # fmt: skip
"""Turns by language that readers have stumbled over."""

UNREADABLE = {
    "minus nothing": r"(?<![\d.,\w])[-\u2212]0(?:[.,]0+)?(?![\d.,])",
    "digits beyond all sense": r"[.,]\d{10,}",
    "an interval of one number": r"(?<![\d.,+\u2212-])([-+\u2212]?\d[\d.,\u202f]*)(?:\s?%)?"
    r" (?:to|à) \1(?![\d.,])",
    "no number": r"\b(?:nan|inf|NaN|Infinity)\b",
    "a name of the code": r"\b(?:random-\d+|runner-up-\d+|asc_centre)\b",
}


def faults(text: str, language: str) -> list[str]:
    """Return what a text for users must not hold, each with the words around it."""
    plain = text.replace("\u00a0", " ")
    found = []
    for pattern in (*BANNED[language], *UNREADABLE.values()):
        for match in re.finditer(pattern, plain, flags=re.MULTILINE):
            around = plain[max(match.start() - 40, 0) : match.end() + 40]
            found.append(f"{pattern}: …{' '.join(around.split())}…")
    return found


def page_faults(text: Mapping[str, str], language: str) -> list[str]:
    """Return the faults of a page of `tests.pages.Page`; commands and files are no text."""
    # What follows the last language is the script; what the page runs from, its last section.
    shown = text[language].partition('"use strict"')[0]
    return faults(
        shown.partition({"fr": "Reproduire", "en": "Reproduce this"}[language])[0], language
    )
