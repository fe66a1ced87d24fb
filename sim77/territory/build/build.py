"""Make the folder of a territory from public files, whole or not at all.

The folder holds tables (communes, workplaces, flows, telecentres), outlines for maps, a
``territory.yaml`` that names every input with its hash and every assumption, and a README.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
import yaml

from sim77.core.errors import TerritoryError, nearest, why
from sim77.core.extras import needs
from sim77.core.files import given_table
from sim77.core.units import AREA_TYPES, DAYS_OF_WEEK, WEEKDAYS
from sim77.registry.parameters import ParameterSet, resolve
from sim77.territory.build.car_flows import CAR, car_commuters
from sim77.territory.build.flows import (
    Flows,
    pairs_of,
    read_flows,
    read_modes,
    report_of,
    workers_of,
    write_workers,
)
from sim77.territory.build.gtfs import read_gtfs
from sim77.territory.build.new_lines import write_basis
from sim77.territory.build.roads import ASSUMPTIONS as ROAD_ASSUMPTIONS
from sim77.territory.build.roads import build_road
from sim77.territory.build.stop_names import proper_names
from sim77.territory.build.transit_network import (
    Network,
    add_hops,
    describe_lines,
    network_of_gtfs,
    read_hops,
    read_lines,
)
from sim77.territory.build.transit_paths import build_transit
from sim77.territory.build.zones import (
    LEAST_DENSITY_PER_KM2,
    POINTS_OF_DENSE_ZONES,
    Zones,
    read_zones,
    representative_points,
)
from sim77.territory.built import BASE_LOADS, rail_change_problems
from sim77.territory.check import checked_table
from sim77.territory.example import check_free
from sim77.territory.read import read_table
from sim77.territory.road_tables import RoadTables
from sim77.territory.schema import TABLES, Column, Table
from sim77.territory.settings import ALL_SCOPES, BASE_YEARS, MOST_SCOPES
from sim77.territory.territory import check_territory

with needs("territory"):
    import shapely

SCOPES = Table(
    (
        Column("prefix"),
        Column("scope"),
        Column("label_fr"),
        Column("label_en"),
        Column("default", "flag", required=False),
    ),
    key=("prefix",),
)
"""Which scope a workplace lies in: the longest prefix that its code begins with. A run that names
no workplaces takes the scopes with ``default`` 1, or all of them if there is none."""

FIBRE_YEARS = ((2014, 2017), (2017, 2020), (2019, 2022))
"""An estimate: when fibre reached the densest third of communes, the middle and the last."""
MAP_PRECISION = 1e-5
TRAFFIC_OF_OTHERS = (
    "Residents who are not simulated stay on the roads as in the base year; they are not on the "
    "trains."
)
_ODBL = (
    "# Licence of this folder",
    "",
    "These tables are derived from the sources below and are made available under the",
    "Open Database License (ODbL) 1.0, https://opendatacommons.org/licenses/odbl/1-0/.",
    "Whoever passes them on, or tables made from them, does so under the same licence",
    "and with the same credits.",
    "",
)


@dataclass(frozen=True)
class Inputs:
    """The files and choices that a territory is made of.

    Attributes
    ----------
    zones, shapes
        See `sim77.territory.build.zones`.
    flows
        See `sim77.territory.build.flows`.
    occupations
        Of residents at work, where the flows do not tell; none: they do.
    modes
        origin, destination, mode (VP: car), workers of the census, for as many origins as it is
        known for; None where the files of flows tell it.
    gtfs, day
        A timetable, and the date whose morning peak is taken.
    metro
        Minutes from station to station of lines that the timetable lacks; see `read_hops`.
    lines
        Labels, seats and places of lines; None: assumed by kind of train.
    rail_changes
        From when a line has other trains, as in any territory; None: never.
    roads, axes
        See `sim77.territory.build.road_network`.
    scopes
        `SCOPES`.
    sources
        ``source_id``, ``text``, ``licence``, ``note`` of every input by its name here (``zones``,
        ``flows`` …), and of what ``telecentres`` names as sources. A note says in what the input
        differs from the base year.
    telecentres
        As in any territory; None: there are none.
    base_year
        The year that flows are of.
    residents
        Départements whose residents are simulated; none: all.
    label_fr, label_en
        Name of the territory.
    """

    zones: Path
    shapes: Path
    flows: tuple[Path, ...]
    occupations: tuple[Path, ...]
    modes: Path | None
    gtfs: Path
    metro: Path | None
    lines: Path | None
    rail_changes: Path | None
    roads: Path
    axes: Path | None
    scopes: Path
    sources: Path
    telecentres: Path | None
    day: date
    base_year: int
    residents: tuple[str, ...]
    label_fr: str
    label_en: str

    def files(self) -> dict[str, tuple[Path, ...]]:
        """Return the files by name, without the list of sources."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        found = {
            name: value if isinstance(value, tuple) else (value,)
            for name, value in values.items()
            if name not in ("sources", "residents")
        }
        return {
            name: value
            for name, value in found.items()
            if value and all(isinstance(v, Path) for v in value)
        }

    def command(self, folder: str) -> str:
        """Return the command that makes the territory, with the names of the files."""
        words = ["sim77", "territory", "build", folder]
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None or value == ():
                continue
            option = "--" + each.name.replace("_", "-")
            values = value if isinstance(value, tuple) else (value,)
            words += [option, *(v.name if isinstance(v, Path) else str(v) for v in values)]
        return shlex.join(words)


