"""Truths that are known: points of the prior, and what surveys would have said of them.

A synthetic observation is what the model gives at the truth, on a seed that no fit uses, with the
agreements of the registry in place, plus an error of the survey. The error of a target is read as
the half-width of a 95 % interval (assumed: most errors are ours, 15 % of the value), so that errors
are normal with a standard deviation of ``error / 1.96``. A rate stays between 0 and 100 %.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from sim77.errors import StudyError
from sim77.inference.agreements import first_guess, model_value
from sim77.inference.evaluations import Evaluations, Question, ask
from sim77.inference.observe import Tally
from sim77.inference.profile import Profile
from sim77.inference.study import CalibrationStudy

Values = dict[str, float]

ERRORS_IN_SD = 1.96
"""Standard deviations that the error of a target stands for."""

OTHER_SEEDS = 10_000
"""Added to the seed of a study: seeds of synthetic data are none of a fit or its check."""

MOST_TRIES = 10_000


def prior_points(study: CalibrationStudy, n: int, *, outer: bool = False) -> list[Values]:
    """Draw points from the prior of a study.

    Parameters
    ----------
    study : CalibrationStudy
    n : int
    outer : bool
        Each parameter in the outer quarters of its prior: the lowest or the highest.

    Returns
    -------
    list of dict of str to float
        The same for the same seed; the first n of a longer list are the same too.

    Raises
    ------
    StudyError
        If hardly a point keeps the bounds of the study.
    """
    return list(islice(_allowed(study, outer), n))


def _allowed(study: CalibrationStudy, outer: bool) -> Iterator[Values]:
    draws = np.random.default_rng([study.seed, OTHER_SEEDS, int(outer)])
    tries = 0
    while True:
        share = draws.uniform(0.0, 1.0, len(study.free))
        if outer:
            share = np.where(share < 0.5, 0.5 * share, 1.0 - 0.5 * (1.0 - share))
        point = {
            each.name: float(each.low + x * (each.high - each.low))
            for each, x in zip(study.free, share, strict=True)
        }
        tries += 1
        if study.allows(point):
            tries = 0
            yield point
        elif tries >= MOST_TRIES:
            raise StudyError(
                f"none of {MOST_TRIES} points of the prior keeps the bounds of the study: look at "
                "its ranges and at_most."
            )


def questions(profile: Profile, points: Sequence[Values], scale: float) -> list[Question]:
    """Return what is run for each point as a truth: on a seed of its own."""
    study = profile.study
    first = study.seed + OTHER_SEEDS
    return [
        ask(profile.parameters(point), study.anchors, scale, (first + k) % 2**32)
        for k, point in enumerate(points)
    ]


def errors(profile: Profile, n: int) -> np.ndarray:
    """Draw the errors of n surveys of all targets, (n, n_targets), in their units."""
    draws = np.random.default_rng([profile.study.seed, OTHER_SEEDS, 2])
    sd = np.array([each.error for each in profile.targets]) / ERRORS_IN_SD
    return draws.normal(0.0, sd, (n, sd.size))


def observed(
    profile: Profile, point: Values, tallies: Mapping[str, Tally], error: np.ndarray
) -> Values:
    """Return what a survey with some errors says of a truth, by target."""
    parameters = profile.parameters(point)
    in_place = {name: first_guess(name, parameters) for name in tallies}
    found = [
        model_value(each, tallies[each.anchor], in_place[each.anchor]) for each in profile.targets
    ]
    return moved(profile, dict(zip(_names(profile), found, strict=True)), error)


def moved(profile: Profile, values: Mapping[str, float], error: np.ndarray) -> Values:
    """Return observations with errors added, (n_targets,), inside what their unit allows."""
    found = {}
    for target, each in zip(profile.targets, error, strict=True):
        top = 5.0 if target.unit.startswith("days") else 100.0
        found[target.name] = float(np.clip(values[target.name] + each, 0.0, top))
    return found


def _names(profile: Profile) -> list[str]:
    return [each.name for each in profile.targets]


def surveyed(profile: Profile, evaluations: Evaluations, points: Sequence[Values]) -> list[Values]:
    """Run the points as truths at the scale of the study and return what surveys say of each."""
    tallies = evaluations(questions(profile, points, profile.study.scale))
    return [
        observed(profile, point, tally, error)
        for point, tally, error in zip(points, tallies, errors(profile, len(points)), strict=True)
    ]
