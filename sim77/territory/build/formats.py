"""Recognise INSEE's files on work and read them in pieces, whatever their year and container.

Four kinds are known: the detail file on commuting (one row a person, weighted), the base of flows
(one row a pair of communes), and of residents at work (one row a commune) their occupations and
their ways to work. All come as semicolon-separated text or Parquet, alone or inside a zip. Only the
columns that are needed are decoded, so accents in UTF-8 or Latin-1 do not matter.
"""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import IO, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sim77.core.errors import TerritoryError

Kind = Literal["detail", "flows", "occupations", "ways"]

FIRST_VINTAGE = 2006
DELIMITER = ";"
COLUMNS: dict[Kind, dict[str, str]] = {
    "detail": {
        "residence": r"COMMUNE",
        "workplace": r"DCLT",
        "weight": r"IPONDI",
        "arrondissement": r"ARM",
        "mode": r"TRANS",
        # PCS 2020 renamed CS1 to GS; the codes 1 to 6 kept their meaning.
        "occupation": r"CS1|GS",
    },
    "flows": {
        "residence": r"CODGEO",
        "workplace": r"DCLT",
        "weight": r"NBFLUX_C\d\d_ACTOCC15P?",
    },
    "occupations": {
        "residence": r"CODGEO",
        # The census of 2022 has another name for the same groups.
        **{f"csp{n}": rf"WEIGHTS_ACTOCC1564_(CS|STAT_GSEC1){n}" for n in range(1, 7)},
    },
    "ways": {
        "residence": r"CODGEO",
        "workers": r"WEIGHTS_ACTOCC15P",
        "at_home": r"WEIGHTS_ACTOCC15P_PAS(TRANS)?",
        "by_car": r"WEIGHTS_ACTOCC15P_VOIT(URE)?",
    },
}
"""Role of a column, and the pattern of its name in either case; ``WEIGHTS`` is one for all columns
of a table: a census and which of its two weights, C14, P14 …"""
MOST_PERSONS = 10_000_000


class NoSuchTableError(TerritoryError):
    """A file is sound, but no table of a kind that was asked for."""


_TEXTS = ("residence", "workplace", "arrondissement", "mode", "occupation")
_OPTIONAL = ("arrondissement", "mode", "occupation")
_EXPECTED = {
    "detail": "COMMUNE, DCLT and IPONDI (detail file on commuting)",
    "flows": "CODGEO, DCLT and NBFLUX_C.._ACTOCC15P (base of flows)",
    "occupations": "CODGEO and C.._ACTOCC1564_CS1 to _CS6 (base-cc-emploi-pop-active)",
    "ways": "CODGEO, P.._ACTOCC15P, P.._ACTOCC15P_PASTRANS and _VOITURE (base-cc-caract_emp)",
}
"""What is said of the columns of a kind."""
_OTHER_DELIMITERS = {",": "','", "\t": "tabs", "|": "'|'"}
_READABLE = "sim77 reads INSEE's .csv, .txt and .parquet files, also inside a .zip"
_HEAD_BYTES = 1 << 20
# The reader keeps up to 32 blocks ahead in memory.
_BLOCK_BYTES = 1 << 20
_PARQUET_ROWS = 65_536
_MOST_NAMED = 12


@dataclass(frozen=True)
class InseeFile:
    """One recognised table.

    Attributes
    ----------
    name
        What messages call it: the file, and the member of the zip after a slash.
    path, member
        Where it is; member is None outside a zip.
    kind
        One of `COLUMNS`.
    parquet
        Whether it is Parquet, else delimited text.
    headings
        The column names as they stand in it.
    positions
        Position of each role's column.
    vintage
        Census year, by a column's name or the file's; None when neither says it.
    """

    name: str
    path: Path
    member: str | None
    kind: Kind
    parquet: bool
    headings: tuple[str, ...]
    positions: dict[str, int]
    vintage: int | None


@dataclass(frozen=True)
class Batch:
    """A piece of a table.

    Attributes
    ----------
    first_row
        Row of the file the piece begins with; the heading is row 1.
    texts
        Role to ``(n,)`` trimmed text; a missing cell is ``""``.
    cells
        Role to the ``(n,)`` cells of persons as they stand; see `persons_of`.
    """

    first_row: int
    texts: dict[str, pa.StringArray]
    cells: dict[str, pa.Array]


# Recognising ---------------------------------------------------------------------------------


def recognise(path: Path, kinds: Sequence[Kind]) -> list[InseeFile]:
    """Return the tables of some kinds in a file: one, or those of a zip.

    Raises
    ------
    TerritoryError
        There is none: what was found and what was expected.
    """
    if not path.exists():
        raise TerritoryError(f"{path}: there is no such file.")
    if path.is_dir():
        raise TerritoryError(f"{path} is a folder; name the INSEE file in it.")
    if path.suffix.lower() in (".xls", ".xlsx", ".ods", ".dbf", ".gz", ".7z"):
        raise TerritoryError(f"{path.name}: {path.suffix} is not a form sim77 reads; {_READABLE}.")
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            if stream.read(2) == b"PK":
                raise TerritoryError(f"{path.name} is a damaged zip.")
        return [_recognise_one(path, None, kinds)]
    with zipfile.ZipFile(path) as archive:
        entries = sorted(archive.infolist(), key=lambda each: -each.file_size)
    members = [each.filename for each in entries if not each.is_dir()]
    candidates = [
        name for name in members if Path(name).suffix.lower() in (".csv", ".txt", ".parquet")
    ]
    if not candidates:
        held = ", ".join(members[:_MOST_NAMED]) or "nothing"
        raise TerritoryError(f"{path.name} holds {held}, but no table; {_READABLE}.")
    return _recognise_members(path, candidates, kinds)


def _recognise_members(path: Path, members: list[str], kinds: Sequence[Kind]) -> list[InseeFile]:
    """Return such tables among the members of a zip, the largest first."""
    found: list[InseeFile] = []
    reasons: list[TerritoryError] = []
    for member in members:
        try:
            found.append(_recognise_one(path, member, kinds))
        except NoSuchTableError as error:
            # INSEE's zips also hold the list of the variables; damage, though, is always told.
            reasons.append(error)
    if not found:
        raise reasons[0]
    return found


def _recognise_one(path: Path, member: str | None, kinds: Sequence[Kind]) -> InseeFile:
    name = path.name if member is None else f"{path.name}/{member}"
    with _opened(path, member, name) as stream:
        head = stream.read(_HEAD_BYTES)
    parquet = head.startswith(b"PAR1")
    headings = _parquet_headings(path, member, name) if parquet else _text_headings(head, name)
    matched = _match(headings, kinds)
    if matched is None:
        if not parquet:
            _refuse_other_delimiter(head, name, kinds)
        expected = " or ".join(_EXPECTED[kind] for kind in kinds)
        raise NoSuchTableError(
            f"{name} has the columns {_listed(headings)}, but INSEE's file has {expected}."
        )
    kind, positions = matched
    vintage = _vintage(kind, headings, positions, (member or "", path.name))
    return InseeFile(name, path, member, kind, parquet, headings, positions, vintage)


def _first_line(head: bytes, name: str) -> str:
    """Return the heading line as text, or say why there is none."""
    if not head.strip():
        raise NoSuchTableError(f"{name} is empty.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
        raise NoSuchTableError(f"{name} is not plain text in UTF-8 or Latin-1; {_READABLE}.")
    line = head.splitlines()[0]
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _text_headings(head: bytes, name: str) -> tuple[str, ...]:
    return _split(_first_line(head, name), DELIMITER)


def _split(line: str, delimiter: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))


def _refuse_other_delimiter(head: bytes, name: str, kinds: Sequence[Kind]) -> None:
    """Raise if the headings would be known with another delimiter."""
    line = _first_line(head, name)
    for delimiter, spoken in _OTHER_DELIMITERS.items():
        if _match(_split(line, delimiter), kinds):
            raise TerritoryError(
                f"{name} separates its columns by {spoken}, but INSEE's files use '{DELIMITER}'; "
                "save it again with that."
            )


