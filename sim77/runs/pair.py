"""One pair of runs, day by day in step, with the same people, tastes and shocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numba as nb
import numpy as np

from sim77.core.units import OCCUPATION_GROUPS, PLAN_KINDS
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import SECTION_COLUMNS, SEGMENT_COLUMNS, centres_by_column
from sim77.registry.parameters import ParameterSet
from sim77.runs.execute import Progress, RunSpec, each_day, start_model
from sim77.runs.measures import (
    MEASURES,
    PairSeen,
    UserDays,
    fullest_segments,
    mean_office_min,
    peak_riders,
)
from sim77.runs.warmup import ensure_compiled

N_KINDS = len(PLAN_KINDS)
N_GROUPS = len(OCCUPATION_GROUPS)
DECILES = 10
SITE_COLUMNS = ("open", "desks", "occupied", "user_days", "refusals")
"""Of telecentres: days open; means over all days of the others, at full scale."""


class PairSpec(NamedTuple):
    """The two runs that are compared; they differ in their scenarios only."""

    a: RunSpec
    b: RunSpec

    def with_seed(self, seed: int) -> PairSpec:
        """Return the pair with another seed."""
        return PairSpec(*(replace(each, seed=seed) for each in self))


@dataclass(frozen=True)
class PairOutcome:
    """What one seed's pair of runs found; the first axis of length 2 is A, B.

    Attributes
    ----------
    seed : int
    days : list of datetime.date
    by_day : numpy.ndarray, shape (2, n_days, N_OUTPUTS)
    communes : numpy.ndarray, shape (2, n_communes, N_OUTPUTS)
        Sums over the days.
    kinds_of_worker : numpy.ndarray, shape (2, N_KINDS_OF_WORKER, N_OUTPUTS)
    transitions, transition_minutes : numpy.ndarray, shape (n_groups, 4, 4)
        Worker-days by group, plan in A and plan in B; the travel minutes saved in B on them.
    sites : numpy.ndarray, shape (2, n_sites, len(SITE_COLUMNS))
        By row of ``territory.sites``.
    simulated : numpy.ndarray, shape (n_communes,)
        Workers simulated, not expanded.
    other : dict of str to numpy.ndarray of shape (2,)
        Means over days of what is not an output by workers: centres, trains, roads, expectations.
    decile_commute_min, decile_gain_min : numpy.ndarray, shape (10,)
        By decile of all-office travel in A: its mean, and the travel minutes a day saved in B.
    decile_workers : numpy.ndarray, shape (10,)
        Those at work on a day of the run.
    gini : numpy.ndarray, shape (2,)
        Of travel minutes a worker-day among workers.
    measures : dict of str to float
        What the claims register asks for; empty unless telecentres are what B has and A has not.
    parameters : tuple of ParameterSet
    """

    seed: int
    days: list[dt.date]
    by_day: np.ndarray
    communes: np.ndarray
    kinds_of_worker: np.ndarray
    transitions: np.ndarray
    transition_minutes: np.ndarray
    sites: np.ndarray
    simulated: np.ndarray
    other: dict[str, np.ndarray]
    decile_commute_min: np.ndarray
    decile_gain_min: np.ndarray
    decile_workers: np.ndarray
    gini: np.ndarray
    measures: dict[str, float]
    parameters: tuple[ParameterSet, ParameterSet]


def run_pair(
    pair: PairSpec, threads: int | None = None, progress: Progress | None = None
) -> PairOutcome:
    """Run both sides of a pair in step.

    Parameters
    ----------
    pair : PairSpec
    threads : int, optional
        Threads of the kernels; the result does not depend on it.
    progress : callable, optional
        Called as ``progress(days_done, days)``, with 0 when a model is ready, then after each day.

    Returns
    -------
    PairOutcome
    """
    if threads is not None:
        nb.set_num_threads(threads)
    ensure_compiled()
    models = []
    for spec in pair:
        models.append(start_model(spec))
        if progress is not None:
            progress(0, len(models[0].days))
    expected = [Expected(model) for model in models]
    transitions, users = Transitions(), UserDays()
    tested = tests_claims(*(model.sites.ids for model in models))
    for done in each_day(*models):
        transitions.add(*models)
        if tested:
            users.see(*models)
        if progress is not None:
            progress(done, len(models[0].days))
    seen = PairSeen(models[0], models[1], users)
    measures = {name: float(of(seen)) for name, of in MEASURES.items()} if tested else {}
    return outcome_of(pair.a.seed, models, expected, transitions, measures)


def tests_claims(a: Sequence[str], b: Sequence[str]) -> bool:
    """Say whether telecentres, given by the names of two sides, are what B has and A has not."""
    return not a and bool(b)


class Expected:
    """Adds up the choice probabilities of a model's days."""

    def __init__(self, model: CommuteModel):
        self.sums = np.zeros(N_KINDS)
        model.observers.append(self)

    def __call__(self, model: CommuteModel, phase: str) -> None:
        """Add the day's once everybody has chosen."""
        if phase == "choose":
            self.sums += model.expected_by_kind()


