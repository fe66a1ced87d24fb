"""The public transport of a territory: its tables, their files, and what they must be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from sim77.core.errors import TerritoryError, nearest, why
from sim77.core.files import parquet_table, replacing
from sim77.registry.parameters import ParameterSet
from sim77.territory.check import checked_table
from sim77.territory.schema import Column, Table

LINES = Table(
    (
        Column("line"),
        Column("label_fr"),
        Column("label_en"),
        Column("kind", allowed=("rer", "train", "metro", "tram")),
        Column("colour", blank=True),
        Column("seats_per_train", "number", low=1, high=10_000),
        Column("places_per_train", "number", low=1, high=10_000),
        Column("capacity_estimated", "flag"),
        Column("source"),
    ),
    key=("line",),
    may_be_empty=True,
)
"""Without a line, all public transport is by bus."""
STOP_NAMES = Table((Column("stop"), Column("name")), key=("stop",), required=False)
"""What stops are called where the timetable writes their names in capitals, say."""
STOP_NAMES_FILE = "stop_names.csv"
LINE_COLUMNS = tuple(column.name for column in LINES.columns)
SEGMENT_TYPES = {
    **dict.fromkeys(("line", "from_stop", "to_stop"), pa.string()),
    **dict.fromkeys(("from_lat", "from_lon", "to_lat", "to_lon"), pa.float32()),
    **dict.fromkeys(("minutes", "trains_per_hour"), pa.float32()),
    "upstream": pa.list_(pa.int32()),
}
SEGMENT_COLUMNS = tuple(SEGMENT_TYPES)
PAIR_COLUMNS = (
    "walk_min", "bicycle_min", "bus_min", "bus_wait_min", "car_min", "wait_min", "ivt_min",
    "transfers", "choice_min", "km", "walk_km", "bicycle_km", "bus_km", "car_km", "rail_share",
)  # fmt: skip
PAIR_TYPES = dict.fromkeys(PAIR_COLUMNS, pa.float32())
PATH_TYPES = {"row": pa.int32(), "segment": pa.int32(), "share": pa.float32()}
WAIT_TYPES = {"row": pa.int32(), "line": pa.int32(), "minutes": pa.float32()}
SHARE_UNITS = 512
"""Shares of paths are whole parts of this many, so that what enters a stop leaves it exactly."""
_ROUNDING = 1e-3
_SEGMENT_RANGES = (
    ("from_lat", -90, 90), ("to_lat", -90, 90), ("from_lon", -180, 180), ("to_lon", -180, 180),
    ("minutes", 0, 600), ("trains_per_hour", 0.01, 100),
)  # fmt: skip
_ENDS = ("from_stop", "to_stop")
_MOST_OF_A_JOURNEY = 10_000
"""Minutes, kilometres or changes; more is a slip."""


@dataclass(frozen=True)
class TransitTables:
    """Public transport in the morning peak, one way.

    Attributes
    ----------
    lines
        A row a line, sorted by name: `LINE_COLUMNS`.
    segments
        A row a stop-to-stop stretch of a line, `SEGMENT_COLUMNS`: minutes and trains an hour of
        the peak; ``upstream`` lists the segments of the line that lead into it. Stops have their
        proper names here, and those of the timetable in the file.
    pairs
        Two rows a pair, without and with a car at hand: `PAIR_COLUMNS`, float32, expected over
        paths and ways to the stops.
    paths
        ``(rows, segments)`` float32: the probability that a traveller rides the segment.
    waits
        ``(rows, lines)`` float32: minutes of ``wait_min`` for the line.
    stop_names
        Proper names of stops by the timetable's, where they differ.
    """

    lines: pd.DataFrame
    segments: pd.DataFrame
    pairs: pd.DataFrame
    paths: sparse.csr_matrix
    waits: sparse.csr_matrix
    stop_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def stop_keys(self) -> dict[str, str]:
        """The timetable's names of stops by their proper ones, where they differ."""
        return {name: stop for stop, name in self.stop_names.items()}

    @property
    def segment_keys(self) -> pd.MultiIndex:
        """What names each segment: its line and the stops at its ends."""
        return pd.MultiIndex.from_frame(self.segments[["line", *_ENDS]].astype(str))

    def with_stop_names(self, names: Mapping[str, str]) -> TransitTables:
        """Return tables whose stops, which have the timetable's names, are called properly."""
        segments = _renamed(self.segments, names)
        return replace(self, segments=segments, stop_names=dict(names))

    def write(self, folder: str | Path) -> None:
        """Write the tables into a folder, each whole or not at all."""
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(folder / "lines.csv") as path:
                estimated = self.lines["capacity_estimated"].astype(int)
                text = self.lines.assign(capacity_estimated=estimated).to_csv(
                    index=False, lineterminator="\n"
                )
                path.write_text(text, encoding="utf-8")
            segments = _renamed(self.segments, self.stop_keys)
            segments = segments.astype({each: "float32" for each in SEGMENT_COLUMNS[3:9]})
            write_parquet(folder / "segments.parquet", pa.Table.from_pandas(
                segments, preserve_index=False,
                schema=pa.schema(SEGMENT_TYPES.items()),
            ))  # fmt: skip
            write_parquet(
                folder / "pairs.parquet",
                pa.table({each: pa.array(self.pairs[each]) for each in PAIR_COLUMNS}),
                split=PAIR_COLUMNS,
            )
            write_parquet(folder / "paths.parquet", _long(self.paths, PATH_TYPES))
            write_parquet(folder / "waits.parquet", _long(self.waits, WAIT_TYPES), ("minutes",))
            if self.stop_names:
                names = pd.DataFrame(sorted(self.stop_names.items()), columns=["stop", "name"])
                with replacing(folder / STOP_NAMES_FILE) as path:
                    names.to_csv(path, index=False, lineterminator="\n")
        except OSError as error:
            raise TerritoryError(f"{folder} cannot be written: {why(error)}.") from error


