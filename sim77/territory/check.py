"""Find what is wrong with a territory's tables, in sentences that say where and what is allowed.

A sentence names the file, the row (the heading is row 1), the column, what stands there and what
may stand there. Tables are checked one by one first; only sound ones are compared with each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim77.core.errors import TerritoryError, nearest
from sim77.territory.read import RawTable, read_table, typed
from sim77.territory.rules import Rule
from sim77.territory.schema import Column, Table

Forms = Mapping[str, Table]

_MOST_OF_A_KIND = 10
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
_CODE = r"[0-9][0-9A-Z]{4}"
_UNPRINTABLE = r"[\x00-\x08\x0b-\x1f\x7f]"


def read_tables(folder: Path, forms: Forms) -> dict[str, RawTable | None]:
    """Read every table of the forms as it stands; None where there is no file."""
    return {name: read_table(folder / f"{name}{form.suffix}", form) for name, form in forms.items()}


def table_problems(
    folder: Path,
    forms: Forms,
    rules: Sequence[tuple[tuple[str, ...], Rule]],
    raw_tables: Mapping[str, RawTable | None],
) -> list[str]:
    """Return what is wrong with tables that were read from ``folder``."""
    if not folder.is_dir():
        return [f"{folder}: there is no such folder; a territory is a folder of tables."]
    problems: list[str] = []
    sound: dict[str, RawTable] = {}
    for name, raw in raw_tables.items():
        if raw is None:
            if forms[name].required:
                problems.append(f"{name}{forms[name].suffix}: the file is missing in '{folder}'.")
            continue
        found = list(raw.problems) or _cell_problems(forms[name], raw)
        problems += found
        if not found:
            sound[name] = raw
    for name, raw in sound.items():
        problems += _reference_problems(forms[name], raw, sound)
    wanted = {name for needed, _ in rules for name in needed}
    tables = {name: typed(forms[name], raw) for name, raw in sound.items() if name in wanted}
    for needed, rule in rules:
        if all(name in tables for name in needed):
            problems += rule(tables, {name: sound[name].rows for name in needed})
    return problems


def raise_first(folder: Path, problems: Sequence[str]) -> None:
    """Raise `TerritoryError` for the first problem, if any, with the number of the others."""
    if problems:
        others = len(problems) - 1
        more = f" (and {others} more: sim77 territory check {folder})" if others else ""
        raise TerritoryError(problems[0] + more)


def checked_table(path: Path, table: Table) -> pd.DataFrame:
    """Read a file of a given form by itself; see `checked`."""
    raw = read_table(path, table)
    if raw is None:
        raise TerritoryError(f"{path}: there is no such file.")
    return checked(raw, table)


def checked(raw: RawTable, table: Table) -> pd.DataFrame:
    """Return a table typed, its cells checked each by itself.

    Raises
    ------
    TerritoryError
        The first thing that is wrong, and how many others there are.
    """
    problems = list(raw.problems) or _cell_problems(table, raw)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise TerritoryError(problems[0] + more)
    return typed(table, raw)


def _cell_problems(table: Table, raw: RawTable) -> list[str]:
    """Check every cell by itself, and that no row is named twice."""
    if raw.cells.empty and not table.may_be_empty:
        return [f"{raw.file}: the table has no rows."]
    problems: list[str] = []
    for column in table.columns:
        if column.name in raw.cells:
            cells = raw.cells[column.name]
            blank = (cells == "").to_numpy()
            wrong = ~blank & ~_right(column, cells)
            if not column.blank:
                wrong |= blank
            problems += told(raw, column.name, wrong, _allowed(column))
    return problems + _duplicates(table, raw)


def _duplicates(table: Table, raw: RawTable) -> list[str]:
    """Check that no two rows agree in all columns of the table's key."""
    problems: list[str] = []
    key = [each for each in table.key if each in raw.cells]
    if not key:
        return problems
    twice = raw.cells.duplicated(key).to_numpy()
    shown = raw.cells[key].astype(str).agg(", ".join, axis=1) if twice.any() else raw.cells[key[0]]
    for place in np.flatnonzero(twice)[:_MOST_OF_A_KIND]:
        first = np.flatnonzero((shown == shown.iloc[place]).to_numpy())[0]
        problems.append(
            f"{raw.file}, row {raw.rows[place]}, column {' + '.join(key)!r}: "
            f"{shown.iloc[place]!r} is already in row {raw.rows[first]}; each may occur once."
        )
    return problems


