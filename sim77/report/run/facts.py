"""What the summary page shows in either language, computed once from the tables of a result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.validate.year_rates import telework_by_year
from sim77.analysis.validate.years import beside_observations
from sim77.core.units import HALF_COLUMNS, MODES, OFFICE_COLUMNS, WEEKDAYS
from sim77.core.yaml_file import load_yaml
from sim77.registry.indicators import of_all_modes
from sim77.report.geography import Geography
from sim77.report.locale import whole_years
from sim77.report.map import MapView, map_of
from sim77.report.routes import Route, routes_by_line
from sim77.report.scales import round_breaks
from sim77.runs.results import Result
from sim77.territory.build.new_lines import with_new_lines
from sim77.territory.new_line import NewLine, lines_of
from sim77.territory.territory import Territory

LEAST_WORKERS = 11


@dataclass(frozen=True)
class Year:
    """The share of days worked that are remote, by week and by day.

    Attributes
    ----------
    mondays : list of datetime.date
    weekly : numpy.ndarray, shape (n_weeks,)
    daily : numpy.ndarray, shape (n_weeks, 5)
        NaN where nobody works.
    breaks : tuple of float
        Of the colours of the grid, in percent.
    """

    mondays: list[dt.date]
    weekly: np.ndarray
    daily: np.ndarray
    breaks: tuple[float, ...]


def year_of(days: pd.DataFrame) -> Year:
    """Sum the table of days up by week; weeks without any day are kept as blanks."""
    dates = pd.DatetimeIndex(days["date"])
    week = (dates - pd.to_timedelta(dates.day_of_week, unit="D")).normalize()
    mondays = pd.date_range(week.min(), week.max(), freq="7D")
    sums = days[["remote_days", "workers_at_work"]].groupby(week).sum().reindex(mondays)
    daily = np.full((len(mondays), 5), np.nan)
    daily[(week - mondays[0]).days // 7, dates.day_of_week] = days["share_remote"].to_numpy()
    breaks, _ = round_breaks(100.0 * daily[np.isfinite(daily)])
    return Year(
        mondays=[monday.date() for monday in mondays],
        weekly=(sums["remote_days"] / sums["workers_at_work"]).to_numpy(),
        daily=daily,
        breaks=breaks,
    )


@dataclass(frozen=True)
class Facts:
    """A result, its territory, and what follows from both for the page.

    Attributes
    ----------
    result : Result
    territory : Territory
    figures, total : pandas.Series
        The headline figures; the sums of the table of days.
    few : numpy.ndarray of bool, shape (n_communes,)
        Communes of which fewer than `LEAST_WORKERS` workers were simulated.
    map : MapView
    year : Year
    routes : list of Route
    weekdays : pandas.DataFrame
        Means a day by weekday: ``workers_at_work``, ``remote_days``; ``share``.
    years, observed : pandas.DataFrame
        Telework by year, of whole years, and their observations (`sim77.analysis.validate.years`).
    estimated : dict of str to (int, int)
        By data set, how many of the values used are estimates or assumptions, and how many in all.
    scenario : mapping
        The scenario as its file has it; empty when the manifest holds no text of it.
    """

    result: Result
    territory: Territory
    figures: pd.Series
    total: pd.Series
    few: np.ndarray
    map: MapView
    year: Year
    routes: list[Route]
    weekdays: pd.DataFrame
    years: pd.DataFrame
    observed: pd.DataFrame
    estimated: dict[str, tuple[int, int]]
    scenario: Mapping[str, Any]

    @property
    def segments(self) -> pd.DataFrame:
        """The table of segments of a mean day."""
        return self.result.segments

    @property
    def days(self) -> int:
        """Return how many days were simulated."""
        return len(self.result.days)


def new_lines_of(scenario: Mapping[str, Any]) -> list[NewLine]:
    """Return the lines that a manifest's scenario adds to the territory."""
    return [line for each in _scenario_of(scenario).get("new_lines", ()) for line in lines_of(each)]


