"""What the app shows of a run: the indicators of the map, and how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim77.runs.effects import described

MAP_CLASSES = 6


@dataclass(frozen=True)
class Measure:
    """An indicator of the map.

    Attributes
    ----------
    name : str
        One of `sim77.analysis.compare.tables.SHOWN`.
    kind : str
        ``share``, ``mean`` (by worker) or ``sum`` (by day).
    good : int
        1 if more is a gain, -1 if less is, 0 if neither.
    breaks, breaks_diff : tuple of float
        Classes until the first comparison says better; in the indicator's own unit.
    difference_only : bool
        The level means nothing, only a difference of two runs does.
    """

    name: str
    kind: str
    good: int
    breaks: tuple[float, ...]
    breaks_diff: tuple[float, ...]
    difference_only: bool = False

    def payload(self) -> dict[str, Any]:
        """Return the measure as the browser reads it."""
        told = described(self.name)
        return {
            "name": self.name,
            "unit": told.unit,
            "fr": told.label_fr,
            "en": told.label_en,
            "kind": self.kind,
            "good": self.good,
            "diverging": self.difference_only,
            "difference_only": self.difference_only,
            "breaks": list(self.breaks),
            "breaks_diff": list(self.breaks_diff),
        }


def _both_ways(*above: float) -> tuple[float, ...]:
    return (*(-each for each in reversed(above)), *above)


MEASURES = (
    Measure("minutes_saved_per_worker", "mean", 1, (2, 4, 6, 8, 10), _both_ways(0.1, 0.25, 0.5)),
    Measure("share_remote", "share", 0, (0.02, 0.04, 0.06, 0.08, 0.1),
            _both_ways(0.002, 0.005, 0.01)),
    Measure("telecentre", "sum", 0, (0.5, 1, 2, 5, 10), _both_ways(0.5, 1, 2)),
    Measure("home", "sum", 0, (5, 10, 20, 50, 100), _both_ways(0.5, 1, 2)),
    Measure("co2e_travel_kg_per_worker", "mean", -1, (2, 3, 4, 5, 6), _both_ways(0.02, 0.05, 0.1)),
    Measure("local_spending_eur", "sum", 1, (20, 50, 100, 200, 500), _both_ways(2, 5, 10)),
    Measure(
        "consumer_surplus_eur_per_worker", "mean", 1, (0, 1, 2, 3, 4),
        _both_ways(0.02, 0.05, 0.1), True
    ),
)  # fmt: skip
"""The indicators of the map, the default first."""

_SHOWN_LINE = "R"
"""The line whose load is shown first, where a territory has it: most of its riders are its own."""


def key_figures(lines: Sequence[str]) -> list[str]:
    """Return the four figures beside the map, by name of the comparison's effects.

    >>> key_figures(["T", "U"])[2]
    'load_factor_T'
    """
    line = _SHOWN_LINE if _SHOWN_LINE in lines else lines[0]
    return ["minutes_saved_per_worker", "co2e_travel_kg", f"load_factor_{line}", "desks_occupied"]


def measure_names() -> tuple[str, ...]:
    """Return the names of the indicators that can be shown on the map."""
    return tuple(each.name for each in MEASURES)
