"""What everybody did on every day of a run, written down as the days go by."""

from __future__ import annotations

import numba as nb
import numpy as np

from sim77.core.units import Plan
from sim77.engine.arrays import Choosers, Workers
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import Population
from sim77.runs.pair import N_KINDS, Transitions

ABSENT = 255
"""Code of a worker who is not at work that day."""

_OFFICE, _HALF, _TELECENTRE = (int(plan) for plan in (Plan.OFFICE, Plan.HALF, Plan.TELECENTRE))


class RunTrace:
    """An observer that writes down what every worker does on every day.

    Parameters
    ----------
    model : CommuteModel
        Before its first step; the trace is added to its observers.
    at_home : bool
        Those who work at home for themselves in place of those who commute.

    Attributes
    ----------
    codes : numpy.ndarray of uint8, shape (n_days, n_workers)
        Kind of plan, plus `N_KINDS` times the mode of who goes to the office, or `ABSENT`.
    minutes : list of numpy.ndarray of float32
        By day, the travel time saved to those who are not at the office all day, by row.
    centres : list of numpy.ndarray of int16
        By day, the site (row in ``model.sites``) of those who use one, by row.
    """

    def __init__(self, model: CommuteModel, at_home: bool = False):
        self._at_home = at_home
        columns, _ = self._those(model)
        n = columns.low.size
        self.codes = np.full((len(model.days), n), ABSENT, dtype=np.uint8)
        self.minutes: list[np.ndarray] = []
        self.centres: list[np.ndarray] = []
        self._travel_time_saved = columns.minutes_saved.copy()
        self._minutes, self._centres = np.empty(n, np.float32), np.empty(n, np.int16)
        model.observers.append(self)

    def __call__(self, model: CommuteModel, phase: str) -> None:
        """Write the day down at its end."""
        if phase != "aggregate":
            return
        (w, choosers), choice_sets = self._those(model), model.choice_sets
        away, users = _write_day(
            w.kind, w.mode, w.minutes_saved, self._travel_time_saved, w.alternative, w.chooser,
            choosers.choice_set, choice_sets.start, choice_sets.centre,
            self.codes[len(self.minutes)], self._minutes, self._centres,
        )  # fmt: skip
        self.minutes.append(self._minutes[:away].copy())
        self.centres.append(self._centres[:users].copy())

    def _those(self, model: CommuteModel) -> tuple[Workers, Choosers]:
        if self._at_home:
            return model.memory.home_based, model.effects.home_based
        return model.columns, model.effects.choosers

    def users(self, day: int) -> np.ndarray:
        """Return the rows of those who use a site on a day, in the order of `centres`."""
        codes = self.codes[day]
        kinds = codes % N_KINDS
        return np.flatnonzero((codes != ABSENT) & ((kinds == _HALF) | (kinds == _TELECENTRE)))

    def centre_of(self, day: int, row: int) -> int:
        """Return the site that a worker uses on a day, -1 for none."""
        users = self.users(day)
        place = int(np.searchsorted(users, row))
        found = place < users.size and users[place] == row
        return int(self.centres[day][place]) if found else -1


def transitions_of(a: RunTrace, b: RunTrace, people: Population) -> Transitions:
    """Add up who does what in B instead of what in A, from two finished runs.

    Parameters
    ----------
    a, b : RunTrace
        Of runs with the same people and days.
    people : Population

    Returns
    -------
    Transitions
    """
    transitions = Transitions()
    size = transitions.minutes.size
    for day in range(len(a.minutes)):
        worker_days, minutes = np.zeros((2, size))
        _count_day(
            a.codes[day], b.codes[day], a.minutes[day], b.minutes[day],
            people.group, people.weight, worker_days, minutes,
        )  # fmt: skip
        transitions.worker_days += worker_days
        transitions.minutes += minutes
    return transitions


@nb.njit(cache=True)
def _write_day(
    kind: np.ndarray, mode: np.ndarray, saved: np.ndarray, travel_time_saved: np.ndarray,
    alternative: np.ndarray, chooser: np.ndarray, row_of_choice_set: np.ndarray, start: np.ndarray,
    centre: np.ndarray, codes: np.ndarray, minutes: np.ndarray, centres: np.ndarray,
) -> tuple[int, int]:  # fmt: skip
    """Fill a day's codes, and the minutes and centres of those who have any; return how many."""
    away, users = 0, 0
    for i in range(kind.size):
        if kind[i] < 0:
            continue
        code = kind[i]
        if code in (_OFFICE, _HALF):
            code += N_KINDS * mode[i]
        codes[i] = code
        if kind[i] != _OFFICE:
            minutes[away] = saved[i] - travel_time_saved[i]
            away += 1
        travel_time_saved[i] = saved[i]
        if kind[i] in (_HALF, _TELECENTRE):
            centres[users] = centre[start[row_of_choice_set[chooser[i]]] + alternative[i]]
            users += 1
    return away, users


@nb.njit(cache=True)
def _count_day(
    codes_a: np.ndarray, codes_b: np.ndarray, minutes_a: np.ndarray, minutes_b: np.ndarray,
    group: np.ndarray, weight: np.ndarray, worker_days: np.ndarray, minutes: np.ndarray,
) -> None:  # fmt: skip
    """Add a day's workers, and the travel minutes saved in B, by group, plan in A and plan in B."""
    next_a, next_b = 0, 0
    for i in range(codes_a.size):
        gained = 0.0
        if codes_a[i] != ABSENT and codes_a[i] % N_KINDS != _OFFICE:
            gained -= minutes_a[next_a]
            next_a += 1
        if codes_b[i] != ABSENT and codes_b[i] % N_KINDS != _OFFICE:
            gained += minutes_b[next_b]
            next_b += 1
        if codes_a[i] == ABSENT or codes_b[i] == ABSENT:
            continue
        key = (group[i] * N_KINDS + codes_a[i] % N_KINDS) * N_KINDS + codes_b[i] % N_KINDS
        worker_days[key] += weight[i]
        minutes[key] += weight[i] * gained
