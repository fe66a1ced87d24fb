"""Targets: each calibration row is tied or listed, and mistakes are told in one sentence."""

from pathlib import Path

import numpy as np
import pytest

from sim77.analysis.calibrate import targets
from sim77.analysis.calibrate.indicators import TELEWORK_INDICATORS, Agreements
from sim77.analysis.calibrate.observe import Summary
from sim77.analysis.calibrate.profile import make_profile
from sim77.analysis.calibrate.study import load_study, study_of
from sim77.analysis.calibrate.targets import (
    calibration_rows,
    data_hashes,
    mix_named,
    observations,
    read_rows,
    tie,
)
from sim77.core.errors import StudyError
from sim77.territory.territory import write_example

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]
HEAD = ",".join(targets.COLUMNS)
ROW = "a,10,percent,1.5,ours,2022,France,INSEE,http://x,"


def test_every_calibration_row_is_tied_or_listed_with_a_reason() -> None:
    tied, left = observations()
    named = [each.name for each in (*tied, *left)]
    assert sorted(named) == sorted(calibration_rows().index)
    assert all(len(each.reason) > 20 for each in left)
    assert all(each.whose for each in tied)


def test_errors_are_the_sources_or_ours_by_the_rule() -> None:
    for name, row in calibration_rows().iterrows():
        if row["error_source"].startswith("ours"):
            least = 0.3 if row["unit"].startswith("percent") else 0.0
            assert row["error"] == pytest.approx(max(0.15 * abs(row["value"]), least)), name


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.replace("1.5", ""), "the target 'a' in mine.csv has the error '', expected a number"),
        (ROW.replace("1.5", "0"), "the error '0', expected a number above 0"),
        (ROW.replace("percent", ""), "the target 'a' in mine.csv has no unit"),
        (ROW.replace("10", "ten"), "the value 'ten', expected a number"),
        (ROW.replace("INSEE", ""), "has no source_title"),
        (f"{ROW}\n{ROW}", "the target 'a' twice"),
    ],
)
def test_a_row_without_error_unit_or_source_is_refused(row: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        read_rows(f"{HEAD}\n{row}\n", "mine.csv")


def _tied(**changes: str) -> dict:
    entry = {"indicator": "week_rate", "anchor": "2022", "use": "fit", "family": "f", "whose": "w"}
    return {"tied": {"a": {**entry, **changes}}, "not_tied": []}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_tied(indicator="weak_rate"), "which does not exist. Did you mean 'week_rate'?"),
        (_tied(anchor="2021"), "the anchor '2021'"),
        (_tied(use="fitted"), "the use 'fitted'"),
        ({"tied": {}, "not_tied": []}, "does not mention the target 'a'"),
        (
            {"tied": {}, "not_tied": [{"reason": "r", "rows": ["b"]}]},
            "'b', which is not a calib",
        ),
    ],
)
def test_a_wrong_tie_is_refused(content: dict, message: str) -> None:
    with pytest.raises(StudyError) as text:
        tie(read_rows(f"{HEAD}\n{ROW}\n", "mine.csv"), content, "observations.yaml")
    assert message in str(text.value)


GOOD = {"title": {"en": "t"}, "anchors": ["2022"], "free": {"theta": {}}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"free": {"theta": {"low": 0.1}}},
            "free.theta: the prior is 0.1 to 1, expected a part of the",
        ),
        ({"free": {"thetta": {}}}, "unknown parameter 'thetta'. Did you mean 'theta'?"),
        ({"free": {"share_covered_managers": {}}}, "is solved for"),
        ({"free": {"mu_mode": {}}}, "'mu_mode' is fitted with the territory"),
        ({"free": {"theta": {"high": 0.2}}}, "expected a part of"),
        ({"free": {"theta": {}, "x": {"together": ["theta"]}}}, "'theta' is free twice"),
        ({"anchors": ["2021"]}, "unknown anchor year '2021'"),
        ({"population": 2}, "population: expected a whole number from 4 to 10000, not 2"),
        ({"scale": "all"}, "scale: expected a number from 0.005 to 1, not 'all'"),
        ({"generation": 3}, "unknown key 'generation'. Did you mean 'generations'?"),
        ({"quick": {"sede": 1}}, "quick.sede: unknown key 'sede'. Did you mean 'seed'?"),
        ({"at_most": {"sum": ["g_peer"], "value": 1}}, "at_most.sum: 'g_peer' is not free"),
        ({"free": {}}, "expected one parameter or more, not {}"),
        ({"keep": {"thetta": 0.5}}, "keep.thetta: 'thetta' is not free. Did you mean 'theta'?"),
        ({"keep": 0.5}, "keep: expected names with values, not 0.5."),
        (
            {"free": {"theta": {}, "g_peer": {}}, "keep": {"g_peer": 0.1}},
            "keep: a value of 'theta' is missing, expected one of each that is free.",
        ),
        (
            {"keep": {"theta": 1.2}},
            "keep: 'theta' is 1.2, expected a value in its prior, 0.3 to 1.",
        ),
        (
            {
                "free": {"g_peer": {}, "g_norm": {}},
                "keep": {"g_peer": 0.3, "g_norm": 0.3},
                "at_most": {"sum": ["g_peer", "g_norm"], "value": 0.5},
            },
            "keep: g_peer + g_norm is more than 0.5, as at_most says.",
        ),
    ],
)
def test_a_wrong_study_is_told_in_one_sentence(change: dict, message: str) -> None:
    with pytest.raises(StudyError) as text:
        study_of({**GOOD, **change}, "study.yaml")
    assert message in str(text.value)


