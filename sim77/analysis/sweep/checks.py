"""The checks of a study as a whole, made before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim77.analysis.sweep.designs import design_size
from sim77.analysis.sweep.parts import MisplacedError, at
from sim77.core.errors import StudyError, nearest
from sim77.registry.parameters import bounded_sums, load_parameters, split_date

if TYPE_CHECKING:
    from sim77.analysis.sweep.study import Study

_RESERVED = ("design", "replication", "seed", "draw", "seconds", "point", "run_id")


def check_study(study: Study) -> None:
    """Raise `StudyError` at the first mistake in a study.

    Parameters
    ----------
    study : Study
    """
    _check_seeds_per_draw(study)
    if study.evaluator.startswith("__main__:"):
        with at("evaluator"):
            raise StudyError(
                f"'{study.evaluator}' is in the file or notebook that is run, which worker "
                "processes do not import: put the function into a module beside it."
            )
    if not study.evaluator:
        _check_model(study)
    elif study.scenario is not None or study.baseline is not None or study.posterior is not None:
        raise StudyError("a study of an evaluator has no scenario, baseline or posterior.")
    kept = [each.name for each in study.kept]
    taken = next((name for name in study.factor_names if name in (*_RESERVED, *kept)), None)
    if taken is not None:
        raise StudyError(f"a factor cannot be called '{taken}': the table has such a column.")
    _check_until(study)
    _check_size(study)
    if not study.evaluator:
        _check_sums(study)
        _check_scenarios(study)


def _check_seeds_per_draw(study: Study) -> None:
    each = study.given.seeds_per_draw
    if each == 1:
        return
    with at("seeds_per_draw"):
        if study.posterior is None:
            raise StudyError("these are seeds of a posterior's draws, but there is no posterior.")
        if study.repeats.fixed and study.repeats.at_least % each:
            raise StudyError(
                f"{study.repeats.at_least} replications cannot be shared out {each} to a draw."
            )


def _check_model(study: Study) -> None:
    if study.scenario is None:
        raise StudyError("a study needs a scenario.")
    _ = study.where
    if len(set(study.scenario_names)) < len(study.scenarios):
        raise MisplacedError("two scenarios have the same name.", ("scenario",))
    _ = study.days
    if study.draws is not None:
        moved = {name for factor in study.factors for name in factor.sets}
        names = {split_date(key)[0] for key in study.draws.posterior.parameters}
        twice = next((name for name in sorted(names) if name in moved), None)
        if twice is not None:
            raise MisplacedError(f"'{twice}' is varied as a factor already.", ("posterior",))


def _check_until(study: Study) -> None:
    outcome = study.repeats.outcome
    if outcome and outcome not in study.scalars:
        raise MisplacedError(
            f"'{outcome}' is not an outcome of the study.{nearest(outcome, study.scalars)}",
            ("replications", "until", "outcome"),
        )


def _check_size(study: Study) -> None:
    size = design_size(study.factors, study.plan) * study.repeats.at_most
    if size <= study.most_runs:
        size = study.most_replicated
    if size > study.most_runs:
        raise StudyError(
            f"the study has {size:,} runs, more than most_runs, {study.most_runs:,}: take fewer "
            "points or replications, or raise most_runs."
        )


def _check_sums(study: Study) -> None:
    """Refuse ranges in which parameters add up to more than the evidence allows."""
    drawn = study.draws.posterior.parameters if study.draws else ()
    draws = study.draws.posterior.values if study.draws else np.zeros((1, 0))
    ends = {name: factor.high for factor in study.factors for name in factor.sets}
    for names, at_most in bounded_sums():
        if not {*ends, *drawn} & set(names):
            continue
        for scenario in (*study.scenarios, *([study.base] if study.base else [])):
            own = {name: load_parameters()[name].value for name in names}
            fixed = own | dict(scenario.parameters) | ends
            total = sum(
                draws[:, drawn.index(name)] if name in drawn else np.full(len(draws), fixed[name])
                for name in names
            )
            if np.max(total) > at_most + 1e-9:
                raise StudyError(
                    f"the ranges let {' + '.join(names)} reach {np.max(total):g}, but the evidence "
                    f"bounds the sum by {at_most:g}: give them a lower 'high'."
                )


def _check_scenarios(study: Study) -> None:
    """Apply the ends or values of each factor once, so that no mistake waits for its run."""
    first = {each.name: each.levels(2)[0] for each in study.factors}
    points = [first]
    points += [{**first, f.name: value} for f in study.factors for value in f.levels(2)]
    day = study.days[0]
    for point in points:
        for side in study.sides(point):
            if side is not None:
                side.check(study.where)
                side.state_on(day, study.where)
