"""Employers: the desks they need and lease, and agreements that spread among them.

Every quarter an employer looks back:

- it *needs* heads x the busiest weekday's mean attendance x a reserve, at most one desk a head;
- it *leases* one desk a head at the start; where the scenario lets employers adapt, missing desks
  are leased at once, and of those too many a share is given up each quarter, as leases allow;
- a desk given up *saves* its cost x the property share x the share of it recovered;
- where agreements spread, the share of employers with one grows in each size class by
  ``(1 - F) (p + q F)`` (Bass 1969), F the share that has one: few imitate while few have.

An employer has an agreement when its own draw is below the bound of its size class
(`sim77.engine.choice.allowance`), so the quarter's adopters are the employers next in line, nobody
draws again, and coverage never shrinks. Only simulated workers are counted, hence fractions of
desks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim77.core.threads import even_runs, in_runs
from sim77.core.units import EMPLOYER_SIZES, WEEKDAYS
from sim77.engine.aggregation import add_week
from sim77.engine.population.population import INDEPENDENTS
from sim77.registry.parameters import ParameterSet
from sim77.scenario.policy import PolicyState


@dataclass(init=False)
class QuarterLedger:
    """Attendance of a quarter by employer and weekday.

    Parameters
    ----------
    n_employers : int
    working_days_of_year : int
        Working days of the calendar year, simulated or not.

    Attributes
    ----------
    half_days : numpy.ndarray of int32, shape (n_employers, 5)
        Half-days of the simulated workers at the office.
    days : numpy.ndarray of int64, shape (5,)
        Simulated days by weekday.
    """

    working_days_of_year: int
    half_days: np.ndarray
    days: np.ndarray

    def __init__(self, n_employers: int, working_days_of_year: int):
        self.working_days_of_year = working_days_of_year
        self.half_days = np.zeros((n_employers, len(WEEKDAYS)), dtype=np.int32)
        self.days = np.zeros(len(WEEKDAYS), dtype=np.int64)

    def add_week(self, office_units: np.ndarray, weekdays: int) -> None:
        """Add a simulated week.

        Parameters
        ----------
        office_units : numpy.ndarray, shape (n_employers, 5)
            Office half-days by employer and weekday (`sim77.engine.learning.TeamMemory`).
        weekdays : int
            Weekdays simulated in that week, as bits; the others are not added.
        """
        rows = even_runs(len(self.half_days))
        in_runs(add_week, rows, office_units, weekdays, self.half_days)
        self.days += (weekdays >> np.arange(len(WEEKDAYS))) & 1

    @property
    def attendance_sum(self) -> np.ndarray:
        """Office days of the simulated workers, a half-day counts one half, (n_employers, 5)."""
        return 0.5 * self.half_days


def desks_needed(
    attendance_sum: np.ndarray, days: np.ndarray, heads: np.ndarray, reserve_factor: float
) -> np.ndarray:
    """Return the desks needed, heads x the busiest weekday's mean attendance x reserve.

    At most one a head. Weekdays without a simulated day do not count; without any, all heads need
    a desk, since nothing is known.

    Parameters
    ----------
    attendance_sum : numpy.ndarray, shape (n_employers, 5)
    days : numpy.ndarray, shape (5,)
    heads : numpy.ndarray, shape (n_employers,)
    reserve_factor : float

    Returns
    -------
    numpy.ndarray of float64, shape (n_employers,)
    """
    seen = days > 0
    if not seen.any():
        return heads.astype(np.float64)
    # Weekday by weekday: a maximum over so short an axis takes ten times as long.
    busiest = np.max([attendance_sum[:, day] / days[day] for day in np.flatnonzero(seen)], axis=0)
    return np.minimum(reserve_factor * busiest, heads)


def desks_next_quarter(leased: np.ndarray, needed: np.ndarray, share_reviewed: float) -> np.ndarray:
    """Return the desks leased next quarter: missing ones at once, surplus ones as leases end.

    Parameters
    ----------
    leased, needed : numpy.ndarray, shape (n_employers,)
    share_reviewed : float
        Share of the surplus given up in a quarter.

    Returns
    -------
    numpy.ndarray of float64, shape (n_employers,)
    """
    return np.maximum(needed, leased + share_reviewed * (needed - leased))


def saving_per_desk_eur(parameters: ParameterSet) -> float:
    """Return what an employer saves in a year by a desk given up."""
    p = parameters
    return p.desk_cost_eur_per_year * p.desk_property_share * p.desk_property_share_saved


def spread_coverage(coverage: np.ndarray, innovation: float, imitation: float) -> np.ndarray:
    """Return the share of employers with an agreement, by group covered, a quarter later.

    An employer has an agreement when it covers any group, so the F of a size class is its greatest
    coverage; new agreements cover groups in the proportions of the old ones, each group at most
    wholly. Where nobody has one there is none to copy, and none spreads.

    Parameters
    ----------
    coverage : numpy.ndarray, shape (n_groups, n_sizes)
        Share of employers that cover a group, by size class; without the independents, who have no
        employer.
    innovation, imitation : float
        Coefficients p and q of the Bass model, by quarter.

    Returns
    -------
    numpy.ndarray, shape (n_groups, n_sizes)
        Nowhere below `coverage`.
    """
    have = coverage.max(axis=0)
    reached = np.minimum(have + (1.0 - have) * (innovation + imitation * have), 1.0)
    # Below the smallest normal number the quotient would be infinite.
    some = have > np.finfo(np.float64).tiny
    growth = np.divide(reached, have, out=np.ones_like(have), where=some)
    return np.minimum(np.maximum(growth, 1.0) * coverage, 1.0)


@dataclass(init=False)
class Employers:
    """The employers of simulated workers, from quarter to quarter.

    Parameters
    ----------
    heads : numpy.ndarray, shape (n_employers,)
        Simulated workers of each.

    Attributes
    ----------
    heads, desks_leased, desks_needed : numpy.ndarray of float64, shape (n_employers,)
    saving_eur, possible_saving_eur : numpy.ndarray of float64, shape (n_employers,)
        Cumulated since the start of the run.
    coverage_floor : numpy.ndarray of float64, shape (n_groups, n_sizes)
        Coverage reached by the spread of agreements, groups without the independents.
    """

    heads: np.ndarray
    desks_leased: np.ndarray
    desks_needed: np.ndarray
    saving_eur: np.ndarray
    possible_saving_eur: np.ndarray
    coverage_floor: np.ndarray

    def __init__(self, heads: np.ndarray):
        self.heads = heads.astype(np.float64)
        self.desks_leased = self.heads.copy()
        self.desks_needed = self.heads.copy()
        self.saving_eur, self.possible_saving_eur = np.zeros((2, heads.size))
        self.coverage_floor = np.zeros((INDEPENDENTS, len(EMPLOYER_SIZES)))

    def decide(self, rows: slice | np.ndarray, state: PolicyState) -> None:
        """Let some employers lease the desks of the next quarter, once a quarter."""
        if state.employer_adapts:
            self.desks_leased[rows] = desks_next_quarter(
                self.desks_leased[rows],
                self.desks_needed[rows],
                state.parameters.lease_share_reviewed_per_quarter,
            )

    def quarter_end(
        self, ledger: QuarterLedger, coverage: np.ndarray, state: PolicyState, over: bool = True
    ) -> None:
        """Look back on a quarter, count the saving, and decide.

        Parameters
        ----------
        ledger : QuarterLedger
        coverage : numpy.ndarray, shape (n_groups, n_sizes)
            Share of employers that cover a group by size class, by the policies of today.
        state : PolicyState
            The policies of the last day of the quarter.
        over : bool
            Whether the quarter is; where a run ends before it, nobody decides.
        """
        p = state.parameters
        self.desks_needed = desks_needed(
            ledger.attendance_sum, ledger.days, self.heads, p.desk_reserve_factor
        )
        share_of_year = ledger.days.sum() / ledger.working_days_of_year
        per_desk = share_of_year * saving_per_desk_eur(p)
        self.saving_eur = self.saving_eur + per_desk * (self.heads - self.desks_leased)
        possible = per_desk * (self.heads - self.desks_needed)
        self.possible_saving_eur = self.possible_saving_eur + possible
        if not over:
            return
        self.decide(slice(None), state)
        if state.agreements_spread:
            self.coverage_floor = spread_coverage(
                np.maximum(coverage, self.coverage_floor),
                p.agreement_innovation_per_quarter,
                p.agreement_imitation_per_quarter,
            )

    @property
    def floor(self) -> tuple[tuple[float, ...], ...]:
        """`coverage_floor` as a value that compares and hashes; empty while none has spread."""
        if not self.coverage_floor.any():
            return ()
        return tuple(tuple(row) for row in self.coverage_floor.tolist())
