"""Factors: what a study varies, over which range or values, and what that does to a scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim77.core.errors import StudyError, nearest
from sim77.core.units import WEEKDAYS
from sim77.registry.levers import ALL, Lever, lever, levers
from sim77.registry.parameters import FrozenDict, Parameter, load_parameters
from sim77.scenario.parts import restated
from sim77.scenario.scenario import Change, Scenario

SCENARIO = "scenario"
PARAMETERS, LEVER, FREE = "parameters", "lever", "free"

_NOT_MOVED = "none"

FactorValue = float | str


@dataclass(frozen=True)
class Factor:
    """One thing that a study varies.

    Attributes
    ----------
    name : str
        The column it fills.
    is_lever : bool
        Whether it is a policy, which the paired baseline is without.
    low, high : float
        The range, in `unit`; of values that are texts, NaN.
    values : tuple of float or str
        The values it may take; empty if it takes all of the range.
    unit, label_fr, label_en : str
    kind : str
        ``parameters``, ``lever``, ``scenario``, or ``free`` for another function than the model.
    sets : tuple of str
        The parameters it moves together, or the lever.
    target : str or None
        Of a lever.
    whole : bool
        Whether only whole numbers make sense.
    settings : mapping of str to object
        What the texts in `values` stand for.
    """

    name: str
    is_lever: bool
    low: float
    high: float
    values: tuple[FactorValue, ...] = ()
    unit: str = ""
    label_fr: str = ""
    label_en: str = ""
    kind: str = PARAMETERS
    sets: tuple[str, ...] = ()
    target: str | None = None
    whole: bool = False
    settings: Mapping[str, Any] = field(default_factory=FrozenDict)

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return any(isinstance(value, str) for value in self.values)

    def at(self, unit_sample: np.ndarray) -> list[FactorValue]:
        """Return the values at points of the unit interval, each value or number equally likely.

        Parameters
        ----------
        unit_sample : numpy.ndarray of float64, shape (n,)
            In [0, 1].

        Returns
        -------
        list of float or str
        """
        among = self.values
        if not among and self.whole:
            among = tuple(map(float, range(int(self.low), int(self.high) + 1)))
        if among:
            rows = np.minimum((unit_sample * len(among)).astype(int), len(among) - 1)
            return [among[row] for row in rows]
        # Clipped: rounding may otherwise pass the upper end by the last bit.
        numbers = self.low + unit_sample * (self.high - self.low)
        return [float(number) for number in np.clip(numbers, self.low, self.high)]

    def levels(self, count: int) -> list[FactorValue]:
        """Return its values, or so many numbers evenly spread over its range."""
        if self.values:
            return list(self.values)
        spread = np.linspace(self.low, self.high, count)
        return [float(each) for each in (np.unique(np.rint(spread)) if self.whole else spread)]

    def checked(self, value: Any) -> FactorValue:
        """Return a value of a user's table if the factor may take it, or raise `StudyError`."""
        if self.is_text:
            if str(value) not in self.values:
                raise StudyError(
                    f"'{self.name}' is '{value}'.{nearest(str(value), map(str, self.values))}"
                )
            return str(value)
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not self.low <= number <= self.high:
            raise StudyError(f"'{self.name}' is {value}, expected {self.low:g} to {self.high:g}.")
        if self.values and number not in self.values:
            known = ", ".join(f"{each:g}" for each in self.values)
            raise StudyError(f"'{self.name}' is {value}, expected one of {known}.")
        return number

    def apply(self, scenario: Scenario, value: FactorValue, day: dt.date) -> Scenario:
        """Return a scenario in which this factor alone decides what it sets, on all days.

        Parameters
        ----------
        scenario : Scenario
        value : float or str
        day : datetime.date
            The first simulated day: the date of a lever's change.
        """
        if self.kind == PARAMETERS:
            return with_parameters(scenario, dict.fromkeys(self.sets, float(value)))
        setting = self.settings[value] if isinstance(value, str) else value
        name = self.sets[0]
        if setting is None:
            return scenario
        kept = [
            each
            for each in scenario.changes
            if each.lever != name or self.target not in (None, ALL, each.target)
        ]
        found = lever(name)
        if found.kind == "none":
            setting = None
        elif self.whole:
            setting = int(setting)
        change = Change(day, name, setting, target=self.target)
        return scenario.with_(changes=(*kept, change, *restated(change, kept)))