def build_territory(folder: str | Path, inputs: Inputs) -> list[str]:
    """Make a territory.

    Parameters
    ----------
    folder : str or Path
        Made whole; it must not exist, or be empty.
    inputs : Inputs

    Returns
    -------
    list of str
        What was read, left out and assumed, one line each.

    Raises
    ------
    TerritoryError
        An input is wrong; nothing is left in the folder.
    """
    check_free(Path(folder))
    folder = Path(folder).resolve()
    zones = read_zones(inputs.zones, inputs.shapes)
    sources = _read_sources(inputs)
    scopes = checked_table(inputs.scopes, SCOPES)
    first, last = BASE_YEARS
    if not first <= inputs.base_year <= last:
        raise TerritoryError(
            f"The base year must be from {first} to {last}, not {inputs.base_year}."
        )
    if not (inputs.label_fr and inputs.label_en):
        raise TerritoryError("The territory must have a name in French and in English.")
    if inputs.day.weekday() >= len(WEEKDAYS):
        raise TerritoryError(
            "The day of the timetable must be from Monday to Friday, not "
            f"{DAYS_OF_WEEK[inputs.day.weekday()].capitalize()} {inputs.day}."
        )
    flows = read_flows(inputs.flows, zones, inputs.base_year, inputs.occupations)
    modes, modes_report = _modes(flows, zones, inputs)
    communes = _communes(zones, inputs.residents)
    workers = workers_of(flows, communes["code"].tolist())
    workplaces = _workplaces(zones, workers, scopes, inputs.scopes.name)
    telecentres = telecentres_of(inputs.telecentres, communes)
    points, pairs = representative_points(zones), pairs_of(workers)
    if pairs.empty:
        raise TerritoryError(
            f"{inputs.flows[0].name}: nobody of the residents leaves home for work in the zones."
        )
    network, remarks = _network(inputs)
    areas = zones.table.set_index("code")["area_type"]
    transit = build_transit(points, pairs, areas, network, _parameters(inputs))
    transit = transit.with_stop_names(proper_names(network.lines_of_stops, zones.table["name"]))
    if inputs.rail_changes:
        _check_rail_changes(inputs.rail_changes, transit.lines)
    road = _road(zones, points, pairs, flows, modes, inputs)
    assumptions = [*_assumptions(zones), *remarks, *ROAD_ASSUMPTIONS]
    assumptions += flows.remarks
    if inputs.residents:
        assumptions.append(TRAFFIC_OF_OTHERS)
    report = [
        *_report(zones, flows, communes, workplaces, workers),
        *modes_report,
        f"public transport: {len(transit.lines)} lines, {len(transit.segments):,} segments, "
        f"{transit.paths.nnz:,} shares of paths",
        f"roads: {len(road.sections):,} sections, {road.paths.nnz:,} shares of paths",
        *(f"assumed: {each}" for each in assumptions),
    ]
    with new_folder(folder) as partial:
        for name, table in (
            ("communes", communes),
            ("workplaces", workplaces),
            ("telecentres", telecentres),
            ("sources", sources),
        ):
            write_text(partial / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
        write_workers(workers, partial / "flows.parquet")
        if inputs.rail_changes:
            shutil.copyfile(inputs.rail_changes, partial / "rail_changes.csv")
        transit.write(partial / "transit")
        write_basis(network, points, partial / "transit")
        road.write(partial / "road")
        if inputs.residents:
            base_traffic(road).to_parquet(partial / BASE_LOADS, index=False)
        _write_licences(partial, inputs, sources)
        _write_maps(partial, zones, communes)
        settings = _settings(folder.name, inputs, sources, scopes, assumptions)
        write_text(
            partial / "territory.yaml",
            yaml.safe_dump(settings, sort_keys=False, allow_unicode=True, width=100),
        )
        write_text(partial / "README.md", readme(settings, sources, report))
    return report


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to write a territory into; it is checked, and gets its name when it is whole.

    Parameters
    ----------
    folder : path
        Of the territory: missing, or empty.

    Yields
    ------
    pathlib.Path
        A folder beside it.

    Raises
    ------
    TerritoryError
        What was written is no territory, or cannot be written; nothing is left of it.
    """
    partial = folder.with_name(f"{folder.name}.{uuid4().hex[:8]}.partial")
    try:
        partial.mkdir(parents=True)
        yield partial
        if problems := check_territory(partial):
            problem = problems[0].replace(f"{partial}{os.sep}", "")  # which is gone in a moment
            raise TerritoryError(f"These inputs make no territory: {problem}")
        if folder.exists():
            folder.rmdir()
        partial.replace(folder)
    except OSError as error:
        raise TerritoryError(f"{folder} cannot be written: {why(error)}.") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a text with the same bytes on every system."""
    path.write_text(text, encoding="utf-8", newline="\n")


# Tables --------------------------------------------------------------------------------------


def _read_sources(inputs: Inputs) -> pd.DataFrame:
    """Return the list of sources, which must name every input."""
    table = checked_table(inputs.sources, TABLES["sources"])
    for name in inputs.files():
        if name not in set(table["source_id"]):
            raise TerritoryError(
                f"{inputs.sources.name}: '{name}' is missing in column 'source_id'; every input "
                "needs a row that says where it is from and under which licence."
            )
    return table


def _communes(zones: Zones, residents: Sequence[str]) -> pd.DataFrame:
    """Return communes.csv: the zones whose residents are simulated."""
    for department in residents:
        if department not in zones.departments:
            raise TerritoryError(
                f"residents: {department!r}, but must be a département of the zones: "
                f"{', '.join(zones.departments)}."
            )
    table = zones.table
    if residents:
        table = table[table["department"].isin(residents)].reset_index(drop=True)
    return table.assign(
        fibre_start=fibre_starts(table["density_per_km2"].to_numpy()), source="zones"
    )


def fibre_starts(density: np.ndarray) -> list[str]:
    """Return ISO dates: each third of the communes, densest first, spread over its years."""
    rank = np.empty(len(density), dtype=int)
    rank[np.argsort(-density, kind="stable")] = np.arange(len(density))
    per_third = -(-len(density) // 3)
    starts = []
    for position in rank:
        third, within = divmod(int(position), per_third)
        first, last = (date(year, 1, 1) for year in FIBRE_YEARS[third])
        days = round((last - first).days * within / max(per_third - 1, 1))
        starts.append((first + timedelta(days=days)).isoformat())
    return starts


def _workplaces(
    zones: Zones, workers: pd.DataFrame, scopes: pd.DataFrame, file: str
) -> pd.DataFrame:
    """Return workplaces.csv: the zones where residents work, with their jobs."""
    jobs = workers.groupby("workplace")["workers"].sum()
    table = zones.table[zones.table["code"].isin(jobs.index)].reset_index(drop=True)
    columns = ["code", "name", "area_type", "lat", "lon", "area_km2"]
    table = table[columns].assign(jobs=table["code"].map(jobs).astype(int), source="flows")
    table.insert(2, "zone", scopes_of(table["code"], scopes, file))
    return table


def scopes_of(codes: pd.Series, scopes: pd.DataFrame, file: str) -> pd.Series:
    """Return the scope that each workplace lies in, by a table of the form of `SCOPES`."""
    number = scopes["scope"].nunique()
    if number > MOST_SCOPES:
        raise TerritoryError(f"{file}: expected at most {MOST_SCOPES} scopes, not {number}.")
    if (scopes["scope"] == ALL_SCOPES).any():
        raise TerritoryError(
            f"{file}, column 'scope': '{ALL_SCOPES}' stands for all scopes, so that none may be "
            "called so."
        )
    scope = pd.Series("", index=codes.index)
    longest_last = scopes.sort_values("prefix", key=lambda prefix: prefix.str.len())
    for prefix, name in zip(longest_last["prefix"], longest_last["scope"], strict=True):
        scope = scope.mask(codes.str.startswith(prefix), name)
    if (scope == "").any():
        raise TerritoryError(
            f"{file}: no 'prefix' fits the workplace {codes[scope == ''].iloc[0]}; every workplace "
            "needs a scope."
        )
    return scope


def scope_settings(scopes: pd.DataFrame) -> dict[str, Any]:
    """Return what ``territory.yaml`` says of the scopes, in the order of their table."""
    names = {row.scope: {"fr": row.label_fr, "en": row.label_en} for row in scopes.itertuples()}
    default = list(dict.fromkeys(scopes["scope"][scopes["default"] == 1])) or list(names)
    return {"scopes": names, "default_scopes": default}


def telecentres_of(path: Path | None, communes: pd.DataFrame) -> pd.DataFrame:
    """Return telecentres.csv; which of them lie in the territory follows from its communes."""
    form = TABLES["telecentres"]
    if path is None:
        return pd.DataFrame(columns=[column.name for column in form.columns if column.required])
    checked_table(path, form)
    table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    return table.assign(
        in_territory=table["commune_code"].str.strip().isin(communes["code"]).astype(int)
    )


def _check_rail_changes(path: Path, lines: pd.DataFrame) -> None:
    form = TABLES["rail_changes"]
    checked_table(path, form)
    raw = read_table(path, form)
    assert raw is not None  # it has just been read
    if problems := rail_change_problems(raw, lines, "the timetable"):
        raise TerritoryError(problems[0])


# Modes of travel -----------------------------------------------------------------------------


def _network(inputs: Inputs) -> tuple[Network, list[str]]:
    """Return what runs in the peak, and what reading the timetable left out or assumed."""
    gtfs = read_gtfs(inputs.gtfs)
    network, remarks = network_of_gtfs(gtfs, inputs.day, source="gtfs"), list(gtfs.remarks)
    if inputs.metro:
        network = add_hops(network, read_hops(inputs.metro), "metro", "metro")
    if inputs.lines:
        table = read_lines(inputs.lines)
        network = describe_lines(network, table)
        # A table of a region serves any timetable of it.
        remarks += [
            f"Line '{name}' of {inputs.lines.name} does not run in the morning peak of the "
            f"timetable, and its row was left out.{nearest(name, network.lines)}"
            for name in table["line"].unique()
            if name not in network.lines
        ]
    return network, remarks


def _modes(flows: Flows, zones: Zones, inputs: Inputs) -> tuple[pd.DataFrame, list[str]]:
    """Return who goes by which mode among the zones, and what reading it left out."""
    if inputs.modes:
        return read_modes(inputs.modes, zones)
    if flows.table["by_car"].notna().all():
        return flows.table.assign(mode=CAR, workers=flows.table["by_car"]), []
    raise TerritoryError(
        f"{inputs.flows[0].name} does not tell who drives; give --modes, or INSEE's files as "
        "--flows."
    )


def _road(
    zones: Zones,
    points: pd.DataFrame,
    pairs: pd.DataFrame,
    flows: Flows,
    modes: pd.DataFrame,
    inputs: Inputs,
) -> RoadTables:
    """Return the roads of the pairs, loaded with all who drive among the zones."""
    among = flows.table.rename(columns={"persons": "workers"})
    cars = car_commuters(among, modes, zones.table, points)
    axes = pd.DataFrame(columns=["road", "part", "order", "lon", "lat"], dtype=float)
    if inputs.axes:
        axes = _parquet_or_csv(inputs.axes, tuple(axes.columns))
    roads = _parquet_or_csv(inputs.roads, ("osm_id", "geometry"))
    return build_road(zones.table, points, pairs, cars, roads, axes, _parameters(inputs))


def _parameters(inputs: Inputs) -> ParameterSet:
    return resolve(date(inputs.base_year, 1, 1))


def base_traffic(road: RoadTables) -> pd.DataFrame:
    """Return the vehicles of the base year by section, those of residents elsewhere included."""
    vehicles = road.sections["base_vehicles"].to_numpy(float)
    return pd.DataFrame({"kind": "section", "number": np.arange(vehicles.size), "load": vehicles})


def _parquet_or_csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a table that must have some columns."""
    table = given_table(path, "the table", TerritoryError)
    for column in columns:
        if column not in table:
            raise TerritoryError(
                f"{path.name} has no column '{column}'.{nearest(column, table.columns)}"
            )
    return table


def _write_licences(folder: Path, inputs: Inputs, sources: pd.DataFrame) -> None:
    """Write under which licence each folder of derived tables stands, and whom to credit."""
    rows = sources.set_index("source_id")
    for name, derived in (("transit", ("gtfs", "metro", "lines")), ("road", ("roads", "axes"))):
        given = [each for each in derived if each in inputs.files()]
        texts, licences = rows.loc[given, "text"], rows.loc[given, "licence"]
        credits = [f"- {each} ({terms})" for each, terms in zip(texts, licences, strict=True)]
        text = "\n".join([*_ODBL, *credits, ""])
        write_text(folder / name / "LICENCE.md", text)


# Maps ----------------------------------------------------------------------------------------


def _write_maps(folder: Path, zones: Zones, communes: pd.DataFrame) -> None:
    names = zip(communes["code"], communes["name"], strict=True)
    _write_map(
        folder / "communes.geojson", [(code, name, zones.outlines[code]) for code, name in names]
    )
    departments = zones.table["department"]
    _write_map(
        folder / "departements.geojson",
        [
            (
                each,
                each,
                shapely.union_all(
                    [zones.outlines[c] for c in zones.table["code"][departments == each]]
                ),
            )
            for each in zones.departments
        ],
    )


def _write_map(path: Path, places: Sequence[tuple[str, str, Any]]) -> None:
    """Write outlines as GeoJSON, by code."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": json.loads(shapely.to_geojson(shapely.set_precision(shape, MAP_PRECISION))),
        }
        for code, name, shape in places
    ]
    collection = {"type": "FeatureCollection", "features": features}
    write_text(path, json.dumps(collection, ensure_ascii=False, separators=(",", ":")))


