"""Tables whose cells are coloured by their values, with their legends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim77.report.locale import Locale, least_decimals
from sim77.report.page import Heat, Steps
from sim77.report.scales import CLASSES, nice_step, round_breaks

_DIVERGING = 7


@dataclass(frozen=True)
class Shades:
    """Classes of colour for the cells of a grid.

    Attributes
    ----------
    diverging : bool
        Whether zero is in the middle (``e0`` to ``e6``), else from little to much (``q0``, ``q5``).
    breaks : tuple of float
    """

    diverging: bool
    breaks: tuple[float, ...]

    def of(self, value: float) -> str:
        """Return the class of a cell."""
        if not np.isfinite(value):
            return "ev"
        return f"{'e' if self.diverging else 'q'}{int(np.searchsorted(self.breaks, value))}"

    @property
    def classes(self) -> list[str]:
        """Every class, for the legend."""
        return [f"e{k}" for k in range(_DIVERGING)] if self.diverging else [
            f"q{k}" for k in range(CLASSES)
        ]  # fmt: skip


def shades_of(values: np.ndarray) -> Shades:
    """Choose classes: around zero if values have both signs, else from little to much."""
    seen = values[np.isfinite(values)]
    if seen.min() < 0 < seen.max():
        step = nice_step(float(np.abs(seen).max()) / 3.5)
        half = [0.5 * step, 1.5 * step, 2.5 * step]
        return Shades(True, (*(-each for each in reversed(half)), *half))
    return Shades(False, round_breaks(seen)[0])


def heat(
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    digits: int,
    locale: Locale,
    caption: str,
    *,
    unit: str,
    titles: tuple[str, str] = ("", ""),
    shades: Shades | None = None,
) -> Heat:
    """Return a table of values with colours and their legend.

    Parameters
    ----------
    values : numpy.ndarray, shape (n_rows, n_columns)
    rows, columns : sequence of str
        Their names.
    digits : int
        Decimals of the values.
    locale : Locale
    caption, unit : str
    titles : (str, str)
        What the rows and what the columns are.
    shades : Shades, optional
        By default those of `shades_of`.
    """
    shades, fixed = shades or shades_of(values), locale.numbers.fixed
    lines = [
        (name, [(shades.of(value), fixed(value, digits)) for value in line])
        for name, line in zip(rows, values.tolist(), strict=True)
    ]
    finest = max(least_decimals(each) for each in shades.breaks)
    breaks = [fixed(each, finest) for each in shades.breaks]
    return Heat(caption, columns, lines, Steps(shades.classes, breaks, unit=unit), *titles)
