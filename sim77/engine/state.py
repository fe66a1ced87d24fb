"""The state of a model as named arrays and a few plain values, and the way back.

Every array that the model and its parts hold themselves is taken, so that a new one is saved
without a word here; a new part is one word in `PARTS`, a new plain value one in `SCALARS`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np

from sim77.core.version import __version__
from sim77.engine.columns import centre_columns
from sim77.engine.model import CommuteModel
from sim77.engine.organisations.operators import SiteAccounts
from sim77.territory.territory import SHIPPED

FORMAT = 1
"""To be raised when the meaning of the saved state changes."""

PARTS = (
    "columns", "loads", "background", "_memory", "_memory._sums", "effects.choosers", "_cells",
    "trips", "recorder", "_months", "_months.posted", "_quarters", "world.operators",
    "world.operators.accounts", "world.operators._posted", "world.employers",
)  # fmt: skip
"""What holds arrays that change from day to day, besides the model's own."""

SCALARS = (
    "day", "steps", "running", "_next", "_month", "_week", "_weekdays_done", "_days_done",
    "_week_valued",
    "_memory.last_week", "_months.working_days", "_quarters.working_days_of_year",
)  # fmt: skip
"""Plain values that change from day to day."""

BY_SITE = (
    "_company", "_occupied_last_week", "_mobile_expected", "desks", "exogenous", "mobile_users",
    "free_desks", "refusals", "subscriptions", "_months", "world.operators",
)  # fmt: skip
"""Arrays, or parts, whose first axis is the telecentres; another future may have others."""

_DATES = ("day", "_week")
_SITES_SECOND = "recorder.centres"
_SLOTS_SECOND = "columns.bookings"
_MONTHS = "recorder.months"
_WEEKS = "recorder.weeks"


