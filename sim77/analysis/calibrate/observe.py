"""From runs of the model to what surveys count: the observation model of the anchor years.

A *summary* keeps, by occupation group, allowance and way to work, what the employees who may work
remotely did in the weeks of a run. Two facts make it small and exact:

- An agreement covers an employer's group, and teams are cut within employer and group. So what
  somebody who may work remotely does depends on the allowance, hardly on how many others have one;
  the share covered and the distribution of allowances only *weigh* the cells of the summary. (What
  is left is trains, with other shares a little fuller or emptier, and the teams of employers who
  cover those who live far away only.)
- A sample has few employers, and those drawn may happen to be covered more or less often than the
  parameters say. Markets are therefore weighed by their *expected* size, ``persons of the group and
  way to work x teleworkable x covered x allowance``, not by the number drawn: work that can be done
  remotely does not depend on the way to work, and how far agreements do is
  given. The noise of who has an agreement is gone, that of choices within cells is left.

What "teleworked at least one day a week" means is said twice, as the two sources do:

- *in a week* (INSEE, labour force survey 2022): of the employees at work in a week, those with two
  remote half-days or more in it;
- *regularly* (DARES, SUMER 2017): those whose median week at work has at least one remote day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from sim77.analysis.wishes import WISH_DAYS, days_wished
from sim77.core.units import OCCUPATION_GROUPS, WEEKDAYS, Mode, Plan
from sim77.engine.choice.allowance import ALLOWANCES, covered_odds
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import INDEPENDENTS
from sim77.runs.execute import RunSpec, finish, start_model
from sim77.scenario.scenario import load_scenario
from sim77.territory.territory import load_territory

EMPLOYEES = OCCUPATION_GROUPS[:INDEPENDENTS]
"""The groups that surveys of employees cover."""

DISTANCES = ("near", "middle", "far")
BOUNDS_KM = (5.0, 50.0)
"""Between them, by road and one way: the distances of DARES 2017."""

RAIL_WEEKDAYS = ("monday", "tuesday", "friday")
"""Those of which a survey of rail users says something."""

QUANTITIES = (
    "regular", "regular_1", "regular_2", "regular_3", "week", "days",
    *(f"on_{weekday}" for weekday in WEEKDAYS), "week_rail",
    *(f"on_{weekday}_rail" for weekday in RAIL_WEEKDAYS),
    "wish_more", "wish_more_1", "wish_fewer", "wish_fewer_3",
)  # fmt: skip
"""What a summary counts: persons (``regular...``), or persons in a mean week at work.

