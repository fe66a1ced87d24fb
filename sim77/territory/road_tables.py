"""The roads of a territory: sections of limited capacity, and how each pair uses them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy import sparse

from sim77.core.errors import TerritoryError
from sim77.territory.transit_tables import read_parquet

SECTIONS = {
    "road": pa.string(),
    "direction": pa.string(),
    "from_lat": pa.float64(),
    "from_lon": pa.float64(),
    "to_lat": pa.float64(),
    "to_lon": pa.float64(),
    "km": pa.float64(),
    "free_flow_min": pa.float64(),
    "base_ratio": pa.float64(),
    "base_vehicles": pa.float64(),
    "exponent": pa.float64(),
}
PAIRS = {"free_flow_min": pa.float32(), "km": pa.float32()}
PATHS = {"pair": pa.int32(), "section": pa.int16(), "minutes": pa.float32()}
_RANGES = {
    "from_lat": (-90, 90),
    "to_lat": (-90, 90),
    "from_lon": (-180, 180),
    "to_lon": (-180, 180),
    "km": (0, 10_000),
    "free_flow_min": (0, 10_000),
    "minutes": (0, 10_000),
    "base_ratio": (1, 1000),
    "base_vehicles": (1, 1_000_000),
    "exponent": (0, 20),
}
"""What a column of numbers may hold."""


@dataclass(frozen=True)
class RoadTables:
    """Roads by section and pair.

    Minutes of a pair by car, parking left out, are
    ``free_flow_min + sum over sections of minutes (r - 1)`` with
    ``r = 1 + (base_ratio - 1) (L / base_vehicles) ** exponent``, and the load of a section is
    ``L = sum over pairs of vehicles in the peak hour x minutes / free_flow_min of the section``.
    Roads outside all sections are not slowed down by traffic.

    Attributes
    ----------
    sections
        ``(s,)`` rows: road, direction, from_lat, from_lon, to_lat, to_lon, km, free_flow_min,
        base_ratio (peak over free flow), base_vehicles (census car commuters in the peak hour,
        mean over the section), exponent. A cell of several roads is named for the busiest and
        shown by it.
    pairs
        ``(p,)`` rows: free_flow_min (door to door, one way), km.
    paths
        ``(p, s)`` free-flow minutes of each pair on each section.
    """

    sections: pd.DataFrame
    pairs: pd.DataFrame
    paths: sparse.csr_matrix

    def write(self, folder: Path) -> None:
        """Write three tables into ``folder``, which is made if need be."""
        folder.mkdir(parents=True, exist_ok=True)
        entries = self.paths.tocoo()
        paths = pd.DataFrame({"pair": entries.row, "section": entries.col, "minutes": entries.data})
        for name, table, columns in (
            ("sections", self.sections, SECTIONS),
            ("pairs", self.pairs, PAIRS),
            ("paths", paths, PATHS),
        ):
            arrow = pa.Table.from_pandas(
                table[list(columns)], pa.schema(columns.items()), preserve_index=False
            )
            pq.write_table(
                arrow.replace_schema_metadata(), folder / f"{name}.parquet", compression="zstd"
            )


def read_roads(folder: Path) -> RoadTables:
    """Read what `RoadTables.write` wrote.

    Raises
    ------
    TerritoryError
        A table is missing or damaged, or holds what it may not.
    """
    sections = _read(folder, "sections", SECTIONS)
    pairs = _read(folder, "pairs", PAIRS)
    paths = _read(folder, "paths", PATHS)
    for column, count, rows in (
        ("pair", len(pairs), "pairs.parquet"),
        ("section", len(sections), "sections.parquet"),
    ):
        wrong = ~paths[column].between(0, count - 1)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise TerritoryError(
                f"{folder / 'paths.parquet'}, row {at}, column {column!r}: {paths[column][at]}, "
                f"but must be a row of {rows}, 0 to {count - 1}."
            )
    place = paths["pair"].to_numpy(np.int64) * len(sections) + paths["section"].to_numpy()
    if (np.diff(place) <= 0).any():
        at = int(np.argmax(np.diff(place) <= 0)) + 1
        raise TerritoryError(
            f"{folder / 'paths.parquet'}, row {at}: rows must ascend by pair, then section, each "
            "pair and section once."
        )
    pointer = np.searchsorted(paths["pair"], np.arange(len(pairs) + 1))
    matrix = sparse.csr_matrix(
        (paths["minutes"].to_numpy(), paths["section"].to_numpy(np.int32), pointer),
        shape=(len(pairs), len(sections)),
    )
    return RoadTables(sections, pairs, matrix)


def _read(folder: Path, name: str, columns: dict[str, pa.DataType]) -> pd.DataFrame:
    """Read one table and check its columns and cells."""
    path = folder / f"{name}.parquet"
    frame = read_parquet(path, columns).to_pandas()
    for column, kind in columns.items():
        if not pa.types.is_floating(kind):
            continue
        low, high = _RANGES[column]
        wrong = ~frame[column].between(low, high)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise TerritoryError(
                f"{path}, row {at}, column {column!r}: {frame[column][at]}, but must be a number "
                f"from {low:,} to {high:,}."
            )
    return frame
