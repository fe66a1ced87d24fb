"""Rejection with local-linear adjustment: a posterior from simulations that are there already.

Of simulations whose parameters were drawn from the prior, the nearest to the observations are kept,
weighed by their distance (Epanechnikov), and moved to where the observations are along the linear
regression of the parameters on what the simulations miss (Beaumont, Zhang and Balding 2002).
Parameters are regressed as logits of their place in the prior, so that no draw leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EDGE = 1e-4
"""Places in the prior nearer to its ends than this count as this far, for the logit."""

RIDGE = 1e-3
"""Of the mean squared miss, added to each: those that hardly differ among the kept move nothing."""


@dataclass(frozen=True)
class Draws:
    """Weighted draws of a posterior.

    Attributes
    ----------
    place : numpy.ndarray, shape (n_draws, n_parameters)
        Place of each parameter in its prior, 0 to 1.
    weights : numpy.ndarray, shape (n_draws,)
        They sum to 1.
    """

    place: np.ndarray
    weights: np.ndarray

    def rank(self, place: np.ndarray) -> np.ndarray:
        """Return the share of the weight below a point, by parameter."""
        return self.weights @ (self.place < place)


def adjusted(place: np.ndarray, misses: np.ndarray, kept: float) -> Draws:
    """Return the posterior at observations that are missed by nothing.

    Parameters
    ----------
    place : numpy.ndarray, shape (n, n_parameters)
        Of simulations: parameters as places in their priors, 0 to 1.
    misses : numpy.ndarray, shape (n, n_statistics)
        What each simulation misses, in errors; its distance is the root of their squares' sum.
    kept : float
        Share of the simulations that is kept.

    Returns
    -------
    Draws
    """
    distance = np.sqrt(np.square(misses).sum(axis=1))
    nearest = np.argsort(distance, kind="stable")[: max(round(kept * len(distance)), 2)]
    width = distance[nearest[-1]] * (1.0 + 1e-9)
    weights = nearness(distance[nearest], width)
    weights = weights / weights.sum()
    return Draws(moved(place[nearest], misses[nearest], weights), weights)


def nearness(distance: np.ndarray, width: float) -> np.ndarray:
    """Return weights of distances by Epanechnikov's kernel: 1 at nothing, 0 from the width on."""
    return np.asarray(np.clip(1.0 - (distance / width) ** 2, 0.0, None))


def moved(place: np.ndarray, misses: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return draws moved to where nothing is missed, along the regression of places on misses.

    Parameters
    ----------
    place : numpy.ndarray, shape (n, n_parameters)
        Places of parameters in their priors, 0 to 1.
    misses : numpy.ndarray, shape (n, n_statistics)
        In errors.
    weights : numpy.ndarray, shape (n,)
        They sum to 1.

    Returns
    -------
    numpy.ndarray, shape (n, n_parameters)
    """
    logit = _logit(place)
    design = misses[:, misses.std(axis=0) > 0.0]
    centre = weights @ design
    root = np.sqrt(weights)[:, None]
    x, y = root * (design - centre), root * (logit - weights @ logit)
    gram = x.T @ x
    gram += RIDGE * np.trace(gram) / max(len(gram), 1) * np.eye(len(gram))
    slope = np.linalg.solve(gram, x.T @ y)
    residual = (logit - weights @ logit) - (design - centre) @ slope
    # A regression that spends k of n draws on slopes leaves residuals that are too small.
    worth, spent = 1.0 / np.square(weights).sum(), float(np.trace(np.linalg.solve(gram, x.T @ x)))
    inflate = worth / max(worth - spent - 1.0, 1.0)
    # Nor is the line itself known where nothing is missed: as in the interval of a prediction.
    inflate *= 1.0 + (1.0 + centre @ np.linalg.solve(gram, centre)) / worth
    middle = weights @ logit - centre @ slope
    return _place(middle + np.sqrt(inflate) * residual)


def _logit(place: np.ndarray) -> np.ndarray:
    inside = np.clip(place, EDGE, 1.0 - EDGE)
    return np.log(inside / (1.0 - inside))


def _place(logit: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-logit))


def effective_size(weights: np.ndarray) -> float:
    """Return how many independent draws weighted ones are worth (Kish 1965)."""
    return float(weights.sum() ** 2 / np.square(weights).sum())
