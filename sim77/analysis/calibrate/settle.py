"""The posterior: particles near the observations, moved to where these are.

The particles of all generations (`pool`) are held against the observations as a survey of each
would be: with errors, and agreements that nobody knows (`synthetic`). The nearest are kept, weighed
by their distance (Epanechnikov), and moved along the local-linear regression of their parameters on
what they miss (Beaumont, Zhang and Balding 2002): `adjust`, which the rank test uses too. They are
thinned to as many as a generation has and then run: what is said of a draw is said of a run and not
of the regression.

Only observations that the particles lie on both sides of take part in the move. Where a model
cannot come near an observation a regression leaves what was simulated, and its answer means nothing
(Frazier, Robert and Rousseau 2020).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.adjust import effective_size, moved, nearness
from sim77.analysis.calibrate.evaluations import Evaluations
from sim77.analysis.calibrate.profile import Profile
from sim77.analysis.calibrate.synthetic import PARTICLES, missed, surveys
from sim77.analysis.calibrate.tables import HIGH, LOW, weighted_quantiles

_WIDTHS = np.linspace(0.01, 1.0, 100)
"""Shares of the particles that are tried as the nearest."""

_STREAM = 4
"""Second word of the key of what thins draws, beside those of `synthetic`."""


def settled(profile: Profile, evaluations: Evaluations, pool: pd.DataFrame) -> pd.DataFrame:
    """Return draws of the posterior.

    Parameters
    ----------
    profile : Profile
    evaluations : Evaluations
    pool : pandas.DataFrame
        One row a particle, its free parameters and ``weight``
        (`sim77.analysis.calibrate.pool.pooled`).

    Returns
    -------
    pandas.DataFrame
        One row a draw: free parameters and ``weight``, which sum to 1. As many as the study's
        population, at most; a particle that would leave what the study allows is not moved.
    """
    study, names = profile.study, profile.study.names
    values, weights = pool[names].to_numpy(), pool["weight"].to_numpy()
    misses = surveyed_misses(profile, evaluations, study.points(values))
    weights = _near(misses, weights, study.population)
    kept = weights > 0.0
    values, misses, weights = values[kept], misses[kept], weights[kept]
    between = np.array([_around_zero(column, weights) for column in misses.T])
    if between.any():
        wanted = study.values_at(moved(study.place_of(values), misses[:, between], weights))
        allowed = [study.allows(each) for each in study.points(wanted)]
        values[allowed] = wanted[allowed]
    draws = np.random.default_rng([study.seed, _STREAM])
    weights = thinned(weights, study.population, draws)
    found = pd.DataFrame(values, columns=names).assign(weight=weights)
    return found[weights > 0.0].reset_index(drop=True)


def _near(misses: np.ndarray, weights: np.ndarray, worth: int) -> np.ndarray:
    """Weigh by nearness: the least width whose particles are worth a number of independent draws.

    Where none is, the greatest width.
    """
    distance = np.sqrt(np.square(misses).sum(axis=1))
    best = weights
    for width in np.quantile(distance, _WIDTHS):
        near = weights * nearness(distance, width)
        if near.sum() > 0.0:
            best = near / near.sum()
            if effective_size(best) >= worth:
                break
    return best


def thinned(weights: np.ndarray, n: int, draws: np.random.Generator) -> np.ndarray:
    """Return weights of which at most n are not 0, the same in expectation, each draw at most once.

    Weights above a bound stay as they are; of the others as many as there is room for are drawn
    systematically and given the bound (Fearnhead and Clifford 2003).

    Parameters
    ----------
    weights : numpy.ndarray, shape (k,)
        They sum to 1.
    n : int
    draws : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape (k,)
        They sum to 1.
    """
    if np.count_nonzero(weights) <= n:
        return weights
    ordered = np.sort(weights)[::-1]
    # With the i largest kept, the others share n - i places.
    rest = 1.0 - np.concatenate(([0.0], np.cumsum(ordered[:-1])))[:n]
    bounds = rest / (n - np.arange(n))
    kept = int(np.argmax(ordered[:n] < bounds))
    bound = bounds[kept]
    found = np.where(weights >= bound, weights, 0.0)
    others = np.flatnonzero(weights < bound)
    places = np.floor(np.cumsum(weights[others]) / bound + draws.uniform()).astype(int)
    found[others[np.diff(places, prepend=0) > 0]] = bound
    return found / found.sum()


def surveyed_misses(
    profile: Profile, evaluations: Evaluations, points: list[dict[str, float]]
) -> np.ndarray:
    """Return what a survey of each point would miss the observations by.

    Parameters
    ----------
    profile : Profile
    evaluations : Evaluations
    points : list of dict of str to float

    Returns
    -------
    numpy.ndarray, shape (n_points, n_misses)
        In errors. Nothing for a point whose own survey the observations are.
    """
    summaries = evaluations([profile.evaluation(point) for point in points])
    drawn = surveys(profile, len(points), PARTICLES)
    return np.array([missed(profile, *each) for each in zip(points, summaries, drawn, strict=True)])


def _around_zero(misses: np.ndarray, weights: np.ndarray) -> bool:
    low, high = weighted_quantiles(misses, weights, (LOW, HIGH))
    return bool(low < 0.0 < high)
