"""What every analysis of a sweep starts from: means by design point, and how much is chance.

An analysis never takes single runs as if they were independent points: runs of one design point
share its factors and differ by seed only. It takes the mean over replications of each point, and
says how much of what it then calls variance is left over from chance (`noise_shares`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim77.core.errors import ResultError

if TYPE_CHECKING:
    from sim77.analysis.sweep.results import Sweep


class NotApplicableError(ResultError):
    """An analysis that this study's design or results do not allow.

    Attributes
    ----------
    reason : str
        Short key, by which pages say it in their language: ``design``, ``incomplete``,
        ``constant``, ``few``, ``everywhere``, ``nowhere``, ``lever``, ``crossed``.
    """

    def __init__(self, reason: str, sentence: str):
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True)
class Noise:
    """How much of an outcome's variance is replication noise, from an analysis of variance.

    Attributes
    ----------
    of_runs : float
        Share (0–1) of the variance between single runs that lies within design points; NaN with
        one replication a point.
    of_means : float
        Share (0–1) of the variance between the points' means that chance alone would give: the
        variance within points of what their seeds do not do to all of them alike / the replications
        (their harmonic mean), over the variance of the means. What no factor can explain, whatever
        the method.
    replications : float
        Mean number of runs a point.
    """

    of_runs: float
    of_means: float
    replications: float


def factor_names(sweep: Sweep) -> list[str]:
    """Return the factors' names, levers and uncertainties, in the order of the study."""
    return [factor.name for factor in sweep.factors]


def point_means(sweep: Sweep, outcome: str) -> pd.DataFrame:
    """Return the mean of an outcome over the replications of each design point.

    Parameters
    ----------
    sweep : Sweep
    outcome : str
        A scalar outcome; paired ones begin with ``effect_``.

    Returns
    -------
    pandas.DataFrame
        Index ``design``; a column a factor, then ``mean``, ``variance`` (between replications, NaN
        for one run), ``own_variance`` (the same without what each seed does to all points alike,
        where all have the same seeds; between the means of draws of a posterior where seeds share
        one), ``n`` (runs) and ``cases`` (draws, else runs). Points without any finished run are
        absent.

    Raises
    ------
    ResultError
        The outcome is unknown, or no run has finished.
    """
    sweep.check_outcome(outcome)
    table = sweep.table()
    table = table[np.isfinite(table[outcome].to_numpy(float))]
    if table.empty:
        raise ResultError(f"no finished run of the study gives '{outcome}'.")
    groups = table.groupby("design", sort=True)
    points = groups[factor_names(sweep)].first()
    values = groups[outcome]
    # Seeds of one draw of a posterior are no independent cases; their means are.
    case = (table["seed"] - sweep.study.seed) // sweep.study.seeds_per_draw
    wide = table.assign(case=case).pivot_table(index="design", columns="case", values=outcome)
    return points.assign(
        mean=values.mean(),
        variance=values.var(ddof=1),
        own_variance=_own_variance(wide),
        n=values.size(),
        cases=wide.notna().sum(axis=1),
    )


def point_blocks(sweep: Sweep, points: pd.DataFrame) -> np.ndarray:
    """Return the block of the design that each point belongs to, (n_points,) int64.

    The rows of Sobol's design that are made from one base row, and those of one trajectory of
    Morris's, differ in few factors: they are no independent points, the blocks are. Of other
    designs each point is its own block.

    Parameters
    ----------
    sweep : Sweep
    points : pandas.DataFrame
        From `point_means`.
    """
    plan, count = sweep.study.plan, len(sweep.factors)
    size = {
        "sobol": 2 * count + 2 if plan.second_order else count + 2,
        "morris": count + 1,
    }.get(plan.method, 1)
    if size == 1:
        return np.arange(len(points))
    # A point that is visited twice belongs to the block that comes first.
    visited, first = np.unique(np.asarray(sweep.sample()), return_index=True)
    of_point = pd.Series(first // size, index=visited)
    return np.unique(of_point.loc[points.index].to_numpy(), return_inverse=True)[1]


def _own_variance(wide: pd.DataFrame) -> pd.Series:
    """Return the variance between a point's cases without what these do to all points.

    Parameters
    ----------
    wide : pandas.DataFrame
        A row a point, a column a case.
    """
    if len(wide) < 2 or wide.isna().any(axis=None):
        return wide.var(axis=1, ddof=1)
    rest: pd.Series = (wide - wide.mean(axis=0)).var(axis=1, ddof=1)
    return rest * len(wide) / (len(wide) - 1)


def noise_shares(points: pd.DataFrame) -> Noise:
    """Say how much of the variance is replication noise.

    Parameters
    ----------
    points : pandas.DataFrame
        From `point_means`.

    References
    ----------
    Searle, S. R., Casella, G. & McCulloch, C. E. (1992). Variance Components. Wiley.
    """
    n, cases = (points[name].to_numpy(float) for name in ("n", "cases"))
    if len(points) < 2 or not (cases > 1).any():
        return Noise(float("nan"), float("nan"), float(n.mean()))
    within, own = (
        float(np.average(points[name][many > 1], weights=many[many > 1] - 1.0))
        for name, many in (("variance", n), ("own_variance", cases))
    )
    left_over = own * float((1.0 / cases).mean())
    of_means = float(points["mean"].var(ddof=1))
    between = max(of_means - left_over, 0.0)
    whole = within + between
    return Noise(
        of_runs=within / whole if whole > 0 else float("nan"),
        of_means=min(left_over / of_means, 1.0) if of_means > 0 else float("nan"),
        replications=float(n.mean()),
    )


def numeric_factors(sweep: Sweep, points: pd.DataFrame, *, unit: bool = False) -> np.ndarray:
    """Return the factors as numbers.

    Parameters
    ----------
    sweep : Sweep
    points : pandas.DataFrame
        Rows with a column a factor.
    unit : bool
        Whether each factor is put on 0 (its low end) to 1 (its high end), listed values evenly.

    Returns
    -------
    numpy.ndarray, shape (n_rows, n_factors), float64
        Categories by their place among the factor's values.
    """
    columns = []
    for factor in sweep.factors:
        column = points[factor.name]
        if factor.values and (unit or is_text(column)):
            places = {value: place for place, value in enumerate(factor.values)}
            numbers = column.map(places).to_numpy(float)
            low, high = 0.0, float(max(len(places) - 1, 1))
        else:
            numbers = column.to_numpy(float)
            low, high = factor_bounds(sweep, factor.name, numbers)
        columns.append((numbers - low) / ((high - low) or 1.0) if unit else numbers)
    return np.column_stack(columns)


def factor_bounds(sweep: Sweep, name: str, numbers: np.ndarray) -> tuple[float, float]:
    """Return the ends of a numeric factor: of its range, else of its values, else those seen."""
    factor = next(each for each in sweep.factors if each.name == name)
    if factor.values:
        values = [float(value) for value in factor.values]
        return min(values), max(values)
    if np.isfinite(factor.low) and np.isfinite(factor.high):
        return float(factor.low), float(factor.high)
    return float(numbers.min()), float(numbers.max())


def is_text(column: pd.Series) -> bool:
    """Say whether a factor is categorical."""
    return not pd.api.types.is_numeric_dtype(column)


def varying(sweep: Sweep, points: pd.DataFrame) -> list[str]:
    """Return the names of the factors that take more than one value."""
    return [name for name in factor_names(sweep) if points[name].nunique() > 1]
