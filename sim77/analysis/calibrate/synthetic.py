"""Truths that are known: points of the prior, and what surveys would have said of them.

A synthetic observation is what the model gives at the truth, on a seed that no fit uses, with
agreements that no fit knows, plus an error of the survey.

- The error of a target is read as the half-width of a 95 % interval (assumed: most errors are
  ours, 15 % of the value), so that errors are normal with a standard deviation of ``error / 1.96``.
  A rate stays between 0 and 100 %. Rates that agreements are solved on err in proportion: that of a
  truth may be a twentieth of the real one, and with the same error in points nothing would tell it
  from 0, where a share covered of any size will do (tried: it shifts what rejection alone infers).
- Agreements are drawn from what solving them takes for granted (`agreements`). Shares covered are
  log-uniform over the registry's ranges: then a rate by itself says nothing of take-up. Allowances
  are normal around the first guess to which they are pulled. Were agreements always at their first
  guess, near one end of its range in 2022, truths would lie on one side of what is inferred (tried:
  the rank test finds it).

A survey of a point is held against observations in the same way: it has errors and allowances of
its own, drawn and not solved. Shares covered are solved, since a log-uniform share that meets a
rate is as likely at any take-up. Allowances must not be: solved ones meet the days a week at most
points, however far from what was drawn, and estimates are shifted (tried: the rank test finds it).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from scipy.stats import truncnorm

from sim77.analysis.calibrate.agreements import PULL, first_guess, model_value
from sim77.analysis.calibrate.evaluations import Evaluation, Evaluations, evaluation_of
from sim77.analysis.calibrate.observe import EMPLOYEES, Summary
from sim77.analysis.calibrate.profile import Profile
from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.analysis.calibrate.targets import Target
from sim77.core.errors import StudyError
from sim77.engine.choice.allowance import ALLOWANCES
from sim77.registry.parameters import load_parameters

Values = dict[str, float]

ERRORS_IN_SD = 1.96
"""Standard deviations that the error of a target stands for."""

OTHER_SEEDS = 10_000
"""Added to the seed of a study: seeds of synthetic data are none of a fit or its check."""

TRUTHS, PARTICLES = 2, 3
"""Streams of surveys: those of truths, and those of the particles that a fit moves."""

LEAST_COVERED = 0.005
"""Lower end of a share covered whose range begins at 0."""

MOST_TRIES = 10_000

OUTER_SET = 10
"""Truths from the outer quarters that are balanced together."""

SETS_DRAWN = 1_000
"""Sets of truths among which the most even is taken."""


def prior_points(study: CalibrationStudy, n: int) -> list[Values]:
    """Draw points from the prior of a study.

    Parameters
    ----------
    study : CalibrationStudy
    n : int

    Returns
    -------
    list of dict of str to float
        The same for the same seed; the first n of a longer list are the same too.

    Raises
    ------
    StudyError
        If hardly a point keeps the bounds of the study.
    """
    return list(islice(_allowed(study, outer=False), n))


def outer_points(study: CalibrationStudy, n: int) -> list[Values]:
    """Draw points whose every parameter is in the lowest or the highest quarter of its prior.

    Points come in sets of ten, each the most even of many drawn at random: its least even parameter
    (by the Kolmogorov-Smirnov distance over the two quarters) is less uneven than in the others. A
    single random ten leaves some of a dozen parameters on one side, or at one end, where even a
    right interval does not reach; a gate would then judge the draw and not the calibration.

    Parameters
    ----------
    study : CalibrationStudy
    n : int

    Returns
    -------
    list of dict of str to float
        The same for the same seed; the first n of a longer list are the same too.

    Raises
    ------
    StudyError
        If hardly a point keeps the bounds of the study.
    """
    points: list[Values] = []
    drawn = _allowed(study, outer=True)
    while len(points) < n:
        sets = [list(islice(drawn, OUTER_SET)) for _ in range(SETS_DRAWN)]
        unevenness = [_unevenness(study, each) for each in sets]
        points += sets[int(np.argmin(unevenness))]
    return points[:n]


def _unevenness(study: CalibrationStudy, points: list[Values]) -> float:
    """Return the largest distance from uniform over the outer quarters, of all parameters."""
    place = study.place_of(np.array([[each[name] for name in study.names] for each in points]))
    place = np.sort(np.where(place < 0.5, 2.0 * place, 2.0 * place - 1.0), axis=0)
    step = np.arange(len(points) + 1)[:, None] / len(points)
    return float(np.maximum(step[1:] - place, place - step[:-1]).max())


def _allowed(study: CalibrationStudy, outer: bool) -> Iterator[Values]:
    draws = np.random.default_rng([study.seed, OTHER_SEEDS, int(outer)])
    tries = 0
    while True:
        share = draws.uniform(0.0, 1.0, len(study.free))
        if outer:
            share = np.where(share < 0.5, 0.5 * share, 1.0 - 0.5 * (1.0 - share))
        (point,) = study.points(study.values_at(share[None, :]))
        tries += 1
        if study.allows(point):
            tries = 0
            yield point
        elif tries >= MOST_TRIES:
            raise StudyError(
                f"none of {MOST_TRIES} points of the prior keeps the bounds of the study: look at "
                "its ranges and at_most."
            )


def wanted(profile: Profile, points: Sequence[Values], scale: float) -> list[Evaluation]:
    """Return what is run for each point as a truth: on a seed of its own."""
    study = profile.study
    first = study.seed + OTHER_SEEDS
    return [
        evaluation_of(
            profile.parameters(point), study.anchors, scale, (first + k) % 2**32, study.territory
        )
        for k, point in enumerate(points)
    ]


@dataclass(frozen=True)
class Survey:
    """What stands between a truth and what is observed of it.

    Attributes
    ----------
    errors : numpy.ndarray, shape (n_targets,)
        In standard deviations.
    covered : mapping of str to numpy.ndarray, shape (4,)
        Shares covered by group, by anchor year.
    allowances : mapping of str to numpy.ndarray, shape (4,)
        Shares of agreements by allowance, by anchor year.
    """

    errors: np.ndarray
    covered: Mapping[str, np.ndarray]
    allowances: Mapping[str, np.ndarray]


def surveys(profile: Profile, n: int, stream: int = TRUTHS) -> list[Survey]:
    """Draw n surveys of a stream; the first of a longer list are the same."""
    groups = [load_parameters()[f"share_covered_{name}"] for name in EMPLOYEES]
    guesses = {
        name: first_guess(name, profile.study.first_guess).allowances
        for name in profile.study.anchors
    }
    found = []
    for k in range(n):
        draws = np.random.default_rng([profile.study.seed, OTHER_SEEDS, stream, k])
        covered = {
            name: np.exp([
                draws.uniform(np.log(max(each.low, LEAST_COVERED)), np.log(each.high))
                for each in groups
            ])
            for name in guesses
        }  # fmt: skip
        allowances = {name: _allowances(guess, draws) for name, guess in guesses.items()}
        errors = draws.normal(0.0, 1.0, len(profile.targets))
        found.append(Survey(errors, covered, allowances))
    return found


def _allowances(guess: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """Draw shares of agreements by allowance around a first guess, inside the registry's ranges."""
    entries = [load_parameters()[f"share_allowance_{each}"] for each in ALLOWANCES]
    low, high = (np.array([getattr(each, end) for each in entries]) for end in ("low", "high"))
    sd = (high - low) / 4.0 / np.sqrt(PULL) / ERRORS_IN_SD
    found = truncnorm.rvs((low - guess) / sd, (high - guess) / sd, guess, sd, random_state=draws)
    return np.asarray(found / found.sum())