def _right(column: Column, cells: pd.Series) -> np.ndarray:
    """Return which cells ``(n,)`` hold what the column allows, blanks aside."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        right = _right(column, pd.Series(cells.cat.categories, dtype=object))
        return np.append(right, False)[cells.cat.codes]  # the last for what is missing
    if pd.api.types.is_bool_dtype(cells):
        return np.full(len(cells), column.kind == "flag")
    if column.allowed:
        return cells.isin(column.allowed).to_numpy()
    if column.kind == "text":
        return ~cells.str.contains(_UNPRINTABLE).to_numpy(bool)
    if column.kind == "code":
        return cells.str.fullmatch(_CODE).to_numpy(bool)
    if column.kind == "flag":
        return cells.isin(("0", "1", 0, 1)).to_numpy()
    if column.kind == "date":
        return np.array([_is_date(cell) for cell in cells], dtype=bool)
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    right = np.isfinite(numbers)
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    right &= (numbers >= low) & (numbers <= high)
    if column.kind == "int":
        right &= numbers == np.round(numbers)
    return right


def _is_date(text: str) -> bool:
    # fromisoformat also takes 20140701 and 2014-W27, which would not sort as text.
    try:
        day = dt.date.fromisoformat(text)
        return day.isoformat() == text and _FIRST_YEAR <= day.year <= _LAST_YEAR
    except ValueError:
        return False


def _allowed(column: Column) -> str:
    """Say in words what the column allows."""
    if column.allowed:
        words = f"one of {', '.join(column.allowed)}"
    elif column.kind == "date":
        words = f"a date as YYYY-MM-DD from {_FIRST_YEAR} to {_LAST_YEAR}"
    elif column.kind == "flag":
        words = "0 or 1"
    elif column.kind == "text":
        words = "a text without control characters"
    elif column.kind == "code":
        words = "a code of five digits or capitals, a digit first, like 77288 or 2A004"
    else:
        words = "a whole number" if column.kind == "int" else "a number with a decimal point"
        if column.low is not None and column.high is not None:
            words += f" from {column.low:,.10g} to {column.high:,.10g}"
        elif column.low is not None:
            words += f" of at least {column.low:g}"
    return words + (" or blank" if column.blank else "")


def told(
    raw: RawTable, column: str, wrong: np.ndarray, allowed: str, known: tuple[str, ...] = ()
) -> list[str]:
    """Write one sentence for each wrong cell ``(n,)``, up to a limit, then a count of the rest."""
    places = np.flatnonzero(wrong)
    problems = []
    for place in places[:_MOST_OF_A_KIND]:
        cell = _cell(raw.cells[column], place)
        came = "the cell is empty" if cell == "" else repr(cell)
        meant = nearest(cell, known) if isinstance(cell, str) and cell else ""
        problems.append(
            f"{raw.file}, row {raw.rows[place]}, column {column!r}: {came}, "
            f"but must be {allowed}.{meant}"
        )
    if len(places) > _MOST_OF_A_KIND:
        more = len(places) - _MOST_OF_A_KIND
        problems.append(f"{raw.file}, column {column!r}: {more} more cells like that.")
    return problems


def _cell(cells: pd.Series, place: int) -> Any:
    """Return a cell as a plain value; what is missing among texts is an empty one."""
    cell = cells.iloc[place]
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return "" if pd.isna(cell) else cell
    return cell.item() if isinstance(cell, np.generic) else cell


def _reference_problems(form: Table, raw: RawTable, sound: Mapping[str, RawTable]) -> list[str]:
    """Check that every cell that names a row of another table names one that is there."""
    problems = []
    for column in form.columns:
        if column.refers is None or column.name not in raw.cells:
            continue
        table, other = column.refers.split(".")
        if table not in sound:
            continue
        known = tuple(sound[table].cells[other])
        cells = raw.cells[column.name]
        wrong = ~cells.isin((*known, "") if column.blank else known).to_numpy()
        problems += told(raw, column.name, wrong, f"a {other} of {table}.csv", known)
    return problems
