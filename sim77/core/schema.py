"""What files that users write may hold: described once, checked by it, and shown to editors.

A kind of file is a class of `Part`; what cannot be said by a type is said by a validator, with the
function that reads it anyway. `validated` checks what a file holds; `json_schema` gives the same
description to editors. Whoever needs this imports it when a file is read: Pydantic takes a tenth
of a second to load.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypeVar

from annotated_types import Ge, GroupedMetadata, Gt, Le
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim77.core.errors import Sim77Error, nearest

Place = tuple[str | int, ...]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_LONGEST = 60


class Part(BaseModel):
    """A mapping of a file: its fields are the keys that it may have, and no others.

    A key without a value is as good as none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
    called: ClassVar[str] = "this"

    @model_validator(mode="before")
    @classmethod
    def _keys(cls, value: Any) -> Any:
        known = {field.alias or name: field for name, field in cls.model_fields.items()}
        for key in mapping(value):
            if key not in known:
                raise mistake(f"unknown key '{key}'.{nearest(key, known)}", key)
        for key, field in known.items():
            if field.is_required() and value.get(key) is None:
                raise mistake(f"{cls.called} needs {_article(key)}'{key}'.", key)
        return {key: each for key, each in value.items() if each is not None}


PartType = TypeVar("PartType", bound=Part)


def validated(
    part: type[PartType], content: Any, misplaced: Callable[[str, Place], Exception]
) -> PartType:
    """Return what a file holds, checked.

    Parameters
    ----------
    part : type
        What it should be.
    content : object
        What was read.
    misplaced : callable
        Makes the error, from a sentence and the place: ``("changes", 2, "value")``.
    """
    try:
        return part.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        context = first.get("ctx", {})
        raise misplaced(
            context.get("told", first["msg"]), (*first["loc"], *context.get("within", ()))
        ) from None


def json_schema(part: type[Part], title: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file, for editors."""
    return {"$schema": _DRAFT, **part.model_json_schema(by_alias=True), "title": title}


def mistake(message: str, *within: str | int) -> PydanticCustomError:
    """Return the error for a sentence, at a place within what is being checked."""
    return PydanticCustomError("mistake", "{told}", {"told": message, "within": within})


def mapping(value: Any) -> Any:
    """Return `value` if it is a mapping with texts as keys."""
    if not isinstance(value, Mapping):
        what = "nothing" if value is None else shown(value)
        raise mistake(f"expected names with values, not {what}.")
    for key in value:
        if isinstance(key, bool):
            raise mistake(
                "a key is on, off, yes or no, which YAML reads as true or false: give the key that "
                "is meant."
            )
        if not isinstance(key, str):
            raise mistake(f"the key {shown(key)} is not a text.")
    return value


def shown(value: Any) -> str:
    """Write a value into a sentence, cut if it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _article(word: str) -> str:
    if word.endswith("s"):
        return ""
    return "an " if word[0] in "aeiou" else "a "


# Types of fields: metadata of `Annotated`. -------------------------------------------------


@dataclass(frozen=True, eq=False)  # Python 3.11 hashes what is in a union
class ReadBy(GroupedMetadata):
    """A value that a function of the model reads, with its JSON Schema."""

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def __iter__(self) -> Iterator[Any]:
        yield BeforeValidator(self._check)
        yield WithJsonSchema(dict(self.schema))

    def _check(self, value: Any) -> Any:
        try:
            return self.read(value)
        except Sim77Error as error:
            message = getattr(error, "message", str(error))
            raise mistake(message, *getattr(error, "path", ())) from None


@dataclass(frozen=True)
class Number(GroupedMetadata):
    """A finite number within bounds, a whole one if it is of `int`."""

    low: float = -math.inf
    high: float = math.inf
    what: str = "a number"
    above: bool = False  # whether the lower bound itself is not allowed

    def __iter__(self) -> Iterator[Any]:
        message = self.what
        if math.isfinite(self.low):
            message += f" {'above' if self.above else 'from'} {self.low:.15g}"
            yield Gt(self.low) if self.above else Ge(self.low)
        if math.isfinite(self.high):
            message += f" to {self.high:.15g}"
            yield Le(self.high)
        yield expected(message)


def whole(low: int, high: float = math.inf) -> Number:
    """Return the metadata of a whole number."""
    return Number(low, high, "a whole number")


@dataclass(frozen=True)
class OneOf(GroupedMetadata):
    """A text that is one of some names."""

    what: str
    names: tuple[str, ...]

    def __iter__(self) -> Iterator[Any]:
        yield BeforeValidator(self._check)
        yield WithJsonSchema({"type": "string", "enum": list(self.names)})

    def _check(self, name: Any) -> Any:
        if name not in self.names:
            raise mistake(f"unknown {self.what} {shown(name)}.{nearest(str(name), self.names)}")
        return name


def expected(what: str) -> WrapValidator:
    """Say what a value should have been, whatever is wrong with it."""

    def check(value: Any, handler: Callable[[Any], Any]) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            if any(each["loc"] or each["type"] == "mistake" for each in error.errors()):
                raise
            comma = isinstance(value, str) and re.fullmatch(r"\d*,\d+", value)
            hint = f" Write {value.replace(',', '.')}, with a point." if comma else ""
            raise mistake(f"expected {what}, not {shown(value)}.{hint}") from None

    return WrapValidator(check)


LIST = expected("a list")
Text = Annotated[str, expected("a text; put it in quotation marks")]
Flag = Annotated[bool, expected("true or false")]
Names = Annotated[Mapping[str, Any], BeforeValidator(mapping)]
"""A mapping with texts as keys."""


class InLanguages(Part):
    """A text in French, in English, or both."""

    fr: Text = ""
    en: Text = ""


class BothLanguages(Part):
    """A text in French and in English."""

    called: ClassVar[str] = "a text"

    fr: Text
    en: Text
