"""Observations kept beside a territory, in its folder ``observed``, to compare its supply with.

Only `sim77 territory validate` reads them, and `sim77 territory fit --boardings` where it is given
the counts among them: no run and no hash of the territory does.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sim77.core.errors import TerritoryError, nearest
from sim77.territory.check import checked_table
from sim77.territory.schema import Column, Table
from sim77.territory.territory import Territory

FOLDER = "observed"
BOUNDS = ("within", "at_least", "at_most")
BASES = ("unseen", "fitted", "input", "estimate", "fitted_estimate")
"""Whether a figure was kept aside, or a fit has used it or one of the same source, or the tables
of the territory were made from it; one that this project has estimated is no observation."""
ANSWERS = ("public_transport", "car", "walk_two_wheelers")
"""What a census calls modes; motorised two-wheelers are with walking and cycling."""

_SOURCE = Column("source_id")


def _count(name: str) -> Column:
    return Column(name, "number", low=0, high=10_000_000)


OBSERVED: dict[str, Table] = {
    "published": Table(
        (
            Column("measure"),
            Column("of", blank=True),
            Column("value", "number"),
            Column("tolerance", "number", low=0, blank=True),
            Column("bound", allowed=BOUNDS),
            Column("basis", allowed=BASES),
            _SOURCE,
            Column("note_fr", blank=True),
            Column("note_en", blank=True),
        ),
        key=("measure", "of", "source_id"),
    ),
    "modes": Table(
        (Column("commune", "code"), *map(_count, ANSWERS)),
        key=("commune",),
        required=False,
    ),
    "boardings": Table(
        (Column("station"), Column("line"), _count("boardings")),
        key=("station", "line"),
        required=False,
    ),
    "timetable": Table(
        (
            Column("commune", "code"),
            Column("workplace", "code"),
            Column("minutes", "number", low=0, high=1440),
        ),
        key=("commune", "workplace"),
        required=False,
    ),
    "sources": Table(
        (Column("source_id"), Column("text"), Column("licence"), Column("url", blank=True)),
        key=("source_id",),
    ),
}
"""The tables of the folder.

``published``: one figure a row, compared with the measure of the same name
(`sim77.analysis.supply_check.measures`) of the subject ``of``; a blank tolerance is 15 % of the
value. ``modes``: workers by commune of residence and main mode. ``boardings``: 6 to 10 on a working
day. ``timetable``: minutes from door to door by the trains of the timetable that arrive earliest.
"""


@dataclass(frozen=True)
class Observed:
    """The tables of `OBSERVED`; those that are not there have no rows."""

    published: pd.DataFrame
    modes: pd.DataFrame
    boardings: pd.DataFrame
    timetable: pd.DataFrame
    sources: pd.DataFrame


def read_observed(territory: Territory) -> Observed:
    """Read what is kept beside a territory.

    Raises
    ------
    TerritoryError
        If nothing is, or in one sentence what is wrong, and where.
    """
    folder = territory.folder / FOLDER
    if not folder.is_dir():
        raise TerritoryError(
            f"'{territory.name}' has no folder '{FOLDER}' of observations to compare it with; "
            "docs/territories.md says what it may hold."
        )
    tables = {
        name: checked_table(folder / f"{name}.csv", table)
        if table.required or (folder / f"{name}.csv").is_file()
        else pd.DataFrame(columns=[each.name for each in table.columns])
        for name, table in OBSERVED.items()
    }
    known = list(tables["sources"]["source_id"])
    for name in tables["published"]["source_id"]:
        if name not in known:
            raise TerritoryError(
                f"published.csv names the source '{name}', which is not in sources.csv."
                f"{nearest(name, known)}"
            )
    return Observed(**tables)
