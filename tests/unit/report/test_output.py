"""Results neither print nor write themselves: ``sim77.text`` and ``sim77.save`` do, by kind."""

import datetime as dt
from pathlib import Path

import pytest

import sim77
from sim77.core.errors import ResultError
from sim77.runs.run import described
from sim77.scenario.scenario import Change, Scenario
from sim77.territory.territory import Territory

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def result(tiny_scenario: Scenario, small_territory: Territory) -> sim77.Result:
    days = {"start": tiny_scenario.start, "end": tiny_scenario.start + dt.timedelta(days=4)}
    return sim77.run(tiny_scenario, territory=small_territory, **days)


def test_a_run_that_was_read_back_is_saved_with_the_same_page(
    result: sim77.Result, tmp_path: Path
) -> None:
    first = sim77.save(result, tmp_path / "first")
    assert len(repr(sim77.load(first))) < 500
    second = sim77.save(sim77.load(first), tmp_path / "second")
    page = (first / "summary.html").read_text(encoding="utf-8")
    assert (second / "summary.html").read_text(encoding="utf-8") == page
    with pytest.raises(ResultError, match="--overwrite"):
        sim77.save(result, first)


def test_what_has_no_words_says_which_kinds_have(result: sim77.Result) -> None:
    assert "working days" in sim77.text(result)
    for act in (lambda: sim77.text(result.days), lambda: sim77.save(result.days, "x")):
        with pytest.raises(ResultError, match=r"Expected one of .*Result.*, not .* DataFrame"):
            act()


def test_a_change_that_falls_on_no_simulated_day_is_told(
    tiny_scenario: Scenario, small_territory: Territory, tmp_path: Path
) -> None:
    day = tiny_scenario.start + dt.timedelta(days=1)
    in_time, too_late = (
        Change(day, "fuel_price", 2.0), Change(dt.date(2024, 9, 9), "road_toll", 3.0)
    )  # fmt: skip
    ended = Change(dt.date(2014, 6, 2), "strike", 0.5, until=tiny_scenario.start - day.resolution)
    both, only_late, only_in_time = (
        tiny_scenario.with_(changes=changes)
        for changes in ((in_time, too_late), (too_late,), (in_time,))
    )
    result = sim77.run(both, territory=small_territory, start=tiny_scenario.start, end=day)
    note = "Changes of the scenario that fall on no simulated day, which did nothing: 1"
    assert sim77.text(result).count(f"{note} (the first: road_toll, 9 September 2024).") == 1
    assert "ne tombent sur aucun jour simulé" in sim77.text(result, "fr")
    folder = sim77.save(result, tmp_path / "idle")
    assert note in (folder / "summary.html").read_text(encoding="utf-8")
    (told,) = described(
        tiny_scenario.with_(changes=(in_time, ended)), tiny_scenario.start, day
    )["idle_changes"]  # fmt: skip
    assert told == {"date": "2014-06-02", "lever": "strike"}
    before = sim77.run(only_in_time, territory=small_territory, end=day)
    assert note not in sim77.text(before)
    for b in (both, only_late):
        pair = sim77.compare(tiny_scenario, b, territory=small_territory, end=day, seeds=1)
        assert f"Scenario B. {note}" in sim77.text(pair)
        assert "Scenario A." not in sim77.text(pair)


def test_days_outside_a_scenarios_period_are_told_as_such(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    note = "Days outside the scenario's period"
    start, end = tiny_scenario.start, tiny_scenario.end
    inside = sim77.run(tiny_scenario, territory=small_territory, start=start, end=end)
    assert note not in sim77.text(inside)
    for first, last in (
        (start - dt.timedelta(days=3), start),
        (end, end + dt.timedelta(days=3)),
    ):
        result = sim77.run(tiny_scenario, territory=small_territory, start=first, end=last)
        assert note in sim77.text(result)
        assert "hors de la période du scénario" in sim77.text(result, "fr")


def test_a_comparison_of_an_earlier_version_is_to_be_made_again(
    tiny_scenario: Scenario, small_territory: Territory
) -> None:
    pair = sim77.compare(tiny_scenario, tiny_scenario, territory=small_territory, seeds=1)
    old = pair.effects[pair.effects["indicator"] != "home_based_min"]
    before = sim77.Comparison({**pair.tables, "effects": old}, pair.manifest)
    with pytest.raises(ResultError, match=r"'home_based_min' in a comparison; .*: compare again"):
        sim77.text(before)
