"""A quick stand-in for the distance of a calibration, from the points it has already evaluated.

A Gaussian process gives what each target misses by as a function of the free parameters; the root
of the sum of squares is the distance. One kernel serves all targets: a parameter that moves none of
them gets a long length in it. How far the stand-in is from the model is found by cross-validation.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.core.errors import StudyError
from sim77.core.extras import needs

with needs("calibrate"):
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, WhiteKernel
    from sklearn.model_selection import KFold, cross_val_predict

MOST_POINTS = 500
"""Points the process is made from: its cost grows with their cube."""

FOLDS = 5
STARTS = 4
MARGIN = 1e-4
"""By which a search stays inside the bounds of a study: tables hold six digits, and a point read
back from one must still be inside."""


@dataclass(frozen=True)
class Surrogate:
    """A stand-in for the distance.

    Attributes
    ----------
    study : CalibrationStudy
    process : GaussianProcessRegressor
        From places in the priors, 0 to 1, to misses.
    error : float
        Root mean square error of the distance in cross-validation, over the half of the points
        that is nearest to the observations.
    """

    study: CalibrationStudy
    process: GaussianProcessRegressor
    error: float

    def distance(self, place: np.ndarray) -> np.ndarray:
        """Return the distance at places in the priors, (n, n_parameters) to (n,)."""
        return _distance(self.process.predict(place))

    def nearest(self, column: int, at: float, starts: np.ndarray) -> np.ndarray:
        """Return the place of least distance with one parameter held.

        Parameters
        ----------
        column : int
            The parameter that is held.
        at : float
            Its place, 0 to 1.
        starts : numpy.ndarray, shape (n, n_parameters)
            Places to start from; the best few of them, with the parameter moved, are used.

        Returns
        -------
        numpy.ndarray, shape (n_parameters,)
            A place that the study allows.

        Raises
        ------
        StudyError
            If the study allows none that is found.
        """
        moved = starts.copy()
        moved[:, column] = at
        moved = moved[np.argsort(self.distance(moved), kind="stable")]
        bounds = [(at, at) if each == column else (0.0, 1.0) for each in range(starts.shape[1])]
        kept = {"type": "ineq", "fun": lambda x: np.array([1.0, *self._slack(x)]) - MARGIN}
        # Moving one parameter may break a bound on several: the search then comes back inside.
        found = [
            minimize(
                lambda x: float(self.distance(x[None, :])[0] ** 2), start, method="SLSQP",
                bounds=bounds, constraints=[kept], options={"maxiter": 30},
            ).x
            for start in moved[:STARTS]
        ]  # fmt: skip
        allowed = [each for each in (*found, *moved) if self._allows(each)]
        if not allowed:
            free = self.study.free[column]
            raise StudyError(
                f"no point that the study allows has {free.name} at "
                f"{free.low + at * (free.high - free.low):g}: check its ranges and at_most."
            )
        return np.asarray(allowed[int(np.argmin(self.distance(np.array(allowed))))])

    def _allows(self, place: np.ndarray) -> bool:
        return self.study.allows(values_at(self.study, place))

    def _slack(self, place: np.ndarray) -> list[float]:
        return self.study.slack(values_at(self.study, place))


def spread_rows(n: int) -> np.ndarray:
    """Return at most `MOST_POINTS` of n rows, evenly spread: of points, all generations."""
    return np.unique(np.linspace(0, n - 1, MOST_POINTS).round().astype(int))


def fit_surrogate(study: CalibrationStudy, place: np.ndarray, misses: np.ndarray) -> Surrogate:
    """Fit a stand-in to points that were evaluated.

    Parameters
    ----------
    study : CalibrationStudy
    place : numpy.ndarray, shape (n, n_parameters)
        In the priors, 0 to 1.
    misses : numpy.ndarray, shape (n, n_targets)

    Returns
    -------
    Surrogate
    """
    x, y = place, misses
    kernel = RBF(np.ones(x.shape[1]), (0.05, 1e3)) + WhiteKernel(0.05, (1e-4, 1.0))
    with warnings.catch_warnings():
        # A length at its bound says that a parameter moves nothing: that is a finding.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process = GaussianProcessRegressor(kernel, normalize_y=True).fit(x, y)
    fixed = GaussianProcessRegressor(process.kernel_, optimizer=None, normalize_y=True)
    predicted = cross_val_predict(fixed, x, y, cv=KFold(FOLDS, shuffle=True, random_state=0))
    true = _distance(y)
    near = true <= np.median(true)
    off = _distance(predicted)[near] - true[near]
    return Surrogate(study, process, float(np.sqrt(np.square(off).mean())))


def values_at(study: CalibrationStudy, place: np.ndarray) -> dict[str, float]:
    """Return the values of what is free at a place in the priors."""
    # Rounding may pass an end of a range by a last digit.
    (point,) = study.points(np.clip(study.values_at(place), *study.ends)[None, :])
    return point


def _distance(misses: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(misses).sum(axis=1))
