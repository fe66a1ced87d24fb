"""A study says what it varies, and every mistake in it is told before anything runs."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim77.analysis.sweep import Study, load_study
from sim77.analysis.sweep.factors import make_factor
from sim77.core.errors import StudyError
from sim77.scenario.posterior import load_posterior
from sim77.scenario.scenario import Change, Scenario, load_scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit

STUDY = """\
title: {fr: "Prix", en: "Price"}
scenario: network-2014
baseline: no-telecentres
levers:
  price_day: {low: 0, high: 20}
uncertainties:
  theta: {}
  asc_centre:
    together: [asc_tc_telecentre, asc_tc_coworking]
    low: -1
    high: 0
    label: {fr: goût, en: taste}
design: {method: lhs, samples: 8}
replications: 3
period: {from: 2014-03-03, to: 2014-03-07}
scale: 0.1
outcomes: [remote_days, {indicator: refusals, by: telecentre}]
"""


def written(folder: Path, text: str = STUDY) -> Path:
    file = folder / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_study_file_is_read_whole(tmp_path: Path) -> None:
    study = load_study(written(tmp_path))
    assert study.factor_names == ["price_day", "theta", "asc_centre"]
    assert [factor.is_lever for factor in study.factors] == [True, False, False]
    assert (study.factors[2].label_fr, study.factors[2].label_en) == ("goût", "taste")
    assert study.factors[1].low == 0.3 and study.factors[1].high == 1.0
    assert (study.n_points, study.most_replicated) == (8, 24)
    assert study.scalars == ("remote_days", "baseline_remote_days", "effect_remote_days")
    assert [name for name, _ in study.lists] == [
        "refusals_by_telecentre",
        "baseline_refusals_by_telecentre",
    ]
    assert "biased" in study.warnings()[0] and "refusals" in study.warnings()[0]


def test_levers_move_the_policy_only_and_uncertainties_both_sides(tmp_path: Path) -> None:
    study = load_study(written(tmp_path))
    spec, point = study.evaluation(3, 1), study.point(3)
    assert spec.seed == 2 and spec.run is not None and spec.baseline is not None
    for side in (spec.run.scenario, spec.baseline.scenario):
        assert side.parameters["theta"] == point["theta"]
        assert side.parameters["asc_tc_coworking"] == point["asc_centre"]
    (change,) = [each for each in spec.run.scenario.changes if each.lever == "price_day"]
    assert (change.value, change.target) == (point["price_day"], "all")
    assert str(change.date) == "2014-03-03"
    assert not [each for each in spec.baseline.scenario.changes if each.lever == "price_day"]


def test_a_factor_has_a_range_or_values_and_not_both() -> None:
    with pytest.raises(StudyError, match="'price_day' has values and a range"):
        make_factor("price_day", {"low": 0, "high": 20, "values": [1, 2]}, is_lever=True)


def test_a_factor_alone_decides_what_it_sets(tiny_scenario: Scenario) -> None:
    dated = tiny_scenario.with_(
        changes=(
            Change(tiny_scenario.start, "price_day", 30.0, target="bourg"),
            Change(tiny_scenario.start, "parameter:theta", 0.9),
        )
    )
    price = make_factor("price_day", {"values": [5, 10]}, is_lever=True)
    moved = price.apply(dated, 5.0, tiny_scenario.start)
    assert [(each.lever, each.value) for each in moved.changes] == [
        ("parameter:theta", 0.9),
        ("price_day", 5.0),
    ]
    theta = make_factor("theta", {}, is_lever=False)
    assert [each.lever for each in theta.apply(dated, 0.4, tiny_scenario.start).changes] == [
        "price_day"
    ]


def test_a_factor_of_one_target_wins_over_what_the_scenario_plans_for_all(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    later = tiny_scenario.start + dt.timedelta(days=7)
    dated = tiny_scenario.with_(changes=(Change(later, "price_day", 5.0, target="all"),))
    price = make_factor("price_day", {"target": "bourg"}, is_lever=True)
    moved = price.apply(dated, 18.0, tiny_scenario.start)
    for day, expected in ((tiny_scenario.start, [18.0, 15.0]), (later, [18.0, 5.0])):
        assert [each.price_day_eur for each in moved.state_on(day, small_territory).sites] == (
            expected
        )


def test_what_no_run_could_give_is_refused_before_any(tmp_path: Path) -> None:
    with pytest.raises(
        StudyError, match=r"outcomes\[1\]: .*single numbers: 'x' cannot .* by 'day'"
    ):
        Study(
            evaluator="tests.sweep_functions:noisy", levers={"x": {"low": 0, "high": 1}},
            outcomes=["y", {"indicator": "x", "by": "day"}],
        )  # fmt: skip
    text = STUDY.replace("[remote_days,", "[share_remote_one_day_a_week,")
    assert load_study(written(tmp_path, text)).n_points == 8
    with pytest.raises(
        StudyError, match="'share_remote_one_day_a_week' is of whole weeks, and none"
    ):
        load_study(written(tmp_path, text.replace("to: 2014-03-07", "to: 2014-03-06")))


def test_levers_that_are_no_numbers_take_their_values_as_texts() -> None:
    spread = make_factor("agreements_spread", {}, is_lever=True)
    assert spread.values == ("false", "true")
    anchor = make_factor("anchor_weekdays", {"values": [[], ["tuesday", "friday"]]}, is_lever=True)
    assert anchor.values == ("no day", "tuesday+friday")
    scenario = load_scenario("network-2014")
    changed = anchor.apply(scenario, "tuesday+friday", scenario.start).changes[-1]
    assert changed.value == (1, 4)
    opened = make_factor(
        "open_telecentre", {"target": "hubstart", "values": [None, 20]}, is_lever=True
    )
    assert opened.apply(scenario, "none", scenario.start) is scenario


def test_several_scenarios_are_a_factor(tmp_path: Path) -> None:
    text = STUDY.replace("network-2014", "[network-2013, network-2014]").replace("lhs", "grid")
    study = load_study(written(tmp_path, text.replace(", samples: 8", ", levels: 2")))
    assert study.factor_names[0] == "scenario" and study.n_points == 16
    assert study.point(8)["scenario"] == "network-2014"
    spec = study.evaluation(8, 0)
    assert spec.run is not None
    assert {s.telecentre_id for s in spec.run.scenario.network} == {
        s.telecentre_id for s in load_scenario("network-2014").network
    }


MISTAKES = {
    "unknown lever": ("price_day:", "prise_day:", "Did you mean 'price_day'"),
    "unknown parameter": ("theta:", "thetta:", "Did you mean 'theta'"),
    "unknown outcome": ("[remote_days,", "[remote_day,", "Did you mean 'remote_days'"),
    "unknown key": ("replications:", "replication:", "Did you mean 'replications'"),
    "unknown design": ("method: lhs", "method: lsh", "Did you mean 'lhs'"),
    "label in one language": ("{fr: goût, en: taste}", "{fr: goût}", "a text needs an 'en'"),
    "unknown key of the design": ("samples:", "sample:", "Did you mean 'samples'"),
    "a name too long for a file": ("network-2014", "x" * 5000, "unknown scenario 'xxx"),
    "unknown scenario": ("network-2014", "network-2041", "Did you mean"),
    "unknown way": ("by: telecentre", "by: telecenter", "Did you mean 'telecentre'"),
    "no outcome by commune": ("by: telecentre", "by: commune", "'refusals' by commune"),
    "range outside the registry's": ("theta: {}", "theta: {high: 2}", "0.3 to 1"),
    "lever outside its range": ("high: 20", "high: 200", "0 to 60"),
    "dates in the wrong order": ("to: 2014-03-07", "to: 2014-02-07", "before the first"),
    "scale": ("scale: 0.1", "scale: 2", "above 0"),
    "replications": ("replications: 3", "replications: 0", "whole number from 1"),
    "too large": ("samples: 8", "samples: 80000", "most_runs"),
    "no value for both": ("asc_tc_coworking]", "mu_mode]", "lies in the range of each"),
    "the same twice": ("theta: {}", "asc_tc_coworking: {}", "move the same"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_with_file_and_nearest_name(mistake: str, tmp_path: Path) -> None:
    right, wrong, message = MISTAKES[mistake]
    assert right in STUDY
    with pytest.raises(StudyError) as caught:
        load_study(written(tmp_path, STUDY.replace(right, wrong)))
    assert message in str(caught.value) and "study.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_function_that_workers_cannot_import_is_refused() -> None:
    message = "evaluator: '__main__:cost' is in the file or notebook that is run"
    with pytest.raises(StudyError, match=message):
        Study(
            evaluator="__main__:cost", outcomes=["y"], levers={"x": {"low": 0, "high": 1}},
            design={"method": "lhs", "samples": 2},
        )  # fmt: skip


def test_a_mistake_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"line 7, uncertainties\.thetta"):
        load_study(written(tmp_path, STUDY.replace("theta:", "thetta:")))
    # These are found when the factor changes a scenario, and when the territory is looked at.
    site = STUDY.replace("high: 20", "high: 20, target: fontainebleu")
    line = STUDY.replace("price_day: {low: 0", "train_capacity: {target: Z, low: 1")
    with pytest.raises(
        StudyError, match=r"line 5, levers\.price_day\.target: .*Did you mean 'fontainebleau'\?"
    ):
        load_study(written(tmp_path, site))
    with pytest.raises(
        StudyError, match=r"line 5, levers\.train_capacity\.target: unknown line 'Z'"
    ):
        load_study(written(tmp_path, line.replace("high: 20", "high: 1.5")))


def test_colleagues_pull_no_harder_than_the_evidence() -> None:
    def study(uncertainties: dict, **fixed: float) -> Study:
        scenario = load_scenario("network-2014").with_(parameters=fixed)
        return Study(
            scenario=scenario, outcomes=["remote_days"], uncertainties=uncertainties,
            design={"method": "lhs", "samples": 2},
        )  # fmt: skip

    with pytest.raises(StudyError, match=r"g_peer \+ g_norm reach 1\.9"):
        study({"g_peer": {}, "g_norm": {}})
    with pytest.raises(StudyError, match=r"g_peer \+ g_norm reach 1\.4"):
        study({"g_peer": {}}, g_norm=0.3)  # 1.1, and what does not vary
    study({"g_peer": {"high": 0.9}, "g_norm": {"high": 0.4}})


def test_a_saved_study_stands_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir(), target.mkdir()
    (source / "mine.yaml").write_text(
        load_scenario("network-2014").with_(name="mine").to_yaml(), encoding="utf-8"
    )
    pd.DataFrame({"price_day": [1.0, 2.0]}).to_csv(source / "points.csv", index=False)
    pd.DataFrame({"theta": [0.4, 0.5], "weight": [1, 3]}).to_csv(source / "p.csv", index=False)
    file = source / "study.yaml"
    file.write_text(
        "scenario: mine.yaml\nlevers: {price_day: {}}\noutcomes: [remote_days]\n"
        "design: {method: table, file: points.csv}\nposterior: p.csv\n",
        encoding="utf-8",
    )
    study = load_study(file)
    study.save(target)
    for path in source.iterdir():
        path.unlink()
    again = load_study(target)
    assert [again.point_key(i) for i in range(2)] == [study.point_key(i) for i in range(2)]


def test_a_posterior_gives_each_seed_a_draw_by_its_weight(tmp_path: Path) -> None:
    file = tmp_path / "posterior.csv"
    file.write_text("theta,weight\n0.4,1\n0.5,3\n0.6,0\n", encoding="utf-8")
    posterior = load_posterior(file)
    drawn = np.array([posterior.index_for(seed) for seed in range(2000)])
    assert set(drawn) == {0, 1}
    # 0.25 of 2000 draws, four standard deviations either side.
    assert abs((drawn == 0).mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 2000)
    study = Study(
        scenario="network-2014", baseline="no-telecentres", outcomes=["remote_days"],
        posterior=file, levers={"price_day": {"values": [5, 10]}}, replications=3,
    )  # fmt: skip
    for replication in range(3):
        specs = [study.evaluation(design, replication) for design in range(2)]
        expected = posterior.draw(posterior.index_for(1 + replication))["theta"]
        for spec in specs:
            assert spec.run is not None and spec.baseline is not None
            assert spec.run.scenario.parameters["theta"] == expected
            assert spec.baseline.scenario.parameters["theta"] == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("thetta\n0.4\n", "Did you mean 'theta'"),
        ("theta\n4\n", "0.3 to 1"),
        ("theta,weight\n0.4,0\n", "weights"),
        ("theta\n", "no draw"),
    ],
)
def test_a_wrong_posterior_is_told(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "posterior.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        load_posterior(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [("price_days\n1\n", "Did you mean 'price_day'"), ("price_day\n1\n99\n", "row 2")],
)
def test_the_points_of_a_table_are_checked(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        Study(
            scenario="network-2014", outcomes=["remote_days"], levers={"price_day": {}},
            design={"method": "table", "file": file},
        )  # fmt: skip
