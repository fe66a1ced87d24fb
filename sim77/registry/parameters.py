"""The parameter registry: every number of the model with its unit, range, dates and source.

The numbers are data (`parameters.yaml`); nothing else in the package holds one.
``load_parameters()`` describes them, ``resolve()`` gives their values on a date. What replaces them
is written ``name``, for all dates, or ``name@2022-01-01`` for the value that the registry has from
that date until its next one.
"""

import datetime as dt
import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from sim77.core.errors import ParameterError, nearest
from sim77.core.yaml_file import load_yaml

CONFIDENCES = ("M", "T", "D", "A", "U")
"""Measured, transferred, derived, assumed, uncertain."""

GROUPS = (
    "choice",
    "telework",
    "calendar",
    "population",
    "rail",
    "access",
    "road",
    "telecentre",
    "employer",
    "emissions",
    "wellbeing",
    "money",
)


_ROUNDING = 1e-9
"""What a sum may be above its bound by the arithmetic of its parts."""
_LEAST = 0.001
"""Of what must be above 0."""
_BOUNDS = {
    "share": (0.0, 1.0), "correlation": (-1.0, 1.0), "0 or 1": (0.0, 1.0),
    "isolation_retention": (0.0, 1.0 - _LEAST),  # at 1 it grows without end
}  # fmt: skip
"""By unit or name."""
_SCALES_OF_ERRORS = ("mu_remote", "mu_place")
_OF_ONE_SIGN = ("beta_", "mu_", "sd_")
_DIVIDED_BY = {
    "km/h", "persons/car", "workers", "days/month", "weeks/year", "iterations",
    "fibre_rollout_days", "base_volume_capacity", "reference_price_day_eur",
    "reference_price_hour_eur",
    "room_hire_desks_per_room", "fatigue_scale_min", "odds_covered_per_10_km",
}  # fmt: skip
"""Units and names of what others are divided by, or of which negative powers are taken."""
_READ = {
    "code": "source code read",
    "full": "passage read",
    "official": "page of the body itself read",
    "abstract": "abstract read",
    "press": "report of it read",
    "none": "",
}

_Value = TypeVar("_Value")


