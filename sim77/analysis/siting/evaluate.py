"""Simulated runs of plans: what each does for workers, what its centres earn, and the objectives.

Every run is paired with the run of the base scenario with the same seed, so that what differs comes
from the plan alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim77.analysis.siting.candidates import Plan, scenario_with
from sim77.analysis.sweep.outcomes import Outcome, values_of
from sim77.core import calendar
from sim77.core.errors import StudyError
from sim77.core.units import OFFICE_COLUMNS
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import centres_by_column
from sim77.registry.indicators import of_all_modes
from sim77.runs.cluster import Cluster, Failure, run_batches
from sim77.runs.execute import RunSpec, execute
from sim77.scenario.scenario import Scenario

OBJECTIVES = ("surplus", "use", "minutes", "net")
"""Workers' surplus in euros; worker-days in centres; travel time saved; surplus and operators."""

OBJECTIVE_COLUMN = {
    "surplus": "surplus_eur", "use": "use", "minutes": "minutes_saved", "net": "net_eur",
}  # fmt: skip

GAINS = (
    "surplus_eur", "use", "minutes_saved", "net_eur", "refusals", "home", "office",
    "co2e_travel_kg", "margin_eur", "employers_eur",
)  # fmt: skip
"""What a plan changes, a working day; see `gains`."""

SITE_COLUMNS = (
    "desks", "users", "refusals", "share_occupied", "share_occupied_by_workers", "revenue_eur",
    "cost_eur", "margin_eur",
)  # fmt: skip
"""Of a telecentre, a working day; money, subsidy included, on a mean one of a year (`_books`)."""

_INDICATORS = (
    "centre_users", "refusals", "home", *OFFICE_COLUMNS, "travel_min", "consumer_surplus_eur",
    "co2e_travel_kg", "centre_margin_eur", "centre_revenue_workers_eur", "desk_price_eur",
    "subscription_eur",
)  # fmt: skip
_OUTCOMES = tuple(Outcome(name) for name in _INDICATORS)


@dataclass(frozen=True)
class Measures:
    """What one run found.

    Attributes
    ----------
    values : dict of str to float
        Means a simulated day, by indicator.
    ids : tuple of str
        The telecentres.
    sites : numpy.ndarray, shape (n_sites, len(SITE_COLUMNS))
    """

    values: dict[str, float]
    ids: tuple[str, ...]
    sites: np.ndarray


def measure(spec: RunSpec) -> Measures:
    """Do one run, as a worker process does it."""
    model = execute(spec)
    values = {
        name: value
        for name, value in values_of(model, _OUTCOMES).items()
        if isinstance(value, float)
    }
    books = _books(model)
    sites = _sites(model, books)
    values["subscriptions_eur"] = float(books.subscriptions_eur.sum())
    values["subsidy_eur"] = books.subsidy_eur
    # What users pay of them themselves, which is taken off the surplus, on the same days.
    own = values["subscription_eur"]
    values["subscription_eur"] = books.monthly * own
    values["consumer_surplus_eur"] += own - values["subscription_eur"]
    values["centre_margin_eur"] = float(sites[:, SITE_COLUMNS.index("margin_eur")].sum())
    values["use"] = float(sites[:, SITE_COLUMNS.index("users")].sum())
    return Measures(values, model.sites.ids, sites)


class _Books(NamedTuple):
    """The books of the centres on a mean working day of a year, arrays of shape (n_sites,)."""

    revenue_eur: np.ndarray
    subscriptions_eur: np.ndarray
    cost_eur: np.ndarray
    subsidy_eur: float  # to all of them, part of their revenue
    monthly: float  # of the days simulated: what a month's amount is a day, relative to a mean day


def _books(model: CommuteModel) -> _Books:
    """Return what centres earn and cost on a mean working day of a year.

    A month costs the same whether it has 19 working days or 23, of which a run may be some: what
    accrues by the month (costs, subscriptions, subsidies) is brought to the working days of a mean
    month, what is sold by the day is that of the days simulated.
    """
    n, mean_days = len(model.days), model.parameters.working_days_per_month
    revenue, subscriptions, cost = np.zeros((3, len(model.sites.ids)))
    monthly, subsidy = 0.0, 0.0
    for last, month in model.recorder.months.items():
        weight = len(calendar.month_of(last)) / mean_days
        in_month = sum((day.year, day.month) == (last.year, last.month) for day in model.days)
        monthly += weight * in_month / n
        subscriptions += weight * month.revenue_subscriptions_eur / n
        cost += weight * month.cost_eur / n
        by_day = month.revenue_workers_eur + month.revenue_others_eur + month.revenue_rooms_eur
        revenue += (by_day + weight * month.subsidy_eur) / n
        subsidy += float(weight * month.subsidy_eur.sum() / n)
    return _Books(revenue + subscriptions, subscriptions, cost, subsidy, monthly)


