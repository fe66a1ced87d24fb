"""Targets: what was observed, how far a model may be from it, and whose rate it is.

Calibration and validation rows are shipped in two files, so that a fit cannot read the second by
mistake: nothing here opens the second, which `sim77.analysis.validate.rows` reads, and no module
that a fit imports imports that one. How a calibration row is observed in a simulated year, or why
it is not, is said in ``observations.yaml``.

The error of a row is its source's where it states one; otherwise ours: 15 % of the value, for
percentages at least 0.3 points. Column ``error_source`` says which.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.indicators import TELEWORK_INDICATORS, Mix
from sim77.analysis.calibrate.observe import ANCHORS, EMPLOYEES
from sim77.core.errors import StudyError, nearest
from sim77.core.yaml_file import load_yaml
from sim77.registry.parameters import FrozenDict
from sim77.territory.territory import load_territory

CALIBRATION_FILE, TIES_FILE = "targets_calibration.csv", "observations.yaml"
COLUMNS = (
    "id", "value", "unit", "error", "error_source", "year", "geography", "source_title",
    "source_url", "note",
)  # fmt: skip
USES = ("solve", "fit", "compare")
_OWN_KEYS = ("indicator", "anchor", "whose", "use", "family", "reweight")
_RELATIVE_TO = "relative_to"


@dataclass(frozen=True)
class Target:
    """One observed number, tied to an indicator of the model.

    Attributes
    ----------
    name : str
        Id of the row.
    value, error : float
        In `unit`; the model is within the target if it is within ``value ± error``.
    error_source, unit, year, geography, source : str
    indicator : str
        A function of `sim77.analysis.calibrate.indicators`.
    options : mapping of str to object
        What the indicator is asked for: group, distance, days, weekdays, mode, mix, area.
    anchor : str
        The year simulated for it.
    use : str
        ``solve``, ``fit`` or ``compare``.
    family : str
        Rows of one survey question.
    whose : str
        The people of the source, and how the model's are made like them.
    reweight : str
        The mix of occupations of the source, if the value is to be moved to that of 77.
    """

    name: str
    value: float
    error: float
    error_source: str
    unit: str
    year: str
    geography: str
    source: str
    indicator: str
    anchor: str
    use: str
    family: str
    whose: str
    reweight: str = ""
    options: Mapping[str, Any] = field(default_factory=FrozenDict)


@dataclass(frozen=True)
class NotTied:
    """A calibration row that no indicator answers, and why."""

    name: str
    reason: str


@lru_cache(maxsize=1)
def calibration_rows() -> pd.DataFrame:
    """Return the shipped calibration rows, one a row, indexed by id."""
    return read_rows(_shipped(CALIBRATION_FILE), CALIBRATION_FILE)


def read_rows(text: str, where: str) -> pd.DataFrame:
    """Read a table of targets and check each row.

    Parameters
    ----------
    text : str
        CSV with the `COLUMNS`.
    where : str
        The file, for messages.

    Returns
    -------
    pandas.DataFrame
        Indexed by id.

    Raises
    ------
    StudyError
        If a column is missing, or a row has no number, no positive error, no unit or no source, or
        comes twice.
    """
    table = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    for column in COLUMNS:
        if column not in table:
            raise StudyError(f"{where} has no column '{column}'.{nearest(column, table.columns)}")
    for name, row in zip(table["id"], table.to_dict("records"), strict=True):
        _check_row(name, {str(key): str(each) for key, each in row.items()}, where)
    if table["id"].duplicated().any():
        name = table["id"][table["id"].duplicated()].iloc[0]
        raise StudyError(f"{where} has the target '{name}' twice, expected once.")
    for column in ("value", "error"):
        table[column] = table[column].astype(float)
    return table.set_index("id")


def _check_row(name: str, row: Mapping[str, str], where: str) -> None:
    for column, expected in (("value", "a number"), ("error", "a number above 0")):
        try:
            number = float(row[column])
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or (column == "error" and number <= 0.0):
            raise StudyError(
                f"the target '{name}' in {where} has the {column} '{row[column]}', "
                f"expected {expected}."
            )
    for column in ("unit", "error_source", "year", "source_title"):
        if not row[column].strip():
            raise StudyError(f"the target '{name}' in {where} has no {column}, expected one.")


@lru_cache(maxsize=1)
def observations() -> tuple[tuple[Target, ...], tuple[NotTied, ...]]:
    """Return the tied calibration rows, and the others with the reason."""
    return tie(calibration_rows(), load_yaml(_shipped(TIES_FILE)), TIES_FILE)


def tie(
    rows: pd.DataFrame, content: Mapping[str, Any], where: str
) -> tuple[tuple[Target, ...], tuple[NotTied, ...]]:
    """Tie rows to indicators.

    Parameters
    ----------
    rows : pandas.DataFrame
        As from `read_rows`.
    content : mapping
        ``tied`` and ``not_tied``, as in ``observations.yaml``.
    where : str
        The file, for messages.

    Returns
    -------
    tuple of tuple
        Targets, and rows not tied.

    Raises
    ------
    StudyError
        If a row is unknown or comes twice, is missing in both lists, or an indicator does not
        exist.
    """
    targets = tuple(_target(name, entry, rows, where) for name, entry in content["tied"].items())
    left = tuple(
        NotTied(name, each["reason"]) for each in content["not_tied"] for name in each["rows"]
    )
    named = [*(each.name for each in targets), *(each.name for each in left)]
    for name in named:
        _known(name, rows, where)
        if named.count(name) > 1:
            raise StudyError(f"{where} has the target '{name}' twice, expected once.")
    for name in rows.index:
        if name not in named:
            raise StudyError(
                f"{where} does not mention the target '{name}', expected an indicator or a reason."
            )
    return targets, left


def _target(name: str, entry: Mapping[str, Any], rows: pd.DataFrame, where: str) -> Target:
    row = _known(name, rows, where)
    for key, allowed in (("indicator", TELEWORK_INDICATORS), ("anchor", ANCHORS), ("use", USES)):
        if entry.get(key) not in allowed:
            raise StudyError(
                f"the target '{name}' in {where} has the {key} '{entry.get(key)}', which does not "
                f"exist.{nearest(str(entry.get(key)), allowed)}"
            )
    options = {key: value for key, value in entry.items() if key not in (*_OWN_KEYS, _RELATIVE_TO)}
    yardstick, unit = 1.0, row["unit"]
    if _RELATIVE_TO in entry:
        other = _known(entry[_RELATIVE_TO], rows, where)
        yardstick, unit = float(other["value"]), f"ratio to {entry[_RELATIVE_TO]}"
    return Target(
        name=name,
        value=float(row["value"]) / yardstick,
        error=float(row["error"]) / yardstick,
        error_source=row["error_source"],
        unit=unit,
        year=row["year"],
        geography=row["geography"],
        source=row["source_title"],
        options=FrozenDict(options),
        **{key: entry.get(key, "") for key in _OWN_KEYS},
    )


def _known(name: str, rows: pd.DataFrame, where: str) -> dict[str, Any]:
    if name not in rows.index:
        raise StudyError(
            f"{where} names the target '{name}', which is not a calibration row."
            f"{nearest(name, rows.index)}"
        )
    return {str(column): rows.at[name, column] for column in rows.columns}


@lru_cache(maxsize=1)
def mixes() -> Mapping[str, Mix]:
    """Return who the people of the sources are, by name."""
    content = load_yaml(_shipped(TIES_FILE))
    ways = {
        name: np.array([_shares(each[group]) for group in EMPLOYEES])
        for name, each in content["ways_to_work"].items()
    }
    found = content["mixes"].items()
    return FrozenDict(
        {name: Mix(_shares(x["occupations"]), ways.get(x.get("ways_to_work"))) for name, x in found}
    )


def _shares(given: Sequence[float]) -> np.ndarray:
    shares = np.array(given, dtype=np.float64)
    return shares / shares.sum()


OF_77, WEIGHED_TO_77 = "77", "weighed to 77"


def mix_for(name: str, territory: str | None) -> str:
    """Return the mix to which the people of a territory are weighed.

    Those of Seine-et-Marne stand for themselves where a row is about 77; others are weighed to it,
    as such rows have been moved there.
    """
    return WEIGHED_TO_77 if territory is not None and name in ("", OF_77) else name


def mix_named(name: str) -> Mix | None:
    """Return the mix to which the model's employees are weighed; None for their own, of 77."""
    if name == WEIGHED_TO_77:
        return mixes()[OF_77]
    return mixes()[name] if name and name != OF_77 else None


