"""Stored studies without a browser: what may be named, what is sent, what a mistake says."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim77
from experiments.ship import ship
from sim77.analysis.discovery.robustness import robustness
from sim77.analysis.sensitivity.main_effects import main_effects
from sim77.analysis.siting.result import Siting, load_siting
from sim77.analysis.sweep.results import load_sweep
from sim77.analysis.sweep.runner import run_study
from sim77.analysis.sweep.study import Study
from sim77.app.engine import Engine
from sim77.app.options import Options
from sim77.app.session import Session
from sim77.app.state.address import decode, encode
from sim77.app.state.state import Checker
from sim77.app.studies import answers as study_answers
from sim77.app.studies.catalogue import entry
from sim77.app.studies.folders import SHIPPED, Catalogue, catalogue_at, stamp
from sim77.app.studies.siting import siting_payload
from sim77.app.studies.sweep import read_sweep, sweep_payload
from sim77.app.words import words
from sim77.core.errors import ResultError
from sim77.report.geography import Geography
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory
from tests.analysis_functions import DESKS, PRICE
from tests.app import stored
from tests.app.conftest import Shown, wait_for
from tests.app.small import END, SCALE, SEEDS, START

pytestmark = pytest.mark.app


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("studies")
    stored.make_studies(folder)
    return Catalogue(folder, folder / "nothing-is-shipped")


@pytest.fixture(scope="module")
def siting(tiny_scenario: Scenario, small_territory: Territory) -> Siting:
    return stored.small_siting(tiny_scenario, small_territory)


def ask(
    catalogue: Catalogue, geography: Geography, kind: str, name: str, **given: str
) -> dict[str, Any]:
    folder = catalogue.found()[name]
    asked = {"study": name, "folder": str(folder), "stamp": stamp(folder), "outcome": "",
             "where": ""}  # fmt: skip
    answer = study_answers.answer(kind, geography, asked | given)
    json.dumps(answer, allow_nan=False)
    return answer


# What may be named -------------------------------------------------------------------------


def test_only_studies_below_the_folder_can_be_named(catalogue: Catalogue, tmp_path: Path) -> None:
    assert catalogue.folder is not None
    secret = tmp_path / "secret"
    stored.planted(secret, {"method": "grid"}, {"desks": {"values": [5]}, "price": {"values": [3]}})
    link = catalogue.folder / "link"
    link.symlink_to(secret)
    try:
        found = catalogue.found()
    finally:
        link.unlink()
    assert {stored.PLANTED, stored.GRID, stored.HALF} <= set(found)
    assert "link" not in found
    assert not [name for name in found if "/" in name or name.startswith(".")]


def test_a_study_itself_may_be_given_and_stands_before_a_shipped_one(catalogue: Catalogue) -> None:
    folder = catalogue.found()[stored.GRID]
    alone = Catalogue(folder, catalogue.folder or folder)
    assert alone.found()[stored.GRID] == folder
    with pytest.raises(ResultError, match="no folder 'nowhere'"):
        catalogue_at("nowhere")


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "planted/../grid", "..", "%2e%2e"])
def test_a_path_is_no_name(
    catalogue: Catalogue, engine: Engine, geography: Geography, name: str
) -> None:
    session = opened(catalogue, engine, geography)
    session.hear({"type": "ask", "id": 1, "kind": "study", "study": name})
    assert session.widget.answer["error"]["key"] == "unknown_study"
    session.close()


def opened(catalogue: Catalogue, engine: Engine, geography: Geography) -> Session:
    options = Options(SCALE, START, END, SEEDS, studies=catalogue)
    return Session(engine, geography, options, Shown(), "view=studies")


def test_no_comparison_is_run_while_studies_are_looked_at(
    catalogue: Catalogue, engine: Engine, geography: Geography
) -> None:
    session = opened(catalogue, engine, geography)
    assert session.widget.status == {}
    session.hear({"type": "set", "state": {"view": "explore"}})
    assert session.widget.status["phase"] in ("queued", "computing")
    session.close()


def test_the_compute_process_answers_a_viewer(
    catalogue: Catalogue, engine: Engine, geography: Geography
) -> None:
    session = opened(catalogue, engine, geography)
    session.hear({"type": "ask", "id": 7, "kind": "study", "study": stored.GRID})
    answer = wait_for(lambda: session.widget.answer.get("id") == 7 and session.widget.answer)
    assert answer["total"] == 6
    session.hear({"type": "ask", "id": 8, "kind": "study_list"})
    answer = wait_for(lambda: session.widget.answer.get("id") == 8 and session.widget.answer)
    assert stored.GRID in [each["name"] for each in answer["studies"]]
    session.close()


# The list ----------------------------------------------------------------------------------


def test_the_list_says_what_each_study_is(catalogue: Catalogue, geography: Geography) -> None:
    places = tuple((name, str(folder)) for name, folder in catalogue.found().items())
    answer = study_answers.answer("study_list", geography, {"places": places, "study": ""})
    listed = {each["name"]: each for each in answer["studies"]}
    grid = listed[stored.GRID]
    assert grid["title"] == stored.TITLE
    assert grid["question"] == stored.QUESTION
    assert (grid["runs"], grid["planned"]) == (12, 12)
    assert (grid["sim77"], grid["differs"]) == (sim77.__version__, [])
    assert (listed[stored.HALF]["runs"], listed[stored.HALF]["planned"]) == (4, 12)
    assert listed[stored.OTHER]["differs"] == ["version"]
    assert listed[stored.DAMAGED] == {"name": stored.DAMAGED, "damaged": True}


def test_runs_that_a_study_no_longer_has_are_not_counted(tmp_path: Path) -> None:
    given = {
        "evaluator": "tests.sweep_functions:noisy", "outcomes": ["y"],
        "levers": {"x": {"low": 0, "high": 1}}, "replications": 2,
    }  # fmt: skip
    for samples, expected in ((8, 16), (4, 8)):
        study = Study(**given, design={"method": "lhs", "samples": samples})
        run_study(study, tmp_path / "noise", workers=0)
        found = entry("noise", tmp_path / "noise", "")
        assert found is not None
        assert (found["runs"], found["planned"]) == (expected, expected)


def test_every_shipped_study_opens(geography: Geography) -> None:
    shipped = Catalogue(None).found()
    assert shipped, "there is a study to show on a new machine"
    for name, folder in shipped.items():
        answer = ask(Catalogue(None), geography, "study", name)
        assert "error" not in answer, name
        assert sum(each.stat().st_size for each in folder.rglob("*")) < 2e6


# One study ---------------------------------------------------------------------------------


def test_the_points_are_those_of_the_sweep(catalogue: Catalogue, geography: Geography) -> None:
    answer = ask(catalogue, geography, "study", stored.PLANTED, outcome="effect_chance")
    points = load_sweep(catalogue.found()[stored.PLANTED]).points("effect_chance")
    for name in ("mean", "low", "high"):
        np.testing.assert_allclose(answer["points"][name], points[name], rtol=1e-6)
    assert answer["points"]["factors"]["leaflets"] == points["leaflets"].tolist()
    assert answer["points"]["n"] == points["n"].tolist()
    assert [each["name"] for each in answer["outcomes"]] == [stored.EFFECT, "effect_chance"]
    assert answer["total"] == 120


def test_a_large_study_is_thinned_and_says_so(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim77.app.studies.sweep.MOST_POINTS", 50)
    folder = catalogue.found()[stored.PLANTED]
    answer = sweep_payload(read_sweep(str(folder), "thinned"), stored.EFFECT)
    assert (len(answer["points"]["mean"]), answer["total"]) == (50, 120)


def test_a_study_that_is_half_done_opens_with_what_is_there(
    catalogue: Catalogue, geography: Geography
) -> None:
    answer = ask(catalogue, geography, "study", stored.HALF)
    assert (answer["runs"], answer["planned"]) == (4, 12)
    assert sum(answer["points"]["n"]) == 4
    found = ask(catalogue, geography, "study_matters", stored.HALF)
    assert found["why_not"]["fr"]


def test_the_planted_rule_is_found(catalogue: Catalogue, geography: Geography) -> None:
    matters = ask(catalogue, geography, "study_matters", stored.PLANTED)
    assert matters["method"] == "delta"
    assert {each["factor"] for each in matters["rows"][:2]} == {"desks", "price"}
    found = ask(catalogue, geography, "study_conditions", stored.PLANTED)
    assert (found["sign"], found["number"]) == ("<", 0.0)
    limits = {each["factor"]: each for each in found["box"]["limits"]}
    assert limits["desks"]["low"] > DESKS - 4
    assert limits["price"]["high"] < PRICE + 4
    assert "leaflets" not in limits
    assert found["box"]["density"] > 0.8
    assert found["leaves"]["rows"][0]["density"] > 0.7
    assert "desks" in found["box"]["sentence"]["en"]


def test_another_threshold_is_looked_for(catalogue: Catalogue, geography: Geography) -> None:
    found = ask(catalogue, geography, "study_conditions", stored.PLANTED, where=">=1.5")
    assert (found["sign"], found["number"]) == (">=", 1.5)
    nowhere = ask(catalogue, geography, "study_conditions", stored.PLANTED, where=">1e6")
    assert nowhere["box"]["why_not"]["en"].startswith("No design point meets")


def test_the_regret_is_that_of_the_library(catalogue: Catalogue, geography: Geography) -> None:
    answer = ask(catalogue, geography, "study_regret", stored.GRID)
    table = robustness(load_sweep(catalogue.found()[stored.GRID]), stored.EFFECT, better="lower")
    assert answer["combinations"] == 6
    np.testing.assert_allclose(
        [row["max_regret"] for row in answer["rows"]], table["max_regret"], rtol=1e-6
    )
    assert answer["rows"][0]["levers"] == table[["desks", "price"]].iloc[0].tolist()


def test_main_effects_of_a_grid_are_those_of_worked_numbers(tmp_path: Path) -> None:
    factors = {name: {"values": [0, 1]} for name in "abc"}
    study = Study(
        evaluator="tests.analysis_functions:linear", levers=factors, outcomes=["y"],
        design={"method": "grid"},
    )  # fmt: skip
    table = main_effects(run_study(study, tmp_path / "linear", workers=0), "y")
    # 4 a - 2 b: variances 4 and 1, of which the shares are 0.8 and 0.2.
    index = {(row.factor, row.other): row.index for row in table.itertuples(index=False)}
    assert index["a", ""] == pytest.approx(0.8)
    assert index["b", ""] == pytest.approx(0.2)
    assert [index["c", ""], index["a", "b"]] == pytest.approx([0.0, 0.0], abs=1e-12)


# Mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key"),
    [(stored.DAMAGED, "study_damaged"), (stored.OTHER, "study_other_version")],
)
def test_what_cannot_be_read_is_told_in_both_languages(
    catalogue: Catalogue, geography: Geography, name: str, key: str
) -> None:
    for kind in ("study", "study_matters", "study_conditions", "study_regret"):
        error = ask(catalogue, geography, kind, name)["error"]
        assert error["key"] == key
        assert all(error["key"] in words()[language] for language in ("fr", "en"))


def test_an_unknown_outcome_opens_the_first_and_says_so(
    catalogue: Catalogue, geography: Geography
) -> None:
    answer = ask(catalogue, geography, "study", stored.PLANTED, outcome="effect_chanse")
    assert answer["outcome"] == stored.EFFECT
    assert [each["key"] for each in answer["problems"]] == ["study_outcome"]
    assert "effect_chance" in answer["problems"][0]["args"]["detail"]


def test_a_study_without_a_finished_run_says_so(
    catalogue: Catalogue, geography: Geography, tmp_path: Path
) -> None:
    shutil.copytree(catalogue.found()[stored.GRID], tmp_path / "new")
    for each in (tmp_path / "new" / "runs").iterdir():
        each.unlink()
    assert ask(Catalogue(tmp_path), geography, "study", "new")["error"]["key"] == "study_no_runs"


# The address -------------------------------------------------------------------------------


def test_what_is_chosen_of_a_study_comes_back_from_its_address(checker: Checker) -> None:
    chosen = {
        "view": "studies", "study": "planted", "outcome": stored.EFFECT, "factor": "price",
        "filters": {"desks": [12.5, 40.0], "leaflets": ["<many>", "a+b & c"]}, "where": ">=-1.5",
    }  # fmt: skip
    state, problems = checker.check(chosen)
    assert problems == []
    again, problems = decode(encode(state, checker.territory), checker)
    assert problems == []
    assert again.payload() == state.payload()


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("f.desks=nan..3", "bad_filter"),
        ("f.desks=9..3", "bad_filter"),
        ("f.desks=", "bad_filter"),
        ("f.<b>=1..2", "bad_filter"),
        ("where=<0;import os", "bad_where"),
        ("where=%3C1e999", "bad_where"),
        ("outcome=a/b", "unknown_outcome"),
        ("factor=../x", "unknown_factor"),
        ("study=../out", "unknown_study"),
    ],
)
def test_a_wrong_part_is_named_and_the_rest_is_loaded(
    checker: Checker, query: str, key: str
) -> None:
    state, problems = decode(f"seed=5&f.price=1..2&{query}", checker)
    assert [each.key for each in problems] == [key]
    assert state.seed == 5
    assert state.filters == {"price": [1.0, 2.0]}


# A search for sites, and what is shipped ---------------------------------------------------


def test_a_search_for_sites_is_sent_whole(siting: Siting, geography: Geography) -> None:
    answer = siting_payload(stored.moved(siting, geography.territory), geography)
    json.dumps(answer, allow_nan=False)
    assert answer["plans"][0]["kind"] == "improved"
    assert {each["desks"] for each in answer["plans"][0]["sites"]} == set(siting.plan.values())
    known = set(geography.territory.communes["code"])
    assert set(answer["candidates"]["code"]) <= known
    fresh = [each for each in answer["sites"] if each["new"]]
    assert [each["rank"] for each in fresh] == [1, 2]
    assert answer["regret"][0]["draws"] == 2
    names = {each["en"] for each in answer["plans"] if each["kind"] == "random"}
    assert names == {"Random network 1", "Random network 2", "Random network 3"}


def test_a_shipped_study_reads_as_the_store_it_came_from(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = catalogue.found()[stored.PLANTED]
    target = ship(folder, tmp_path)
    assert len(list((target / "runs").iterdir())) == 1
    table, again = load_sweep(folder).table(), load_sweep(target).table()
    assert table.equals(again)
    with pytest.raises(ResultError, match="finish it first"):
        ship(catalogue.found()[stored.HALF], tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [stored.PLANTED]


def test_a_search_is_shipped_with_its_tables(
    siting: Siting, shipped_territory: Territory, tmp_path: Path
) -> None:
    folder = sim77.save(stored.moved(siting, shipped_territory), tmp_path / "sites")
    target = ship(folder, tmp_path / "shelf")
    assert load_siting(target).plan == load_siting(folder).plan
    assert not list(target.glob("*.csv"))


def test_the_shipped_folder_is_in_the_package() -> None:
    assert Path(sim77.__file__).parent in SHIPPED.parents
