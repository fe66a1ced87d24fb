"""Take INSEE's own commuting files instead of the estimated flows.

``sim77 territory import-mobpro FILE ... --out FOLDER`` copies a territory and replaces in it the
flows, the residents at work and, where the file tells them, the occupation mix; the modes of
travel come beside. Every row read is accounted for in the report.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sim77.core.errors import TerritoryError
from sim77.core.units import OCCUPATION_GROUPS, WORKPLACE_ZONES
from sim77.territory.build.count import FlowCounts, Places, count_all, find_places
from sim77.territory.build.flows import NEW_MODES_VINTAGE, whole_persons
from sim77.territory.build.formats import FIRST_VINTAGE, MobproFile, recognise
from sim77.territory.build.import_report import ImportReport, make_report
from sim77.territory.example import check_free
from sim77.territory.territory import check_territory, load_territory

MODES_TO_2016 = {1: "none", 2: "walk", 3: "two-wheels", 4: "car", 5: "public-transport"}
MODES_FROM_2017 = {
    1: "none",
    2: "walk",
    3: "bicycle",
    4: "motorised-two-wheels",
    5: "car",
    6: "public-transport",
}
"""Codes of TRANS; the census tells bicycles from motorised two-wheelers from 2017 on."""
ONLY_FROM_2017 = 6
GROUP_CODES = {"managers": 3, "intermediate": 4, "clerical": 5, "manual": 6, "independents": 2}
"""Codes of CS1 (GS from 2022); 1, farmers, are in no group of the model."""

REPORT_FILES = ("import_report.json", "import_report.txt")
MODE_FILE = "mode_shares.csv"


def import_mobpro(
    files: Sequence[str | Path],
    out: str | Path,
    territory: str | Path | None = None,
    vintage: int | None = None,
) -> ImportReport:
    """Write a territory whose flows come from INSEE's commuting files.

    Parameters
    ----------
    files : sequence of str or Path
        Detail files or aggregated bases of one census year, CSV, Parquet or zip.
    out : str or Path
        Folder to make; it must not exist, or be empty.
    territory : str or Path, optional
        Territory to start from; the shipped Seine-et-Marne if left out.
    vintage : int, optional
        Census year, if neither the file's name nor its columns tell it.

    Returns
    -------
    ImportReport
        What was read, mapped and left out; also written into the folder.

    Raises
    ------
    TerritoryError
        A file is not what it should be, or the folder is not free.
    """
    check_free(Path(out))
    folder = Path(out).resolve()
    base = load_territory(territory)
    found = [each for path in files for each in recognise(Path(path))]
    year = _one_vintage(found, vintage)
    places = find_places(tuple(base.communes["code"]))
    counts = count_all(found, places)
    modes = _mode_names(found, counts, year)
    zone_persons = counts.zone_persons(places)
    home = np.repeat(np.arange(len(zone_persons)), zone_persons.shape[1])
    workers = whole_persons(zone_persons.ravel(), home).reshape(zone_persons.shape)
    report = make_report(found, places, counts, year, workers)
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        _copy(base.folder, partial)
        _write_flows(partial, places, workers, report.source)
        _write_residents(partial, workers, report.source)
        _write_occupations(partial, counts, report.source)
        if modes:
            _write_modes(partial, places, counts.modes, modes, report.source)
        _write_source(partial, report)
        _write_report(partial, report)
        for problem in check_territory(partial)[:1]:
            raise TerritoryError(f"The imported territory would not be usable: {problem}")
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    if folder.exists():
        folder.rmdir()
    partial.replace(folder)
    return report


def _one_vintage(found: Sequence[MobproFile], given: int | None) -> int | None:
    """Return the census year that all files share; None if nothing tells it."""
    if not found:
        raise TerritoryError("No file was given; name at least one commuting file of INSEE.")
    if given is not None and given < FIRST_VINTAGE:
        raise TerritoryError(f"vintage is {given}, but must be a census year from 2006 on.")
    for each in found:
        if each.kind == "aggregated" and given not in (None, each.vintage):
            raise TerritoryError(
                f"{each.name}, column '{each.headings[each.positions['weight']]}', counts persons "
                f"of {each.vintage}, but vintage is {given}."
            )
    first = found[0]
    for other in found[1:]:
        if other.kind != first.kind or (given is None and other.vintage != first.vintage):
            raise TerritoryError(
                f"{first.name} ({first.kind}, {first.vintage or 'year unknown'}) and {other.name} "
                f"({other.kind}, {other.vintage or 'year unknown'}) do not belong together; "
                "import one kind and one census year at a time."
            )
    return given if given is not None else first.vintage


def _mode_names(
    found: Sequence[MobproFile], counts: FlowCounts, year: int | None
) -> dict[int, str]:
    """Return what the codes of TRANS mean in these files; empty when they have none."""
    if not all("mode" in each.positions for each in found):
        return {}
    new_code_there = bool(counts.modes[..., ONLY_FROM_2017].any())
    if year is None:
        return MODES_FROM_2017 if new_code_there else MODES_TO_2016
    if year >= NEW_MODES_VINTAGE:
        return MODES_FROM_2017
    if new_code_there:
        raise TerritoryError(
            f"{found[0].name}, column 'TRANS', has the code {ONLY_FROM_2017}, which came with "
            f"{NEW_MODES_VINTAGE}, but its year is {year}; give the vintage it really has."
        )
    return MODES_TO_2016


# Writing -------------------------------------------------------------------------------------


def _copy(base: Path, folder: Path) -> None:
    """Copy the tables and maps, but not what an earlier import left beside them."""
    folder.mkdir(parents=True)
    for path in sorted(base.iterdir()):
        if path.is_file() and path.name not in (*REPORT_FILES, MODE_FILE):
            shutil.copyfile(path, folder / path.name)


def _read(path: Path) -> pd.DataFrame:
    """Read a table as it stands: every cell text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _write(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _write_flows(folder: Path, places: Places, workers: np.ndarray, source: str) -> None:
    zones = len(WORKPLACE_ZONES)
    table = pd.DataFrame(
        {
            "commune_code": np.repeat(places.communes, zones),
            "workplace_zone": np.tile(WORKPLACE_ZONES, len(places.communes)),
            "workers": workers.ravel(),
            "estimated": 0,
            "source": source,
        }
    )
    _write(table, folder / "flows.csv")


def _write_residents(folder: Path, workers: np.ndarray, source: str) -> None:
    """Replace the residents at work in Île-de-France, the sum of a commune's flows."""
    table = _read(folder / "communes.csv")
    table["residents_at_work"] = workers.sum(axis=1)
    table["residents_at_work_estimated"] = 0
    # A second import replaces the words of the first.
    table["source"] = table["source"].str.replace(r"; INSEE MOBPRO.*$", "", regex=True)
    table["source"] += f"; {source}"
    _write(table, folder / "communes.csv")


def _write_occupations(folder: Path, counts: FlowCounts, source: str) -> None:
    """Replace the mix of the zones where occupations are known."""
    table = _read(folder / "occupations.csv")
    codes = [GROUP_CODES[group] for group in OCCUPATION_GROUPS]
    for zone, persons in zip(WORKPLACE_ZONES, counts.occupations[:, codes], strict=True):
        if not persons.sum() > 0:
            continue
        shares = np.round(persons / persons.sum(), 6)
        shares[np.argmax(shares)] += 1 - shares.sum()
        for group, share in zip(OCCUPATION_GROUPS, shares, strict=True):
            row = (table["workplace_zone"] == zone) & (table["group"] == group)
            table.loc[row, ["share", "estimated", "source"]] = [f"{share:.6f}", "0", source]
    _write(table, folder / "occupations.csv")


def _write_modes(
    folder: Path, places: Places, persons: np.ndarray, names: dict[int, str], source: str
) -> None:
    """Write who travels how, ``(n_communes, n_zones, 10)`` persons, shares of the known modes."""
    known = persons[:, :, list(names)]
    home, zone, mode = np.nonzero(known)
    table = pd.DataFrame(
        {
            "commune_code": np.array(places.communes)[home],
            "workplace_zone": np.array(WORKPLACE_ZONES)[zone],
            "mode": np.array(list(names.values()))[mode],
            "persons": np.round(known[home, zone, mode], 2),
            "share": np.round(known[home, zone, mode] / known.sum(axis=2)[home, zone], 6),
            "estimated": 0,
            "source": source,
        }
    )
    _write(table, folder / MODE_FILE)


def _write_source(folder: Path, report: ImportReport) -> None:
    """Add the files to the list of sources, if the territory keeps one."""
    path = folder / "sources.csv"
    if not path.is_file():
        return
    table = _read(path)
    names = ", ".join(each.name for each in report.files)
    row = dict.fromkeys(table.columns, "")
    row |= {"source_id": report.source, "text": f"INSEE census, commuting file: {names}"}
    if "licence" in row:
        row["licence"] = "Licence Ouverte / Open Licence 2.0"
    kept = table[table["source_id"] != report.source]
    _write(pd.concat([kept, pd.DataFrame([row])]), path)


def _write_report(folder: Path, report: ImportReport) -> None:
    text = json.dumps(report.to_dict(), ensure_ascii=False, indent=2)
    for name, content in zip(REPORT_FILES, (text, str(report)), strict=True):
        (folder / name).write_text(content + "\n", encoding="utf-8", newline="\n")
