"""The levers: what a scenario may change from a date on, with units, bounds and labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from sim77.errors import ParameterError, ScenarioError, nearest
from sim77.parameters import FrozenDict, registry
from sim77.units import WEEKDAYS
from sim77.yaml_text import load_yaml

Value = float | int | bool | tuple[int, ...] | None

ALL = "all"
"""The target that means every telecentre, or every line."""

_PARAMETER = "parameter:"


@dataclass(frozen=True)
class Lever:
    """One thing a scenario may change.

    Attributes
    ----------
    name : str
        As in scenario files; ``parameter:NAME`` for a parameter.
    kind : str
        Of the value: number, integer, flag, weekdays or none.
    optional : bool
        Whether the value may be left out.
    unit : str
        Of the value.
    low, high : float or None
        Bounds of the value, None where it has none.
    neutral : value or None
        What changes nothing, None where it depends on the site or on the agreement.
    target : str
        "nothing", "telecentre", "telecentre or all" or "line or all".
    label_fr, label_en : str
        What it does.
    source : str
        Real instances, evidence for the bounds.
    """

    name: str
    kind: str
    optional: bool
    unit: str
    low: float | None
    high: float | None
    neutral: Value
    target: str
    label_fr: str
    label_en: str
    source: str

    @property
    def parameter(self) -> str | None:
        """The name of the parameter this lever sets, None if it sets none."""
        return self.name.removeprefix(_PARAMETER) if self.name.startswith(_PARAMETER) else None

    def checked(self, value: Any, within_range: bool = True) -> Value:
        """Return `value` in its proper type, or raise `ScenarioError`."""
        if self.parameter is not None:
            try:
                return registry()[self.parameter].checked(value, within_range)
            except ParameterError as error:
                raise ScenarioError(str(error)) from None
        if value is None and self.optional:
            return True if self.kind == "flag" else None
        if self.kind == "weekdays":
            return _weekdays(self.name, value)
        if self.kind == "none":
            if value is not None:
                raise ScenarioError(f"'{self.name}' takes no value, not {value!r}.")
            return None
        if self.kind == "flag":
            if not isinstance(value, bool):
                raise ScenarioError(f"'{self.name}' is {value!r}, expected true or false.")
            return value
        return self._number(value)

    def checked_target(self, target: Any) -> str | None:
        """Return `target` if there must be one and there is, or raise `ScenarioError`."""
        if self.target == "nothing":
            if target is not None:
                raise ScenarioError(f"'{self.name}' takes no target, not {target!r}.")
            return None
        if not isinstance(target, str) or not target:
            raise ScenarioError(f"'{self.name}' needs a {self.target} as target, not {target!r}.")
        return target

    def _number(self, value: Any) -> float | int:
        whole = self.kind == "integer"
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = (
            number
            and (not whole or float(value).is_integer())
            and (self.low is None or self.low <= value)
            and (self.high is None or value <= self.high)
        )
        if not fits:
            expected = f"a {'whole ' if whole else ''}number from {self.low:g} to {self.high:g}"
            raise ScenarioError(f"'{self.name}' is {value!r}, expected {expected} ({self.unit}).")
        return int(value) if whole else float(value)


@lru_cache(maxsize=1)
def levers() -> Mapping[str, Lever]:
    """Return every lever by name, those of the parameters (`lever`) excepted."""
    text = resources.files("sim77").joinpath("levers.yaml").read_text(encoding="utf-8")
    return FrozenDict({name: _lever(name, entry) for name, entry in load_yaml(text).items()})


def lever(name: str) -> Lever:
    """Return a lever by name, ``parameter:NAME`` included."""
    if not isinstance(name, str):
        raise ScenarioError(f"a lever is named by a text, not by {name!r}.")
    if name.startswith(_PARAMETER):
        return _parameter_lever(name)
    if name not in levers():
        known = [*levers(), *(f"{_PARAMETER}{each}" for each in registry())]
        raise ScenarioError(f"unknown lever '{name}'.{nearest(name, known)}")
    return levers()[name]


def _parameter_lever(name: str) -> Lever:
    wanted = name.removeprefix(_PARAMETER)
    known = registry()
    if wanted not in known:
        raise ScenarioError(f"unknown parameter '{wanted}'.{nearest(wanted, known)}")
    found = known[wanted]
    return Lever(
        name=name,
        kind="number",
        optional=False,
        unit=found.unit,
        low=found.low,
        high=found.high,
        neutral=None,
        target="nothing",
        label_fr=found.label_fr,
        label_en=found.label_en,
        source=found.source,
    )


def _lever(name: str, entry: Mapping[str, Any]) -> Lever:
    neutral = entry.get("neutral")
    return Lever(
        name=name,
        kind=entry["value"],
        optional=entry.get("optional", False),
        unit=entry["unit"],
        low=entry.get("low"),
        high=entry.get("high"),
        neutral=tuple(neutral) if isinstance(neutral, list) else neutral,
        target=entry["target"],
        label_fr=entry["label"]["fr"],
        label_en=entry["label"]["en"],
        source=entry["source"],
    )


def _weekdays(name: str, value: Any) -> tuple[int, ...]:
    """Return weekdays as sorted numbers, Monday 0; names and numbers are both understood."""
    if not isinstance(value, list | tuple):
        raise ScenarioError(f"'{name}' is {value!r}, expected a list of weekdays.")
    found = set()
    for each in value:
        if isinstance(each, str) and each.lower() in WEEKDAYS:
            found.add(WEEKDAYS.index(each.lower()))
        elif isinstance(each, int) and not isinstance(each, bool) and 0 <= each < len(WEEKDAYS):
            found.add(each)
        else:
            raise ScenarioError(
                f"'{name}' names the weekday {each!r}, expected monday to friday."
                f"{nearest(str(each), WEEKDAYS) if isinstance(each, str) else ''}"
            )
    return tuple(sorted(found))
