"""The levers: what a scenario may change from a date on, with units, bounds, labels and signs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from sim77.core.errors import ParameterError, ScenarioError, nearest
from sim77.core.schema import (
    BothLanguages,
    Flag,
    Number,
    OneOf,
    Part,
    Place,
    Text,
    mistake,
    validated,
    whole,
)
from sim77.core.units import EMPLOYER_SIZES, OCCUPATION_GROUPS, WEEKDAYS
from sim77.core.yaml_file import load_yaml, placed
from sim77.registry.parameters import FrozenDict, load_parameters

Value = float | int | bool | tuple[int, ...] | None

ALL = "all"
"""The target that means every telecentre, every line, or every employer."""

WHO = "employer size, occupation group or all"
"""The target of levers on employers' agreements."""

_NO_EMPLOYER = "independents"
EMPLOYEES = (*EMPLOYER_SIZES, *(group for group in OCCUPATION_GROUPS if group != _NO_EMPLOYER))
"""Whom such a lever is for, besides all; independents need no agreement."""

TARGETS = ("nothing", "telecentre", "telecentre or all", "line or all", "commune", WHO)
_KINDS = ("number", "integer", "flag", "weekdays", "none")
_NUMBERS = ("number", "integer")
_SHOWN = ("panel", "dated", "nowhere")
_PARAMETER = "parameter:"
_OF_PARAMETERS = "parameters."


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
class SignCase:
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
class Control:
    """How the app shows a lever.

    Attributes
    ----------
    shown : str
        ``panel``, ``dated`` (always with a first and a last day) or ``nowhere``.
    step : float
        Of a number, in the lever's unit.
    decimals : int
        Of a number, those shown; of a share, those of the percentage.
    """

    shown: str = "nowhere"
    step: float = 1.0
    decimals: int = 0


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
    source_fr, source_en : str
        Evidence for the bounds, and what the lever means.
    sets : str
        What it sets in a `sim77.scenario.policy.PolicyState`: a field of it, ``sites.FIELD`` or
        ``parameters.NAME``.
    parameter : str or None
        The parameter that its value replaces, None if it replaces none.
    group : str
        One of `lever_groups`; empty for ``parameter:NAME``.
    instances : tuple of Instance
        Where it was really done.
    expected_signs : mapping of str to int
        Indicators and their sign, -1, 0 or 1, from one of `bounds` to the other.
    test_case : SignCase or None
        Where these signs are tested.
    control : Control
        How the app shows it.
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
    source_fr: str
    source_en: str
    sets: str
    parameter: str | None = None
    group: str = ""
    instances: tuple[Instance, ...] = ()
    expected_signs: FrozenDict[int] = field(default_factory=FrozenDict)
    test_case: SignCase | None = None
    control: Control = field(default_factory=Control)

    @property
    def is_share(self) -> bool:
        """Whether it is a share, a number from 0 to 1 that people read in percent."""
        return self.unit.startswith("share")

    @property
    def has_all(self) -> bool:
        """Whether it can be moved for all of its targets at once."""
        return self.target.endswith(f"or {ALL}")

    @property
    def bounds(self) -> tuple[Value, Value]:
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
            except ParameterError:
                raise self._refused(value) from None
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
            if target is None:
                raise ScenarioError(
                    f"'{self.name}' has no target: add 'target:' and {article} {self.target}."
                )
            raise ScenarioError(
                f"'{self.name}' needs {article} {self.target} as target, not {target!r}."
            )
        if target == ALL and not self.has_all:
            raise ScenarioError(f"'{self.name}' is for one {self.target}, not for 'all'.")
        if self.target == WHO and target == _NO_EMPLOYER:
            raise ScenarioError(
                f"'{self.name}' is for '{target}', who have no employer to agree with: change "
                f"'{_PARAMETER}share_covered_{target}'."
            )
        known_targets = (*EMPLOYEES, ALL)
        if self.target == WHO and target not in known_targets:
            raise ScenarioError(
                f"'{self.name}' is for '{target}', expected an {WHO}."
                f"{nearest(target, known_targets)}"
            )
        return target

    def target_or_all(self, target: str | None) -> str | None:
        """Return `target`, or all of them where none is said and there is such a target."""
        return self.checked_target(target or (ALL if self.has_all else None))

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
            raise self._refused(value)
        return int(value) if whole else float(value)

    def _refused(self, value: Any) -> ScenarioError:
        """Return the error for a value that is no number, or not in the lever's range.

        It names that range where a scenario may leave it too, so that nobody is told two.
        """
        whole = "whole " if self.kind == "integer" else ""
        expected = f"a {whole}number from {self.low:g} to {self.high:g}"
        found = f"{value:g}" if isinstance(value, float) else repr(value)
        return ScenarioError(f"'{self.name}' is {found}, expected {expected} ({self.unit}).")


def levers() -> Mapping[str, Lever]:
    """Return every lever by name, those of the parameters (`lever`) excepted."""
    return _shipped()[1]


def lever_groups() -> Mapping[str, Mapping[str, str]]:
    """Return the groups of levers by name, in the order of pages, with a label a language."""
    return _shipped()[0]