# Words ---------------------------------------------------------------------------------------


def _assumptions(zones: Zones) -> list[str]:
    least = ", ".join(
        f"{kind} from {density:,}"
        for kind, density in zip(AREA_TYPES, LEAST_DENSITY_PER_KM2, strict=False)
    )
    return [
        f"Area types follow from residents per km²: {least}, else {AREA_TYPES[-1]}, unless given.",
        f"Journeys of core and inner zones are averaged over {POINTS_OF_DENSE_ZONES} points spread "
        "evenly over the outline, parks and water included; other zones have one point.",
        f"{len(zones.moved)} zones had no point or one outside the outline; it was put inside.",
        "Fibre reaches communes by density: the densest third from "
        f"{FIBRE_YEARS[0][0]} to {FIBRE_YEARS[0][1]}, the next to {FIBRE_YEARS[1][1]}, the last "
        f"to {FIBRE_YEARS[2][1]}.",
        "Flows are whole persons, by largest remainder within each commune; who has no transport "
        "to work works at home. Residents who work outside the zones are left out.",
    ]


def _report(
    zones: Zones,
    flows: Flows,
    communes: pd.DataFrame,
    workplaces: pd.DataFrame,
    workers: pd.DataFrame,
) -> list[str]:
    total, home = int(workers["workers"].sum()), int(workers["workers"][workers["at_home"]].sum())
    kinds = communes["area_type"].value_counts()
    empty = sorted(set(communes["code"]) - set(workers["commune"]))
    lines = [
        f"zones: {len(zones.table):,} in {', '.join(zones.departments)}",
        *report_of("flows", flows.persons_read, flows.table, flows.left_out),
        f"communes: {len(communes):,} ("
        + ", ".join(f"{kinds.get(kind, 0):,} {kind}" for kind in AREA_TYPES)
        + ")",
        f"workplaces: {len(workplaces):,}",
        f"workers: {total:,}, of whom {home:,} work at home; "
        f"{len(workers):,} rows, {len(pairs_of(workers)):,} pairs of home and workplace",
    ]
    if empty:
        more = f" and {len(empty) - 10} more" if len(empty) > 10 else ""
        lines.append(f"  without workers: {', '.join(empty[:10])}{more}")
    return lines


