"""What a study holds: the keys of a study file, and the arguments of `Study`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import MinLen
from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from sim77.analysis.sweep.designs import METHODS
from sim77.analysis.sweep.outcomes import TOTAL, WHATS, Outcome
from sim77.core.schema import (
    LIST,
    BothLanguages,
    Flag,
    InLanguages,
    Number,
    OneOf,
    Part,
    ReadBy,
    Text,
    expected,
    mapping,
    mistake,
    shown,
    whole,
)
from sim77.core.units import SHIPPED_POSTERIOR
from sim77.engine.scope import checked_scale
from sim77.registry.levers import levers
from sim77.registry.parameters import load_parameters
from sim77.scenario.scenario import Scenario
from sim77.scenario.schema import Day

MOST_RUNS = 20_000
LAST_SEED = 2**32 - 1


def _named(what: str, *kinds: type) -> BeforeValidator:
    """Take a text, or in Python something of another kind that stands for it."""

    def check(value: Any) -> Any:
        if not isinstance(value, (str, *kinds)) or value == "":
            raise mistake(f"expected the name of {what}, not {shown(value)}.")
        return value

    return BeforeValidator(check, json_schema_input_type=str)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _one_or_more(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else [value]


def _indicator(entry: Any) -> Any:
    if isinstance(entry, Outcome):
        return {"indicator": entry.indicator, "by": entry.by}
    return {"indicator": entry} if isinstance(entry, str) else entry


def _factors(entries: Any) -> Any:
    return {name: {} if entry is None else entry for name, entry in mapping(entries).items()}


def _in_both(text: Any) -> Any:
    return {"fr": text, "en": text} if isinstance(text, str) else text


def _times(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {"at_least": 3, "at_most": 30, **value}
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise mistake(
            f"expected a whole number from 1, or until, at_least and at_most, not {shown(value)}."
        )
    return {"at_least": value, "at_most": value}


ScenarioName = Annotated[Any, _named("a scenario", Scenario, Path)]
File = Annotated[Any, _named("a file", Path)]
Said = Annotated[InLanguages, BeforeValidator(_in_both, json_schema_input_type=str | InLanguages)]
SOME = (BeforeValidator(_listed), MinLen(1), expected("a list of one or more"))


class FactorEntry(Part):
    """What is varied: within a range, or over some values; by default over all it may be."""

    low: Annotated[float, Number()] | None = None
    high: Annotated[float, Number()] | None = None
    values: Annotated[list[Any], *SOME] | None = None
    together: Annotated[list[Text], *SOME] | None = None
    target: Text | None = None
    unit: Text | None = None
    label: BothLanguages | None = None


class OutcomeEntry(Part):
    """An indicator that is kept of each run."""

    called: ClassVar[str] = "an outcome"

    indicator: Text
    by: Annotated[str, OneOf("way to ask for an outcome", WHATS)] = TOTAL


class DesignEntry(Part):
    """How points are chosen."""

    method: Annotated[str, OneOf("design", METHODS)] = "grid"
    samples: Annotated[int, whole(0)] = 0
    seed: Annotated[int, whole(0)] = 1
    second_order: Flag = True
    levels: Annotated[int, whole(0)] = 4
    file: File | None = None


class UntilEntry(Part):
    """When a design point has been run often enough."""

    called: ClassVar[str] = "until"

    outcome: Text
    half_width: Annotated[float, Number(0, above=True)]


class Repeats(Part):
    """How often each design point is run: until an interval is narrow, or a fixed number."""

    until: UntilEntry | None = None
    at_least: Annotated[int, whole(1)]
    at_most: Annotated[int, whole(1)]

    @property
    def fixed(self) -> bool:
        """Whether every point is run as often."""
        return self.until is None

    @property
    def outcome(self) -> str:
        """Whose 95 % interval decides when to stop; empty if the number is fixed."""
        return "" if self.until is None else self.until.outcome

    @property
    def half_width(self) -> float:
        """The interval is narrow enough at this half width, in the outcome's unit."""
        return 0.0 if self.until is None else self.until.half_width


class WholePeriod(Part):
    """The first and the last day."""

    called: ClassVar[str] = "a period"

    start: Day = Field(alias="from")
    end: Day = Field(alias="to")


_Factors = Annotated[dict[str, FactorEntry], BeforeValidator(_factors)]


_Scenarios = Annotated[
    list[ScenarioName],
    MinLen(1),
    expected("one scenario or more"),
    BeforeValidator(_one_or_more, json_schema_input_type=str | list[str]),
]
_Outcome = Annotated[
    OutcomeEntry, BeforeValidator(_indicator, json_schema_input_type=str | OutcomeEntry)
]
_Repeats = Annotated[Repeats, BeforeValidator(_times, json_schema_input_type=int | Repeats)]
_SHARE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
_POSTERIOR = {"type": "string", "examples": [SHIPPED_POSTERIOR]}


def _name_factors(schema: dict[str, Any]) -> None:
    """Suggest what may be varied; another name is one of the study's own, with `together`."""
    names = {"anyOf": [{"enum": [*levers(), *load_parameters()]}, {"type": "string"}]}
    for key in ("levers", "uncertainties"):
        schema["properties"][key]["propertyNames"] = names


class StudyFile(Part):
    """A study."""

    model_config = ConfigDict(json_schema_extra=_name_factors)
    called: ClassVar[str] = "a study"

    scenario: _Scenarios | None = None
    outcomes: Annotated[list[_Outcome], *SOME]
    baseline: ScenarioName | None = None
    levers: _Factors | None = None
    uncertainties: _Factors | None = None
    design: DesignEntry = DesignEntry()
    replications: _Repeats = Repeats(at_least=1, at_most=1)
    period: WholePeriod | None = None
    scale: Annotated[float, ReadBy(checked_scale, _SHARE)] = 1.0
    workplaces: Annotated[list[Text], LIST] | None = None
    seed: Annotated[int, whole(0, LAST_SEED)] = 1
    most_runs: Annotated[int, whole(1)] = MOST_RUNS
    territory: File | None = None
    posterior: Annotated[File, WithJsonSchema(_POSTERIOR)] | None = None
    seeds_per_draw: Annotated[int, whole(1)] = 1
    evaluator: Text = ""
    title: Said = InLanguages()
    question: Said = InLanguages()
