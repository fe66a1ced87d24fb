"""Posterior predictive checks: would the fitted model have produced what was observed.

A prediction is what the model says at a draw of the posterior, plus a survey error (`synthetic`).
Where the observation lies in the predictions is its quantile; one near 0 or 1 says that the model
with these errors hardly gives such a value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from sim77.analysis.calibrate.profile import Profile
from sim77.analysis.calibrate.synthetic import ERRORS_IN_SD
from sim77.analysis.calibrate.tables import HIGH, LOW, SolvedPosterior

OUTSIDE = 0.01
"""A fitted target whose quantile is below this, or above 1 less this, fails the gate."""


@dataclass(frozen=True)
class Predictive:
    """What predictive checks found.

    Attributes
    ----------
    targets : pandas.DataFrame
        One row a target: ``predictive.csv``.
    passed : bool
        Whether every target that was fitted or solved is inside.
    """

    targets: pd.DataFrame
    passed: bool


def check_predictions(profile: Profile, posterior: SolvedPosterior) -> Predictive:
    """Compare every target with its predictions.

    Parameters
    ----------
    profile : Profile
    posterior : SolvedPosterior

    Returns
    -------
    Predictive
    """
    weights = posterior.table["weight"].to_numpy()
    rows = []
    for target in profile.targets:
        said = posterior.statistics[target.name].to_numpy()
        sd = target.error / ERRORS_IN_SD
        quantile = float(weights @ norm.cdf((target.value - said) / sd) / weights.sum())
        low, median, high = _quantiles(said, weights, sd, (LOW, 0.5, HIGH))
        rows.append({
            "target": target.name, "use": target.use, "family": target.family,
            "anchor": target.anchor, "unit": target.unit, "observed": target.value,
            "error": target.error, "low": low, "median": median, "high": high,
            "quantile": quantile, "inside": bool(OUTSIDE <= quantile <= 1.0 - OUTSIDE),
        })  # fmt: skip
    table = pd.DataFrame(rows)
    return Predictive(table, bool(table["inside"][table["use"] != "compare"].all()))


def _quantiles(
    said: np.ndarray, weights: np.ndarray, sd: float, at: tuple[float, ...]
) -> np.ndarray:
    """Return quantiles of the mixture of normals around what the model says."""
    x = np.linspace(said.min() - 5.0 * sd, said.max() + 5.0 * sd, 2001)
    below = norm.cdf((x[:, None] - said) / sd) @ weights / weights.sum()
    return np.interp(at, below, x)
