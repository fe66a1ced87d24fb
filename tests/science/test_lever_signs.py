"""Each lever, moved to both ends of its range, moves its indicators with the sign it states."""

import datetime as dt
from functools import lru_cache

import numpy as np
import pytest

from sim77.registry.indicators import indicators
from sim77.registry.levers import levers
from sim77.runs.results import Result
from sim77.runs.run import run
from sim77.scenario.scenario import Scenario, lever_ends

pytestmark = [pytest.mark.science, pytest.mark.long]

DAYS = dt.timedelta(days=11)
MARCH = {2014: dt.date(2014, 3, 3), 2022: dt.date(2022, 3, 7)}
SLOW_GROUP = "reactions"  # decided by month or quarter: they need a year
YEAR_SCALE, BURN_IN = 0.2, {"burn_in_days": 5.0}
"""Both ends have the same draws: a sample shows in a year what a lever moves, and everybody in a
fortnight after a week."""


@lru_cache(maxsize=40)
def result(scenario: Scenario, whole_year: bool) -> Result:
    if whole_year:
        return run(scenario, scale=YEAR_SCALE)
    first = MARCH[scenario.start.year]
    return run(scenario, overrides=BURN_IN, start=first, end=first + DAYS)


def total(found: Result, indicator: str) -> float:
    """Return the sum over the days, or over what operators and employers keep."""
    if indicator in found.days:
        return float(found.days[indicator].sum())
    table = next(each for each in found.tables.values() if indicator in each)
    return float(np.nansum(table[indicator]))


@pytest.mark.parametrize(
    ("name", "indicator"),
    [(name, indicator) for name, each in levers().items() for indicator in each.expected_signs],
)
def test_a_lever_moves_its_indicator(name: str, indicator: str) -> None:
    slow = levers()[name].group == SLOW_GROUP or indicator not in indicators()
    low, high = (result(end, slow) for end in lever_ends(name))
    change = total(high, indicator) - total(low, indicator)
    assert np.sign(change) == levers()[name].expected_signs[indicator], f"{name}: {change:+g}"
