"""The particles of all generations, as one weighted sample of the prior.

The last generation alone is no sample of what a survey leaves in doubt: its threshold is half an
error of each family of targets, so that it is about as wide as the posterior and hardly wider.
Moving it to the observations with survey errors counts the observations twice, and intervals come
out too narrow (in one dimension by the root of two). All generations together hold particles of
every distance.

A particle of generation t was proposed with the density q_t, and kept because its distance was at
most eps_t. The distance is a function of the point (the seed is one for all), so that particles of
all generations have the density

    sum over t of  n_t q_t(point) [distance <= eps_t],    n_t: points looked at,

and each is worth the prior's density over this one (the balance heuristic of Veach and Guibas 1995;
adaptive multiple importance sampling: Cornuet and others 2012).
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.abc import generations, history_of, kernel, numpy_seed
from sim77.analysis.calibrate.study import CalibrationStudy

TRIED = 10_000
"""Proposals drawn to see which part of a kernel is inside the prior."""

_STREAM = 5
"""Second word of the seed of these draws: none of the generations' own, which have three words."""


def pooled(study: CalibrationStudy, folder: Path) -> pd.DataFrame:
    """Return the particles of all generations.

    Parameters
    ----------
    study : CalibrationStudy
    folder : pathlib.Path
        Of the calibration, with its database of generations.

    Returns
    -------
    pandas.DataFrame
        One row a particle, in order of generation: its free parameters, and ``weight``, which make
        it a sample of the prior; they sum to 1.
    """
    names, history = study.names, history_of(folder)
    done = generations(folder)
    every = pd.concat(
        [history.get_population_extended(m=0, t=each.number) for each in done], ignore_index=True
    )
    points = every[[f"par_{name}" for name in names]].set_axis(names, axis="columns")
    # The prior is uniform: its density is that of the first generation, which everything passes.
    density = np.ones(len(points)) / _part_allowed(study, _of_box(study))
    density *= done[0].evaluations
    for before, each in pairwise(done):
        proposed = kernel()
        proposed.fit(*history.get_distribution(0, before.number))
        with numpy_seed(study.seed, _STREAM, each.number, TRIED):
            part = _part_allowed(study, proposed.rvs(TRIED)[names].to_numpy())
        inside = every["distance"].to_numpy() <= each.epsilon
        density += each.evaluations * inside * proposed.pdf(points) * _volume(study) / part
    return points.assign(weight=(1.0 / density) / (1.0 / density).sum())


def _of_box(study: CalibrationStudy) -> np.ndarray:
    draws = np.random.default_rng([study.seed, _STREAM])
    return draws.uniform(*study.ends, (TRIED, len(study.free)))


def _volume(study: CalibrationStudy) -> float:
    return float(np.prod([each.high - each.low for each in study.free]))


def _part_allowed(study: CalibrationStudy, values: np.ndarray) -> float:
    """Return the part of points, (n, n_free), that is inside the prior: at least one of them."""
    low, high = study.ends
    within = values[((values >= low) & (values <= high)).all(axis=1)]
    allowed = sum(study.allows(point) for point in study.points(within))
    return max(allowed, 1) / len(values)
