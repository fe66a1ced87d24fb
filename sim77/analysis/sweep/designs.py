"""Designs: which points of the factors' space a study visits.

Every design is first a sample of the unit cube, one column a factor, which `Factor.at` turns into
values. A larger sample of the same design keeps the points of the smaller one: always for Sobol,
Morris and grids, for a Latin hypercube when the number of samples doubles.

References
----------
McKay, M. D., Beckman, R. J. & Conover, W. J. (1979). A comparison of three methods for selecting
values of input variables. Technometrics 21(2). Saltelli, A. et al. (2010). Variance based
sensitivity analysis of model output. Computer Physics Communications 181(2). Morris, M. D. (1991).
Factorial sampling plans for preliminary computational experiments. Technometrics 33(2).
Sheikholeslami, R. & Razavi, S. (2017). Progressive Latin hypercube sampling. Environmental
Modelling & Software 93.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy

from sim77.analysis.sweep.factors import Factor, FactorValue
from sim77.core.errors import StudyError, nearest
from sim77.core.extras import needs
from sim77.core.files import given_table

METHODS = ("grid", "lhs", "sobol", "morris", "table")
FEWEST_BEFORE_DOUBLING = 16
"""A Latin hypercube is doubled from a plain one of at least so many points."""


@dataclass(frozen=True)
class Design:
    """How points are chosen.

    Attributes
    ----------
    method : str
        One of `METHODS`.
    samples : int
        Points of a Latin hypercube, N of Sobol's design, trajectories of Morris's.
    seed : int
    second_order : bool
        Whether Sobol's design also gives indices of pairs, for about twice as many points.
    levels : int
        Numbers a factor takes on a grid, or in Morris's design (even).
    file : Path or None
        A table of points, CSV or Parquet, one column a factor.
    """

    method: str = "grid"
    samples: int = 0
    seed: int = 1
    second_order: bool = True
    levels: int = 4
    file: Path | None = None

    def __post_init__(self) -> None:
        if self.method in ("lhs", "sobol", "morris") and self.samples < 1:
            raise StudyError(f"the design '{self.method}' needs samples, at least 1.")
        if self.method == "sobol" and self.samples & (self.samples - 1):
            lower = 2 ** int(math.log2(self.samples))
            raise StudyError(
                f"the design 'sobol' needs a power of 2 as samples, {lower} or {2 * lower}, "
                f"not {self.samples}."
            )
        if self.method == "morris" and (self.levels < 2 or self.levels % 2):
            raise StudyError(
                f"the design 'morris' needs an even number of levels, not {self.levels}."
            )
        if self.method == "grid" and self.levels < 2:
            raise StudyError(f"the design 'grid' needs at least 2 levels, not {self.levels}.")
        if (self.file is None) == (self.method == "table"):
            raise StudyError("a file of points goes with the design 'table', and only with it.")


def design_size(factors: Sequence[Factor], design: Design) -> int:
    """Return how many points a design has at most, without making it (a table: 0)."""
    count = len(factors)
    if design.method == "grid":
        return math.prod(len(factor.values) or design.levels for factor in factors)
    if design.method == "sobol":
        return design.samples * ((2 * count + 2) if design.second_order else (count + 2))
    if design.method == "morris":
        return design.samples * (count + 1)
    return design.samples


def make_design(factors: Sequence[Factor], design: Design) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the points of a design, and the order in which its sample visits them.

    Parameters
    ----------
    factors : sequence of Factor
    design : Design

    Returns
    -------
    points : pandas.DataFrame
        One row a point, one column a factor, no row twice; the index, from 0, is the point number.
    sample : numpy.ndarray of int64, shape (n_sample,)
        Point numbers in the order of the sample, which may visit a point twice.
    """
    names = [factor.name for factor in factors]
    if design.method == "table":
        rows = _table(factors, design)
    elif design.method == "grid" or not factors:
        rows = list(itertools.product(*(factor.levels(design.levels) for factor in factors)))
    else:
        unit = unit_sample(len(factors), design)
        columns = [factor.at(unit[:, place]) for place, factor in enumerate(factors)]
        rows = list(zip(*columns, strict=True))
    number: dict[tuple[FactorValue, ...], int] = {}
    sample = np.array([number.setdefault(row, len(number)) for row in rows], dtype=np.int64)
    points = pd.DataFrame(list(number), columns=names, index=range(len(number)))
    return points.astype({each.name: object if each.is_text else float for each in factors}), sample


def unit_sample(n_factors: int, design: Design) -> np.ndarray:
    """Return the sample of a design in the unit cube, float64 (n_sample, n_factors).

    Parameters
    ----------
    n_factors : int
    design : Design
        Of method ``lhs``, ``sobol`` or ``morris``.
    """
    if design.method == "lhs":
        return _latin_hypercube(n_factors, design.samples, design.seed)
    problem = salib_problem([f"x{place}" for place in range(n_factors)])
    if design.method == "sobol":
        with needs("sweep"):
            from SALib.sample import sobol

        found: np.ndarray = sobol.sample(
            problem, design.samples, calc_second_order=design.second_order, seed=design.seed
        )
        return found
    return _morris(problem, design)


def salib_problem(names: list[str]) -> dict[str, Any]:
    """Describe factors as SALib wants them, in the unit cube."""
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _morris(problem: dict[str, Any], design: Design) -> np.ndarray:
    """Trajectories that each have their own draws, so that more of them keep the first ones."""
    with needs("sweep"):
        from SALib.sample import morris

    trajectories = [
        morris.sample(
            problem, 1, num_levels=design.levels, seed=np.random.default_rng([design.seed, place])
        )
        for place in range(design.samples)
    ]
    return np.concatenate(trajectories)


def _latin_hypercube(n_factors: int, samples: int, seed: int) -> np.ndarray:
    """Return a Latin hypercube; an even number of samples doubles one of half as many."""
    if samples % 2 or samples // 2 < FEWEST_BEFORE_DOUBLING:
        plain: np.ndarray = scipy.stats.qmc.LatinHypercube(n_factors, rng=seed).random(samples)
        return plain
    half = _latin_hypercube(n_factors, samples // 2, seed)
    rng = np.random.default_rng([seed, samples])
    added = np.empty_like(half)
    for place in range(n_factors):
        # Each point fills one of the `samples` strata; the new points get those left empty.
        empty = np.setdiff1d(np.arange(samples), (half[:, place] * samples).astype(int))
        added[:, place] = (rng.permutation(empty) + rng.random(empty.size)) / samples
    return np.concatenate((half, added))


def _table(factors: Sequence[Factor], design: Design) -> list[tuple[FactorValue, ...]]:
    path = design.file
    assert path is not None
    frame = given_table(path, "the table of points")
    names = [factor.name for factor in factors]
    for column in frame.columns:
        if column not in names:
            raise StudyError(
                f"the table of points {path} has a column '{column}' that is not a factor."
                f"{nearest(str(column), names)}"
            )
    missing = next((name for name in names if name not in frame.columns), None)
    if missing is not None:
        raise StudyError(f"the table of points {path} has no column '{missing}'.")
    if frame.empty:
        raise StudyError(f"the table of points {path} has no row.")
    rows = []
    for line, row in enumerate(frame[names].itertuples(index=False), start=1):
        try:
            rows.append(tuple(f.checked(value) for f, value in zip(factors, row, strict=True)))
        except StudyError as error:
            raise StudyError(f"the table of points {path}, row {line}: {error}") from error
    return rows
