"""What rows of marks and coloured cells show, as data: the script of the page draws them.

Each row stands in the page with its name and its values, so that it can be read without the script
(``web/src/page/charts.js``). Others are `sim77.report.page.Chart`, where they are used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.report.locale import Locale
from sim77.report.page import Heat, Legend, Row, Track
from sim77.report.scales import nice_step, round_breaks


@dataclass(frozen=True)
class Bar:
    """A value with its interval (NaN without), the text beside it and the kind of its mark."""

    value: float
    low: float = math.nan
    high: float = math.nan
    text: str = ""
    kind: str = "share"


def bars(rows: Iterable[tuple[str, Sequence[Bar]]]) -> list[Row]:
    """Return rows of bars from zero with their intervals, which the page draws to one scale.

    Parameters
    ----------
    rows : iterable of (str, sequence of Bar)
        Name, and a bar or more one below another.
    """
    return [
        Row(
            name,
            [
                Track({"marks": [(each.kind, 0.0, each.value), ("whisker", each.low, each.high)]},
                      each.text)
                for each in of_row
            ],
        )
        for name, of_row in rows
    ]  # fmt: skip


def shades_of(values: np.ndarray) -> dict[str, Any]:
    """Choose colours: around zero if values have both signs, else from little to much.

    Returns
    -------
    dict
        ``prefix`` of the colours, ``v`` around zero or ``q``, and ``breaks`` between them.
    """
    seen = values[np.isfinite(values)]
    if seen.min() < 0 < seen.max():
        step = nice_step(float(np.abs(seen).max()) / 3.5)
        half = [0.5 * step, 1.5 * step, 2.5 * step]
        return {"prefix": "v", "breaks": (*(-each for each in reversed(half)), *half)}
    return {"prefix": "q", "breaks": round_breaks(seen)[0]}


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
    shades: Mapping[str, Any] | None = None,
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
    shades : mapping, optional
        By default those of `shades_of`.
    """
    shades = shades or shades_of(values)
    lines = [
        (name, [locale.numbers.fixed(value, digits) for value in line])
        for name, line in zip(rows, values.tolist(), strict=True)
    ]
    data = {"values": values, **shades}
    return Heat(caption, columns, lines, data, Legend(**shades, unit=unit), *titles)
