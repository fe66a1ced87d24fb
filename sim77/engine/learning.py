"""What workers expect tomorrow, and what they remember of last week.

Expectations are shared by all who would use a service or a road (information is public) and move a
fixed share of the way to today's times on every simulated day, ``E <- E + a (today - E)``
(exponential smoothing; Horowitz 1984, Cascetta and Cantarella 1991). Isolation fades and grows by
one on a day spent wholly at home, ``iso <- r iso + home``. Presence and norm are shares of the
team's others, oneself left out (`TeamMemory`).
"""

from __future__ import annotations

import numpy as np

from sim77.core.units import NOT_SEEN
from sim77.engine import aggregation
from sim77.engine.population.population import Population


def learn(expected: np.ndarray, today: np.ndarray, weight: float) -> np.ndarray:
    """Return the expectations after a day, ``expected + weight * (today - expected)``."""
    return expected + weight * (today - expected)


class TeamMemory:
    """Sums of office half-days and of members at work, by weekday, team and employer.

    Attributes
    ----------
    last_week : int
        Weekdays of the last simulated week, as bits.
    """

    def __init__(self, population: Population):
        teams, employers = population.team_size.size, population.employer_heads.size
        self._team, self._employer = population.team, population.employer
        self._sums = tuple(
            np.zeros((5, size), dtype=np.int32) for size in (teams, teams, employers, employers)
        )
        self._seen = np.full((5, population.low.size), NOT_SEEN, dtype=np.uint8)
        self.last_week = 0

    def update(self, office_units: np.ndarray, last_week: int) -> None:
        """Sum up what everybody did on the last simulated day of each weekday.

        Parameters
        ----------
        office_units : numpy.ndarray of uint8, shape (5, n_workers)
            Office half-days on the last such weekday, 255 for not at work.
        last_week : int
            Weekdays of the last simulated week, as bits.
        """
        # Kept as it is now: in mid-week a worker's own new days must not be taken from old sums.
        self._seen[:] = office_units
        aggregation.team_sums(office_units, self._team, self._employer, *self._sums)
        self.last_week = last_week

    @property
    def employer_units(self) -> np.ndarray:
        """Office half-days by weekday and employer of the last such days, shape (5, n)."""
        return self._sums[2]

    @property
    def sums(self) -> tuple:
        """What `sim77.engine.kernels.value_week` reads."""
        return (*self._sums, self._seen, self.last_week)
