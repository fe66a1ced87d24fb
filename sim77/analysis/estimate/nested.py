"""The nested logit of the day plans by maximum likelihood (Ben-Akiva and Lerman 1985, chapter 10).

The office is alone, whole days away form one nest and half days another, both of scale
``mu_remote``, as in `sim77.engine.choice.utility`, without its errors shared by centres of one
place. The likelihood and its gradient are exact; SciPy maximises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from sim77.analysis.estimate.design import FULL, HALF, ChoiceDesign
from sim77.core.errors import StudyError
from sim77.registry.parameters import load_parameters

MU = "mu_remote"
_GRADIENT = 1e-4
_SAME = 1e-3  # log-likelihoods this close are the same maximum
_STEP = 1e-5
_SINGULAR = 1e-9


@dataclass(frozen=True)
class Fit:
    """A maximum of a likelihood.

    Attributes
    ----------
    names : tuple of str
        Coefficients.
    values : numpy.ndarray, shape (n,)
    log_likelihood : float
    hessian : numpy.ndarray, shape (n, n)
        Second derivatives of minus the log-likelihood.
    scores : numpy.ndarray, shape (n_persons, n)
        Gradient of each person's log-likelihood, weighted.
    starts, starts_agreeing : int
        Starting points, and those that led to this maximum.
    """

    names: tuple[str, ...]
    values: np.ndarray
    log_likelihood: float
    hessian: np.ndarray
    scores: np.ndarray
    starts: int
    starts_agreeing: int

    def still_to_gain(self) -> float:
        """Return what one more Newton step would add to the log-likelihood: 0 at a maximum."""
        gradient = self.scores.sum(axis=0)
        return 0.5 * float(gradient @ np.linalg.solve(self.hessian, gradient))


def log_likelihood(
    design: ChoiceDesign, coefficients: np.ndarray, mu: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each day's log-likelihood and its derivatives, without weights.

    Parameters
    ----------
    design : ChoiceDesign
    coefficients : numpy.ndarray, shape (n_terms,)
    mu : float
        Scale of the nests, above 0.

    Returns
    -------
    tuple of numpy.ndarray
        The log-likelihood, shape (n_days,); its derivatives by the utilities of the plans, shape
        (n_days, n_plans), and by `mu`, shape (n_days,).
    """
    rows = np.arange(design.n_days)
    linear = (_flat(design) @ coefficients).reshape(design.fixed.shape)
    v = np.where(design.available, design.fixed + linear, -np.inf)
    inclusive, within = np.full((design.n_days, 3), -np.inf), np.zeros_like(v)
    by_mu = np.zeros((design.n_days, 3))
    inclusive[:, 0], within[:, 0] = v[:, 0], design.available[:, 0]
    for nest in (FULL, HALF):
        mine = design.nest == nest
        inclusive[:, nest], within[:, mine], by_mu[:, nest] = _nest(v[:, mine], mu)
    top = inclusive.max(axis=1, keepdims=True)
    weight = np.exp(inclusive - top)
    total = weight.sum(axis=1, keepdims=True)
    p_nest = weight / total
    nest_of = design.nest[design.chosen]
    value, own = inclusive[rows, nest_of], v[rows, design.chosen]
    scale = np.where(nest_of == 0, 1.0, mu)
    ll = (own - value) / scale + value - (top + np.log(total))[:, 0]
    same = design.nest[None, :] == nest_of[:, None]
    by_v = same * within * (1.0 - 1.0 / scale)[:, None] - p_nest[:, design.nest] * within
    by_v[rows, design.chosen] += 1.0 / scale
    own_mu = by_mu[rows, nest_of] * (1.0 - 1.0 / scale) - (own - value) / scale**2
    grad_mu = np.where(nest_of == 0, 0.0, own_mu) - (p_nest * by_mu).sum(axis=1)
    return ll, by_v, grad_mu


def _flat(design: ChoiceDesign) -> np.ndarray:
    """Return the terms with days and plans in one axis (a view), for a fast product."""
    return design.x.reshape(-1, design.x.shape[2])


