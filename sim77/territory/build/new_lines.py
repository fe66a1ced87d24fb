"""A territory with new lines: its public transport built again, all else as it is.

`sim77 territory build` leaves in ``transit/`` what this takes: the stops and runs of the timetable,
and the points where journeys start and end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa

from sim77.registry.parameters import resolve
from sim77.territory.build.transit_network import Network, network_with, write_network
from sim77.territory.build.transit_paths import build_transit
from sim77.territory.new_line import NewLine
from sim77.territory.territory import Territory
from sim77.territory.transit_tables import TransitTables, read_parquet, write_parquet

POINTS = "points.parquet"
POINT_TYPES = {"zone": pa.string(), **dict.fromkeys(("lat", "lon", "weight"), pa.float64())}


def write_basis(network: Network, points: pd.DataFrame, folder: Path) -> None:
    """Write what public transport is built again from."""
    write_network(network, folder)
    schema = pa.schema(POINT_TYPES.items())
    write_parquet(folder / POINTS, pa.Table.from_pandas(points, schema, preserve_index=False))


def with_new_lines(territory: Territory, lines: Sequence[NewLine]) -> Territory:
    """Return a territory with new lines; without any, the territory as its folder has it.

    It is kept for the next run that wants the same.

    Raises
    ------
    TerritoryError
        If a line cannot be added.
    """
    if not lines:
        return territory.as_read
    return _with(territory.as_read, tuple(lines))


@lru_cache(maxsize=2)
def _with(territory: Territory, lines: tuple[NewLine, ...]) -> Territory:
    transit = rebuilt_transit(territory, lines)
    text = "".join([territory.hash, *(line.to_csv() for line in lines)])
    return replace(
        territory,
        lines=transit.lines,
        od=replace(territory.od, transit=transit),
        hash=hashlib.sha256(text.encode()).hexdigest(),
        without_new_lines=territory,
    )


def rebuilt_transit(territory: Territory, lines: Sequence[NewLine]) -> TransitTables:
    """Build public transport again, with these lines more."""
    network = network_with(territory, lines)
    points = read_parquet(territory.folder / "transit" / POINTS, POINT_TYPES).to_pandas()
    codes = {name: table["code"].to_numpy(str) for name, table in
             (("commune", territory.communes), ("workplace", territory.workplaces))}  # fmt: skip
    pairs = pd.DataFrame({name: codes[name][territory.od.pairs[name].to_numpy()] for name in codes})
    places = pd.concat([territory.communes, territory.workplaces]).drop_duplicates("code")
    areas = places.set_index("code")["area_type"]
    parameters = resolve(territory.base_day)
    transit = build_transit(points, pairs, areas, network, parameters)
    return transit.with_stop_names(territory.od.transit.stop_names)
