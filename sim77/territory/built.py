"""The tables of a territory: observed flows, and modes as tables.

Its folder is written by ``sim77 territory build``; what it is called is in its ``territory.yaml``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim77.core.errors import TerritoryError
from sim77.territory.check import raise_first, read_tables, table_problems, told
from sim77.territory.read import RawTable, typed
from sim77.territory.road_tables import RoadTables, read_roads
from sim77.territory.rules import RULES
from sim77.territory.schema import TABLES
from sim77.territory.settings import FORM, read_settings
from sim77.territory.transit_tables import STOP_NAMES_FILE, TransitTables, read_transit

BASE_LOADS = "base_loads.parquet"
NAMES = (f"transit/{STOP_NAMES_FILE}", "telecentre_names.csv")
"""Files that only say what something is called: they change no result, and no hash."""


@dataclass(frozen=True)
class OriginDestination:
    """Modes by pair of home and workplace, and what the territory is called and made of.

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
        ``base_loads.parquet``: ``kind`` (segment, section), ``number`` and ``load``, the riders or
        vehicles of the peak hour of the base year, simulated or not: those of the territory that
        this one was cut out of, or those that counts ask for; no rows where all are simulated.
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


def built_problems(folder: Path) -> list[str]:
    """Return what is wrong in the folder of a territory; an empty list: nothing."""
    return _examined(folder)[0]


def read_built(folder: Path) -> tuple[dict[str, pd.DataFrame], OriginDestination, dict[str, str]]:
    """Read the tables of a territory.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    tables : dict of str to pandas.DataFrame
        ``communes``, ``flows``, ``workplaces``, ``telecentres``, ``telecentre_names``,
        ``rail_changes``, ``sources`` and ``lines``.
    od : OriginDestination
    hashes : dict of str to str
        SHA-256 of each file.

    Raises
    ------
    TerritoryError
        Says in one sentence what is missing or wrong, and where.
    """
    problems, tables, od = _examined(folder)
    raise_first(folder, problems)
    assert od is not None
    residents = np.bincount(
        tables["flows"]["commune"], tables["flows"]["workers"], len(tables["communes"])
    )
    communes = tables["communes"].assign(residents_at_work=residents.astype("int64"))
    return {**tables, "communes": communes}, od, _hashes(folder)


def _examined(
    folder: Path,
) -> tuple[list[str], dict[str, pd.DataFrame], OriginDestination | None]:
    """Read everything; return what is wrong, and the tables as far as they could be read."""
    if not (folder / FORM).is_file():
        return [_missing(folder)], {}, None
    problems: list[str] = []
    parts: list[Any] = []
    for read, where in (
        (read_settings, folder),
        (read_transit, folder / "transit"),
        (read_roads, folder / "road"),
    ):
        try:
            parts.append(read(where))
        except TerritoryError as error:
            problems.append(str(error))
    raw = read_tables(folder, TABLES)
    problems += table_problems(folder, TABLES, RULES, raw)
    if problems:
        return problems, {}, None
    settings, transit, road = parts
    tables = {name: typed(TABLES[name], raw[name]) for name in TABLES if name != "flows"}
    for name in ("communes", "workplaces"):
        tables[name] = tables[name].sort_values("code", kind="stable", ignore_index=True)
    assert raw["flows"] is not None and raw["workplaces"] is not None  # no problem was found
    tables["flows"] = _flows(raw["flows"].cells, tables["communes"], tables["workplaces"])
    tables["lines"] = transit.lines
    pairs = _pairs(tables["flows"])
    scopes = tuple(settings["scopes"])
    unknown = ~raw["workplaces"].cells["zone"].isin(scopes).to_numpy()
    problems += told(raw["workplaces"], "zone", unknown, f"a scope of {FORM}", scopes)
    problems += _pair_problems(len(pairs), transit, road)
    if raw["base_loads"] is not None:
        problems += _base_load_problems(raw["base_loads"], transit, road)
    if raw["rail_changes"] is not None:
        problems += rail_change_problems(raw["rail_changes"], transit.lines)
    base_loads, mode_choice = tables.pop("base_loads"), tables.pop("mode_choice")
    od = OriginDestination(settings, transit, road, pairs, base_loads, mode_choice)
    return problems, tables, od


