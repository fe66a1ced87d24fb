"""Whatever stands in public files, a territory is built whole or refused in one sentence."""

import csv
import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.core.errors import TerritoryError
from sim77.territory.build.build import Inputs, build_territory
from sim77.territory.build.flows import read_flows, read_modes, workers_of
from sim77.territory.build.zones import read_zones
from tests.public_files import CODES, write_public_files

pytestmark = pytest.mark.property

CODE = st.sampled_from((*CODES[:4], "10901", "33063", "99999", "", "ZZZZZ", "10099", "1é", "0"))
COUNT = st.one_of(
    st.decimals(0, 5000, places=3).map(str),
    st.sampled_from(("-1", "nan", "inf", "1e308", "", "1,5", "１２", "x")),
)
GOOD_ROW = st.tuples(
    st.sampled_from(CODES),
    st.sampled_from(CODES),
    st.sampled_from("123456"),
    st.sampled_from("01"),
    st.decimals(0, 5000, places=3).map(str),
)
HOSTILE_ROW = st.tuples(CODE, CODE, st.sampled_from("0369Z"), st.sampled_from("012"), COUNT)
KEY = ["origin", "destination", "csp", "at_home"]


def inputs_in(folder: Path) -> Inputs:
    paths = write_public_files(folder)
    return Inputs(
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


def build(rows: list[tuple[str, ...]], encoding: str) -> pd.DataFrame | None:
    """Return the workers of a territory of these rows, or None where it is refused whole."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = inputs_in(folder)
        there = {path.name for path in folder.iterdir()}
        with inputs.flows[0].open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([[*KEY, "workers"], *rows])
        try:
            zones = read_zones(inputs.zones, inputs.shapes)
            return workers_of(read_flows(inputs.flows, zones, 2014), CODES)
        except TerritoryError as error:
            assert str(error).startswith("flows.csv")
            assert "\n" not in str(error)
            with pytest.raises(TerritoryError) as again:
                build_territory(folder / "land", inputs)
            assert str(again.value) == str(error)
            assert {path.name for path in folder.iterdir()} == there
            return None


@settings(max_examples=40, deadline=None)
@given(st.lists(GOOD_ROW, min_size=1, max_size=30, unique_by=lambda row: row[:4]))
def test_the_workers_of_a_commune_are_its_persons_rounded(rows: list[tuple[str, ...]]) -> None:
    built = build(rows, "utf-8")
    table = pd.DataFrame(rows, columns=[*KEY, "workers"]).astype({"workers": float})
    persons = table.groupby("origin")["workers"].sum()
    if built is None:
        assert persons.sum() == 0
        return
    found = built.groupby("commune")["workers"].sum()
    wanted = np.floor(persons.round(3) + 0.5).astype(int)
    assert found.to_dict() == wanted[wanted > 0].to_dict()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(GOOD_ROW, HOSTILE_ROW), min_size=1, max_size=8),
    st.sampled_from(("utf-8", "latin-1", "utf-16")),
)
def test_hostile_rows_are_refused_in_one_sentence_or_left_out(
    rows: list[tuple[str, ...]], encoding: str
) -> None:
    try:
        "".join(map("".join, rows)).encode(encoding)
    except UnicodeEncodeError:
        return
    built = build(rows, encoding)
    if built is not None:
        assert len({row[:4] for row in rows}) == len(rows)
        assert all(row[2] in "123456" and row[3] in "01" for row in rows)
        assert float(built["workers"].sum()) <= sum(float(row[4]) for row in rows) + len(rows)
        assert set(built["commune"]) <= set(CODES)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CODE, CODE, st.sampled_from(("VP", "TC", "")), COUNT), max_size=6))
def test_hostile_modes_are_refused_in_one_sentence_or_left_out(rows: list[tuple[str, ...]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        paths = write_public_files(Path(name))
        zones = read_zones(paths["zones"], paths["shapes"])
        with paths["modes"].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["origin", "destination", "mode", "workers"], *rows])
        try:
            modes, _ = read_modes(paths["modes"], zones)
        except TerritoryError as error:
            assert str(error).startswith("modes.csv")
            assert "\n" not in str(error)
            return
    assert set(modes["origin"]) | set(modes["destination"]) <= set(CODES)
    assert modes["workers"].between(0, sum(float(row[3]) for row in rows)).all()
