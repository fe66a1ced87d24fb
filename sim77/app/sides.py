"""One scenario's year, kept so that it can be shown, compared with another, and asked why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.compare_indicators import derived, is_sum, worker_indicators
from sim77.model import CommuteModel
from sim77.pair import PairOutcome, Switching, centre_means, line_means, outcome_of
from sim77.scenario import Scenario
from sim77.sweep.evaluate import population_for, territory_at
from sim77.units import Mode

ABSENT = 255
"""Code of a worker who is not at work that day."""

BY_CAR = 4
"""Added to the kind of plan of who goes to the office by car."""

_OFFICE, _HALF, _HOME, _TELECENTRE = range(4)


@dataclass(frozen=True)
class Scope:
    """What both sides of a comparison have in common.

    Attributes
    ----------
    seed : int
    start, end : datetime.date
        First and last day.
    scale : float
        Share of the workers simulated.
    workplaces : tuple of str
    territory : str or None
        Folder of another territory than the shipped one.
    """

    seed: int
    start: dt.date
    end: dt.date
    scale: float = 1.0
    workplaces: tuple[str, ...] = ("paris",)
    territory: str | None = None


class Diary:
    """A watcher that writes down what every worker does on every day.

    Attributes
    ----------
    codes : numpy.ndarray of uint8, shape (n_days, n_workers)
        Kind of plan, plus `BY_CAR`, or `ABSENT`.
    minutes : list of numpy.ndarray of float32
        By day, the minutes given back to those who are not at the office all day, by row.
    centres : list of numpy.ndarray of int16
        By day, the site (row in ``model.sites``) of those who use one, by row.
    """

    def __init__(self, model: CommuteModel):
        self.codes = np.full((len(model.days), model.population.low.size), ABSENT, dtype=np.uint8)
        self.minutes: list[np.ndarray] = []
        self.centres: list[np.ndarray] = []
        self._given_back = model.columns.minutes_saved.copy()
        model.watchers.append(self)

    def __call__(self, model: CommuteModel, phase: str) -> None:
        """Write the day down at its end."""
        if phase != "done":
            return
        w, day = model.columns, len(self.minutes)
        kind = w.kind.astype(np.uint8)
        kind[w.kind < 0] = ABSENT
        travels = (kind == _OFFICE) | (kind == _HALF)
        kind[travels & (w.mode == Mode.CAR)] += BY_CAR
        self.codes[day] = kind
        today = w.minutes_saved - self._given_back
        self.minutes.append(today[self.away(day)].astype(np.float32))
        self._given_back = w.minutes_saved.copy()
        at_centre = (w.kind == _HALF) | (w.kind == _TELECENTRE)
        self.centres.append(model.centre_today[at_centre].astype(np.int16))

    def minutes_of(self, day: int) -> np.ndarray:
        """Return the minutes given back to every worker on a day, (n_workers,)."""
        found = np.zeros(self.codes.shape[1])
        found[self.away(day)] = self.minutes[day]
        return found

    def away(self, day: int) -> np.ndarray:
        """Say who is at work and not at the office all day, bool (n_workers,)."""
        codes = self.codes[day]
        return (codes != ABSENT) & (codes % BY_CAR != _OFFICE)

    def centre_of(self, day: int, row: int) -> int:
        """Return the site that a worker uses on a day, -1 for none."""
        kinds = self.codes[day] % BY_CAR
        users = np.flatnonzero(
            (self.codes[day] != ABSENT) & ((kinds == _HALF) | (kinds == _TELECENTRE))
        )
        place = int(np.searchsorted(users, row))
        found = place < users.size and users[place] == row
        return int(self.centres[day][place]) if found else -1


@dataclass(frozen=True)
class Side:
    """A finished run and its diary."""

    model: CommuteModel
    diary: Diary

    def summary(self) -> dict[str, float]:
        """Return every indicator as a mean day, as in the table ``effects`` of a comparison."""
        model = self.model
        sums = model.recorder.kinds_of_worker.sum(axis=(0, 1))
        values, n = derived(sums, model.parameters), len(model.days)
        found = {
            name: float(values[name] / (n if is_sum(name) else 1)) for name in worker_indicators()
        }
        return found | centre_means(model) | line_means(model)


def run_side(
    scenario: Scenario, scope: Scope, progress: Callable[[int, int], None] | None = None
) -> Side:
    """Run a scenario over a scope, its diary kept.

    Parameters
    ----------
    scenario : Scenario
    scope : Scope
    progress : callable, optional
        Called as ``progress(days_done, days)`` after each day; an exception of it ends the run.

    Returns
    -------
    Side
    """
    model = start_model(scenario, scope)
    diary = Diary(model)
    while model.running:
        model.step()
        if progress is not None:
            progress(len(model.recorder.days), len(model.days))
    return Side(model, diary)


def start_model(scenario: Scenario, scope: Scope, end: dt.date | None = None) -> CommuteModel:
    """Return the model of a scenario before its first day, its population reused if there is one.

    Parameters
    ----------
    scenario : Scenario
    scope : Scope
    end : datetime.date, optional
        An earlier last day than the scope's.
    """
    territory = territory_at(scope.territory)
    first = scenario.state_on(scope.start, territory).parameters
    people = population_for(territory, first, scope.seed, scope.scale, scope.workplaces)
    return CommuteModel(
        scenario, seed=scope.seed, scale=scope.scale, workplaces=scope.workplaces,
        start=scope.start, end=end or scope.end, territory=territory, population=people,
    )  # fmt: skip


def pair_outcome(a: Side, b: Side) -> PairOutcome:
    """Compare two finished runs of one scope, as `sim77.pair.run_pair` does day by day.

    The claims, which need both models on each day, and the expected values are left out.
    """
    switching, people = Switching(), a.model.population
    for day in range(len(a.model.days)):
        at_work = (a.diary.codes[day] != ABSENT) & (b.diary.codes[day] != ABSENT)
        moves = at_work & (a.diary.away(day) | b.diary.away(day))
        rows = np.flatnonzero(moves)
        gained = (b.diary.minutes_of(day) - a.diary.minutes_of(day))[rows]
        kind_a, kind_b = (side.diary.codes[day][rows].astype(np.int64) % BY_CAR for side in (a, b))
        switching.count(kind_a, kind_b, gained, people.group[rows], people.weight[rows])
        # Nearly everybody is at the office in both: they are counted, not looked at.
        switching.stay_at_office(people.group[at_work & ~moves], people.weight[at_work & ~moves])
    models = [a.model, b.model]
    return outcome_of(a.model.draw_seed, models, [], switching, {})


def side_key(scenario: Scenario, scope: Scope) -> str:
    """Name what decides a run's numbers, whatever the scenario is called."""
    return hash_key(scenario.hash, scope)


def hash_key(scenario_hash: str, scope: Scope) -> str:
    """Return the same from the hash of a scenario alone."""
    return ":".join(
        (
            scenario_hash, str(scope.seed), f"{scope.scale:g}", ",".join(scope.workplaces),
            scope.start.isoformat(), scope.end.isoformat(), scope.territory or "",
        )
    )  # fmt: skip


def site_names(side: Side) -> tuple[dict[str, Any], ...]:
    """Return id and name of the sites of a run, in its order."""
    return tuple(
        {"id": key, "name": name}
        for key, name in zip(side.model.sites.ids, side.model.sites.names, strict=True)
    )
