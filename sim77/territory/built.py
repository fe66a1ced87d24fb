"""A territory made from public files: observed flows, and modes as tables.

Its folder is written by ``sim77 territory build`` and is known by its ``territory.yaml``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim77.core.errors import TerritoryError, nearest
from sim77.core.units import AREA_TYPES
from sim77.core.yaml_file import read_yaml
from sim77.territory.road_tables import RoadTables, read_roads
from sim77.territory.transit_tables import TransitTables, read_transit

FORM = "territory.yaml"
"""What a built territory's folder has and a folder of CSV tables has not."""

BASE_LOADS = "base_loads.parquet"

_COLUMNS = {
    "communes": {
        "code": "str", "name": "str", "department": "str", "area_type": "str", "lat": "float64",
        "lon": "float64", "area_km2": "float64", "population": "int64", "fibre_start": "str",
    },
    "workplaces": {
        "code": "str", "name": "str", "zone": "str", "area_type": "str", "lat": "float64",
        "lon": "float64", "area_km2": "float64", "jobs": "int64",
    },
}  # fmt: skip
_URBAN_TYPE = {
    "core": "urban-core", "inner": "suburb", "outer-urban": "suburb", "outer-rural": "rural",
}  # fmt: skip
MODE_CHOICE_COLUMNS = ("term", "mode", "origin", "destination", "occupation", "value", "source")


@dataclass(frozen=True)
class OriginDestination:
    """What a built territory has beyond the tables of any territory.

    Attributes
    ----------
    settings : dict
        ``territory.yaml``.
    transit : TransitTables
    road : RoadTables
    pairs : pandas.DataFrame
        ``commune`` and ``workplace``, rows of the tables of these names: home and workplace of
        those who commute, in the order of the codes. The number of a pair is its row.
    base_loads : pandas.DataFrame
        ``base_loads.parquet`` of a territory cut out of a larger one: ``kind`` (segment, section),
        ``number`` and ``load``, the riders or vehicles of the peak hour of the base year from all
        of the larger one; no rows in a territory that has all its travellers.
    mode_choice : pandas.DataFrame
        Constants of modes and the scale of their utilities, fitted to the census
        (``mode_choice.csv``); no rows before ``sim77 territory fit``.
    """

    settings: dict[str, Any]
    transit: TransitTables
    road: RoadTables
    pairs: pd.DataFrame
    base_loads: pd.DataFrame
    mode_choice: pd.DataFrame

    def base_load(self, kind: str, size: int) -> np.ndarray:
        """Return the base year's load of each segment or section, 0 where nothing is said."""
        mine = self.base_loads[self.base_loads["kind"] == kind]
        load = np.zeros(size)
        load[mine["number"].to_numpy(np.int64)] = mine["load"].to_numpy(float)
        return load

    @cached_property
    def scale(self) -> float | None:
        """Scale of the tastes for modes that the fit found, None before it."""
        found = self.mode_choice.loc[self.mode_choice["term"] == "mu_mode", "value"]
        return float(found.iloc[0]) if len(found) else None


def is_built(folder: Path) -> bool:
    """Say whether a folder holds a built territory."""
    return (folder / FORM).is_file()


def read_built(folder: Path) -> tuple[dict[str, pd.DataFrame], OriginDestination, dict[str, str]]:
    """Read the tables of a built territory.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    tables : dict of str to pandas.DataFrame
        ``communes``, ``flows``, ``workplaces``, ``lines``, ``corridors``: as in `TABLES` as far as
        the model reads them.
    od : OriginDestination
    hashes : dict of str to str
        SHA-256 of each file.

    Raises
    ------
    TerritoryError
        Says in one sentence what is missing or wrong, and where.
    """
    _, settings = read_yaml(folder / FORM, TerritoryError)
    communes, workplaces = (_csv(folder, name) for name in ("communes", "workplaces"))
    flows = _flows(folder, communes, workplaces)
    pairs = _pairs(flows)
    transit, road = read_transit(folder / "transit"), read_roads(folder / "road")
    for name, rows, each in (("transit", len(transit.pairs), 2), ("road", len(road.pairs), 1)):
        if rows != each * len(pairs):
            raise TerritoryError(
                f"{folder / name / 'pairs.parquet'}: expected {each * len(pairs):,} rows, "
                f"{each} for each pair of flows.parquet, not {rows:,}."
            )
    residents = np.bincount(flows["commune"], flows["workers"], len(communes))
    communes = communes.assign(
        residents_at_work=residents.astype("int64"),
        urban_type=communes["area_type"].map(_URBAN_TYPE),
        arrondissement=communes["department"],
    )  # fmt: skip
    tables = {
        "communes": communes,
        "flows": flows,
        "workplaces": workplaces.assign(jobs_weight=workplaces["jobs"].astype(float)),
        "lines": transit.lines,
        "corridors": _corridors(road.sections),
    }
    od = OriginDestination(
        settings, transit, road, pairs, _base_loads(folder), _mode_choice(folder)
    )
    return tables, od, _hashes(folder)


