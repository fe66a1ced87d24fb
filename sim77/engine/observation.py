"""What is recorded of a day: pure functions of the model at its end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim77.core.threads import even_runs, in_runs
from sim77.core.units import OCCUPATION_GROUPS
from sim77.engine.aggregation import OUTPUT_COLUMNS, count_at_work, sum_week
from sim77.engine.arrays import Workers
from sim77.engine.loops import HALF, TELECENTRE
from sim77.engine.recorder import WEEK_COLUMNS
from sim77.engine.view import ModelView

_BLOCKS = 16
"""Of workers that are added up one beside the other."""


def centres(model: ModelView) -> np.ndarray:
    """Return the day at the telecentres, (n_sites, len(CENTRE_COLUMNS)), at full scale."""
    here, w, scale = model.memory.centres, model.columns, model.scale
    rows, at = model.at_centres
    kind = w.kind[rows]
    n = len(model.sites.ids)

    def total(weights: np.ndarray, at: np.ndarray = at) -> np.ndarray:
        return np.bincount(at, weights=weights, minlength=n)

    def unsubscribed(w: Workers, rows: np.ndarray) -> np.ndarray:
        return (w.subscribed[rows] >> w.alternative[rows].astype(np.uint32)) & 1 == 0

    posted = np.where(kind == HALF, here.offer.price_half[at], here.offer.price_day[at])
    own, (own_rows, own_at) = model.memory.home_based, model.home_based_at_centres
    paid = w.weight[rows] * unsubscribed(w, rows) * posted
    own_paid = own.weight[own_rows] * unsubscribed(own, own_rows) * here.offer.price_day[own_at]
    occupied = (here.desks[:, None] - here.free_desks) / scale
    exogenous = here.exogenous / scale
    return np.column_stack((
        here.desks / scale,
        exogenous,
        here.mobile_users.mean(axis=1) / scale,
        occupied,
        total(w.weight[rows] * (kind == TELECENTRE)),
        total(w.weight[rows] * (kind == HALF)),
        here.refusals / scale,
        total(paid) + total(own_paid, own_at),
        exogenous * here.offer.price_day
        + here.mobile_users.sum(axis=1) / scale * here.offer.price_half,
        here.subscriptions,
        here.offer.open,
        total(own.weight[own_rows], own_at),
        here.known_around,
        here.turned_away / scale,
    ))  # fmt: skip


def segments(model: ModelView) -> np.ndarray:
    """Return the day on each segment of the railway, (n, len(SEGMENT_COLUMNS))."""
    return model.network.segment_columns(model.memory.loads, model.trains_today)


def sections(model: ModelView) -> np.ndarray:
    """Return the day on each section of road, (n, len(SECTION_COLUMNS))."""
    loads = model.memory.loads
    return np.column_stack((loads.volume, loads.travel_time_ratio))


def day_values(model: ModelView) -> tuple[float, float, float]:
    """Return the day as a whole, in the order of DAY_COLUMNS."""
    choosers = model.memory.choosers.worker
    return (
        sum(in_runs(count_at_work, even_runs(choosers.size), model.columns.kind, choosers))
        / model.scale,
        model.parameters.navigo_month_eur,
        model.state.share_trains,
    )


def week(model: ModelView, weekdays: int) -> np.ndarray:
    """Count who worked away how often in the week that has just ended, (n_groups, 4).

    Columns in the order of WEEK_COLUMNS.

    Parameters
    ----------
    model : ModelView
    weekdays : int
        Its working days, as bits.
    """
    out = np.zeros((_BLOCKS, len(OCCUPATION_GROUPS), len(WEEK_COLUMNS)))
    in_runs(
        sum_week, even_runs(len(out), 1), model.columns, model.population.group, weekdays, out
    )  # fmt: skip
    return out.sum(axis=0)


def reporters() -> dict[str, Callable[[ModelView], float]]:
    """Return the model reporters of the Mesa data collector: the day's totals by name."""

    def total_of(column: int) -> Callable[[ModelView], float]:
        return lambda model: float(model.memory.recorder.totals[column])

    return {name: total_of(column) for column, name in enumerate(OUTPUT_COLUMNS)}
