"""The route of each railway line on which its load is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Route:
    """Segments of one line in the order in which a train runs through them.

    Attributes
    ----------
    line : str
    rows : tuple of int
        Rows of the table of segments.
    """

    line: str
    rows: tuple[int, ...]


def routes_by_line(segments: pd.DataFrame) -> list[Route]:
    """Return the route of each line through its fullest segment, the fullest line first.

    From its fullest segment a route follows the fullest of the next ones to both ends of the line.

    Parameters
    ----------
    segments : pandas.DataFrame
        The table of a result.
    """
    load, of_line = (segments[name].to_numpy() for name in ("load_factor", "line"))
    ends = list(zip(segments["from_stop"], segments["to_stop"], strict=True))
    found = []
    for line in dict.fromkeys(of_line):
        rows = _route(ends, np.flatnonzero(of_line == line), load)
        found.append((load[rows].max(), Route(str(line), tuple(rows))))
    return [route for _, route in sorted(found, key=lambda each: -each[0])]


def _route(all_ends: list[tuple[str, str]], mine: np.ndarray, load: np.ndarray) -> list[int]:
    ends = {int(row): all_ends[row] for row in mine}
    fullest = int(mine[np.argmax(load[mine])])
    rows, seen = [fullest], set(ends[fullest])

    def neighbours(stop: str, end: int) -> list[int]:
        """Return the segments with that end at a stop whose other end is new."""
        here = (row for row, each in ends.items() if each[end] == stop)
        return [row for row in here if ends[row][1 - end] not in seen]

    for end in (0, 1):
        while new := neighbours(ends[rows[-1 if end == 0 else 0]][1 - end], end):
            row = max(new, key=lambda each: load[each])
            rows.insert(len(rows) if end == 0 else 0, row)
            seen |= set(ends[row])
    return rows
