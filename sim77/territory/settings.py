"""``territory.yaml``: what a territory is called, its scopes, and what it was made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, model_validator

from sim77.core.errors import TerritoryError, nearest
from sim77.core.schema import (
    LIST,
    BothLanguages,
    Names,
    OneOf,
    Part,
    Place,
    Text,
    mapping,
    mistake,
    validated,
    whole,
)
from sim77.core.yaml_file import read_yaml

FORM = "territory.yaml"
"""The file of a territory's folder that says what it is."""


BASE_YEARS = (1900, 2099)
MOST_SCOPES = 16
"""An employer's identity has four bits for its scope (`sim77.engine.population.population`)."""


ALL_SCOPES = "all"
"""Stands for every scope of a territory, so that none may be called so."""


def _scopes(value: Any) -> Any:
    if not mapping(value):
        raise mistake("expected at least one scope, with its labels.")
    if len(value) > MOST_SCOPES:
        raise mistake(f"expected at most {MOST_SCOPES} scopes, not {len(value)}.")
    if ALL_SCOPES in value:
        raise mistake(f"expected no scope called '{ALL_SCOPES}', which stands for all of them.")
    return value


class TerritoryFile(Part):
    """What the file may hold."""

    called: ClassVar[str] = "a territory"

    name: Text
    label: BothLanguages
    kind: Annotated[str, OneOf("kind", ("od",))]
    base_year: Annotated[int, whole(*BASE_YEARS)]
    timetable: Text
    residents: Any
    scopes: Annotated[dict[str, BothLanguages], BeforeValidator(_scopes)]
    default_scopes: Annotated[list[Text], LIST]
    command: Text
    made_of: Text = ""
    sources: Annotated[list[Names], LIST]
    assumptions: Annotated[list[Text], LIST]

    @model_validator(mode="after")
    def _defaults(self) -> TerritoryFile:
        if not self.default_scopes:
            raise mistake("expected at least one scope.", "default_scopes")
        for name in self.default_scopes:
            if name not in self.scopes:
                raise mistake(
                    f"unknown scope '{name}'.{nearest(name, self.scopes)}", "default_scopes"
                )
        return self


def read_settings(folder: Path) -> dict[str, Any]:
    """Return the content of a folder's ``territory.yaml``, checked.

    Raises
    ------
    TerritoryError
        Says in one sentence what is wrong, and where.
    """
    _, content = read_yaml(folder / FORM, TerritoryError)
    validated(TerritoryFile, content, _misplaced)
    return dict(content)


def _misplaced(message: str, place: Place) -> TerritoryError:
    where = ", ".join([FORM, *(["'" + ".".join(map(str, place)) + "'"] if place else [])])
    return TerritoryError(f"{where}: {message}")
