"""One point of what is free, with everything that can be solved solved: stage (a) inside stage (b).

For values of the free parameters the agreements of each year follow from its rates by occupation.
What is left to stage (b) are the summary statistics: the targets of use ``fit``, and the rates that
no agreement reaches.

The distance of a point is the root of the sum over families of squared misses, in errors of the
targets. Rows of one family answer one question of one survey and err together, so those of use
``fit`` count by their mean: a family weighs the same with one row as with four. Rows of use
``solve`` are met exactly unless their agreement ends at its range; a miss there counts in full. No
family is weighed by how well the model does on it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim77.analysis.calibrate.agreements import (
    first_guess,
    model_value,
    solve_agreements,
    solve_covered,
)
from sim77.analysis.calibrate.evaluations import Evaluation, evaluation_of
from sim77.analysis.calibrate.indicators import Agreements
from sim77.analysis.calibrate.observe import Summary
from sim77.analysis.calibrate.study import CalibrationStudy
from sim77.analysis.calibrate.targets import Target, comparable, mix_for, observations
from sim77.registry.parameters import FrozenDict


@dataclass(frozen=True)
class Profile:
    """What a calibration asks of each point, and makes of the answer.

    Attributes
    ----------
    study : CalibrationStudy
    targets : tuple of Target
        Of the anchor years of the study, telework only.
    observed : mapping of str to float
        The value of each target: the real one, or a synthetic one in tests of recovery.
    """

    study: CalibrationStudy
    targets: tuple[Target, ...]
    observed: Mapping[str, float]

    def parameters(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the registry parameters of a point, with agreements as first guessed."""
        return {**self.study.first_guess, **self.study.spread(values)}

    def evaluation(self, values: Mapping[str, float]) -> Evaluation:
        """Return what is to be run for a point."""
        study = self.study
        return evaluation_of(
            self.parameters(values), study.anchors, study.scale, study.seed, study.territory
        )

    def agreements(
        self,
        values: Mapping[str, float],
        summaries: Mapping[str, Summary],
        allowances: Mapping[str, np.ndarray] | None = None,
    ) -> dict[str, Agreements]:
        """Return the solved agreements of a point by anchor year.

        With allowances given, (4,) a year, only the shares covered are solved.
        """
        found = {}
        for name, summary in summaries.items():
            guess = first_guess(name, self.parameters(values))
            if allowances is None:
                found[name] = solve_agreements(summary, guess, self._of(name))
            else:
                given = replace(guess, allowances=allowances[name])
                found[name] = solve_covered(summary, given, self._of(name))
        return found

    def statistics(
        self,
        values: Mapping[str, float],
        summaries: Mapping[str, Summary],
        allowances: Mapping[str, np.ndarray] | None = None,
    ) -> dict[str, float]:
        """Return what the model says of each target at a point, with `agreements` of it."""
        solved = self.agreements(values, summaries, allowances)
        return {
            target.name: model_value(target, summaries[target.anchor], solved[target.anchor])
            for target in self.targets
        }

    def distance(self, statistics: Mapping[str, float]) -> float:
        """Return how far a point is from the observations, in errors; see the module."""
        return math.hypot(*self.misses(statistics).values())

    def misses(self, statistics: Mapping[str, float]) -> dict[str, float]:
        """Return the terms of `distance` by target, signed: the root of their sum of squares."""
        return {
            target.name: miss / math.sqrt(rows) for target, miss, rows in self._missed(statistics)
        }

    def _missed(self, statistics: Mapping[str, float]) -> Iterator[tuple[Target, float, int]]:
        """Yield the targets that are fitted or solved, their miss in errors, rows that share it."""
        fitted = Counter(target.family for target in self.targets if target.use == "fit")
        for target in self.targets:
            if target.use != "compare":
                miss = (statistics[target.name] - self.observed[target.name]) / target.error
                yield target, miss, fitted[target.family] if target.use == "fit" else 1

    def facing(self, observed: Mapping[str, float]) -> Profile:
        """Return the same profile with other observations, as they are: all of them."""
        moved = tuple(replace(each, value=observed[each.name]) for each in self.targets)
        return replace(self, targets=moved, observed={each.name: each.value for each in moved})

    @property
    def half_an_error_each(self) -> float:
        """The distance of a point that misses every family of targets by half an error.

        Errors are bounds that a model should keep; read as 95 % bounds, half of one is a standard
        deviation. A fit that goes on below this would be narrower than what was observed.
        """
        families = {each.family for each in self.targets if each.use != "compare"}
        return 0.5 * math.sqrt(len(families))

    def _of(self, anchor: str) -> tuple[Target, ...]:
        return tuple(each for each in self.targets if each.anchor == anchor)


def _weighed(target: Target, territory: str | None) -> Target:
    mix = mix_for(target.options.get("mix", ""), territory)
    return replace(target, options=FrozenDict({**target.options, "mix": mix})) if mix else target


def make_profile(study: CalibrationStudy, observed: Mapping[str, float] | None = None) -> Profile:
    """Return the profile of a study.

    Parameters
    ----------
    study : CalibrationStudy
    observed : mapping of str to float, optional
        Values in place of the targets' own, for synthetic data. The errors of those of use
        ``solve`` are in proportion (`sim77.analysis.calibrate.synthetic`).

    Returns
    -------
    Profile
    """
    targets = [
        _weighed(each, study.territory)
        for each in observations()[0]
        if each.anchor in study.anchors
    ]
    values = {**comparable(targets), **(observed or {})}
    in_proportion = tuple(
        replace(each, error=each.error * values[each.name] / each.value)
        if observed and each.use == "solve"
        else each
        for each in targets
    )
    return Profile(study, in_proportion, {}).facing(values)
