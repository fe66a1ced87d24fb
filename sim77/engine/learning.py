"""What workers expect tomorrow, and what they remember of last week.

Expectations are shared by all who would use a service or a road (information is public) and move a
fixed share of the way to today's times on every simulated day, ``E <- E + a (today - E)``
(exponential smoothing; Horowitz 1984, Cascetta and Cantarella 1991). Isolation fades and grows by
one on a day spent wholly at home, ``iso <- r iso + home``. Presence and norm are shares of the
team's others, oneself left out (`TeamMemory`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np

from sim77.core.threads import even_runs, in_runs
from sim77.core.units import NOT_SEEN
from sim77.engine import aggregation
from sim77.engine.population.population import Population


def learn(expected: np.ndarray, today: np.ndarray, weight: float) -> np.ndarray:
    """Return the expectations after a day, ``expected + weight * (today - expected)``."""
    return expected + weight * (today - expected)


@dataclass(init=False)
class TeamMemory:
    """Sums of office half-days and of members at work, by team, employer and weekday.

    Only who may choose asks what the team did, so only their teams are followed: most people are in
    others.

    Attributes
    ----------
    team, employer : numpy.ndarray
        Of each worker.
    followed : numpy.ndarray of bool, shape (n_teams,)
        Teams with sums; those of the others are zeros.
    of_team, of_employer : numpy.ndarray of int16, shape (n, 2, 5)
        Office half-days of the last such weekday, and how many members were at work then: a row
        of memory each, and a short one, as millions are fetched every week (int32 if an employer
        has more members than that holds).
    seen : numpy.ndarray of uint8, shape (5, n_workers)
        The office half-days of each worker that the sums are made of.
    last_week : int
        Weekdays of the last simulated week, as bits.
    """

    team: np.ndarray
    employer: np.ndarray
    followed: np.ndarray
    of_team: np.ndarray
    of_employer: np.ndarray
    seen: np.ndarray
    last_week: int

    def __init__(self, population: Population):
        teams, employers = population.team_size.size, population.employer_heads.size
        self.team, self.employer = population.team, population.employer
        self.followed = np.zeros(teams, dtype=np.bool_)
        most = population.employer_heads.max(initial=0)
        kind = np.int16 if 2 * most <= np.iinfo(np.int16).max else np.int32
        self.of_team, self.of_employer = (
            np.zeros((size, 2, 5), dtype=kind) for size in (teams, employers)
        )
        self.seen = np.full((5, population.low.size), NOT_SEEN, dtype=np.uint8)
        self.last_week = 0

    def follow(self, workers: np.ndarray) -> None:
        """Follow the teams of some workers from now on, with all that their members did before."""
        team = self.team[workers]
        new = np.zeros_like(self.followed)
        new[team[team >= 0]] = True
        new &= ~self.followed
        if not new.any():
            return
        self.followed |= new
        members = np.flatnonzero(np.append(new, False)[self.team])
        seen, team = self.seen[:, members], self.team[members]
        aggregation.move(
            seen, np.full_like(seen, NOT_SEEN), np.arange(members.size), team, self.of_team
        )

    def update(self, office_units: np.ndarray, last_week: int) -> None:
        """Sum up what everybody did on the last simulated day of each weekday.

        Parameters
        ----------
        office_units : numpy.ndarray of uint8, shape (5, n_workers)
            Office half-days on the last such weekday, 255 for not at work.
        last_week : int
            Weekdays of the last simulated week, as bits.
        """
        changed = np.empty(office_units.shape[1], dtype=np.bool_)
        in_runs(
            aggregation.find_changes, even_runs(changed.size),
            office_units, self.seen, changed,
        )  # fmt: skip
        rows = np.flatnonzero(changed)
        parts = nb.get_num_threads()
        in_runs(
            aggregation.follow_teams, even_runs(parts, 1),
            office_units, self.seen, rows, self.team, self.employer, self.followed, self.of_team,
            self.of_employer, parts,
        )  # fmt: skip
        # Kept as it is now: in mid-week a worker's own new days must not be taken from old sums.
        self.seen[:] = office_units
        self.last_week = last_week

    @property
    def sums(self) -> tuple:
        """What `sim77.engine.choice.week_kernels.value_week` reads."""
        return self.of_team, self.of_employer, self.seen, self.last_week
