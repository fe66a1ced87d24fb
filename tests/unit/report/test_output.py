"""Results neither print nor write themselves: ``sim77.text`` and ``sim77.save`` do, by kind."""

import datetime as dt
from pathlib import Path

import pytest

import sim77
from sim77.core.errors import ResultError
from sim77.scenario.scenario import Scenario
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
