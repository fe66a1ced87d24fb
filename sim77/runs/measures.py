"""What the claims register measures on a pair of runs: one named function a measure.

The two models of a pair run in step with the same people, tastes and shocks, so that what a user
of a telecentre would have done without it is known worker by worker: it is that worker's day in
the other run. `UserDays` adds these comparisons up; `MEASURES` names every number a claim can ask
for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim77.core import calendar
from sim77.core.units import (
    CENTRE_AREAS,
    HALF_COLUMNS,
    OCCUPATION_GROUPS,
    OFFICE_COLUMNS,
    PLAN_KINDS,
    AccessMode,
    Mode,
)
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.booking import subscriptions_today_eur
from sim77.engine.model import CommuteModel
from sim77.engine.recorder import CENTRE_COLUMNS, SEGMENT_COLUMNS
from sim77.engine.supply.fatigue import fatigue
from sim77.registry.indicators import of_all_modes, with_derived

OFFICE, HALF, HOME, TELECENTRE = range(len(PLAN_KINDS))
ALL, OFFICE_DAY, HALF_DAY, ANY_HALF_DAY = "all", "office", "half", "any half"
BY_PUBLIC_TRANSPORT, BY_CAR = "by public transport", "by car"
_JOURNEY_KM = ("rail_km", "car_km", "station_car_km", "bus_km", "active_km")
_CAR_KM = ("car_km", "station_car_km", "centre_car_km")
_LONG_JOURNEY_MIN = 120.0
"""The two hours of the promoters' sentence, not a number of the model."""