``regular_1`` to ``regular_3`` by days in the usual week, the last three or more; ``week`` at least
a remote day in the week, ``days`` remote days, ``on_<weekday>`` remote that day; those on rail
among those who would go by rail. ``wish_more`` and ``wish_fewer`` are persons with at least a day
in the usual week who would rather have more or fewer (`sim77.analysis.wishes`), with a
number those with so many days.
"""


@dataclass(frozen=True)
class Anchor:
    """A year that is observed: what is simulated for it.

    Attributes
    ----------
    name : str
        Year of the observations, such as ``"2017"``.
    scenario : str
        Without telecentres: no observation counts their use.
    start, end : datetime.date
        Whole weeks without a holiday.
    """

    name: str
    scenario: str
    start: dt.date
    end: dt.date


ANCHORS = {
    "2017": Anchor("2017", "no-telecentres", dt.date(2017, 3, 6), dt.date(2017, 4, 14)),
    "2022": Anchor("2022", "hybrid-2022-no-telecentres", dt.date(2022, 3, 7), dt.date(2022, 4, 15)),
}
"""Six weeks each, all of them before Easter. The agreements of 2014 hold in 2017 (registry)."""


@dataclass(frozen=True, eq=False)
class Summary:
    """What employees who may work remotely did, by group and allowance, and who there is.

    It is known by its identity.

    Attributes
    ----------
    persons : numpy.ndarray, shape (4, 3)
        Employees by group and way to work (`DISTANCES`), with or without an allowance.
    core : numpy.ndarray, shape (4, 3)
        Share of them who work in the core of a city.
    covered_odds : numpy.ndarray, shape (4, 3)
        Their mean odds of being covered, relative to those of a way to work of 10 km
        (`sim77.engine.choice.allowance.covered_odds`).
    share : mapping of str to numpy.ndarray, shape (4, 4, 3)
        Each of `QUANTITIES` per person (per person at work in the week) who may work remotely, by
        group, allowance (2, 4, 6, 10 half-days) and way to work.
    """

    persons: np.ndarray
    core: np.ndarray
    covered_odds: np.ndarray
    share: Mapping[str, np.ndarray] = field(repr=False)

    def to_plain(self) -> dict[str, list]:
        """Return the summary as lists, for JSON."""
        of_people = {
            "persons": self.persons, "core": self.core, "covered_odds": self.covered_odds
        }  # fmt: skip
        all_of_it = of_people | dict(self.share)
        return {name: np.asarray(each).tolist() for name, each in all_of_it.items()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, list]) -> Summary:
        """Read back what `to_plain` made."""
        arrays = {name: np.array(each, dtype=np.float64) for name, each in plain.items()}
        return cls(arrays.pop("persons"), arrays.pop("core"), arrays.pop("covered_odds"), arrays)


def anchor_run(
    name: str,
    parameters: Mapping[str, float],
    *,
    scale: float,
    seed: int,
    territory: str | None = None,
) -> RunSpec:
    """Return the run of an anchor year.

    Parameters
    ----------
    name : str
        Of `ANCHORS`.
    parameters : mapping of str to float
        Registry parameters that differ from their values.
    scale : float
        Share of the residents at work that is simulated, all workplaces.
    seed : int
        Seed of every draw; the same for all parameters (common random numbers).
    territory : str, optional
        Name or folder; Seine-et-Marne by default.

    Returns
    -------
    RunSpec
    """
    anchor = ANCHORS[name]
    return RunSpec(
        _scenario(anchor.scenario), seed=seed, scale=scale,
        workplaces=load_territory(territory).workplace_zones,
        start=anchor.start, end=anchor.end, overrides=parameters, territory=territory,
    )  # fmt: skip


_scenario = cache(load_scenario)  # a calibration asks thousands of times


def summarise(spec: RunSpec) -> Summary:
    """Simulate the weeks of an anchor year and count.

    Parameters
    ----------
    spec : RunSpec
        Of `anchor_run`.

    Returns
    -------
    Summary
    """
    model = start_model(spec)
    trace = WorkdayTrace(model)
    finish(model)
    trace.end_week()
    return trace.summary(model)


class WorkdayTrace:
    """Remote days of the employees who may work remotely, week by week, as a model's observer.

    Call `end_week` when the run has ended, for its last week.

    Parameters
    ----------
    model : CommuteModel
        Before its first step; it is added to its observers.

    Attributes
    ----------
    rows : numpy.ndarray
        Rows of these employees among the workers.
    """

    def __init__(self, model: CommuteModel):
        group = model.population.group
        self.rows = np.flatnonzero((model.columns.allowance > 0) & (group != INDEPENDENTS))
        self.monday: int | None = None
        self.away = np.zeros((len(WEEKDAYS), self.rows.size), dtype=bool)
        self.at_work: list[np.ndarray] = []
        self.weeks: list[np.ndarray] = []
        self.by_rail = np.zeros(self.rows.size, dtype=np.int64)
        model.observers.append(self.write)

    def write(self, model: CommuteModel, phase: str) -> None:
        """Note the day when it is done."""
        if phase != "aggregate":
            return
        monday = model.day.toordinal() - model.day.weekday()
        if self.monday is not None and monday != self.monday:
            self.end_week()
        self.monday = monday
        w = model.columns
        kind = w.kind[self.rows]
        self.away[model.day.weekday()] = (kind == Plan.HOME) | (kind == Plan.TELECENTRE)
        self.present = w.present[self.rows] > 0
        self.by_rail += np.where(w.office_mode[self.rows] == Mode.PUBLIC_TRANSPORT, 1, -1)

    def end_week(self) -> None:
        """Close the week that has just been simulated."""
        self.weeks.append(self.away.copy())
        self.at_work.append(self.present.copy())
        self.away[:] = False

    def usual_days(self) -> np.ndarray:
        """Return the remote days in the usual week of each of `rows`."""
        return _usual_days(np.array(self.weeks).sum(axis=1), np.array(self.at_work))

    def mean_by_cell(self, model: CommuteModel, x: np.ndarray) -> np.ndarray:
        """Return the mean of something of `rows`, by cell as in a summary, (4, 4, 3)."""
        cells = self._cells(model)
        ever = np.array(self.at_work).any(axis=0)
        return cells.mean(x, model.population.weight[self.rows] * ever)

    def _cells(self, model: CommuteModel) -> _PersonGroups:
        return _PersonGroups(
            model.population.group[self.rows],
            model.columns.allowance[self.rows],
            distance_of(model)[self.rows],
        )

    def summary(self, model: CommuteModel) -> Summary:
        """Count what the weeks so far hold."""
        people = model.population
        away, at_work = np.array(self.weeks), np.array(self.at_work)
        days = away.sum(axis=1)
        usual = self.usual_days()
        rail = self.by_rail > 0
        beyond = np.where(usual >= 1, days_wished(model, self.rows) - usual, 0.0)
        more, fewer = beyond >= WISH_DAYS, beyond <= -WISH_DAYS
        week = (days >= 1).sum(axis=0)
        on = {name: away[:, day].sum(axis=0) for day, name in enumerate(WEEKDAYS)}
        persons_each = {
            "regular": usual >= 1, "regular_1": usual == 1, "regular_2": usual == 2,
            "regular_3": usual >= 3, "wish_more": more, "wish_more_1": more & (usual == 1),
            "wish_fewer": fewer, "wish_fewer_3": fewer & (usual >= 3),
        }  # fmt: skip
        weeks_each = {
            "week": week, "days": days.sum(axis=0),
            **{f"on_{name}": count for name, count in on.items()},
            "week_rail": week * rail,
            **{f"on_{name}_rail": on[name] * rail for name in RAIL_WEEKDAYS},
        }  # fmt: skip
        weight = people.weight[self.rows]
        cells = self._cells(model)
        seen = weight * at_work.any(axis=0)
        persons = persons_by_distance(model, people.weight)
        in_core = persons_by_distance(model, people.weight * people.core_job)
        odds = covered_odds(people.market_road_km, model.state.parameters)[people.market]
        sum_of_odds = persons_by_distance(model, people.weight * odds)
        return Summary(
            persons=persons,
            core=in_core / np.maximum(persons, 1.0),
            covered_odds=np.where(persons > 0.0, sum_of_odds / np.maximum(persons, 1.0), 1.0),
            share={
                **{name: cells.mean(x, seen) for name, x in persons_each.items()},
                **{
                    name: cells.ratio(x, at_work.sum(axis=0), weight)
                    for name, x in weeks_each.items()
                },
            },
        )


def distance_of(model: CommuteModel) -> np.ndarray:
    """Return the way to work of each worker, as an index into `DISTANCES`."""
    people = model.population
    return np.searchsorted(BOUNDS_KM, people.market_road_km[people.market]).astype(np.int64)


def persons_by_distance(model: CommuteModel, weight: np.ndarray) -> np.ndarray:
    """Return employees by group and way to work, each counted with a weight, (4, 3)."""
    people = model.population
    employee = people.group < INDEPENDENTS
    cell = people.group.astype(np.int64) * len(DISTANCES) + distance_of(model)
    shape = (len(EMPLOYEES), len(DISTANCES))
    counted = np.bincount(cell[employee], weight[employee], minlength=shape[0] * shape[1])
    return np.asarray(counted.reshape(shape))


def _usual_days(days: np.ndarray, at_work: np.ndarray) -> np.ndarray:
    """Return the median of remote days over the weeks at work, rounded down, (n,)."""
    seen = np.ma.masked_array(days, ~at_work)
    return np.floor(np.ma.median(seen, axis=0).filled(0.0) + 1e-9).astype(np.int64)


class _PersonGroups:
    """Means by cell; manual workers borrow from clerical ones, see `_sum`."""

    _shape = (len(EMPLOYEES), len(ALLOWANCES), len(DISTANCES))

    def __init__(self, group: np.ndarray, allowance: np.ndarray, distance: np.ndarray):
        column = np.searchsorted(ALLOWANCES, allowance)
        self._cell = np.ravel_multi_index((group.astype(np.int64), column, distance), self._shape)

    def _sum(self, x: np.ndarray) -> np.ndarray:
        size = int(np.prod(self._shape))
        table = np.bincount(self._cell, weights=x, minlength=size).reshape(self._shape)
        # One manual worker in a thousand may work remotely: a sample has a handful. Their cells
        # are those of clerical and manual workers together.
        table[-1] += table[-2]
        return table

    def mean(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the weighted mean of `x` by group, allowance and way to work, (4, 4, 3)."""
        return self.ratio(x, np.ones(x.shape), weight)

    def ratio(self, above: np.ndarray, below: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Return the ratio of weighted sums; an empty cell takes that of a larger one.

        Of all groups with its allowance and way to work, else of all with its allowance.
        """
        up, down = self._sum(weight * above), self._sum(weight * below)
        found = np.zeros(self._shape)
        for axes in ((0, 2), (0,), ()):  # the largest first, overwritten where there is a finer one
            part, whole = (np.sum(each, axis=axes, keepdims=True) for each in (up, down))
            known = np.broadcast_to(whole > 0, self._shape)
            with np.errstate(invalid="ignore", divide="ignore"):
                found = np.where(known, part / whole, found)
        return found
