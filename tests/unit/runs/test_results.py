"""Tables of a run."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim77
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import centres_by_column
from sim77.runs.results import Result, desks_of, tables_of
from sim77.runs.store import write_folder

pytestmark = pytest.mark.unit

DAY = dt.date(2014, 3, 4)


@pytest.fixture(scope="module")
def sample() -> CommuteModel:
    model = CommuteModel("network-2014", scale=0.02, start=DAY, end=DAY + dt.timedelta(days=2))
    while model.running:
        model.step()
    return model


def test_desks_of_a_sample_are_those_that_are_offered(sample: CommuteModel) -> None:
    drawn = centres_by_column(sample.recorder.centres)["desks"].mean(axis=0)
    offered = sample.effects.posted.desks
    assert not np.allclose(drawn, offered)
    assert desks_of(sample).tolist() == offered.tolist()


def test_desks_of_a_closed_site_are_those_of_a_mean_day_open(
    sample: CommuteModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = sample.effects.posted
    closed = replace(sample.effects, posted=posted._replace(open=np.zeros_like(posted.open)))
    monkeypatch.setattr(sample.memory, "effects", closed)
    column = centres_by_column(sample.recorder.centres)
    desks, is_open = column["desks"], column["open"]
    mean = (desks * is_open).sum(axis=0) / np.maximum(is_open.sum(axis=0), 1.0)
    assert desks_of(sample).tolist() == np.rint(mean).tolist()


def types_of(result: Result) -> dict[str, dict[str, str]]:
    return {name: table.dtypes.astype(str).to_dict() for name, table in result.tables.items()}


def test_dates_have_one_type_in_all_tables_and_when_they_are_read_back(
    sample: CommuteModel, tmp_path: Path
) -> None:
    result = Result(tables_of(sample))
    write_folder(result.tables, {}, tmp_path / "run", overwrite=False)
    types = types_of(result)
    assert types_of(sim77.load(tmp_path / "run")) == types
    dates = {each for table in types.values() for each in table.values() if "datetime" in each}
    assert dates == {"datetime64[us]"}


def test_empty_tables_keep_the_types_of_their_columns(tmp_path: Path) -> None:
    week = {"start": dt.date(2014, 3, 3), "end": dt.date(2014, 3, 7)}
    full = sim77.run("network-2014", scale=0.01, **week)
    empty = sim77.run("no-telecentres", scale=0.01, start=DAY, end=DAY)
    names = ("weeks", "telecentres_by_day", "telecentre_months")
    assert [len(empty.tables[name]) for name in names] == [0, 0, 0]
    assert types_of(empty) == types_of(full)
    assert types_of(sim77.load(sim77.save(empty, tmp_path / "run"))) == types_of(full)


def test_labelled_arrays_name_their_communes_and_coordinates(sample: CommuteModel) -> None:
    dataset = Result(tables_of(sample)).to_xarray()
    assert dataset["home"].sel(commune="77288")["commune_name"].item() == "Melun"
    assert all(dataset[name].attrs["long_name"] for name in (*dataset.coords, *dataset.data_vars))
