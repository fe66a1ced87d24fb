"""Why a worker did what they did on a day, and what another scenario changes about it.

`explain` runs the model to the day, stops it between booking and learning, and takes the worker's
plans apart (`sim77.analysis.explain.terms`); `sim77.text` puts it into words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sim77.analysis.explain.observer import Observer
from sim77.analysis.explain.pair_terms import line_minutes, transit_minutes
from sim77.analysis.explain.parts import WorkerDay
from sim77.analysis.explain.person import Person, find_worker, person_of, works_at_home
from sim77.core import calendar
from sim77.core.errors import ResultError, ScenarioError
from sim77.core.units import MODES
from sim77.engine.arrays import JOURNEY
from sim77.engine.model import CommuteModel
from sim77.runs.execute import RunSpec, finish, start_model
from sim77.runs.warmup import ensure_compiled
from sim77.scenario.parts import as_date
from sim77.scenario.posterior import Posterior
from sim77.scenario.scenario import Scenario, load_scenario
from sim77.territory.territory import Territory, load_territory


@dataclass(frozen=True)
class ExplainedDay:
    """One scenario's side of an explanation.

    Attributes
    ----------
    scenario, label_fr, label_en : str
    day : WorkerDay
    minutes : dict of str to float
        By mode, door to door of that day's office journey, both ways, congestion included; empty
        for who works at home.
    parts : dict of str to float
        Those by public transport by part, in a territory
        (`sim77.analysis.explain.pair_terms.transit_minutes`); empty in another.
    lines : dict of str to float
        Those on board by line; they add up to the part ``ivt_min``.
    """

    scenario: str
    label_fr: str
    label_en: str
    day: WorkerDay
    minutes: dict[str, float]
    parts: dict[str, float] = field(default_factory=dict)
    lines: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """Why a worker did what they did on a day, under one scenario or two.

    Attributes
    ----------
    person : Person
    date : datetime.date
    seed : int
    here : ExplainedDay
        The scenario asked about.
    against : ExplainedDay or None
        The one it is compared with.
    """

    person: Person
    date: dt.date
    seed: int
    here: ExplainedDay
    against: ExplainedDay | None = None

    @property
    def scenes(self) -> tuple[ExplainedDay, ...]:
        """The scenario asked about, then the other one."""
        return (self.here,) if self.against is None else (self.here, self.against)

    def to_frame(self) -> pd.DataFrame:
        """Return every term of every plan as a table, one row a term and scenario."""
        rows = [
            {
                "scenario": scene.scenario,
                "plan": plan.kind,
                "telecentre_id": plan.centre,
                "mode": plan.mode,
                "obstacle": plan.obstacle,
                "refused": plan.refused,
                "wanted": plan is scene.day.wanted,
                "chosen": plan is scene.day.chosen,
                "term": term.name,
                "utils": term.utils,
                "minutes": scene.day.minutes(term.utils),
                "amount": np.nan if term.amount is None else term.amount,
                "unit": term.unit,
                "parameters": " ".join(term.parameters),
            }
            for scene in self.scenes
            for plan in scene.day.plans
            for term in plan.terms
        ]
        return pd.DataFrame(rows)


def explain(
    scenario: str | Scenario,
    worker: int | str,
    date: dt.date | str,
    *,
    against: str | Scenario | None = None,
    seed: int = 1,
    scale: float = 1.0,
    overrides: Mapping[str, float] | None = None,
    posterior: str | Path | Posterior | None = None,
    workplaces: str | Sequence[str] | None = None,
    territory: Territory | str | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> Explanation:
    """Explain a worker's day.

    Parameters
    ----------
    scenario : str or Scenario
        A scenario, its name or the path of its file.
    worker : int or str
        Number among all workers in scope at full scale (no row of a model's columns), or the
        identity of `sim77.analysis.explain.person.Person`.
    date : datetime.date or str
        A simulated day of the scenario, also as YYYY-MM-DD.
    against : str or Scenario, optional
        Another scenario, to say what differs for this worker that day.
    seed : int
        Seed of every draw.
    scale : float
        Share of the workers simulated, in (0, 1].
    overrides : mapping of str to float, optional
        Registry parameters that differ, in both scenarios.
    posterior : Posterior or path, optional
        Parameters that neither scenario nor overrides set are those of the draw of the seed.
    workplaces : str or sequence of str, optional
        Workplace zones in scope, those that the territory takes by default; they also say which
        workers the rows count.
    territory : Territory or path, optional
        Seine-et-Marne by default.
    start, end : datetime.date, optional
        First day simulated, and last that may be asked for; the scenario's by default.

    Returns
    -------
    Explanation
    """
    day, places = as_date(date), load_territory(territory)
    scenarios = [load_scenario(each, places) for each in (scenario, against) if each is not None]
    for each in scenarios:
        check_day(each, day, start, end)
    specs = [
        RunSpec(
            each, seed=seed, scale=scale, overrides=overrides, posterior=posterior,
            workplaces=workplaces, start=start, end=day, territory=territory,
        )
        for each in scenarios
    ]  # fmt: skip
    return _explain_end(specs, worker)


def explain_last_day(
    model: CommuteModel,
    row: int,
    *,
    against: str | Scenario | None = None,
) -> Explanation:
    """Explain a worker's last simulated day in a model, which is run again up to that day.

    Parameters
    ----------
    model : CommuteModel
        After at least one step; it is left as it is.
    row : int
        Row of the worker in the model's columns.
    against : str or Scenario, optional

    Returns
    -------
    Explanation
    """
    if model.day < model.days[0]:
        raise ResultError("There is no day to explain before the first step of the model.")
    specs = [
        RunSpec(
            each, seed=model.draw_seed, scale=model.scale, workplaces=model.zones,
            start=model.days[0], end=model.day, territory=model.territory,
        )
        for each in (model.scenario, against)
        if each is not None
    ]  # fmt: skip
    return _explain_end(specs, person_of(model, row).identity)


def _explain_end(specs: Sequence[RunSpec], worker: int | str) -> Explanation:
    """Explain a worker's last day in one run, or in two that differ by their scenario."""
    ensure_compiled()
    scenes, persons, at_home = [], [], works_at_home(worker)
    for spec in specs:
        model = start_model(spec)
        row = find_worker(model, worker)
        persons.append(person_of(model, row, at_home))
        scenes.append(_scene(model, row, at_home))
    return Explanation(persons[0], specs[0].end, specs[0].seed, *scenes)


def check_day(
    scenario: Scenario,
    date: dt.date,
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> None:
    """Refuse a day that is not simulated, naming the nearest that are."""
    first, last = start or scenario.start, end or scenario.end
    days = calendar.working_days(first, last)
    if date in days:
        return
    if not first <= date <= last:
        raise ScenarioError(
            f"{date} is outside '{scenario.name}', which goes from {first} to {last}."
        )
    around = [
        *[f"{day} before" for day in days if day < date][-1:],
        *[f"{day} after" for day in days if day > date][:1],
    ]
    raise ScenarioError(
        f"{date} is not simulated, because it is a weekend or a public holiday; the nearest "
        f"simulated days are {' and '.join(around)}."
    )


def _scene(model: CommuteModel, row: int, at_home: bool) -> ExplainedDay:
    """Run a model to its last day and explain one worker's day."""
    observer = Observer(model.days[-1], [row], at_home)
    model.observers.append(observer)
    finish(model)
    return scene_of(model, observer.found[0])


def scene_of(model: CommuteModel, day: WorkerDay) -> ExplainedDay:
    """Put a worker's day under the name of its scenario, at the end of that day."""
    minutes, parts, lines = np.empty(0), {}, {}
    if day.peak:
        journey = model.memory.trips.journey[model.columns.market[day.worker]]
        minutes = journey[:, JOURNEY.index("travel_min")]
        parts, lines = transit_minutes(model, day.worker), line_minutes(model, day.worker)
    scenario = model.scenario
    return ExplainedDay(
        scenario=scenario.name,
        label_fr=scenario.label_fr or scenario.name,
        label_en=scenario.label_en or scenario.name,
        day=day,
        minutes=dict(zip(MODES, minutes.tolist(), strict=False)),  # the first modes
        parts=parts,
        lines=lines,
    )
