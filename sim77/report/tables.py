"""Tables as pages show them: texts in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sim77.report.locale import Locale


@dataclass(frozen=True)
class Table:
    """A table to be shown.

    Attributes
    ----------
    heads : tuple of str
        Of the columns; the first columns are names, the last may be words, the others are numbers.
    rows : sequence of sequence of str
    names : int
        How many columns, from the first, hold names.
    words : int
        How many columns, from the last, hold words.
    prefix : str
        With the number of the row, the key by which the map finds it; blank when there is none.
    numbers : sequence of int
        The numbers of the rows; from 0 on if left out.
    file : str
        The file of the result that holds all columns; blank when there is none.
    of : sequence of int or None
        The indicator of the map that a column belongs to, None for columns of all; may be empty.
    """

    heads: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    names: int = 1
    words: int = 0
    prefix: str = ""
    numbers: Sequence[int] = ()
    file: str = ""
    of: Sequence[int | None] = ()


def heads(locale: Locale, keys: str, prefix: str = "c_") -> tuple[str, ...]:
    """Return the heads of columns by their keys, which begin with a prefix among the words."""
    return tuple(locale.words[prefix + key] for key in keys.split())


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