def day_of(model: CommuteModel, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return what today is for some workers at work, one by one, unweighted.

    Parameters
    ----------
    model : CommuteModel
        At the end of a day.
    rows : numpy.ndarray of int64, shape (n,)
        Workers at work today.

    Returns
    -------
    dict of str to numpy.ndarray of float64, shape (n,)
        Indicators as in the results, from the same formulas; accounts of value are zeros. Who is
        at a centre has the desks open there in proportion to use, the empty ones shared out.
    """
    w, trips, p = model.columns, model.memory.trips, model.parameters
    kind, market, mode = w.kind[rows], w.market[rows], w.mode[rows]
    day = {name: np.zeros(rows.size) for name in OUTPUT_COLUMNS}
    day["workers_at_work"] += 1.0
    travels = (kind == OFFICE) | (kind == HALF)
    journey = trips.journey[market, mode] * travels[:, None]
    for name in _JOURNEY_KM:
        day[name] += journey[:, OUTPUT_COLUMNS.index(name) - OUTPUT_COLUMNS.index("travel_min")]
    cost = OUTPUT_COLUMNS.index("cost_eur") - OUTPUT_COLUMNS.index("travel_min")
    day["cost_eur"] += journey[:, cost]
    day["travel_min"] += np.where(kind == HALF, trips.off_peak_min[market, mode], journey[:, 0])
    for place, name in ((HOME, "home"), (TELECENTRE, "telecentre")):
        day[name] += kind == place
    for by, name in enumerate(HALF_COLUMNS):
        day[name] += (kind == HALF) & (mode == by)
    day["remote_half_days"] += np.where(kind == HALF, 1.0, np.where(kind == OFFICE, 0.0, 2.0))
    _add_centres(model, rows, day)
    day["fatigue"] += fatigue(day["travel_min"], p.fatigue_midpoint_min, p.fatigue_scale_min)
    return with_derived(day, p)


def _add_centres(model: CommuteModel, rows: np.ndarray, day: dict[str, np.ndarray]) -> None:
    """Add the access leg to a centre and the desk of those who use one."""
    w, choice_sets, choosers = model.columns, model.choice_sets, model.effects.choosers
    here = np.flatnonzero(w.alternative[rows] >= 0)
    users = rows[here]
    j, alternative = w.chooser[users], w.alternative[users].astype(np.int64)
    entry = choice_sets.start[choosers.choice_set[j]] + alternative
    mode, km = choice_sets.mode[entry], 2.0 * choice_sets.km[entry]
    centre, centres = choice_sets.centre[entry], model.memory.centres
    in_use = centres.desks - centres.free_desks.mean(axis=1)
    mine = np.where(w.kind[users] == HALF, 0.5, 1.0)
    day["desks_open"][here] += mine * centres.desks[centre] / in_use[centre]
    day["travel_min"][here] += 2.0 * choice_sets.minutes[entry]
    by_car, by_bus = mode == AccessMode.CAR, mode == AccessMode.BUS
    for name, goes in (
        ("centre_car_km", by_car), ("bus_km", by_bus), ("active_km", ~by_car & ~by_bus),
    ):  # fmt: skip
        day[name][here] += km * goes
    price = choosers.desk_price_eur[j]
    day["desk_price_eur"][here] += price
    day["cost_eur"][here] += price + km * by_car * model.parameters.car_cost_eur_per_km


class UserDays:
    """Telecentre days of the second model beside the same worker's day in the first.

    Attributes
    ----------
    sums : dict of str to dict of str to float
        By what the day would have been (`ALL` whole days; of them `OFFICE_DAY`, and of those
        `BY_PUBLIC_TRANSPORT` and `BY_CAR`), and of half-days (`HALF_DAY` of what would have been a
        day at the office, `ANY_HALF_DAY` all): ``days`` and, as first less second model,
        ``minutes``, ``eur``, ``co2_travel_kg``, ``co2_total_kg``, ``car_km``, ``fatigue``.
    subscriptions_eur : float
        What commuters pay more for subscriptions to telecentres in the second model.
    persons_weeks : numpy.ndarray of float64, shape (3,)
        Persons times weeks in which they were at a centre, worked away from the office, worked; of
        the weeks that lie wholly in the run.
    """

    def __init__(self) -> None:
        names = ("days", "minutes", "eur", "co2_travel_kg", "co2_total_kg", "car_km", "fatigue")
        self.sums = {
            what: dict.fromkeys(names, 0.0)
            for what in (ALL, OFFICE_DAY, BY_PUBLIC_TRANSPORT, BY_CAR, HALF_DAY, ANY_HALF_DAY)
        }
        self.subscriptions_eur = 0.0
        self.persons_weeks = np.zeros(3)
        self._monday = dt.date.min

    def see(self, a: CommuteModel, b: CommuteModel) -> None:
        """Add the day that both models have just simulated."""
        self._see_week(b)
        self.subscriptions_eur += _subscriptions_eur(b) - _subscriptions_eur(a)
        at_centre = (b.columns.kind == TELECENTRE) | (b.columns.kind == HALF)
        rows = np.flatnonzero(at_centre & (a.columns.kind >= 0))
        first, second = day_of(a, rows), day_of(b, rows)
        whole = b.columns.kind[rows] == TELECENTRE
        at_office, mode = a.columns.kind[rows] == OFFICE, a.columns.mode[rows]
        saved = {
            "days": np.ones(rows.size),
            "minutes": first["travel_min"] - second["travel_min"],
            "eur": first["cost_eur"] - second["cost_eur"],
            "co2_travel_kg": first["co2e_travel_kg"] - second["co2e_travel_kg"],
            "co2_total_kg": first["co2e_total_kg"] - second["co2e_total_kg"],
            "car_km": sum(first[name] - second[name] for name in _CAR_KM),
            "fatigue": first["fatigue"] - second["fatigue"],
        }
        weight = b.columns.weight[rows]
        for what, which in (
            (ALL, whole),
            (OFFICE_DAY, whole & at_office),
            (BY_PUBLIC_TRANSPORT, whole & at_office & (mode == Mode.PUBLIC_TRANSPORT)),
            (BY_CAR, whole & at_office & (mode == Mode.CAR)),
            (HALF_DAY, ~whole & at_office),
            (ANY_HALF_DAY, ~whole),
        ):
            for name, values in saved.items():
                self.sums[what][name] += float((weight * which * values).sum())

    def _see_week(self, model: CommuteModel) -> None:
        """Add who does today, for the first time this week, what `persons_weeks` counts."""
        kind = model.columns.kind
        monday = calendar.monday_of(model.day)
        if monday != self._monday:
            self._monday, self._before = monday, np.zeros((3, kind.size), dtype=np.bool_)
            here = sum(
                1 << day.weekday() for day in model.days if calendar.monday_of(day) == monday
            )
            self._whole = here == calendar.weekday_bits(monday)
        if not self._whole:
            return
        now = np.stack(((kind == TELECENTRE) | (kind == HALF), kind > OFFICE, kind >= OFFICE))
        self.persons_weeks += (now & ~self._before) @ model.columns.weight
        self._before |= now

    def per_day(self, name: str, what: str = ALL) -> float:
        """Return the mean saved on a day at a telecentre; NaN if there was none."""
        return _ratio(self.sums[what][name], self.sums[what]["days"])


def _subscriptions_eur(model: CommuteModel) -> float:
    """Euros that commuters pay for subscriptions today."""
    # The ledger of the month is no longer this month's on the evening of its last day.
    m, days_of_month = model.memory, len(calendar.month_of(model.day))
    paid = subscriptions_today_eur(m.subscriptions, m.effects.posted, days_of_month)
    return float(paid[~m.subscriptions.at_home].sum())


@dataclass(frozen=True)
class PairSeen:
    """A pair of finished runs of one seed: without the policy, with it, and its users' days."""

    a: CommuteModel
    b: CommuteModel
    users: UserDays

    def means(self, side: CommuteModel) -> dict[str, np.ndarray]:
        """Return every indicator of a run as a mean day; shares and means as they are."""
        sums = side.recorder.kinds_of_worker.sum(axis=1).mean(axis=0)
        columns = {name: sums[place] for place, name in enumerate(OUTPUT_COLUMNS)}
        return with_derived(columns, side.parameters)

    def change(self, *names: str) -> float:
        """Return how much more of some indicators, together, there is on a mean day."""
        first, second = self.means(self.a), self.means(self.b)
        return float(sum(second[name] - first[name] for name in names))

    def percent(self, *names: str) -> float:
        """Return the same as a percentage of the first run's."""
        first = self.means(self.a)
        return _ratio(100.0 * self.change(*names), float(sum(first[name] for name in names)))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")


def _centre_days(means: Mapping[str, np.ndarray]) -> float:
    return float(means["telecentre"] + 0.5 * of_all_modes(means, HALF_COLUMNS))


def _eur_a_month(pair: PairSeen) -> float:
    """Euros saved by those who were at a centre at least once in the run, over all its months.

    A month of which the run has some days counts in part.
    """
    months = calendar.months_in(pair.b.days)
    days = pair.b.columns.days_by_kind
    users = float(pair.b.columns.weight[(days[TELECENTRE] > 0) | (days[HALF] > 0)].sum())
    saved = pair.users.sums[ALL]["eur"] + pair.users.sums[ANY_HALF_DAY]["eur"]
    return _ratio(saved - pair.users.subscriptions_eur, users * months)


def _kg_a_year(kind: str, what: str) -> Callable[[PairSeen], float]:
    """Return the measure of what one telecentre day a week saves in a year of work."""
    return lambda pair: pair.users.per_day(kind, what) * pair.b.parameters.work_weeks_per_year


def _share_by_independents(pair: PairSeen) -> float:
    population, days = pair.b.population, pair.b.columns.days_by_kind
    used = population.weight * (days[TELECENTRE] + 0.5 * days[HALF])
    independent = population.group == OCCUPATION_GROUPS.index("independents")
    recorder = pair.b.recorder
    column = recorder.centres[: len(recorder.days), :, CENTRE_COLUMNS.index("home_based_users")]
    at_home = float(column.sum())
    return 100.0 * _ratio(float(used[independent].sum()) + at_home, float(used.sum()) + at_home)


def fullest_segments(model: CommuteModel) -> list[np.ndarray]:
    """Return the segment of each line that is fullest on a mean day; none of a line without any."""
    riders = model.recorder.segments[:, :, SEGMENT_COLUMNS.index("peak_riders")].mean(axis=0)
    return model.network.peak_segments(riders)


def peak_riders(model: CommuteModel, a: CommuteModel) -> pd.Series:
    """Riders in the peak hour of a mean day by line, where the line is fullest in `a`.

    Of a line that `a` does not have, or that no longer goes there, where it is fullest here: what
    differs must not be that another place is the fullest.
    """
    riders = model.recorder.segments[:, :, SEGMENT_COLUMNS.index("peak_riders")].mean(axis=0)
    here, there = (each.territory.od.transit.segment_keys for each in (model, a))
    same = dict(zip(a.network.lines, fullest_segments(a), strict=True))
    found = {}
    for line, own in zip(model.network.lines, fullest_segments(model), strict=True):
        rows = here.get_indexer(there[same.get(line, own[:0])])
        found[line] = float(riders[rows if (rows >= 0).any() else own].sum())
    return pd.Series(found, dtype=float)


def _peak_percent(pair: PairSeen) -> float:
    first, second = (peak_riders(each, pair.a).sum() for each in (pair.a, pair.b))
    return 100.0 * _ratio(float(second - first), float(first))


def _peak_relief(pair: PairSeen) -> float:
    first, second = (peak_riders(each, pair.a) for each in (pair.a, pair.b))
    second = second.reindex(first.index, fill_value=0.0)
    used = first > 0
    return float((100.0 * (first - second)[used] / first[used]).max())  # nan without a line


def _at_office_by_weekday(model: CommuteModel) -> np.ndarray:
    sums = model.recorder.kinds_of_worker.sum(axis=1)
    at_office = sum(
        sums[:, OUTPUT_COLUMNS.index(name)] for name in (*OFFICE_COLUMNS, *HALF_COLUMNS)
    )
    weekday = np.array([day.weekday() for day in model.days])
    return np.bincount(weekday, weights=at_office) / np.maximum(np.bincount(weekday), 1)


def _office_desks_percent(pair: PairSeen) -> float:
    first, second = (_at_office_by_weekday(model).max() for model in (pair.a, pair.b))
    return float(100.0 * (second - first) / first)


def _rural_costs_covered(pair: PairSeen) -> float:
    """Percent of the rural centres' costs that they earn, by the operators' books of all months."""
    rural = pair.b.sites.area == CENTRE_AREAS.index("rural")
    books = pair.b.recorder.months.values()
    earned = sum(
        float((month.revenue_workers_eur + month.revenue_others_eur)[rural].sum())
        + float((month.revenue_subscriptions_eur + month.revenue_rooms_eur)[rural].sum())
        for month in books
    )
    return 100.0 * _ratio(earned, sum(float(month.cost_eur[rural].sum()) for month in books))


def mean_office_min(model: CommuteModel) -> np.ndarray:
    """Minutes of each worker's own day at the office, both ways, mean over the days, (n_workers,).

    By the mode that the worker would take on each day.
    """
    w, m = model.columns, model.memory
    return m.office_min.of(w.market, w.office_mode) / len(m.recorder.days)


def _over_two_hours(pair: PairSeen) -> float:
    weight, minutes = pair.a.population.weight, mean_office_min(pair.a)
    return float(100.0 * weight[minutes > _LONG_JOURNEY_MIN].sum() / weight.sum())


def _replaces_a_commute(pair: PairSeen) -> float:
    sums = pair.users.sums
    return 100.0 * _ratio(sums[OFFICE_DAY]["days"], sums[ALL]["days"])


def _share_of_work_at_centres(pair: PairSeen) -> float:
    means = pair.means(pair.b)
    return 100.0 * _centre_days(means) / float(means["workers_at_work"])


def _share_of_remote_at_centres(pair: PairSeen) -> float:
    means = pair.means(pair.b)
    return 100.0 * _ratio(_centre_days(means), float(means["remote_days"]))


MEASURES: Mapping[str, Callable[[PairSeen], float]] = {
    "minutes_saved_when_a_commute_is_replaced": lambda s: s.users.per_day("minutes", OFFICE_DAY),
    "minutes_saved_per_telecentre_day": lambda s: s.users.per_day("minutes"),
    "minutes_saved_per_half_day": lambda s: s.users.per_day("minutes", HALF_DAY),
    "percent_of_telecentre_days_that_replace_a_commute": _replaces_a_commute,
    "eur_saved_per_user_and_month": _eur_a_month,
    "co2_travel_kg_saved_a_year": _kg_a_year("co2_travel_kg", OFFICE_DAY),
    "co2_travel_kg_saved_a_year_by_public_transport": _kg_a_year(
        "co2_travel_kg", BY_PUBLIC_TRANSPORT
    ),
    "co2_travel_kg_saved_a_year_by_car": _kg_a_year("co2_travel_kg", BY_CAR),
    "co2_total_kg_saved_a_year": _kg_a_year("co2_total_kg", ALL),
    "co2_travel_kg_change": lambda s: s.change("co2e_travel_kg"),
    "co2_total_kg_change": lambda s: s.change("co2e_total_kg"),
    "car_km_saved_per_telecentre_day": lambda s: s.users.per_day("car_km"),
    "person_km_percent": lambda s: s.percent(*_JOURNEY_KM, "centre_car_km"),
    "car_km_percent": lambda s: s.percent(*_CAR_KM),
    "fatigue_saved_per_telecentre_day": lambda s: s.users.per_day("fatigue"),
    "isolation_change": lambda s: s.change("mean_isolation"),
    "peak_riders_percent": _peak_percent,
    "greatest_relief_of_a_line_percent": _peak_relief,
    "office_desks_needed_percent": _office_desks_percent,
    "local_spending_eur_change": lambda s: s.change("local_spending_eur"),
    "percent_of_rural_costs_covered": _rural_costs_covered,
    "percent_travelling_over_two_hours": _over_two_hours,
    "percent_of_telecentre_days_by_independents": _share_by_independents,
    "percent_of_work_in_telecentres": _share_of_work_at_centres,
    "percent_of_remote_days_in_telecentres": _share_of_remote_at_centres,
    "percent_of_teleworkers_using_telecentres": lambda s: (
        100.0 * _ratio(*s.users.persons_weeks[[0, 1]])
    ),
    "percent_of_workers_using_telecentres": lambda s: (
        100.0 * _ratio(*s.users.persons_weeks[[0, 2]])
    ),
}

SHARES = frozenset(
    {
        "percent_of_telecentre_days_that_replace_a_commute",
        "percent_travelling_over_two_hours",
        "percent_of_telecentre_days_by_independents",
        "percent_of_work_in_telecentres",
        "percent_of_remote_days_in_telecentres",
        "percent_of_teleworkers_using_telecentres",
        "percent_of_workers_using_telecentres",
    }
)
"""Measures that are percentages of a whole, which lie from 0 to 100."""
