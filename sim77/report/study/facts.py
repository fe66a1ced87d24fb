"""What the page of a study is made from: every analysis that its design allows, computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim77.analysis.discovery import discovery, robustness
from sim77.analysis.discovery.condition import Condition, parse_condition
from sim77.analysis.sensitivity import indices
from sim77.analysis.sweep.frames import (
    Noise,
    NotApplicableError,
    is_text,
    noise_shares,
    point_blocks,
    point_means,
)
from sim77.analysis.sweep.outcome_direction import BASELINE, EFFECT, better_of
from sim77.analysis.sweep.results import Sweep, half_width
from sim77.core.errors import ResultError

MOST_HEADLINES = 6

ANALYSES: dict[str, tuple[str, Callable[..., pd.DataFrame]]] = {
    "sobol": ("sobol", indices.sobol),
    "morris": ("morris", indices.morris),
}
"""By design, the name of the analysis made for it and the analysis; of all other designs, delta."""


@dataclass(frozen=True)
class Mean:
    """An outcome over the whole study.

    Attributes
    ----------
    name : str
    mean, low, high : float
        Over design points, with the 95 % interval over replications (Student); NaN with one.
    least, most : float
        Of the means by design point.
    replications : int
        Behind the interval: seeds that ran at every point.
    """

    name: str
    mean: float
    low: float
    high: float
    least: float
    most: float
    replications: int


@dataclass(frozen=True)
class Finding:
    """What the analyses say of one headline outcome; a text instead of a result says why not.

    Attributes
    ----------
    name : str
    points : pandas.DataFrame
        From `sim77.analysis.sweep.frames.point_means`.
    noise : Noise
    method : str
        ``sobol``, ``morris`` or ``delta``.
    sensitivity : pandas.DataFrame or str
    condition : Condition or None
        What PRIM and CART look for; none of a plain outcome unless one is given.
    box : discovery.Box or str
    leaves : pandas.DataFrame or str
    better : str
        ``lower``, ``higher``, or blank where neither is.
    regret : pandas.DataFrame or str
    blocks : numpy.ndarray or None
        From `sim77.analysis.sweep.frames.point_blocks`.
    """

    name: str
    points: pd.DataFrame
    noise: Noise
    method: str
    sensitivity: pd.DataFrame | str
    condition: Condition | None
    box: discovery.Box | str
    leaves: pd.DataFrame | str
    better: str
    regret: pd.DataFrame | str
    blocks: np.ndarray | None = None


@dataclass(frozen=True)
class StudyFacts:
    """All that the page says.

    Attributes
    ----------
    sweep : Sweep
    means : tuple of Mean
        Of every scalar outcome, paired effects first.
    findings : tuple of Finding
        Of the headline outcomes.
    scores : pandas.DataFrame or str
        Feature scores of the headline outcomes.
    parts : pandas.DataFrame or None
        What seeds, parameters and scenarios make of the variance of the headline outcomes, from
        `sim77.analysis.sweep.results.Sweep.variance_parts`; None where they cannot be told apart.
    runs, failures : int
    tables : str
        Name of the folder, beside the page, of the tables as CSV files.
    """

    sweep: Sweep
    means: tuple[Mean, ...]
    findings: tuple[Finding, ...]
    scores: pd.DataFrame | str
    parts: pd.DataFrame | None
    runs: int
    failures: int
    tables: str


def facts_of(sweep: Sweep, where: str | None = None, tables: str = "tables") -> StudyFacts:
    """Compute everything that the page of a study says.

    Parameters
    ----------
    sweep : Sweep
    where : str, optional
        The condition that PRIM and CART look for; by default that the better, of effects, is
        reached: ``effect_… < 0`` where lower is better, else ``> 0``.
    tables : str
        As in `StudyFacts.tables`.

    Raises
    ------
    ResultError
        No run has finished, or the condition cannot be read.
    """
    sweep = sweep.as_it_is()
    names = headlines(sweep)
    condition = None if where is None else parse_condition(where, sweep.outcomes)
    return StudyFacts(
        sweep=sweep,
        means=tuple(_mean(sweep, name) for name in _effects_first(sweep)),
        findings=tuple(_finding(sweep, name, condition) for name in names),
        scores=or_reason(lambda: discovery.feature_scores(sweep, names)),
        parts=_parts(sweep, names),
        runs=len(sweep.table()),
        failures=len(sweep.failures()),
        tables=tables,
    )


def headlines(sweep: Sweep) -> list[str]:
    """Return the outcomes that get a chapter: paired effects if there are any, at most six."""
    effects = [name for name in sweep.outcomes if name.startswith(EFFECT)]
    plain = [name for name in sweep.outcomes if not name.startswith((EFFECT, BASELINE))]
    return (effects or plain)[:MOST_HEADLINES]


def _effects_first(sweep: Sweep) -> list[str]:
    return sorted(sweep.outcomes, key=lambda name: not name.startswith(EFFECT))


def _mean(sweep: Sweep, name: str) -> Mean:
    """Average an outcome over the design, with an interval over the seeds that all points share."""
    points = point_means(sweep, name)["mean"]
    by_seed = sweep.table().pivot_table(index="design", columns="seed", values=name)
    means = by_seed.dropna(axis=1, how="any").mean(axis=0)
    n, study = len(means), sweep.study
    # Seeds of one draw of a posterior are no independent cases; their means are.
    cases = means.groupby((means.index - study.seed) // study.seeds_per_draw).mean()
    half = float(half_width(np.array(cases.std(ddof=1)), np.array(len(cases))))
    mean = float(points.mean())
    return Mean(name, mean, mean - half, mean + half, float(points.min()), float(points.max()), n)


def _parts(sweep: Sweep, names: list[str]) -> pd.DataFrame | None:
    try:
        found = sweep.variance_parts()
    except ResultError:
        return None
    return found.set_index("outcome").loc[names].reset_index()


def _finding(sweep: Sweep, name: str, where: Condition | None) -> Finding:
    points = point_means(sweep, name)
    method, analysis = ANALYSES.get(sweep.study.plan.method, ("delta", indices.delta))
    better = better_of(name)
    # A plain outcome has no threshold of its own: emissions are never at 0 or below.
    threshold = 0.0 if name.startswith(EFFECT) else None
    condition = where or _better_reached(name, better)
    return Finding(
        name=name,
        points=points,
        blocks=point_blocks(sweep, points),
        noise=noise_shares(points),
        method=method,
        sensitivity=or_reason(lambda: analysis(sweep, name)),
        condition=condition,
        box=_region(sweep, discovery.prim, condition),
        leaves=_region(sweep, discovery.cart, condition),
        better=better,
        regret=or_reason(
            lambda: robustness.robustness(sweep, name, better=better, threshold=threshold)
        )
        if better
        else "direction",
    )


def _better_reached(name: str, better: str) -> Condition | None:
    """Return that an effect has the better sign; a plain outcome has no threshold of its own."""
    if not name.startswith(EFFECT):
        return None
    return parse_condition(f"{name} {'<' if better == 'lower' else '>'} 0", [name])


def _region(sweep: Sweep, find: Callable[..., Any], condition: Condition | None) -> Any:
    """Return where a condition holds, or why that cannot be said."""
    if condition is None:
        return "condition"
    text = condition.text
    return or_reason(lambda: find(sweep, text))


def or_reason(compute: Callable[[], Any]) -> Any:
    """Return a result, or the key of the sentence that says why there is none."""
    try:
        return compute()
    except NotApplicableError as error:
        return error.reason


# Curves ------------------------------------------------------------------------------------

MOST_STEPS = 9
"""A factor with more values than this is drawn as a scatter with a line of binned means."""


@dataclass(frozen=True)
class Curve:
    """The mean of an outcome along one factor, the other factors left to vary.

    Attributes
    ----------
    x : numpy.ndarray, shape (n,)
        Values of the factor, or means of its bins; places 0, 1 … of a categorical one.
    mean, low, high : numpy.ndarray, shape (n,)
        With the 95 % interval over the design points of the value (Student), those of one block of
        Sobol's or Morris's design counting as a cluster (Cameron & Miller 2015), which errs on the
        wide side where base rows fill the space evenly; NaN with one.
    n : numpy.ndarray, shape (n,)
        Design points.
    names : tuple of str
        Of the values of a categorical factor, else empty.
    """

    x: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray
    names: tuple[str, ...]


def curve_of(points: pd.DataFrame, factor: str, blocks: np.ndarray | None = None) -> Curve:
    """Average an outcome by value of a factor, or by eight bins with as many points each.

    Parameters
    ----------
    points : pandas.DataFrame
        From `sim77.analysis.sweep.frames.point_means`.
    factor : str
    blocks : numpy.ndarray, optional
        Of `sim77.analysis.sweep.frames.point_blocks`; each point by itself if not given.

    References
    ----------
    Cameron, A. C. & Miller, D. L. (2015). Journal of Human Resources 50, 317–372.
    """
    column = points[factor]
    names: tuple[str, ...] = ()
    if is_text(column):
        names = tuple(sorted(column.unique()))
        x = column.map({name: place for place, name in enumerate(names)}).to_numpy(float)
    else:
        x = column.to_numpy(float)
    distinct = np.unique(x)
    if distinct.size <= MOST_STEPS:
        group = np.searchsorted(distinct, x)
    else:
        edges = np.quantile(x, np.linspace(0, 1, 9)[1:-1])
        group = np.searchsorted(edges, x, side="right")
    y = points["mean"].to_numpy(float)
    block = np.arange(len(points)) if blocks is None else blocks
    frame = pd.DataFrame({"x": x, "y": y, "group": group, "block": block})
    groups = frame.groupby("group")
    n = groups.size().to_numpy()
    mean = groups["y"].mean()
    frame["rest"] = frame["y"] - frame["group"].map(mean)
    # Of points that are their own blocks this is their variance, and Student's interval.
    together = frame.groupby(["group", "block"])["rest"].sum().groupby("group")
    several = together.size().to_numpy()
    squares = together.agg(lambda rest: (rest**2).sum()).to_numpy()
    deviation = np.sqrt(squares / np.maximum(several - 1, 1)) * several / n
    half = half_width(deviation, several)
    middle = mean.to_numpy()
    return Curve(groups["x"].mean().to_numpy(), middle, middle - half, middle + half, n, names)
