"""What a run covers, checked: its seed, share of the workers, workplace zones and days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from sim77.core import calendar
from sim77.core.errors import ResultError, ScenarioError, Sim77Error, nearest
from sim77.engine.population.cache import POPULATION_PARAMETERS
from sim77.registry.indicators import parameters_of_sums
from sim77.registry.parameters import FrozenDict
from sim77.scenario.parts import as_date
from sim77.scenario.scenario import Scenario
from sim77.territory.settings import ALL_SCOPES
from sim77.territory.territory import Territory

REACH_PARAMETERS = ("max_access_min", "max_centres", "same_place_km")
BURN_IN_PARAMETERS = ("burn_in_days", "start_damping", "start_iterations")


def checked_seed(seed: int | None) -> int:
    """Return the seed, 1 where none is given, or say what is allowed."""
    if seed is None:
        return 1
    return checked_whole("seed", seed, 0, 2**32 - 1)


def checked_whole(
    name: str, value: Any, low: int, high: int, error: type[Sim77Error] = ResultError
) -> int:
    """Return a whole number within bounds, or say what is allowed."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not (whole and low <= value <= high):
        raise error(f"The {name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def checked_scale(scale: float) -> float:
    """Return the share of workers to simulate, or say what is allowed."""
    number = isinstance(scale, int | float | np.number) and not isinstance(scale, bool)
    if not (number and 0.0 < scale <= 1.0):
        raise ResultError(
            f"The scale must be a number above 0 and at most 1, such as 0.1, not {scale!r}."
        )
    return float(scale)


def checked_zones(workplaces: str | Sequence[str] | None, territory: Territory) -> tuple[str, ...]:
    """Return workplace zones in their order, or name the one that does not exist.

    Parameters
    ----------
    workplaces : str or sequence of str, optional
        Those that the territory takes by default, if left out; `ALL_SCOPES` for all of them.
    territory : Territory
    """
    known = territory.workplace_zones
    if workplaces is None:
        return territory.default_zones
    if not isinstance(workplaces, Sequence) or not workplaces:
        raise ResultError(
            f"The workplaces must be a list of {', '.join(known)}, not {workplaces!r}."
        )
    names = workplaces.split(",") if isinstance(workplaces, str) else list(workplaces)
    for name in names:
        if name not in (*known, ALL_SCOPES):
            near = nearest(str(name), (*known, ALL_SCOPES))
            raise ResultError(f"Unknown workplace zone {name!r}.{near}")
    return tuple(zone for zone in known if zone in names or ALL_SCOPES in names)


def days_of_run(scenario: Scenario, start: dt.date | None, end: dt.date | None) -> list[dt.date]:
    """Return the simulated days, by default the scenario's period, or say what is wrong."""
    first, last = as_date(start or scenario.start), as_date(end or scenario.end)
    if first > last:
        raise ScenarioError(f"The run must start before it ends: {first} is after {last}.")
    days = calendar.working_days(first, last)
    if not days:
        raise ScenarioError(f"There is no working day from {first} to {last}.")
    for change in scenario.changes:
        # It no longer holds on the day after the last on which it does.
        ended = change.until + dt.timedelta(days=1) if change.until else None
        changed = {day for day in (change.date, ended) if day and days[0] < day <= days[-1]}
        name = change.lever.removeprefix("parameter:")
        if changed and name in whole_run_parameters():
            raise ScenarioError(
                f"'{scenario.name}' changes the parameter '{name}' on {min(changed)}, within the "
                f"run: {whole_run_parameters()[name]}, so it must have one value, from {days[0]} "
                "on."
            )
    return days


@cache
def whole_run_parameters() -> Mapping[str, str]:
    """Return the parameters that no day of a run can change, and why."""
    reasons = (
        (parameters_of_sums(), "it turns the sums of a whole run into indicators"),
        (POPULATION_PARAMETERS, "it decides who the people of a whole run are"),
        (REACH_PARAMETERS, "it decides which centres a whole run has in reach"),
        (BURN_IN_PARAMETERS, "it decides how a run starts"),
    )
    return FrozenDict({name: why for names, why in reasons for name in names})
