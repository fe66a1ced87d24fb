"""The form of a territory: which tables it has, which columns, and what each may hold.

One list, :data:`TABLES`, from which the reader, the checker and the data dictionary are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim77.core.units import (
    AREA_TYPES,
    CENTRE_AREAS,
    CENTRE_KINDS,
    MODES,
    OCCUPATION_GROUPS,
    SERVICES,
)

Kind = Literal["text", "int", "number", "flag", "date", "code"]
"""``int`` a whole number, ``number`` any finite one, ``flag`` 0 or 1, ``date`` YYYY-MM-DD, ``code``
INSEE's of a commune."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, kind
        Heading in the file, and what its cells are.
    allowed
        The only texts allowed; empty: any.
    low, high
        Least and greatest number allowed; None: no limit.
    refers
        ``table.column`` that must hold the same text.
    required
        Whether the file must have the column; a missing one is read as blank (flags: 0).
    blank
        Whether a cell may be empty; an empty number is read as NaN, other kinds as ``""``.
    """

    name: str
    kind: Kind = "text"
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    refers: str | None = None
    required: bool = True
    blank: bool = False


@dataclass(frozen=True)
class Table:
    """One file: its name and ``suffix``.

    Attributes
    ----------
    columns
        In the order in which they are read.
    key
        The columns that together name a row; no two rows may agree in all of them. Empty: rows
        have no names.
    others
        Whether the file may have other columns, which are passed over.
    required, may_be_empty
        Whether the file must be there, and whether it may have a heading and nothing else.
    suffix
        ``.csv`` or ``.parquet``.
    comments
        Whether rows of CSV with # first are passed over.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = True
    may_be_empty: bool = False
    suffix: Literal[".csv", ".parquet"] = ".csv"
    others: bool = False
    comments: bool = False


def _remark(name: str) -> Column:
    """Return a column that may be absent or blank and that no calculation reads."""
    return Column(name, required=False, blank=True)


def _flag(name: str, required: bool = True) -> Column:
    return Column(name, "flag", required=required)


_MOST_PEOPLE = 2_000_000
"""More people than any commune of France has: what is above is a slip, not a place."""
_MOST_PLACES = 10_000

_LAT = Column("lat", "number", low=-90, high=90)
_LON = Column("lon", "number", low=-180, high=180)
_SOURCE = Column("source")
_NOTE = _remark("note")

_AREA_TYPE = Column("area_type", allowed=AREA_TYPES)
_AREA_KM2 = Column("area_km2", "number", low=0.001, high=20_000)
_MOST_UTILITY = 1000.0

TABLES: dict[str, Table] = {
    "communes": Table(
        (
            Column("code", "code"),
            Column("name"),
            Column("department"),
            _AREA_TYPE,
            _LAT,
            _LON,
            _AREA_KM2,
            Column("population", "int", low=0, high=_MOST_PEOPLE),
            Column("density_per_km2", "number", low=0, required=False, blank=True),
            Column("fibre_start", "date"),
            _SOURCE,
        ),
        key=("code",),
    ),
    "workplaces": Table(
        (
            Column("code", "code"),
            Column("name"),
            Column("zone"),
            _AREA_TYPE,
            _LAT,
            _LON,
            _AREA_KM2,
            Column("jobs", "int", low=0, high=10 * _MOST_PEOPLE),
            _SOURCE,
        ),
        key=("code",),
    ),
    "flows": Table(
        (
            Column("commune", "code", refers="communes.code"),
            Column("workplace", "code", refers="workplaces.code"),
            Column("csp", "int", low=1, high=6),
            _flag("at_home"),
            Column("workers", "int", low=0, high=_MOST_PEOPLE),
        ),
        key=("commune", "workplace", "csp", "at_home"),
        suffix=".parquet",
    ),
    "telecentres": Table(
        (
            Column("telecentre_id"),
            Column("name"),
            Column("commune_code"),
            _LAT,
            _LON,
            _remark("coord_precision"),
            _remark("commune_confidence"),
            _flag("in_territory"),
            _remark("status_dec_2013"),
            Column("kind", allowed=CENTRE_KINDS),
            Column("area", allowed=CENTRE_AREAS),
            Column("opening_date", "date", blank=True),
            _flag("opening_estimated"),
            Column("closing_date", "date", blank=True),
            _flag("closing_estimated", required=False),
            _flag("observed_open", required=False),
            Column("observed_opening_date", "date", required=False, blank=True),
            _flag("observed_opening_estimated", required=False),
            Column("floor_m2", "number", low=1, high=1_000_000, required=False, blank=True),
            Column("floor_estimated", allowed=("0", "1"), required=False, blank=True),
            Column("desks", "int", low=0, high=10_000),
            _flag("desks_estimated"),
            *(_flag(name, required=False) for name in (*SERVICES, "rooms_for_hire")),
            _flag("services_estimated", required=False),
            _remark("operator"),
            _remark("later_fate"),
            _flag("assumed", required=False),
            _SOURCE,
            _NOTE,
        ),
        key=("telecentre_id",),
        may_be_empty=True,
    ),
    "mode_choice": Table(
        (
            Column(
                "term", allowed=("mu_mode", "area", "occupation", "density_home", "density_work")
            ),
            Column("mode", allowed=MODES, blank=True),
            Column("origin", allowed=AREA_TYPES, blank=True),
            Column("destination", allowed=AREA_TYPES, blank=True),
            Column("occupation", allowed=OCCUPATION_GROUPS, blank=True),
            Column("value", "number", low=-_MOST_UTILITY, high=_MOST_UTILITY),
            _SOURCE,
        ),
        key=("term", "mode", "origin", "destination", "occupation"),
        required=False,
        may_be_empty=True,
    ),
    "telecentre_names": Table(
        (
            Column("telecentre_id", refers="telecentres.telecentre_id"),
            Column("name_fr"),
            Column("name_en"),
        ),
        key=("telecentre_id",),
        required=False,
        may_be_empty=True,
    ),
    "base_loads": Table(
        (
            Column("kind", allowed=("segment", "section")),
            Column("number", "int", low=0),
            Column("load", "number", low=0, high=10_000_000),
        ),
        key=("kind", "number"),
        required=False,
        may_be_empty=True,
        suffix=".parquet",
    ),
    "rail_changes": Table(
        (
            Column("date", "date"),
            Column("line"),
            Column("field", allowed=("seats_per_train", "places_per_train")),
            Column("value", "number", low=1, high=_MOST_PLACES),
            _SOURCE,
            _NOTE,
        ),
        key=("date", "line", "field"),
        required=False,
        may_be_empty=True,
    ),
    "sources": Table(
        (Column("source_id"), Column("text"), Column("licence"), _NOTE),
        key=("source_id",),
        required=False,
    ),
}
"""The tables of a territory, but for those of its trains (``transit/``) and roads (``road/``)."""
