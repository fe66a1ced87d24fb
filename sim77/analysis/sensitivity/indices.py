"""Which factors matter: Sobol indices, elementary effects (Morris) and delta.

All three take the mean over replications of each design point (`sim77.analysis.sweep.frames`),
return tidy tables with 95 % intervals, and seed the resampling, so that a table is the same each
time. Each has its design: Sobol indices and Morris's effects are computed from the rows of
their own designs and of no other; delta takes any sample that fills the space of the factors.

References
----------
Herman, J. & Usher, W. (2017). SALib: an open-source Python library for sensitivity analysis.
Journal of Open Source Software 2(9), 97. Iwanaga, T., Usher, W. & Herman, J. (2022). Toward SALib
2.0. Socio-Environmental Systems Modelling 4, 18155.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim77.analysis.sweep.designs import salib_problem
from sim77.analysis.sweep.frames import (
    NotApplicableError,
    factor_names,
    numeric_factors,
    point_means,
    varying,
)
from sim77.core.extras import needs

if TYPE_CHECKING:
    from sim77.analysis.sweep.results import Sweep

RESAMPLES = 1000
RESAMPLES_DELTA = 100
CONFIDENCE = 0.95
NORMAL_95 = 1.959964
"""Standard deviations on either side of a mean that hold 95 % of a normal distribution."""
LEAST_POINTS_DELTA = 50
"""Below, the densities that delta compares are too rough to mean anything."""

_WITHOUT_DELTA = ("morris", "grid")
"""Designs whose few values of each factor give no densities to compare."""


def sobol(sweep: Sweep, outcome: str, *, seed: int = 1) -> pd.DataFrame:
    """Return Sobol indices: the shares of an outcome's variance that factors account for.

    Parameters
    ----------
    sweep : Sweep
        Of a study whose design method is ``sobol``, with every run finished.
    outcome : str
    seed : int
        Of the resampling behind the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns ``factor``, ``other`` (the second factor of a pair, else blank), ``order``
        (``first``, ``total``, ``second``), ``index`` (share of variance, 0–1; an estimate may fall
        a little outside), ``low`` and ``high`` (95 % interval by bootstrap, normal), ``n`` (rows
        of the sample).

    Raises
    ------
    NotApplicableError
        Another design, or runs missing from it; the sentence says what can be done instead.

    Notes
    -----
    First and total order by the estimators of Saltelli et al. (2010), second order by Saltelli
    (2002). With common random numbers the seeds are the same at every point, so that an index is
    of the mean over these seeds; what chance is left in it lowers all first-order indices alike.

    References
    ----------
    Sobol', I. M. (2001). Mathematics and Computers in Simulation 55, 271–280. Saltelli, A. (2002).
    Computer Physics Communications 145, 280–297. Saltelli, A. et al. (2010). Computer Physics
    Communications 181, 259–270.
    """
    with needs("sweep"):
        from SALib.analyze import sobol as analysis

    rows = _sample(sweep, outcome, "sobol")
    values = _varied(rows["mean"].to_numpy(float), outcome)
    names = factor_names(sweep)
    second = bool(sweep.study.plan.second_order)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a constant subset gives NaN, which the table shows
        found = analysis.analyze(
            salib_problem(names), values, calc_second_order=second,
            num_resamples=RESAMPLES, conf_level=CONFIDENCE, seed=seed,
        )  # fmt: skip
    parts = [
        _tidy(names, "", order, found[key], found[f"{key}_conf"], len(rows))
        for order, key in (("first", "S1"), ("total", "ST"))
    ]
    if second:
        parts += [
            _tidy([a], b, "second", [found["S2"][i, j]], [found["S2_conf"][i, j]], len(rows))
            for i, a in enumerate(names)
            for j, b in enumerate(names)
            if i < j
        ]
    return pd.concat(parts, ignore_index=True)


def morris(sweep: Sweep, outcome: str, *, seed: int = 1) -> pd.DataFrame:
    """Return the elementary effects of Morris: what moving a factor over its whole range does.

    Parameters
    ----------
    sweep : Sweep
        Of a study whose design method is ``morris``, with every run finished.
    outcome : str
    seed : int
        Of the resampling behind the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns ``factor``, ``other`` (blank), ``order``: ``mu_star`` (mean absolute effect),
        ``mu`` (mean effect, with its sign), ``sigma`` (spread of the effects: interactions and
        bends); ``index`` in the outcome's unit for the factor's whole range, ``low``, ``high``
        (95 % interval by bootstrap; of ``mu_star`` only), ``n`` (trajectories).

    References
    ----------
    Morris, M. D. (1991). Technometrics 33, 161–174. Campolongo, F., Cariboni, J. & Saltelli, A.
    (2007). Environmental Modelling & Software 22, 1509–1518.
    """
    rows = _sample(sweep, outcome, "morris")
    values = _varied(rows["mean"].to_numpy(float), outcome)
    names = factor_names(sweep)
    effects = _elementary_effects(numeric_factors(sweep, rows, unit=True), values)
    sizes, trajectories = np.abs(effects), len(effects)
    random = np.random.default_rng(seed)
    again = sizes[random.integers(trajectories, size=(RESAMPLES, trajectories))].mean(axis=1)
    unknown = np.full(len(names), np.nan)
    several = trajectories > 1
    return pd.concat(
        [
            _tidy(names, "", key, found, half, trajectories)
            for key, found, half in (
                ("mu_star", sizes.mean(axis=0),
                 NORMAL_95 * again.std(axis=0, ddof=1) if several else unknown),
                ("mu", effects.mean(axis=0), unknown),
                ("sigma", effects.std(axis=0, ddof=1) if several else unknown, unknown),
            )
        ],
        ignore_index=True,
    )  # fmt: skip


def _elementary_effects(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the elementary effects, (n_trajectories, n_factors), for a factor's whole range.

    Each is divided by the step that the factor made. SALib divides by the step of the design, but a
    factor of listed values or whole numbers steps from value to value: one of two values is moved
    over its whole range by a step of two thirds.

    Parameters
    ----------
    x : numpy.ndarray, shape (n_trajectories * (n_factors + 1), n_factors)
        From 0 to 1; from one row of a trajectory to the next a single factor moves.
    y : numpy.ndarray, shape (n_trajectories * (n_factors + 1),)
    """
    size = x.shape[1] + 1
    steps = np.diff(x.reshape(-1, size, x.shape[1]), axis=1)
    moved = np.abs(steps).argmax(axis=2)[..., None]
    step = np.take_along_axis(steps, moved, axis=2)[..., 0]
    found = np.empty(steps.shape[:2])
    np.put_along_axis(found, moved[..., 0], np.diff(y.reshape(-1, size), axis=1) / step, axis=1)
    return found


