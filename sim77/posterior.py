"""A posterior: draws of parameters that a calibration has left, in a table of one row a draw."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from sim77.errors import ParameterError, StudyError
from sim77.parameters import checked_values

WEIGHT = "weight"
_STREAM = 0x706F7374
"""Second word of the generator's key: no other use of a seed shares its draws."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weighted draws of some parameters.

    Attributes
    ----------
    parameters : tuple of str
    values : numpy.ndarray of float64, shape (n_draws, n_parameters)
    weights : numpy.ndarray of float64, shape (n_draws,)
        They sum to 1.
    """

    parameters: tuple[str, ...]
    values: np.ndarray
    weights: np.ndarray

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


def load_posterior(path: str | Path) -> Posterior:
    """Read a posterior from CSV or Parquet.

    Parameters
    ----------
    path : path
        One column a parameter, one row a draw; a column ``weight`` is optional.

    Returns
    -------
    Posterior

    Raises
    ------
    StudyError
        If the file cannot be read, a column is no parameter, or a value is outside its range.
    """
    path = Path(path)
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise StudyError(f"the posterior {path} cannot be read: {error}.") from error
    weights = frame.pop(WEIGHT) if WEIGHT in frame else pd.Series(1.0, index=frame.index)
    if frame.empty or not len(frame.columns):
        raise StudyError(f"the posterior {path} has no draw.")
    weight = pd.to_numeric(weights, errors="coerce").to_numpy(float)
    if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.sum() > 0):
        raise StudyError(f"the weights of the posterior {path} must be 0 or more, and some more.")
    for row, draw in enumerate(frame.to_dict("records"), start=1):
        try:
            checked_values({str(name): value for name, value in draw.items()})
        except ParameterError as error:
            raise StudyError(f"the posterior {path}, draw {row}: {error}") from error
    names = tuple(str(name) for name in frame.columns)
    return Posterior(names, frame.to_numpy(float), weight / weight.sum())
