"""Read a territory's files as they stand, and turn checked cells into typed tables.

Reading and typing are apart so that a wrong cell can be shown exactly as it stands in the file.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from sim77.core.errors import nearest, why
from sim77.core.files import parquet_frame
from sim77.territory.schema import Column, Table

_COMMENT = re.compile(r"^#.*$", re.MULTILINE)
TEXTS = ("text", "date", "code")
"""The kinds of column that hold texts."""


@dataclass(frozen=True)
class RawTable:
    """A table as it stands in its file.

    Attributes
    ----------
    file
        Name of the file.
    content
        Its bytes, with line ends of one kind (so that a checkout does not change the hash).
    cells
        Text of every cell of CSV without spaces around it; cells of Parquet as they are.
    rows
        ``(n,)`` int, the row of the file each row of ``cells`` came from: of CSV the heading is
        row 1, of Parquet the first row is 0.
    problems
        What is wrong with the file as a whole; the cells are then not to be trusted.
    """

    file: str
    content: bytes
    cells: pd.DataFrame
    rows: np.ndarray
    problems: tuple[str, ...] = ()


def read_table(path: Path, table: Table) -> RawTable | None:
    """Read a table of the given form; return None if there is no such file."""
    file = path.name
    if not path.is_file():
        return None
    if table.suffix == ".parquet":
        return _read_parquet(path, table)
    try:
        content = path.read_bytes()
    except OSError as error:
        return _unreadable(file, b"", f"{file}: the file cannot be read ({error.strerror}).")
    return csv_table(file, table, content)


def csv_table(file: str, table: Table, content: bytes) -> RawTable:
    """Read the content of a CSV file; ``file`` is what sentences call it."""
    content = content.replace(b"\r\n", b"\n")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        return _unreadable(
            file,
            content,
            f"{file}, row {row}: the text is not UTF-8 (byte {content[error.start]:#04x}); "
            "save the file as 'CSV UTF-8'.",
        )
    if table.comments:
        text = _COMMENT.sub("", text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        lines = [[cell.strip() for cell in cells] for cells in reader]
    except csv.Error as error:
        return _unreadable(file, content, f"{file}: not a comma-separated table ({error}).")
    return as_table(file, table, content, lines)


def _read_parquet(path: Path, table: Table) -> RawTable:
    """Read a Parquet file; its cells keep their types, texts as categories."""
    file, no_rows = path.name, np.empty(0, dtype=int)
    texts = [each.name for each in table.columns if each.kind in TEXTS]
    try:
        cells = parquet_frame(path, read_dictionary=texts)
    except (OSError, pa.ArrowException) as error:
        said = why(error) if isinstance(error, OSError) else str(error)
        said = said.splitlines()[0].rstrip(".")
        return RawTable(
            file, b"", pd.DataFrame(), no_rows, (f"{file}: the file cannot be read ({said}).",)
        )
    problems = _heading_problems(file, table, [str(each) for each in cells.columns])
    for column in table.columns:
        if column.name in cells and not problems:
            numeric = pd.api.types.is_numeric_dtype(cells[column.name])
            if numeric == (column.kind in TEXTS):
                wanted = "texts" if numeric else "numbers"
                problems.append(
                    f"{file}, column {column.name!r}: {cells[column.name].dtype}, but must be a "
                    f"column of {wanted}."
                )
    return RawTable(file, path.read_bytes(), cells, np.arange(len(cells)), tuple(problems))


def _unreadable(file: str, content: bytes, problem: str) -> RawTable:
    return RawTable(file, content, pd.DataFrame(), np.empty(0, dtype=int), (problem,))


def as_table(file: str, table: Table, content: bytes, lines: list[list[str]]) -> RawTable:
    """Put the lines of a file into columns, or say why they do not form a table."""
    first = next((row for row, cells in enumerate(lines, start=1) if any(cells)), 0)
    if first != 1 and not (first and table.comments):
        return _unreadable(file, content, f"{file}, row 1: the column names are missing.")
    header = lines[first - 1]
    problems = _heading_problems(file, table, header)
    below = enumerate(lines[first:], start=first + 1)
    filled = [(row, cells) for row, cells in below if any(cells)]
    problems += [
        f"{file}, row {row}: {len(cells)} cells, but row {first} names {len(header)} columns."
        for row, cells in filled
        if len(cells) != len(header)
    ]
    if problems:
        return RawTable(file, content, pd.DataFrame(), np.empty(0, dtype=int), tuple(problems))
    columns = list(zip(*(cells for _, cells in filled), strict=True)) or [()] * len(header)
    cells = pd.DataFrame(dict(zip(header, map(list, columns), strict=True)), dtype=object)
    return RawTable(file, content, cells, np.array([row for row, _ in filled], dtype=int))


def _heading_problems(file: str, table: Table, header: list[str]) -> list[str]:
    """Say which columns are missing, unknown or given twice."""
    known = [column.name for column in table.columns]
    if len(header) == 1 and ";" in header[0]:
        return [f"{file}, row 1: columns are separated by ';', but must be separated by commas."]
    unknown = [] if table.others else [heading for heading in header if heading not in known]
    where = f"{file}, row 1" if table.suffix == ".csv" and not table.comments else file
    problems = [
        f"{where}: column {heading!r} is not known."
        f"{nearest(heading, [each for each in known if each not in header])}"
        for heading in unknown
    ]
    for column in table.columns:
        if column.required and column.name not in header:
            meant = nearest(column.name, header) if table.others else ""
            problems.append(f"{where}: column {column.name!r} is missing.{meant}")
    twice = sorted({heading for heading in header if header.count(heading) > 1})
    problems += [f"{where}: column {heading!r} is given twice." for heading in twice]
    return problems


def typed(table: Table, raw: RawTable | None) -> pd.DataFrame:
    """Return a checked table with typed columns, all those of the form, in its order.

    Texts and dates are ``str`` (dates as YYYY-MM-DD; blank is ``""``), whole numbers and flags
    int64, other numbers float64 (blank is NaN; a whole-number column with blanks is float64).
    """
    size = 0 if raw is None else len(raw.cells)
    columns = {}
    for column in table.columns:
        if raw is not None and column.name in raw.cells:
            columns[column.name] = _typed_column(column, raw.cells[column.name])
        else:
            blank = "0" if column.kind == "flag" else ""
            columns[column.name] = _typed_column(column, pd.Series([blank] * size, dtype=object))
    return pd.DataFrame(columns)


def _typed_column(column: Column, cells: pd.Series) -> pd.Series:
    if column.kind in TEXTS:
        return cells if isinstance(cells.dtype, pd.CategoricalDtype) else cells.astype(str)
    numbers = pd.to_numeric(cells, errors="coerce").astype(float)
    whole = column.kind in ("int", "flag") and not numbers.isna().any()
    return numbers.astype("int64") if whole else numbers
