"""Observed flows: who lives and works where, by occupation group, and who works at home.

Read from a table of flows (`FLOWS`, CSV or Parquet) or from INSEE's detail files of any census
(MOBPRO), and turned into whole workers of each home zone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim77.core.errors import TerritoryError
from sim77.core.files import parquet_table
from sim77.territory.build.formats import Batch, MobproFile, read_batches, recognise
from sim77.territory.build.zones import Zones, department_of
from sim77.territory.check import checked
from sim77.territory.read import RawTable, as_table, read_table
from sim77.territory.schema import Column, Table

FLOWS = Table(
    (
        Column("origin", "code"),
        Column("destination", "code"),
        Column("csp", "int", low=1, high=6),
        Column("at_home", "flag"),
        Column("workers", "number", low=0, high=10_000_000),
    ),
    key=("origin", "destination", "csp", "at_home"),
)
"""``csp`` as in the census: 1 farmers, 2 artisans, shopkeepers and heads of firms, 3 managers, 4
intermediate, 5 clerical, 6 manual. ``workers`` may be a fraction: weights of a survey."""

GROUPS = [str(code) for code in range(1, 7)]
NO_TRANSPORT = "1"
"""Code of TRANS, in every census, of those who work at home."""
NEW_MODES_VINTAGE = 2017
CAR_CODES = ("4", "5")
"""Code of TRANS of those who drive: before the census told bicycles from motorcycles, and since."""
_KEY = list(FLOWS.key)
_NOT_TOLD = ("", "00000", "ZZZZZ")
RESIDENTS_ELSEWHERE = "live outside the zones"
WORK_ELSEWHERE = "work outside the zones, abroad or at a place not told"
NO_GROUP = "have no occupation group from 1 to 6"


@dataclass(frozen=True)
class Flows:
    """What was read.

    Attributes
    ----------
    table
        Among the zones, sorted: origin, destination, csp, at_home (bool), persons, by_car (those
        of them who drive; NaN where the files do not tell).
    persons_read
        Those of all rows.
    left_out
        Why persons are not in the table, and how many.
    """

    table: pd.DataFrame
    persons_read: float
    left_out: dict[str, float]


def read_flows(files: Sequence[Path], zones: Zones, base_year: int) -> Flows:
    """Read flows and keep those among the zones.

    A code of a département that the zones cover must be one of theirs or a former one; others are
    outside, and what is left out is counted. ``base_year`` is the census of files that do not tell.

    Raises
    ------
    TerritoryError
        A cell is wrong, a code unknown, the same flow given twice, or nothing is left.
    """
    pieces: list[Flows] = []
    names: list[str] = []
    for path in files:
        if _is_table(path):
            found = {path.name: _read_table(path, zones)}
        else:
            found = {file.name: _read_mobpro(file, zones, base_year) for file in recognise(path)}
        for name, piece in found.items():
            for other, earlier in zip(names, pieces, strict=True):
                if len(piece.table) and piece.table.equals(earlier.table):
                    raise TerritoryError(
                        f"{other} and {name} hold the same persons; give the file once."
                    )
            names.append(name)
            pieces.append(piece)
    read = sum(piece.persons_read for piece in pieces)
    left_out: dict[str, float] = {}
    for piece in pieces:
        for reason, persons in piece.left_out.items():
            left_out[reason] = left_out.get(reason, 0.0) + persons
    table = _summed([piece.table for piece in pieces])
    if not table["persons"].sum() > 0:
        raise TerritoryError(
            f"{files[0].name}: nobody lives and works in the zones ({zones.table['code'].iloc[0]}, "
            "…); the codes must be those of the table of zones."
        )
    return Flows(table, read, left_out)


def _summed(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(tables, ignore_index=True)
    return table.groupby(_KEY, as_index=False, sort=True)[["persons", "by_car"]].sum(min_count=1)


def _locate(codes: pd.Series, zones: Zones, file: str, column: str, rows: np.ndarray) -> pd.Series:
    """Return today's code of each, missing where it is outside; refuse an unknown one inside."""
    found = codes.map(zones.current_code)
    inside = department_of(codes).isin(zones.departments) & ~codes.isin(_NOT_TOLD)
    unknown = (found.isna() & inside).to_numpy()
    if unknown.any():
        place = int(np.argmax(unknown))
        raise TerritoryError(
            f"{file}, row {rows[place]}, column '{column}': {codes.iloc[place]!r}, but must be a "
            "code of the zones or a former one of them."
        )
    return found