def with_parameters(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    """Return a scenario with parameters at these values on all days, whatever its changes say."""
    kept = [each for each in scenario.changes if lever(each.lever).parameter not in values]
    return scenario.with_(parameters=values, changes=tuple(kept))


def make_factor(name: str, entry: Any, *, is_lever: bool, free: bool = False) -> Factor:
    """Read one factor of a study.

    Parameters
    ----------
    name : str
        A lever, a parameter, or any name together with ``together`` (or `free`).
    entry : mapping
        ``low`` and ``high``, or ``values``; ``together``, ``target``; may be empty.
    is_lever : bool
    free : bool
        The factor is of another function than the model: no registry knows it.

    Returns
    -------
    Factor

    Raises
    ------
    StudyError
        If the name is unknown, or a range or value is not allowed.
    """
    if "values" in entry and ("low" in entry or "high" in entry):
        raise StudyError(f"'{name}' has values and a range: give low and high, or values.")
    if free:
        return _free(name, entry, is_lever)
    if "together" in entry or _parameter_of(name) is not None:
        return _of_parameters(name, entry, is_lever)
    if name in levers():
        return _of_lever(levers()[name], name, entry, is_lever)
    known = [*levers(), *load_parameters()] if is_lever else [*load_parameters(), *levers()]
    what = "lever or parameter" if is_lever else "parameter"
    raise StudyError(f"unknown {what} '{name}'.{nearest(name, known)}")


def scenario_factor(names: Sequence[str]) -> Factor:
    """Return the factor that chooses between scenarios."""
    return Factor(
        SCENARIO, True, float("nan"), float("nan"), tuple(names), kind=SCENARIO,
        label_fr="scénario", label_en="scenario",
    )  # fmt: skip


def _parameter_of(name: str) -> str | None:
    """Return the parameter that a name stands for, directly or as a lever."""
    name = name.removeprefix("parameter:")
    if name in levers():
        return levers()[name].parameter
    return name if name in load_parameters() else None


def _of_parameters(name: str, entry: Mapping[str, Any], is_lever: bool) -> Factor:
    names = entry.get("together", [_parameter_of(name)])
    known = load_parameters()
    for each in names:
        if each not in known:
            raise StudyError(f"unknown parameter '{each}'.{nearest(str(each), known)}")
    moved = [known[each] for each in names]
    first = moved[0]
    low, high = max(each.low for each in moved), min(each.high for each in moved)
    if low > high:
        ranges = " and ".join(f"{each.low:g} to {each.high:g} of '{each.name}'" for each in moved)
        raise StudyError(f"no value lies in the range of each: {ranges}.")
    if "values" in entry:
        values = _numbers(entry)
        for each in moved:
            for value in values:
                each.checked(value)
        low, high = min(values), max(values)
    else:
        values = ()
        low, high = _range(entry, low, high, " and ".join(f"'{each}'" for each in names))
    whole = any(each.whole for each in moved)
    _check_whole(whole, low, high, name)
    label_fr, label_en = _labels(name, entry, moved)
    return Factor(
        name, is_lever, low, high, values, first.unit, label_fr, label_en, PARAMETERS,
        tuple(names), whole=whole,
    )  # fmt: skip


def _check_whole(whole: bool, low: float, high: float, name: str) -> None:
    if whole and not (low.is_integer() and high.is_integer()):
        raise StudyError(f"the range {low:g} to {high:g} of '{name}' must be of whole numbers.")


def _labels(name: str, entry: Mapping[str, Any], moved: list[Parameter]) -> tuple[str, str]:
    """Return a factor's French and English labels: the study's, else those of its parameters."""
    if "label" not in entry:
        if name in load_parameters():
            moved = moved[:1]
        return " + ".join(each.label_fr for each in moved), " + ".join(
            each.label_en for each in moved
        )
    given = entry["label"]
    return str(given["fr"]), str(given["en"])


def _of_lever(found: Lever, name: str, entry: Mapping[str, Any], is_lever: bool) -> Factor:
    target = found.target_or_all(entry.get("target"))
    low, high = float("nan"), float("nan")
    values: tuple[Any, ...] = ()
    settings: dict[str, Any] = {}
    whole = found.kind == "integer"
    if "values" not in entry and found.kind in ("number", "integer"):
        assert found.low is not None and found.high is not None
        low, high = _range(entry, found.low, found.high, f"'{name}'")
        _check_whole(whole, low, high, name)
    else:
        given = entry.get("values", [False, True] if found.kind in ("flag", "none") else None)
        if given is None:
            raise StudyError(f"'{name}' needs values, a list.")
        values, settings = _lever_values(found, given)
        if not settings:
            low, high = min(values), max(values)
    return Factor(
        name, is_lever, low, high, values, found.unit, found.label_fr, found.label_en,
        LEVER, (name,), target, whole, FrozenDict(settings),
    )  # fmt: skip


def _lever_values(found: Lever, given: Sequence[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the values of a lever as numbers, or as texts with what they stand for."""
    if found.kind in ("number", "integer") and None not in given:
        numbers = [found.checked(each) for each in given]
        return _distinct([float(each) for each in numbers if isinstance(each, int | float)]), {}
    settings: dict[str, Any] = {}
    for each in given:
        if each is None or (found.kind == "none" and each is False):
            settings[_NOT_MOVED] = None
        elif found.kind == "none":
            if each is not True:
                raise StudyError(f"'{found.name}' is done or not: true or false, not {each!r}.")
            settings["done"] = True
        else:
            value = found.checked(each)
            settings[_text(value)] = value
    return tuple(settings), settings


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "+".join(WEEKDAYS[day] for day in value) or "no day"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}"


def _free(name: str, entry: Mapping[str, Any], is_lever: bool) -> Factor:
    if "values" in entry:
        given = entry["values"]
        if any(isinstance(each, str) for each in given):
            texts = _distinct([str(each) for each in given])
            nan = float("nan")
            return Factor(name, is_lever, nan, nan, texts, label_fr=name, label_en=name, kind=FREE)
        numbers = _numbers(entry)
        low, high = min(numbers), max(numbers)
    else:
        numbers = ()
        if "low" not in entry or "high" not in entry:
            raise StudyError(f"'{name}' needs low and high, or values.")
        low, high = _range(entry, -np.inf, np.inf, f"'{name}'")
    unit = str(entry.get("unit", ""))
    return Factor(name, is_lever, low, high, numbers, unit, name, name, FREE)


def _numbers(entry: Mapping[str, Any]) -> tuple[float, ...]:
    given = entry["values"]
    return _distinct([_number(each, "values") for each in given])


def _distinct(values: list[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _number(value: Any, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise StudyError(f"'{key}' is {value!r}, expected a number.")
    return float(value)


def _range(entry: Mapping[str, Any], low: float, high: float, what: str) -> tuple[float, float]:
    """Return the range that is asked for if it lies within the one that is allowed."""
    found = (
        _number(entry.get("low", low), "low"),
        _number(entry.get("high", high), "high"),
    )
    if not low <= found[0] < found[1] <= high:
        raise StudyError(
            f"the range {found[0]:g} to {found[1]:g} of {what} must rise and lie within "
            f"{low:g} to {high:g}."
        )
    return found
