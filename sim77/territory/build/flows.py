"""Observed flows: who lives and works where, by occupation group, and who works at home.

Read from a table of flows (`FLOWS`, CSV or Parquet), from INSEE's detail files of any census
(MOBPRO), or from its base of flows, which tells neither occupations nor modes: those are then of
the residents of each commune. Turned into whole workers of each home zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim77.core.errors import TerritoryError, nearest
from sim77.core.files import parquet_table
from sim77.territory.build.formats import (
    Batch,
    InseeFile,
    Kind,
    NoSuchTableError,
    persons_of,
    read_batches,
    recognise,
)
from sim77.territory.build.persons import GROUPS, read_persons
from sim77.territory.build.zones import Zones, department_of
from sim77.territory.check import checked
from sim77.territory.read import RawTable, as_table, read_table
from sim77.territory.schema import Column, Table

FLOWS = Table(
    (
        Column("origin", "code"),
        Column("destination", "code"),
        Column("csp", "int", low=1, high=6),
        Column("at_home", "flag"),
        Column("workers", "number", low=0, high=10_000_000),
    ),
    key=("origin", "destination", "csp", "at_home"),
)
"""``csp`` as in the census: 1 farmers, 2 artisans, shopkeepers and heads of firms, 3 managers, 4
intermediate, 5 clerical, 6 manual. ``workers`` may be a fraction: weights of a survey."""

MODES = Table(
    (
        Column("origin", "code"),
        Column("destination", "code"),
        Column("mode"),
        Column("workers", "number", low=0, high=10_000_000),
    ),
    key=(),
    others=True,
)
"""``mode`` VP: by car. Rows of one pair and mode, as those of occupations, are summed."""

AT_HOME_BY_GROUP = (0.408, 0.095, 0.024, 0.022, 0.063, 0.021)
"""Share of each group that works at home: census, residents of Île-de-France, 2014."""
OCCUPATIONS_OF_RESIDENTS = (
    "Flows tell no occupations: everybody who leaves a commune has those of its residents at work, "
    "whatever the destination, and the share who drives is theirs too. Who works at home follows "
    "from their number in the commune, by occupation as in Île-de-France in 2014."
)
_OCCUPATIONS: Kind = "occupations"
_WAYS: Kind = "ways"
_HELD = {_OCCUPATIONS: "the occupations of residents", _WAYS: "how residents go to work"}
_CODE = r"(\d\d|2[AB])\d{3}"
_ROUNDING = 1e-6
_KEY = list(FLOWS.key)
_NOT_TOLD = ("", "00000", "ZZZZZ", "99999")
_CITIES = {"751": "75056", "132": "13055", "6938": "69123"}
"""Paris, Marseille and Lyon, by how the codes of their arrondissements begin."""
RESIDENTS_ELSEWHERE = "live outside the zones"
WORK_ELSEWHERE = "work outside the zones, abroad or at a place not told"
NO_GROUP = "have no occupation group from 1 to 6"


@dataclass(frozen=True)
class Flows:
    """What was read.

    Attributes
    ----------
    table
        Among the zones, sorted: origin, destination, csp, at_home (bool), persons, by_car (those
        of them who drive; NaN where the files do not tell).
    persons_read
        Those of all rows.
    left_out
        Why persons are not in the table, and how many.
    of_residents
        Whether occupations are those of a commune's residents, whatever their destination.
    remarks
        What else was assumed.
    """

    table: pd.DataFrame
    persons_read: float
    left_out: dict[str, float]
    of_residents: bool = False
    remarks: tuple[str, ...] = ()


def read_flows(
    files: Sequence[Path], zones: Zones, base_year: int, occupations: Sequence[Path] = ()
) -> Flows:
    """Read flows and keep those among the zones.

    A code of a département that the zones cover must be one of theirs or a former one; others are
    outside, and what is left out is counted. ``base_year`` is the census of files that do not tell,
    ``occupations`` INSEE's bases on residents at work, for a base of flows.

    Raises
    ------
    TerritoryError
        A cell is wrong, a code unknown, the same flow given twice, or nothing is left.
    """
    pieces: list[Flows] = []
    names: list[str] = []
    for path in files:
        if _is_table(path):
            found = {path.name: _read_table(path, zones)}
        else:
            found = {
                file.name: _read_base(file, zones, base_year, occupations)
                if file.kind == "flows"
                else _read_mobpro(file, zones, base_year)
                for file in recognise(path, ("detail", "flows"))
            }
        for name, piece in found.items():
            for other, earlier in zip(names, pieces, strict=True):
                if len(piece.table) and piece.table.equals(earlier.table):
                    raise TerritoryError(
                        f"{other} and {name} hold the same persons; give the file once."
                    )
            names.append(name)
            pieces.append(piece)
    of_residents = [piece.of_residents for piece in pieces]
    if any(of_residents) and len(pieces) > 1:
        raise TerritoryError(
            f"{', '.join(names)}: a base of flows is given alone, as it holds everybody."
        )
    if occupations and not any(of_residents):
        raise TerritoryError(
            f"{occupations[0].name} is not needed: {', '.join(names)} tells occupations itself; "
            "leave --occupations out."
        )
    read = sum(piece.persons_read for piece in pieces)
    left_out: dict[str, float] = {}
    for piece in pieces:
        for reason, persons in piece.left_out.items():
            left_out[reason] = left_out.get(reason, 0.0) + persons
    table = _summed([piece.table for piece in pieces])
    _refuse_nobody(table, files[0], zones)
    remarks = tuple(each for piece in pieces for each in piece.remarks)
    return Flows(table, read, left_out, any(of_residents), remarks)


def read_modes(path: Path, zones: Zones) -> tuple[pd.DataFrame, list[str]]:
    """Read who takes which mode, a table of the form of `MODES`, and keep those among the zones.

    Returns
    -------
    table : pandas.DataFrame
        origin, destination, mode, workers.
    report : list of str
        As of `report_of`.

    Raises
    ------
    TerritoryError
        A cell is wrong, a code unknown, or nothing is left.
    """
    table = _read_located(path, MODES, zones)
    left_out: dict[str, float] = {}
    among = _within(table, left_out)
    _refuse_nobody(among, path, zones)
    report = report_of("modes", float(table["persons"].sum()), among, left_out)
    return among.rename(columns={"persons": "workers"}), report


def report_of(
    what: str, read: float, among: pd.DataFrame, left_out: Mapping[str, float]
) -> list[str]:
    """Say how many persons were read and are among the zones, and why the others are not."""
    persons = float(among["persons"].sum())
    return [
        f"{what}: {read:,.0f} persons read, {persons:,.0f} among the zones",
        *(f"  left out: {count:,.0f} {reason}" for reason, count in left_out.items() if count),
    ]


def _refuse_nobody(table: pd.DataFrame, path: Path, zones: Zones) -> None:
    if not table["persons"].sum() > 0:
        raise TerritoryError(
            f"{path.name}: nobody lives and works in the zones ({zones.table['code'].iloc[0]}, "
            "…); the codes must be those of the table of zones."
        )


def _summed(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(tables, ignore_index=True)
    return table.groupby(_KEY, as_index=False, sort=True)[["persons", "by_car"]].sum(min_count=1)


def _locate(codes: pd.Series, zones: Zones, file: str, column: str, rows: np.ndarray) -> pd.Series:
    """Return today's code of each, missing where it is outside; refuse an unknown one inside."""
    found = _current(codes, zones)
    found = found.where(found.notna(), _city_of(codes, zones))
    inside = department_of(codes).isin(zones.departments) & ~codes.isin(_NOT_TOLD)
    unknown = (found.isna() & inside).to_numpy()
    if unknown.any():
        place = int(np.argmax(unknown))
        code = codes.iloc[place]
        raise TerritoryError(
            f"{file}, row {rows[place]}, column '{column}': {code!r}, but must be a code of the "
            f"zones or a former one of them.{nearest(code, zones.table['code'])}"
        )
    return found


