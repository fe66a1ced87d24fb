"""Results: tidy tables of a run, written to and read from a folder.

Every table has one row an observation and units in its column names. Worker sums are expanded to
persons; numbers of telecentres are at full scale.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sim77.core.errors import nearest
from sim77.core.files import dates_of, texts_of
from sim77.core.units import (
    EMPLOYER_SIZES,
    HALF_COLUMNS,
    OCCUPATION_GROUPS,
    OFFICE_COLUMNS,
    PLAN_KINDS,
)
from sim77.engine.aggregation import OUTPUT_COLUMNS
from sim77.engine.model import CommuteModel
from sim77.engine.organisations.operators import SiteAccounts
from sim77.engine.population.population import categories
from sim77.engine.recorder import (
    CENTRE_COLUMNS,
    DAY_COLUMNS,
    SECTION_COLUMNS,
    SEGMENT_COLUMNS,
    WEEK_COLUMNS,
    centres_by_column,
)
from sim77.registry.indicators import indicators, with_derived
from sim77.runs.store import RUN, check_columns, read_tables
from sim77.runs.summary import headline

TABLES = (
    "days", "weeks", "communes", "communes_by_day", "groups", "telecentres", "telecentres_by_day",
    "telecentre_months", "employers",
    "lines", "segments", "sections", "workers",
)  # fmt: skip
_COORDINATES = {
    "day": "Day",
    "commune": "INSEE code of the commune",
    "commune_name": "Name of the commune",
}
_COMMUNE_DAY_COLUMNS = (
    "workers_at_work", *OFFICE_COLUMNS, *HALF_COLUMNS, "home", "telecentre", "remote_half_days",
    "travel_min", "minutes_saved", "share_remote", "minutes_saved_per_worker", "co2e_travel_kg",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """The tables of one run and what is needed to make it again.

    Attributes
    ----------
    tables : dict of str to pandas.DataFrame
        By the names in `TABLES`; each is also an attribute, such as ``result.days``.
    manifest : dict
        Scenario, seed, scale, versions, hashes, time and memory.
    """

    tables: dict[str, pd.DataFrame]
    manifest: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name in TABLES:
            return self.tables[name]
        raise AttributeError(f"A result has no '{name}'.{nearest(name, TABLES)}")

    def __repr__(self) -> str:
        about, of = self.manifest, "without a manifest"
        if about:
            of = (
                f"of {about['scenario']['name']}, {about['start']} to {about['end']}, seed "
                f"{about['seed']}, scale {about['scale']:g}"
            )
        return f"<sim77 run {of}: {', '.join(self.tables)}>"

    def summary(self) -> pd.Series:
        """Return the headline figures of the run by name; means are over simulated days."""
        return headline(self.tables)

    def to_xarray(self) -> xr.Dataset:
        """Return the days by commune as labelled arrays with dimensions day and commune.

        Names of communes are a coordinate, ``commune_name``; units and labels are attributes.
        """
        frame = self.tables["communes_by_day"].set_index(["date", "commune_code"])
        dataset = frame.to_xarray().rename(date="day", commune_code="commune")
        for name, found in indicators().items():
            if name in dataset:
                dataset[name].attrs = {"units": found.unit, "long_name": found.label_en}
        names = self.tables["communes"].set_index("commune_code")["name"]
        named = names.reindex(dataset["commune"].to_numpy()).to_numpy(dtype=object)
        dataset = dataset.assign_coords(commune_name=("commune", named))
        for name, label in _COORDINATES.items():
            dataset[name].attrs["long_name"] = label
        return dataset


def load_result(folder: str | Path) -> Result:
    """Read a run back; `sim77.load` reads whatever a folder holds.

    Parameters
    ----------
    folder : path
        Made by ``sim77 run`` or `sim77.save`.

    Returns
    -------
    Result

    Raises
    ------
    ResultError
        If the folder is not a complete run, or one of an earlier version.
    """
    result = Result(*read_tables(Path(folder), TABLES, RUN))
    check_columns(folder, "telecentres_by_day", result.telecentres_by_day, CENTRE_COLUMNS)
    return result


# From the recorder to tables ---------------------------------------------------------------------


def tables_of(model: CommuteModel) -> dict[str, pd.DataFrame]:
    """Return the tidy tables of what a model has recorded."""
    recorder = model.recorder
    n = len(recorder.days)
    dates = dates_of(recorder.days)
    accounts = recorder.communes[:n]
    return {
        "days": _days(model, dates, accounts.sum(axis=1)),
        "weeks": _weeks(recorder.weeks),
        "communes": _communes(model, accounts.sum(axis=0)),
        "communes_by_day": _communes_by_day(model, dates, accounts),
        "groups": _groups(model, recorder.kinds_of_worker[:n].sum(axis=0)),
        "telecentres": _telecentres(model, recorder.centres[:n]),
        "telecentres_by_day": _by_day(
            dates, "telecentre_id", model.sites.ids, recorder.centres[:n], CENTRE_COLUMNS
        ),
        "telecentre_months": _months(model),
        "employers": _employers(model),
        "lines": _lines(model, dates, recorder.segments[:n]),
        "segments": _segments(model, recorder.segments[:n]),
        "sections": _sections(model, recorder.sections[:n]),
        "workers": _workers(model),
    }  # fmt: skip


def _indicators(
    sums: np.ndarray, model: CommuteModel, names: Iterable[str] | None = None
) -> dict[str, np.ndarray]:
    columns = {name: sums[..., place].ravel() for place, name in enumerate(OUTPUT_COLUMNS)}
    return with_derived(columns, model.parameters, names)


# A table that is made of all its columns at once takes a tenth of one that grows by them.


def _days(model: CommuteModel, dates: pd.DatetimeIndex, sums: np.ndarray) -> pd.DataFrame:
    values = model.recorder.day_values[: len(dates)]
    refusals = model.recorder.centres[: len(dates), :, CENTRE_COLUMNS.index("refusals")]
    return pd.DataFrame(
        {"date": dates, "weekday": dates.day_name().str.lower()}
        | _indicators(sums, model)
        | {name: values[:, place] for place, name in enumerate(DAY_COLUMNS)}
        | {"refusals": refusals.sum(axis=1)}
    )


def _weeks(weeks: dict) -> pd.DataFrame:
    groups = len(OCCUPATION_GROUPS)
    values = np.reshape(list(weeks.values()), (len(weeks) * groups, len(WEEK_COLUMNS)))
    return pd.DataFrame(
        {"week": dates_of(weeks).repeat(groups), "group": texts_of(OCCUPATION_GROUPS * len(weeks))}
        | {name: values[:, place] for place, name in enumerate(WEEK_COLUMNS)}
    )


def _communes(model: CommuteModel, sums: np.ndarray) -> pd.DataFrame:
    communes = model.territory.communes
    residents = np.bincount(
        model.population.commune, weights=model.population.weight, minlength=len(communes)
    )
    return pd.DataFrame(
        {"commune_code": communes["code"].array, **_columns(communes, ["name", "department"])}
        | {"workers": residents, **_indicators(sums, model)}
    )


def _communes_by_day(
    model: CommuteModel, dates: pd.DatetimeIndex, accounts: np.ndarray
) -> pd.DataFrame:
    codes = model.territory.communes["code"].to_numpy()
    # Of years of a region all other columns would take gigabytes.
    found = _indicators(accounts, model, _COMMUNE_DAY_COLUMNS)
    return pd.DataFrame(
        {"date": np.repeat(dates, codes.size), "commune_code": np.tile(codes, len(dates))}
        | {name: values.astype(np.float32) for name, values in found.items()}
    )


def _groups(model: CommuteModel, sums: np.ndarray) -> pd.DataFrame:
    of_workers = [name for name, found in indicators().items() if not found.of_places]
    *employees, independents = OCCUPATION_GROUPS
    kinds = [*product(employees, EMPLOYER_SIZES), (independents, "none")]
    group, size = zip(*kinds, strict=True)
    return pd.DataFrame(
        {"group": group, "employer_size": size, **_indicators(sums, model, of_workers)}
    )


def desks_of(model: CommuteModel) -> np.ndarray:
    """Return the desks of each site, (n_sites,): the most that it had in the run.

    A sample draws its desks each day, so that one day says little: there they are those offered on
    the last day, and the mean of the days open, as a whole number, of a site that is closed by
    then.
    """
    column = centres_by_column(model.recorder.centres)
    desks, is_open = column["desks"], column["open"]
    if model.scale >= 1.0:
        return np.asarray(desks.max(axis=0, initial=0.0))
    posted = model.effects.posted
    mean = (desks * is_open).sum(axis=0) / np.maximum(is_open.sum(axis=0), 1.0)
    return np.where(posted.open, posted.desks, np.rint(mean))


def _telecentres(model: CommuteModel, days: np.ndarray) -> pd.DataFrame:
    """One row a site: means over the days it was open, totals over the run."""
    table = model.territory.sites.iloc[model.sites.row]
    column = centres_by_column(days)
    open_days = column["open"].sum(axis=0)
    desk_days = (column["desks"] * column["open"]).sum(axis=0)

    def share_of_desks(values: np.ndarray) -> np.ndarray:
        return np.divide(values, desk_days, out=np.zeros_like(desk_days), where=desk_days > 0)

    names = ["telecentre_id", "name", "commune_code", "lat", "lon", "kind", "area", "assumed"]
    return pd.DataFrame(
        _columns(table, names)
        | {
            "desks": desks_of(model),
            "desks_estimated": table["desks_estimated"].array,
            "days_open": open_days,
            "worker_days": column["worker_days"].sum(axis=0),
            "home_based_days": column["home_based_users"].sum(axis=0),
            "share_occupied": share_of_desks(column["occupied"].sum(axis=0)),
            "share_occupied_by_workers": share_of_desks(column["worker_days"].sum(axis=0)),
            "refusals": column["refusals"].sum(axis=0),
            "turned_away": column["turned_away"].sum(axis=0),
            "revenue_workers_eur": column["revenue_workers_eur"].sum(axis=0),
            "revenue_others_eur": column["revenue_others_eur"].sum(axis=0),
        }
    )


def _months(model: CommuteModel) -> pd.DataFrame:
    """One row a month and telecentre: the operator's books."""
    ids, books = model.sites.ids, model.recorder.months
    months = dates_of(day.replace(day=1) for day in books)
    values = zip(*books.values(), strict=True)
    return pd.DataFrame(
        {"month": months.repeat(len(ids)), "telecentre_id": texts_of(list(ids) * len(books))}
        | dict(zip(SiteAccounts._fields, map(np.concatenate, values), strict=True))
    )