def read_transit(folder: str | Path) -> TransitTables:
    """Read what `TransitTables.write` wrote, and check it.

    Raises
    ------
    TerritoryError
        One sentence: the file, what was expected and what came.
    """
    folder = Path(folder)
    lines = checked_table(folder / "lines.csv", LINES)
    segments = read_parquet(folder / "segments.parquet", SEGMENT_TYPES).to_pandas()
    pairs = read_parquet(folder / "pairs.parquet", PAIR_TYPES).to_pandas()
    tables = TransitTables(
        lines=lines.astype({"capacity_estimated": bool}),
        segments=segments,
        pairs=pairs,
        paths=_matrix(folder / "paths.parquet", PATH_TYPES, (len(pairs), len(segments))),
        waits=_matrix(folder / "waits.parquet", WAIT_TYPES, (len(pairs), len(lines))),
    )
    check_transit(tables, str(folder))
    if not (folder / STOP_NAMES_FILE).is_file():
        return tables
    names = checked_table(folder / STOP_NAMES_FILE, STOP_NAMES)
    _refuse(
        names["name"].duplicated(), f"{folder}/{STOP_NAMES_FILE}", names["name"],
        "no two stops may have the same name",
    )  # fmt: skip
    return tables.with_stop_names(dict(zip(names["stop"], names["name"], strict=True)))