def test_people_of_another_territory_are_weighed_to_77(tmp_path: Path) -> None:
    here = study_of(GOOD, "study.yaml")
    there = study_of({**GOOD, "territory": str(write_example(tmp_path / "land"))}, "study.yaml")
    assert here.hash != there.hash
    assert study_of({**GOOD, "territory": "seine-et-marne"}, "study.yaml") == here
    with pytest.raises(StudyError, match=r"territory: .*no such folder"):
        study_of({**GOOD, "territory": "nowhere"}, "study.yaml")
    points = [make_profile(study).evaluation({"theta": 0.5}) for study in (here, there)]
    assert points[0].key != points[1].key
    assert [each.runs["2022"].places.name for each in points] == ["seine-et-marne", "land"]
    name = "telework_days_mean_idf_2022"  # of the region, moved to the mix of 77
    mixes = [
        mix_named(next(each for each in make_profile(study).targets if each.name == name)
                  .options["mix"])
        for study in (here, there)
    ]  # fmt: skip
    assert mixes[0] is None and mixes[1] is not None
    assert data_hashes() != data_hashes(there.territory)


def test_the_shipped_studies_can_be_read() -> None:
    for year in ("2014", "2022"):
        study = load_study(ROOT / "calibration" / year)
        assert study.quickened().population < study.population
    with pytest.raises(StudyError, match=r"2015\.yaml cannot be read: No such file"):
        load_study(ROOT / "calibration" / "2015.yaml")


def test_weekdays_compare_by_ratios_and_wishes_by_those_who_telework() -> None:
    shares = {"on_monday": 0.3, "on_tuesday": 0.1, "on_thursday": 0.3, "on_friday": 0.5,
              "regular": 0.8, "regular_1": 0.4, "wish_more": 0.2, "wish_more_1": 0.1}  # fmt: skip
    summary = Summary(
        np.ones((4, 3)),
        np.zeros((4, 3)),
        np.ones((4, 3)),
        {name: np.full((4, 4, 3), value) for name, value in shares.items()},
    )
    sizes = np.ones(5)
    agreements = Agreements(
        np.full((4, 2), 0.5), np.full(4, 0.5), np.full(4, 0.25), sizes, sizes / 5
    )

    def said(indicator: str, **options: object) -> float:
        return float(TELEWORK_INDICATORS[indicator](summary, agreements, None, options))

    midweek = ["tuesday", "thursday"]
    assert said("weekday_ratio", weekdays=["friday"], over=midweek) == pytest.approx(2.5)
    assert said("weekday_ratio", weekdays=["monday"], over=["tuesday"]) == pytest.approx(3.0)
    assert said("wish_rate", wish="more") == pytest.approx(25.0)
    assert said("wish_rate", wish="more", days=1) == pytest.approx(25.0)


def test_a_row_relative_to_another_is_divided_by_it() -> None:
    by_name = {each.name: each for each in observations()[0]}
    friday, rows = by_name["telework_friday_all_2022"], calibration_rows()
    assert friday.value == pytest.approx(44.0 / 29.0)
    assert friday.error / friday.value == pytest.approx(
        rows.at[friday.name, "error"] / rows.at[friday.name, "value"]
    )
    assert friday.unit.startswith("ratio to ")
