"""One run of a study, as a worker process does it: from a specification to its outcomes.

Within a process the territory, populations and baseline runs are kept for the runs that follow, in
caches of a fixed size. None of them changes a result.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

from sim77.analysis.sweep.outcomes import Outcome, Values, values_of
from sim77.core.errors import ResultError, StudyError
from sim77.engine.model import CommuteModel
from sim77.engine.population.cache import population_for
from sim77.registry.parameters import FrozenDict
from sim77.scenario.scenario import Scenario
from sim77.territory.territory import Territory, load_territory

SECONDS = "seconds"
BASELINES_KEPT = 32


@dataclass(frozen=True)
class Scope:
    """What all runs of a study have in common.

    Attributes
    ----------
    start, end : datetime.date
        First and last day.
    scale : float
        Share of the workers simulated.
    workplaces : tuple of str
    territory : str or None
        Folder of another territory than the shipped one.
    outcomes : tuple of Outcome
    """

    start: dt.date
    end: dt.date
    scale: float = 1.0
    workplaces: tuple[str, ...] = ("paris",)
    territory: str | None = None
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class RunSpec:
    """One run; small enough to be sent to another process.

    Attributes
    ----------
    seed : int
    scenario : Scenario or None
        With everything applied that this run varies; None when `evaluator` is another function.
    scope : Scope or None
    baseline : Scenario or None
        What the scenario is paired with: the same seed and uncertainties, none of the levers.
    point : mapping of str to float or str
        The values of the factors: what `evaluator` is given.
    evaluator : str
        ``package.module:function`` to call in place of the model, as ``function(point, seed)``;
        it returns outcomes by name.
    expected : tuple of str
        The outcomes that `evaluator` must return.
    """

    seed: int
    scenario: Scenario | None = None
    scope: Scope | None = None
    baseline: Scenario | None = None
    point: Mapping[str, float | str] = field(default_factory=FrozenDict)
    evaluator: str = ""
    expected: tuple[str, ...] = ()


def simulate(spec: RunSpec) -> Values:
    """Do one run.

    Parameters
    ----------
    spec : RunSpec

    Returns
    -------
    dict of str to float or list of float
        Each outcome by name; of a paired run also ``baseline_<outcome>`` and, of scalars,
        ``effect_<outcome>`` (scenario minus baseline); and ``seconds``, the time it took.

    Raises
    ------
    Sim77Error
        If the model refuses the run, or an outcome is no finite number.
    """
    began = time.perf_counter()
    values = _evaluated(spec) if spec.evaluator else _simulated(spec)
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ResultError(f"The outcome '{name}' is {value}.")
    return values | {SECONDS: time.perf_counter() - began}


def run_model(scenario: Scenario, scope: Scope, seed: int) -> CommuteModel:
    """Run a scenario from its first day to its last, and return the model.

    Parameters
    ----------
    scenario : Scenario
    scope : Scope
    seed : int

    Returns
    -------
    CommuteModel
        After its last day.
    """
    territory = territory_at(scope.territory)
    first = scenario.state_on(scope.start, territory).parameters
    population = population_for(territory, first, seed, scope.scale, scope.workplaces)
    model = CommuteModel(
        scenario, seed=seed, scale=scope.scale, workplaces=scope.workplaces,
        start=scope.start, end=scope.end, territory=territory, population=population,
    )  # fmt: skip
    while model.running:
        model.step()
    return model


def _simulated(spec: RunSpec) -> Values:
    assert spec.scenario is not None and spec.scope is not None
    values = values_of(run_model(spec.scenario, spec.scope, spec.seed), spec.scope.outcomes)
    if spec.baseline is None:
        return values
    baseline = _baseline(spec.baseline, spec.scope, spec.seed)
    effects: Values = {
        f"effect_{name}": value - without
        for name, value in values.items()
        if isinstance(value, float) and isinstance(without := baseline[name], float)
    }
    return values | {f"baseline_{name}": value for name, value in baseline.items()} | effects


@lru_cache(maxsize=BASELINES_KEPT)
def _baseline(scenario: Scenario, scope: Scope, seed: int) -> Values:
    """Return the outcomes of a baseline; one that no factor moves is run once a seed."""
    return values_of(run_model(scenario, scope, seed), scope.outcomes)


def _evaluated(spec: RunSpec) -> Values:
    given = load_function(spec.evaluator)(dict(spec.point), spec.seed)
    missing = next((name for name in spec.expected if name not in given), None)
    if missing is not None:
        raise ResultError(f"The evaluator {spec.evaluator} returned no '{missing}'.")
    return {name: float(given[name]) for name in spec.expected}


def load_function(name: str) -> Callable[..., Any]:
    """Return a function by its dotted name, ``package.module:function``, or raise `StudyError`."""
    module, _, function = name.partition(":")
    try:
        found = getattr(import_module(module), function, None)
    except (ImportError, ValueError) as error:
        raise StudyError(f"the evaluator '{name}' cannot be imported: {error}.") from error
    if not callable(found):
        raise StudyError(
            f"the evaluator '{name}' is no function, expected package.module:function."
        )
    return found


# What a process keeps ----------------------------------------------------------------------


def territory_at(folder: str | None) -> Territory:
    """Return a territory, read once a process."""
    return load_territory() if folder is None else _other_territory(folder)


@lru_cache(maxsize=2)
def _other_territory(folder: str) -> Territory:
    return load_territory(folder)
