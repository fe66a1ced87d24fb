"""What the study file of a calibration may hold.

`sim77.analysis.calibrate.study` says what it means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from annotated_types import MinLen
from pydantic import BeforeValidator, Field

from sim77.analysis.calibrate.observe import ANCHORS
from sim77.core.schema import (
    InLanguages,
    Number,
    OneOf,
    Part,
    ReadBy,
    Text,
    expected,
    mapping,
    whole,
)
from sim77.registry.parameters import checked_values
from sim77.scenario.schema import Day, parameter_values

_SOME = (MinLen(1), expected("a list of one or more"))
_Share = Annotated[float, Number(0.005, 1.0)]
_Number = Annotated[float, Number()]


def _years(value: Any) -> Any:
    years = value if isinstance(value, list) else [value]
    return [str(each) if isinstance(each, int) else each for each in years]


def _by_name(entries: Any) -> Any:
    return {name: {} if each is None else each for name, each in mapping(entries).items()}


def _guess(values: Any) -> Any:
    return checked_values(mapping(values))


class Effort(Part):
    """How hard to look."""

    scale: _Share | None = None
    check_scale: Annotated[float, Number(0.0, 1.0)] | None = None
    seed: Annotated[int, whole(0, 2**32 - 2)] | None = None
    population: Annotated[int, whole(4, 10_000)] | None = None
    generations: Annotated[int, whole(1, 100)] | None = None
    most_evaluations: Annotated[int, whole(8, 10_000_000)] | None = None


class RankTest(Part):
    """The reduced problem of ``--sbc``."""

    free: Annotated[list[Text], *_SOME] | None = None
    scale: _Share | None = None
    simulations: Annotated[int, whole(20, 100_000)] | None = None
    truths: Annotated[int, whole(20, 100_000)] | None = None
    kept: Annotated[float, Number(0.01, 1.0)] | None = None


class FreeEntry(Part):
    """A free parameter: its prior is uniform over the registry's range, or a part of it."""

    together: Annotated[list[Text], *_SOME] | None = None
    low: _Number | None = None
    high: _Number | None = None


class Bound(Part):
    """A bound on a sum of free parameters."""

    called: ClassVar[str] = "a bound"

    sum: Annotated[list[Text], *_SOME]
    value: _Number


class Centres(Part):
    """The run in which the use of telecentres is read."""

    called: ClassVar[str] = "the run of the centres"

    scenario: Text
    start: Day = Field(alias="from")
    end: Day = Field(alias="to")


class CalibrationFile(Effort):
    """The study of a calibration."""

    called: ClassVar[str] = "a calibration"

    title: InLanguages
    question: InLanguages | None = None
    anchors: Annotated[
        list[Annotated[str, OneOf("anchor year", tuple(ANCHORS))]],
        *_SOME,
        BeforeValidator(_years, json_schema_input_type=list[str]),
    ]
    free: Annotated[
        dict[str, FreeEntry],
        MinLen(1),
        expected("one parameter or more"),
        BeforeValidator(_by_name),
    ]
    territory: Text | None = None
    at_most: Bound | None = None
    first_guess: Annotated[Mapping[str, float], ReadBy(_guess, parameter_values())] | None = None
    keep: Annotated[dict[Text, _Number], BeforeValidator(mapping)] | None = None
    centres: Centres | None = None
    quick: Effort = Effort()
    recovery: Effort = Effort()
    sbc: RankTest = RankTest()
