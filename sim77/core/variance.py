"""Where the variance of an outcome comes from: its seeds, its parameters, the scenarios compared.

By the law of total variance, for an outcome Y of scenario S, parameters P and seed,

    var Y = E var(Y | S, P) + E var(E(Y | S, P) | S) + var E(Y | S)
              sampling            parameter            scenario

The parts are estimated from runs of every scenario s under the same draws d of the parameters, each
with the same seeds r: the sums of squares of an analysis of variance of random effects (Searle,
Casella & McCulloch 1992, Variance Components, chapters 3 and 4), nested for seeds in draws, crossed
for draws and scenarios. How few seeds a draw will do: Sun, Apley & Staum 2011, Operations Research
59(4), 998-1007.

The estimates are unbiased, and therefore may fall below zero where a part is small beside the noise
of its estimate. They are given with their sign; where shares are made of them, a part below
zero counts as nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy

LEVEL = 0.95
SEEDS_THAT_TELL = 3
"""The interval of two may be narrow, or wide, by luck; of one there is none."""


class VarianceParts(NamedTuple):
    """Unbiased estimates of the parts of a variance, each with the shape of the outcomes.

    Attributes
    ----------
    sampling : numpy.ndarray
        Of one run, between seeds, with scenario and parameters given.
    parameter : numpy.ndarray
        Between draws of the parameters, with the scenario given.
    scenario : numpy.ndarray
        Between the scenarios, one as likely as another; 0 for a single one.
    """

    sampling: np.ndarray
    parameter: np.ndarray
    scenario: np.ndarray

    def shares(self) -> VarianceParts:
        """Return the parts of the whole, those below zero as 0; NaN where nothing varies."""
        parts = np.maximum(np.stack(self), 0.0)
        whole = parts.sum(axis=0)
        return VarianceParts(*np.divide(parts, whole, out=np.full_like(parts, np.nan),
                                        where=whole > 0.0))  # fmt: skip


class HalfWidths(NamedTuple):
    """Half of a 95 % interval, and what of it each part makes alone; squares add up.

    Attributes
    ----------
    whole, sampling, parameter : numpy.ndarray
        The parts are NaN where draws have one seed each.
    """

    whole: np.ndarray
    sampling: np.ndarray
    parameter: np.ndarray


def variance_parts(values: np.ndarray) -> VarianceParts:
    """Split the variance of outcomes.

    With m the means over the R seeds of a scenario and draw, S scenarios and D draws:

    - sampling is the mean of the variances between seeds, s²;
    - parameter is the mean over scenarios of the variance of m between draws, less s² / R, which
      seeds alone would make;
    - scenario is (S - 1) / S times the variance between the scenarios' means, less I / D, where I
      is the mean square of the interaction of scenarios and draws: what draws and seeds, shared by
      all scenarios, leave in the differences between these means.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_scenarios, n_draws, n_seeds, …)
        At least two draws and two seeds; draws and seeds are the same for all scenarios.

    Returns
    -------
    VarianceParts
    """
    n_scenarios, n_draws, n_seeds = values.shape[:3]
    if n_draws < 2 or n_seeds < 2:
        raise ValueError("two draws and two seeds a draw are needed to tell them apart.")
    sampling = values.var(axis=2, ddof=1).mean(axis=(0, 1))
    means = values.mean(axis=2)
    parameter = means.var(axis=1, ddof=1).mean(axis=0) - sampling / n_seeds
    if n_scenarios == 1:
        return VarianceParts(sampling, parameter, np.zeros_like(sampling))
    by_scenario = means.mean(axis=1)
    apart = means - by_scenario[:, None] - means.mean(axis=0) + by_scenario.mean(axis=0)
    interaction = (apart**2).sum(axis=(0, 1)) / ((n_scenarios - 1) * (n_draws - 1))
    between = by_scenario.var(axis=0, ddof=1) - interaction / n_draws
    return VarianceParts(sampling, parameter, between * (n_scenarios - 1) / n_scenarios)


def half_widths(values: np.ndarray) -> HalfWidths:
    """Return half the 95 % interval of the effect under one more draw, the true parameters'.

    It is the interval of prediction of Student's t with D - 1 degrees of freedom,

        t sqrt((1 + 1 / D) (parameter + sampling / R)),

    exact where effects are normal; the second bracket is the variance between the draws' means.
    It holds the chance of the R seeds of a draw, and therefore errs on the wide side as an interval
    of what the true parameters give on average; more seeds a draw narrow that part. (Without it
    the interval is too narrow: the estimate of `parameter` is too rough, and often below zero.)
    The mean over draws is known better, to ``whole / sqrt(D + 1)``.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_draws, n_seeds, …)

    Returns
    -------
    HalfWidths
        NaN with fewer than two draws.
    """
    n_draws, n_seeds = values.shape[:2]
    unknown = np.full(values.shape[2:], np.nan)
    if n_draws < 2:
        return HalfWidths(unknown, unknown, unknown)
    factor = scipy.stats.t.ppf(0.5 + LEVEL / 2, n_draws - 1) * np.sqrt(1.0 + 1.0 / n_draws)
    between = values.mean(axis=1).var(axis=0, ddof=1)
    if n_seeds < 2:
        return HalfWidths(factor * np.sqrt(between), unknown, unknown)
    seeds = np.minimum(values.var(axis=1, ddof=1).mean(axis=0) / n_seeds, between)
    return HalfWidths(*(factor * np.sqrt(np.stack((between, seeds, between - seeds)))))


def parameter_share_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of parameters' share of the variance of one run.

    Exact where effects are normal (Searle, Casella & McCulloch 1992, section 3.6: the intraclass
    correlation): with F the ratio of mean squares between and within draws, divided by the upper
    and the lower quantile of Fisher's distribution, ``(F - 1) / (F - 1 + R)``; cut at 0.

    Parameters
    ----------
    values : numpy.ndarray of float64, shape (n_draws, n_seeds, …)
        At least two draws and two seeds.

    Returns
    -------
    low, high : numpy.ndarray
        NaN where nothing varies between seeds.
    """
    n_draws, n_seeds = values.shape[:2]
    within = values.var(axis=1, ddof=1).mean(axis=0)
    between = n_seeds * values.mean(axis=1).var(axis=0, ddof=1)
    ratio = np.divide(between, within, out=np.full_like(within, np.nan), where=within > 0.0)
    freedom = (n_draws - 1, n_draws * (n_seeds - 1))
    ends = []
    for level in (0.5 + LEVEL / 2, 0.5 - LEVEL / 2):
        scaled = ratio / scipy.stats.f.ppf(level, *freedom)
        ends.append(np.maximum((scaled - 1.0) / (scaled - 1.0 + n_seeds), 0.0))
    return ends[0], ends[1]
