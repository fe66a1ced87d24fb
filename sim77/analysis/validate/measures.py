"""What a run says of a validation row: one function a definition, in the unit of the row.

Each takes what was `Seen` of a run and the options of the row (``validations.yaml``), and returns a
number; NaN where the run has nobody or nothing to count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.indicators import (
    PERCENT,
    TELEWORK_INDICATORS,
    Agreements,
    core_jobs,
    factors,
    people,
    sums,
)
from sim77.analysis.calibrate.observe import EMPLOYEES, Summary, WorkdayTrace, persons_by_distance
from sim77.analysis.calibrate.tables import weighted_quantiles
from sim77.analysis.calibrate.targets import mix_named
from sim77.analysis.validate.year_rates import of_one_year
from sim77.core.units import MODES, Mode
from sim77.engine.model import CommuteModel
from sim77.engine.population.population import INDEPENDENTS
from sim77.engine.recorder import SEGMENT_COLUMNS, centres_by_column
from sim77.runs.results import tables_of

WORKING_DAYS_A_YEAR = 251
DAYS_A_YEAR = 365.25
BOTH_WAYS = 2.0
REGULAR_DAYS_A_MONTH = 1.0
"""Days a month at a centre from which somebody counts as one of its regular users (assumed: the
sources say "regular" and no more)."""

Options = Mapping[str, Any]


class Visits:
    """Who was at which centre on which day, as a model's observer.

    Those who work at home are numbered after the workers.

    Parameters
    ----------
    model : CommuteModel
        Before its first step; the book is added to its observers.
    """

    def __init__(self, model: CommuteModel):
        self._days: list[tuple[int, np.ndarray, np.ndarray]] = []
        model.observers.append(self._write)

    def _write(self, model: CommuteModel, phase: str) -> None:
        if phase != "aggregate":
            return
        (workers, at), (own, own_at) = model.at_centres, model.home_based_at_centres
        who = np.concatenate((workers, model.population.low.size + own))
        self._days.append((model.day.toordinal(), who, np.concatenate((at, own_at))))

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a visit: ``day`` (ordinal), ``person`` and ``site`` (rows of the model's)."""
        days, persons, sites = zip(*self._days, strict=True)
        return pd.DataFrame({
            "day": np.repeat(days, [each.size for each in persons]),
            "person": np.concatenate(persons), "site": np.concatenate(sites),
        })  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A run after its last day, and what was noted on the way.

    Attributes
    ----------
    model : CommuteModel
    agreements : Agreements
        Of the draw, on the first day.
    visits : Visits
    trace : WorkdayTrace or None
    """

    model: CommuteModel
    agreements: Agreements
    visits: Visits
    trace: WorkdayTrace | None = None

    @cached_property
    def summary(self) -> Summary:
        """Days of those who may work remotely, as for the calibration."""
        assert self.trace is not None
        return self.trace.summary(self.model)

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the run."""
        return tables_of(self.model)

    @cached_property
    def weight(self) -> np.ndarray:
        """Persons that each worker stands for."""
        return self.model.population.weight

    @cached_property
    def employee(self) -> np.ndarray:
        """Whether each worker is an employee."""
        return self.model.population.group < INDEPENDENTS

    @cached_property
    def weight_of_visitors(self) -> np.ndarray:
        """Persons that each worker, and then each who works at home, stands for."""
        return np.concatenate((self.weight, self.model.world.home_based.weight))

    @cached_property
    def road_km(self) -> np.ndarray:
        """The way to work by road, one way, of each worker."""
        model = self.model
        return 0.5 * model.effects.travel.car_km[model.population.market]

    @cached_property
    def mode(self) -> np.ndarray:
        """Each worker's best mode to the office, at the expected times."""
        model, memory = self.model, self.model.memory
        utility = model.effects.travel.utility(memory.expected_min, memory.expected_ratio)
        return (utility[model.population.market] + model.columns.taste).argmax(axis=1)

    @cached_property
    def minutes(self) -> np.ndarray:
        """Minutes door to door by that mode, one way, of each worker."""
        model, market = self.model, self.model.population.market
        by_mode = model.effects.travel.loaded_minutes(model.memory.expected_ratio)
        return 0.5 * by_mode[market, self.mode]

    def site_rows(self, options: Options) -> np.ndarray:
        """Return the centres of an ``area``, or the one called ``site``, as rows of the model's."""
        sites = self.model.sites
        if "site" in options:
            return np.array([sites.ids.index(options["site"])])
        area = self.model.territory.sites["area"].to_numpy()[sites.row]
        return np.flatnonzero(area == options["area"])

    def centre(self, name: str) -> np.ndarray:
        """Return a column of what was recorded of the centres, (n_days, n_sites)."""
        recorder = self.model.recorder
        return centres_by_column(recorder.centres[: len(recorder.days)])[name]


