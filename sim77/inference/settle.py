"""The last generation, moved to where the observations are.

Particles of the last generation miss the observations by up to its threshold, and on one side where
a prior ends there. They are moved along the local-linear regression of their parameters on what
they miss, survey errors added (Beaumont, Zhang and Balding 2002), and then run: what is said of a
moved particle is said of a run and not of the regression.

Only observations that the particles lie on both sides of take part. Where a model cannot come near
an observation a regression leaves what was simulated, and its answer means nothing (Frazier, Robert
and Rousseau 2020).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim77.inference.adjust import moved
from sim77.inference.evaluations import Evaluations
from sim77.inference.profile import Profile
from sim77.inference.synthetic import ERRORS_IN_SD
from sim77.inference.tables import HIGH, LOW, weighted_quantiles

_STREAM = 3
"""Second word of the generator's key, beside those of `synthetic`."""


def settled(profile: Profile, evaluations: Evaluations, particles: pd.DataFrame) -> pd.DataFrame:
    """Return particles moved to the observations, with their weights.

    Parameters
    ----------
    profile : Profile
    evaluations : Evaluations
    particles : pandas.DataFrame
        One row a particle, its free parameters and ``weight`` (`sim77.inference.abc.particles`).

    Returns
    -------
    pandas.DataFrame
        The same, moved; a particle that would leave what the study allows stays.
    """
    free = profile.study.free
    names = [each.name for each in free]
    low, high = (np.array([getattr(each, end) for each in free]) for end in ("low", "high"))
    values, weights = particles[names].to_numpy(), particles["weight"].to_numpy()
    points = [dict(zip(names, row, strict=True)) for row in values.tolist()]
    surveyed = _surveyed(profile, evaluations, points)
    between = np.array([_around_zero(column, weights) for column in surveyed.T])
    if not between.any():
        return particles
    place = moved((values - low) / (high - low), surveyed[:, between], weights)
    found = particles.copy()
    for row, shares in enumerate(place):
        point = dict(zip(names, (low + shares * (high - low)).tolist(), strict=True))
        if profile.study.allows(point):
            found.loc[row, names] = list(point.values())
    return found


def _surveyed(
    profile: Profile, evaluations: Evaluations, points: list[dict[str, float]]
) -> np.ndarray:
    """Return what a survey of each particle would miss the observations by, (n, n_targets)."""
    tallies = evaluations([profile.question(point) for point in points])
    misses = np.array([
        list(profile.misses(profile.statistics(point, tally)).values())
        for point, tally in zip(points, tallies, strict=True)
    ])  # fmt: skip
    one_error = {each.name: profile.observed[each.name] + each.error for each in profile.targets}
    factor = np.array(list(profile.misses(one_error).values()))
    draws = np.random.default_rng([profile.study.seed, _STREAM])
    return misses + draws.normal(0.0, 1.0 / ERRORS_IN_SD, misses.shape) * factor


def _around_zero(misses: np.ndarray, weights: np.ndarray) -> bool:
    low, high = weighted_quantiles(misses, weights, (LOW, HIGH))
    return bool(low < 0.0 < high)
