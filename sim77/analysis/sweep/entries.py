"""The entries of a study: how they are read, and where a mistake is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sim77.analysis.sweep.factors import Factor
from sim77.analysis.sweep.schema import Repeats
from sim77.core.errors import Sim77Error, StudyError
from sim77.core.yaml_file import written
from sim77.scenario.parts import MisplacedError as MisplacedInScenario
from sim77.scenario.parts import Place


class MisplacedError(StudyError):
    """A mistake at a place of a study, so that the reader of a file can add the line.

    Attributes
    ----------
    message : str
    path : tuple of str and int
        The place: ``("outcomes", 2)``.
    """

    def __init__(self, message: str, path: Place) -> None:
        super().__init__(message, path)
        self.message, self.path = message, path

    def __str__(self) -> str:
        return f"{written(self.path)}: {self.message}" if self.path else self.message


@contextmanager
def at(*path: str | int) -> Iterator[None]:
    """Say, of a mistake found inside, at which place of the study it is."""
    try:
        yield
    except MisplacedError as error:
        raise MisplacedError(error.message, path + error.path) from None
    except Sim77Error as error:
        raise MisplacedError(str(error), path) from None


@contextmanager
def at_factor(factor: Factor) -> Iterator[None]:
    """Say, of a mistake in the change that a factor makes of a scenario, where the factor is."""
    try:
        yield
    except MisplacedInScenario as error:
        place = ("levers" if factor.is_lever else "uncertainties", factor.name)
        target = ("target",) if error.path[-1:] == ("target",) else ()
        message = str(MisplacedInScenario(error.message, (), error.other))
        raise MisplacedError(message, (*place, *target)) from None


def listed(value: Any) -> list[Any]:
    """Return a list of one, unless it is a list already."""
    return list(value) if isinstance(value, list | tuple) else [value]


def checked_repeats(given: Repeats) -> Repeats:
    """Return how often each point is run, or raise `StudyError` if its numbers do not fit."""
    least, most = given.at_least, given.at_most
    if given.fixed and least != most:
        raise StudyError("at_least and at_most go with 'until', an outcome and a half_width.")
    if not given.fixed and not 2 <= least <= most:
        raise StudyError(
            f"expected at_least from 2 and at_most from at_least, not {least} and {most}."
        )
    return given


def check_overlaps(factors: Sequence[Factor]) -> None:
    """Refuse two factors that move the same thing."""
    names = [factor.name for factor in factors]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise StudyError(f"'{twice}' is a factor twice.")
    seen: dict[Any, str] = {}
    for factor in factors:
        for moved in [(each, factor.target) for each in factor.sets]:
            if moved in seen:
                raise StudyError(f"'{factor.name}' and '{seen[moved]}' move the same thing.")
            seen[moved] = factor.name