def gather(model: CommuteModel) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return a model's state: arrays by dotted name, and what `json` can hold.

    Parameters
    ----------
    model : CommuteModel

    Returns
    -------
    dict of str to numpy.ndarray
        Not copied. Arrays of the population are left out, because no day changes them, and so are
        days not yet recorded.
    dict
    """
    fixed = {id(each) for each in vars(model.population).values()}
    arrays = {name: array for name, array in _arrays_of(model).items() if id(array) not in fixed}
    for part in PARTS:
        for name, array in _arrays_of(attrgetter(part)(model)).items():
            if id(array) not in fixed:
                arrays[f"{part}.{name}"] = array
    done = len(model.recorder.days)
    for name in _recorded(model):
        arrays[name] = arrays[name][:done]
    weeks, months = model.recorder.weeks, model.recorder.months
    if weeks:
        arrays[_WEEKS] = np.stack(list(weeks.values()))
    if months:
        arrays[_MONTHS] = np.stack([np.stack(books) for books in months.values()])
    territory, in_force = model.territory, model.effects
    about = {
        "format": FORMAT,
        "sim77": __version__,
        "seed": model.draw_seed,
        "scale": model.scale,
        "workplaces": list(model.zones),
        "start": model.days[0].isoformat(),
        "end": model.days[-1].isoformat(),
        "sites": list(model.sites.ids),
        "weeks": [monday.isoformat() for monday in weeks],
        "months": [last_day.isoformat() for last_day in months],
        "in_force": {
            "day": in_force.day.isoformat(),
            "sites": [asdict(site) for site in in_force.state.sites],
            "coverage_floor": in_force.state.coverage_floor,
        },
        "scalars": {name: _plain(attrgetter(name)(model)) for name in SCALARS},
        "territory": {
            "name": territory.name,
            "hash": territory.hash,
            "folder": None if territory.folder == SHIPPED else str(territory.folder.resolve()),
        },
    }
    return arrays, about


def fill(model: CommuteModel, arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> None:
    """Put a state that `gather` took into a model of the same past.

    Parameters
    ----------
    model : CommuteModel
        Under the policies that were in force.
    arrays : mapping of str to numpy.ndarray
        Copied.
    about : mapping
    """
    for name, value in about["scalars"].items():
        _put(model, name, dt.date.fromisoformat(value) if name in _DATES else value)
    fitted = {
        name: _fitted(name, array, model, about["sites"])
        for name, array in arrays.items()
        if name not in (_WEEKS, _MONTHS)
    }
    _replace_arrays(model, fitted)
    recorder = model.recorder
    recorder.days[:] = model.days[: about["scalars"]["_next"]]
    recorder.weeks = dict(zip(_dates(about["weeks"]), arrays.get(_WEEKS, ()), strict=True))
    months = [
        SiteAccounts(*(_by_site(np.zeros(len(model.sites.ids)), each, model, about["sites"])
                       for each in books))
        for books in arrays.get(_MONTHS, ())
    ]  # fmt: skip
    recorder.months = dict(zip(_dates(about["months"]), months, strict=True))
    _rebuild(model, fitted)


def _replace_arrays(model: CommuteModel, arrays: Mapping[str, np.ndarray]) -> None:
    """Replace a model's arrays by others of the same names and shapes."""
    by_part: dict[str, dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        part, _, own = name.rpartition(".")
        by_part.setdefault(part, {})[own] = array
    for part, values in by_part.items():
        if not part:
            for own, array in values.items():
                _put(model, own, array)
            continue
        whole = attrgetter(part)(model)
        if hasattr(whole, "_replace"):
            _put(model, part, whole._replace(**values))
        elif isinstance(whole, tuple):
            _put(model, part, tuple(values[str(place)] for place in range(len(whole))))
        elif is_dataclass(whole):
            _put(model, part, replace(whole, **values))  # type: ignore[type-var]
        else:
            for own, array in values.items():
                setattr(whole, own, array)


def _rebuild(model: CommuteModel, arrays: Mapping[str, np.ndarray]) -> None:
    """Work out what follows from the state and is not part of it."""
    model.centre_offer = centre_columns(
        model.sites, model.state.sites, model._company, model.parameters
    )
    model._price_journeys()
    cells = {
        name.removeprefix("_cells."): each for name, each in arrays.items() if "_cells." in name
    }
    model._cells = model._cells._replace(**cells)
    for name, reporter in model.recorder.reporters().items():
        series = model.datacollector.model_vars[name]
        for day in range(len(model.recorder.days)):
            model.recorder.totals = model.recorder.kinds_of_worker[day].sum(axis=0)
            series.append(reporter(model))


def _fitted(name: str, array: np.ndarray, model: CommuteModel, sites: list[str]) -> np.ndarray:
    """Return a copy of a saved array in the shape the model wants; wrong sizes are a ValueError.

    Days still to come are zeros. Another future may have other telecentres: those that have been
    open come first, in the same order, in both (`sim77.engine.world.sites_in_order`), so that a
    worker's places in the list of centres in reach keep their numbers.
    """
    part, _, own = name.rpartition(".")
    whole = attrgetter(part)(model) if part else model
    wanted: np.ndarray = whole[int(own)] if own.isdigit() else getattr(whole, own)
    if any(name == each or name.startswith(f"{each}.") for each in BY_SITE):
        return _by_site(wanted, array, model, sites)
    if name == _SLOTS_SECOND:
        width = min(wanted.shape[1], array.shape[1])
        full = np.zeros_like(wanted)
        full[:, :width] = array[:, :width]
        return full
    if name in _recorded(model):
        full = np.zeros_like(wanted)
        if name == _SITES_SECOND:
            array = np.swapaxes(_by_site(
                np.zeros((wanted.shape[1], len(array), wanted.shape[2])),
                np.swapaxes(array, 0, 1), model, sites,
            ), 0, 1)  # fmt: skip
        full[: len(array)] = array
        return full
    if wanted.shape != array.shape:
        raise ValueError(name)
    return np.array(array)


def _by_site(
    fresh: np.ndarray, array: np.ndarray, model: CommuteModel, sites: list[str]
) -> np.ndarray:
    """Put rows of the saved sites at the places of the model's; others stay as when fresh."""
    if len(array) != len(sites):
        raise ValueError(sites)
    full = fresh.astype(array.dtype)
    for place, site in enumerate(model.sites.ids):
        if site in sites:
            full[place] = array[sites.index(site)]
    return full


def _recorded(model: CommuteModel) -> list[str]:
    """Name the arrays of the recorder whose first axis is the days of the run."""
    return [
        f"recorder.{name}"
        for name, array in _arrays_of(model.recorder).items()
        if array.ndim > 1 and len(array) == len(model.days)
    ]


def _arrays_of(whole: Any) -> dict[str, np.ndarray]:
    """Return the arrays that an object, a named tuple or a tuple holds itself, by name."""
    if hasattr(whole, "_asdict"):
        held = whole._asdict()
    elif isinstance(whole, tuple):
        held = {str(place): each for place, each in enumerate(whole)}
    else:
        held = vars(whole)
    return {name: each for name, each in held.items() if isinstance(each, np.ndarray)}


def _put(model: CommuteModel, name: str, value: Any) -> None:
    """Set an attribute by its dotted name, in a frozen owner too: the model is its only user."""
    owner, _, own = name.rpartition(".")
    object.__setattr__(attrgetter(owner)(model) if owner else model, own, value)


def _dates(texts: list[str]) -> list[dt.date]:
    return [dt.date.fromisoformat(text) for text in texts]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
