"""What a run says of telework in a year, by the definitions of surveys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.observe import EMPLOYEES
from sim77.analysis.calibrate.targets import mix_named

PERCENT = 100.0
COLUMNS = ("week_rate", "days_share", "days_mean")


def telework_by_year(weeks: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return what employees did each year.

    Parameters
    ----------
    weeks, days : pandas.DataFrame
        Tables of a result.

    Returns
    -------
    pandas.DataFrame
        Indexed by year: ``week_rate`` and ``days_mean`` of employees, ``days_share`` of all.
    """
    by_year = employees_by_group(weeks, days).groupby(level="year").sum()
    year = pd.DatetimeIndex(days["date"]).year.rename("year")
    worked = days[["remote_days", "workers_at_work"]].groupby(year).sum()
    return pd.DataFrame({
        "week_rate": PERCENT * by_year["with_a_day"] / by_year["workers"],
        "days_share": PERCENT * worked["remote_days"] / worked["workers_at_work"],
        "days_mean": by_year["days"] / by_year["with_a_day"],
    }).reindex(columns=list(COLUMNS))  # fmt: skip


def of_one_year(indicator: str, options: Mapping[str, Any], tables: Mapping[str, Any]) -> float:
    """Return what a run within one year says: an indicator of `telework_by_year`.

    Parameters
    ----------
    indicator : str
    options : mapping
        ``group`` and ``mix``, as in ``years.yaml``.
    tables : mapping of str to pandas.DataFrame
        Of the run: ``weeks`` and ``days``.
    """
    year = pd.DatetimeIndex(tables["days"]["date"])[-1].year
    if indicator == "days_share":
        return float(telework_by_year(tables["weeks"], tables["days"])[indicator][year])
    groups = of_the_year(employees_by_group(tables["weeks"], tables["days"]), year)
    return indicator_of({"indicator": indicator, **options}, groups)


def of_the_year(groups: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the rows of a year by group; none where no week of it lies wholly in the run."""
    return groups[groups.index.get_level_values("year") == year].droplevel("year")


def indicator_of(entry: Mapping[str, Any], groups: Any) -> float:
    """Return what a year of a run says of a row, its occupations weighed to the row's."""
    indicator = entry.get("indicator", "")
    if not indicator:
        return float("nan")
    groups = groups.reindex(list(EMPLOYEES)).fillna(0.0)
    if not groups["workers"].any():  # no week lies wholly in the run
        return float("nan")
    mix = mix_named(entry.get("mix", ""))
    weight = np.ones(len(EMPLOYEES))
    if "group" in entry:
        weight = (np.array(EMPLOYEES) == entry["group"]).astype(np.float64)
    elif mix is not None:
        workers = groups["workers"].to_numpy()  # a group without any has no weight
        weight = np.divide(mix.occupations, workers, out=np.zeros_like(workers), where=workers > 0)
    with_a_day = float(weight @ groups["with_a_day"].to_numpy())
    below = {"week_rate": weight @ groups["workers"].to_numpy(), "days_mean": with_a_day}[indicator]
    above = {"week_rate": PERCENT * with_a_day, "days_mean": weight @ groups["days"].to_numpy()}
    return float(above[indicator] / below) if below > 0.0 else float("nan")


def employees_by_group(weeks: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Sum the weeks of each year by occupation group of employees.

    A week belongs to the year of its Thursday, the first and the last one to a year of the run.
    """
    mine = weeks[weeks["group"].isin(EMPLOYEES)]
    thursday = pd.DatetimeIndex(mine["week"]) + pd.Timedelta(days=3)
    first, last = pd.DatetimeIndex(days["date"]).year[[0, -1]]
    return pd.DataFrame({
        "year": np.clip(thursday.year, first, last),
        "group": mine["group"].astype(str).to_numpy(),
        "workers": mine["workers"].to_numpy(),
        "with_a_day": mine["remote_one_day_or_more"].to_numpy(),
        "days": 0.5 * mine["remote_half_days"].to_numpy(),
    }).groupby(["year", "group"]).sum()  # fmt: skip