def _employers(model: CommuteModel) -> pd.DataFrame:
    """One row an employer size: desks of the simulated part, expanded to persons."""
    employers, people = model.memory.employers, model.population
    columns = {
        "heads": people.employer_heads,
        "desks_needed": employers.desks_needed,
        "desks_leased": employers.desks_leased,
        "saving_eur": employers.saving_eur,
        "possible_saving_eur": employers.possible_saving_eur,
    }
    sums = {
        name: np.bincount(people.employer_size, weights=values, minlength=len(EMPLOYER_SIZES))
        for name, values in columns.items()
    }
    frame = pd.DataFrame({"employer_size": list(EMPLOYER_SIZES), **sums})
    frame[list(columns)] /= model.scale
    return frame


def _by_day(
    dates: pd.DatetimeIndex, name: str, keys: Any, values: np.ndarray, columns: tuple[str, ...]
) -> pd.DataFrame:
    return pd.DataFrame(
        {"date": np.repeat(dates, len(keys)), name: texts_of(list(keys) * len(dates))}
        | {column: values[:, :, place].ravel() for place, column in enumerate(columns)}
    )


def _lines(model: CommuteModel, dates: pd.DatetimeIndex, days: np.ndarray) -> pd.DataFrame:
    """One row a day and line: the peak hour where the line is fullest."""
    names = model.territory.lines["line"].to_numpy()
    riders = days[:, :, SEGMENT_COLUMNS.index("peak_riders")].mean(axis=0)
    by_line = np.zeros((names.size, riders.size))
    for line, rows in enumerate(model.network.peak_segments(riders)):
        by_line[line, rows] = 1.0
    fullest = np.flatnonzero(by_line.any(axis=0))
    sums = {
        name: days[:, fullest, SEGMENT_COLUMNS.index(name)] @ by_line[:, fullest].T
        for name in ("peak_riders", "simulated_riders", "trains_per_hour", "places", "seats")
    }
    of_days = {"date": np.repeat(dates, names.size), "line": texts_of(list(names) * len(dates))}
    return pd.DataFrame(of_days | _with_ratios({each: sums[each].ravel() for each in sums}))


