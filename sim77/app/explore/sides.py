"""One scenario's year, kept so that it can be shown, compared with another, and asked why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sim77.app.explore.trace import RunTrace, transitions_of
from sim77.engine.model import CommuteModel
from sim77.registry.indicators import is_sum
from sim77.runs.effects import derived, worker_indicators
from sim77.runs.execute import RunSpec, finish, start_model
from sim77.runs.pair import PairOutcome, PairSpec, centre_means, line_means, outcome_of
from sim77.scenario.scenario import Scenario


@dataclass(frozen=True)
class Scope:
    """What both sides of a comparison have in common.

    Attributes
    ----------
    seed : int
    start, end : datetime.date
        First and last day.
    scale : float
        Share of the workers simulated.
    workplaces : tuple of str
    territory : str or None
        Name or folder of another territory than Seine-et-Marne.
    """

    seed: int
    start: dt.date
    end: dt.date
    scale: float
    workplaces: tuple[str, ...]
    territory: str | None

    def run(self, scenario: Scenario, end: dt.date | None = None) -> RunSpec:
        """Return the run of a scenario over this scope, up to an earlier day if one is given."""
        return RunSpec(
            scenario, seed=self.seed, scale=self.scale, workplaces=self.workplaces,
            start=self.start, end=end or self.end, territory=self.territory,
        )  # fmt: skip

    def pair(self, a: Scenario, b: Scenario) -> PairSpec:
        """Return the pair of runs of two scenarios."""
        return PairSpec(self.run(a), self.run(b))


@dataclass(frozen=True)
class Side:
    """A finished run, and what commuters did in it and those who work at home for themselves."""

    model: CommuteModel
    trace: RunTrace
    at_home: RunTrace

    def summary(self) -> dict[str, float]:
        """Return every indicator as a mean day, as in the table ``effects`` of a comparison."""
        model = self.model
        sums = model.recorder.kinds_of_worker.sum(axis=(0, 1))
        values, n = derived(sums, model.parameters), len(model.days)
        found = {
            name: float(values[name] / (n if is_sum(name) else 1)) for name in worker_indicators()
        }
        return found | centre_means(model) | line_means(model)


def names_of(scenario: Scenario) -> dict[str, str]:
    """Return what a scenario is called: its name, and its label in each language."""
    return {
        "name": scenario.name,
        "fr": scenario.label_fr or scenario.name,
        "en": scenario.label_en or scenario.name,
    }


def run_side(
    scenario: Scenario, scope: Scope, progress: Callable[[int, int], None] | None = None
) -> Side:
    """Run a scenario over a scope, its trace kept.

    Parameters
    ----------
    scenario : Scenario
    scope : Scope
    progress : callable, optional
        Called as ``progress(days_done, days)``, with 0 when the model is ready, then after each
        day; an exception of it ends the run.

    Returns
    -------
    Side
    """
    model = start_model(scope.run(scenario))
    trace, at_home = RunTrace(model), RunTrace(model, at_home=True)
    finish(model, progress)
    return Side(model, trace, at_home)


def pair_outcome(a: Side, b: Side) -> PairOutcome:
    """Compare two finished runs of one scope, as `sim77.runs.pair.run_pair` does day by day.

    The claims, which need both models on each day, and the expected values are left out.
    """
    transitions = transitions_of(a.trace, b.trace, a.model.population)
    models = [a.model, b.model]
    return outcome_of(a.model.draw_seed, models, [], transitions, {})


def side_key(scenario: Scenario, scope: Scope) -> str:
    """Name what decides a run's numbers, whatever the scenario is called."""
    return hash_key(scenario.hash, scope)


def hash_key(scenario_hash: str, scope: Scope) -> str:
    """Return the same from the hash of a scenario alone."""
    return ":".join(
        (
            scenario_hash, str(scope.seed), f"{scope.scale:g}", ",".join(scope.workplaces),
            scope.start.isoformat(), scope.end.isoformat(), scope.territory or "",
        )
    )  # fmt: skip