def _current(codes: pd.Series, zones: Zones) -> pd.Series:
    return codes.map(zones.current_code).astype(object)


def _city_of(codes: pd.Series, zones: Zones) -> pd.Series:
    """Return the zone of the city that a code is an arrondissement of, missing for others."""
    of = {beginning: zones.current_code.get(city) for beginning, city in _CITIES.items()}
    # Those of Paris and Marseille begin with three digits alike, those of Lyon with four.
    short, long = (codes.str[:digits].map(of).astype(object) for digits in (3, 4))
    return short.where(short.notna(), long)


def _within(table: pd.DataFrame, left_out: dict[str, float]) -> pd.DataFrame:
    """Keep the rows whose ends and group, if they have one, are known, and count the others."""
    for column, reason in (
        ("origin", RESIDENTS_ELSEWHERE),
        ("destination", WORK_ELSEWHERE),
        ("csp", NO_GROUP),
    ):
        if column not in table:
            continue
        missing = table[column].isna()
        left_out[reason] = left_out.get(reason, 0.0) + float(table["persons"][missing].sum())
        table = table[~missing]
    return table


# A table of flows ----------------------------------------------------------------------------


def _is_table(path: Path) -> bool:
    """Say whether a file has columns of `FLOWS`; all that is not is for the reader of MOBPRO."""
    if path.is_dir():
        raise TerritoryError(f"{path} is a folder; name the file in it.")
    if not path.is_file():
        raise TerritoryError(f"{path}: there is no such file.")
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PAR1"):
        try:
            names = pq.read_schema(path).names
        except (pa.ArrowException, OSError):
            return False
    else:
        names = re.split(r"[,;\t]", head.splitlines()[0].decode("latin-1")) if head.strip() else []
    return bool({"origin", "destination", "workers"} & {name.strip(' "\ufeff') for name in names})