def _with_ratios(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    riders = columns["peak_riders"]
    with np.errstate(divide="ignore", invalid="ignore"):  # a train without places is no error
        return columns | {
            "load_factor": riders / columns["places"],
            "riders_per_seat": riders / columns["seats"],
        }


def _segments(model: CommuteModel, days: np.ndarray) -> pd.DataFrame:
    """One row a segment: the load profile of a mean day."""
    segments = model.territory.od.transit.segments
    names = ["line", "from_stop", "to_stop", "from_lat", "from_lon", "to_lat", "to_lon"]
    of_day = _means(days, SEGMENT_COLUMNS)
    return pd.DataFrame(
        {"segment": np.arange(len(segments)), **_columns(segments, names)}
        | {"segment_min": segments["minutes"].to_numpy(), **_with_ratios(of_day)}
    )


def _sections(model: CommuteModel, days: np.ndarray) -> pd.DataFrame:
    """One row a section of road: the traffic of a mean day."""
    sections = model.territory.od.road.sections
    names = ["road", "direction", "from_lat", "from_lon", "to_lat", "to_lon", "free_flow_min"]
    numbered = {"section": np.arange(len(sections)), **_columns(sections, names)}
    return pd.DataFrame(numbered | _means(days, SECTION_COLUMNS))


def _columns(table: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    return {name: table[name].array for name in names}


def _means(days: np.ndarray, columns: tuple[str, ...]) -> dict[str, np.ndarray]:
    return {name: days[:, :, place].mean(axis=0) for place, name in enumerate(columns)}


def _workers(model: CommuteModel) -> pd.DataFrame:
    population, columns = model.population, model.columns
    return pd.DataFrame(
        {
            "worker_low": population.low,
            "worker_high": population.high,
            "commune_code": categories(population.commune, model.territory.communes["code"]),
            "group": categories(population.group, OCCUPATION_GROUPS),
            "weight": population.weight.astype(np.float32),
            "allowance_half_days": model.rights.half_days,
            **dict(zip((f"days_{kind}" for kind in PLAN_KINDS), columns.days_by_kind, strict=True)),
            "minutes_saved": columns.minutes_saved.astype(np.float32),
        }
    )
