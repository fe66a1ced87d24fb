"""A posterior: which draw a seed takes, what it replaces, and what is said of a wrong file."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

import sim77.scenario.posterior
from sim77.analysis.calibrate.study import load_study
from sim77.core.errors import ParameterError, ScenarioError, StudyError
from sim77.registry.parameters import load_parameters, on_top, resolve
from sim77.scenario.posterior import TABLE, load_posterior
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit

COVERED, FARE = "share_covered_managers", "navigo_month_eur"
FITTED = dt.date(2017, 3, 1)
BEFORE, AFTER = dt.date(2021, 12, 31), dt.date(2022, 1, 1)


def written(folder: Path, text: str, name: str = "posterior.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# Values that hold from a date on -------------------------------------------------------------


def test_a_dated_override_holds_from_one_date_of_the_registry_to_the_next() -> None:
    values = load_parameters()[FARE].values
    given = {f"{FARE}@2017-08-01": 70.0}
    days = [dt.date(2017, 7, 31), dt.date(2017, 8, 1), dt.date(2030, 1, 1)]
    last = list(values.values())[-1]
    assert [resolve(day, given)[FARE] for day in days] == [values["2016-08-01"], 70.0, last]
    first = {f"{FARE}@2014-01-01": 60.0}
    # The registry's first value holds before its date too.
    assert [resolve(dt.date(year, 5, 1), first)[FARE] for year in (2013, 2014)] == [60.0, 60.0]
    both = {FARE: 65.0, f"{FARE}@2017-08-01": 70.0}
    assert [resolve(day, both)[FARE] for day in days] == [65.0, 70.0, 65.0]


def test_a_dated_override_of_what_moves_by_year_moves_its_way_to_the_next() -> None:
    both = {COVERED: 0.3, f"{COVERED}@2022-01-01": 0.5}
    assert [resolve(day, both)[COVERED] for day in (FITTED, AFTER)] == [0.3, 0.5]
    assert 0.3 < resolve(BEFORE, both)[COVERED] < 0.5


def test_what_is_set_on_all_dates_ends_what_was_set_from_a_date_on() -> None:
    dated = {f"{COVERED}@2022-01-01": 0.5, "theta": 0.4}
    assert on_top(dated, {COVERED: 0.3}) == {"theta": 0.4, COVERED: 0.3}
    assert on_top({COVERED: 0.3}, dated) == {COVERED: 0.3, **dated}
    again = {f"{COVERED}@2022-01-01": 0.6}
    assert on_top(dated, again) == {**dated, **again}


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            f"{COVERED}@2021-01-01",
            "values from 2012-01-01, 2017-01-01, 2022-01-01 on",
        ),
        (f"{COVERED}@", "values from 2012-01-01"),
        ("theta@2014-01-01", "one value for all dates: write 'theta'"),
        ("thetta@2014-01-01", "unknown parameter 'thetta'. Did you mean 'theta'?"),
    ],
)
def test_a_date_that_the_registry_does_not_have_is_told(key: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        resolve(AFTER, {key: 0.4})


def test_a_scenario_may_set_a_parameter_from_a_date_on(tmp_path: Path) -> None:
    key = f"{COVERED}@2022-01-01"
    scenario = load_scenario("hybrid-2022").with_(parameters={key: 0.6})
    again = load_scenario(written(tmp_path, scenario.to_yaml(), "mine.yaml"))
    assert again.hash == scenario.hash != load_scenario("hybrid-2022").hash
    (difference,) = load_scenario("hybrid-2022").diff(scenario)
    assert (difference.name, difference.date) == (COVERED, "2022-01-01")
    assert (difference.before, difference.after) == (None, {"value": 0.6})
    text = scenario.to_yaml().replace("@2022-01-01", "@2020-01-01")
    with pytest.raises(ScenarioError, match=r"mine.yaml, line \d+, parameters: .* no such date"):
        load_scenario(written(tmp_path, text, "mine.yaml"))


# The draw of a seed --------------------------------------------------------------------------


def test_a_draw_stands_under_what_the_scenario_sets(
    tmp_path: Path, shipped_territory: Territory
) -> None:
    text = f"weight,distance,theta,{COVERED}@2017-01-01,{COVERED}@2022-01-01\n1,9,0.4,0.1,0.6\n"
    posterior = load_posterior(written(tmp_path, text))
    assert posterior.parameters == ("theta", f"{COVERED}@2017-01-01", f"{COVERED}@2022-01-01")

    def on(scenario: Scenario, day: dt.date) -> tuple[float, float]:
        p = posterior.under(scenario, seed=1).state_on(day, shipped_territory).parameters
        return p.theta, p[COVERED]

    hybrid = load_scenario("hybrid-2022")
    assert [on(hybrid, day) for day in (FITTED, AFTER)] == [(0.4, 0.1), (0.4, 0.6)]
    assert on(load_scenario("everybody-allowed"), AFTER) == (0.4, 1.0)
    assert on(hybrid.with_(parameters={"theta": 0.5}), AFTER) == (0.5, 0.6)


def test_only_draws_and_weights_are_in_the_hash(tmp_path: Path) -> None:
    texts = ("weight,theta\n1,0.4\n3,0.5\n", "distance,theta,weight\n7,0.4,2\n8,0.5,6\n")
    same = [load_posterior(written(tmp_path, text)).hash for text in texts]
    assert same[0] == same[1]
    assert load_posterior(written(tmp_path, "theta\n0.4\n0.5\n")).hash != same[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("weight,theta\n1,0.4\n1,much\n", "row 2 of draws: 'theta' is 'much', expected a number"),
        ("weight,theta\n1,0.4\n1,\n", "row 2 of draws: 'theta' is blank, expected a number"),
        ("weight,theta\n1,0.4\n,0.5\n", "0 or more, but that of row 2 of draws is blank"),
        ("weight,theta\n-1,0.4\n2,0.5\n", r"weights of the posterior .* 0 or more, .* is '-1'"),
        (f"theta\n0.4\n1{'0' * 400}\n", "row 2 of draws: parameter 'theta' is inf"),
        (f"weight,theta\n1{'0' * 400},0.4\n", "weights"),
        ("weight,theta\nheavy,0.4\n2,0.5\n", "weights"),
        ("theta@2022-01-01\n0.4\n", "'theta@2022-01-01' has no such date"),
        (
            f"{COVERED}@2022-01-01\n0.99\n",
            "row 1 of draws: parameter .* is 0.99, expected 0.05 to 0.95",
        ),
        ("theta,theta\n0.4,0.5\n", "the posterior .* has two columns 'theta'"),
        ("theta,weight\n0,5,1\n", "the posterior .* has more cells in its rows than the 2 names"),
        ("weight;theta\n1;0,5\n", "the posterior .* has ';' between its columns, expected commas"),
        ("weight\n1\n", "has no draw"),
        ("", "cannot be read: it is empty"),
        ("theta\n0.4\n0.4,3,4\n", "cannot be read: .* line 3"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=message) as caught:
        load_posterior(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "draws.csv"
    path.write_bytes("theta,é\n0.4,1\n".encode("latin-1"))
    with pytest.raises(StudyError, match=r"draws\.csv cannot be read: it is not UTF-8; save it"):
        load_posterior(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="there is no posterior file 'network-2014'"):
        load_posterior("network-2014")
    with pytest.raises(StudyError, match="there is no posterior file"):
        load_posterior(tmp_path)


def test_provenance_stands_beside_and_must_be_of_this_table(tmp_path: Path) -> None:
    path = written(tmp_path, "theta\n0.4\n")
    assert load_posterior(path).described().keys() == {"name", "hash", "n_draws", "parameters"}
    # A file of another kind that happens to have that name.
    written(tmp_path, "scenario: network-2014\n", "posterior.yaml")
    assert load_posterior(path).provenance == {}
    written(tmp_path, f"{TABLE}: {load_posterior(path).hash}\nseed: 7\n", "posterior.yaml")
    assert load_posterior(path).described()["provenance"]["seed"] == 7
    written(tmp_path, "theta\n0.5\n")
    with pytest.raises(StudyError, match=r"is not the table that posterior\.yaml beside it"):
        load_posterior(path)
    written(tmp_path, "table: [\n", "posterior.yaml")
    with pytest.raises(StudyError, match=r"posterior\.yaml, line 2: "):
        load_posterior(path)


def test_the_shipped_posterior_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "posterior.csv"
    monkeypatch.setattr(sim77.scenario.posterior, "_SHIPPED_FILE", path)
    with pytest.raises(StudyError, match="this version ships no posterior: give the file of one"):
        load_posterior("shipped")
    written(tmp_path, "theta\n0.4\n")
    assert load_posterior("shipped").name == "shipped"
    assert load_posterior("shipped").hash == load_posterior(path).hash


def test_the_shipped_posterior_is_what_its_provenance_tells(shipped_territory: Territory) -> None:
    posterior = load_posterior("shipped")
    message = posterior.described()["provenance"]
    assert message[TABLE] == posterior.hash
    study = load_study(Path(__file__).parents[3] / "calibration" / "2022" / "study.yaml")
    assert message["study_hash"] == study.hash and message["seed"] == study.seed
    free = {name for each in study.free for name in each.parameters}
    assert free <= set(posterior.parameters)
    assert 1.0 / np.square(posterior.weights).sum() > 100.0
    drawn = posterior.under(load_scenario("hybrid-2022"), 1).state_on(AFTER, shipped_territory)
    values = posterior.draw(posterior.index_for(1))
    assert drawn.parameters[COVERED] == values[f"{COVERED}@2022-01-01"]
