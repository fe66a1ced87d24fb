"""What a scenario file may hold; levers and parameters as their registries say."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from sim77.core.schema import LIST, Flag, InLanguages, Names, Part, ReadBy, Text
from sim77.core.units import WEEKDAYS
from sim77.registry.levers import ALL, EMPLOYEES, Lever, levers
from sim77.registry.parameters import Parameter, load_parameters
from sim77.scenario.parts import FIRST_YEAR, LAST_YEAR, as_date

_DAY: dict[str, Any] = {
    "type": "string",
    "format": "date",
    "description": f"A date of {FIRST_YEAR} to {LAST_YEAR}, like 2014-09-01.",
}
Day = Annotated[dt.date, ReadBy(as_date, _DAY)]
"""A date, checked."""


def _described(entry: Lever | Parameter) -> str:
    return f"{entry.label_en} ({entry.unit})" if entry.unit else entry.label_en


def _range(entry: Lever | Parameter) -> dict[str, Any]:
    bounds = {"minimum": entry.low, "maximum": entry.high}
    return {key: value for key, value in bounds.items() if value is not None}


def value_of(lever: Lever) -> dict[str, Any]:
    """Return the JSON Schema of a lever's value."""
    if lever.kind == "weekdays":
        return {"type": "array", "items": {"enum": list(WEEKDAYS)}}
    if lever.kind == "flag":
        return {"type": "boolean"}
    if lever.kind == "none":
        return {"type": "null"}
    return {"type": "integer" if lever.kind == "integer" else "number", **_range(lever)}


def parameter_values(bounded: bool = True) -> dict[str, Any]:
    """Return the JSON Schema of values for parameters, by ``name`` or ``name@date``."""
    known: dict[str, Any] = {}
    for name, entry in load_parameters().items():
        text = {"type": "integer" if entry.whole else "number", "description": _described(entry)}
        text |= _range(entry) if bounded else {}
        known |= {key: text for key in (name, *(f"{name}@{date}" for date in entry.values))}
    return {"type": "object", "properties": known, "additionalProperties": False}


def _of_levers(schema: dict[str, Any]) -> None:
    """Say of each lever what value and target it takes."""
    names = [*levers(), *(f"parameter:{name}" for name in load_parameters())]
    schema["properties"]["lever"] = {"type": "string", "enum": names}
    schema["allOf"] = [
        {
            "if": {"properties": {"lever": {"const": name}}},
            "then": {
                "description": _described(entry),
                "properties": {"value": value_of(entry), "target": _target(entry)},
            },
        }
        for name, entry in levers().items()
    ]


def _target(lever: Lever) -> dict[str, Any]:
    if lever.target == "nothing":
        return {"type": "null"}
    text: dict[str, Any] = {"type": "string", "description": lever.target}
    if "employer" in lever.target:
        text |= {"enum": [*EMPLOYEES, ALL]}
    return text


def _as_lever(name: str) -> Any:
    return WithJsonSchema(value_of(levers()[name]))


class SiteEntry(Part):
    """A telecentre; values are checked as those of the levers of the same names."""

    called: ClassVar[str] = "a telecentre"

    id: Text
    opening: Annotated[Any, WithJsonSchema(_DAY)] = None
    closing: Annotated[Any, WithJsonSchema(_DAY)] = None
    desks: Annotated[Any, _as_lever("desks")] = None
    price_day: Annotated[Any, _as_lever("price_day")] = None
    price_half_day: Annotated[Any, _as_lever("price_half_day")] = None
    price_hour: Annotated[Any, _as_lever("price_hour")] = None
    price_month: Annotated[Any, _as_lever("price_month")] = None
    source: Text = ""
    note: Text = ""


class ChangeEntry(Part):
    """A change; its lever says which value and target it takes."""

    model_config = ConfigDict(json_schema_extra=_of_levers)
    called: ClassVar[str] = "a change"

    date: Annotated[Any, WithJsonSchema(_DAY)]
    lever: Text
    value: Any = None
    until: Annotated[Any, WithJsonSchema(_DAY)] = None
    target: Any = None
    source: Text = ""
    note: Text = ""


class Period(Part):
    """The first and the last day."""

    start: Day | None = Field(None, alias="from")
    end: Day | None = Field(None, alias="to")


_LINE_TABLE: dict[str, Any] = {
    "type": "string",
    "description": "A table of new lines: the name of a shipped one, a file beside the scenario, "
    "or the table itself.",
}


def _by_id(entry: Any) -> Any:
    return {"id": entry} if isinstance(entry, str) else entry


_Site = Annotated[SiteEntry, BeforeValidator(_by_id, json_schema_input_type=str | SiteEntry)]


def _within_ranges(schema: dict[str, Any]) -> None:
    """Bound parameters, unless the scenario leaves their ranges."""
    key = "outside_ranges"
    schema["if"] = {"properties": {key: {"const": True}}, "required": [key]}
    schema["else"] = {"properties": {"parameters": parameter_values()}}


class ScenarioFile(Part):
    """A scenario."""

    model_config = ConfigDict(json_schema_extra=_within_ranges)

    name: Text = ""
    label: InLanguages = InLanguages()
    description: InLanguages = InLanguages()
    period: Period | None = None
    extends: Text = ""
    outside_ranges: Flag | None = None
    parameters: Annotated[Names, WithJsonSchema(parameter_values(bounded=False))] | None = None
    network: Annotated[list[_Site], LIST] | None = None
    new_lines: Annotated[list[Annotated[Text, WithJsonSchema(_LINE_TABLE)]], LIST] | None = None
    changes: Annotated[list[ChangeEntry], LIST] | None = None