def _share(where: np.ndarray, weight: np.ndarray) -> float:
    return PERCENT * float(weight[where].sum() / weight.sum())


# Telework ----------------------------------------------------------------------------------


def _of_calibration(name: str, seen: Seen, options: Options) -> float:
    function, mix = TELEWORK_INDICATORS[name], mix_named(options.get("mix", ""))
    return float(function(seen.summary, seen.agreements, mix, options))


def days_mean(seen: Seen, options: Options) -> float:
    """Return the remote days a week of employees with at least one."""
    return _of_calibration("days_mean", seen, options)


def week_rate(seen: Seen, options: Options) -> float:
    """Return the percentage of employees at work in a week with at least one remote day in it."""
    return _of_calibration("week_rate", seen, options)


def week_rate_of_year(seen: Seen, options: Options) -> float:
    """Return the percentage of employees with a remote day in a mean week of the run's year.

    Under whatever rules hold in it: those who are covered by the run's own policies count.
    """
    return of_one_year("week_rate", options, seen.tables)


def days_share_of_year(seen: Seen, options: Options) -> float:
    """Return the percentage of the working days of the run's year that are remote."""
    return of_one_year("days_share", options, seen.tables)


def wish_rate(seen: Seen, options: Options) -> float:
    """Return the percentage of regular teleworkers who wish for more days, or fewer."""
    return _of_calibration("wish_rate", seen, options)


def days_share(seen: Seen, options: Options) -> float:
    """Return the percentage of employees' working days that are remote."""
    summary, mix = seen.summary, mix_named(options.get("mix", ""))
    days_a_week = np.array([bin(bits).count("1") for bits in range(32)])
    worked = persons_by_distance(seen.model, seen.weight * days_a_week[seen.model.population.works])
    all_days = float(np.sum(factors(summary.persons, mix) * worked))
    return PERCENT * sums(summary, seen.agreements, "days", mix) / all_days


def distance_ratio(seen: Seen, options: Options) -> float:
    """Return the mean way to work of regular teleworkers over that of other employees."""
    assert seen.trace is not None
    summary, mix = seen.summary, mix_named(options.get("mix", ""))
    km = seen.road_km[seen.trace.rows]
    km_here = seen.trace.mean_by_cell(seen.model, km * (seen.trace.usual_days() >= 1))
    with_km = replace(summary, share={**summary.share, "km": km_here})
    their_km = sums(with_km, seen.agreements, "km", mix)
    km_of_all = persons_by_distance(seen.model, seen.weight * seen.road_km)
    km_in_all = float(np.sum(factors(summary.persons, mix) * km_of_all))
    they = sums(summary, seen.agreements, "regular", mix)
    others = float(people(summary, mix).sum()) - they
    return (their_km / they) / ((km_in_all - their_km) / others)


