"""Validation rows: observations that no fit has seen, each tied to a run or listed with a reason.

``validations.yaml`` says what is simulated and what is read off it;
`sim77.analysis.validate.validate` runs it. Nothing that a calibration imports imports this module:
a test reads the imports.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

import pandas as pd

from sim77.analysis.calibrate.targets import mixes, read_rows
from sim77.analysis.validate.measures import MEASURES
from sim77.core.errors import StudyError, nearest
from sim77.core.yaml_file import load_yaml
from sim77.registry.parameters import FrozenDict, load_parameters

VALIDATION_FILE, LIST_FILE = "targets_validation.csv", "validations.yaml"
WITHIN, AT_LEAST, AT_MOST = "within", "at_least", "at_most"
EXPECTATIONS = (WITHIN, AT_LEAST, AT_MOST)
PASS, FAIL, NOT_COMPARABLE = "pass", "fail", "not comparable"
SITES_OPEN = "sites_open"
"""Read off a scenario; nothing is simulated for it."""

_OWN_KEYS = ("measure", "run", "relative_to", "expects", "mix", "in_view")
_DATES = ("from", "to", "day")


@dataclass(frozen=True)
class ValidationRun:
    """What is simulated for some rows.

    Attributes
    ----------
    name, scenario : str
    start, end : datetime.date
    scale : float
        Share of the residents at work.
    trace : bool
        Whether the days of those who may work remotely are noted.
    territory : str or None
        None for that of the calibration.
    changes : mapping of str to object
        Levers that hold from the first day, besides the scenario's.
    """

    name: str
    scenario: str
    start: dt.date
    end: dt.date
    scale: float
    trace: bool = False
    territory: str | None = None
    changes: Mapping[str, Any] = field(default_factory=FrozenDict)


@dataclass(frozen=True)
class Row:
    """What is known of a validation row.

    Attributes
    ----------
    name : str
        Id of the row.
    value, error : float
        In `unit`.
    unit, year, geography, source, url, note : str
    """

    name: str
    value: float
    error: float
    unit: str
    year: str
    geography: str
    source: str
    url: str
    note: str


@dataclass(frozen=True)
class Check(Row):
    """One validation row, tied to what a run says of it.

    Attributes
    ----------
    measure : str
        A function of `sim77.analysis.validate.measures`, or ``sites_open``.
    run : str
        A `ValidationRun`; blank for ``sites_open``.
    relative_to : str
        A run that is 100; may be blank.
    expects : str
        One of `EXPECTATIONS`.
    mix : str
        Occupation mix of the source's employees; blank for the model's own.
    in_view : tuple of str
        Assumed parameters whose value was chosen with the row in view.
    options : mapping of str to object
        What the measure is asked for.
    """

    measure: str
    run: str
    relative_to: str
    expects: str
    mix: str
    in_view: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=FrozenDict)

    def verdict(self, model: float) -> str:
        """Return whether a value of the model agrees with the row."""
        low, high = self.band
        return PASS if low <= model <= high else FAIL

    @property
    def band(self) -> tuple[float, float]:
        """The values that agree with the row; infinite at the end that it does not bound."""
        low = self.value - self.error if self.expects != AT_MOST else -float("inf")
        high = self.value + self.error if self.expects != AT_LEAST else float("inf")
        return low, high


@dataclass(frozen=True)
class NotComparable(Row):
    """A validation row that no run can contradict.

    Attributes
    ----------
    reason : str
        Key of the sentence in ``validation_words.yaml``.
    """

    reason: str


@lru_cache(maxsize=1)
def validation_rows() -> pd.DataFrame:
    """Return the shipped validation rows, one a row, indexed by id."""
    return read_rows(shipped(VALIDATION_FILE), VALIDATION_FILE)


@lru_cache(maxsize=1)
def _content() -> Mapping[str, Any]:
    return FrozenDict(load_yaml(shipped(LIST_FILE)))


def shipped(file: str) -> str:
    """Return the text of a file that ships beside this module."""
    return resources.files("sim77.analysis.validate").joinpath(file).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def validation_runs() -> Mapping[str, ValidationRun]:
    """Return what is simulated, by name."""
    return FrozenDict({name: _run(name, entry) for name, entry in _content()["runs"].items()})


def _run(name: str, entry: Mapping[str, Any]) -> ValidationRun:
    return ValidationRun(
        name,
        entry["scenario"],
        dt.date.fromisoformat(entry["from"]),
        dt.date.fromisoformat(entry["to"]),
        float(entry["scale"]),
        bool(entry.get("trace", False)),
        entry.get("territory"),
        FrozenDict(entry.get("changes", {})),
    )


@lru_cache(maxsize=1)
def checks() -> tuple[tuple[Check, ...], tuple[NotComparable, ...]]:
    """Return the rows that runs are compared with, and the others with the reason."""
    return tie_checks(validation_rows(), _content(), tuple(validation_runs()), LIST_FILE)


def tie_checks(
    rows: pd.DataFrame, content: Mapping[str, Any], runs: tuple[str, ...], where: str
) -> tuple[tuple[Check, ...], tuple[NotComparable, ...]]:
    """Tie validation rows to runs.

    Parameters
    ----------
    rows : pandas.DataFrame
        As from `sim77.analysis.calibrate.targets.read_rows`.
    content : mapping
        ``tied`` and ``not_tied``, as in ``validations.yaml``.
    runs : tuple of str
        Names of the runs there are.
    where : str
        The file, for messages.

    Returns
    -------
    tuple of tuple
        Checks, and rows that are not comparable.

    Raises
    ------
    StudyError
        If a row is unknown, comes twice or is missing in both lists, or a measure, run, mix or
        expectation does not exist.
    """
    left = [(name, each["reason"]) for each in content["not_tied"] for name in each["rows"]]
    named = [*content["tied"], *(name for name, _ in left)]
    for name in named:
        if name not in rows.index:
            raise StudyError(
                f"{where} names '{name}', which is not a validation row.{nearest(name, rows.index)}"
            )
        if named.count(name) > 1:
            raise StudyError(f"{where} has the row '{name}' twice, expected once.")
    for name in rows.index:
        if name not in named:
            raise StudyError(f"{where} does not mention '{name}', expected a measure or a reason.")
    tied = tuple(_check(name, entry, rows, runs, where) for name, entry in content["tied"].items())
    return tied, tuple(
        NotComparable(name=name, reason=reason, **_facts(name, rows)) for name, reason in left
    )


def _check(
    name: str, entry: Mapping[str, Any], rows: pd.DataFrame, runs: tuple[str, ...], where: str
) -> Check:
    simulated = entry.get("measure") != SITES_OPEN
    known: list[tuple[str, tuple[str, ...]]] = [
        ("measure", (*MEASURES, SITES_OPEN)), ("expects", EXPECTATIONS),
        *([("run", runs)] if simulated else []),
        *([("relative_to", runs)] if "relative_to" in entry else []),
        *([("mix", tuple(mixes()))] if "mix" in entry else []),
    ]  # fmt: skip
    in_view = tuple(entry.get("in_view", ()))
    named = [(key, entry.get(key), allowed) for key, allowed in known]
    named += [("in_view", each, tuple(load_parameters())) for each in in_view]
    for key, value, allowed in named:
        if value not in allowed:
            raise StudyError(
                f"the row '{name}' in {where} has the {key} '{value}', which does not "
                f"exist.{nearest(str(value), allowed)}"
            )
    return Check(
        name=name,
        **_facts(name, rows),
        **{key: entry.get(key, "") for key in _OWN_KEYS} | {"in_view": in_view},
        options=FrozenDict(
            {
                key: dt.date.fromisoformat(x) if key in _DATES else x
                for key, x in entry.items()
                if key not in _OWN_KEYS
            }
        ),
    )


def _facts(name: str, rows: pd.DataFrame) -> dict[str, Any]:
    row: dict[str, Any] = {str(column): rows.at[name, column] for column in rows.columns}
    return {
        "value": float(row["value"]), "error": float(row["error"]), "unit": row["unit"],
        "year": row["year"], "geography": row["geography"], "source": row["source_title"],
        "url": row["source_url"], "note": row["note"],
    }  # fmt: skip
