"""What the parameters and targets of a calibration are called, in one language."""

from __future__ import annotations

from sim77.registry.parameters import load_parameters
from sim77.report.locale import Locale, least_decimals

PAGES = ("summary", "study", "validation", "calibration")
"""Whose words the page of a calibration uses."""


def percent_text(percent: float, locale: Locale) -> str:
    """Write a round percentage without more decimals than it has."""
    return locale.numbers.fixed(percent, least_decimals(percent))


def row_label(name: str, locale: Locale) -> str:
    """Name a row of the targets, of either file."""
    return locale.words.get(f"row {name}", name)


def parameter_label(name: str, locale: Locale) -> str:
    """Name a free or a registry parameter; ``name@date`` as its name and the year."""
    own, _, date = name.partition("@")
    known = load_parameters().get(own)
    label = str(getattr(known, f"label_{locale.language}")) if known is not None else own
    label = locale.words.get(f"free {own}", label)
    return f"{label}, {date[:4]}" if date else label