class Transitions:
    """Adds up who does what in B instead of what in A, and the travel minutes saved."""

    def __init__(self) -> None:
        size = N_GROUPS * N_KINDS * N_KINDS
        self.worker_days, self.minutes = np.zeros((2, size))
        self._gained: np.ndarray | float = 0.0

    def add(self, a: CommuteModel, b: CommuteModel) -> None:
        """Add the day that both have just simulated; the workers are the same, in one order."""
        gained = b.columns.minutes_saved - a.columns.minutes_saved
        at_work = (a.columns.kind >= 0) & (b.columns.kind >= 0)
        people, today = a.population, (gained - self._gained)[at_work]
        self.count(
            a.columns.kind[at_work], b.columns.kind[at_work], today,
            people.group[at_work], people.weight[at_work],
        )  # fmt: skip
        self._gained = gained

    def count(
        self,
        kind_a: np.ndarray,
        kind_b: np.ndarray,
        gained_min: np.ndarray,
        group: np.ndarray,
        weight: np.ndarray,
    ) -> None:
        """Add a day from what workers at work do in A and in B, (n,) each.

        Parameters
        ----------
        kind_a, kind_b : numpy.ndarray of int
            Indices into `PLAN_KINDS`.
        gained_min : numpy.ndarray of float64
            Travel minutes saved in B on that day.
        group : numpy.ndarray of int
        weight : numpy.ndarray of float64
        """
        key = (group.astype(np.int64) * N_KINDS + kind_a) * N_KINDS + kind_b
        size = self.minutes.size
        self.worker_days += np.bincount(key, weights=weight, minlength=size)
        self.minutes += np.bincount(key, weights=weight * gained_min, minlength=size)


def outcome_of(
    seed: int,
    models: list[CommuteModel],
    expected: list[Expected],
    transitions: Transitions,
    measures: dict[str, float],
) -> PairOutcome:
    """Put together what two finished runs of one seed, A and B, found; see `PairOutcome`.

    Without `expected`, an empty list, there are no expected values among the ``other`` ones.
    """
    a, b = models
    recorders = [model.recorder for model in models]
    commute, gain, workers, gini = _equity(a, b)
    sums: list[np.ndarray | None] = [each.sums for each in expected] or [None, None]
    others = [_other(model, a, each) for model, each in zip(models, sums, strict=True)]
    by_group = (N_GROUPS, N_KINDS, N_KINDS)
    return PairOutcome(
        seed=seed,
        days=list(a.days),
        by_day=np.stack([each.kinds_of_worker.sum(axis=1) for each in recorders]),
        communes=np.stack([each.communes.sum(axis=0) for each in recorders]),
        kinds_of_worker=np.stack([each.kinds_of_worker.sum(axis=0) for each in recorders]),
        transitions=transitions.worker_days.reshape(by_group),
        transition_minutes=transitions.minutes.reshape(by_group),
        sites=np.stack([_sites(model) for model in models]),
        simulated=np.diff(a.population.commune_start),
        # Nobody rides a line where there is none.
        other={
            name: np.array([each.get(name, 0.0) for each in others])
            for name in others[0] | others[1]
        },
        decile_commute_min=commute,
        decile_gain_min=gain,
        decile_workers=workers,
        gini=gini,
        measures=measures,
        parameters=(a.parameters, b.parameters),
    )


def _sites(model: CommuteModel) -> np.ndarray:
    """All sites of the territory, those that this scenario lacks included; see SITE_COLUMNS."""
    centre = centres_by_column(model.recorder.centres)
    means = (centre[name].mean(axis=0)
             for name in ("desks", "occupied", "user_days", "refusals"))  # fmt: skip
    values = np.stack([centre["open"].sum(axis=0), *means], axis=1)
    found = np.zeros((len(model.territory.sites), len(SITE_COLUMNS)))
    found[model.sites.row] = values
    return found