def comparable(targets: Sequence[Target]) -> dict[str, float]:
    """Return the value that a model of 77 is compared with, by target (`comparable_value`)."""
    return {each.name: comparable_value(each.value, each.reweight) for each in targets}


def comparable_value(value: float, mix: str) -> float:
    """Move a regional rate to the occupation mix of 77; a blank mix leaves it.

    It is multiplied by what the French rates by occupation of 2022 give with the mix of 77 over
    what they give with the region's.
    """
    if not mix:
        return value
    by_name = {target.name: target for target in observations()[0]}
    french = np.array([
        by_name[f"telework_{group}_france_2022"].value
        for group in ("cadres", "pi", "employes", "ouvriers")
    ])  # fmt: skip
    here, there = (mixes()[each].occupations for each in (OF_77, mix))
    return value * float(french @ here / (french @ there))


def data_hashes(territory: str | None = None) -> dict[str, str]:
    """Return the sha256 of what a fit reads: targets, how they are observed, and the territory."""
    return {
        "targets": hashlib.sha256(_shipped(CALIBRATION_FILE).encode()).hexdigest(),
        "observations": hashlib.sha256(_shipped(TIES_FILE).encode()).hexdigest(),
        "territory": load_territory(territory).hash,
    }


def _shipped(file: str) -> str:
    return resources.files("sim77.analysis.calibrate").joinpath(file).read_text(encoding="utf-8")
