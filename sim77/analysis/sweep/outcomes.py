"""Outcomes: what a study keeps of each run, taken straight from the model that has just ended.

A scalar outcome is a mean per simulated day, by the names that `sim77.compare`
uses; shares are ratios of sums over all days. The same numbers by day, commune or telecentre are
lists. Nothing here makes a table, which would take longer than a small run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.core.errors import StudyError, nearest
from sim77.core.units import HALF_COLUMNS
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import WEEK_COLUMNS, centres_by_column
from sim77.registry.indicators import Indicator, described, is_sum, of_all_modes
from sim77.runs.effects import derived, worker_indicators
from sim77.runs.pair import centre_means, line_means
from sim77.runs.results import desks_of
from sim77.territory.territory import Territory

TOTAL, DAY, COMMUNE, TELECENTRE = "total", "day", "commune", "telecentre"
WHATS = (TOTAL, DAY, COMMUNE, TELECENTRE)

_HEADLINE = (
    "telecentre_users_per_day", "half_plans_per_day", "share_remote_one_day_a_week",
    "minutes_saved_per_remote_day", "telecentres_open", "telecentres_open_at_end",
    "centre_margin_eur",
)  # fmt: skip
_CENTRE_TOTALS = (
    "centre_users", "refusals", "turned_away", "desks_occupied", "share_desks_occupied",
    "centre_revenue_workers_eur", "travel_time_ratio",
)  # fmt: skip
_BY_SITE_AND_DAY = {
    "centre_users": "users", "refusals": "refusals", "desks_occupied": "occupied",
    "centre_revenue_workers_eur": "revenue_workers_eur",
}  # fmt: skip
"""Outcomes that the recorder keeps by site and day, and its columns."""
_BY_TELECENTRE = (
    "days_open", "desks", "desks_occupied", "share_desks_occupied", "centre_users", "refusals",
    "centre_revenue_workers_eur", "centre_margin_eur",
)  # fmt: skip
OF_WHOLE_WEEKS = ("share_remote_one_day_a_week",)
"""Outcomes that a period without a whole week does not have."""
Values = dict[str, float | list[float]]


@dataclass(frozen=True)
class Outcome:
    """One indicator that a study keeps.

    Attributes
    ----------
    indicator : str
        One of `names`.
    by : str
        ``total``, ``day``, ``commune`` or ``telecentre``.
    """

    indicator: str
    by: str = TOTAL

    @property
    def name(self) -> str:
        """The column it fills."""
        return self.indicator if self.by == TOTAL else f"{self.indicator}_by_{self.by}"

    @property
    def is_scalar(self) -> bool:
        """Whether it is one number a run."""
        return self.by == TOTAL

    @property
    def description(self) -> Indicator:
        """Its unit and labels."""
        return described(self.indicator)


def names(territory: Territory, by: str = TOTAL) -> tuple[str, ...]:
    """Return the indicators that may be asked for in total, by day, commune or telecentre."""
    if by == TELECENTRE:
        return _BY_TELECENTRE
    workers = tuple(worker_indicators())
    if by == COMMUNE:
        return workers
    if by == DAY:
        return (*workers, *_BY_SITE_AND_DAY)
    lines = territory.lines["line"]
    by_line = (f"{what}_{line}" for line in lines for what in ("load_factor", "peak_riders"))
    return (*workers, *_HEADLINE, *_CENTRE_TOTALS, *by_line)


def checked(outcome: Outcome, territory: Territory) -> Outcome:
    """Return an outcome that the model can give, or raise `StudyError`."""
    if outcome.by not in WHATS:
        raise StudyError(
            f"outcome '{outcome.indicator}' is asked by '{outcome.by}'.{nearest(outcome.by, WHATS)}"
        )
    known = names(territory, outcome.by)
    if outcome.indicator not in known:
        way = "" if outcome.is_scalar else f" by {outcome.by}"
        raise StudyError(
            f"unknown outcome '{outcome.indicator}'{way}.{nearest(outcome.indicator, known)}"
        )
    return outcome


def biased_in_a_sample(outcomes: Iterable[Outcome]) -> list[str]:
    """Return the names of outcomes that a scale below 1 gives with a bias."""
    return [each.name for each in outcomes if each.description.biased_in_samples]


# From a finished model to numbers ----------------------------------------------------------


def values_of(model: CommuteModel, outcomes: Iterable[Outcome]) -> Values:
    """Return the outcomes of a model after its last day.

    Parameters
    ----------
    model : CommuteModel
    outcomes : iterable of Outcome

    Returns
    -------
    dict of str to float or list of float
        By `Outcome.name`; lists are in the order of the days, of the territory's communes or of its
        telecentres (0 for one that is not in the scenario; new ones are left out).
    """
    groups: dict[str, Mapping[str, Any]] = {}
    found: Values = {}
    for outcome in outcomes:
        if outcome.by not in groups:
            groups[outcome.by] = _BY[outcome.by](model)
        value = groups[outcome.by][outcome.indicator]
        found[outcome.name] = (
            float(value) if outcome.is_scalar else np.asarray(value, dtype=float).tolist()
        )
    return found


def _per_day(sums: np.ndarray, model: CommuteModel, n_days: int) -> dict[str, np.ndarray]:
    """Return indicators of workers as means a day, from sums over `n_days`."""
    values = derived(sums, model.parameters)
    return {name: value / n_days if is_sum(name) else value for name, value in values.items()}


def _totals(model: CommuteModel) -> Mapping[str, Any]:
    recorder, n = model.recorder, len(model.days)
    workers = _per_day(recorder.communes.sum(axis=(0, 1)), model, n)
    weeks = np.sum([table.sum(axis=0) for table in recorder.weeks.values()], axis=0)
    week = dict(zip(WEEK_COLUMNS, weeks, strict=True)) if recorder.weeks else None
    is_open = _centres(model)["open"]
    remote, halves = workers["remote_days"], of_all_modes(workers, HALF_COLUMNS)
    headline = {
        "telecentre_users_per_day": workers["telecentre"] + halves,
        "half_plans_per_day": halves,
        # Not known where no week lies wholly in the run.
        "share_remote_one_day_a_week": (
            week["remote_one_day_or_more"] / max(week["workers"], 1.0) if week else math.nan
        ),
        "minutes_saved_per_remote_day": workers["minutes_saved"] / remote if remote else 0.0,
        "telecentres_open": (is_open.sum(axis=0) > 0).sum(),
        "telecentres_open_at_end": is_open[-1].sum(),
        "centre_margin_eur": _margin(model).sum() / n,
    }
    return workers | headline | centre_means(model) | line_means(model)


def _days(model: CommuteModel) -> Mapping[str, Any]:
    workers = derived(model.recorder.communes.sum(axis=1), model.parameters)
    column = _centres(model)
    return workers | {name: column[each].sum(axis=1) for name, each in _BY_SITE_AND_DAY.items()}


def _communes(model: CommuteModel) -> Mapping[str, Any]:
    return _per_day(model.recorder.communes.sum(axis=0), model, len(model.days))


def _telecentres(model: CommuteModel) -> Mapping[str, Any]:
    n, column = len(model.days), _centres(model)
    desks, is_open, occupied = column["desks"], column["open"], column["occupied"]
    desk_days = (desks * is_open).sum(axis=0)
    of_site = {
        "days_open": is_open.sum(axis=0),
        "desks": desks_of(model),
        "share_desks_occupied": np.divide(
            occupied.sum(axis=0), desk_days, out=np.zeros_like(desk_days), where=desk_days > 0
        ),
        "centre_margin_eur": _margin(model) / n,
    } | {name: column[each].sum(axis=0) / n for name, each in _BY_SITE_AND_DAY.items()}
    found, in_table = {}, model.sites.row < len(model.territory.telecentres)
    for name, values in of_site.items():
        found[name] = np.zeros(len(model.territory.telecentres))
        found[name][model.sites.row[in_table]] = values[in_table]
    return found


def _centres(model: CommuteModel) -> dict[str, np.ndarray]:
    return centres_by_column(model.recorder.centres)


def _margin(model: CommuteModel) -> np.ndarray:
    """Margin over the run by site, euros, (n_sites,)."""
    total = np.zeros(len(model.sites.ids))
    for accounts in model.recorder.months.values():
        total += accounts.margin_eur
    return total


_BY: Mapping[str, Callable[[CommuteModel], Mapping[str, Any]]] = {
    TOTAL: _totals,
    DAY: _days,
    COMMUNE: _communes,
    TELECENTRE: _telecentres,
}