def not_covered_share(seen: Seen, options: Options) -> float:
    """Return the percentage of non-teleworkers whose work allows it and whom nothing covers.

    Non-teleworkers are the employees without a remote day in the week.
    """
    summary, agreements, mix = seen.summary, seen.agreements, mix_named(options.get("mix", ""))
    may = agreements.teleworkable_of(core_jobs(summary, mix))
    uncovered = may * (1.0 - agreements.covered_of(summary.covered_odds))
    everybody = people(summary, mix)
    without = float(everybody.sum()) - sums(summary, agreements, "week", mix)
    return PERCENT * float((everybody * uncovered).sum()) / without


# The way to work ---------------------------------------------------------------------------


def own_commune_share(seen: Seen, options: Options) -> float:
    """Return the percentage of employees who work in the commune where they live."""
    people, territory = seen.model.population, seen.model.territory
    home = territory.communes["code"].to_numpy(dtype=object)[people.commune]
    work = territory.workplaces["code"].to_numpy(dtype=object)[people.destination]
    return _share((home == work)[seen.employee], seen.weight[seen.employee])


def road_km_mean(seen: Seen, options: Options) -> float:
    """Return the mean way to work by road of employees."""
    return float(np.average(seen.road_km[seen.employee], weights=seen.weight[seen.employee]))


def road_km_median(seen: Seen, options: Options) -> float:
    """Return the median way to work by road of an occupation group."""
    mine = seen.model.population.group == EMPLOYEES.index(options["group"])
    return float(weighted_quantiles(seen.road_km[mine], seen.weight[mine], (0.5,))[0])


def minutes_mean(seen: Seen, options: Options) -> float:
    """Return the mean minutes door to door, one way, by each worker's best mode."""
    return float(np.average(seen.minutes, weights=seen.weight))


def share_beyond(seen: Seen, options: Options) -> float:
    """Return the percentage of workers with a way to work of more than some minutes."""
    return _share(seen.minutes > options["minutes"], seen.weight)


def share_within(seen: Seen, options: Options) -> float:
    """Return the percentage of workers with a way to work of less than some minutes."""
    return _share(seen.minutes < options["minutes"], seen.weight)


def mode_share(seen: Seen, options: Options) -> float:
    """Return the percentage of workers who go by a mode, of some départements or of all."""
    model, mode = seen.model, MODES.index(options["mode"])
    home = model.territory.communes["department"].to_numpy(dtype=object)[model.population.commune]
    mine = np.isin(home, options.get("homes", np.unique(home)))
    return _share((seen.mode == mode)[mine], seen.weight[mine])


# Trains ------------------------------------------------------------------------------------


def _by_public_transport(days: pd.DataFrame) -> pd.Series:
    return days["office_public_transport"] + days["half_public_transport"]


def rail_riders(seen: Seen, options: Options) -> float:
    """Return the workers who go to the office by public transport on a mean day."""
    days = seen.tables["days"]
    return float(_by_public_transport(days).mean())


def friday_gap(seen: Seen, options: Options) -> float:
    """Return by how many percent fewer of them there are on Fridays than on Tuesdays."""
    days = seen.tables["days"]
    riders = _by_public_transport(days).groupby(days["weekday"]).mean()
    return PERCENT * float(1.0 - riders["friday"] / riders["tuesday"])


def friday_lowest(seen: Seen, options: Options) -> float:
    """Return 1 if fewest of them ride on Fridays, else 0."""
    days = seen.tables["days"]
    riders = _by_public_transport(days).groupby(days["weekday"]).mean()
    return float(riders["friday"] == riders.min())


def _riders_a_day(seen: Seen) -> np.ndarray:
    """Return the simulated workers who pass each segment to work on a mean day, (n_segments,).

    Where the trains of the peak hour are full, those whom they leave behind are not counted.
    """
    recorder = seen.model.recorder
    peak = recorder.segments[: len(recorder.days), :, SEGMENT_COLUMNS.index("simulated_riders")]
    return np.asarray(peak.mean(axis=0) / seen.model.parameters.share_peak_hour)


def line_passengers(seen: Seen, options: Options) -> float:
    """Return the simulated passengers a day, both ways, on a line's last segments to a stop.

    All that arrive there, or those from some stops.
    """
    segments = seen.model.territory.od.transit.segments
    mine = (segments["line"] == options["line"]) & (segments["to_stop"] == options["to_stop"])
    if "from_stops" in options:
        mine &= segments["from_stop"].isin(options["from_stops"])
    return BOTH_WAYS * float(_riders_a_day(seen)[mine].sum())


def station_passengers(seen: Seen, options: Options) -> float:
    """Return the simulated passengers a year at a station, who get on less who get off, both ways.

    Riders by segment do not say more: somebody may get off where another gets on.
    """
    segments, riders = seen.model.territory.od.transit.segments, _riders_a_day(seen)
    leave, arrive = (
        float(riders[segments[end] == options["station"]].sum()) for end in ("from_stop", "to_stop")
    )
    return BOTH_WAYS * WORKING_DAYS_A_YEAR * abs(leave - arrive)


def passengers_stand(seen: Seen, options: Options) -> float:
    """Return 1 if the trains from the first of some stops have more riders than seats to the last.

    These trains carry all riders where no others run. Where trains run beside them that begin
    later, at least those count who came with them, as large a share of the riders before as of the
    simulated ones: who gets on, and perhaps into the other trains, is left out.
    """
    segments, stops = seen.tables["segments"], options["stops"]
    between = pd.MultiIndex.from_arrays([stops[:-1], stops[1:]])
    of_line = segments[segments["line"] == options["line"]].set_index(["from_stop", "to_stop"])
    mine = of_line.loc[between].reset_index()
    alone, on_board = 0, []
    for place, trains in enumerate(mine["trains_per_hour"]):
        if trains <= mine["trains_per_hour"][0]:
            alone = place
        stay = _share_staying(seen.model, mine["segment"][alone], mine["segment"][place])
        on_board.append(mine["peak_riders"][alone] * stay)
    return float((np.array(on_board) > mine["seats"][0]).all())


def _share_staying(model: CommuteModel, before: int, after: int) -> float:
    """Return the share of the simulated riders of a segment who are also on another."""
    shares = model.network.tables.rides.by_row[:, [before, after]].toarray()
    on_both = model.at_office.travellers[Mode.PUBLIC_TRANSPORT] @ np.column_stack(
        (shares[:, 0], shares.min(axis=1))
    )
    return float(on_both[1] / on_both[0])


# Telecentres -------------------------------------------------------------------------------


def users_per_seat(seen: Seen, options: Options) -> float:
    """Return the regular users of a kind of centre over its desks, within some days."""
    sites = seen.site_rows(options)
    visits, days = seen.visits.table, seen.model.recorder.days
    first, last = options["from"].toordinal(), options["to"].toordinal()
    here = visits["site"].isin(sites) & visits["day"].between(first, last)
    months = (last - first) / (DAYS_A_YEAR / 12.0)
    often = visits[here].groupby(["site", "person"]).size() >= REGULAR_DAYS_A_MONTH * months
    users = seen.weight_of_visitors[often[often].index.get_level_values("person").to_numpy()].sum()
    within = np.array([first <= day.toordinal() <= last for day in days])
    desks = seen.centre("desks")[within][:, sites].max(axis=0).sum()
    return float(users / desks) if desks > 0 else float("nan")


def subscribers(seen: Seen, options: Options) -> float:
    """Return the subscribers of a centre, mean of the days on which it is open."""
    rows = seen.site_rows(options)
    is_open = seen.centre("open")[:, rows] > 0
    return float(seen.centre("subscribers")[:, rows][is_open].mean()) if is_open.any() else 0.0