def _scenario_of(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the text of a manifest's scenario says; results saved earlier have none."""
    yaml = scenario.get("yaml", "")
    return load_yaml(yaml) if yaml else {}


def facts_of(result: Result, territory: Territory) -> Facts:
    """Compute everything the page shows that does not depend on the language."""
    territory = with_new_lines(territory, new_lines_of(result.manifest["scenario"]))
    few = communes_with_few(result.communes, result.workers)
    whole = _whole_years_of(result.days)
    years = telework_by_year(result.weeks, result.days)
    observed = beside_observations(result.weeks, result.days)
    return Facts(
        result=result,
        territory=territory,
        figures=result.summary(),
        total=result.days.sum(numeric_only=True),
        few=few,
        map=map_of(result.communes, result.segments, result.telecentres, Geography(territory), few),
        year=year_of(result.days),
        routes=routes_by_line(result.segments),
        weekdays=weekdays_of(result.days),
        years=years[years.index.isin(whole)],
        observed=observed[observed["year"].isin(whole)] if len(observed) else observed,
        estimated=estimated_counts(result, territory),
        scenario=_scenario_of(result.manifest["scenario"]),
    )


def _whole_years_of(days: pd.DataFrame) -> list[int]:
    """Return the calendar years that are simulated whole: some weeks are no mean of a year."""
    ends = days["date"].groupby(days["date"].dt.year).agg(["min", "max"])
    return [
        int(year)
        for year, first, last in ends.itertuples()
        if whole_years(first.date(), last.date())
    ]


def communes_with_few(communes: pd.DataFrame, workers: pd.DataFrame) -> np.ndarray:
    """Say of each commune whether too few of its workers were simulated for a share.

    Parameters
    ----------
    communes, workers : pandas.DataFrame
        The tables of a result.

    Returns
    -------
    numpy.ndarray of bool, shape (n_communes,)
    """
    drawn = workers["commune_code"].value_counts()
    return drawn.reindex(communes["commune_code"]).fillna(0).to_numpy() < LEAST_WORKERS


def where_parts(total: pd.Series) -> dict[str, float]:
    """Return worker-days by place of work, from the sums of the table of days."""
    return {
        "office": float(of_all_modes(total, OFFICE_COLUMNS)),
        "home": float(total["home"]),
        "telecentre": float(total["telecentre"]),
        "half": float(of_all_modes(total, HALF_COLUMNS)),
    }


def mode_shares(total: pd.Series) -> dict[str, float]:
    """Return the share of office days by mode, the greatest first, of the modes that are used."""
    days = {mode: float(total[column]) for mode, column in zip(MODES, OFFICE_COLUMNS, strict=True)}
    used = sorted((item for item in days.items() if item[1] > 0), key=lambda item: -item[1])
    return {mode: value / sum(days.values()) for mode, value in used}


def centre_days(frame: Any) -> Any:
    """Return days in telecentres of a table or a row; a half-day counts as one half."""
    return frame["telecentre"] + 0.5 * of_all_modes(frame, HALF_COLUMNS)


def weekdays_of(days: pd.DataFrame) -> pd.DataFrame:
    """Return means a day by weekday of those at work and of remote days, and their ratio."""
    means = days.groupby("weekday", observed=True)[["workers_at_work", "remote_days"]].mean()
    means = means.reindex([day for day in WEEKDAYS if day in means.index])
    return means.assign(share=means["remote_days"] / means["workers_at_work"])


_FLAGS = (
    ("d_fibre", "communes", "fibre_start_estimated"),
    ("d_capacity", "lines", "capacity_estimated"),
    ("d_opening", "telecentres", "opening_estimated"),
    ("d_desks", "telecentres", "desks_estimated"),
    ("d_sites", "telecentres", "assumed"),
)
"""Key of the words that name a data set, its table in a territory, the column of its flags."""


def estimated_counts(result: Result, territory: Territory) -> dict[str, tuple[int, int]]:
    """Count the estimated values of each data set that a run used, and all its values."""
    return estimated_of(territory, result.telecentres["telecentre_id"])


def estimated_of(territory: Territory, telecentres: Collection[str]) -> dict[str, tuple[int, int]]:
    """Count the estimated values of each data set, and all its values.

    Parameters
    ----------
    territory : Territory
    telecentres : collection of str
        Those in use.

    Returns
    -------
    dict of str to (int, int)
        By key of the words that name a data set.
    """
    sites = territory.sites
    used = {"telecentres": sites[sites["telecentre_id"].isin(telecentres)]}
    counts = {}
    for key, name, column in _FLAGS:
        table = used.get(name, getattr(territory, name))
        if column in table:
            counts[key] = (int(np.count_nonzero(table[column].to_numpy() == 1)), len(table))
    return counts
