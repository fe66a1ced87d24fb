"""What a run keeps of each day, in arrays filled as the days go by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sim77.core.units import OCCUPATION_GROUPS
from sim77.engine.aggregation import ACCOUNT, N_ACCOUNT, sum_account
from sim77.engine.kernels import HALF, TELECENTRE
from sim77.engine.organisations.operators import SiteAccounts
from sim77.engine.population.population import N_KINDS_OF_WORKER

if TYPE_CHECKING:
    from sim77.engine.model import CommuteModel

CENTRE_COLUMNS = (
    "desks", "exogenous_users", "mobile_users", "occupied_morning", "occupied_afternoon",
    "whole_days", "half_days",
    "refusals", "revenue_workers_eur", "revenue_others_eur", "subscribers", "open",
)  # fmt: skip
SEGMENT_COLUMNS = (
    "peak_riders", "simulated_riders", "trains_per_hour", "places", "seats", "perceived_min",
)  # fmt: skip
CORRIDOR_COLUMNS = ("volume_veh_per_hour", "capacity_veh_per_hour", "road_ratio")
WEEK_COLUMNS = ("workers", "remote_some_time", "remote_one_day_or_more", "remote_half_days")
DAY_COLUMNS = ("choosing", "navigo_month_eur", "share_trains")


class Recorder:
    """Arrays of a run by day; worker sums are weighted, telecentre numbers at full scale.

    Attributes
    ----------
    days : list of datetime.date
        Days recorded so far.
    communes : float64, shape (n_days, n_communes, N_ACCOUNT)
    kinds_of_worker : float64, shape (n_days, N_KINDS_OF_WORKER, N_ACCOUNT)
    totals : float64, shape (N_ACCOUNT,)
        Of the last day recorded.
    centres, segments, corridors : float64, shape (n_days, n, columns)
    day_values : float64, shape (n_days, len(DAY_COLUMNS))
    weeks : dict of datetime.date to float64 of shape (n_groups, len(WEEK_COLUMNS))
        By the Monday of the week; workers are those at work on at least one day of it.
    """

    def __init__(self, model: CommuteModel):
        n = len(model.days)
        self._model = model
        self.days: list[dt.date] = []
        self.totals = np.zeros(N_ACCOUNT)
        self.communes = np.zeros((n, len(model.territory.communes), N_ACCOUNT))
        self.kinds_of_worker = np.zeros((n, N_KINDS_OF_WORKER, N_ACCOUNT))
        self.centres = np.zeros((n, len(model.sites.ids), len(CENTRE_COLUMNS)))
        self.segments = np.zeros((n, len(model.territory.stations), len(SEGMENT_COLUMNS)))
        self.corridors = np.zeros((n, len(model.territory.corridors), len(CORRIDOR_COLUMNS)))
        self.day_values = np.zeros((n, len(DAY_COLUMNS)))
        self.weeks: dict[dt.date, np.ndarray] = {}
        self.months: dict[dt.date, SiteAccounts] = {}

    def record(self, day: dt.date) -> None:
        """Copy the day that the model has just simulated."""
        model, n = self._model, len(self.days)
        self.days.append(day)
        sum_account(model.account, self.communes[n], self.kinds_of_worker[n])
        self.totals = self.kinds_of_worker[n].sum(axis=0)
        self.centres[n] = self._centres()
        self.segments[n] = self._segments()
        loads = model.loads
        self.corridors[n] = np.column_stack(
            (loads.volume, model.network.capacity, loads.road_ratio)
        )
        choosing = model.columns.allowance > 0
        self.day_values[n] = (
            float((choosing & (model.columns.kind >= 0)).sum()) / model.scale,
            model.parameters.navigo_month_eur,
            model.state.share_trains,
        )

    def record_week(self, monday: dt.date) -> None:
        """Count who worked away how often in the week that has just ended."""
        w, group = self._model.columns, self._model.population.group
        present = w.weight * (w.present > 0)
        columns = (present, present * (w.used > 0), present * (w.used >= 2), present * w.used)
        self.weeks[monday] = np.column_stack(
            [
                np.bincount(group, weights=column, minlength=len(OCCUPATION_GROUPS))
                for column in columns
            ]
        )

    def record_month(self, day: dt.date, accounts: SiteAccounts) -> None:
        """Keep the operators' accounts of the month that ends with `day`."""
        self.months[day] = accounts

    def _centres(self) -> np.ndarray:
        model, w, scale = self._model, self._model.columns, self._model.scale
        centre = model.centre_today
        rows = np.flatnonzero(centre >= 0)
        at, kind = centre[rows], w.kind[rows]
        n = len(model.sites.ids)

        def total(weights: np.ndarray) -> np.ndarray:
            return np.bincount(at, weights=weights, minlength=n)

        subscribed = (w.subscribed[rows] >> w.slot[rows].astype(np.uint16)) & 1 == 1
        posted = np.where(
            kind == HALF, model.centre_offer.price_half[at], model.centre_offer.price_day[at]
        )
        occupied = (model.desks[:, None] - model.free_desks) / scale
        exogenous = model.exogenous / scale
        return np.column_stack((
            model.desks / scale,
            exogenous,
            model.mobile_users.mean(axis=1) / scale,
            occupied,
            total(w.weight[rows] * (kind == TELECENTRE)),
            total(w.weight[rows] * (kind == HALF)),
            model.refusals / scale,
            total(w.weight[rows] * np.where(subscribed, 0.0, posted)),
            exogenous * model.centre_offer.price_day
            + model.mobile_users.sum(axis=1) / scale * model.centre_offer.price_half,
            model.subscriptions / scale,
            model.centre_offer.open,
        ))  # fmt: skip

    def _segments(self) -> np.ndarray:
        model, supply = self._model, self._model.supply_today
        line = model.network.tree.line
        trains = supply.segment_trains
        return np.column_stack((
            model.loads.riders,
            model.loads.simulated,
            trains,
            trains * supply.places_per_train[line],
            trains * supply.seats_per_train[line],
            model.loads.perceived_min,
        ))  # fmt: skip

    def reporters(self) -> dict[str, Callable[[CommuteModel], float]]:
        """Return the model reporters of the Mesa data collector: the day's totals by name."""

        def total_of(column: int) -> Callable[[CommuteModel], float]:
            return lambda model: float(model.recorder.totals[column])

        return {name: total_of(column) for column, name in enumerate(ACCOUNT)}