def _missing(folder: Path) -> str:
    if folder.is_dir():
        return f"{FORM}: the file is missing in '{folder}'."
    return f"{folder}: there is no such folder; a territory is a folder of tables."


def _pair_problems(pairs: int, transit: TransitTables, road: RoadTables) -> list[str]:
    """Check that the modes have as many rows as there are pairs."""
    return [
        f"{name}/pairs.parquet: {rows:,} rows, but must have {each * pairs:,}, {each} for each "
        "pair of home and workplace of flows.parquet."
        for name, rows, each in (("transit", len(transit.pairs), 2), ("road", len(road.pairs), 1))
        if rows != each * pairs
    ]


def _base_load_problems(raw: RawTable, transit: TransitTables, road: RoadTables) -> list[str]:
    """Check that base loads are of segments and sections that there are."""
    problems = []
    for kind, file, size in (
        ("segment", "transit/segments.parquet", len(transit.segments)),
        ("section", "road/sections.parquet", len(road.sections)),
    ):
        wrong = (raw.cells["kind"] == kind) & (raw.cells["number"] >= size)
        problems += told(raw, "number", wrong.to_numpy(), f"a row of {file}, 0 to {size - 1}")
    return problems


def rail_change_problems(
    raw: RawTable, lines: pd.DataFrame, where: str = "transit/lines.csv"
) -> list[str]:
    """Check that dated changes are of known lines, whose trains never have more seats than places.

    Parameters
    ----------
    raw : RawTable
        ``rail_changes.csv``, its cells checked.
    lines : pandas.DataFrame
        line, seats_per_train and places_per_train before any change.
    where : str
        What has these lines, in a sentence.
    """
    changes, known = typed(TABLES["rail_changes"], raw), tuple(lines["line"].astype(str))
    wrong = ~changes["line"].isin(known).to_numpy()
    if wrong.any():
        return told(raw, "line", wrong, f"a line of {where}", known)
    problems = []
    sizes = lines.set_index("line")[["seats_per_train", "places_per_train"]].to_dict("index")
    for (date, line), rows in changes.groupby(["date", "line"], sort=True):
        size = sizes[line]
        size.update(zip(rows["field"], rows["value"], strict=True))
        if size["places_per_train"] < size["seats_per_train"]:
            problems.append(
                f"{raw.file}, row {raw.rows[rows.index[0]]}, column 'value': places_per_train of "
                f"line '{line}' is {size['places_per_train']:g} from {date}, but must be at least "
                f"seats_per_train, {size['seats_per_train']:g}."
            )
    return problems


def _flows(table: pd.DataFrame, communes: pd.DataFrame, workplaces: pd.DataFrame) -> pd.DataFrame:
    code, rows = {}, {}
    for column, places in (("commune", communes), ("workplace", workplaces)):
        found = table[column].cat
        names = found.categories.astype(str)
        code[column] = names.to_numpy()[found.codes]
        rows[column] = pd.Index(places["code"]).get_indexer(names)[found.codes]
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


def _hashes(folder: Path) -> dict[str, str]:
    kinds = ("*.csv", "*.parquet", "*.yaml", "transit/*.*", "road/*.*")
    files = {file for kind in kinds for file in folder.glob(kind)}
    files -= {folder / name for name in NAMES}
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(_content(file)).hexdigest()
        for file in sorted(files)
    }


def _content(file: Path) -> bytes:
    """Return a file's bytes, those of a text with line ends of one kind."""
    content = file.read_bytes()
    return content if file.suffix == ".parquet" else content.replace(b"\r\n", b"\n")