def _within(table: pd.DataFrame, left_out: dict[str, float]) -> pd.DataFrame:
    """Keep the rows whose ends and group are known, and count the others."""
    for column, reason in (
        ("origin", RESIDENTS_ELSEWHERE),
        ("destination", WORK_ELSEWHERE),
        ("csp", NO_GROUP),
    ):
        missing = table[column].isna()
        left_out[reason] = left_out.get(reason, 0.0) + float(table["persons"][missing].sum())
        table = table[~missing]
    return table


# A table of flows ----------------------------------------------------------------------------


def _is_table(path: Path) -> bool:
    """Say whether a file has columns of `FLOWS`; all that is not is for the reader of MOBPRO."""
    if not path.is_file():
        raise TerritoryError(f"{path}: there is no such file.")
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PAR1"):
        try:
            names = pq.read_schema(path).names
        except (pa.ArrowException, OSError):
            return False
    else:
        names = re.split(r"[,;\t]", head.splitlines()[0].decode("latin-1")) if head.strip() else []
    return bool({"origin", "destination", "workers"} & {name.strip(' "\ufeff') for name in names})


def _read_table(path: Path, zones: Zones) -> Flows:
    raw = _parquet_cells(path) if path.suffix.lower() == ".parquet" else read_table(path, FLOWS)
    assert raw is not None  # the file is there
    table = checked(raw, FLOWS).rename(columns={"workers": "persons"})
    for column in ("origin", "destination"):
        table[column] = _locate(table[column], zones, path.name, column, raw.rows)
    table["at_home"] = table["at_home"].astype(bool)
    table["by_car"] = np.nan
    left_out: dict[str, float] = {}
    return Flows(_within(table, left_out), float(table["persons"].sum()), left_out)


def _parquet_cells(path: Path) -> RawTable:
    """Return the cells of a Parquet file as text, so that one check serves both containers."""
    try:
        table = parquet_table(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise TerritoryError(f"{path.name} is damaged ({reason}).") from None
    columns = []
    for name in table.column_names:
        column = table[name]
        if pa.types.is_boolean(column.type):
            column = pc.cast(column, pa.int8())
        try:
            text = pc.fill_null(pc.cast(column, pa.string()), "")
        except pa.ArrowException:
            raise TerritoryError(
                f"{path.name}, column '{name}': holds {column.type}, but must hold texts or "
                "numbers."
            ) from None
        columns.append([cell.strip() for cell in text.to_pylist()])
    rows = [list(row) for row in zip(*columns, strict=True)]
    return as_table(path.name, FLOWS, b"", [table.column_names, *rows])


# INSEE's detail files ------------------------------------------------------------------------


def _read_mobpro(file: MobproFile, zones: Zones, base_year: int) -> Flows:
    missing = {"mode": "TRANS", "occupation": "CS1 or GS"}
    for role, name in missing.items():
        if role not in file.positions:
            raise TerritoryError(
                f"{file.name} has no column {name}, which flows by occupation need; give INSEE's "
                "detail file (FD_MOBPRO), one row a person."
            )
    read, tables = 0.0, []
    left_out: dict[str, float] = {}
    new_codes = (file.vintage or base_year) >= NEW_MODES_VINTAGE
    for batch in read_batches(file):
        table = _persons(batch, file, zones, CAR_CODES[new_codes])
        read += float(table["persons"].sum())
        tables.append(_summed([_within(table, left_out)]))
    if not tables:
        raise TerritoryError(f"{file.name} has column names, but no rows.")
    return Flows(_summed(tables), read, left_out)


def _persons(batch: Batch, file: MobproFile, zones: Zones, car: str) -> pd.DataFrame:
    """Return the rows of a piece, codes located."""
    texts = {role: column.to_pandas().astype(object) for role, column in batch.texts.items()}
    # Codes kept as numbers have lost the zero of 01 to 09.
    home, work = texts["residence"].str.zfill(5), texts["workplace"].str.zfill(5)
    if "arrondissement" in texts:
        # Paris, Lyon and Marseille: the zones may be arrondissements instead of the city.
        home = texts["arrondissement"].where(
            texts["arrondissement"].isin(zones.current_code.keys()), home
        )
    rows = batch.first_row + np.arange(len(home))
    names = {role: file.headings[place] for role, place in file.positions.items()}
    group = texts["occupation"]
    return pd.DataFrame(
        {
            "origin": _locate(home, zones, file.name, names["residence"], rows),
            "destination": _locate(work, zones, file.name, names["workplace"], rows),
            "csp": pd.to_numeric(group.where(group.isin(GROUPS))),
            "at_home": texts["mode"] == NO_TRANSPORT,
            "persons": batch.persons,
            "by_car": np.where(texts["mode"] == car, batch.persons, 0.0),
        }
    )


# Whole workers -------------------------------------------------------------------------------


def whole_persons(persons: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Round persons to whole ones by largest remainder within groups.

    Parameters
    ----------
    persons : numpy.ndarray
        ``(n,)`` weighted persons, at least 0.
    group : numpy.ndarray
        ``(n,)`` int from 0, the group of each.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` int64; each group sums to its rounded total; of equal remainders the earlier row
        gains.

    Examples
    --------
    >>> whole_persons(np.array([1.5, 0.7, 0.5, 0.3]), np.zeros(4, dtype=int))
    array([2, 1, 0, 0])
    """
    whole = np.floor(persons).astype(np.int64)
    # The binary sum of decimal weights may end just beside a half.
    totals = np.floor(np.bincount(group, persons).round(6) + 0.5).astype(np.int64)
    missing = totals - np.bincount(group, whole).astype(np.int64)
    order = np.lexsort((whole - persons, group))
    first = np.searchsorted(group[order], np.arange(len(totals)))
    rank = np.empty(len(persons), dtype=np.int64)
    rank[order] = np.arange(len(persons)) - first[group[order]]
    return whole + (rank < missing[group])


def workers_of(flows: Flows, communes: Sequence[str]) -> pd.DataFrame:
    """Return the whole workers who live in some of the zones.

    Parameters
    ----------
    flows : Flows
    communes : sequence of str
        Codes of the home zones.

    Returns
    -------
    pandas.DataFrame
        commune, workplace, csp (int8), at_home, workers (int32, at least 1), sorted. A commune's
        workers are its persons in the census, rounded.
    """
    table = flows.table[flows.table["origin"].isin(communes)]
    group = np.unique(table["origin"], return_inverse=True)[1]
    workers = whole_persons(table["persons"].to_numpy(), group)
    result = pd.DataFrame(
        {
            "commune": table["origin"],
            "workplace": table["destination"],
            "csp": table["csp"].astype("int8"),
            "at_home": table["at_home"].astype(bool),
            "workers": workers.astype("int32"),
        }
    )
    return result[workers > 0].reset_index(drop=True)


def pairs_of(workers: pd.DataFrame) -> pd.DataFrame:
    """Return commune and workplace of those who do not work at home, in order; a row is a pair."""
    away = workers[~workers["at_home"]]
    return away[["commune", "workplace"]].drop_duplicates(ignore_index=True)


def write_workers(workers: pd.DataFrame, path: Path) -> None:
    """Write ``flows.parquet``; the same table gives the same bytes."""
    columns = {}
    for name in workers.columns:
        column = pa.array(workers[name])
        columns[name] = pc.dictionary_encode(column) if name in ("commune", "workplace") else column
    pq.write_table(pa.table(columns), path, compression="zstd")
