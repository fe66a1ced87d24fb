"""What the app shows of a run: the indicators of the map, and how they are drawn."""

from __future__ import annotations

from typing import Any

from sim77.registry.indicators import described, indicators_shown

_SIGNS = {"higher": 1, "": 0, "lower": -1}


def measure_payload(name: str) -> dict[str, Any]:
    """Return an indicator of the map as the browser reads it."""
    text = described(name)
    assert text.map is not None
    above = text.map.differences
    return {
        "name": name,
        "unit": text.daily_unit,
        "fr": text.label_fr,
        "en": text.label_en,
        "kind": text.aggregation,
        "good": _SIGNS[text.better],
        "difference_only": text.difference_only,
        "decimals": text.map.decimals,
        # Classes until the first comparison says better; in the indicator's own unit.
        "breaks": list(text.map.breaks),
        "breaks_diff": [*(-each for each in reversed(above)), *above],
    }


def key_figures(line: str | None) -> list[str]:
    """Return the four figures beside the map, by name of the comparison's effects.

    Where no train runs, those that are not about a line.

    >>> key_figures("T")[2]
    'load_factor_T'
    """
    names = indicators_shown("figures")
    if line is None:
        return [name for name in names if "{line}" not in name]
    return [name.replace("{line}", line) for name in names]


def measure_names() -> tuple[str, ...]:
    """Return the names of the indicators that can be shown on the map, the default first."""
    return indicators_shown("map")