def _csv(folder: Path, name: str) -> pd.DataFrame:
    path, columns = folder / f"{name}.csv", _COLUMNS[name]
    try:
        table = pd.read_csv(path, dtype=columns, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise TerritoryError(f"{name}.csv: the file is missing in {folder}.") from None
    except (ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise TerritoryError(f"{path}: cannot be read ({reason}).") from None
    for column in columns:
        if column not in table:
            raise TerritoryError(
                f"{path}: column '{column}' is missing.{nearest(column, table.columns)}"
            )
    unknown = ~table["area_type"].isin(AREA_TYPES)
    if unknown.any():
        row = int(np.flatnonzero(unknown)[0])
        raise TerritoryError(
            f"{path}, row {row + 2}, column 'area_type': {table['area_type'].iloc[row]!r}, but "
            f"must be one of {', '.join(AREA_TYPES)}."
        )
    twice = table["code"].duplicated()
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        raise TerritoryError(
            f"{path}, row {row + 2}, column 'code': {table['code'].iloc[row]!r} stands twice."
        )
    return table.sort_values("code", kind="stable", ignore_index=True)


def _flows(folder: Path, communes: pd.DataFrame, workplaces: pd.DataFrame) -> pd.DataFrame:
    path = folder / "flows.parquet"
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise TerritoryError(f"{path}: cannot be read ({reason}).") from None
    code, rows = {}, {}
    for column, places in (("commune", communes), ("workplace", workplaces)):
        found = table[column].astype("category").cat.remove_unused_categories().cat
        names = found.categories.astype(str)
        row = pd.Index(places["code"]).get_indexer(names)
        if (row < 0).any():
            raise TerritoryError(
                f"{path}, column '{column}': {names[row < 0][0]!r} is not in "
                f"{'communes' if column == 'commune' else 'workplaces'}.csv."
            )
        code[column] = names.to_numpy()[found.codes]
        rows[column] = row[found.codes]
    if (table["workers"] < 0).any():
        raise TerritoryError(f"{path}, column 'workers': a number below 0.")
    flows = pd.DataFrame(
        {
            "commune_code": code["commune"],
            "workplace_code": code["workplace"],
            **rows,
            "csp": table["csp"].astype("int64"),
            "at_home": table["at_home"].astype(bool),
            "workers": table["workers"].astype("int64"),
        }
    )
    order = ["commune", "workplace", "csp", "at_home"]
    return flows.sort_values(order, kind="stable", ignore_index=True)


def _pairs(flows: pd.DataFrame) -> pd.DataFrame:
    commuting = flows[~flows["at_home"] & (flows["workers"] > 0)]
    return commuting[["commune", "workplace"]].drop_duplicates(ignore_index=True)


def _corridors(sections: pd.DataFrame) -> pd.DataFrame:
    names = sections["road"].astype(str) + " " + (sections.index + 1).astype(str)
    return pd.DataFrame({"corridor": names, "name": sections["road"].astype(str)})


def _base_loads(folder: Path) -> pd.DataFrame:
    path = folder / BASE_LOADS
    if not path.is_file():
        return pd.DataFrame({"kind": [], "number": [], "load": []})
    return pd.read_parquet(path)


def _mode_choice(folder: Path) -> pd.DataFrame:
    path = folder / "mode_choice.csv"
    if not path.is_file():
        return pd.DataFrame(columns=list(MODE_CHOICE_COLUMNS))
    return pd.read_csv(path, keep_default_na=False)


def _hashes(folder: Path) -> dict[str, str]:
    kinds = ("*.csv", "*.parquet", "*.yaml", "transit/*.*", "road/*.*")
    files = sorted(file for kind in kinds for file in folder.glob(kind))
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }
