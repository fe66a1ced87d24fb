"""What a calibration leaves: the posterior, targets met and missed, and how narrow it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim77.analysis.calibrate.adjust import effective_size
from sim77.analysis.calibrate.agreements import first_guess, model_value, never_shrinking
from sim77.analysis.calibrate.evaluations import Evaluation, Evaluations, evaluation_of
from sim77.analysis.calibrate.indicators import Agreements
from sim77.analysis.calibrate.profile import Profile
from sim77.analysis.calibrate.targets import Target
from sim77.registry.parameters import load_parameters, split_date

DATED = {"2017": "2017-01-01", "2022": "2022-01-01"}
"""The date of the registry from which the agreements of an anchor year hold."""

LOW, HIGH = 0.05, 0.95
LEAST_EFFECTIVE = 30.0
"""Independent draws below which nothing is said to be identified: too thin to tell."""

NEAREST = 0.1
"""Share of draws that are nearest to the observations: which of them is the nearest is noise."""

CANDIDATES = 5
"""Of these draws, those most like the posterior's mean, of which one ships."""

PASSES = 3
"""Of solving the agreements that ship: who is allowed how much decides who does what."""

IDENTIFIED_BELOW = 0.7
"""Posterior standard deviation over the prior's: below, the data say something of a parameter."""


@dataclass(frozen=True)
class SolvedPosterior:
    """The draws with everything solved, and the one that ships.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a draw: ``weight``, ``distance``, then registry parameters; a dated one is
        ``name@date``.
    statistics : pandas.DataFrame
        What the model says of each target, one row a particle.
    point : mapping of str to float
        The free parameters of one draw: of `typical_draws` the nearest to the observations once
        everything is solved there.
    solved : mapping of str to float
        The values one would ship (`solved_points`).
    widths : pandas.DataFrame
        One row a free parameter: prior range, posterior mean, 90 % interval, posterior over prior
        standard deviation, and whether the data identify it.
    effective : float
        Independent draws that the particles are worth.
    """

    table: pd.DataFrame
    statistics: pd.DataFrame
    point: Mapping[str, float]
    solved: Mapping[str, float]
    widths: pd.DataFrame
    effective: float


def posterior_of(
    profile: Profile, evaluations: Evaluations, particles: pd.DataFrame
) -> SolvedPosterior:
    """Solve what can be solved for every particle and tabulate.

    Parameters
    ----------
    profile : Profile
    evaluations : Evaluations
    particles : pandas.DataFrame
        Draws of the posterior with their weights, a row each.

    Returns
    -------
    SolvedPosterior
    """
    names = profile.study.names
    points = profile.study.points(particles[names].to_numpy())
    summaries = evaluations([profile.evaluation(point) for point in points])
    rows, statistics = [], []
    for point, summary, weight in zip(points, summaries, particles["weight"], strict=True):
        found = profile.statistics(point, summary)
        rows.append(
            {"weight": weight, "distance": profile.distance(found)}
            | profile.parameters(point)
            | _dated(profile.agreements(point, summary))
        )
        statistics.append(found)
    effective = effective_size(particles["weight"].to_numpy())
    widths = _widths(profile, particles, enough=effective >= LEAST_EFFECTIVE)
    table = pd.DataFrame(rows)
    candidates = [
        points[place]
        for place in typical_draws(particles[names], particles["weight"], table["distance"])
    ]
    if _includes(widths, profile.study.keep):
        candidates.append(dict(profile.study.keep))
    solved = solved_points(profile, evaluations, candidates)
    distances = [
        profile.distance(in_place)
        for in_place in _in_place(profile, evaluations, solved, profile.study.seed)
    ]
    best = int(np.argmin(distances))
    return SolvedPosterior(
        table, pd.DataFrame(statistics), candidates[best], solved[best], widths, effective
    )


def _includes(widths: pd.DataFrame, point: Mapping[str, float]) -> bool:
    """Say whether a point is inside 90 % of every parameter; no point is not."""
    value = widths["parameter"].map(dict(point))
    return bool(value.between(widths["low"], widths["high"]).all())


def drawn(posterior: pd.DataFrame, n: int) -> np.ndarray:
    """Return rows of the posterior, evenly by weight, (n,): the same ones every time."""
    cumulated = posterior["weight"].cumsum().to_numpy() / posterior["weight"].sum()
    return np.searchsorted(cumulated, (np.arange(n) + 0.5) / n)