def _nest(v: np.ndarray, mu: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return inclusive value, shares within, and the derivative of the value by `mu`."""
    n = len(v)
    if v.shape[1] == 0:
        return np.full(n, -np.inf), np.zeros((n, 0)), np.zeros(n)
    top = v.max(axis=1, keepdims=True)
    here = np.isfinite(top)
    weight = np.exp((v - np.where(here, top, 0.0)) / mu)
    total = weight.sum(axis=1, keepdims=True)
    share = np.divide(weight, total, out=np.zeros_like(v), where=here)
    with np.errstate(divide="ignore"):
        value = np.where(here, top + mu * np.log(total), -np.inf)[:, 0]
    mean = np.where(np.isfinite(v), v, 0.0)
    by_mu = np.where(here[:, 0], (value - (share * mean).sum(axis=1)) / mu, 0.0)
    return value, share, by_mu


def fit_nested(design: ChoiceDesign, hold_mu: float | None = None) -> Fit:
    """Estimate the nested logit.

    Parameters
    ----------
    design : ChoiceDesign
    hold_mu : float, optional
        Scale of the nests to hold; estimated when not given.

    Raises
    ------
    StudyError
        If no start converges, or coefficients are not identified.
    """
    if hold_mu is None and not (np.sum(design.available & (design.nest > 0), axis=1) > 1).any():
        raise StudyError(
            f"no day offers two ways of being away from the office, so {MU} cannot be estimated: "
            f"use --hold {MU}."
        )
    names = design.names if hold_mu is not None else (*design.names, MU)

    n_terms = len(design.names)

    def days(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        mu = values[-1] if hold_mu is None else hold_mu
        return log_likelihood(design, values[:n_terms], mu)

    def minus(values: np.ndarray) -> tuple[float, np.ndarray]:
        ll, by_utility, by_mu = days(values)
        gradient = (design.weight[:, None] * by_utility).ravel() @ _flat(design)
        both = np.append(gradient, design.weight @ by_mu)[: len(names)]
        return -float(design.weight @ ll), -both

    def scores(values: np.ndarray) -> np.ndarray:
        _, by_utility, by_mu = days(values)
        by_term = np.einsum("nj,njk->nk", by_utility, design.x)
        both = np.column_stack((by_term, by_mu))[:, : len(names)]
        return design.by_person(design.weight[:, None] * both)

    tries = [_maximise(minus, scores, start, hold_mu is None) for start in _starts(names)]
    best = min(tries, key=lambda each: each.fun)
    if not np.isfinite(best.fun):
        raise StudyError("the likelihood could not be maximised from any start.")
    values = best.x if hold_mu is not None else np.append(best.x[:-1], np.exp(best.x[-1]))
    return Fit(
        names=names,
        values=values,
        log_likelihood=-best.fun,
        hessian=differentiate(lambda each: minus(each)[1], values),
        scores=scores(values),
        starts=len(tries),
        starts_agreeing=sum(each.fun - best.fun < _SAME for each in tries),
    )


def _maximise(
    minus: Callable[[np.ndarray], tuple[float, np.ndarray]],
    scores: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    with_mu: bool,
) -> scipy.optimize.OptimizeResult:
    """Search from a start by BFGS, the last coefficient by its logarithm if it is the scale.

    The outer product of the scores is the first guess at the curvature (Berndt et al. 1974).
    """
    factor = np.ones(start.size)

    def values_of(point: np.ndarray) -> np.ndarray:
        return np.append(point[:-1], np.exp(point[-1])) if with_mu else point

    def objective(point: np.ndarray) -> tuple[float, np.ndarray]:
        values = values_of(point)
        value, gradient = minus(values)
        if with_mu:
            gradient[-1] *= values[-1]
        return value, gradient

    first = start.copy()
    if with_mu:
        factor[-1], first[-1] = start[-1], np.log(start[-1])
    at_start = scores(start) * factor
    curvature = at_start.T @ at_start
    curvature += 1e-6 * np.trace(curvature) / start.size * np.eye(start.size)
    guess = np.linalg.inv(curvature)
    return scipy.optimize.minimize(
        objective, first, jac=True, method="BFGS",
        options={"gtol": _GRADIENT, "hess_inv0": 0.5 * (guess + guess.T)},
    )  # fmt: skip


def _starts(names: tuple[str, ...]) -> list[np.ndarray]:
    """Return the registry's values, nothing at all, and the middle between under a narrow nest."""
    known = load_parameters()
    usual = np.array([known[name].value for name in names])
    is_mu = np.array([name == MU for name in names])
    return [usual, np.where(is_mu, 1.0, 0.0), np.where(is_mu, 0.35, 0.5 * usual)]


def differentiate(
    gradient_of: Callable[[np.ndarray], np.ndarray], values: np.ndarray
) -> np.ndarray:
    """Return the symmetric matrix of derivatives of a gradient, by central differences."""
    steps = _STEP * np.maximum(1.0, np.abs(values))
    columns = []
    for index, step in enumerate(steps):
        move = np.zeros_like(values)
        move[index] = step
        columns.append((gradient_of(values + move) - gradient_of(values - move)) / (2.0 * step))
    matrix = np.array(columns)
    found: np.ndarray = 0.5 * (matrix + matrix.T)
    return found


def check_identified(names: tuple[str, ...], hessian: np.ndarray) -> None:
    """Raise if the likelihood is flat in some direction, naming the coefficients in it.

    Coefficients are compared after scaling by their own curvature, so units do not matter.
    """
    curvature = np.diag(hessian)
    flat = [name for name, each in zip(names, curvature, strict=True) if not each > _SINGULAR]
    if not flat:
        scale = 1.0 / np.sqrt(curvature)
        eigenvalues, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
        if eigenvalues[0] > 1e-7:
            return
        part = np.abs(vectors[:, 0])
        flat = [name for name, each in zip(names, part, strict=True) if each > 0.1 * part.max()]
    text = f"{' and '.join(flat)} apart" if len(flat) > 1 else f"{flat[0]} from the rest"
    raise StudyError(
        f"the survey does not tell {text} (the likelihood is flat there): use --hold {flat[-1]}."
    )


def covariances(fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """Return the robust and the classical covariance of the coefficients.

    Robust: the sandwich, with scores summed by person, times n / (n - 1); classical: the inverse
    of the Hessian.
    """
    check_identified(fit.names, fit.hessian)
    inverse = np.linalg.inv(fit.hessian)
    n = len(fit.scores)
    centred = fit.scores - fit.scores.mean(axis=0)
    robust = inverse @ (centred.T @ centred) @ inverse * n / max(n - 1, 1)
    return robust, inverse
