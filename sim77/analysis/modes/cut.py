"""A territory cut out of a larger one: some residents, and the traffic of all the others."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from sim77.core.errors import TerritoryError
from sim77.core.files import parquet_frame
from sim77.runs.execute import RunSpec, start_model
from sim77.territory.build.build import (
    SCOPES,
    check_free,
    new_folder,
    readme,
    scope_settings,
    scopes_of,
    telecentres_of,
    write_text,
)
from sim77.territory.built import BASE_LOADS, OriginDestination
from sim77.territory.check import checked_table
from sim77.territory.road_tables import RoadTables
from sim77.territory.settings import FORM
from sim77.territory.territory import Territory, load_territory
from sim77.territory.transit_tables import TransitTables

_COPIED = (
    "sources.csv", "mode_choice.csv", "rail_changes.csv", "telecentre_names.csv",
    "departements.geojson",
)  # fmt: skip


def cut_territory(
    parent: Territory,
    folder: str | Path,
    departments: list[str],
    labels: dict[str, str],
    scopes: str | Path,
) -> Territory:
    """Write a territory of the residents of some départements.

    All workplaces stay. The riders and vehicles of the others are the difference to those of the
    larger territory on a day on which everybody goes to the office.

    Parameters
    ----------
    parent : Territory
        Built from public files, its modes fitted.
    folder : path
        Must not exist.
    departments : list of str
        As in ``communes.csv``.
    labels : dict of str to str
        What it is called, by language.
    scopes : path
        Which scope a workplace lies in (`sim77.territory.build.build.SCOPES`).

    Returns
    -------
    Territory

    Raises
    ------
    TerritoryError
        If a département is not in the territory, no scope fits a workplace, or the folder exists.
    """
    known = sorted(set(parent.communes["department"]))
    for each in departments:
        if each not in known:
            raise TerritoryError(
                f"No resident of '{parent.name}' lives in '{each}'; its départements are "
                f"{', '.join(known)}."
            )
    check_free(Path(folder))
    target = Path(folder).resolve()
    table = checked_table(Path(scopes), SCOPES)
    workplaces = pd.read_csv(parent.folder / "workplaces.csv", dtype=str, keep_default_na=False)
    workplaces["zone"] = scopes_of(workplaces["code"], table, Path(scopes).name)
    mine = parent.communes["department"].isin(departments).to_numpy()
    codes = set(parent.communes["code"][mine])
    kept = mine[parent.od.pairs["commune"].to_numpy(np.int64)]
    settings = {
        **parent.od.settings,
        "name": target.name,
        "label": labels,
        "residents": departments,
        **scope_settings(table),
        "command": _command(parent, target, departments, labels, Path(scopes)),
        "made_of": parent.od.settings["command"],
    }
    lines = [
        f"{len(codes):,} communes of residents in {', '.join(departments)}; all workplaces of "
        f"{parent.name}",
        f"riders and vehicles of the others: what {parent.name} has more, everybody at the office",
        *(f"assumed: {each}" for each in settings["assumptions"]),
    ]
    loads = _base_loads(parent)
    with new_folder(target) as partial:
        _copy_tables(parent, partial, codes)
        write_text(partial / "workplaces.csv", workplaces.to_csv(index=False, lineterminator="\n"))
        _cut_supply(parent, parent.od, partial, np.flatnonzero(kept))
        loads.to_parquet(partial / BASE_LOADS, index=False)
        text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
        write_text(partial / FORM, text)
        write_text(partial / "README.md", readme(settings, parent.sources, lines))
    return load_territory(target)


def _command(
    parent: Territory,
    target: Path,
    departments: list[str],
    labels: dict[str, str],
    scopes: Path,
) -> str:
    words = ["sim77", "territory", "cut", parent.name, target.name]
    words += ["--residents", ",".join(departments), "--scopes", scopes.name]
    words += [word for name, label in labels.items() for word in (f"--label-{name}", label)]
    return shlex.join(words)


def _copy_tables(parent: Territory, folder: Path, codes: set[str]) -> None:
    for name in _COPIED:
        if (parent.folder / name).is_file():
            shutil.copyfile(parent.folder / name, folder / name)
    communes = pd.read_csv(parent.folder / "communes.csv", dtype=str, keep_default_na=False)
    communes = communes[communes["code"].isin(codes)]
    communes.to_csv(folder / "communes.csv", index=False, lineterminator="\n")
    telecentres_of(parent.folder / "telecentres.csv", communes).to_csv(
        folder / "telecentres.csv", index=False, lineterminator="\n"
    )
    flows = parquet_frame(parent.folder / "flows.parquet")
    here = flows["commune"].astype(str).isin(codes)
    flows[here].reset_index(drop=True).to_parquet(folder / "flows.parquet", index=False)
    shapes = parent.shapes()
    if shapes is not None:
        _write_shapes(shapes, codes, folder / "communes.geojson")


def _write_shapes(shapes: dict[str, Any], codes: set[str], path: Path) -> None:
    features = [each for each in shapes["features"] if str(each["properties"].get("code")) in codes]
    text = json.dumps({**shapes, "features": features}, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")


def _cut_supply(parent: Territory, od: OriginDestination, folder: Path, pairs: np.ndarray) -> None:
    rows = (2 * pairs[:, None] + np.arange(2)).ravel()
    transit, road = od.transit, od.road
    TransitTables(
        lines=transit.lines,
        segments=transit.segments,
        pairs=transit.pairs.iloc[rows].reset_index(drop=True),
        paths=transit.paths[rows],
        waits=transit.waits[rows],
        stop_names=transit.stop_names,
    ).write(folder / "transit")
    RoadTables(
        sections=road.sections,
        pairs=road.pairs.iloc[pairs].reset_index(drop=True),
        paths=road.paths[pairs],
    ).write(folder / "road")
    for name in ("transit", "road"):
        licence = Path(name) / "LICENCE.md"
        if (parent.folder / licence).is_file():
            shutil.copyfile(parent.folder / licence, folder / licence)


def _base_loads(parent: Territory) -> pd.DataFrame:
    """Return the peak hour's riders and vehicles with everybody at the office."""
    spec = RunSpec("no-telecentres", territory=parent, workplaces=parent.workplace_zones)
    model = start_model(spec)
    loads = model.world.find_start(model.effects).loads
    return pd.concat(
        [
            pd.DataFrame({"kind": kind, "number": np.arange(load.size), "load": load})
            for kind, load in (("segment", loads.riders), ("section", loads.volume))
        ],
        ignore_index=True,
    )