def delta(sweep: Sweep, outcome: str, *, seed: int = 1) -> pd.DataFrame:
    """Return Borgonovo's delta: how far a factor shifts the whole distribution of an outcome.

    Parameters
    ----------
    sweep : Sweep
        Of any design that fills the space of the factors: ``lhs``, ``sobol``, or a table of points.
    outcome : str
    seed : int
        Of the resampling behind the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns ``factor``, ``other`` (blank), ``order`` (``delta``), ``index`` (0–1), ``low``,
        ``high`` (95 % interval by bootstrap), ``n`` (design points).

    Raises
    ------
    NotApplicableError
        The design is a grid or Morris's, holds fewer than `LEAST_POINTS_DELTA` points, or the
        outcome is the same at most of them.

    Notes
    -----
    Delta of an irrelevant factor tends to be above zero in a finite sample; the estimate is
    corrected for this bias by bootstrap (Plischke et al. 2013), not freed of it, and may then fall
    below zero. Compare factors with each other.

    References
    ----------
    Borgonovo, E. (2007). Reliability Engineering & System Safety 92, 771–784. Plischke, E.,
    Borgonovo, E. & Smith, C. L. (2013). European Journal of Operational Research 226, 536–550.
    """
    sweep.check_outcome(outcome)
    if sweep.study.plan.method in _WITHOUT_DELTA:
        raise _not_of_this_design(sweep, "delta", "a design that fills the space, such as lhs")
    points = point_means(sweep, outcome)
    if len(points) < LEAST_POINTS_DELTA:
        raise NotApplicableError(
            "few",
            f"delta needs {LEAST_POINTS_DELTA} design points at least, the study has {len(points)} "
            "with finished runs.",
        )
    values = _varied(points["mean"].to_numpy(float), outcome)
    names, every = varying(sweep, points), factor_names(sweep)
    columns = numeric_factors(sweep, points)
    random = np.random.default_rng(seed)
    try:
        found = [_delta_of(columns[:, every.index(name)], values, random) for name in names]
    except np.linalg.LinAlgError as error:
        # A class or a resample in which all values are the same has no density to estimate.
        raise NotApplicableError(
            "constant", f"'{outcome}' is the same at most points: delta cannot tell factors apart."
        ) from error
    index, half = ([pair[place] for pair in found] for place in (0, 1))
    return _tidy(names, "", "delta", index, half, len(points))


def _delta_of(x: np.ndarray, y: np.ndarray, random: np.random.Generator) -> tuple[float, float]:
    """Return delta with the half-width of its interval.

    The estimator is SALib's; the correction of its bias (equation 30 of Plischke et al.) is applied
    here, because SALib 1.6 takes the estimate itself from a resample too, which undoes it.
    """
    with needs("sweep"):
        from SALib.analyze.delta import calc_delta
        from threadpoolctl import threadpool_limits

    n = y.size
    classes = min(int(np.ceil(n ** (2.0 / (7.0 + np.tanh((1500.0 - n) / 500.0))))), 48)
    edges = np.linspace(0, n, classes + 1)
    grid = np.linspace(y.min(), y.max(), 100)
    # The systems to solve are tiny: several threads would only wait for each other.
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        warnings.simplefilter("ignore")  # about classes in which the outcome is constant
        whole = calc_delta(y, grid, x, edges)
        drawn = []
        for _ in range(RESAMPLES_DELTA):
            rows = random.integers(n, size=n)
            drawn.append(calc_delta(y[rows], grid, x[rows], edges))
    return 2.0 * whole - float(np.mean(drawn)), NORMAL_95 * float(np.std(drawn, ddof=1))


def _sample(sweep: Sweep, outcome: str, method: str) -> pd.DataFrame:
    """Return the means in the order of the design's sample, in which points may repeat."""
    sweep.check_outcome(outcome)
    if sweep.study.plan.method != method:
        raise _not_of_this_design(sweep, method, f"the design method '{method}'")
    points = point_means(sweep, outcome)
    sample = np.asarray(sweep.sample())
    missing = len(set(sample.tolist()) - set(points.index))
    if missing:
        raise NotApplicableError(
            "incomplete",
            f"{_name(method)} need every run of the design, and {missing} of its "
            f"{len(set(sample.tolist()))} points have none finished: resume the sweep, or use "
            f"{_instead(sweep)}.",
        )
    return points.loc[sample]


def _name(method: str) -> str:
    return {"sobol": "Sobol indices", "morris": "elementary effects"}.get(method, method)


def _instead(sweep: Sweep) -> str:
    scores = "feature scores"
    return scores if sweep.study.plan.method in _WITHOUT_DELTA else f"delta, {scores}"


def _not_of_this_design(sweep: Sweep, method: str, wanted: str) -> NotApplicableError:
    verb = "need" if method in ("sobol", "morris") else "needs"
    return NotApplicableError(
        "design",
        f"{_name(method)} {verb} {wanted}, the study's is '{sweep.study.plan.method}': "
        f"use {_instead(sweep)}.",
    )


def _varied(values: np.ndarray, outcome: str) -> np.ndarray:
    """Return values if they differ; an outcome that never changes has no sensitivity."""
    if np.ptp(values) <= 1e-12 * max(float(np.abs(values).max()), 1e-300):
        raise NotApplicableError(
            "constant", f"'{outcome}' is the same at every design point: nothing moves it."
        )
    return values


def _tidy(names: list[str], other: str, order: str, index: Any, conf: Any, n: int) -> pd.DataFrame:
    """Put one kind of index with the half-widths of its intervals in tidy rows."""
    value, half = np.asarray(index, dtype=float), np.asarray(conf, dtype=float)
    return pd.DataFrame(
        {"factor": names, "other": other, "order": order, "index": value, "low": value - half,
         "high": value + half, "n": n}
    )  # fmt: skip


def undecided(leading: pd.DataFrame) -> int:
    """Return of how many factors the intervals reach that of the greatest index, itself included.

    Which of them matters most is not known: they cannot be put in order.

    Parameters
    ----------
    leading : pandas.DataFrame
        Rows of one order of index: ``index``, ``low``, ``high``.
    """
    first = leading["index"].idxmax()
    reach = leading["high"] >= leading.at[first, "low"]
    return int(reach.drop(first).sum()) + 1
