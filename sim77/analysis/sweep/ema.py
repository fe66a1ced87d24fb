"""An adapter: a user of the EMA workbench drives sim77 as one of its models.

>>> from ema_workbench import SequentialEvaluator            # doctest: +SKIP
>>> from sim77.analysis.sweep.ema import as_ema_model                 # doctest: +SKIP
>>> with SequentialEvaluator(as_ema_model("study.yaml")) as evaluator:   # doctest: +SKIP
...     experiments, outcomes = evaluator.perform_experiments(scenarios=100, policies=5)

The workbench then draws the samples, and its searches and robust optimisation work too; the runs
are those of `sim77.analysis.sweep`, with the same seeds.

References
----------
Kwakkel, J. H. (2017). The Exploratory Modeling Workbench. Environmental Modelling & Software 96,
239–250.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim77.analysis.sweep.evaluate import simulate
from sim77.analysis.sweep.factors import SCENARIO, Factor
from sim77.analysis.sweep.file import load_study
from sim77.analysis.sweep.outcome_direction import better_of
from sim77.analysis.sweep.study import Study
from sim77.analysis.sweep.workbench import importing_workbench
from sim77.core.errors import StudyError
from sim77.core.extras import needs

if TYPE_CHECKING:
    from ema_workbench import Model

EMA_SCENARIO = "sim77_scenario"
"""What the factor ``scenario`` is called there: the workbench has a column of that name itself."""

REPLICATIONS, SEED = "replications", "seed"


def as_ema_model(study: Study | str | Path) -> Model:
    """Return a study as a model of the EMA workbench.

    Parameters
    ----------
    study : Study or path
        Its design is not used: the workbench samples.

    Returns
    -------
    ema_workbench.Model
        Its uncertainties and levers are those of the study, with the same ranges; its constants
        ``replications`` and ``seed``; its outcomes the study's scalar ones, each the mean over the
        replications, to be minimised or maximised where one direction is the better one.

    Raises
    ------
    StudyError
        The study has no factor, or as many replications as an interval needs, which the workbench
        cannot ask for.
    """
    study = study if isinstance(study, Study) else load_study(study)
    if not study.factors:
        raise StudyError("the study has neither levers nor uncertainties for the workbench.")
    if not study.repeats.fixed:
        raise StudyError("the workbench needs a fixed number of replications, not 'until'.")
    with needs("sweep"), importing_workbench():
        from ema_workbench import Constant, Model, ScalarOutcome

    model = Model("sim77", function=StudyFunction(study))
    model.levers = [_parameter(each) for each in study.factors if each.is_lever]
    model.uncertainties = [_parameter(each) for each in study.factors if not each.is_lever]
    model.constants = [Constant(REPLICATIONS, study.repeats.at_least), Constant(SEED, study.seed)]
    kinds = {"lower": ScalarOutcome.MINIMIZE, "higher": ScalarOutcome.MAXIMIZE}
    model.outcomes = [
        ScalarOutcome(name, kind=kinds.get(better_of(name), ScalarOutcome.INFO))
        for name in study.scalars
    ]
    return model


class StudyFunction:
    """A study as a function of its factors, small enough to be sent to the workbench's processes.

    Parameters
    ----------
    study : Study
    """

    def __init__(self, study: Study) -> None:
        self.study = study

    @property
    def __name__(self) -> str:
        return "sim77"

    def __call__(self, **given: Any) -> dict[str, float]:
        """Return the scalar outcomes, means over the replications.

        Parameters
        ----------
        **given : float or str
            A value for each factor by name, ``replications`` and ``seed``.
        """
        point = {
            each.name: str(given[each.name]) if each.is_text else float(given[each.name])
            for each in self.study.factors
        }
        first = int(given[SEED]) - self.study.seed
        runs = [
            simulate(self.study.evaluation_at(point, first + each))
            for each in range(int(given[REPLICATIONS]))
        ]
        return {name: float(np.mean([run[name] for run in runs])) for name in self.study.scalars}


def _parameter(factor: Factor) -> Any:
    """Return a factor as a parameter of the workbench."""
    with needs("sweep"), importing_workbench():
        from ema_workbench import CategoricalParameter, IntegerParameter, RealParameter

    name = EMA_SCENARIO if factor.name == SCENARIO else factor.name
    named = {"variable_name": [factor.name]}
    if factor.values:
        return CategoricalParameter(name, list(factor.values), **named)
    if factor.whole:
        return IntegerParameter(name, int(factor.low), int(factor.high), **named)
    return RealParameter(name, factor.low, factor.high, **named)