def _read_table(path: Path, zones: Zones) -> Flows:
    table = _read_located(path, FLOWS, zones)
    table["at_home"] = table["at_home"].astype(bool)
    table["by_car"] = np.nan
    left_out: dict[str, float] = {}
    return Flows(_within(table, left_out), float(table["persons"].sum()), left_out)


def _read_located(path: Path, form: Table, zones: Zones) -> pd.DataFrame:
    """Read a table of workers, as persons, by today's codes; they are missing outside."""
    is_parquet = path.suffix.lower() == ".parquet"
    raw = _parquet_cells(path, form) if is_parquet else read_table(path, form)
    if raw is None:
        raise TerritoryError(f"{path}: there is no such file.")
    table = checked(raw, form).rename(columns={"workers": "persons"})
    for column in ("origin", "destination"):
        table[column] = _locate(table[column], zones, path.name, column, raw.rows)
    return table


def _parquet_cells(path: Path, form: Table) -> RawTable:
    """Return the cells of a Parquet file as text, so that one check serves both containers."""
    try:
        table = parquet_table(path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise TerritoryError(f"{path.name} is damaged ({reason}).") from None
    known = {column.name for column in form.columns}
    columns = []
    for name in table.column_names:
        column = table[name]
        if form.others and name not in known:
            column = pa.nulls(len(column), pa.string())
        if pa.types.is_boolean(column.type):
            column = pc.cast(column, pa.int8())
        try:
            text = pc.fill_null(pc.cast(column, pa.string()), "")
        except pa.ArrowException:
            raise TerritoryError(
                f"{path.name}, column '{name}': holds {column.type}, but must hold texts or "
                "numbers."
            ) from None
        columns.append([cell.strip() for cell in text.to_pylist()])
    rows = [list(row) for row in zip(*columns, strict=True)]
    return as_table(path.name, form, b"", [table.column_names, *rows])


# INSEE's detail files ------------------------------------------------------------------------


def _read_mobpro(file: InseeFile, zones: Zones, base_year: int) -> Flows:
    read, tables = 0.0, []
    left_out: dict[str, float] = {}
    for persons in read_persons(file, list(zones.current_code), base_year):
        read += float(persons["persons"].sum())
        rows = persons["row"].to_numpy()
        home, work = (file.headings[file.positions[role]] for role in ("residence", "workplace"))
        table = persons[["csp", "at_home", "persons"]].assign(
            origin=_locate(persons["home"], zones, file.name, home, rows),
            destination=_locate(persons["workplace"], zones, file.name, work, rows),
            by_car=persons["persons"].where(persons["mode"] == "VP", 0.0),
        )
        tables.append(_summed([_within(table, left_out)]))
    if not tables:
        raise TerritoryError(f"{file.name} has column names, but no rows.")
    return Flows(_summed(tables), read, left_out)


# INSEE's base of flows -----------------------------------------------------------------------


def _read_base(file: InseeFile, zones: Zones, base_year: int, occupations: Sequence[Path]) -> Flows:
    if not occupations:
        raise TerritoryError(
            f"{file.name} tells no occupations; name INSEE's bases on residents at work "
            "(base-cc-emploi-pop-active and base-cc-caract_emp) with --occupations, or give the "
            "detail file (FD_MOBPRO)."
        )
    if file.vintage != base_year:
        raise TerritoryError(
            f"{file.name} has flows of {file.vintage}, but the base year is {base_year}."
        )
    tables = [
        _located(batch, file, zones, ("residence", "workplace")).assign(
            csp=1,  # shared out below
            persons=persons_of(file, batch, "weight"),
        )
        for batch in read_batches(file)
    ]
    if not tables:
        raise TerritoryError(f"{file.name} has column names, but no rows.")
    table, left_out = pd.concat(tables, ignore_index=True), dict[str, float]()
    _refuse_twice(table, ["residence_code", "workplace_code"], file.name)
    table = table.rename(columns={"residence": "origin", "workplace": "destination"})
    read = float(table["persons"].sum())
    # Who works at home is a share of all residents at work, those who work outside included.
    leaving = table.groupby("origin")["persons"].sum()
    among = _within(table, left_out).groupby(["origin", "destination"])["persons"].sum()
    residents, remarks = _residents(occupations, zones, file, leaving.index)
    shared = _by_occupation(among.reset_index(), leaving, residents)
    return Flows(_summed([shared]), read, left_out, True, (OCCUPATIONS_OF_RESIDENTS, *remarks))


def _refuse_twice(table: pd.DataFrame, columns: list[str], file: str) -> None:
    twice = table.duplicated(columns).to_numpy()
    if twice.any():
        row = table.iloc[int(np.argmax(twice))]
        first = table.loc[(table[columns] == row[columns]).all(axis=1), "row"].iloc[0]
        what = " to ".join(row[columns])
        raise TerritoryError(f"{file}, row {row['row']}: {what} is already in row {first}.")


def _located(batch: Batch, file: InseeFile, zones: Zones, roles: Sequence[str]) -> pd.DataFrame:
    """Return today's codes of columns given by role, those of the file, and its rows."""
    rows = batch.first_row + np.arange(len(batch.texts["residence"]))
    found: dict[str, Any] = {"row": rows}
    for role in roles:
        codes = batch.texts[role].to_pandas().astype(object).str.zfill(5)
        heading = file.headings[file.positions[role]]
        malformed = ~codes.str.fullmatch(_CODE).to_numpy(bool) & (role == "residence")
        if malformed.any():
            place = int(np.argmax(malformed))
            raise TerritoryError(
                f"{file.name}, row {rows[place]}, column '{heading}': "
                f"{batch.texts[role][place].as_py()!r}, but must be the code of a commune, like "
                "77186."
            )
        found |= {role: _locate(codes, zones, file.name, heading, rows), f"{role}_code": codes}
    return pd.DataFrame(found)


def _residents(
    paths: Sequence[Path], zones: Zones, flows: InseeFile, needed: pd.Index
) -> tuple[pd.DataFrame, list[str]]:
    """Return residents at work by zone, all, at home, by car and by occupation, and remarks."""
    found = []
    for kind in (_OCCUPATIONS, _WAYS):
        files, refused = [], None
        for path in paths:
            try:
                files += recognise(path, (kind,))
            except NoSuchTableError as error:
                refused = error
        if len(files) > 1:
            names = ", ".join(each.name for each in files)
            raise TerritoryError(f"{names}: each holds {_HELD[kind]}; give one.")
        if not files:
            assert refused is not None
            raise TerritoryError(f"no file of --occupations holds {_HELD[kind]}: {refused}")
        (file,) = files
        if file.vintage != flows.vintage:
            raise TerritoryError(
                f"{file.name} is of {file.vintage}, but {flows.name} of {flows.vintage}; give "
                "both of one census."
            )
        found.append(_of_zones(file, zones, needed))
    table = pd.concat(found, axis=1, sort=False)
    groups = [f"csp{group}" for group in GROUPS]
    department = table.index.str[:2]
    bare = (table[groups].sum(axis=1) == 0) & (table["workers"] > 0)
    remarks = []
    if bare.any():
        table.loc[bare, groups] = table.groupby(department)[groups].transform("sum")[bare]
        remarks.append(
            "Communes that tell no occupation, and have those of their département: "
            f"{int(bare.sum())}."
        )
    return table, remarks


def _of_zones(file: InseeFile, zones: Zones, needed: pd.Index) -> pd.DataFrame:
    """Return the columns of a base on residents by zone; other communes need not be right."""
    pieces = []
    for batch in read_batches(file):
        code = batch.texts["residence"].to_pandas().astype(object).str.zfill(5)
        city, rows = _city_of(code, zones), batch.first_row + np.arange(len(code))
        table = pd.DataFrame({
            "row": rows, "residence_code": code, "residence": _current(code, zones),
        })  # fmt: skip
        table = table.assign(part=table["residence"].isna() & city.notna())
        table["residence"] = table["residence"].where(~table["part"], city)
        inside = table["residence"].notna().to_numpy()
        persons = {role: persons_of(file, batch, role, inside) for role in batch.cells}
        pieces.append(table[inside].assign(**persons))
    if not pieces:
        raise TerritoryError(f"{file.name} has column names, but no rows.")
    table = pd.concat(pieces, ignore_index=True)
    # Arrondissements stand for a city that has no row of its own.
    whole = table.loc[~table["part"], "residence"]
    table = table[~(table["part"] & table["residence"].isin(whole))]
    _refuse_twice(table, ["residence_code"], file.name)
    missing = needed.difference(pd.Index(table["residence"]))
    if len(missing):
        raise TerritoryError(
            f"{file.name} has no row for {missing[0]}, where people of the flows live."
        )
    if "workers" in table:
        for role in ("at_home", "by_car"):
            more = (table[role] > table["workers"] * (1 + _ROUNDING)).to_numpy()
            if more.any():
                row = table.iloc[int(np.argmax(more))]
                raise TerritoryError(
                    f"{file.name}, row {row['row']}: {row[role]:g} persons in column "
                    f"'{file.headings[file.positions[role]]}', more than the {row['workers']:g} "
                    "at work."
                )
    roles = [role for role in file.positions if role != "residence"]
    return table.groupby("residence")[roles].sum()


def _by_occupation(
    flows: pd.DataFrame, leaving: pd.Series, residents: pd.DataFrame
) -> pd.DataFrame:
    """Share out persons as `OCCUPATIONS_OF_RESIDENTS` says.

    Parameters
    ----------
    flows : pandas.DataFrame
        origin, destination, persons.
    leaving : pandas.Series
        Persons by origin, those with other destinations included.
    residents : pandas.DataFrame
        What `_residents` returns.

    Returns
    -------
    pandas.DataFrame
        As `Flows.table`. Together those of a commune who leave and who stay at home have the
        occupations of its residents.
    """
    origins, row = np.unique(flows["origin"].to_numpy(str), return_inverse=True)
    mine = residents.reindex(origins, fill_value=0.0)
    groups = mine[[f"csp{group}" for group in GROUPS]].to_numpy()
    nobody = (mine["workers"].to_numpy() == 0) | (groups.sum(axis=1) == 0)
    if nobody.any():
        raise TerritoryError(
            f"The bases on residents at work have nobody at work in {origins[nobody][0]}, but the "
            f"flows have {leaving[origins[nobody][0]]:,.0f} persons who live there."
        )
    share = groups / groups.sum(axis=1, keepdims=True)
    persons, total = flows["persons"].to_numpy(), leaving[origins].to_numpy()[:, None]
    stay = (flows["origin"] == flows["destination"]).to_numpy()
    within = np.bincount(row, persons * stay)
    at_home = np.minimum((mine["at_home"] / mine["workers"]).to_numpy() * total[:, 0], within)
    weight = share * AT_HOME_BY_GROUP
    home = np.minimum(at_home[:, None] * weight / weight.sum(axis=1, keepdims=True), share * total)
    away = share * total - home
    away = np.divide(away, away.sum(axis=1, keepdims=True), out=np.zeros_like(away),
                     where=away.sum(axis=1, keepdims=True) > 0)  # fmt: skip
    leave = mine["workers"] - mine["at_home"]
    by_car = (mine["by_car"] / leave.where(leave > 0)).fillna(0.0).clip(upper=1.0).to_numpy()
    going = (persons - stay * home.sum(axis=1)[row])[:, None] * away[row]
    tables = [
        _grouped(flows["origin"], flows["destination"], False, going, by_car[row][:, None]),
        _grouped(origins, origins, True, home, np.zeros((origins.size, 1))),
    ]
    table = pd.concat(tables, ignore_index=True)
    return table[table["persons"] > 0]


def _grouped(
    origin: Iterable[str], destination: Iterable[str], at_home: bool, persons: np.ndarray,
    by_car: np.ndarray,
) -> pd.DataFrame:  # fmt: skip
    """Return persons (n, 6) as rows; `by_car` is the share who drives, (n, 1)."""
    n = len(persons)
    return pd.DataFrame(
        {
            "origin": np.repeat(np.asarray(origin, dtype=object), len(GROUPS)),
            "destination": np.repeat(np.asarray(destination, dtype=object), len(GROUPS)),
            "csp": np.tile(np.arange(1, len(GROUPS) + 1), n),
            "at_home": at_home,
            "persons": persons.ravel(),
            "by_car": (persons * by_car).ravel(),
        }
    )


# Whole workers -------------------------------------------------------------------------------


def whole_persons(persons: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Round persons to whole ones by largest remainder within groups.

    Parameters
    ----------
    persons : numpy.ndarray
        ``(n,)`` weighted persons, at least 0.
    group : numpy.ndarray
        ``(n,)`` int from 0, the group of each.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` int64; each group sums to its rounded total; of equal remainders the earlier row
        gains. Where groups are homes and rows in the order of workplaces' codes, the first
        workplaces gain a little: Paris 0.2 % of its workers from Seine-et-Marne.

    Examples
    --------
    >>> whole_persons(np.array([1.5, 0.7, 0.5, 0.3]), np.zeros(4, dtype=int))
    array([2, 1, 0, 0])
    """
    whole = np.floor(persons).astype(np.int64)
    # The binary sum of decimal weights may end just beside a half.
    totals = np.floor(np.bincount(group, persons).round(6) + 0.5).astype(np.int64)
    missing = totals - np.bincount(group, whole).astype(np.int64)
    order = np.lexsort((whole - persons, group))
    first = np.searchsorted(group[order], np.arange(len(totals)))
    rank = np.empty(len(persons), dtype=np.int64)
    rank[order] = np.arange(len(persons)) - first[group[order]]
    return whole + (rank < missing[group])


def workers_of(flows: Flows, communes: Sequence[str]) -> pd.DataFrame:
    """Return the whole workers who live in some of the zones.

    Parameters
    ----------
    flows : Flows
    communes : sequence of str
        Codes of the home zones.

    Returns
    -------
    pandas.DataFrame
        commune, workplace, csp (int8), at_home, workers (int32, at least 1), sorted. A commune's
        workers are its persons in the census, rounded.
    """
    table = flows.table[flows.table["origin"].isin(communes)]
    group = np.unique(table["origin"], return_inverse=True)[1]
    workers = whole_persons(table["persons"].to_numpy(), group)
    result = pd.DataFrame(
        {
            "commune": table["origin"],
            "workplace": table["destination"],
            "csp": table["csp"].astype("int8"),
            "at_home": table["at_home"].astype(bool),
            "workers": workers.astype("int32"),
        }
    )
    return result[workers > 0].reset_index(drop=True)


def pairs_of(workers: pd.DataFrame) -> pd.DataFrame:
    """Return commune and workplace of those who do not work at home, in order; a row is a pair."""
    away = workers[~workers["at_home"]]
    return away[["commune", "workplace"]].drop_duplicates(ignore_index=True)


def write_workers(workers: pd.DataFrame, path: Path) -> None:
    """Write ``flows.parquet``; the same table gives the same bytes."""
    columns = {}
    for name in workers.columns:
        column = pa.array(workers[name])
        columns[name] = pc.dictionary_encode(column) if name in ("commune", "workplace") else column
    pq.write_table(pa.table(columns), path, compression="zstd")
