"""One description of a run, and the one way to run the model from it.

A `RunSpec` says all that decides the numbers of a run. `start_model` makes its model, `each_day`
steps one model or several together, and `execute` does both. Runs, pairs, sweeps, calibrations,
explanations, forks and the app are made of these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim77.core.errors import ScenarioError
from sim77.engine.model import CommuteModel
from sim77.engine.population.cache import population_for
from sim77.engine.population.flows import flow_rows
from sim77.engine.population.population import Population
from sim77.engine.scope import checked_scale, checked_seed, checked_zones, days_of_run
from sim77.registry.parameters import FrozenDict
from sim77.scenario.parts import as_date
from sim77.scenario.posterior import Posterior, load_posterior
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory

Progress = Callable[[int, int], None]
"""Called with the days done and the days in all."""


@dataclass(frozen=True)
class RunSpec:
    """A run: what is simulated, where, over which days, and with which draws.

    Parameters are checked when a spec is made; `dataclasses.replace` makes another one.

    Attributes
    ----------
    scenario : Scenario
        Given as such, by its name, or as the path of its file.
    seed : int
        Seed of every draw, 0 to 2**32 - 1.
    scale : float
        Share of the workers simulated, in (0, 1].
    workplaces : tuple of str
        Workplace zones in scope.
    start, end : datetime.date
        First and last day of the period; the scenario's by default.
    territory : Territory, str or None
        A territory or its folder; Seine-et-Marne if None.
    overrides : mapping of str to float
        Registry parameters that differ from the first day on, whatever scenario and posterior say.
    posterior : Posterior or None
        Parameters that neither scenario nor overrides set are those of the draw of the seed.

    Raises
    ------
    Sim77Error
        If anything is unknown or out of range, in one sentence.
    """

    scenario: Scenario
    seed: int
    scale: float
    workplaces: tuple[str, ...]
    start: dt.date
    end: dt.date
    territory: Territory | str | None
    overrides: Mapping[str, float]
    posterior: Posterior | None

    def __init__(
        self,
        scenario: str | Scenario = "network-2014",
        *,
        seed: int | None = 1,
        scale: float = 1.0,
        workplaces: str | Sequence[str] | None = None,
        start: dt.date | None = None,
        end: dt.date | None = None,
        territory: Territory | str | Path | None = None,
        overrides: Mapping[str, float] | None = None,
        posterior: str | Path | Posterior | None = None,
    ):
        if not isinstance(overrides, Mapping | None):
            raise ScenarioError(f"overrides are names with values, not {overrides!r}.")
        if isinstance(territory, Path):
            territory = str(territory)
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario, load_territory(territory))
        values = {
            "scenario": scenario,
            "seed": checked_seed(seed),
            "scale": checked_scale(scale),
            "workplaces": checked_zones(workplaces, load_territory(territory)),
            "start": as_date(start or scenario.start),
            "end": as_date(end or scenario.end),
            "territory": territory,
            "overrides": FrozenDict(overrides),
            "posterior": None if posterior is None else load_posterior(posterior),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        days_of_run(self.policies, self.start, self.end)

    @property
    def places(self) -> Territory:
        """The territory, its tables read."""
        return load_territory(self.territory)

    @property
    def policies(self) -> Scenario:
        """The scenario as it is simulated: the posterior's draw in it, and the overrides on top."""
        scenario = self.scenario
        if self.posterior is not None:
            scenario = self.posterior.under(scenario, self.seed)
        return scenario.with_(parameters=self.overrides) if self.overrides else scenario

    def described(self) -> dict[str, Any]:
        """Return what a manifest says of a run, besides its scenario and seed."""
        places = self.places.as_read
        return {
            "scale": self.scale,
            "workplaces": list(self.workplaces),
            "share_of_commuters_in_scope": share_in_scope(places, self.workplaces),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "territory": {
                "name": places.name,
                "hash": places.hash,
                "folder": places.reference,
                "tables": places.data_hashes,
            },
        }


def share_in_scope(territory: Territory, zones: Sequence[str]) -> float:
    """Return the share of a territory's commuters who work in some of its zones."""
    flows = flow_rows(territory)
    inside = np.isin(flows.zone, [territory.workplace_zones.index(zone) for zone in zones])
    return float(flows.workers[inside].sum() / flows.workers.sum())


def start_model(spec: RunSpec, population: Population | None = None) -> CommuteModel:
    """Return the model of a run before its first day.

    Parameters
    ----------
    spec : RunSpec
    population : Population, optional
        Of the same territory, seed, scale and workplaces, in place of that of the first day.

    Returns
    -------
    CommuteModel
    """
    scenario, places = spec.policies, spec.places
    if population is None:
        first = days_of_run(scenario, spec.start, spec.end)[0]
        parameters = scenario.state_on(first, places).parameters
        population = population_for(places, parameters, spec.seed, spec.scale, spec.workplaces)
    return CommuteModel(
        scenario, seed=spec.seed, scale=spec.scale, workplaces=spec.workplaces,
        start=spec.start, end=spec.end, territory=places, population=population,
    )  # fmt: skip


def each_day(*models: CommuteModel, before: dt.date = dt.date.max) -> Iterator[int]:
    """Simulate the days of models that have the same days, all models a day before the next one.

    Parameters
    ----------
    *models : CommuteModel
    before : datetime.date
        Stop before this day.

    Yields
    ------
    int
        Days done, after each day.
    """
    first = models[0]
    while first.running and first.days[len(first.recorder.days)] < before:
        for model in models:
            model.step()
        yield len(first.recorder.days)


def execute(
    spec: RunSpec,
    *,
    observers: Sequence[Callable[[CommuteModel, str], None]] = (),
    progress: Progress | None = None,
) -> CommuteModel:
    """Run the model from the first day to the last.

    Parameters
    ----------
    spec : RunSpec
    observers : sequence of callable
        Called with the model and the name of the phase after each phase of a day.
    progress : callable, optional
        Called as ``progress(days_done, days)`` when the model is ready, then after each day.

    Returns
    -------
    CommuteModel
        After its last day.
    """
    model = start_model(spec)
    model.observers.extend(observers)
    finish(model, progress)
    return model


def finish(model: CommuteModel, progress: Progress | None = None) -> None:
    """Simulate the days that a model has left; see `execute`."""
    show = progress or _quiet
    show(len(model.recorder.days), len(model.days))
    for done in each_day(model):
        show(done, len(model.days))


def _quiet(done: int, days: int) -> None:
    """Show nothing."""