def _parquet_headings(path: Path, member: str | None, name: str) -> tuple[str, ...]:
    with _seekable(path, member, name) as stream:
        try:
            return tuple(pq.read_schema(stream).names)
        except (pa.ArrowException, OSError) as error:
            raise TerritoryError(f"{name} is damaged ({_short(error)}).") from None


def _match(headings: tuple[str, ...], kinds: Sequence[Kind]) -> tuple[Kind, dict[str, int]] | None:
    """Return the kind of a table and its columns by role, or None if it is of none of `kinds`."""
    for kind, weights in product(kinds, _weights(headings)):
        positions = {
            role: place
            for role, pattern in COLUMNS[kind].items()
            if (place := _place(headings, pattern.replace("WEIGHTS", weights))) is not None
        }
        if all(role in positions or role in _OPTIONAL for role in COLUMNS[kind]):
            return kind, positions
    return None


def _weights(headings: tuple[str, ...]) -> list[str]:
    """Return the weights of column names, C19, P19, C14 …, and none for tables without."""
    found = {each[:3].upper() for each in headings if re.match(r"[CP]\d\d_", each, re.IGNORECASE)}
    return [*sorted(sorted(found), key=lambda each: each[1:], reverse=True), ""]


def _place(headings: tuple[str, ...], pattern: str) -> int | None:
    fits = (i for i, each in enumerate(headings) if re.fullmatch(pattern, each, re.IGNORECASE))
    return next(fits, None)


def _listed(headings: tuple[str, ...]) -> str:
    named = ", ".join(each or "(blank)" for each in headings[:_MOST_NAMED])
    more = len(headings) - _MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _vintage(
    kind: Kind, headings: tuple[str, ...], positions: dict[str, int], names: tuple[str, ...]
) -> int | None:
    """Return the census year: that of NBFLUX_C14_…, else the one in the member's or file's name."""
    role = {"flows": "weight", "occupations": "csp1", "ways": "workers"}.get(kind)
    if role is not None:
        return 2000 + int(re.findall(r"\d\d", headings[positions[role]])[0])
    for name in names:
        beside = re.search(r"(?:MOBPRO|RP|TRAVAIL)[_-]?(20\d\d)(?!\d)", name, re.IGNORECASE)
        anywhere = re.search(r"(?<!\d)(20\d\d)(?!\d)", name)
        found = beside or anywhere
        if found and int(found[1]) >= FIRST_VINTAGE:
            return int(found[1])
    return None


# Reading -------------------------------------------------------------------------------------


def read_batches(file: InseeFile) -> Iterator[Batch]:
    """Yield the rows of a table piece by piece, in the order of the file.

    Raises
    ------
    TerritoryError
        A row has the wrong number of cells, a weight is no number, or the file is damaged.
    """
    first_row = 2
    pieces = _parquet_pieces(file) if file.parquet else _text_pieces(file)
    for piece in pieces:
        columns = dict(zip(file.positions, piece, strict=True))
        texts = {role: _text(file, role, columns.pop(role)) for role in _TEXTS if role in columns}
        yield Batch(first_row, texts, columns)
        first_row += len(texts["residence"])


def _text_pieces(file: InseeFile) -> Iterator[list[pa.Array]]:
    wanted = [f"c{position}" for position in file.positions.values()]
    wrong: list[pacsv.InvalidRow] = []

    def refuse(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "error"

    with _opened(file.path, file.member, file.name) as stream:
        if len(stream.read(_HEAD_BYTES).splitlines()) < 2:
            return
        stream.seek(0)
        try:
            reader = pacsv.open_csv(
                stream,
                pacsv.ReadOptions(
                    use_threads=False,
                    block_size=_BLOCK_BYTES,
                    skip_rows=1,
                    column_names=[f"c{place}" for place in range(len(file.headings))],
                ),
                pacsv.ParseOptions(delimiter=DELIMITER, invalid_row_handler=refuse),
                pacsv.ConvertOptions(
                    include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())
                ),
            )
            for batch in reader:
                yield batch.columns
        except pa.ArrowInvalid as error:
            if not wrong:
                raise TerritoryError(f"{file.name} cannot be read ({_short(error)}).") from None
            raise TerritoryError(
                f"{file.name}, row {wrong[0].number}: {wrong[0].actual_columns} cells, but row 1 "
                f"names {len(file.headings)} columns."
            ) from None


