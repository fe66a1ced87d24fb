"""One evaluation of a study, as a worker process does it: from a specification to its outcomes.

Within a process the territory, populations and baseline runs are cached for those that follow, in
caches of a fixed size. None of them changes a result.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any

from sim77.analysis.sweep.outcomes import Outcome, Values, values_of
from sim77.core.errors import ResultError, StudyError
from sim77.registry.parameters import FrozenDict
from sim77.runs.execute import RunSpec, execute

SECONDS = "seconds"
BASELINES_KEPT = 32


@dataclass(frozen=True)
class Evaluation:
    """What is computed at a point of a study; small enough to be sent to another process.

    Attributes
    ----------
    seed : int
    run : RunSpec or None
        With everything applied that this run varies; None when `evaluator` is another function.
    baseline : RunSpec or None
        What the run is paired with: the same seed and uncertainties, none of the levers.
    outcomes : tuple of Outcome
        What is kept of the runs.
    point : mapping of str to float or str
        The values of the factors: what `evaluator` is given.
    evaluator : str
        ``package.module:function`` to call in place of the model, as ``function(point, seed)``;
        it returns outcomes by name.
    expected : tuple of str
        The outcomes that `evaluator` must return.
    """

    seed: int
    run: RunSpec | None = None
    baseline: RunSpec | None = None
    outcomes: tuple[Outcome, ...] = ()
    point: Mapping[str, float | str] = field(default_factory=FrozenDict)
    evaluator: str = ""
    expected: tuple[str, ...] = ()


def simulate(evaluation: Evaluation) -> Values:
    """Compute the outcomes at one point with one seed.

    Parameters
    ----------
    evaluation : Evaluation

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
    values = _evaluated(evaluation) if evaluation.evaluator else _simulated(evaluation)
    for name, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise ResultError(f"The outcome '{name}' is {value}.")
    return values | {SECONDS: time.perf_counter() - began}


def _simulated(evaluation: Evaluation) -> Values:
    assert evaluation.run is not None
    values = values_of(execute(evaluation.run), evaluation.outcomes)
    if evaluation.baseline is None:
        return values
    baseline = _baseline(evaluation.baseline, evaluation.outcomes)
    effects: Values = {
        f"effect_{name}": value - without
        for name, value in values.items()
        if isinstance(value, float) and isinstance(without := baseline[name], float)
    }
    return values | {f"baseline_{name}": value for name, value in baseline.items()} | effects


@lru_cache(maxsize=BASELINES_KEPT)
def _baseline(run: RunSpec, outcomes: tuple[Outcome, ...]) -> Values:
    """Return the outcomes of a baseline; one that no factor moves is run once a seed."""
    return values_of(execute(run), outcomes)


def _evaluated(evaluation: Evaluation) -> Values:
    given = load_function(evaluation.evaluator)(dict(evaluation.point), evaluation.seed)
    missing = next((name for name in evaluation.expected if name not in given), None)
    if missing is not None:
        raise ResultError(f"The evaluator {evaluation.evaluator} returned no '{missing}'.")
    return {name: float(given[name]) for name in evaluation.expected}


def load_function(name: str) -> Callable[..., Any]:
    """Return a function by its dotted name, ``package.module:function``, or raise `StudyError`."""
    module, _, function = name.partition(":")
    try:
        found = getattr(import_module(module), function, None)
    except (ImportError, ValueError) as error:
        raise StudyError(f"the evaluator '{name}' cannot be imported: {error}.") from error
    if not callable(found):
        raise StudyError(
            f"the evaluator '{name}' is not a function, expected package.module:function."
        )
    return found