def users_independent(seen: Seen, options: Options) -> float:
    """Return the percentage of a month's users of centres who are independents, over the months.

    A survey meets the users of some weeks. Of all who are ever seen most come once, the more so
    the longer a run is.
    """
    visits = seen.visits.table
    month = pd.to_datetime(visits["day"].map(dt.date.fromordinal)).dt.to_period("M")
    users = visits.assign(month=month).drop_duplicates(["month", "person"])["person"].to_numpy()
    employee = np.zeros(seen.weight_of_visitors.size, dtype=np.bool_)
    employee[: seen.employee.size] = seen.employee
    found = _share(~employee[users], seen.weight_of_visitors[users]) if users.size else np.nan
    return float(found)


def users_often(seen: Seen, options: Options) -> float:
    """Return the percentage of a week's users who come on some days or more, over the weeks."""
    visits = seen.visits.table
    week = (visits["day"] - 1) // 7  # ordinal 1 is a Monday
    days = visits.assign(week=week).groupby(["week", "person"])["day"].nunique()
    users = days.index.get_level_values("person").to_numpy()
    often = days.to_numpy() >= options["days"]
    return float(_share(often, seen.weight_of_visitors[users])) if users.size else float("nan")


def users_mainly_independent(seen: Seen, options: Options) -> float:
    """Return 1 if most of them are, else 0."""
    return float(users_independent(seen, options) > 0.5 * PERCENT)


def home_share(seen: Seen, options: Options) -> float:
    """Return the percentage of remote work done at home."""
    days = seen.tables["days"]
    return PERCENT * float(BOTH_WAYS * days["home"].sum() / days["remote_half_days"].sum())


def minutes_saved(seen: Seen, options: Options) -> float:
    """Return the travel minutes that a whole day at a centre saves."""
    days = seen.tables["days"]
    there = float(days["telecentre"].sum())
    return float(days["minutes_saved_in_telecentre"].sum()) / there if there else float("nan")


def occupancy(seen: Seen, options: Options) -> float:
    """Return the percentage of open desks that are occupied, by anybody."""
    return PERCENT * float(seen.centre("occupied").sum() / seen.centre("desks").sum())


def _life(seen: Seen, row: int) -> tuple[int, int, bool]:
    """Return a centre's first and last recorded day open, as ordinals, and whether it closed."""
    days = np.array([day.toordinal() for day in seen.model.recorder.days])
    here = days[seen.centre("open")[:, row] > 0]
    return int(here[0]), int(here[-1]), bool(here[-1] < days[-1])


def closed_by(seen: Seen, options: Options) -> float:
    """Return 1 if a centre's operator had closed it by a day, else 0."""
    _, last, closed = _life(seen, int(seen.site_rows(options)[0]))
    return float(closed and last < options["day"].toordinal())


def years_open(seen: Seen, options: Options) -> float:
    """Return the mean years from opening to closing; one still open counts up to the last day."""
    lives = [_life(seen, row) for row in seen.site_rows(options).tolist()]
    return float(np.mean([last - first for first, last, _ in lives])) / DAYS_A_YEAR


def losing_share(seen: Seen, options: Options) -> float:
    """Return the share, 0 to 1, of a kind of centre that lost money over the run."""
    rows = seen.site_rows(options)
    months = seen.tables["telecentre_months"]
    margins = months.groupby("telecentre_id")["margin_eur"].sum()
    return float((margins[[seen.model.sites.ids[row] for row in rows.tolist()]] < 0.0).mean())


MEASURES: Mapping[str, Callable[[Seen, Options], float]] = {
    each.__name__: each
    for each in (
        week_rate, week_rate_of_year, days_mean, wish_rate, days_share,
        days_share_of_year, distance_ratio, not_covered_share,
        own_commune_share, road_km_mean, road_km_median, minutes_mean, share_beyond, share_within,
        mode_share,
        rail_riders, friday_gap, friday_lowest, line_passengers, station_passengers,
        passengers_stand,
        users_per_seat, subscribers, users_independent, users_mainly_independent, users_often,
        home_share,
        minutes_saved, occupancy, closed_by, years_open, losing_share,
    )
}  # fmt: skip
