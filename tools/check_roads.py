"""Say what a territory's road tables hold: minutes of chosen pairs, ratios by class of road.

    python tools/check_roads.py FOLDER --pair 77468 75101 --pair 77284 75101

FOLDER is a built territory. There are no road counts to compare with: these figures are for an eye
that knows the roads.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from sim77.territory.road_tables import FOLDER, RoadTables, read_roads


def peak_min(tables: RoadTables) -> np.ndarray:
    """Return minutes ``(p,)`` in the peak hour of the census's traffic."""
    return (
        tables.pairs["free_flow_min"] + tables.paths @ (tables.sections["base_ratio"] - 1)
    ).to_numpy()


def by_road(sections: pd.DataFrame) -> pd.DataFrame:
    """Return ratio of peak to free-flow minutes and vehicle-kilometres by road, the most first."""
    driven = sections["base_vehicles"] * sections["free_flow_min"]
    table = pd.DataFrame(
        {
            "road": sections["road"],
            "km": sections["km"],
            "free": driven,
            "peak": driven * sections["base_ratio"],
            "vehicle_km": sections["base_vehicles"] * sections["km"],
        }
    )
    table = table.groupby("road").sum().sort_values("vehicle_km", ascending=False)
    return table.assign(ratio=table["peak"] / table["free"])[["km", "vehicle_km", "ratio"]]


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pair", nargs=2, action="append", default=[], metavar=("FROM", "TO"))
    args = parser.parse_args()
    tables = read_roads(args.folder / FOLDER)
    pairs = _pairs(args.folder)
    peak, free = peak_min(tables), tables.pairs["free_flow_min"].to_numpy()
    print(f"{len(pairs)} pairs, {len(tables.sections)} sections, {tables.paths.nnz} entries")
    on_sections = np.diff(tables.paths.indptr) > 0
    print(f"pairs that use a section: {on_sections.mean():.1%}")
    print(f"median minutes: free flow {np.median(free):.1f}, peak {np.median(peak):.1f}")
    own = (pairs["commune"] == pairs["workplace"]).to_numpy()
    if own.any():
        low, middle, high = np.quantile(free[own], (0, 0.5, 1))
        print(f"within a zone: {low:.1f} to {high:.1f} min, median {middle:.1f}")
    for home, work in args.pair:
        at = np.flatnonzero((pairs["commune"] == home) & (pairs["workplace"] == work))
        for i in at:
            print(
                f"{home} to {work}: free flow {free[i]:.1f} min, peak {peak[i]:.1f} min, "
                f"{tables.pairs['km'][i]:.1f} km"
            )
    print(by_road(tables.sections).head(25).round(2).to_string())


def _pairs(folder: Path) -> pd.DataFrame:
    """Return commune and workplace of each pair, in the order of the tables."""
    flows = pq.read_table(folder / "flows.parquet", columns=["commune", "workplace", "at_home"])
    frame = flows.to_pandas().astype({"commune": str, "workplace": str})
    frame = frame.loc[~frame["at_home"].astype(bool), ["commune", "workplace"]]
    return frame.drop_duplicates().sort_values(["commune", "workplace"]).reset_index(drop=True)


if __name__ == "__main__":
    main()