class FrozenDict(Mapping[str, _Value], Generic[_Value]):
    """A mapping that cannot change: comparable, hashable when its values are, and picklable."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, _Value] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, key: str) -> _Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping):
            return self._items == dict(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenDict({self._items!r})"


@dataclass(frozen=True)
class Parameter:
    """One entry of the registry.

    Attributes
    ----------
    name, symbol : str
        The name in code; the symbol in equations (may be empty).
    value : float
        The default, in `unit`; of a dated parameter, the first one.
    values : mapping of str to float
        Of a dated parameter: each value from its ISO date on, the first one before it too. Empty
        otherwise.
    path : mapping of str to float
        Where the values are anchors between which the parameter moves: position by ISO date, the
        anchors' dates among them. Between two anchors a value is as far on its way as its position
        is between theirs, and holds until the next date. Empty where values move in steps.
    low, high : float
        The plausible interval, in `unit`.
    range_assumed : bool
        Whether no source bounds that interval.
    whole : bool
        Whether only whole numbers mean something.
    source, source_ids : str, tuple of str
        The sources in full; their keys.
    confidence : str
        One of `CONFIDENCES`.
    label_fr, label_en : str
        What it is.
    group : str
        One of `GROUPS`.
    note : str
        What a user should know, conflicts between sources first; may be empty.
    """

    name: str
    symbol: str
    value: float
    unit: str
    low: float
    high: float
    source: str
    source_ids: tuple[str, ...]
    confidence: str
    label_fr: str
    label_en: str
    group: str
    note: str = ""
    values: FrozenDict[float] = field(default_factory=FrozenDict)
    path: FrozenDict[float] = field(default_factory=FrozenDict)
    range_assumed: bool = False
    whole: bool = False

    def value_on(self, day: dt.date, given: Mapping[str, float] | None = None) -> float:
        """Return the value on a date.

        Parameters
        ----------
        day : datetime.date
        given : mapping of str to float, optional
            By ISO date as in `values`, what replaces them.
        """
        if not self.values:
            return self.value
        values = {**self.values, **(given or {})}
        if not self.path:
            return values[_since(self.values, day)]
        position = self.path[_since(self.path, day)]
        at_anchors = [self.path[date] for date in values]
        return float(np.interp(position, at_anchors, list(values.values())))

    @property
    def dates(self) -> tuple[str, ...]:
        """ISO dates from which another value may hold."""
        return tuple(self.path or self.values)

    def checked(self, value: float, within_range: bool = True) -> float:
        """Return `value` as a float if the parameter may take it.

        Parameters
        ----------
        value : float
            A number in the parameter's unit.
        within_range : bool
            False admits what is outside `low` to `high` but possible: a share stays in 0 to 1, what
            others are divided by is above 0, and all but utilities keep the sign of the interval.
        """
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ParameterError(
                f"parameter '{self.name}' is {value!r}, expected a number from {self.low:g} to "
                f"{self.high:g} (unit: {self.unit}; {self.label_en})."
            )
        number = float(value)
        bounds = (self.low, self.high)
        if not within_range:
            bounds = self._possible()
        if not (math.isfinite(number) and bounds[0] <= number <= bounds[1]):
            expected = _between(*bounds)
            raise ParameterError(
                f"parameter '{self.name}' is {number:g}, expected {expected} "
                f"(unit: {self.unit}; {self.label_en})."
            )
        if self.whole and not number.is_integer():
            raise ParameterError(
                f"parameter '{self.name}' is {number:g}, expected a whole number "
                f"(unit: {self.unit}; {self.label_en})."
            )
        return number

    def _possible(self) -> tuple[float, float]:
        """Return the bounds beyond which a value means nothing, whatever the plausible interval."""
        if self.name in _SCALES_OF_ERRORS:
            return _LEAST, 1.0
        if {self.unit, self.name} & _DIVIDED_BY:
            return _LEAST, math.inf
        if self.unit.startswith("util") and not self.name.startswith(_OF_ONE_SIGN):
            return -math.inf, math.inf  # a constant, or the weight of something, of either sign
        sign = (0.0 if self.low >= 0.0 else -math.inf, 0.0 if self.high <= 0.0 else math.inf)
        return _BOUNDS.get(self.name, _BOUNDS.get(self.unit, sign))


def _between(low: float, high: float) -> str:
    if math.isfinite(low) and math.isfinite(high):
        return f"{low:g} to {high:g}"
    if math.isfinite(low):
        return f"{low:g} or more"
    return f"{high:g} or less" if math.isfinite(high) else "a finite number"


class ParameterSet(Mapping[str, float]):
    """The values of all parameters on a date: ``values.theta``, ``values["theta"]``.

    Immutable, comparable and hashable by value.
    """

    __slots__ = ("__dict__", "_arrays", "_hash", "_values")

    def __init__(self, values: Mapping[str, float]) -> None:
        # The instance's own dictionary, so that looking a value up by its name is an attribute's.
        self._values = self.__dict__ = dict(values)
        self._hash: int | None = None
        self._arrays: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}

    def __getitem__(self, name: str) -> float:
        try:
            return self._values[name]
        except KeyError:
            raise _unknown(name) from None

    def __getattr__(self, name: str) -> float:
        # Called only for what is not there; the underscore guards pickle and copy.
        raise AttributeError(name if name.startswith("_") else str(_unknown(name)))

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.__slots__:
            raise AttributeError(f"parameter '{name}' cannot be set: a ParameterSet never changes")
        super().__setattr__(name, value)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def items(self) -> ItemsView[str, float]:
        """Return names and values."""
        return self._values.items()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ParameterSet):
            return NotImplemented
        return self is other or self._values == other._values

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(tuple(sorted(self._values.items())))
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return ParameterSet, (self._values,)

    def __repr__(self) -> str:
        return f"ParameterSet({len(self)} parameters)"

    def array(self, prefix: str, names: Iterable[str]) -> np.ndarray:
        """Return the values of a family of parameters.

        Parameters
        ----------
        prefix : str
            What their names start with: ``"asc_home"``.
        names : iterable of str
            How they end, in the order wanted; dashes count as underscores.

        Returns
        -------
        numpy.ndarray, shape (n_names,), float64
            Read-only.
        """
        key = (prefix, tuple(names))
        if key not in self._arrays:
            found = np.array([self[f"{prefix}_{each.replace('-', '_')}"] for each in key[1]])
            found.setflags(write=False)
            self._arrays[key] = found
        return self._arrays[key]


class BoundedSum(NamedTuple):
    """Parameters of which the evidence bounds the sum, and the bound."""

    names: tuple[str, ...]
    at_most: float

    def check(self, values: Mapping[str, float]) -> None:
        """Raise `ParameterError` if values, and defaults for what is not given, are above."""
        if any(name in values for name in self.names):
            each = {name: values.get(name, load_parameters()[name].value) for name in self.names}
            if sum(each.values()) > self.at_most + _ROUNDING:
                given = ", ".join(f"{name} {value:g}" for name, value in each.items())
                raise ParameterError(
                    f"{' + '.join(each)} is {sum(each.values()):g} ({given}), expected at most "
                    f"{self.at_most:g}."
                )


@lru_cache(maxsize=1)
def bounded_sums() -> tuple[BoundedSum, ...]:
    """Return the sums of parameters that the evidence bounds."""
    return tuple(BoundedSum(tuple(each["of"]), each["at_most"]) for each in _content()["sums"])


@lru_cache(maxsize=1)
def _content() -> Mapping[str, Any]:
    text = resources.files("sim77.registry").joinpath("parameters.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = load_yaml(text)
    return found


def _since(dates: Iterable[str], day: dt.date) -> str:
    """Return the last of some ISO dates in order that is not after a day, else the first."""
    dates = list(dates)
    return dates[max(bisect_right(dates, day.isoformat()) - 1, 0)]


@lru_cache(maxsize=1)
def load_parameters() -> Mapping[str, Parameter]:
    """Return every parameter by name, in the order of `parameters.yaml`."""
    content = _content()
    sources = {key: _source(key, entry) for key, entry in content["sources"].items()}
    paths = content["paths"]
    return FrozenDict(
        {
            name: _parameter(name, group, entry, sources, paths)
            for group, entries in content["parameters"].items()
            for name, entry in entries.items()
        }
    )


def change_dates() -> tuple[dt.date, ...]:
    """Return the dates, in order, on which a default changes."""
    return _dated_defaults()[0]


def resolve(
    day: dt.date, overrides: Mapping[str, float] | None = None, check_ranges: bool = True
) -> ParameterSet:
    """Return the value of every parameter on a date.

    Parameters
    ----------
    day : datetime.date
        The simulated day.
    overrides : mapping of str to float, optional
        Values that replace the defaults, ``name`` on all dates and ``name@date`` from one to the
        next; of two for a date, the latter.
    check_ranges : bool
        False admits overrides outside their plausible interval, for thought experiments.

    Returns
    -------
    ParameterSet
        The same object for the same overrides while no default changes.
    """
    changes, defaults = _dated_defaults()
    index = bisect_right(changes, day)
    if not overrides:
        return defaults[index]
    found = _on(day, checked_values(overrides, check_ranges))
    return _resolved(index, tuple(sorted(found.items())))


def checked_values(values: Mapping[str, float], check_ranges: bool = True) -> dict[str, float]:
    """Return overrides as floats if each names a parameter and has a value that it may take.

    Parameters
    ----------
    values : mapping of str to float
        By ``name`` or ``name@date``.
    check_ranges : bool
        As in `resolve`.
    """
    entries = {key: _entry(key) for key in values}
    found = {key: entries[key].checked(value, check_ranges) for key, value in values.items()}
    if check_ranges:
        for each in bounded_sums():
            each.check(found)
    return found


def check_names(keys: Iterable[str]) -> None:
    """Raise `ParameterError` at the first override that names no parameter, or no date of it."""
    for key in keys:
        _entry(key)


def defaults_hash(given: Iterable[str] = ()) -> str:
    """Return the sha256, in hexadecimal, of the defaults that overrides leave in use.

    Parameters
    ----------
    given : iterable of str
        The overrides, by ``name`` or ``name@date``; their defaults do not count.
    """
    without = set(given)
    left = {
        key: value
        for name, entry in load_parameters().items()
        if name not in without
        for key, value in _by_date(entry).items()
        if key not in without
    }
    paths = {name: dict(entry.path) for name, entry in load_parameters().items() if entry.path}
    in_use = {name: path for name, path in paths.items() if name not in without}
    return hashlib.sha256(json.dumps([left, in_use], sort_keys=True).encode()).hexdigest()


def _by_date(entry: Parameter) -> dict[str, float]:
    if not entry.values:
        return {entry.name: entry.value}
    return {f"{entry.name}@{date}": value for date, value in entry.values.items()}


def on_top(values: Mapping[str, float], others: Mapping[str, float]) -> dict[str, float]:
    """Return overrides with others on top: ``name`` also ends what `values` set from a date on."""
    kept = {
        key: value
        for key, value in values.items()
        if key in others or split_date(key)[0] not in others
    }
    return {**kept, **others}


def split_date(key: str) -> tuple[str, str]:
    """Return the name of an override and its ISO date, which is empty if it holds on all dates."""
    name, _, since = key.partition("@")
    return name, since


def on_any_date(keys: Iterable[str]) -> list[str]:
    """Return overrides and their names: for `defaults_hash`, where a dated one holds throughout.

    As in a calibration, whose runs are of the years that it sets: its folder goes on once what it
    solved has been shipped, with the shares of years before.
    """
    given = list(keys)
    return [*given, *(split_date(key)[0] for key in given)]


def _entry(key: str) -> Parameter:
    """Return the parameter of an override, whose date must be one of the registry's."""
    name, since = split_date(key)
    entry = load_parameters().get(name)
    if entry is None:
        raise _unknown(name)
    if key != name and since not in entry.values:
        dates = ", ".join(entry.values)
        kept = f"values from {dates} on" if dates else f"one value for all dates: write '{name}'"
        raise ParameterError(f"'{key}' has no such date; the registry has {kept}.")
    return entry


