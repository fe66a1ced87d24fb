"""The words of the pages: every key in French and in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sim77.core.errors import ResultError, nearest
from sim77.core.yaml_file import load_yaml
from sim77.report.numbers import LANGUAGES, NARROW_SPACE, Numbers

Words = Mapping[str, str]

_FOLDER = Path(__file__).parent / "templates"


@lru_cache(maxsize=4)
def words_by_language(*pages: str) -> Mapping[str, Words]:
    """Return the sentences by language and key.

    Parameters
    ----------
    *pages : str
        Whose words, ``summary`` by default; those of a later page replace those of an earlier one.
    """
    entries: dict[str, Words] = {}
    for page in pages or ("summary",):
        entries |= load_yaml((_FOLDER / f"{page}_words.yaml").read_text(encoding="utf-8"))
    found = {name: {key: text[name] for key, text in entries.items()} for name in LANGUAGES}
    found["fr"] = {key: _spaced(text) for key, text in found["fr"].items()}
    return found


def _spaced(text: str) -> str:
    """Put the narrow space that French wants at a mark, so that no line begins with one."""
    return re.sub(r" ([;:!?%»])", f"{NARROW_SPACE}\\1", text).replace("« ", f"«{NARROW_SPACE}")


@dataclass(frozen=True)
class Voice:
    """One language of a page: its words and how it writes numbers.

    Attributes
    ----------
    language : str
        One of `LANGUAGES`.
    words : mapping of str to str
    numbers : Numbers
    """

    language: str
    words: Words
    numbers: Numbers

    def say(self, key: str, **given: str) -> str:
        """Return a sentence with its figures."""
        return self.words[key].format(**given)


def only_english(what: str, language: str) -> None:
    """Refuse another language than English where a text has no other."""
    if language != "en":
        raise ResultError(f"The text of this {what} exists in English (en) only, not '{language}'.")


def voices(*pages: str) -> list[Voice]:
    """Return both languages, French first, with the words of `words_by_language`."""
    return [voice_of(name, *pages) for name in LANGUAGES]


def voice_of(language: str, *pages: str) -> Voice:
    """Return one language with the words of `words_by_language`; `ResultError` if unknown."""
    if language not in LANGUAGES:
        raise ResultError(f"Unknown language '{language}'.{nearest(language, LANGUAGES)}")
    return Voice(language, words_by_language(*pages)[language], Numbers(language))