def _other(model: CommuteModel, a: CommuteModel, expected: np.ndarray | None) -> dict[str, float]:
    """Means over the days of what is not an output by workers, by indicator."""
    by_kind: dict[str, float] = {}
    if expected is not None:
        by_kind = dict(
            zip(
                (f"expected_{kind}" for kind in PLAN_KINDS), expected / len(model.days), strict=True
            )
        )
    return centre_means(model) | by_kind | line_means(model, a)


def centre_means(model: CommuteModel) -> dict[str, float]:
    """Return means over the days at all telecentres together and on the roads, by indicator."""
    n, centre = len(model.days), centres_by_column(model.recorder.centres)
    occupied, desks = centre["occupied"].sum(), centre["desks"].sum()
    return {
        "centre_users": centre["users"].sum() / n,
        "refusals": centre["refusals"].sum() / n,
        "turned_away": centre["turned_away"].sum() / n,
        "desks_occupied": occupied / n,
        "share_desks_occupied": occupied / desks if desks else 0.0,
        "centre_revenue_workers_eur": centre["revenue_workers_eur"].sum() / n,
        "travel_time_ratio": _travel_time_ratio(model),
    }


def _travel_time_ratio(model: CommuteModel) -> float:
    """Return loaded over free-flow minutes at the peak, over vehicles and minutes on the road."""
    volume, ratio = (
        model.recorder.sections[:, :, SECTION_COLUMNS.index(name)]
        for name in ("volume_veh_per_hour", "travel_time_ratio")
    )
    free_flow = volume * model.territory.od.road.sections["free_flow_min"].to_numpy(float)
    whole = free_flow.sum()
    return float((free_flow * ratio).sum() / whole) if whole else 1.0


def line_means(model: CommuteModel, a: CommuteModel | None = None) -> dict[str, float]:
    """Return means over the days on each line's fullest segments, by indicator and line.

    Riders are those where the line is fullest in `a`, if it is given (`peak_riders`).
    """
    recorder, found = model.recorder, {}
    riders = recorder.segments[:, :, SEGMENT_COLUMNS.index("peak_riders")]
    places = recorder.segments[:, :, SEGMENT_COLUMNS.index("places")]
    at_peak = peak_riders(model, a or model)
    for name, inner in zip(model.network.lines, fullest_segments(model), strict=True):
        found[f"load_factor_{name}"] = float(
            (riders[:, inner].sum(axis=1) / places[:, inner].sum(axis=1)).mean()
        )
        found[f"peak_riders_{name}"] = at_peak[name]
    return found


def _equity(
    a: CommuteModel, b: CommuteModel
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Travel minutes saved in B by decile of all-office travel in A; the Gini of travel in both.

    Of those at work on a day of the run: who is away on all of them has no day to travel on.
    """
    days = a.columns.days_by_kind.sum(axis=0)
    weight = np.where(days > 0, a.population.weight, 0.0)
    days = np.maximum(days, 1)
    commute = mean_office_min(a)
    order = np.argsort(commute, kind="stable")
    rank = np.empty(order.size)
    rank[order] = weight[order].cumsum() - 0.5 * weight[order]
    share = rank / max(weight.sum(), np.finfo(np.float64).tiny)
    decile = np.minimum((share * DECILES).astype(np.int64), DECILES - 1)
    workers = np.bincount(decile, weights=weight, minlength=DECILES)

    def mean(values: np.ndarray) -> np.ndarray:
        total = np.bincount(decile, weights=weight * values, minlength=DECILES)
        return np.divide(total, workers, out=np.full(DECILES, np.nan), where=workers > 0)

    travel = [
        mean_office_min(model) - model.columns.minutes_saved / days for model in (a, b)
    ]  # fmt: skip
    gini = np.array([_gini(minutes, weight) for minutes in travel])
    return mean(commute), mean(travel[0] - travel[1]), workers, gini


def _gini(values: np.ndarray, weight: np.ndarray) -> float:
    """Weighted Gini coefficient, from the area under the Lorenz curve; NaN of nobody."""
    if not weight.any():
        return float("nan")
    order = np.argsort(values, kind="stable")
    people = np.concatenate(([0.0], weight[order].cumsum()))
    held = np.concatenate(([0.0], (weight * values)[order].cumsum()))
    return float(1.0 - 2.0 * np.trapezoid(held / held[-1], people / people[-1]))