def _on(day: dt.date, overrides: Mapping[str, float]) -> dict[str, float]:
    """Return what overrides say of a date, by name."""
    found = {key: value for key, value in overrides.items() if "@" not in key}
    dated: dict[str, dict[str, float]] = {}
    for key in overrides.keys() - found.keys():
        name, since = split_date(key)
        dated.setdefault(name, {})[since] = overrides[key]
    for name, given in dated.items():
        entry = load_parameters()[name]
        everywhere = dict.fromkeys(entry.values, found[name]) if name in found else {}
        found[name] = entry.value_on(day, {**everywhere, **given})
    return found


@lru_cache(maxsize=512)
def _resolved(index: int, overrides: tuple[tuple[str, float], ...]) -> ParameterSet:
    return ParameterSet({**_dated_defaults()[1][index]._values, **dict(overrides)})


@lru_cache(maxsize=1)
def _dated_defaults() -> tuple[tuple[dt.date, ...], tuple[ParameterSet, ...]]:
    """Return the dates of change, and the defaults before, between and after them."""
    parameters = load_parameters().values()
    changes = sorted(
        {
            dt.date.fromisoformat(since)
            for each in parameters
            for since in each.dates[1:]  # the first value holds before its date too
        }
    )
    days = [dt.date.min, *changes]
    sets = tuple(
        ParameterSet({each.name: each.value_on(day) for each in parameters}) for day in days
    )
    return tuple(changes), sets