@lru_cache(maxsize=1)
def _shipped() -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Lever]]:
    text = resources.files("sim77.registry").joinpath("levers.yaml").read_text(encoding="utf-8")
    return read_levers(text)


def read_levers(text: str) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Lever]]:
    """Return groups and levers of a file such as ``levers.yaml``.

    Parameters
    ----------
    text : str
        What the file holds.

    Returns
    -------
    tuple of mapping
        Labels by group and language; levers by name.

    Raises
    ------
    ScenarioError
        If a lever lacks something that a reader of it needs.
    """
    content = load_yaml(text)

    def misplaced(told: str, place: Place) -> ScenarioError:
        return ScenarioError(f"levers.yaml, {placed(text, place)}: {told}")

    file = validated(_File, content, misplaced)
    groups = {name: {"fr": label.fr, "en": label.en} for name, label in file.groups.items()}
    for name, entry in file.levers.items():
        if entry.group not in groups:
            raise misplaced(
                f"unknown group '{entry.group}'.{nearest(entry.group, groups)}",
                ("levers", name, "group"),
            )
    found = {name: _lever(name, entry) for name, entry in file.levers.items()}
    return FrozenDict(groups), FrozenDict(found)


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
        kind="integer" if found.whole else "number",
        optional=False,
        unit=found.unit,
        low=found.low,
        high=found.high,
        neutral=None,
        target="nothing",
        label_fr=found.label_fr,
        label_en=found.label_en,
        source_fr=found.source,
        source_en=found.source,
        sets=_OF_PARAMETERS + parameter,
        parameter=parameter,
    )


def _lever(name: str, entry: "_Entry") -> Lever:
    told: dict[str, Any] = {
        "label_fr": entry.label.fr,
        "label_en": entry.label.en,
        "source_fr": entry.source.fr,
        "source_en": entry.source.en,
        "group": entry.group,
        "instances": tuple(
            Instance(each.date, each.what.fr, each.what.en, each.source) for each in entry.instances
        ),
        "expected_signs": FrozenDict(entry.expected_signs),
        "test_case": SignCase(
            entry.test_case.scenario, entry.test_case.target, FrozenDict(entry.test_case.parameters)
        ),
        "control": Control(
            entry.control.shown, entry.control.step or 1.0, entry.control.decimals or 0
        ),
    }
    if entry.value is None:
        return replace(_parameter_lever(name, entry.sets.removeprefix(_OF_PARAMETERS)), **told)
    number = int if entry.value == "integer" else float
    low, high = (None if each is None else number(each) for each in (entry.low, entry.high))
    neutral = entry.neutral
    if entry.value in _NUMBERS and neutral is not None:
        neutral = number(neutral)
    return Lever(
        name=name,
        kind=entry.value,
        optional=entry.optional,
        unit=entry.unit,
        low=low,
        high=high,
        neutral=tuple(neutral) if isinstance(neutral, list) else neutral,
        target=str(entry.target),
        sets=entry.sets,
        **told,
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


# The file ----------------------------------------------------------------------------------


class _InstancePart(Part):
    called: ClassVar[str] = "an instance"

    date: Text
    what: BothLanguages
    source: Text


class _SignCase(Part):
    scenario: Text
    target: Text | None = None
    parameters: dict[str, float] = Field(default_factory=dict)


class _Control(Part):
    called: ClassVar[str] = "a control"

    shown: Annotated[str, OneOf("way to show a lever", _SHOWN)]
    step: Annotated[float, Number(0.0, above=True)] | None = None
    decimals: Annotated[int, whole(0)] | None = None


class _Entry(Part):
    called: ClassVar[str] = "a lever"

    group: Text
    sets: Text
    value: Annotated[str, OneOf("kind of value", _KINDS)] | None = None
    optional: Flag = False
    unit: Text = ""
    low: Annotated[float, Number()] | None = None
    high: Annotated[float, Number()] | None = None
    neutral: Any = None
    target: Annotated[str, OneOf("target", TARGETS)] | None = None
    label: BothLanguages
    source: BothLanguages
    instances: list[_InstancePart] = Field(default_factory=list)
    expected_signs: dict[str, int]
    test_case: _SignCase
    control: _Control

    @model_validator(mode="after")
    def _complete(self) -> "_Entry":
        """Say which key is missing of those that the others ask for."""
        of_parameter = self.value is None and self.sets.startswith(_OF_PARAMETERS)
        needed = [] if of_parameter else ["value", "target"]
        needed += ["unit", "low", "high"] if self.value in _NUMBERS else []
        for key in needed:
            if getattr(self, key) in (None, ""):
                raise mistake(f"a lever such as this needs a '{key}'.")
        if (of_parameter or self.value in _NUMBERS) and self.control.shown != "nowhere":
            for key in ("step", "decimals"):
                if getattr(self.control, key) is None:
                    raise mistake(f"the control of a number needs a '{key}'.", "control")
        return self


class _File(Part):
    groups: dict[str, BothLanguages]
    levers: dict[str, _Entry]
