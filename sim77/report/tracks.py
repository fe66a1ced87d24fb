"""Charts of rows with marks on a scale: bars with intervals, dots with intervals, ranges.

The page draws them with styles alone (``.track`` in ``templates/page.css``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

Mark = tuple[str, str]
"""The class of a mark and its place on the track, a style."""


@dataclass(frozen=True)
class Track:
    """Marks on one scale, with the value that stands beside them.

    Attributes
    ----------
    marks : sequence of (str, str)
        In the order in which they are drawn; one without a place is left out.
    value : str
    style : str
        Class of the track.
    """

    marks: Sequence[Mark]
    value: str = ""
    style: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a chart: a name, one track or several, and words.

    Attributes
    ----------
    name : str
    tracks : sequence of Track
    value, unit, detail, verdict : str
        Said beside the name of rows whose tracks have no values.
    notes : sequence of str
        Paragraphs below.
    state : str
        Class of the row.
    """

    name: str
    tracks: Sequence[Track]
    value: str = ""
    unit: str = ""
    detail: str = ""
    verdict: str = ""
    notes: Sequence[str] = ()
    state: str = ""


@dataclass(frozen=True)
class Scale:
    """Values as places on a track; what lies outside is drawn at the edge."""

    low: float
    high: float

    @classmethod
    def around(cls, values: Iterable[float], room: float = 0.03) -> Scale:
        """Return a scale with zero on it that holds values, and some room beyond them."""
        known = [0.0, *(each for each in values if math.isfinite(each))]
        low, high = min(known), max(known)
        space = 0.5 * room * ((high - low) or 1.0)
        return cls(low - space, high + space)

    def place(self, value: float) -> float:
        """Return a value's place in percent of the track."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return 100.0 * min(max(share, 0.0), 1.0)

    def at(self, value: float) -> str:
        """Return the style of a mark at a value; blank where there is none."""
        return "" if math.isnan(value) else f"left:{self.place(value):.2f}%"

    def between(self, one: float, other: float) -> str:
        """Return the style of a mark from one value to another; blank where one is unknown."""
        if math.isnan(one) or math.isnan(other):
            return ""
        left, right = sorted((self.place(one), self.place(other)))
        return f"left:{left:.2f}%;width:{right - left:.2f}%"


@dataclass(frozen=True)
class Bar:
    """A value with its interval (NaN without), the text beside it and the class of its colour."""

    value: float
    low: float = math.nan
    high: float = math.nan
    text: str = ""
    kind: str = "main"


def bars(rows: Iterable[tuple[str, Sequence[Bar]]], state: Sequence[str] = ()) -> list[Row]:
    """Return rows of bars from zero with their intervals, all to one scale.

    Parameters
    ----------
    rows : iterable of (str, sequence of Bar)
        Name, and a bar or more one below another.
    state : sequence of str
        Class of each row; may be empty.
    """
    rows = list(rows)
    every = [each for _, of_row in rows for each in of_row]
    scale = Scale.around(end for each in every for end in (each.value, each.low, each.high))
    found = []
    for number, (name, of_row) in enumerate(rows):
        tracks = [
            Track(
                (
                    (f"bar b-{each.kind}", scale.between(0.0, each.value)),
                    ("zero", scale.at(0.0)),
                    ("line", scale.between(each.low, each.high)),
                ),
                each.text,
            )
            for each in of_row
        ]
        found.append(Row(name, tracks, state=state[number] if state else ""))
    return found


def key(*marks: Mark) -> Markup:
    """Return marks as the key of a chart."""
    drawn = Markup("").join(
        Markup('<i class="{}" style="{}"></i>').format(kind, at) for kind, at in marks
    )
    return Markup('<span class="track" aria-hidden="true">{}</span>').format(drawn)
