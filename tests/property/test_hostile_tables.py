"""Whatever stands in a table, the check refuses it in one sentence or the run ends normally."""

import csv
import datetime as dt
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim77
from sim77.core.errors import ResultError
from sim77.engine.population import population
from sim77.engine.population.population import check_memory
from sim77.registry.indicators import described
from sim77.territory.schema import TABLES, Column
from sim77.territory.territory import check_territory, load_territory, write_example
from sim77.territory.transit_tables import LINES

pytestmark = pytest.mark.property

HOSTILE = (
    "", "0", "-1", "0.5", "1e308", "-1e308", "nan", "inf", "1e-320", "1e12", "1000000000",
    "9" * 30, "１２", "1_000", "0x10", "x", "a_b", "=1+1", "new-99001", "\0", "<b>", "🚆🚆",
    "0001-01-01", "2099-12-31", "9999-12-31", "20140101",
)  # fmt: skip
FEW = ("1e308", "nan", "1000000000")
"""Those that come nearest to a number that may stand there."""
NUMBERS = (-1, 0, 0.5, 2**31 - 1, 1e30, np.nan, np.inf, -np.inf)
"""What may stand in a column of numbers of Parquet."""
FEW_NUMBERS = (-1, 2**31 - 1, np.nan)
TEXTS = ("a_b", "<b>", "🚆🚆", "=1+1", "nan", "new-99001", "\0")
CSV = ("communes", "workplaces", "telecentres", "mode_choice")
PARQUET = (
    "flows", "base_loads", "transit/segments", "transit/pairs", "transit/paths", "transit/waits",
    "road/sections", "road/pairs", "road/paths",
)  # fmt: skip
QUICK = ("flows", "transit/pairs", "road/sections")
START, END = dt.date(2017, 8, 31), dt.date(2017, 9, 1)
PEOPLE_SIMULATED = 600
BURN_IN = {"burn_in_days": 2.0}
"""What stands in a table is met on the first of them: the other eighteen would take the time."""


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def ends_of(column: Column) -> list[str]:
    return [f"{end:.15g}" for end in (column.low, column.high) if end is not None]


def is_free(column: Column) -> bool:
    """Say whether a column may hold any text."""
    return column.kind == "text" and not column.allowed and column.refers is None


def run(folder: Path) -> None:
    """Run two days; every figure is finite."""
    territory = load_territory(folder)
    scale = min(1.0, PEOPLE_SIMULATED / territory.flows["workers"].sum())
    result = sim77.run(
        "no-telecentres" if len(territory.telecentres) < 2 else "both-centres",
        territory=territory, start=START, end=END, scale=scale, overrides=BURN_IN,
        workplaces=territory.workplace_zones,
    )  # fmt: skip
    # Two days hold no whole week.
    assert np.isfinite(result.summary().drop("share_remote_one_day_a_week")).all()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("values", [FEW, pytest.param(HOSTILE, marks=pytest.mark.long)],
                         ids=["few", "all"])  # fmt: skip
@pytest.mark.parametrize("name", [*CSV, "transit/lines"])
def test_a_hostile_value_is_refused_or_harmless(
    name: str, values: tuple[str, ...], tmp_path: Path
) -> None:
    folder = write_example(tmp_path / "hostile")
    path = folder / f"{name}.csv"
    rows = rows_of(path)
    heading = rows[0]
    tried = 0
    form = LINES if name == "transit/lines" else TABLES[name]
    for column in form.columns:
        if column.name not in heading or is_free(column):
            continue
        bounds = () if values == FEW else (*column.allowed, *ends_of(column))
        for value in (*values, *bounds):
            changed = [list(row) for row in rows]
            changed[1][heading.index(column.name)] = value
            write(path, changed)
            problems = check_territory(folder)
            assert all("\n" not in each for each in problems)
            if problems:
                # The sentence says where, though a value may also break what other tables say.
                mine = any(
                    f"{path.name}, row 2, column '{column.name}'" in each for each in problems
                )
                assert mine or column.name in form.key or column.name.endswith("_per_train")
            elif value != rows[1][heading.index(column.name)]:
                run(folder)
            tried += 1
    assert tried >= len(values)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("values", [FEW_NUMBERS, pytest.param(NUMBERS, marks=pytest.mark.long)],
                         ids=["few", "all"])  # fmt: skip
@pytest.mark.parametrize(
    "name",
    [each if each in QUICK else pytest.param(each, marks=pytest.mark.long) for each in PARQUET],
)
def test_a_hostile_number_is_refused_or_harmless(
    name: str, values: tuple[float, ...], tmp_path: Path
) -> None:
    folder = write_example(tmp_path / "hostile")
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    tried = 0
    for place, field in enumerate(table.schema):
        if not (pa.types.is_integer(field.type) or pa.types.is_floating(field.type)):
            continue
        for value in values:
            cells = table.column(place).to_pylist()
            try:
                array = pa.array([cells[0], value, *cells[2:]], field.type)
            except (pa.ArrowException, OverflowError):
                continue  # cannot stand in a column of this type
            pq.write_table(table.set_column(place, field, array), path)
            problems = check_territory(folder)
            assert all("\n" not in each for each in problems)
            if problems:
                assert any(path.name in each for each in problems) or field.name == "wait_min"
            else:
                run(folder)
            tried += 1
    assert tried >= min(3, len(values) - 1)


