"""The levers: what a scenario may change from a date on, with units, bounds, labels and signs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any

from sim77.core.errors import ParameterError, ScenarioError, nearest
from sim77.core.units import EMPLOYER_SIZES, OCCUPATION_GROUPS, WEEKDAYS
from sim77.core.yaml_file import load_yaml
from sim77.registry.parameters import FrozenDict, load_parameters

Value = float | int | bool | tuple[int, ...] | None

ALL = "all"
"""The target that means every telecentre, every line, or every employer."""

GROUPS = (
    "telecentres",
    "subsidies",
    "employers",
    "rail",
    "road",
    "fibre",
    "exceptional",
    "reactions",
)
"""The chapters of the list of levers."""

WHO = "employer size, occupation group or all"
"""The target of levers on employers' agreements."""

_PARAMETER = "parameter:"


@dataclass(frozen=True)
class Instance:
    """Where and when a lever was really moved.

    Attributes
    ----------
    date : str
        An ISO date, month or year, or two with a slash between them.
    what_fr, what_en : str
        What was done.
    source : str
        Who says so.
    """

    date: str
    what_fr: str
    what_en: str
    source: str


@dataclass(frozen=True)
class Trial:
    """Where a lever's signs are tested.

    Attributes
    ----------
    scenario : str
        The scenario to which the lever is added on its first day.
    target : str or None
        The target of the lever.
    parameters : mapping of str to float
        Parameters of both runs.
    """

    scenario: str
    target: str | None = None
    parameters: FrozenDict[float] = field(default_factory=FrozenDict)


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
        "nothing", "telecentre", "telecentre or all", "line or all", "commune" or `WHO`.
    label_fr, label_en : str
        What it does.
    source : str
        Evidence for the bounds, and what the lever means.
    parameter : str or None
        The parameter that it sets, None if it sets none.
    group : str
        One of `GROUPS`; empty for ``parameter:NAME``.
    instances : tuple of Instance
        Where it was really done.
    moves : mapping of str to int
        Indicators and their sign, -1, 0 or 1, from one of `ends` to the other.
    trial : Trial or None
        Where these signs are tested.
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
    parameter: str | None = None
    group: str = ""
    instances: tuple[Instance, ...] = ()
    moves: FrozenDict[int] = field(default_factory=FrozenDict)
    trial: Trial | None = None

    @property
    def ends(self) -> tuple[Value, Value]:
        """The low and the high end; of a lever without a value both are None."""
        if self.kind == "weekdays":
            return (), tuple(range(len(WEEKDAYS)))
        if self.kind == "flag":
            return False, True
        return self.low, self.high

    def checked(self, value: Any, within_range: bool = True) -> Value:
        """Return `value` in its proper type, or raise `ScenarioError`."""
        if self.parameter is not None:
            try:
                return load_parameters()[self.parameter].checked(value, within_range)
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
            article = "an" if self.target[0] in "aeiou" else "a"
            raise ScenarioError(
                f"'{self.name}' needs {article} {self.target} as target, not {target!r}."
            )
        who = (*EMPLOYER_SIZES, *OCCUPATION_GROUPS, ALL)
        if self.target == WHO and target not in who:
            raise ScenarioError(
                f"'{self.name}' is for '{target}', expected an {WHO}.{nearest(target, who)}"
            )
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
    text = resources.files("sim77.registry").joinpath("levers.yaml").read_text(encoding="utf-8")
    return FrozenDict({name: _lever(name, entry) for name, entry in load_yaml(text).items()})


def lever(name: str) -> Lever:
    """Return a lever by name, ``parameter:NAME`` included."""
    if not isinstance(name, str):
        raise ScenarioError(f"a lever is named by a text, not by {name!r}.")
    if name.startswith(_PARAMETER):
        return _parameter_lever(name, name.removeprefix(_PARAMETER))
    if name not in levers():
        known = [*levers(), *(f"{_PARAMETER}{each}" for each in load_parameters())]
        raise ScenarioError(f"unknown lever '{name}'.{nearest(name, known)}")
    return levers()[name]


def _parameter_lever(name: str, parameter: str) -> Lever:
    known = load_parameters()
    if parameter not in known:
        raise ScenarioError(f"unknown parameter '{parameter}'.{nearest(parameter, known)}")
    found = known[parameter]
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
        parameter=parameter,
    )


def _lever(name: str, entry: Mapping[str, Any]) -> Lever:
    told = {
        "label_fr": entry["label"]["fr"],
        "label_en": entry["label"]["en"],
        "source": entry["source"],
        "group": entry["group"],
        "instances": tuple(_instance(each) for each in entry.get("instances", ())),
        "moves": FrozenDict(entry["moves"]),
        "trial": _trial(entry["tested"]),
    }
    if "parameter" in entry:
        return replace(_parameter_lever(name, entry["parameter"]), **told)
    neutral = entry.get("neutral")
    if isinstance(neutral, list):
        neutral = tuple(neutral)
    elif neutral is not None and entry["value"] == "number":
        neutral = float(neutral)
    return Lever(
        name=name,
        kind=entry["value"],
        optional=entry.get("optional", False),
        unit=entry["unit"],
        low=entry.get("low"),
        high=entry.get("high"),
        neutral=neutral,
        target=entry["target"],
        **told,
    )


def _instance(entry: Mapping[str, Any]) -> Instance:
    return Instance(entry["date"], entry["what"]["fr"], entry["what"]["en"], entry["source"])


def _trial(entry: Mapping[str, Any]) -> Trial:
    parameters = {name: float(value) for name, value in entry.get("parameters", {}).items()}
    return Trial(entry["scenario"], entry.get("target"), FrozenDict(parameters))


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