def _settings(
    name: str,
    inputs: Inputs,
    sources: pd.DataFrame,
    scopes: pd.DataFrame,
    assumptions: Sequence[str],
) -> dict[str, Any]:
    """Return the content of ``territory.yaml``."""
    rows = sources.set_index("source_id")
    return {
        "name": name,
        "label": {"fr": inputs.label_fr, "en": inputs.label_en},
        "kind": "od",
        "base_year": inputs.base_year,
        "timetable": f"{inputs.gtfs.name}, morning peak of {inputs.day}",
        "residents": list(inputs.residents) or "all",
        **scope_settings(scopes),
        "command": inputs.command(name),
        "sources": [
            {
                "id": source,
                "file": path.name,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "text": rows.at[source, "text"],
                "licence": rows.at[source, "licence"],
            }
            for source, paths in inputs.files().items()
            for path in paths
        ],
        "assumptions": list(assumptions),
    }


def readme(settings: dict[str, Any], sources: pd.DataFrame, report: Sequence[str]) -> str:
    """Return the README of a territory: commands, sources, what was assumed, what differs."""
    notes = sources[sources["note"] != ""]
    rows = [
        f"| {each['id']} | {each['file']} | {each['text']} | {each['licence']} |"
        for each in settings["sources"]
    ]
    lines = [
        f"# {settings['label']['en']}",
        "",
        f"A territory of {settings['base_year']}, made from public files by:",
        "",
        "```sh",
        *(settings[each] for each in ("made_of", "command") if each in settings),
        "```",
        "",
        "The same files give the same bytes; `territory.yaml` has their SHA-256.",
        "",
        "## Sources",
        "",
        "| input | file | what it is, and where to get it | licence |",
        "| --- | --- | --- | --- |",
        *rows,
        "",
        "## What was read, left out and assumed",
        "",
        *(f"- {line.strip()}" for line in report),
        "",
    ]
    if len(notes):
        lines += [
            f"## What differs from {settings['base_year']}",
            "",
            *(f"- {row.source_id}: {row.note}" for row in notes.itertuples()),
            "",
        ]
    return "\n".join(lines)