def observed(
    profile: Profile, point: Values, summaries: Mapping[str, Summary], survey: Survey
) -> Values:
    """Return what a survey says of a truth, by target."""
    parameters = profile.parameters(point)
    in_place = {
        name: replace(
            first_guess(name, parameters),
            covered=survey.covered[name],
            allowances=survey.allowances[name],
        )
        for name in summaries
    }
    found = {
        each.name: model_value(each, summaries[each.anchor], in_place[each.anchor])
        for each in profile.targets
    }
    for target, each in zip(profile.targets, _in_units(profile, survey.errors), strict=True):
        true = found[target.name]
        error = true * math.expm1(each / target.value) if target.use == "solve" else each
        found[target.name] = _possible(target, true + error)
    return found


def _in_units(profile: Profile, errors: np.ndarray) -> np.ndarray:
    return errors * (np.array([each.error for each in profile.targets]) / ERRORS_IN_SD)


def _possible(target: Target, value: float) -> float:
    """Return a value inside what the unit of a target allows."""
    return float(np.clip(value, 0.0, 5.0 if target.unit.startswith("days") else 100.0))


def missed(
    profile: Profile, point: Values, summaries: Mapping[str, Summary], survey: Survey
) -> np.ndarray:
    """Return what a survey of a point misses the observations by: terms of `Profile.misses`.

    Nothing, but for shares covered that end at their range, where the observations are that survey.
    """
    errors = _in_units(profile, survey.errors)
    facing = profile.facing({
        target.name: _possible(target, target.value - each)
        for target, each in zip(profile.targets, errors, strict=True)
    })  # fmt: skip
    found = facing.statistics(point, summaries, survey.allowances)
    return np.array(list(facing.misses(found).values()))


def surveyed(profile: Profile, evaluations: Evaluations, points: Sequence[Values]) -> list[Values]:
    """Run the points as truths at the scale of the study and return what surveys say of each."""
    summaries = evaluations(wanted(profile, points, profile.study.scale))
    return [
        observed(profile, point, summary, survey)
        for point, summary, survey in zip(
            points, summaries, surveys(profile, len(points)), strict=True
        )
    ]
