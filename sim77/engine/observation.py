"""What is recorded of a day: pure functions of the model at its end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim77.core.units import OCCUPATION_GROUPS
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.kernels import HALF, TELECENTRE
from sim77.engine.view import ModelView


def centres(model: ModelView) -> np.ndarray:
    """Return the day at the telecentres, (n_sites, len(CENTRE_COLUMNS)), at full scale."""
    here, w, scale = model.memory.centres, model.columns, model.scale
    centre = model.centre_today
    rows = np.flatnonzero(centre >= 0)
    at, kind = centre[rows], w.kind[rows]
    n = len(model.sites.ids)

    def total(weights: np.ndarray) -> np.ndarray:
        return np.bincount(at, weights=weights, minlength=n)

    subscribed = (w.subscribed[rows] >> w.alternative[rows].astype(np.uint16)) & 1 == 1
    posted = np.where(kind == HALF, here.offer.price_half[at], here.offer.price_day[at])
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
        total(w.weight[rows] * np.where(subscribed, 0.0, posted)),
        exogenous * here.offer.price_day
        + here.mobile_users.sum(axis=1) / scale * here.offer.price_half,
        here.subscriptions / scale,
        here.offer.open,
    ))  # fmt: skip


def segments(model: ModelView) -> np.ndarray:
    """Return the day on each segment of the railway, (n, len(SEGMENT_COLUMNS))."""
    return model.network.segment_columns(model.memory.loads, model.supply_today)


def corridors(model: ModelView) -> np.ndarray:
    """Return the day on each road corridor, (n, len(CORRIDOR_COLUMNS))."""
    loads = model.memory.loads
    return np.column_stack((loads.volume, model.network.capacity, loads.travel_time_ratio))


def day_values(model: ModelView) -> tuple[float, float, float]:
    """Return the day as a whole, in the order of DAY_COLUMNS."""
    choosing = model.columns.allowance > 0
    return (
        float((choosing & (model.columns.kind >= 0)).sum()) / model.scale,
        model.parameters.navigo_month_eur,
        model.state.share_trains,
    )


def week(model: ModelView) -> np.ndarray:
    """Count who worked away how often in the week that has just ended, (n_groups, 4).

    Columns in the order of WEEK_COLUMNS.
    """
    w, group = model.columns, model.population.group
    present = w.weight * (w.present > 0)
    columns = (present, present * (w.used > 0), present * (w.used >= 2), present * w.used)
    return np.column_stack(
        [np.bincount(group, weights=column, minlength=len(OCCUPATION_GROUPS)) for column in columns]
    )


def reporters() -> dict[str, Callable[[ModelView], float]]:
    """Return the model reporters of the Mesa data collector: the day's totals by name."""

    def total_of(column: int) -> Callable[[ModelView], float]:
        return lambda model: float(model.memory.recorder.totals[column])

    return {name: total_of(column) for column, name in enumerate(OUTPUT_COLUMNS)}