def typical_draws(draws: pd.DataFrame, weight: pd.Series, distance: pd.Series) -> list[int]:
    """Return the places of draws that could ship: near to the observations, like the posterior.

    Where draws lie along a curve, their mean is beside it, and the one draw that is nearest to the
    observations may lie at an end. Of the tenth that is nearest these are the `CANDIDATES` nearest
    to the mean, in standard deviations, the most like it first; of these, those inside 90 % of
    every parameter.

    Parameters
    ----------
    draws : pandas.DataFrame
        A row a draw, a column a free parameter.
    weight, distance : pandas.Series
        Of each draw: its weight, and how far it is from the observations.
    """
    mean = np.average(draws, axis=0, weights=weight)
    sd = np.sqrt(np.average((draws - mean) ** 2, axis=0, weights=weight))
    unlike = (((draws - mean) / np.where(sd > 0.0, sd, 1.0)) ** 2).sum(axis=1).to_numpy()
    near = np.flatnonzero(distance <= np.quantile(distance, NEAREST))
    typical = near[np.argsort(unlike[near], kind="stable")][:CANDIDATES]
    ends = [weighted_quantiles(x, weight.to_numpy(), (LOW, HIGH)) for x in draws.to_numpy().T]
    low, high = np.array(ends).T
    inside = ((draws >= low) & (draws <= high)).all(axis=1).to_numpy()
    # Nothing ships that the posterior itself all but excludes.
    return [int(each) for each in typical if inside[each]] or [int(typical[0])]


def solved_points(
    profile: Profile, evaluations: Evaluations, points: Sequence[Mapping[str, float]]
) -> list[dict[str, float]]:
    """Return points with everything solved at them: the values one would ship.

    What is solved on a small sample fits its noise: a twentieth of the residents has some thousand
    regular teleworkers in 2017. Agreements are therefore solved at each point, on the larger sample
    of the check; and again on runs with what was solved, since tastes go with allowances.
    """
    given = [profile.parameters(point) for point in points]
    for _ in range(PASSES):
        found = evaluations([_checked_run(profile, each, profile.study.seed) for each in given])
        given = [
            profile.parameters(point) | _dated(profile.agreements(point, summaries))
            for point, summaries in zip(points, found, strict=True)
        ]
    return given


def _checked_run(profile: Profile, given: Mapping[str, float], seed: int) -> Evaluation:
    """Return the runs of parameters, their agreements among them, at the scale of the check."""
    study = profile.study
    scale = study.check_scale or study.scale
    return evaluation_of(within_ranges(given), study.anchors, scale, seed, study.territory)


def _in_place(
    profile: Profile,
    evaluations: Evaluations,
    given: Sequence[Mapping[str, float]],
    seed: int,
) -> list[dict[str, float]]:
    """Return what the model says of each target with agreements as given: nothing is solved."""
    found = evaluations([_checked_run(profile, each, seed) for each in given])
    return [
        {
            target.name: model_value(
                target, summaries[target.anchor], first_guess(target.anchor, within_ranges(each))
            )
            for target in profile.targets
        }
        for each, summaries in zip(given, found, strict=True)
    ]


def _dated(agreements: Mapping[str, Agreements]) -> dict[str, float]:
    """Return the parameters of agreements by anchor year, as ``name@date``."""
    return {
        f"{name}@{DATED[anchor]}": value
        for anchor, solved in never_shrinking(agreements).items()
        for name, value in solved.parameters().items()
    }


def _widths(profile: Profile, particles: pd.DataFrame, enough: bool) -> pd.DataFrame:
    weights, rows = particles["weight"].to_numpy(), []
    for free in profile.study.free:
        x = particles[free.name].to_numpy()
        mean = np.average(x, weights=weights)
        sd = np.sqrt(np.average((x - mean) ** 2, weights=weights))
        ratio = sd / ((free.high - free.low) / np.sqrt(12.0))
        low, high = weighted_quantiles(x, weights, (LOW, HIGH))
        rows.append({
            "parameter": free.name, "prior_low": free.low, "prior_high": free.high, "mean": mean,
            "low": low, "high": high, "width_ratio": ratio,
            "identified": bool(enough and ratio < IDENTIFIED_BELOW),
        })  # fmt: skip
    return pd.DataFrame(rows)