def _sites(model: CommuteModel, books: _Books) -> np.ndarray:
    n = len(model.days)
    recorded = centres_by_column(model.recorder.centres)
    column = {name: values.sum(axis=0) / n for name, values in recorded.items()}
    users = column["user_days"]
    desks = np.maximum(column["desks"], 1e-9)
    columns = (
        column["desks"], users, column["refusals"], column["occupied"] / desks, users / desks,
        books.revenue_eur, books.cost_eur, books.revenue_eur - books.cost_eur,
    )  # fmt: skip
    return np.stack(columns, axis=1)


def gains(plan: Measures, base: Measures) -> dict[str, float]:
    """Return what a plan changes against the base run of the same seed, a working day.

    ``use`` counts half a day at a centre as one half; who works at home on their own account is
    among the users. ``surplus_eur`` is the change of consumer surplus, less what was lost where
    desks were full. ``net_eur`` adds the margins of the operators and takes off what employers pay
    for desks and the public pays in subsidies.

    Parameters
    ----------
    plan, base : Measures
        Of the same seed and days.

    Returns
    -------
    dict of str to float
        By `GAINS`.
    """
    more = {name: plan.values[name] - base.values[name] for name in plan.values}
    surplus = more["consumer_surplus_eur"]
    paid = more["centre_revenue_workers_eur"] + more["subscriptions_eur"]
    employers = paid - more["desk_price_eur"] - more["subscription_eur"]
    return {
        "surplus_eur": surplus,
        "use": more["use"],
        "minutes_saved": -more["travel_min"],
        "net_eur": surplus + more["centre_margin_eur"] - employers - more["subsidy_eur"],
        "refusals": more["refusals"],
        "home": more["home"],
        "office": of_all_modes(more, OFFICE_COLUMNS),
        "co2e_travel_kg": more["co2e_travel_kg"],
        "margin_eur": more["centre_margin_eur"],
        "employers_eur": employers,
    }


Progress = Callable[[int, int], None]
"""Called with the runs done and the runs in all."""


class Simulator:
    """Runs plans with common random numbers and remembers every run.

    Parameters
    ----------
    cluster : Cluster
    base : RunSpec
        The base scenario; scenario and seed of the other runs differ.

    Attributes
    ----------
    runs : int
        Runs done so far.
    """

    def __init__(self, cluster: Cluster, base: RunSpec) -> None:
        self.base, self.runs, self._spec = base.scenario, 0, base
        self._cluster = cluster
        self._known: dict[tuple[Plan, int, str], Measures] = {}

    def run(
        self, plans: Iterable[Plan], seeds: Sequence[int], progress: Progress | None = None
    ) -> None:
        """Run the plans that have not been run yet, with all seeds.

        Parameters
        ----------
        plans : iterable of Plan
            The empty plan is the base scenario itself.
        seeds : sequence of int
        progress : callable, optional

        Raises
        ------
        StudyError
            If a run fails.
        """
        plans = list(plans)
        self.run_all([(plan, seed, self.base) for seed in seeds for plan in plans], progress)

    def run_all(
        self, jobs: Iterable[tuple[Plan, int, Scenario]], progress: Progress | None = None
    ) -> None:
        """Run plans with a seed and a base scenario each; see `run`."""
        wanted = {(plan, seed, base.hash): base for plan, seed, base in jobs}
        keys = [key for key in wanted if key not in self._known]
        specs = [
            replace(self._spec, seed=seed, scenario=scenario_with(wanted[plan, seed, name], plan))
            for plan, seed, name in keys
        ]
        batches = run_batches(self._cluster, measure, specs, total=len(specs))
        for done, (index, found) in enumerate(batches, start=1):
            if isinstance(found, Failure):
                raise StudyError(f"a run failed: {found.message}")
            self._known[keys[index]] = found
            self.runs += 1
            if progress is not None:
                progress(done, len(specs))

    def measures(self, plan: Plan, seed: int, base: Scenario | None = None) -> Measures:
        """Return what a run found that has been done."""
        return self._known[plan, seed, (base or self.base).hash]

    def gains(self, plan: Plan, seed: int, base: Scenario | None = None) -> dict[str, float]:
        """Return `gains` of a plan against the base run of the same seed, both done before."""
        return gains(self.measures(plan, seed, base), self.measures((), seed, base))

    def sites_of(self, plan: Plan, bases: Mapping[int, Scenario]) -> pd.DataFrame:
        """Return means by telecentre, ``telecentre_id`` and `SITE_COLUMNS`, over seeds.

        Parameters
        ----------
        plan : Plan
        bases : mapping of int to Scenario
            The base scenario of each seed.
        """
        runs = [self.measures(plan, seed, base) for seed, base in bases.items()]
        values = np.mean([run.sites for run in runs], axis=0)
        frame = pd.DataFrame(values, columns=list(SITE_COLUMNS))
        frame.insert(0, "telecentre_id", list(runs[0].ids))
        return frame
