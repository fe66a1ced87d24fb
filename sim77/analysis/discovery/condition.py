"""Conditions on outcomes, as a user types them: read word by word, never evaluated as code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim77.core.errors import ResultError, nearest

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_TERM = re.compile(r"\s*([A-Za-z_]\w*)\s*(<=|>=|<|>)\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*")


@dataclass(frozen=True)
class Term:
    """One comparison: an outcome, ``<``, ``<=``, ``>`` or ``>=``, and a number in its unit."""

    outcome: str
    sign: str
    number: float


@dataclass(frozen=True)
class Condition:
    """Comparisons that must all hold.

    Attributes
    ----------
    terms : tuple of Term
    """

    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        """The condition in its shortest writing, which reads as the same condition again."""
        return " & ".join(
            f"{each.outcome} {each.sign} {_shortest(each.number)}" for each in self.terms
        )

    def holds(self, values: Mapping[str, Any]) -> np.ndarray:
        """Say where the condition holds.

        Parameters
        ----------
        values : mapping of str to array-like of shape (n,)
            The outcomes that the terms name.

        Returns
        -------
        numpy.ndarray, shape (n,), bool
        """
        parts = [
            _OPERATORS[each.sign](np.asarray(values[each.outcome], dtype=float), each.number)
            for each in self.terms
        ]
        return np.logical_and.reduce(parts)


def parse_condition(text: str, outcomes: Iterable[str]) -> Condition:
    """Read a condition such as ``effect_co2e_travel_kg < 0 & effect_remote_days > 50``.

    Parameters
    ----------
    text : str
    outcomes : iterable of str
        The names it may use.

    Raises
    ------
    ResultError
        It is no such condition, or names an outcome that is not there.

    Examples
    --------
    >>> parse_condition("home>=10&telecentre < 3", ["home", "telecentre"]).text
    'home >= 10 & telecentre < 3'
    >>> parse_condition("home > 1234567.5", ["home"]).text
    'home > 1234567.5'
    """
    known, terms = tuple(outcomes), []
    for part in text.split("&"):
        match = _TERM.fullmatch(part)
        number = _number(match[3]) if match else None
        if match is None or number is None:
            raise ResultError(
                "a condition is written like 'effect_remote_days > 0', several joined by '&', not "
                f"'{part.strip()}'."
            )
        if match[1] not in known:
            raise ResultError(f"the study has no outcome '{match[1]}'.{nearest(match[1], known)}")
        terms.append(Term(match[1], match[2], number))
    return Condition(tuple(terms))


def _shortest(number: float) -> str:
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
