"""Which factors of a full grid matter: the shares of variance of its main effects and pairs.

A grid runs every combination of the factors' values, so that the conditional means behind Sobol's
indices are there in full and nothing has to be estimated from a sample: over the grid's own points,
each counting alike, the shares are exact but for the chance of the seeds.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim77.analysis.sweep.frames import NotApplicableError, factor_names
from sim77.analysis.sweep.results import resampled_half_width

if TYPE_CHECKING:
    from sim77.analysis.sweep.results import Sweep

RESAMPLES = 400


def main_effects(sweep: Sweep, outcome: str, *, seed: int = 1) -> pd.DataFrame:
    """Return the share of the variance between the points of a grid that each factor accounts for.

    Parameters
    ----------
    sweep : Sweep
        Of the design ``grid``, with at least one run at every point.
    outcome : str
    seed : int
        Of the resampling behind the intervals.

    Returns
    -------
    pandas.DataFrame
        As of `sim77.analysis.sensitivity.indices.sobol`: ``factor``, ``other``, ``order``
        (``first`` or ``second``), ``index``, ``low``, ``high`` (95 %, by drawing again the seeds
        that every point has, or the draws of a posterior:
        `sim77.analysis.sweep.results.resampled_half_width`; NaN with one) and ``n`` (points).

    Raises
    ------
    NotApplicableError
        Another design, points without a run, or an outcome that never changes.

    References
    ----------
    Saltelli, A. et al. (2008). Global Sensitivity Analysis: The Primer. Wiley, chapter 4.
    """
    sweep.check_outcome(outcome)
    if sweep.study.plan.method != "grid":
        raise NotApplicableError("design", "shares of main effects need the design 'grid'.")
    names = [each for each in factor_names(sweep) if sweep.study.points[each].nunique() > 1]
    wide = sweep.table().pivot_table(index="design", columns="seed", values=outcome)
    if len(wide) < sweep.study.n_points or not names:
        raise NotApplicableError("incomplete", "shares of main effects need every point of a grid.")
    points = sweep.study.points.loc[wide.index, names]
    index = _shares(points, wide.mean(axis=1).to_numpy(float)[:, None])[:, 0]
    if np.isnan(index).any():
        raise NotApplicableError("constant", f"'{outcome}' is the same at every design point.")
    shared = wide.dropna(axis=1)
    # Seeds of one draw of a posterior are no independent cases; their means are.
    cases = shared.T.groupby((shared.columns - sweep.study.seed) // sweep.study.seeds_per_draw)
    half = _half_width(points, cases.mean().T.to_numpy(float), len(index), seed)
    pairs = list(combinations(names, 2))
    return pd.DataFrame(
        {
            "factor": [*names, *(one for one, _ in pairs)],
            "other": [*([""] * len(names)), *(two for _, two in pairs)],
            "order": [*(["first"] * len(names)), *(["second"] * len(pairs))],
            "index": index,
            "low": np.maximum(index - half, 0.0),
            "high": np.minimum(index + half, 1.0),
            "n": len(points),
        }
    )


def _half_width(points: pd.DataFrame, values: np.ndarray, count: int, seed: int) -> np.ndarray:
    cases = values.shape[1]
    if cases < 2:
        return np.full(count, np.nan)
    drawn = np.random.default_rng(seed).integers(cases, size=(RESAMPLES, cases))
    return resampled_half_width(_shares(points, values[:, drawn].mean(axis=2)).T, cases)


def _shares(points: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """Return the shares of factors, then of pairs, for each column of values.

    Parameters
    ----------
    points : pandas.DataFrame
        A row a point of the grid, a column a factor.
    values : numpy.ndarray, shape (n_points, n_columns)

    Returns
    -------
    numpy.ndarray, shape (n_factors + n_pairs, n_columns)
    """
    frame = pd.DataFrame(values, index=points.index)
    whole = values.var(axis=0)
    # Rounding leaves a trace of variance in what is the same everywhere.
    trace = (1e-12 * np.maximum(np.abs(values).max(axis=0), 1e-300)) ** 2
    whole = np.where(whole > trace, whole, np.nan)

    def of_means(names: list[str]) -> np.ndarray:
        keys = [points[name] for name in names]
        found: np.ndarray = frame.groupby(keys).mean().to_numpy().var(axis=0)
        return found / whole

    names = [str(name) for name in points]
    first = {name: of_means([name]) for name in names}
    second = [of_means([one, two]) - first[one] - first[two] for one, two in combinations(names, 2)]
    return np.stack([*first.values(), *second])
