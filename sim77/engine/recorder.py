"""What a run keeps of each day, in arrays filled as the days go by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from sim77.engine.aggregation import N_OUTPUTS, sum_outputs
from sim77.engine.axes import axes
from sim77.engine.organisations.operators import SiteAccounts
from sim77.engine.population.population import N_KINDS_OF_WORKER

CENTRE_COLUMNS = (
    "desks", "exogenous_users", "mobile_users", "occupied_morning", "occupied_afternoon",
    "whole_days", "half_days",
    "refusals", "revenue_workers_eur", "revenue_others_eur", "subscribers", "open",
    "home_based_users", "known", "turned_away",
)  # fmt: skip
SEGMENT_COLUMNS = (
    "peak_riders", "simulated_riders", "trains_per_hour", "places", "seats", "perceived_min",
)  # fmt: skip
SECTION_COLUMNS = ("volume_veh_per_hour", "travel_time_ratio")
WEEK_COLUMNS = ("workers", "remote_some_time", "remote_one_day_or_more", "remote_half_days")
DAY_COLUMNS = ("choosing", "navigo_month_eur", "share_trains")


def centres_by_column(centres: np.ndarray) -> dict[str, np.ndarray]:
    """Return what was recorded of the centres by column, each (n_days, n_sites).

    Besides those of `CENTRE_COLUMNS`: ``occupied``, desks in use as the mean of the halves of a
    day; ``users``, all simulated persons there, commuters and who works at home; ``worker_days``,
    days of the commuters among them, half a day counting one half, and ``user_days``, of all.
    """
    column = {name: centres[:, :, place] for place, name in enumerate(CENTRE_COLUMNS)}
    whole, half, at_home = (column[n] for n in ("whole_days", "half_days", "home_based_users"))
    return column | {
        "occupied": 0.5 * (column["occupied_morning"] + column["occupied_afternoon"]),
        "users": whole + half + at_home,
        "worker_days": whole + 0.5 * half,
        "user_days": whole + 0.5 * half + at_home,
    }


@dataclass
class Recorder:
    """Arrays of a run by day; worker sums are weighted, telecentre numbers at full scale.

    Attributes
    ----------
    days : list of datetime.date
        Days recorded so far.
    communes : float64, shape (n_days, n_communes, N_OUTPUTS)
    kinds_of_worker : float64, shape (n_days, N_KINDS_OF_WORKER, N_OUTPUTS)
    totals : float64, shape (N_OUTPUTS,)
        Of the last day recorded.
    centres, segments, sections : float64, shape (n_days, n, columns)
    day_values : float64, shape (n_days, len(DAY_COLUMNS))
    weeks : dict of datetime.date to float64 of shape (n_groups, len(WEEK_COLUMNS))
        By the Monday of a week that lies wholly in the run; workers are those at work on at least
        one day of it.
    months : dict of datetime.date to SiteAccounts
        By the last simulated day of the month.
    """

    days: list[dt.date]
    totals: np.ndarray
    communes: np.ndarray = field(metadata=axes("day"))
    kinds_of_worker: np.ndarray = field(metadata=axes("day"))
    centres: np.ndarray = field(metadata=axes("day", "site"))
    segments: np.ndarray = field(metadata=axes("day"))
    sections: np.ndarray = field(metadata=axes("day"))
    day_values: np.ndarray = field(metadata=axes("day"))
    weeks: dict[dt.date, np.ndarray] = field(default_factory=dict)
    months: dict[dt.date, SiteAccounts] = field(default_factory=dict, metadata=axes("site"))

    @classmethod
    def empty(
        cls, n_days: int, n_communes: int, n_sites: int, n_segments: int, n_sections: int
    ) -> Recorder:
        """Return a recorder of a run in which nothing has been recorded yet."""
        return cls(
            days=[],
            totals=np.zeros(N_OUTPUTS),
            communes=np.zeros((n_days, n_communes, N_OUTPUTS)),
            kinds_of_worker=np.zeros((n_days, N_KINDS_OF_WORKER, N_OUTPUTS)),
            centres=np.zeros((n_days, n_sites, len(CENTRE_COLUMNS))),
            segments=np.zeros((n_days, n_segments, len(SEGMENT_COLUMNS))),
            sections=np.zeros((n_days, n_sections, len(SECTION_COLUMNS))),
            day_values=np.zeros((n_days, len(DAY_COLUMNS))),
        )

    def record(self, day: dt.date, outputs: np.ndarray) -> int:
        """Add a day with its outputs, and return its place."""
        n = len(self.days)
        self.days.append(day)
        sum_outputs(outputs, self.communes[n], self.kinds_of_worker[n])
        self.totals = self.kinds_of_worker[n].sum(axis=0)
        return n