def _unknown(name: str) -> ParameterError:
    return ParameterError(f"unknown parameter '{name}'.{nearest(name, load_parameters())}")


def _source(key: str, entry: Mapping[str, str]) -> str:
    parts = [entry["text"], entry.get("url", ""), _READ[entry["read"]]]
    return f"{key}: {', '.join(part for part in parts if part)}"


def _parameter(
    name: str,
    group: str,
    entry: Mapping[str, Any],
    sources: Mapping[str, str],
    paths: Mapping[str, Mapping[str, Any]],
) -> Parameter:
    values = {since: float(value) for since, value in sorted(entry.get("values", {}).items())}
    path = paths[entry["path"]] if "path" in entry else {"positions": {}, "sources": []}
    source_ids = tuple(dict.fromkeys([*entry["sources"], *path["sources"]]))
    return Parameter(
        name=name,
        symbol=entry.get("symbol", ""),
        value=next(iter(values.values())) if values else float(entry["value"]),
        unit=entry["unit"],
        low=float(entry["low"]),
        high=float(entry["high"]),
        source="; ".join(sources[key] for key in source_ids),
        source_ids=source_ids,
        confidence=entry["confidence"],
        label_fr=entry["label"]["fr"],
        label_en=entry["label"]["en"],
        group=group,
        note=entry.get("note", ""),
        values=FrozenDict(values),
        path=FrozenDict(path["positions"]),
        range_assumed=entry.get("range_assumed", False),
        whole=entry.get("whole", False),
    )
