"""A small built territory, and one where trains are full, roads slow and everything is fitted."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from scipy import sparse

from sim77.core.units import AREA_TYPES, OCCUPATION_GROUPS
from sim77.territory.build.build import Inputs, build_territory
from sim77.territory.built import BASE_LOADS
from sim77.territory.road_tables import read_roads
from sim77.territory.schema import TABLES
from sim77.territory.transit_tables import read_transit
from tests.public_files import write_public_files

TELECENTRES = """\
telecentre_id,name,commune_code,lat,lon,in_territory,kind,area,opening_date,opening_estimated,\
closing_date,desks,desks_estimated,service_meeting_rooms,space_lounge,source
barn,La Grange,10004,48.75,2.63,1,telecentre,rural,2014-01-01,1,,12,1,1,0,made-up
dock,Le Quai,10002,48.74,2.49,1,coworking,urban,2014-01-01,1,,20,1,1,1,made-up
forge,La Forge,10005,48.70,2.41,1,coworking,urban,2014-01-01,1,,15,1,0,1,made-up
mill,Le Moulin,20009,48.64,2.41,1,telecentre,rural,2014-01-01,1,,12,1,0,0,made-up
"""
RAIL_CHANGES = """\
date,line,field,value,source
2015-06-29,R,places_per_train,45,made-up
"""
MADE_OF = {3: (3, 4), 6: (1, 2, 5, 6)}
"""The categories among which the workers of the two of the public files are shared out."""


def write_built(folder: Path) -> Path:
    """Build the territory of `tests.public_files`."""
    public = folder.with_name(f"{folder.name}-public")
    public.mkdir(parents=True)
    paths = write_public_files(public)
    inputs = Inputs(
        **{**paths, "flows": (paths["flows"],)},
        occupations=(),
        metro=None,
        lines=None,
        rail_changes=None,
        day=dt.date(2017, 3, 14),
        base_year=2014,
        residents=(),
        label_fr="Contrée",
        label_en="Land",
    )
    build_territory(folder, inputs)
    return folder


def write_busy(built: Path, folder: Path) -> Path:
    """Copy a built territory, with short trains, traffic from elsewhere and fitted constants."""
    copytree(built, folder)
    transit, road = read_transit(folder / "transit"), read_roads(folder / "road")
    lines = transit.lines.assign(seats_per_train=[20, 25], places_per_train=[50, 60])
    replace(transit, lines=lines).write(folder / "transit")
    number = np.arange(len(road.sections))
    sections = road.sections.assign(
        base_ratio=1.2 + number % 4 / 5,
        base_vehicles=road.sections["base_vehicles"].clip(lower=200.0),
        exponent=1.0 + number % 3 / 4,
    )
    replace(road, sections=sections).write(folder / "road")
    trains = transit.segments["trains_per_hour"].to_numpy(float)
    riders = trains * 50 * (0.5 + np.arange(trains.size) % 3 * 0.4)
    vehicles = sections["base_vehicles"].to_numpy() * (0.5 + number % 5 / 4)
    pd.concat(
        pd.DataFrame({"kind": kind, "number": np.arange(load.size), "load": load})
        for kind, load in (("segment", riders), ("section", vehicles))
    ).to_parquet(folder / BASE_LOADS)
    (folder / "rail_changes.csv").write_text(RAIL_CHANGES, encoding="utf-8")
    mode_choice().to_csv(folder / "mode_choice.csv", index=False)
    more_categories(folder / "flows.parquet")
    (folder / "telecentres.csv").write_text(TELECENTRES, encoding="utf-8")
    for name in ("communes", "workplaces"):
        path = folder / f"{name}.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table.loc[table["code"] == "10002", "area_type"] = "inner"
        table.to_csv(path, index=False)
    return folder


def mode_choice() -> pd.DataFrame:
    """Return constants of modes of the form that a fit writes, all of them different."""
    rows: list[dict[str, object]] = [{"term": "mu_mode", "value": 1.1}]
    for place, (mode, constant) in enumerate({"car": -0.9, "bicycle": -1.5, "walk": 0.6}.items()):
        for home, origin in enumerate(AREA_TYPES):
            for work, destination in enumerate(AREA_TYPES):
                value = constant + 0.3 * home - 0.2 * work + 0.1 * place * home
                where = {"origin": origin, "destination": destination}
                rows.append({"term": "area", "mode": mode, **where, "value": round(value, 3)})
        for which, group in enumerate(OCCUPATION_GROUPS):
            value = 0.25 * which - 0.15 * place
            rows.append({"term": "occupation", "mode": mode, "occupation": group, "value": value})
        for which, term in enumerate(("density_home", "density_work")):
            rows.append({"term": term, "mode": mode, "value": -0.3 + 0.2 * place + 0.15 * which})
    return pd.DataFrame(rows, columns=[each.name for each in TABLES["mode_choice"].columns]).assign(
        source="made-up"
    )


def more_categories(path: Path) -> None:
    """Make as many workers live near trains as far from them, and of all categories."""
    flows = pd.read_parquet(path)
    parts = []
    for category, into in MADE_OF.items():
        mine = flows[flows["csp"] == category]
        for place, each in enumerate(into):
            workers = 40 + (mine["workers"] + place) % 90
            parts.append(mine.assign(csp=np.int8(each), workers=workers.astype("int32")))
    table = pd.concat(parts).sort_values(["commune", "workplace", "csp", "at_home"])
    table.to_parquet(path, index=False)


def numbers_in_another_order(busy: Path, folder: Path) -> Path:
    """Copy a built territory with lines, segments and sections numbered from the last."""
    copytree(busy, folder)
    transit, road = read_transit(folder / "transit"), read_roads(folder / "road")
    last = len(transit.segments) - 1
    upstream = [[last - each for each in before] for before in transit.segments["upstream"]]
    replace(
        transit,
        lines=transit.lines[::-1].reset_index(drop=True),
        segments=transit.segments.assign(upstream=upstream)[::-1].reset_index(drop=True),
        paths=_columns_reversed(transit.paths),
        waits=_columns_reversed(transit.waits),
    ).write(folder / "transit")
    sections = road.sections[::-1].reset_index(drop=True)
    replace(road, sections=sections, paths=_columns_reversed(road.paths)).write(folder / "road")
    loads = pd.read_parquet(folder / BASE_LOADS)
    size = loads.groupby("kind")["number"].transform("size")
    loads.assign(number=size - 1 - loads["number"]).to_parquet(folder / BASE_LOADS)
    return folder


def _columns_reversed(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    turned = matrix[:, ::-1].tocsr()
    turned.sort_indices()
    return turned


def rows_in_another_order(busy: Path, folder: Path) -> Path:
    """Copy a built territory with the rows of its tables in reverse, telecentres included."""
    copytree(busy, folder)
    for name in ("communes", "workplaces", "telecentres", "mode_choice"):
        path = folder / f"{name}.csv"
        heading, *rows = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([heading, *rows[::-1]]) + "\n", encoding="utf-8")
    for path in (folder / "flows.parquet", folder / BASE_LOADS):
        pd.read_parquet(path)[::-1].to_parquet(path, index=False)
    return folder


if __name__ == "__main__":
    # Compiles what a build needs, for which several workers of the tests would wait each.
    with TemporaryDirectory() as here:
        write_built(Path(here) / "land")
