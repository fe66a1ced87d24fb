"""The store of a study resumes, grows, refuses what is not its own, and is read by anybody."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sim77
from sim77.analysis.sweep import Study, Sweep, load_study, load_sweep, run_study, store
from sim77.analysis.sweep.outcomes import Outcome, names, values_of
from sim77.analysis.sweep.store import registries_hash
from sim77.core.errors import ResultError, RunInterrupted, StudyError
from sim77.engine.population.cache import POPULATION_PARAMETERS
from sim77.engine.population.population import build_population
from sim77.registry import parameters
from sim77.registry.parameters import FrozenDict, ParameterSet, load_parameters, resolve
from sim77.runs.execute import RunSpec, execute
from sim77.runs.store import read_manifest, write_manifest
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit


def noisy(**changes: object) -> Study:
    given: dict = {
        "evaluator": "tests.sweep_functions:noisy",
        "outcomes": ["y"],
        "levers": {"x": {"low": 0, "high": 1}},
        "design": {"method": "lhs", "samples": 32},
        "replications": 2,
    }
    return Study(**given | changes)


def run(study: Study, folder: Path, **options: object) -> Sweep:
    return run_study(study, folder, workers=0, **options)  # type: ignore[arg-type]


def ids(folder: Path) -> list[str]:
    return pd.read_parquet(folder / "runs")["run_id"].tolist()


def test_the_table_keeps_its_contract(tmp_path: Path) -> None:
    sweep = run(noisy(), tmp_path / "s")
    table = sweep.table()
    assert table.columns.tolist() == ["design", "replication", "seed", "x", "y", "seconds"]
    assert len(table) == 64 == sweep.n_runs and table["design"].tolist() == sorted(table["design"])
    assert (table["seed"] == table["replication"] + 1).all()
    assert np.allclose(table["y"], table["x"] + np.sin(12.9898 * table["seed"]), rtol=0, atol=0)
    points = sweep.points("y")
    assert points.columns.tolist() == ["design", "x", "mean", "low", "high", "n"]
    first = table.loc[table["design"] == 0, "y"]
    low, high = stats.t.interval(0.95, 1, first.mean(), first.sem())
    assert points.loc[0, ["mean", "low", "high"]].tolist() == pytest.approx(
        [first.mean(), low, high]
    )
    with pytest.raises(ResultError, match="Did you mean 'y'"):
        sweep.points("yy")
    assert isinstance(sim77.load(tmp_path / "s"), Sweep)


def test_a_study_is_resumed_and_extended_without_doing_a_run_twice(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    run(noisy(), folder, only="x < 0.5")
    some = ids(folder)
    assert len(some) == 32
    run(noisy(), folder)
    assert len(ids(folder)) == 64 and set(some) < set(ids(folder))
    run(noisy(), folder)
    assert len(ids(folder)) == 64
    longer = run(noisy(design={"method": "lhs", "samples": 64}, replications=3), folder)
    assert len(ids(folder)) == len(set(ids(folder))) == 192
    assert (
        longer.table()
        .drop(columns="seconds")
        .equals(run(longer.study, tmp_path / "t").table().drop(columns="seconds"))
    )
    # Its own copy of the study resumes it, and a smaller study shows only its own runs.
    assert len(run_study(folder, folder, workers=0).table()) == 192
    shorter = run(noisy(), folder)
    assert len(shorter.table()) == 64 == shorter.n_runs


def test_failures_are_kept_told_and_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = noisy(evaluator="tests.sweep_functions:fails_in_part", replications=1)
    sweep = run(study, tmp_path / "s")
    failures = sweep.failures()
    assert len(failures) == 16 and (failures["x"] > 0.5).all()
    assert set(failures["error_type"]) == {"ValueError"}
    assert failures["message"].iloc[0] == "x is too large today"
    assert len(sweep.table()) == 16
    mended = tmp_path / "mended"
    mended.touch()
    monkeypatch.setenv("SIM77_TEST_MENDED", str(mended))
    assert len(run(study, tmp_path / "s").failures()) == 16
    sweep = run(study, tmp_path / "s", retry_failed=True)
    assert sweep.failures().empty and len(sweep.table()) == 32
    unnumbered = run(noisy(evaluator="tests.sweep_functions:not_finite"), tmp_path / "n")
    assert len(unnumbered.failures()) == 64 and unnumbered.table().empty


def test_replications_stop_when_the_interval_is_narrow(tmp_path: Path) -> None:
    study = noisy(
        levers={"x": {"low": 0, "high": 1}, "spread": {"values": [0.0, 0.2, 1.0]}},
        design={"method": "grid", "levels": 2},
        replications={
            "until": {"outcome": "y", "half_width": 0.15}, "at_least": 3, "at_most": 12,
        },
    )  # fmt: skip
    table = run(study, tmp_path / "s").table()
    draws = np.sin(12.9898 * np.arange(1, 13))
    for (_, spread), rows in table.groupby(["design", "spread"]):
        half = [
            stats.t.ppf(0.975, n - 1) * np.std(spread * draws[:n], ddof=1) / np.sqrt(n)
            for n in range(3, 13)
        ]
        narrow = [n for n, width in zip(range(3, 13), half, strict=True) if width <= 0.15]
        assert len(rows) == (narrow[0] if narrow else 12)
    assert table.groupby("spread").size()[0.0] == 6
    # Stopped in the middle, it ends with the same runs.
    run(study, tmp_path / "t", only="spread == 1.0 and x == 0")
    again = run(study, tmp_path / "t").table()
    assert again.drop(columns="seconds").equals(table.drop(columns="seconds"))


def test_two_points_of_one_content_share_their_run(
    tmp_path: Path, tiny_scenario: Scenario, small_territory: Territory
) -> None:
    study = Study(
        scenario=[tiny_scenario, tiny_scenario.with_(name="same")], outcomes=["remote_days"],
        territory=small_territory.folder,
    )  # fmt: skip
    table = run(study, tmp_path / "s").table()
    assert len(ids(tmp_path / "s")) == 1 and load_sweep(tmp_path / "s").n_runs == 2
    assert table["scenario"].tolist() == ["tiny", "same"] and table["remote_days"].nunique() == 1


def test_a_shipped_territory_is_known_by_its_name(tmp_path: Path) -> None:
    study = Study(
        scenario="no-telecentres", outcomes=["remote_days"], territory="seine-et-marne",
        scale=0.01, period={"from": "2014-03-03", "to": "2014-03-04"},
    )  # fmt: skip
    run(study, tmp_path / "s")
    assert len(run(load_study(tmp_path / "s" / "study.yaml"), tmp_path / "s").table()) == 1


@pytest.mark.parametrize(
    ("pins", "error", "text"),
    [
        ({"sim77": "0.0.0"}, StudyError, "another version"),
        ({"evaluator": "0.0.0"}, StudyError, "evaluator"),
        ({"registries": "0.0.0"}, StudyError, "parameters.yaml"),
        (None, ResultError, "does not say what its runs were made with"),
    ],
)
def test_a_store_of_another_make_is_refused_and_left_alone(
    pins: dict | None, error: type[Exception], text: str, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    run(noisy(), folder)
    manifest = read_manifest(folder)
    manifest["pins"] = [] if pins is None else manifest["pins"] | pins
    write_manifest(folder, manifest, store.study_files(folder))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(error, match=text):
        run(noisy(replications=5), folder)
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_better_note_leaves_runs_valid_and_another_value_or_range_does_not(monkeypatch) -> None:
    known = load_parameters()
    before, theta = registries_hash(), known["theta"]

    def with_theta(**changed: object) -> str:
        other = FrozenDict({**known, "theta": replace(theta, **changed)})
        for module in (store, parameters):
            monkeypatch.setattr(module, "load_parameters", lambda: other)
        return registries_hash()

    assert with_theta(note="Told better.", source="Another source.") == before
    assert with_theta(value=theta.value + 0.01) != before
    assert with_theta(high=theta.high + 0.01) != before


def test_other_folders_and_other_studies_are_left_alone(tmp_path: Path) -> None:
    run(noisy(), tmp_path / "s")
    with pytest.raises(StudyError, match="other factors or outcomes"):
        run(noisy(levers={"x": {"low": 0, "high": 1}, "z": {"low": 0, "high": 1}}), tmp_path / "s")
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").touch()
    with pytest.raises(StudyError, match="not empty"):
        run(noisy(), tmp_path / "papers")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "manifest.json").write_text("{}")
    with pytest.raises(StudyError, match="holds a run"):
        run(noisy(), tmp_path / "run")


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    run(noisy(), folder)
    with store.open_store(folder, noisy()):
        with pytest.raises(StudyError, match="another process is writing"):
            run(noisy(replications=3), folder)
        assert len(load_sweep(folder).table()) == 64


def test_what_a_killed_driver_left_is_cleared(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    (folder / "runs").mkdir(parents=True)
    (folder / ".lock").touch()
    (folder / "runs" / ".000001.tmp").write_text("half a shard")
    shorter = run(noisy(), folder)
    assert len(shorter.table()) == 64 == shorter.n_runs
    assert not list((folder / "runs").glob(".*"))


def test_an_interrupt_between_writing_and_forgetting_leaves_no_row_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = store.replace_file, []

    def interrupted(path: Path, content: bytes) -> None:
        replace(path, content)
        if path.parent.name == "runs" and not calls:  # a shard is there, its rows still remembered
            calls.append(path)
            raise KeyboardInterrupt

    monkeypatch.setattr(store, "replace_file", interrupted)
    with pytest.raises(RunInterrupted, match="The same command goes on"):
        run(noisy(), tmp_path / "s")
    found = ids(tmp_path / "s")
    assert found and len(found) == len(set(found))
    monkeypatch.undo()
    assert run(noisy(), tmp_path / "s").n_runs == 64 == len(set(ids(tmp_path / "s")))


def test_other_programs_read_the_runs(tmp_path: Path) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    table = run(noisy(), tmp_path / "s").table()
    (tmp_path / "s" / "runs" / ".000009.tmp").write_text("being written")
    files = str(tmp_path / "s" / "runs" / "*.parquet")
    assert polars.read_parquet(files)["y"].sum() == pytest.approx(table["y"].sum())
    joined = f"'{files}' r join '{tmp_path}/s/design.parquet' d using (point)"
    means = duckdb.sql(f"select d.design, avg(y) y from {joined} group by 1 order by 1").df()
    assert means["y"].tolist() == pytest.approx(table.groupby("design")["y"].mean().tolist())


# Real runs -----------------------------------------------------------------------------------


def test_outcomes_are_what_a_run_and_a_comparison_say(
    eventful_scenario: Scenario, small_territory: Territory
) -> None:
    folder = str(small_territory.folder)
    wanted = [Outcome(name) for name in names(small_territory)]
    wanted += [Outcome("remote_days", by) for by in ("day", "commune")]
    wanted += [Outcome("refusals", "day"), *(
        Outcome(name, "telecentre") for name in names(small_territory, "telecentre")
    )]  # fmt: skip
    values = values_of(execute(RunSpec(eventful_scenario, territory=folder)), wanted)
    result = sim77.run(eventful_scenario, territory=small_territory)
    days, n, headline = result.days, len(result.days), result.summary()
    assert values["remote_days"] == pytest.approx(days["remote_days"].mean())
    assert values["refusals"] == pytest.approx(days["refusals"].mean()) and values["refusals"] > 0
    assert values["remote_days_by_day"] == pytest.approx(days["remote_days"].tolist())
    assert values["refusals_by_day"] == pytest.approx(days["refusals"].tolist())
    communes = result.communes["remote_days"] / n
    assert values["remote_days_by_commune"] == pytest.approx(communes.tolist())
    for name, value in headline.items():
        if str(name) in values:
            assert values[str(name)] == pytest.approx(value), name
    sites = result.telecentres.set_index("telecentre_id").reindex(
        small_territory.telecentres["telecentre_id"], fill_value=0
    )
    assert values["refusals_by_telecentre"] == pytest.approx((sites["refusals"] / n).tolist())
    assert values["days_open_by_telecentre"] == sites["days_open"].tolist()
    assert values["share_desks_occupied_by_telecentre"] == pytest.approx(
        sites["share_occupied"].tolist()
    )
    margins = result.telecentre_months.groupby("telecentre_id")["margin_eur"].sum() / n
    assert values["centre_margin_eur"] == pytest.approx(margins.sum())
    compared = sim77.compare(
        eventful_scenario, eventful_scenario.with_(name="b"), seeds=1, processes=1, territory=folder
    ).effects.set_index("indicator")["a"]
    for name in compared.index:
        if name in values:
            assert values[name] == pytest.approx(compared[name]), name


def test_labelled_arrays_of_a_paired_study(
    tmp_path: Path, eventful_scenario: Scenario, small_territory: Territory
) -> None:
    study = Study(
        scenario=eventful_scenario,
        baseline=eventful_scenario.with_(name="none", network=(), changes=()),
        outcomes=["remote_days", {"indicator": "remote_days", "by": "commune"},
                  {"indicator": "remote_days", "by": "day"},
                  {"indicator": "refusals", "by": "telecentre"}],
        levers={"price_day": {"values": [0, 20]}}, replications=2, territory=small_territory.folder,
    )  # fmt: skip
    sweep = run(study, tmp_path / "s")
    table, data = sweep.table(), sweep.to_xarray()
    effect = table["remote_days"] - table["baseline_remote_days"]
    assert table["effect_remote_days"].equals(effect) and effect.abs().sum() > 0
    assert data.sizes == {"design": 2, "replication": 2, "commune": 3, "day": 10, "telecentre": 2}
    assert data["remote_days"].values.ravel().tolist() == table["remote_days"].tolist()
    total = data["effect_remote_days_by_commune"].sum("commune").values.ravel()
    assert total == pytest.approx(effect.to_numpy())
    assert data["remote_days_by_day"].mean("day").values == pytest.approx(
        data["remote_days"].values
    )
    assert data["remote_days"].attrs["units"] and data["price_day"].attrs["units"] == "€"
    assert data["price_day"].dims == ("design",)
    labels = {str(name): each.attrs.get("long_name") for name, each in data.variables.items()}
    assert all(labels.values())
    assert labels["effect_remote_days"] == f"Effect on: {labels['remote_days']}"
    assert labels["baseline_remote_days"] == f"Baseline: {labels['remote_days']}"


def test_a_population_reads_no_other_parameters(
    shipped_territory: Territory, busy_territory: Territory
) -> None:
    read: set[str] = set()

    class Watched(ParameterSet):
        def __getitem__(self, key: str) -> float:
            read.add(key)
            return super().__getitem__(key)

        def __getattribute__(self, name: str) -> Any:
            read.add(name)
            return super().__getattribute__(name)

    parameters = Watched(resolve(dt.date(2014, 1, 1)))
    read.clear()
    for territory in (shipped_territory, busy_territory):
        build_population(territory, parameters, seed=1, zones=territory.default_zones)
    assert read & set(parameters) == set(POPULATION_PARAMETERS)
