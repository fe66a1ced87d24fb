"""A posterior: draws of parameters that a calibration has left, in a table of one row a draw.

Which draw a run takes follows from its seed alone, so that a run, a comparison and a sweep of one
seed take the same one.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim77.core.errors import ParameterError, StudyError
from sim77.core.files import given_table
from sim77.core.units import SHIPPED_POSTERIOR
from sim77.core.yaml_file import read_yaml
from sim77.registry.parameters import FrozenDict, check_names, checked_values, on_top
from sim77.scenario.scenario import Scenario

WEIGHT, DISTANCE = "weight", "distance"
TABLE = "table"
"""In the provenance: the `Posterior.hash` of the table it belongs to."""

_SHIPPED_FILE = Path(__file__).parent / "data" / "posterior.csv"
_STREAM = 0x706F7374
"""Second word of the generator's key: no other use of a seed shares its draws."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weighted draws of some parameters.

    Attributes
    ----------
    parameters : tuple of str
        ``name``, or ``name@date`` of a value that holds from a date of the registry to its next.
    values : numpy.ndarray of float64, shape (n_draws, n_parameters)
    weights : numpy.ndarray of float64, shape (n_draws,)
        They sum to 1.
    name : str
        What a user asks for it by: `SHIPPED_POSTERIOR`, or the path of its file.
    provenance : mapping
        Which calibration left it, with study, seed, date and versions; may be empty.
    """

    parameters: tuple[str, ...]
    values: np.ndarray
    weights: np.ndarray
    name: str = ""
    provenance: Mapping[str, Any] = field(default_factory=FrozenDict)

    def __len__(self) -> int:
        return len(self.weights)

    @cached_property
    def hash(self) -> str:
        """The sha256, in hexadecimal, of names, values and weights."""
        found = hashlib.sha256("\n".join(self.parameters).encode())
        for array in (self.values, self.weights):
            found.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return found.hexdigest()

    def draw(self, index: int) -> dict[str, float]:
        """Return the parameters of one draw by name."""
        return dict(zip(self.parameters, map(float, self.values[index]), strict=True))

    def index_for(self, seed: int) -> int:
        """Return the draw that goes with a seed: one uniform of a counter-based generator.

        Each draw is taken with the probability of its weight, and always the same for a seed.
        """
        generator = np.random.Generator(np.random.Philox(key=[seed, _STREAM]))
        found = np.searchsorted(np.cumsum(self.weights), generator.random(), side="right")
        return int(min(found, np.flatnonzero(self.weights)[-1]))

    def under(self, scenario: Scenario, seed: int) -> Scenario:
        """Return a scenario with the draw of a seed; what the scenario itself sets stays."""
        drawn = self.draw(self.index_for(seed))
        return scenario.with_(parameters=on_top(drawn, scenario.parameters))

    def described(self) -> dict[str, Any]:
        """Return what identifies it, for the manifest of a result."""
        found: dict[str, Any] = {"name": self.name, "hash": self.hash, "n_draws": len(self)}
        found["parameters"] = list(self.parameters)
        return found | ({"provenance": dict(self.provenance)} if self.provenance else {})


@dataclass(frozen=True)
class SeedDraws:
    """Which draw each seed of several takes: that of the first of so many in a row.

    Attributes
    ----------
    posterior : Posterior
    first_seed : int
    seeds_per_draw : int
        1: each seed takes the draw that `sim77.run` would give it.
    """

    posterior: Posterior
    first_seed: int
    seeds_per_draw: int = 1

    def index_for(self, seed: int) -> int:
        """Return the draw of a seed."""
        return self.posterior.index_for(self._leader(seed))

    def under(self, scenario: Scenario, seed: int) -> Scenario:
        """Return a scenario with the draw of a seed; what the scenario itself sets stays."""
        return self.posterior.under(scenario, self._leader(seed))

    def described(self, seeds: Sequence[int]) -> dict[str, Any]:
        """Return what identifies posterior and draws, for the manifest of a result."""
        return self.posterior.described() | {
            "seeds_per_draw": self.seeds_per_draw,
            "draw_of_seed": [self.index_for(seed) for seed in seeds],
        }

    def _leader(self, seed: int) -> int:
        return seed - (seed - self.first_seed) % self.seeds_per_draw


def load_posterior(given: str | Path | Posterior) -> Posterior:
    """Return the shipped posterior by its name, or another one from CSV or Parquet.

    Parameters
    ----------
    given : str, path or Posterior
        `SHIPPED_POSTERIOR`, or a table with one column a parameter and one row a draw; a column
        ``weight`` is optional, a column ``distance`` is not read. A YAML file of the same name
        beside it is its provenance.

    Returns
    -------
    Posterior

    Raises
    ------
    StudyError
        If the file cannot be read, a column is no parameter, or a value is outside its range.
    """
    if isinstance(given, Posterior):
        return given
    path = posterior_file(given)
    frame = given_table(path, "the posterior").drop(columns=DISTANCE, errors="ignore")
    numbers = frame.map(_number).astype(float)
    weights = numbers.pop(WEIGHT) if WEIGHT in numbers else pd.Series(1.0, index=frame.index)
    if numbers.empty or not len(numbers.columns):
        raise StudyError(f"the posterior {path} has no draw.")
    weight = weights.to_numpy(float)
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if wrong.size:
        raise StudyError(
            f"the weights of the posterior {path} must be 0 or more, but that of row "
            f"{wrong[0] + 1} of draws is {_written(frame[WEIGHT].iloc[wrong[0]])}."
        )
    if weight.sum() == 0:
        raise StudyError(f"of the weights of the posterior {path} one must be above 0.")
    _check(path, frame, numbers)
    found = Posterior(
        tuple(map(str, numbers.columns)), numbers.to_numpy(float), weight / weight.sum(),
        str(given), FrozenDict(_provenance(path)),
    )  # fmt: skip
    if found.provenance.get(TABLE, found.hash) != found.hash:
        raise StudyError(
            f"the posterior {path} is not the table that {path.with_suffix('.yaml').name} beside "
            "it describes."
        )
    return found


def posterior_file(given: str | Path) -> Path:
    """Return the table of the shipped posterior or of another one, or say that there is none."""
    if given == SHIPPED_POSTERIOR:
        if not _SHIPPED_FILE.is_file():
            raise StudyError(
                "this version ships no posterior: give the file of one, like the posterior.csv "
                "that sim77 calibrate leaves in its folder."
            )
        return _SHIPPED_FILE
    if not os.path.isfile(given):
        raise StudyError(
            f"there is no posterior file '{given}': give a CSV or Parquet file, or "
            f"'{SHIPPED_POSTERIOR}'."
        )
    return Path(given)


def posterior_at(given: str | Path, folder: Path) -> str | Path:
    """Return a posterior named in a file of a folder: the shipped one, or a path from there."""
    return SHIPPED_POSTERIOR if given == SHIPPED_POSTERIOR else folder / given


def posterior_files(given: str | Path) -> list[Path]:
    """Return the table, and the provenance beside it if there is one."""
    table = posterior_file(given)
    return [table, table.with_suffix(".yaml")] if _provenance(table) else [table]


def _number(cell: object) -> float:
    """Return a cell as a number; NaN if it is none, or one too large."""
    try:
        return float(str(cell))
    except (ValueError, OverflowError):
        return math.nan


def check_numbers(path: Path, frame: pd.DataFrame) -> None:
    """Raise `StudyError` at the first cell of a table of draws that is no number."""
    wrong = np.argwhere(~np.isfinite(frame.map(_number).to_numpy(float)))
    if wrong.size:
        row, column = wrong[0].tolist()
        raise StudyError(
            f"the posterior {path}, row {row + 1} of draws: '{frame.columns[column]}' is "
            f"{_written(frame.iat[row, column])}, expected a number."
        )


def _written(cell: Any) -> str:
    """Return a cell as a sentence names it; a table is read with NaN for a blank one."""
    return "blank" if pd.isna(cell) else f"'{cell}'"


def _check(path: Path, frame: pd.DataFrame, numbers: pd.DataFrame) -> None:
    """Raise `StudyError` at the first column or cell that is no parameter or no value of it."""
    try:
        check_names(map(str, numbers.columns))
    except ParameterError as error:
        raise StudyError(f"the posterior {path}: {error}") from error
    for row, draw in enumerate(numbers.to_dict("records")):
        try:
            for name, value in draw.items():
                if np.isnan(value):
                    cell = _written(frame[name].iloc[row])
                    raise ParameterError(f"'{name}' is {cell}, expected a number.")
            checked_values({str(name): value for name, value in draw.items()})
        except ParameterError as error:
            raise StudyError(f"the posterior {path}, row {row + 1} of draws: {error}") from error


def _provenance(path: Path) -> dict[str, Any]:
    beside = path.with_suffix(".yaml")
    if not beside.is_file():
        return {}
    _, found = read_yaml(beside, StudyError)
    # Another file may have that name by chance: a study, a scenario.
    return found if isinstance(found, dict) and TABLE in found else {}