def _parquet_pieces(file: InseeFile) -> Iterator[list[pa.Array]]:
    wanted = [file.headings[position] for position in file.positions.values()]
    with _seekable(file.path, file.member, file.name) as stream:
        try:
            table = pq.ParquetFile(stream, pre_buffer=False)
            for batch in table.iter_batches(_PARQUET_ROWS, columns=wanted, use_threads=False):
                yield [batch.column(name) for name in wanted]
        except (pa.ArrowException, OSError) as error:
            raise TerritoryError(f"{file.name} is damaged ({_short(error)}).") from None


def _text(file: InseeFile, role: str, column: pa.Array) -> pa.StringArray:
    """Return codes as trimmed text, numbers and dictionaries included; missing cells are ``""``."""
    try:
        return pc.utf8_trim_whitespace(pc.fill_null(pc.cast(column, pa.string()), ""))
    except pa.ArrowException:
        raise _wrong_type(file, role, column, "texts or numbers") from None


def persons_of(
    file: InseeFile, batch: Batch, role: str, rows: np.ndarray | None = None
) -> np.ndarray:
    """Return persons ``(n,)`` float64 of some rows of a piece, None for all.

    Raises
    ------
    TerritoryError
        The first of these rows that has none: its cell and column.
    """
    rows = np.arange(len(batch.cells[role])) if rows is None else np.flatnonzero(rows)
    weights = batch.cells[role].take(pa.array(rows))
    if pa.types.is_boolean(weights.type):
        raise _wrong_type(file, role, weights, "numbers")
    cells = pc.utf8_trim_whitespace(weights) if pa.types.is_string(weights.type) else weights
    try:
        numbers = pc.cast(cells, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        numbers = np.array([_number(each) for each in cells.to_pylist()])
    except pa.ArrowException:
        raise _wrong_type(file, role, weights, "numbers") from None
    wrong = ~(np.isfinite(numbers) & (numbers >= 0) & (numbers <= MOST_PERSONS))
    if wrong.any():
        place = int(np.argmax(wrong))
        heading = file.headings[file.positions[role]]
        raise TerritoryError(
            f"{file.name}, row {batch.first_row + rows[place]}, column '{heading}': "
            f"{weights[place].as_py()!r}, but must be a number from 0 to {MOST_PERSONS:,}, with a "
            "decimal point."
        )
    return numbers


def _wrong_type(file: InseeFile, role: str, column: pa.Array, wanted: str) -> TerritoryError:
    heading = file.headings[file.positions[role]]
    return TerritoryError(
        f"{file.name}, column '{heading}': holds {column.type}, but must hold {wanted}."
    )


def _number(text: str) -> float:
    """Return one weight, NaN for what is none; only to find the wrong one among many."""
    # Python's own reading is wider: it takes '1_000'.
    return float(text) if re.fullmatch(r"[+-]?[\d.]+([eE][+-]?\d+)?", text) else np.nan


# Opening -------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path, member: str | None, name: str) -> Iterator[IO[bytes]]:
    """Open a file or a member of a zip for reading bytes."""
    try:
        if member is None:
            with path.open("rb") as stream:
                yield stream
            return
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            yield stream
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise TerritoryError(f"{name} is damaged ({_short(error)}).") from None
    except (NotImplementedError, RuntimeError) as error:
        # Deflate64 or a password: what Windows and some portals write.
        raise TerritoryError(f"{name} cannot be unpacked here ({_short(error)}).") from None


@contextmanager
def _seekable(path: Path, member: str | None, name: str) -> Iterator[IO[bytes]]:
    """Open for random access: Parquet begins at its end, so a member of a zip is unpacked."""
    with _opened(path, member, name) as stream:
        if member is None:
            yield stream
            return
        with tempfile.TemporaryFile() as unpacked:
            shutil.copyfileobj(stream, unpacked, _BLOCK_BYTES)
            unpacked.seek(0)
            yield unpacked


def _short(error: Exception) -> str:
    """Return the first line of a library's message, to stand inside a sentence."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
