"""What is remembered of teams and employers is the sum over their members, whatever changed.

Of teams those that have ever been followed, whenever that began.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim77.core.units import NOT_SEEN
from sim77.engine.learning import TeamMemory

pytestmark = pytest.mark.unit


def summed(units: np.ndarray, of: np.ndarray, n: int) -> np.ndarray:
    """Add up office half-days and members at work from nothing, (n, 2, 5)."""
    sums = np.zeros((n, 2, 5), dtype=np.int32)
    for weekday in range(5):
        there = (of >= 0) & (units[weekday] != NOT_SEEN)
        np.add.at(sums[:, 0, weekday], of[there], units[weekday, there])
        np.add.at(sums[:, 1, weekday], of[there], 1)
    return sums


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), weeks=st.integers(1, 4), share=st.floats(0.0, 1.0))
def test_sums_follow_what_members_do(seed: int, weeks: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    n, n_teams, n_employers = 60, 9, 4
    team = rng.integers(-1, n_teams, n).astype(np.int32)
    employer = np.where(team < 0, -1, team % n_employers).astype(np.int32)
    memory = TeamMemory(
        SimpleNamespace(
            team=team,
            employer=employer,
            team_size=np.zeros(n_teams),
            employer_heads=np.zeros(n_employers),
            low=np.zeros(n),
        )
    )
    units = np.full((5, n), NOT_SEEN, dtype=np.uint8)
    followed = np.zeros(n_teams, dtype=bool)
    for week in range(weeks):
        other = rng.choice([0, 1, 2, NOT_SEEN], size=units.shape).astype(np.uint8)
        units = np.where(rng.random(units.shape) < share, other, units)
        workers = rng.integers(0, n, rng.integers(0, 4))
        followed[team[workers][team[workers] >= 0]] = True
        memory.follow(workers)
        memory.update(units, week)
        assert (memory.of_team == summed(units, team, n_teams) * followed[:, None, None]).all()
        assert (memory.of_employer == summed(units, employer, n_employers)).all()
        assert (memory.seen == units).all() and memory.last_week == week