def weighted_quantiles(x: np.ndarray, weights: np.ndarray, at: tuple[float, ...]) -> np.ndarray:
    """Return quantiles of a weighted sample, (n_at,)."""
    order = np.argsort(x, kind="stable")
    cumulated = np.cumsum(weights[order])
    middle = (cumulated - 0.5 * weights[order]) / cumulated[-1]
    return np.interp(at, middle, x[order])


def checked_point(
    profile: Profile, evaluations: Evaluations, posterior: SolvedPosterior
) -> dict[str, float]:
    """Run the solved point with its agreements, on another seed at the scale of the check.

    Nothing is solved on what this run gives: agreements are parameters of it, as they are in any
    other run with the shipped values.

    Returns
    -------
    dict of str to float
        By target; empty if the study's ``check_scale`` is 0.
    """
    if profile.study.check_scale == 0.0:
        return {}
    return _in_place(profile, evaluations, [posterior.solved], profile.study.seed + 1)[0]


def proposals(profile: Profile, posterior: SolvedPosterior) -> dict[str, dict[str, object]]:
    """Return what one would ship: by parameter its value, 90 % interval, confidence and why.

    Grades are the registry's: D where the data narrow a parameter or solve it, A where it keeps its
    prior. Shares covered are A: they are solved, but only with the take-up that goes with them.
    """
    widths = posterior.widths.set_index("parameter")["identified"]
    free_of = {name: each.name for each in profile.study.free for name in each.parameters}
    weights, found = posterior.table["weight"].to_numpy(), {}
    for key, value in posterior.solved.items():
        x = posterior.table[key].to_numpy()
        low, high = (float(each) for each in weighted_quantiles(x, weights, (LOW, HIGH)))
        grade, why = "D", "solved on the targets"
        if key in free_of:
            seen = bool(widths[free_of[key]])
            grade = "D" if seen else "A"
            why = "narrowed by the targets" if seen else "the targets say little of it"
        elif key.startswith("share_covered"):
            grade, why = "A", "solved on the rates, given take-up, which nobody counted"
        found[key] = {
            "value": round(value, 4), "low": round(low, 4), "high": round(high, 4),
            "confidence": grade, "why": why,
        }  # fmt: skip
    return found


def within_ranges(values: Mapping[str, float]) -> dict[str, float]:
    """Return parameters inside the registry's ranges, which means may leave by rounding.

    Parameters
    ----------
    values : mapping of str to float
        By ``name`` or ``name@date``.
    """
    found = {}
    for key, value in values.items():
        entry = load_parameters()[split_date(key)[0]]
        found[key] = float(np.clip(value, entry.low, entry.high))
    return found


def targets_table(
    profile: Profile, posterior: SolvedPosterior, check: Mapping[str, float]
) -> pd.DataFrame:
    """Return one row a target: the observation, the model with its interval, and whether it is met.

    ``low`` and ``high`` are the 90 % interval of the posterior predictive; ``check`` is the run of
    `checked_point`. A row is ``met`` if both the posterior's weighted mean and, where there is one,
    the check are within ``value ± error``: the first says it of the posterior, the second of the
    values that ship.
    """
    weights = posterior.table["weight"].to_numpy()
    rows = []
    for target in profile.targets:
        x = posterior.statistics[target.name].to_numpy()
        mean = float(np.average(x, weights=weights))
        low, high = weighted_quantiles(x, weights, (LOW, HIGH))
        rows.append(_row(target, target.value, mean, low, high, check.get(target.name, np.nan)))
    return pd.DataFrame(rows)


def _row(
    target: Target, value: float, mean: float, low: float, high: float, check: float
) -> dict[str, object]:
    met = all(abs(each - value) <= target.error for each in (mean, check) if np.isfinite(each))
    return {
        "target": target.name, "use": target.use, "family": target.family, "anchor": target.anchor,
        "unit": target.unit, "value": value, "error": target.error, "model": mean, "low": low,
        "high": high, "met": met, "check": check,
        "error_source": target.error_source, "whose": target.whose, "source": target.source,
    }  # fmt: skip
