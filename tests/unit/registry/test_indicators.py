"""Indicators: complete entries, and every reader's needs in the one file."""

import pytest

from sim77.core.errors import ResultError
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.registry.indicators import (
    PLACES,
    described,
    every_indicator,
    indicators,
    indicators_shown,
    read_indicators,
)
from sim77.runs.effects import worker_indicators

pytestmark = pytest.mark.unit

ENTRY = """
refusals:
  unit: "bookings"
  formula: "bookings refused"
  label: {fr: "Refus", en: "Refusals"}
  aggregation: sum
  better: lower
  shown: {map: 1}
  map: {breaks: [1, 2], differences: [0.5], decimals: 0}
"""


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ('  unit: "bookings"\n', "", "line 2, refusals.unit: an indicator needs an 'unit'"),
        ("  aggregation: sum\n", "", "an indicator needs an 'aggregation'"),
        ("aggregation: sum", "aggregation: total", "unknown aggregation 'total'"),
        ("better: lower", "better: less", "unknown direction 'less'. Known: lower, higher"),
        (', en: "Refusals"', "", "a text needs an 'en'"),
        ("{map: 1}", "{maps: 1}", "unknown place 'maps'. Did you mean 'map'"),
        (", decimals: 0", "", "'decimals'"),
        ("  map:", "  mop:", "unknown key 'mop'"),
        ("  map: {breaks: [1, 2], differences: [0.5], decimals: 0}\n", "", "needs a 'map'"),
    ],
)
def test_an_indicator_without_all_that_it_needs_is_refused(
    before: str, after: str, text: str
) -> None:
    assert before in ENTRY
    assert read_indicators(ENTRY)["refusals"].daily_unit == "bookings a day"
    with pytest.raises(ResultError, match=text):
        read_indicators(ENTRY.replace(before, after))


def test_what_has_no_formula_is_counted_by_the_model() -> None:
    counted = [name for name, each in indicators().items() if each.derive is None]
    assert sorted(counted) == sorted(OUTPUT_COLUMNS)


def test_ratios_to_workers_are_of_indicators() -> None:
    ratios = {name: each for name, each in every_indicator().items() if each.per_worker_of}
    assert set(ratios) == set(worker_indicators()) - set(indicators())
    for each in ratios.values():
        assert each.better == described(each.per_worker_of).better and each.aggregation == "mean"


@pytest.mark.parametrize("where", PLACES)
def test_places_are_numbered_without_gaps(where: str) -> None:
    shown = indicators_shown(where)
    ranks = [every_indicator()[name].shown[where] for name in shown]
    assert ranks == list(range(1, len(shown) + 1))


def test_classes_of_the_map_rise() -> None:
    for name in indicators_shown("map"):
        classes = described(name).map
        assert classes is not None and name in indicators_shown("tables")
        assert list(classes.breaks) == sorted(set(classes.breaks))
        assert list(classes.differences) == sorted({abs(each) for each in classes.differences})