@pytest.mark.parametrize("value", TEXTS)
def test_a_text_may_be_anything_that_can_be_printed(value: str, tmp_path: Path) -> None:
    folder = write_example(tmp_path / "hostile")
    for name, table in (*((name, TABLES[name]) for name in CSV), ("transit/lines", LINES)):
        path = folder / f"{name}.csv"
        rows = rows_of(path)
        for column in table.columns:
            if column.name in rows[0] and is_free(column) and column.name not in table.key:
                at = rows[0].index(column.name)
                if column.name not in ("zone", "commune_code"):
                    rows[1][at] = value
        write(path, rows)
    problems = check_territory(folder)
    if value == "\0":
        assert problems
        assert all("'\\x00', but must be a text without control" in each for each in problems)
    else:
        assert problems == []
        run(folder)


@pytest.mark.parametrize(
    ("name", "column", "value", "allowed"),
    [
        ("telecentres", "desks", "1000000000", "a whole number from 0 to 10,000"),
        ("workplaces", "jobs", "1e12", "a whole number from 0 to 20,000,000"),
        ("communes", "area_type", "lyon", "one of core, inner, outer-urban, outer-rural"),
        ("communes", "lon", "0", "within 2.5 degrees of 2.6"),
        ("workplaces", "lat", "1e308", "from -90 to 90"),
        ("communes", "code", "COM-1", "a code of five digits or capitals"),
        ("communes", "fibre_start", "0001-01-01", "a date as YYYY-MM-DD from 1900 to 2099"),
        ("mode_choice", "value", "1e9", "from -1,000 to 1,000"),
        ("telecentres", "telecentre_id", "new-99001", "must not begin with 'new-'"),
        ("transit/lines", "seats_per_train", "0", "a number with a decimal point from 1 to 10,000"),
        ("transit/lines", "kind", "bus", "one of rer, train, metro, tram"),
        ("communes", "area_km2", "-1e9", "from 0.001 to 20,000"),
        ("communes", "name", "a\0b", "a text without control characters"),
    ],
)
def test_what_stood_there_and_what_is_allowed_is_said(
    name: str, column: str, value: str, allowed: str, tmp_path: Path
) -> None:
    folder = write_example(tmp_path / "hostile")
    path = folder / f"{name}.csv"
    rows = rows_of(path)
    rows[1][rows[0].index(column)] = value
    write(path, rows)
    first = check_territory(folder)[0]
    assert first.startswith(f"{path.name}, row 2, column '{column}': "), first
    assert allowed in first


class Memory:
    """In place of what psutil says."""

    def __init__(self, available: float):
        self.available = available


def test_a_run_says_what_it_needs_before_it_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_example(tmp_path / "many")
    path = folder / "flows.parquet"
    flows = pd.read_parquet(path)
    several = flows.index.isin(flows.index[~flows["at_home"]][:12])
    flows["workers"] = flows["workers"].mask(several, 2_000_000)
    flows.to_parquet(path, index=False)
    persons = int(flows["workers"][~flows["at_home"]].sum())
    assert check_territory(folder) == []
    monkeypatch.setattr(population.psutil, "virtual_memory", lambda: Memory(2.5e9))
    tracemalloc.start()
    with pytest.raises(ResultError) as refused:
        territory = load_territory(folder)
        sim77.run("no-telecentres", territory=territory, workplaces=territory.workplace_zones)
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()
    assert str(refused.value) == (
        f"A run of {persons:,} workers at scale 1 needs about 12.0 GB of memory, and 2.5 GB are "
        "free: scale 0.01 would fit."
    )
    check_memory(24_000_000, 0.01)
    monkeypatch.setattr(population.psutil, "virtual_memory", lambda: Memory(1e9))
    with pytest.raises(
        ResultError, match=r"no sample of them fits; are the workers of .* right\?$"
    ):
        check_memory(24_000_000, 0.01)


def test_what_a_run_is_said_to_need_is_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    scope: dict[str, Any] = {"start": dt.date(2014, 9, 1), "end": dt.date(2014, 9, 2), "scale": 0.3}
    scope["workplaces"] = load_territory().workplace_zones
    sim77.run("network-2014", **{**scope, "scale": 0.01})
    tracemalloc.start()
    result = sim77.run("network-2014", **scope)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    persons = int(load_territory().flows["workers"].sum())
    assert result.manifest["simulated_workers"] > 150_000
    monkeypatch.setattr(population.psutil, "virtual_memory", lambda: Memory(taken))
    with pytest.raises(ResultError):
        check_memory(persons, 0.3)
    # Nor does it ask for room that it would not use.
    monkeypatch.setattr(population.psutil, "virtual_memory", lambda: Memory(4 * taken))
    check_memory(persons, 0.3)


def test_a_line_may_have_a_name_of_several_words() -> None:
    assert "a_b" in described("load_factor_a_b").label_en
    assert "a_b" in described("peak_riders_a_b").label_fr
    with pytest.raises(KeyError, match="happiness"):
        described("happiness")