def _renamed(segments: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    ends = {end: segments[end].map(lambda stop: names.get(stop, stop)) for end in _ENDS}
    return segments.assign(**ends) if names else segments


def check_transit(tables: TransitTables, where: str = "transit") -> None:
    """Raise where the tables contradict each other.

    Raises
    ------
    TerritoryError
        One sentence: the table and row, what was expected and what came.
    """
    lines, segments, pairs = tables.lines, tables.segments, tables.pairs
    _refuse(
        lines["places_per_train"] < lines["seats_per_train"],
        f"{where}/lines.csv", lines["places_per_train"],
        "places_per_train must be at least seats_per_train",
    )  # fmt: skip
    file = f"{where}/segments.parquet"
    _refuse(~segments["line"].isin(lines["line"]), file, segments["line"], "line must be known")
    for column, low, high in _SEGMENT_RANGES:
        _refuse(
            ~segments[column].between(low, high), file, segments[column],
            f"{column} must be a number from {low:g} to {high:g}",
        )  # fmt: skip
    before = segments["upstream"]
    row = np.repeat(np.arange(len(segments)), [len(each) for each in before])
    each = np.concatenate([np.empty(0, np.int64), *before]).astype(np.int64)
    known = (each >= 0) & (each < len(segments))
    leads = np.where(known, each, 0)
    for ends, begins in (("to_stop", "from_stop"), ("line", "line")):
        known &= segments[ends].to_numpy()[leads] == segments[begins].to_numpy()[row]
    if not known.all():
        first = int(np.argmin(known))
        raise TerritoryError(
            f"{file}, row {row[first]}: upstream must name segments of the line that end where "
            f"it begins, not {each[first]}."
        )
    file = f"{where}/pairs.parquet"
    if len(pairs) % 2:
        raise TerritoryError(
            f"{file} must have two rows a pair, without and with a car at hand, not {len(pairs)}."
        )
    for column in PAIR_COLUMNS:
        most = 1 + _ROUNDING if column == "rail_share" else _MOST_OF_A_JOURNEY
        wrong = ~pairs[column].between(0, most)
        _refuse(wrong, file, pairs[column], f"{column} must be a number from 0 to {most:.0f}")
    if tables.paths.nnz and not (
        tables.paths.data.min() >= 0 and tables.paths.data.max() <= 1 + _ROUNDING
    ):
        raise TerritoryError(f"{where}/paths.parquet: share must be from 0 to 1.")
    total = np.asarray(tables.waits.sum(axis=1)).ravel()
    differs = ~np.isclose(total, pairs["wait_min"], rtol=_ROUNDING, atol=_ROUNDING)
    _refuse(
        pd.Series(differs), f"{where}/waits.parquet", pd.Series(total),
        "minutes must sum to wait_min of the row",
    )  # fmt: skip


def perceived_min(pairs: pd.DataFrame, p: ParameterSet) -> np.ndarray:
    """Return the expected perceived minutes of each row, in uncrowded trains, ``(rows,)``.

    Less ``choice_min`` they are the composite cost of the choice among paths and ways to the
    stops, which no further alternative makes higher.
    """
    minutes = {each: pairs[each].to_numpy(dtype=float) for each in PAIR_COLUMNS}
    return (
        p.multiplier_walk * minutes["walk_min"]
        + p.multiplier_bicycle * minutes["bicycle_min"]
        + p.multiplier_access_bus * minutes["bus_min"]
        + p.multiplier_access_car * minutes["car_min"]
        + p.multiplier_wait * (minutes["bus_wait_min"] + minutes["wait_min"])
        + minutes["ivt_min"]
        + p.transfer_penalty_min * minutes["transfers"]
    )


# Files ---------------------------------------------------------------------------------------


def write_parquet(path: Path, table: pa.Table, split: Iterable[str] = ()) -> None:
    """Write Parquet; columns of numbers that hardly repeat are compressed byte by byte."""
    split = list(split)
    with replacing(path) as partial:
        pq.write_table(
            table, partial, compression="zstd", compression_level=9,
            use_dictionary=[each for each in table.column_names if each not in split],
            use_byte_stream_split=split or False, store_schema=False,
        )  # fmt: skip


def _long(matrix: sparse.csr_matrix, types: Mapping[str, pa.DataType]) -> pa.Table:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
    columns = (rows, matrix.indices.astype(np.int32), matrix.data)
    return pa.table(dict(zip(types, columns, strict=True)))


def _matrix(
    path: Path, types: Mapping[str, pa.DataType], shape: tuple[int, int]
) -> sparse.csr_matrix:
    table = read_parquet(path, types)
    row, each, data = (table[name].to_numpy() for name in types)
    column = list(types)[1]
    place = row.astype(np.int64) * max(shape[1], 1) + each
    inside = (row >= 0) & (row < shape[0]) & (each >= 0) & (each < shape[1])
    if not inside.all() or (np.diff(place) <= 0).any():
        raise TerritoryError(
            f"{path} must be sorted by row and {column}, each pair once, of {shape[0]:,} rows and "
            f"{shape[1]:,} of {column}."
        )
    first = np.searchsorted(row, np.arange(shape[0] + 1)).astype(np.int32)
    return sparse.csr_matrix((data.astype(np.float32), each.astype(np.int32), first), shape=shape)


def read_parquet(path: Path, types: Mapping[str, pa.DataType]) -> pa.Table:
    """Read some columns, which must have these types and no empty cells."""
    try:
        table = parquet_table(path)
    except FileNotFoundError:
        raise TerritoryError(f"{path}: the file is missing; a territory has it.") from None
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    for column, wanted in types.items():
        if column not in table.column_names:
            raise TerritoryError(
                f"{path} has no column {column}.{nearest(column, table.column_names)}"
            )
        found = table.schema.field(column).type
        if not found.equals(wanted) or table.column(column).null_count:
            cells = "empty cells" if found.equals(wanted) else found
            raise TerritoryError(
                f"{path}, column {column!r}: {cells}, but must be {wanted} in every row."
            )
    return table.select(list(types))


def _unreadable(path: Path, error: Exception) -> TerritoryError:
    said = why(error) if isinstance(error, OSError) else str(error).split("\n")[0].rstrip(".")
    return TerritoryError(f"{path} cannot be read: {said}.")


def _refuse(wrong: pd.Series, file: str, values: pd.Series, expected: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise TerritoryError(f"{file}, row {row}: {expected}, not {values.iloc[row]}.")
