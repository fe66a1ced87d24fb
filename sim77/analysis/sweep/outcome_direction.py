"""Which direction of an outcome is the better one, where one is."""

from __future__ import annotations

from sim77.registry.indicators import described

EFFECT, BASELINE = "effect_", "baseline_"


def better_of(outcome: str) -> str:
    """Return ``lower``, ``higher``, or blank: which direction of an outcome is the better one.

    Parameters
    ----------
    outcome : str
        With or without ``effect_`` or ``baseline_`` in front; one that is no indicator has none.
    """
    try:
        return described(outcome.removeprefix(EFFECT).removeprefix(BASELINE)).better
    except KeyError:
        return ""
