"""The words of the app: every key in French and in English, in one catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from sim77.core.yaml_file import load_yaml
from sim77.registry.units import unit_texts
from sim77.report.locale import LANGUAGES, NARROW_SPACE

CATALOGUE = Path(__file__).parent / "words.yaml"


@lru_cache(maxsize=1)
def words() -> Mapping[str, dict[str, str]]:
    """Return the words by language and key; French marks keep their narrow spaces."""
    units = {unit_key(unit): text for unit, text in unit_texts().items()}
    entries = units | load_yaml(CATALOGUE.read_text(encoding="utf-8"))
    found = {name: {key: text[name] for key, text in entries.items()} for name in LANGUAGES}
    found["fr"] = {
        key: re.sub(r" ([;:!?%»])", f"{NARROW_SPACE}\\1", text).replace("« ", f"«{NARROW_SPACE}")
        for key, text in found["fr"].items()
    }
    return found


def unit_key(unit: str) -> str:
    """Return the key of a unit's words, as the page's unitText makes it."""
    return "unit_" + re.sub(r"[^a-zA-Z0-9€%]+", "_", unit)


def say(language: str, key: str, **given: object) -> str:
    """Return a sentence of the catalogue with its figures."""
    return words()[language][key].format(**given)
