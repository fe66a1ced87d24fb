"""New lines of public transport: tables of stops and minutes, which a scenario adds to a territory.

What they make of journeys is in `sim77.territory.build.new_lines`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path

import pandas as pd

from sim77.core.errors import TerritoryError
from sim77.core.geography import crow_fly_km
from sim77.territory.check import checked
from sim77.territory.read import csv_table, read_table
from sim77.territory.schema import Column, Table
from sim77.territory.transit_tables import LINES

_OF_LINE = ("kind", "seats_per_train", "places_per_train")
NEW_LINES = Table(
    (
        Column("line"),
        Column("label_fr"),
        Column("label_en"),
        *(column for column in LINES.columns if column.name in _OF_LINE),
        Column("trains_per_hour", "number", low=0.01, high=100),
        Column("order", "int", low=0),
        Column("stop"),
        Column("lat", "number", low=-90, high=90),
        Column("lon", "number", low=-180, high=180),
        Column("minutes", "number", low=0, high=600),
        Column("source"),
    ),
    key=("line", "stop"),
)
"""A row a stop: ``order`` sorts the stops, ``minutes`` count from the first one; what is said of a
line is the same in all its rows."""

MOST_KMH = 320
"""From stop to stop as the crow flies: no train in France is faster."""


@dataclass(frozen=True)
class Stop:
    """A stop of a new line; ``minutes`` count from the first one."""

    stop: str
    lat: float
    lon: float
    minutes: float


@dataclass(frozen=True)
class NewLine:
    """A line that a territory does not have; trains run in both directions.

    Attributes
    ----------
    line, label_fr, label_en
        Its name and labels.
    kind
        rer, train, metro or tram.
    seats_per_train, places_per_train
        Seated, and all.
    trains_per_hour
        In the morning peak, each direction.
    source
        Where this is from, and what of it is an estimate.
    stops
        In order.
    """

    line: str
    label_fr: str
    label_en: str
    kind: str
    seats_per_train: float
    places_per_train: float
    trains_per_hour: float
    source: str
    stops: tuple[Stop, ...]

    def renamed(self, names: Mapping[str, str]) -> NewLine:
        """Return the line with other names of some stops."""
        stops = (replace(each, stop=names.get(each.stop, each.stop)) for each in self.stops)
        return replace(self, stops=tuple(stops))

    def to_csv(self) -> str:
        """Write the table that `lines_of` reads back to the same line."""
        rows = [
            {**{name: getattr(self, name) for name in _SAID}, "order": order, **vars(stop)}
            for order, stop in enumerate(self.stops)
        ]
        columns = [column.name for column in NEW_LINES.columns]
        return pd.DataFrame(rows)[columns].to_csv(index=False, lineterminator="\n")


_SAID = tuple(each.name for each in fields(NewLine) if each.name != "stops")


def lines_of(table: Path | str) -> tuple[NewLine, ...]:
    """Return the lines of a table.

    Parameters
    ----------
    table : Path or str
        A file, or the text of one.

    Raises
    ------
    TerritoryError
        One sentence: the row and column, what was expected and what came.
    """
    if isinstance(table, Path):
        raw = read_table(table, NEW_LINES)
        if raw is None:
            raise TerritoryError(f"{table}: there is no such file.")
    else:
        raw = csv_table("the table", NEW_LINES, table.encode())
    rows = checked(raw, NEW_LINES).sort_values(["line", "order"], kind="stable")
    return tuple(_line(str(name), mine) for name, mine in rows.groupby("line", sort=True))


def _line(name: str, rows: pd.DataFrame) -> NewLine:
    for column in _SAID:
        if rows[column].nunique() > 1:
            one, other = rows[column].unique()[:2]
            raise TerritoryError(
                f"line '{name}': {column} must be the same for all its stops, not {one} and "
                f"{other}."
            )
    said = rows[list(_SAID)].to_dict("records")[0]
    names = [each.name for each in fields(Stop)]
    stops = tuple(Stop(**{str(k): v for k, v in each.items()})
                  for each in rows[names].to_dict("records"))  # fmt: skip
    twice = rows["order"][rows["order"].duplicated()]
    if len(twice):
        raise TerritoryError(
            f"line '{name}': order must differ from stop to stop, but {twice.iloc[0]} comes twice."
        )
    if len(stops) < 2:
        raise TerritoryError(f"line '{name}' must have two stops or more, not {len(stops)}.")
    for before, after in pairwise(stops):
        if after.minutes <= before.minutes:
            raise TerritoryError(
                f"line '{name}': minutes must grow from stop to stop in the order of 'order', not "
                f"go from {before.minutes:g} at '{before.stop}' to {after.minutes:g} at "
                f"'{after.stop}'."
            )
        km = float(crow_fly_km(before.lat, before.lon, after.lat, after.lon))
        speed_kmh = 60.0 * km / (after.minutes - before.minutes)
        if speed_kmh > MOST_KMH:
            raise TerritoryError(
                f"line '{name}': from '{before.stop}' to '{after.stop}' it runs {km:,.1f} km in "
                f"{after.minutes - before.minutes:g} minutes, at most {MOST_KMH} km/h; are "
                "lat and lon, or minutes, right?"
            )
    if said["places_per_train"] < said["seats_per_train"]:
        raise TerritoryError(
            f"line '{name}': places_per_train must be at least seats_per_train, "
            f"{said['seats_per_train']:g}, not {said['places_per_train']:g}."
        )
    return NewLine(**{str(key): value for key, value in said.items()}, stops=stops)
