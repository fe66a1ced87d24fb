"""Units as people read them: one short text a language, whatever has the unit."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from sim77.core.yaml_file import load_yaml


@lru_cache(maxsize=1)
def unit_texts() -> Mapping[str, Mapping[str, str]]:
    """Return the texts of ``units.yaml`` by unit and language."""
    text = resources.files("sim77.registry").joinpath("units.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = load_yaml(text)
    return found


def unit_text(unit: str, language: str) -> str:
    """Return a unit in words; one without an entry, such as €, is written as it is."""
    return unit_texts().get(unit, {}).get(language, unit)
